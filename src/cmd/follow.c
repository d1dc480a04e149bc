#include "cmd/follow.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/carry.h"

enum { PAGE = 4096, PATIENCE_MS = 45 * 1000 };

bool follow_wanted(const struct invocation *i)
{
    return !options_has(&i->options, "no-wait");
}

static void grow(struct follow *f, struct opened *o)
{
    size_t room = f->room == 0 ? 1 : 2 * f->room;
    struct span *sources = arena_new(&o->arena, room, sizeof(*sources));
    struct span *ids = arena_new(&o->arena, room, sizeof(*ids));

    if (f->n > 0) {
        memcpy(sources, f->sources, f->n * sizeof(*sources));
        memcpy(ids, f->ids, f->n * sizeof(*ids));
    }
    f->sources = sources;
    f->ids = ids;
    f->room = room;
}

void follow_add(struct follow *f, struct opened *o, struct span source, struct span user_id)
{
    if (f->n == f->room)
        grow(f, o);
    f->sources[f->n] = arena_span(&o->arena, source);
    f->ids[f->n++] = arena_span(&o->arena, user_id);
}

enum err follow_add_all(struct follow *f, struct opened *o, struct span cause, int64_t due_ms,
                        struct fail *fail)
{
    enum err err = ERR_NONE;

    for (int64_t priority = 0; err == ERR_NONE && priority < PERSON_PRIORITIES; priority++) {
        size_t n = PAGE;

        for (size_t skip = 0; err == ERR_NONE && n == PAGE; skip += PAGE) {
            struct arena a = {0};
            struct person *people = NULL;

            err = store_people_due_for(o->store, &a, cause, due_ms, priority, skip, PAGE, &people,
                                       &n, fail);
            for (size_t i = 0; err == ERR_NONE && i < n; i++)
                if (people[i].due_ms == due_ms) /* not for the same word, said before */
                    follow_add(f, o, people[i].source, people[i].id);
            arena_done(&a);
        }
    }
    return err;
}

/* An engine that begins with another configuration than the last one judges everybody anew, for
 * that cause: those who are due by it are still those who were decided about. */
static enum err take_back(const struct follow *f, size_t at, struct fail *fail)
{
    struct arena a = {0};
    struct person p;
    enum err err = store_person_get(f->opened->store, &a, f->sources[at], f->ids[at], &p, fail);

    if (err == ERR_NONE && p.state == PERSON_DUE && !span_eq(p.cause, f->cause)) {
        p.cause = f->cause;
        err = store_person_put(f->opened->store, &p, fail);
    }
    arena_done(&a);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err take_back_some(const struct follow *f, size_t end, struct fail *fail)
{
    enum err err = store_begin(f->opened->store, fail);

    if (err != ERR_NONE)
        return err;
    for (size_t at = f->at; err == ERR_NONE && at < end; at++)
        err = take_back(f, at, fail);
    if (err == ERR_NONE)
        return store_commit(f->opened->store, fail);
    store_rollback(f->opened->store);
    return err;
}

static enum err feed(void *arg, struct carry *c, size_t room, bool *out_is_all, struct fail *fail)
{
    struct follow *f = arg;
    size_t end = f->n - f->at < room ? f->n : f->at + room;
    enum err err = carry_is_alone(c) ? take_back_some(f, end, fail) : ERR_NONE;

    for (; err == ERR_NONE && f->at < end; f->at++)
        carry_add(c, f->sources[f->at], f->ids[f->at]);
    *out_is_all = f->at == f->n;
    return err;
}

static enum exit_code tell(const struct follow *f, const struct invocation *i,
                           const struct carry_result *r)
{
    if (r->is_interrupted && r->is_daemons)
        command_complain(i, "interrupted: the daemon goes on with it; 'roster status' tells what "
                            "becomes of it");
    else if (r->is_interrupted)
        command_complain(i, "interrupted: who is not done stays due, and the next 'roster serve' "
                            "goes on with them");
    else if (f->at < f->n)
        (void)fprintf(i->out,
                      "%zu more are due, and were not waited for; 'roster status' tells what "
                      "becomes of them\n",
                      f->n - f->at);
    if (r->failed > r->at_bound || r->is_interrupted)
        return EXIT_FAILED;
    return r->at_bound > 0 ? EXIT_STOPPED : EXIT_DONE;
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
                                    .is_decided = true,
                                    .since_ms = f->since_ms,
                                    .patience_ms = PATIENCE_MS,
                                    .feed = feed,
                                    .arg = f};
    struct carry_result result = {.done = 0};
    struct fail fail;
    enum err err;

    if (f->n == 0)
        return EXIT_DONE;
    f->opened = o;
    f->cause = cause;
    (void)fflush(i->out); /* the lines of steps follow */
    err = surroundings_open(o->settings, i->environment, true, &around, &fail);
    if (err == ERR_NONE)
        err = carry_out(&options, &result, &fail);
    surroundings_done(&around);
    if (err == ERR_NONE)
        return tell(f, i, &result);
    command_complain(i, "%s; the decision stands, and 'roster serve' carries it out", fail.text);
    return EXIT_FAILED;
}
