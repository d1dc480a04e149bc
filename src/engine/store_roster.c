#include "engine/store_roster.h"

#include <stdlib.h>

#include "base/mem.h"

struct store_roster {
    struct roster roster;
    struct store *reader;
    struct handback *handback;
    const struct rules *rules;
    int64_t version;
};

static struct store_roster *of(struct roster *r)
{
    return (struct store_roster *)r;
}

static enum err due(struct roster *r, struct arena *a, int64_t now_ms, size_t skip, size_t max,
                    struct person **out, size_t *n, struct fail *fail)
{
    return store_people_due(of(r)->reader, a, now_ms, skip, max, out, n, fail);
}

static enum err next_due(struct roster *r, int64_t *out_ms, struct fail *fail)
{
    return store_next_due(of(r)->reader, out_ms, fail);
}

static enum err scope_of(struct store *store, const struct rules *rules, struct arena *a,
                         const struct person *p, struct scope *out, struct fail *fail)
{
    struct membership *memberships;
    enum err err;
    size_t n;

    err = store_memberships(store, a, p->source, p->id, &memberships, &n, fail);
    if (err == ERR_NONE)
        *out = rules_scope(rules, memberships, n);
    return err;
}

static enum err scope(struct roster *r, struct arena *a, const struct person *p, struct scope *out,
                      struct fail *fail)
{
    return scope_of(of(r)->reader, of(r)->rules, a, p, out, fail);
}

static enum err pauses(struct roster *r, struct arena *a, struct pause **out, size_t *n,
                       struct fail *fail)
{
    return store_pauses(of(r)->reader, a, out, n, fail);
}

static bool has_moved(struct roster *r)
{
    int64_t version = of(r)->version;

    if (store_version(of(r)->reader, &version, NULL) != ERR_NONE || version == of(r)->version)
        return false;
    of(r)->version = version;
    return true;
}

struct change_job {
    struct handback_job job;
    struct roster_change *change;
    const struct rules *rules;
};

static enum err change_person(struct change_job *j, struct store *store, struct fail *fail)
{
    struct roster_change *change = j->change;
    struct person person;
    struct scope scope;
    enum err err;

    err = store_person_get(store, &change->arena, change->source, change->user_id, &person, fail);
    if (err != ERR_NONE)
        return err;
    if (change->apply != NULL) {
        err = scope_of(store, j->rules, &change->arena, &person, &scope, fail);
        if (err != ERR_NONE)
            return err;
        change->apply(&person, &scope, change);
        err = store_person_put(store, &person, fail);
    }
    change->after = person;
    return err;
}

static enum err write_change(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct change_job *j = (struct change_job *)job;
    struct roster_change *change = j->change;
    enum err err = ERR_NONE;

    if (change->user_id.n > 0)
        err = change_person(j, store, fail);
    if (err == ERR_NONE && change->adds_step)
        err = store_step_add(store, &change->step, &change->step_id, fail);
    else if (err == ERR_NONE && change->step_id != 0)
        err = store_step_answer(store, change->step_id, &change->step, fail);
    if (err == ERR_NONE && change->pause_change == PAUSE_PUT)
        err = store_pause_put(store, &change->pause, fail);
    else if (err == ERR_NONE && change->pause_change == PAUSE_REMOVE)
        err = store_pause_remove(store, change->pause.operation, fail);
    return err;
}

static void change_ended(struct handback_job *job)
{
    struct change_job *j = (struct change_job *)job;
    struct roster_change *change = j->change;

    change->done(change, job->err, &job->fail);
    free(j);
}

static void change(struct roster *r, struct roster_change *change)
{
    struct change_job *j = mem_new(1, sizeof(*j));

    *j = (struct change_job){{.write = write_change, .ended = change_ended}, change, of(r)->rules};
    if (handback_submit(of(r)->handback, &j->job))
        return;
    /* The queue is full of deliveries: they are refused with 503 meanwhile, so it empties. Hand the
     * failure back as any other. */
    (void)fail_set(&j->job.fail, ERR_BUSY, "the store's queue is full");
    change->done(change, ERR_BUSY, &j->job.fail);
    free(j);
}

struct roster *store_roster_new(struct store *reader, struct handback *handback,
                                const struct rules *rules)
{
    struct store_roster *r = mem_new(1, sizeof(*r));

    *r = (struct store_roster){
        .roster = {.due = due,
                   .next_due = next_due,
                   .scope = scope,
                   .pauses = pauses,
                   .has_moved = has_moved,
                   .change = change},
        .reader = reader,
        .handback = handback,
        .rules = rules,
    };
    return &r->roster;
}

void store_roster_free(struct roster *roster)
{
    free(roster);
}
