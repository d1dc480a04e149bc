#include "engine/store_roster.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { RIVALS_MAX = 1000 };

struct store_roster {
    struct roster roster;
    struct store *reader;
    struct handback *handback;
    const struct judge *judge;
    int64_t version;
    char *cause;             /* NULL = any */
    struct change_job *jobs; /* under way */
};

static struct store_roster *of(struct roster *r)
{
    return (struct store_roster *)r;
}

static enum err due(struct roster *r, struct arena *a, int64_t now_ms, int64_t priority,
                    size_t skip, size_t max, struct person **out, size_t *n, struct fail *fail)
{
    if (of(r)->cause != NULL)
        return store_people_due_for(of(r)->reader, a, span_of(of(r)->cause), now_ms, priority, skip,
                                    max, out, n, fail);
    return store_people_due(of(r)->reader, a, now_ms, priority, skip, max, out, n, fail);
}

static enum err next_due(struct roster *r, int64_t *out_ms, struct fail *fail)
{
    if (of(r)->cause != NULL)
        return store_next_due_for(of(r)->reader, span_of(of(r)->cause), out_ms, fail);
    return store_next_due(of(r)->reader, out_ms, fail);
}

static enum err facts(struct roster *r, struct arena *a, const struct person *p,
                      struct roster_facts *out, struct fail *fail)
{
    enum err err = judge_scope(of(r)->judge, of(r)->reader, a, p, &out->memberships,
                               &out->n_memberships, &out->scope, fail);

    if (err != ERR_NONE || !of(r)->judge->rules->reads_okta)
        return err;
    return store_look_get(of(r)->reader, a, p->source, LOOK_USER, p->id, &out->is_looked_at,
                          &out->look, fail);
}

static enum err claims(struct roster *r, struct arena *a, const struct person *p,
                       struct span user_name, struct person *out, bool *is_claimed,
                       struct fail *fail)
{
    struct person *people;
    size_t n;
    enum err err = store_person_of_name(of(r)->reader, a, p->source, user_name, p->id, out, fail);

    *is_claimed = err == ERR_NONE;
    if (err != ERR_NOT_FOUND)
        return err;
    err = store_people_by_reason(of(r)->reader, a, PERSON_HELD, SPAN(REASON_TWO_CLAIM), RIVALS_MAX,
                                 &people, &n, fail);
    for (size_t i = 0; err == ERR_NONE && !*is_claimed && i < n; i++) {
        *is_claimed = !span_eq(people[i].id, p->id) &&
                      span_eq(judge_user_name(of(r)->judge->rules, &people[i], a), user_name);
        if (*is_claimed)
            *out = people[i];
    }
    return err;
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
    struct store_roster *roster;
    struct change_job *previous, *next;
    struct roster_change *change;
    const struct judge *judge;
};

static void job_free(struct change_job *j)
{
    if (j->previous != NULL)
        j->previous->next = j->next;
    else
        j->roster->jobs = j->next;
    if (j->next != NULL)
        j->next->previous = j->previous;
    free(j);
}

/* What the agent had and has, for the audit log, unless whoever asked for the change has said so:
 * nothing of what was refused, where only the ledger takes back what it had noted before. Of a
 * former agent (RENAME_REPLACE) it is not known, and one that is deleted has nothing. */
static void tell_audit(struct step_record *step, const struct person *before,
                       const struct person *after)
{
    bool is_deleted = before->agent_deleted_ms == 0 && after->agent_deleted_ms != 0;

    bool is_refused =
        span_eq(step->outcome, SPAN("failed")) || span_eq(step->outcome, SPAN("throttled"));

    if (step->before.p != NULL || step->after.p != NULL || before->old_agent_id.n > 0 ||
        before->agent_deleted_ms != 0 || (is_refused && !is_deleted))
        return;
    if (!is_deleted && span_eq(before->applied, after->applied))
        return;
    step->before = before->applied;
    step->after = is_deleted ? SPAN("") : after->applied;
}

/* Somebody else has given an import up: what it was to come to concerns nobody any more. */
static enum err change_nobody(struct roster_change *change)
{
    const struct scope nowhere = {.is_in = false};

    change->after = (struct person){.source = change->source, .id = change->user_id};
    if (change->apply != NULL)
        change->apply(&change->after, &nowhere, change);
    return ERR_NONE;
}

static enum err change_person(struct change_job *j, struct store *store, struct fail *fail)
{
    struct roster_change *change = j->change;
    struct membership *memberships;
    struct person before;
    struct scope scope;
    enum err err;
    size_t n;

    err = store_person_get(store, &change->arena, change->source, change->user_id, &before, fail);
    if (err == ERR_NOT_FOUND)
        return change_nobody(change);
    if (err != ERR_NONE)
        return err;
    change->after = before;
    if (change->apply == NULL)
        return ERR_NONE;
    err = judge_scope(j->judge, store, &change->arena, &before, &memberships, &n, &scope, fail);
    if (err != ERR_NONE)
        return err;
    change->apply(&change->after, &scope, change);
    tell_audit(&change->step, &before, &change->after);
    err = store_person_put(store, &change->after, fail);
    if (err == ERR_NONE)
        err = judge_free_names(j->judge, store, &change->arena, &before, &change->after,
                               clock_wall_ms(), fail);
    if (err == ERR_NONE && change->rival_id.n > 0)
        err = judge_rivals(j->judge, store, &change->arena, &change->after, change->rival_id,
                           clock_wall_ms(), fail);
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
    if (err == ERR_NONE && change->forgets)
        err = store_person_remove(store, change->source, change->user_id, fail);
    return err;
}

static void change_ended(struct handback_job *job)
{
    struct change_job *j = (struct change_job *)job;
    struct roster_change *change = j->change;

    change->done(change, job->err, &job->fail);
    job_free(j);
}

static void change(struct roster *r, struct roster_change *change)
{
    struct change_job *j = mem_new(1, sizeof(*j));

    *j = (struct change_job){.job = {.write = write_change, .ended = change_ended},
                             .roster = of(r),
                             .next = of(r)->jobs,
                             .change = change,
                             .judge = of(r)->judge};
    if (j->next != NULL)
        j->next->previous = j;
    of(r)->jobs = j;
    if (handback_submit(of(r)->handback, &j->job))
        return;
    /* The queue is full of deliveries: they are refused with 503 meanwhile, so it empties. Hand the
     * failure back as any other. */
    (void)fail_set(&j->job.fail, ERR_BUSY, "the store's queue is full");
    change->done(change, ERR_BUSY, &j->job.fail);
    job_free(j);
}

struct roster *store_roster_new(struct store *reader, struct handback *handback,
                                const struct judge *judge)
{
    struct store_roster *r = mem_new(1, sizeof(*r));

    *r = (struct store_roster){
        .roster = {.due = due,
                   .next_due = next_due,
                   .facts = facts,
                   .claims = claims,
                   .pauses = pauses,
                   .has_moved = has_moved,
                   .change = change},
        .reader = reader,
        .handback = handback,
        .judge = judge,
    };
    return &r->roster;
}

void store_roster_only(struct roster *roster, struct span cause)
{
    of(roster)->cause = mem_dup(cause);
}

void store_roster_free(struct roster *roster)
{
    if (roster == NULL)
        return;
    for (struct change_job *j = of(roster)->jobs, *next; j != NULL; j = next) {
        next = j->next;
        job_free(j);
    }
    free(of(roster)->cause);
    free(roster);
}
