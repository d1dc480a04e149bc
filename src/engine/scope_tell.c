#include "engine/scope_tell.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

enum { SHORT_LEAST = 10 /* missing, before a listing is called short */ };

char *scope_tell_what(const struct container *c)
{
    if (c->id.n == 0)
        return mem_dup_str("the whole scope");
    return mem_printf("the %s '%.*s'", name_kind_word(c->kind),
                      SPAN_ARG(c->name.n > 0 ? c->name : c->id));
}

void scope_tell_state(const struct scope_job *job,
                      void (*told)(void *arg, const char *code, const char *text), void *arg)
{
    char *what = scope_tell_what(&job->comparison.container), *text;
    const char *code = "container_well";

    if (job->state == CONTAINER_DELETED) {
        code = "container_deleted";
        text = mem_printf("%s does not exist in Okta any more: nobody is removed because of that. "
                          "The %lld people in it are looked at, and who is in scope by it alone "
                          "is held: see `roster held`",
                          what, (long long)job->end.known);
    } else if (job->state == CONTAINER_INACTIVE) {
        code = "container_inactive";
        text = mem_printf("%s is switched off in Okta: nobody is removed because of that", what);
    } else {
        text = mem_printf("%s is there and switched on in Okta again", what);
    }
    told(arg, code, text);
    free(text);
    free(what);
}

void scope_tell_end(const struct scope_job *job, int64_t asked,
                    void (*told)(void *arg, const char *code, const char *text), void *arg)
{
    const struct comparison_end *end = &job->end;
    char *what = scope_tell_what(&job->comparison.container), *text = NULL;
    const char *code = "listing_empty";

    log_info("compared with Okta", LOG_STR("what", what), LOG_INT("listed", job->n_seen),
             LOG_INT("known", end->known), LOG_INT("looks", asked + end->asked),
             LOG_SPAN("cause", job->comparison.cause));
    if (job->n_seen == 0 && end->known > 0) {
        text = mem_printf("Okta lists nobody in %s, where %lld people are known: that is not "
                          "believed, and nothing is changed because of it. Take it out of the "
                          "configuration if it is meant to be empty",
                          what, (long long)end->known);
    } else if (end->missing > SHORT_LEAST && end->missing > end->known / 3) {
        code = "listing_short";
        text = mem_printf("Okta lists %zu people in %s; %lld of the %lld who were known there are "
                          "missing. Each of them is read before anything changes",
                          job->n_seen, what, (long long)end->missing, (long long)end->known);
    }
    if (text != NULL)
        told(arg, code, text);
    free(text);
    free(what);
}
