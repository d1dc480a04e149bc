/* A look goes: what is it? (an application or group is read; of the scope, the names are looked for
 * first) → page by page → what is missing → the end. Each arrow is an answer of Okta's, or a job
 * that is written; the end waits until all pages are, as one of them may fail alone. */
#include "engine/scope_look.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/attribute_search.h"
#include "engine/interest.h"
#include "engine/looker.h"
#include "engine/listing.h"
#include "engine/name_search.h"
#include "engine/scope_job.h"
#include "engine/scope_tell.h"
#include "okta/read.h"

enum {
    GONE_AGAIN_MS = 3600 * 1000, /* a deleted one is asked for again, should it not have been */
    NAMES_FIRST_MS = 500,
    NAMES_AGAIN_MS = 10 * 60 * 1000,
};

struct scope_look {
    struct scope_look_options options;
    struct name_search *names;
    struct loop_timer *names_timer;
    bool is_stopping, is_busy;
    bool is_naming; /* looks for names, outside a look */

    /* the look under way */
    struct arena arena;
    struct look look;
    struct comparison comparison;
    struct okta_read *read;
    struct span *searches;
    size_t n_searches, at;
    struct seen seen;
    int64_t asked;
    unsigned n_pages; /* that are being written */
    bool is_listed;   /* to the end */
    bool is_over;     /* but for the jobs that are being written */
    bool is_refused;  /* by the store: the looker comes again by itself, a little later */
    struct scope_job *jobs;
};

static void list(struct scope_look *s);
static void next_search(struct scope_look *s);

/* ---- the end ---- */

static void look_end(struct scope_look *s)
{
    s->is_over = true;
    if (s->jobs != NULL)
        return;
    arena_done(&s->arena);
    listing_forget(&s->seen);
    s->is_busy = s->is_over = s->is_listed = false;
    if (!s->is_stopping && !s->is_refused)
        s->options.kick(s->options.arg);
    s->is_refused = false;
}

/* ---- jobs ---- */

static struct scope_job *job_new(struct scope_look *s, enum scope_deed deed)
{
    struct scope_job *j = mem_new(1, sizeof(*j));

    j->deed = deed;
    j->owner = s;
    j->look = s->look;
    j->comparison = s->comparison;
    j->comparison.now_ms = clock_wall_ms();
    return j;
}

static void job_free(struct scope_job *j)
{
    *j->before = j->next;
    if (j->next != NULL)
        j->next->before = j->before;
    arena_done(&j->arena);
    free(j);
}

static void job_ended(struct handback_job *job);

static bool job_send(struct scope_job *j)
{
    struct scope_look *s = j->owner;

    j->next = s->jobs;
    j->before = &s->jobs;
    if (j->next != NULL)
        j->next->before = &j->next;
    s->jobs = j;
    j->job = (struct handback_job){.write = scope_job_write, .ended = job_ended};
    if (handback_submit(s->options.handback, &j->job))
        return true;
    job_free(j); /* the queue is full; the look is still due */
    s->is_refused = true;
    return false;
}

/* ---- failures ---- */

static void put_off(struct scope_look *s, int64_t again_ms)
{
    struct scope_job *j = job_new(s, SCOPE_PUT_OFF);

    j->again_ms = again_ms;
    if (!job_send(j))
        look_end(s);
}

static void look_failed(struct scope_look *s, const struct fail *fail)
{
    char *name, *text;

    s->read = NULL;
    okta_pause_answered(s->options.pause, fail);
    name = scope_tell_what(&s->comparison.container);
    log_warn("a listing of Okta's failed; nothing is changed because of it", LOG_STR("of", name),
             LOG_STR("reaction", err_name(fail->err)), LOG_STR("error", fail->text));
    /* What concerns all is told by the pause, and the look stays as it is. */
    if (fail->err == ERR_DENIED || fail->err == ERR_BUSY) {
        look_end(s);
    } else {
        text = mem_printf("%s could not be listed, and nothing is changed because of that: %s",
                          name, fail->text);
        if (s->look.tries == 0)
            s->options.told(s->options.arg, "listing_failed", text);
        free(text);
        put_off(s, clock_wall_ms() + looker_again_ms(s->look.tries));
    }
    free(name);
}

static void store_failed(struct scope_look *s, const struct fail *fail)
{
    log_error("the store did not take what Okta listed; it is listed again",
              LOG_STR("error", fail->text));
    okta_read_cancel(s->read);
    s->read = NULL;
    s->is_refused = true;
    look_end(s);
}

