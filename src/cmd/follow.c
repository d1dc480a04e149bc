#include "cmd/follow.h"

#include <string.h>

#include "cmd/carry.h"

enum { PAGE = 256 };

void follow_add(struct follow *f, struct opened *o, struct span source, struct span user_id)
{
    if (f->n % PAGE == 0) {
        struct span *sources = arena_new(&o->arena, f->n + PAGE, sizeof(*sources));
        struct span *ids = arena_new(&o->arena, f->n + PAGE, sizeof(*ids));

        if (f->n > 0) {
            memcpy(sources, f->sources, f->n * sizeof(*sources));
            memcpy(ids, f->ids, f->n * sizeof(*ids));
        }
        f->sources = sources;
        f->ids = ids;
    }
    f->sources[f->n] = arena_span(&o->arena, source);
    f->ids[f->n++] = arena_span(&o->arena, user_id);
}

enum err follow_add_all(struct follow *f, struct opened *o, struct span cause, struct fail *fail)
{
    enum err err = ERR_NONE;

    for (int64_t priority = 0; err == ERR_NONE && priority < PERSON_PRIORITIES; priority++) {
        size_t n = PAGE;

        for (size_t skip = 0; err == ERR_NONE && n == PAGE; skip += PAGE) {
            struct arena a = {0};
            struct person *people = NULL;

            err = store_people_due_for(o->store, &a, cause, INT64_MAX, priority, skip, PAGE,
                                       &people, &n, fail);
            for (size_t i = 0; err == ERR_NONE && i < n; i++)
                follow_add(f, o, people[i].source, people[i].id);
            arena_done(&a);
        }
    }
    return err;
}

static enum err feed(void *arg, struct carry *c, size_t room, bool *out_is_all, struct fail *fail)
{
    struct follow *f = arg;

    (void)fail;
    for (; room > 0 && f->at < f->n; room--, f->at++)
        carry_add(c, f->sources[f->at], f->ids[f->at]);
    *out_is_all = f->at == f->n;
    return ERR_NONE;
}

enum exit_code follow_run(struct follow *f, const struct invocation *i, struct opened *o,
                          struct span cause)
{
    struct surroundings around;
    struct carry_options options = {.invocation = i,
                                    .opened = o,
                                    .around = &around,
                                    .cause = cause,
                                    .total = (int64_t)f->n,
                                    .feed = feed,
                                    .arg = f};
    struct carry_result result = {.done = 0};
    struct fail fail;
    enum err err;

    if (f->n == 0)
        return EXIT_DONE;
    (void)fflush(i->out); /* the lines of steps follow */
    err = surroundings_open(o->settings, i->environment, true, &around, &fail);
    if (err == ERR_NONE)
        err = carry_out(&options, &result, &fail);
    surroundings_done(&around);
    if (err != ERR_NONE)
        command_complain(i, "%s", fail.text);
    if (err == ERR_CONFLICT)
        return EXIT_STOPPED;
    return err != ERR_NONE || result.failed > 0 || result.is_interrupted ? EXIT_FAILED : EXIT_DONE;
}
