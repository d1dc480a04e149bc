#include "engine/handover.h"

#include "engine/compare.h"
#include "engine/judge.h"

static const int64_t NS_PER_MS = 1000000;

struct handing {
    const struct handover *h;
    struct arena *a;
    enum handover_verdict verdict;
    bool is_told; /* of the person, and not of a further agent that bears their id */
};

static bool is_to_be_done(const struct handover *h, const struct drift *d)
{
    return d->action <= DRIFT_ADOPT ||
           (h->takes_held && d->action == DRIFT_HELD && d->has_course && !d->is_known);
}

static bool is_as_planned(const struct handing *w, const struct drift *d)
{
    if (w->h->digest.n == 0 || span_eq(proposal_digest(w->h->proposal, d, w->a), w->h->digest))
        return true;
    return w->h->may_go_on && !d->is_news;
}

/* ---- writing ---- */

/* What a reading is: those that are, whether the listing showed them or the store knows better. */
static enum err put_reading(const struct handing *w, const struct drift *d, struct fail *fail)
{
    const struct person *p = &d->person;
    int64_t read_ms = w->h->drift->read_ms;
    struct membership *list = arena_new(w->a, d->n_memberships, sizeof(*list));
    struct reading reading = {.source = p->source,
                              .user_id = p->id,
                              .read_ms = read_ms,
                              .read_ns = read_ms * NS_PER_MS,
                              .memberships = list};

    if (!w->h->drift->has_users || d->is_absent)
        return ERR_NONE;
    for (size_t i = 0; i < d->n_memberships; i++) {
        const struct membership *m = &d->memberships[i];

        if (m->is_member && (m->kind == MEMBERSHIP_APP || m->kind == MEMBERSHIP_GROUP))
            list[reading.n_memberships++] = *m;
    }
    return store_reading_put(w->h->store, &reading, fail);
}

/* Whoever asked for a look at them has got it. */
static enum err end_look(const struct handing *w, const struct person *p, struct fail *fail)
{
    struct look look;
    bool is_there;
    enum err err =
        store_look_get(w->h->store, w->a, p->source, LOOK_USER, p->id, &is_there, &look, fail);

    return err == ERR_NONE && is_there ? store_look_done(w->h->store, &look, 0, fail) : err;
}

static void take_seen(struct handing *w, const struct drift *d, struct person *p)
{
    bool is_known = p->applied.n > 0;
    struct buf json;

    if (!d->has_seen || (!is_known && !d->agent.is_described) ||
        (is_known && !d->changes_by_hand && !d->agent.is_described))
        return;
    buf_init(&json, ENTITLEMENT_JSON_LIMIT);
    entitlement_add_json(&json, &d->seen);
    if (!json.full) {
        p->applied = arena_span(w->a, buf_span(&json));
        p->applied_ms = w->h->drift->now_ms;
        p->in_doubt = d->agent.is_described ? 0 : p->in_doubt;
    }
    buf_done(&json);
}

static void forget_agent(struct person *p)
{
    p->agent_id = p->agent_arn = p->agent_user_name = p->applied = SPAN("");
    p->agent_since_ms = p->applied_ms = p->delete_sent_ms = p->in_doubt = 0;
}

/* An agent of that name was shown: it is looked at before one is made, not after a refusal. */
static bool is_name_taken(const struct drift *d)
{
    return d->has_course && d->course.n > 0 && d->course.steps[0] == STEP_FIND_USER &&
           d->person.agent_id.n == 0 && d->person.create_sent_ms == 0 &&
           d->person.name_taken_ms == 0;
}

/* An agent that somebody has deleted frees its user name, also for those who are no part of the
 * plan. */
static enum err free_names(struct handing *w, const struct person *before,
                           const struct person *after, struct fail *fail)
{
    const struct drift_options *drift = w->h->drift;
    struct current_names names;
    struct judge judge = {drift->rules, &names};

    current_names_set(&names, drift->names);
    return judge_free_names(&judge, w->h->store, w->a, before, after, drift->now_ms, fail);
}

static enum err put_person(struct handing *w, const struct drift *d, struct fail *fail)
{
    int64_t now_ms = w->h->drift->now_ms;
    struct person before, p = d->person;
    enum err err = store_person_get(w->h->store, w->a, p.source, p.id, &before, fail);
    bool is_known = err == ERR_NONE;

    if (!is_known && err != ERR_NOT_FOUND)
        return err;

    if (d->is_gone)
        forget_agent(&p);
    take_seen(w, d, &p);
    if (is_name_taken(d))
        p.name_taken_ms = now_ms;
    if (p.agent_id.n > 0 && p.agent_since_ms == 0)
        p.agent_since_ms = now_ms;
    if (d->not_before_ms == 0 && p.due_ms > now_ms)
        p.due_ms = now_ms;
    if (d->not_before_ms == 0)
        p.attempts = 0;
    if (p.state == PERSON_DUE) /* also whose removal was under way for another cause */
        p.cause = w->h->drift->cause;
    err = put_reading(w, d, fail);
    if (err == ERR_NONE)
        err = store_person_put(w->h->store, &p, fail);
    if (err == ERR_NONE && is_known)
        err = free_names(w, &before, &p, fail);
    return err == ERR_NONE ? end_look(w, &p, fail) : err;
}

static enum err found(void *arg, const struct drift *d, struct fail *fail)
{
    struct handing *w = arg;

    if (w->is_told)
        return ERR_NONE;
    w->is_told = true;
    w->verdict = d->action == DRIFT_UNCHANGED ? HANDOVER_IN_STEP : HANDOVER_MOVED;
    if (!is_to_be_done(w->h, d) || !is_as_planned(w, d))
        return ERR_NONE;
    w->verdict = HANDOVER_DUE;
    return put_person(w, d, fail);
}

enum err handover_person(const struct handover *h, struct span user_id, struct arena *a,
                         enum handover_verdict *out, struct fail *fail)
{
    struct handing w = {.h = h, .a = a, .verdict = HANDOVER_IN_STEP};
    struct compare_options options = {
        .drift = *h->drift, .store = h->store, .found = found, .arg = &w};
    enum err err = compare_one(&options, user_id, fail);

    if (err == ERR_NONE)
        *out = w.verdict;
    return err;
}