/* ---- pages ---- */

/* False: the store takes nothing now. */
static bool compare(struct scope_look *s, const struct okta_result *result)
{
    size_t n = result->n_users + result->n_app_users;

    for (size_t at = 0; at < n; at += LISTING_CHUNK) {
        struct scope_job *j = job_new(s, SCOPE_PAGE);

        j->n_users = n - at < LISTING_CHUNK ? n - at : LISTING_CHUNK;
        j->users = listing_users(&j->arena, result, at, j->n_users);
        if (!job_send(j))
            return false;
        s->n_pages++;
    }
    return true;
}

static void end_listing(struct scope_look *s)
{
    struct scope_job *j;

    if (!s->is_listed || s->n_pages > 0)
        return;
    j = job_new(s, s->comparison.is_by_attribute ? SCOPE_SWEEP : SCOPE_END);
    j->seen = s->seen.ids;
    j->n_seen = s->seen.n;
    if (!job_send(j))
        look_end(s);
}

static void listing_ended(struct scope_look *s)
{
    if (s->comparison.is_by_attribute && ++s->at < s->n_searches) {
        next_search(s);
        return;
    }
    s->is_listed = true;
    end_listing(s);
}

static void on_page(void *arg, const struct okta_result *result)
{
    struct scope_look *s = arg;
    struct fail fail;

    if (result->is_last)
        s->read = NULL;
    if (result->err != ERR_NONE) {
        fail = *result->fail;
        if (fail.err == ERR_NOT_FOUND) /* it was there a moment ago */
            fail.err = ERR_IO;
        look_failed(s, &fail);
        return;
    }
    okta_pause_answered(s->options.pause, NULL);
    if (!listing_note(&s->seen, result)) {
        (void)fail_set(&fail, ERR_INPUT, "it has more than %d members", LISTING_MAX);
        okta_read_cancel(s->read);
        look_failed(s, &fail);
    } else if (!compare(s, result)) {
        okta_read_cancel(s->read);
        s->read = NULL;
        look_end(s);
    } else if (result->is_last) {
        listing_ended(s);
    }
}

static void list(struct scope_look *s)
{
    struct okta_api *api = s->options.api;
    struct span id = s->comparison.container.id;

    s->read = s->comparison.container.kind == NAME_OKTA_APP
                  ? okta_list_app_users(api, id, true, on_page, s)
                  : okta_list_group_members(api, id, on_page, s);
}

/* ---- an application or a group ---- */

static void take_state(struct scope_look *s, enum container_state state)
{
    struct scope_job *j = job_new(s, SCOPE_STATE);

    j->state = state;
    j->again_ms = state == CONTAINER_DELETED ? clock_wall_ms() + GONE_AGAIN_MS : 0;
    if (!job_send(j))
        look_end(s);
}

struct naming {
    enum name_kind kind;
    struct span name;
    bool is_named;
};

static bool names_it(void *arg, enum name_kind kind, struct span value, struct span id)
{
    struct naming *n = arg;

    (void)id;
    n->is_named = kind == n->kind && utf8_eq_nfc(value, n->name);
    return !n->is_named;
}

/* Is its name one that the rules use, or one that is pinned to it? */
static bool is_known_by_name(const struct scope_look *s, const struct names *names)
{
    const struct container *c = &s->comparison.container;
    struct naming n = {.kind = c->kind, .name = c->name};

    interest_each(s->options.judge->rules, names, names_it, &n);
    return n.is_named || names->name_of(names, c->kind, c->id).p != NULL;
}

static void container_read(void *arg, const struct okta_result *result)
{
    struct scope_look *s = arg;
    const struct judge *judge = s->options.judge;
    const struct names *names = current_names_get(judge->names);
    struct container *c = &s->comparison.container;
    bool is_app = c->kind == NAME_OKTA_APP;

    s->read = NULL;
    if (result->err == ERR_NOT_FOUND) {
        struct span name = names->name_of(names, c->kind, c->id);

        okta_pause_answered(s->options.pause, NULL);
        c->name = name.p == NULL ? SPAN("") : arena_span(&s->arena, name);
        take_state(s, CONTAINER_DELETED);
        return;
    }
    if (result->err != ERR_NONE) {
        look_failed(s, result->fail);
        return;
    }
    okta_pause_answered(s->options.pause, NULL);
    c->name = arena_span(&s->arena, is_app ? result->apps[0].label : result->groups[0].name);
    if (is_known_by_name(s, names))
        s->options.seen(s->options.arg, c->kind, c->name, c->id);
    if (!rules_name_container(judge->rules, current_names_get(judge->names),
                              is_app ? MEMBERSHIP_APP : MEMBERSHIP_GROUP, c->id, c->name))
        put_off(s, 0); /* the rules name it no longer */
    else
        take_state(s, is_app && !result->apps[0].is_active ? CONTAINER_INACTIVE : CONTAINER_WELL);
}

static bool count_app(void *arg, enum name_kind kind, struct span value, struct span id)
{
    struct span *first = arg;

    (void)value;
    if (kind != NAME_OKTA_APP || id.n == 0 || span_eq(*first, id))
        return true;
    if (first->n > 0) { /* a second one */
        *first = SPAN("");
        return false;
    }
    *first = id;
    return true;
}

static void begin_container(struct scope_look *s)
{
    const struct judge *judge = s->options.judge;
    bool is_app = s->look.kind == LOOK_APP;
    struct span only = SPAN("");

    interest_each(judge->rules, current_names_get(judge->names), count_app, &only);
    s->comparison.container =
        (struct container){is_app ? NAME_OKTA_APP : NAME_OKTA_GROUP, s->look.id, SPAN("")};
    s->comparison.is_only_app = is_app && span_eq(only, s->look.id);
    s->read = is_app ? okta_read_app(s->options.api, s->look.id, container_read, s)
                     : okta_read_group(s->options.api, s->look.id, container_read, s);
}

static void state_ended(struct scope_look *s, const struct scope_job *j)
{
    if (j->state != j->state_before)
        scope_tell_state(j, s->options.told, s->options.arg);
    if (j->state == CONTAINER_WELL)
        list(s);
    else
        look_end(s);
}

/* ---- the whole scope ---- */

static void add_container(struct scope_job *j, enum name_kind kind, struct span id)
{
    struct container *more;

    for (size_t i = 0; i < j->n_containers; i++)
        if (j->containers[i].kind == kind && span_eq(j->containers[i].id, id))
            return;
    more = arena_new(&j->arena, j->n_containers + 1, sizeof(*more));
    if (j->n_containers > 0)
        memcpy(more, j->containers, j->n_containers * sizeof(*more));
    more[j->n_containers++] = (struct container){kind, arena_span(&j->arena, id), SPAN("")};
    j->containers = more;
}

static bool take_container(void *arg, enum name_kind kind, struct span value, struct span id)
{
    (void)value;
    if (id.n > 0)
        add_container(arg, kind, id);
    return true;
}

static void expand(struct scope_look *s)
{
    const struct judge *judge = s->options.judge;
    struct scope_job *j = job_new(s, SCOPE_EXPAND);
    const struct name_found *shared;
    size_t n;

    interest_each(judge->rules, current_names_get(judge->names), take_container, j);
    shared = name_search_shared(s->names, &n);
    for (size_t i = 0; i < n; i++)
        add_container(j, shared[i].kind, shared[i].id);
    j->digest = s->options.digest;
    if (!job_send(j))
        look_end(s);
}

static void next_search(struct scope_look *s)
{
    s->comparison.is_by_attribute = true;
    s->read = okta_search_users(s->options.api, s->searches[s->at], on_page, s);
}

static void begin_searches(struct scope_look *s)
{
    s->searches = attribute_searches(s->options.judge->rules, &s->arena, &s->n_searches);
    s->at = 0;
    if (s->n_searches > 0)
        next_search(s);
    else
        expand(s);
}

/* ---- names ---- */

static void name_found(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct scope_look *s = arg;
    struct scope_job *j;

    log_info("a name in the configuration was found in Okta", LOG_STR("kind", name_kind_word(kind)),
             LOG_SPAN("name", name), LOG_SPAN("id", id));
    s->options.seen(s->options.arg, kind, name, id);
    if (!s->is_naming)
        return;
    j = job_new(s, SCOPE_ASK);
    j->look.source = SPAN("okta");
    j->comparison.cause = span_of("its name was found in Okta");
    add_container(j, kind, id);
    (void)job_send(j); /* when it cannot be taken: a later comparison finds them */
}

static void name_told(void *arg, const char *code, const char *text)
{
    struct scope_look *s = arg;

    s->options.told(s->options.arg, code, text);
}

static void names_done(void *arg, const struct fail *fail)
{
    struct scope_look *s = arg;
    bool is_naming = s->is_naming;

    s->is_naming = false;
    if (fail != NULL || name_search_has_unknown(s->names))
        loop_timer_set(s->names_timer, NAMES_AGAIN_MS);
    if (is_naming) {
        okta_pause_answered(s->options.pause, fail);
        s->options.kick(s->options.arg);
    } else if (fail != NULL) {
        look_failed(s, fail);
    } else {
        okta_pause_answered(s->options.pause, NULL);
        begin_searches(s);
    }
}

static void look_for_names(void *arg)
{
    struct scope_look *s = arg;

    if (s->is_stopping || s->is_naming)
        return;
    if (s->is_busy || okta_pause_wait_ms(s->options.pause) > 0) {
        loop_timer_set(s->names_timer, NAMES_FIRST_MS * 10);
        return;
    }
    s->is_naming = true;
    name_search_begin(s->names);
}

/* ---- */

static void job_ended(struct handback_job *job)
{
    struct scope_job *j = (struct scope_job *)job;
    struct scope_look *s = j->owner;
    struct scope_job ended = *j; /* but for its arena */
    struct fail fail = job->fail;
    enum err err = job->err;

    job_free(j);
    if (ended.deed == SCOPE_PAGE)
        s->n_pages--;
    if (s->is_stopping || ended.deed == SCOPE_ASK) {
        if (s->is_over && s->is_busy)
            look_end(s);
        if (ended.deed == SCOPE_ASK && !s->is_stopping)
            s->options.kick(s->options.arg);
        return;
    }
    if (s->is_over) {
        look_end(s);
        return;
    }
    if (err != ERR_NONE) {
        store_failed(s, &fail);
        return;
    }
    s->asked += ended.asked;
    switch (ended.deed) {
    case SCOPE_STATE:
        state_ended(s, &ended);
        break;
    case SCOPE_PAGE:
        if (ended.asked > 0)
            s->options.kick(s->options.arg);
        end_listing(s);
        break;
    case SCOPE_SWEEP:
        scope_tell_end(&ended, s->asked, s->options.told, s->options.arg);
        expand(s);
        break;
    case SCOPE_END:
        scope_tell_end(&ended, s->asked, s->options.told, s->options.arg);
        look_end(s);
        break;
    case SCOPE_EXPAND:
    case SCOPE_PUT_OFF:
    case SCOPE_ASK:
        look_end(s);
        break;
    }
}

bool scope_look_begin(struct scope_look *s, const struct look *look)
{
    if (s->is_busy || s->is_naming || s->is_stopping)
        return false;
    s->is_busy = true;
    s->asked = 0;
    s->look = *look;
    s->look.source = arena_span(&s->arena, look->source);
    s->look.id = arena_span(&s->arena, look->id);
    s->look.cause = arena_span(&s->arena, look->cause);
    s->comparison = (struct comparison){.judge = s->options.judge,
                                        .began_ns = okta_api_now_ms(s->options.api) * 1000000,
                                        .cause = s->look.cause};
    if (look->kind == LOOK_SCOPE || look->id.n == 0)
        name_search_begin(s->names);
    else
        begin_container(s);
    return true;
}

struct scope_look *scope_look_new(const struct scope_look_options *options)
{
    struct scope_look *s = mem_new(1, sizeof(*s));
    struct name_search_options names = {.api = options->api,
                                        .judge = options->judge,
                                        .found = name_found,
                                        .told = name_told,
                                        .done = names_done,
                                        .arg = s};

    s->options = *options;
    s->names = name_search_new(&names);
    s->names_timer = loop_timer_new(options->loop, look_for_names, s);
    loop_timer_set(s->names_timer, NAMES_FIRST_MS);
    return s;
}

void scope_look_stop(struct scope_look *s)
{
    s->is_stopping = true;
    loop_timer_clear(s->names_timer);
    name_search_cancel(s->names);
    okta_read_cancel(s->read);
    s->read = NULL;
}

void scope_look_free(struct scope_look *s)
{
    if (s == NULL)
        return;
    scope_look_stop(s);
    for (struct scope_job *j = s->jobs, *next; j != NULL; j = next) {
        next = j->next;
        job_free(j);
    }
    name_search_free(s->names);
    loop_timer_free(s->names_timer);
    arena_done(&s->arena);
    listing_forget(&s->seen);
    free(s);
}
