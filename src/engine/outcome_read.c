/* What each answer means for the person. */
#include "engine/task.h"

#include <string.h>

#include "base/clock.h"
#include "model/step.h"

enum {
    FIND_FIRST_MS = 500,
    FIND_LAST_MS = 30 * 1000,
    CONTACT_AGAIN_MS = 60 * 1000,
    GONE_AGAIN_MS = 60 * 1000,
    QUICK_AGAIN_MS = 1000,
    PROFICIENCIES_MAX = 1000, /* an agent has at most ten */
    /* What is read, not repeated. */
    READ_ASPECTS = 1 << ASPECT_TAGS | 1 << ASPECT_PROFICIENCIES | 1 << ASPECTS
};

#define OLD_PARKED_TEXT                                                                            \
    "the user name has changed, and the former agent is on a contact for longer than [Connect] "   \
    "MAX_WAIT; it is parked, and deleted at the contact's end"

static void give_applied(struct task *t, struct outcome *o, const struct entitlement *e)
{
    o->sets_applied = true;
    o->applied = task_entitlement_text(&t->change.arena, e);
}

/* The plan's last step is done: unless the person was judged anew, nothing is left. */
static bool end_of_plan(struct task *t, struct outcome *o)
{
    if (t->plan.n != 1 || t->plan.state == PERSON_DUE || t->rival.id.n > 0)
        return true;
    o->next = NEXT_SET;
    o->state = t->plan.state;
    o->reason_code = span_of(t->plan.reason_code);
    o->reason = arena_span(&t->change.arena, span_of(t->plan.reason));
    return false;
}

/* ---- the user name is taken, or may be ---- */

static bool read_create(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    struct entitlement made;

    t->is_sought = false;
    if (answer->err == ERR_NONE) {
        made = step_applied(STEP_CREATE_USER, &t->plan.target, NULL, &t->arena);
        o->binds = true;
        o->agent_id = arena_span(&t->change.arena, answer->user_id);
        o->agent_arn = arena_span(&t->change.arena, answer->user_arn);
        o->agent_user_name = arena_span(&t->change.arena, t->plan.target.user_name);
        give_applied(t, o, &made);
        return end_of_plan(t, o);
    }
    if (answer->err == ERR_CONFLICT) {
        o->clears_sent = o->sets_taken = true;
        /* Nothing but an earlier request that got no answer makes the agent found an import's. */
        o->had_sent_ms = person_is_import(&t->person) ? t->had_sent_ms : 0;
        outcome_unpause(t, t->operation, t->is_probe);
        return true;
    }
    if (answer->err == ERR_NOT_FOUND) {
        /* The profile, or the whole instance? That decides whether one waits or all. */
        o->clears_sent = true;
        o->had_sent_ms = t->had_sent_ms;
        t->refused =
            (struct refusal){answer->err, arena_dup(&t->arena, span_of(answer->fail->text)),
                             t->operation, t->is_probe};
        t->asks = ASK_INSTANCE;
        return true;
    }
    outcome_fail(t, answer, o);
    return false;
}

/* The person has got another user name since: CreateUser for that one would not be refused because
 * of an agent that was made under the former name. */
static bool is_former_name(const struct task *t)
{
    return t->person.create_sent_name.n > 0 &&
           !span_eq(t->person.create_sent_name, t->wants.wanted.user_name);
}

/* There is no agent of theirs. */
static bool is_absent(struct task *t, struct outcome *o)
{
    o->clears_sent = o->clears_taken = true;
    t->actual = (struct actual){.kind = ACTUAL_ABSENT};
    return true;
}

static void wait_for_search(struct task *t, struct outcome *o)
{
    o->reason_code = SPAN("waiting");
    o->reason = t->person.name_taken_ms != 0
                    ? SPAN("Amazon Connect says that the user name is taken; its search does not "
                           "show that agent yet")
                    : SPAN("an agent may have been made under the former user name; Amazon "
                           "Connect's search may not show it yet");
    outcome_again(o, outcome_doubled_ms(FIND_FIRST_MS, FIND_LAST_MS, t->person.attempts), true);
}

static enum owner owner_of(const struct task *t, const struct agent *agent)
{
    if (person_is_import(&t->person))
        return plan_owner(agent, SPAN(MANAGED_BY_IMPORT), SPAN(""));
    return plan_owner(agent, t->converge->options.rules->managed_by, t->person.id);
}

/* The bound agent cannot be the one whose name is taken: names are unique. */
static bool is_stranger_of_former_name(const struct task *t, const struct agent *agent)
{
    return is_former_name(t) && owner_of(t, agent) != OWNER_OURS;
}

static bool read_found(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    int64_t sent_ms = t->person.create_sent_ms, taken_ms = t->person.name_taken_ms;
    bool is_former = is_former_name(t);

    if (answer->n_agents > 0) {
        if (is_stranger_of_former_name(t, &answer->agents[0]))
            return is_absent(t, o);
        t->actual = (struct actual){.kind = ACTUAL_FOUND, .agent = answer->agents[0]};
        return true;
    }
    /* The lost request was never carried out; should the search only lag behind, CreateUser for the
     * same name says so. Until that is sent, the ledger stands. */
    if (taken_ms == 0 && !is_former && t->facts.scope.is_in && !t->facts.scope.is_suspended) {
        t->is_sought = true;
        return true;
    }
    if (o->now_ms - (taken_ms != 0 ? taken_ms : sent_ms) < OWN_WRITE_MS) {
        wait_for_search(t, o);
        return false;
    }
    if (taken_ms == 0 || is_former)
        return is_absent(t, o);
    o->clears_sent = o->clears_taken = true;
    o->next = NEXT_SET;
    o->state = PERSON_HELD;
    o->reason_code = SPAN(REASON_EXISTS);
    o->reason = span_of(arena_printf(
        &t->change.arena,
        "Amazon Connect says that the user name '%.*s' is taken, and its search has not shown that "
        "agent for ten minutes; look in the console, then say 'roster retry'",
        SPAN_ARG(t->wants.wanted.user_name)));
    return false;
}

/* ---- what an agent has ---- */

static bool keep_found(struct task *t, struct outcome *o, const struct entitlement *found)
{
    bool is_in = t->facts.scope.is_in;
    struct agent agent = {.tags = found->tags, .n_tags = found->n_tags};
    struct entitlement seen =
        step_seen(found, is_in ? &t->wants.wanted : NULL, t->actual.seen, &t->arena);

    if (owner_of(t, &agent) != OWNER_OURS && outcome_is_own_write_recent(t, o->now_ms)) {
        o->reason_code = SPAN("waiting");
        o->reason = SPAN("Amazon Connect does not show the agent's new tags yet");
        outcome_again(o, outcome_backoff_ms(t->person.attempts), true);
        t->asks = ASK_STEP;
        return false;
    }
    if (is_in && t->may_be_deleted && o->now_ms - t->person.delete_sent_ms < OWN_WRITE_MS) {
        o->reason_code = SPAN("waiting");
        o->reason =
            SPAN("the agent may have been deleted, and Amazon Connect may not show that yet");
        outcome_again(o, outcome_backoff_ms(t->person.attempts), true);
        t->asks = ASK_STEP;
        return false;
    }
    t->is_described = true;
    give_applied(t, o, &seen);
    o->clears_doubt = READ_ASPECTS;
    if (!is_in)
        o->before_removal = task_entitlement_text(&t->change.arena, found);
    t->asks = ASK_STEP;
    return true;
}

/* Only when the rules give any, or we may have given some. */
static bool needs_proficiencies(const struct task *t)
{
    return (t->facts.scope.is_in && t->wants.wanted.n_proficiencies > 0) ||
           (t->actual.seen != NULL && t->actual.seen->n_proficiencies > 0) ||
           (t->person.in_doubt & 1 << ASPECT_PROFICIENCIES) != 0;
}

static bool read_described(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    t->found = entitlement_copy(&t->arena, answer->entitlement);
    t->found.proficiencies = NULL;
    t->found.n_proficiencies = 0;
    t->token = SPAN("");
    if (needs_proficiencies(t)) {
        t->asks = ASK_PROFICIENCIES;
        return true;
    }
    return keep_found(t, o, &t->found);
}

static bool read_proficiencies(struct task *t, const struct connect_answer *answer,
                               struct outcome *o)
{
    size_t had = t->found.n_proficiencies, n = answer->n_proficiencies;
    struct proficiency *list;

    if (answer->err != ERR_NONE) {
        outcome_fail(t, answer, o);
        return false;
    }
    list = arena_new(&t->arena, had + n, sizeof(*list));
    if (had > 0)
        memcpy(list, t->found.proficiencies, had * sizeof(*list));
    for (size_t i = 0; i < n; i++)
        list[had + i] = (struct proficiency){
            arena_span(&t->arena, answer->proficiencies[i].attribute),
            arena_span(&t->arena, answer->proficiencies[i].value), answer->proficiencies[i].level};
    t->found.proficiencies = list;
    t->found.n_proficiencies = had + n;
    t->token = arena_span(&t->arena, answer->next_token);
    if (t->token.n > 0 && had + n < PROFICIENCIES_MAX)
        return true;
    return keep_found(t, o, &t->found);
}

/* The former agent; it is still to be deleted. */
static bool read_old_parked(struct task *t, struct outcome *o)
{
    o->parks_old = (int64_t)1 << step_aspect(t->op);
    if (t->plan.steps[1] == STEP_LOOK_FOR_CONTACTS) /* that was the last of it */
        converge_tell(t->converge, &(struct converge_news){.kind = NEWS_PARKED,
                                                           .person = &t->person,
                                                           .code = REASON_ON_CONTACT,
                                                           .text = OLD_PARKED_TEXT});
    return true;
}

static bool read_updated(struct task *t, struct outcome *o)
{
    struct entitlement has;

    if (t->plan.is_on_old)
        return read_old_parked(t, o);
    if (t->actual.kind == ACTUAL_FOUND) { /* taken over: its tags say so */
        o->binds = o->binds_found = true;
        o->agent_id = arena_span(&t->change.arena, t->actual.agent.id);
        o->agent_arn = arena_span(&t->change.arena, t->actual.agent.arn);
        o->agent_user_name = arena_span(&t->change.arena, t->actual.agent.user_name);
        t->actual = (struct actual){.kind = ACTUAL_ABSENT};
        return true;
    }
    o->clears_delete = true; /* it is there */
    o->clears_doubt = task_aspects(t);
    has = step_applied(t->op, &t->plan.target, t->actual.seen, &t->arena);
    give_applied(t, o, &has);
    return end_of_plan(t, o);
}

/* ---- removing ---- */

static bool is_on_no_contact(struct task *t, struct outcome *o)
{
    t->is_contact_free = true;
    o->contact = CONTACT_NONE;
    return true;
}

static bool is_contact_too_long(const struct task *t, int64_t now_ms)
{
    int64_t since_ms = t->person.contact_since_ms;

    return since_ms != 0 && now_ms - since_ms >= t->converge->options.max_wait_ms;
}

static struct span contact_text(const struct task *t, int64_t now_ms)
{
    if (!is_contact_too_long(t, now_ms))
        return SPAN("to be removed, and on a contact; Roster waits for its end");
    if (t->person.old_agent_parked != 0)
        return SPAN(OLD_PARKED_TEXT);
    return SPAN("to be removed, and on a contact for longer than [Connect] MAX_WAIT; there is "
                "nothing to park the agent on ([Connect] PARKED_SECURITY_PROFILE and "
                "PARKED_ROUTING_PROFILE), so Roster waits on");
}

static bool read_contacts(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (!answer->has_contact)
        return is_on_no_contact(t, o);
    o->contact = CONTACT_FOUND;
    o->reason_code = SPAN(REASON_ON_CONTACT);
    o->reason = contact_text(t, o->now_ms);
    outcome_again(o, CONTACT_AGAIN_MS, false);
    if (is_contact_too_long(t, o->now_ms) && t->person.old_agent_parked == 0 &&
        !span_eq(t->person.reason, o->reason))
        converge_tell(t->converge, &(struct converge_news){.kind = NEWS_HELD,
                                                           .person = &t->person,
                                                           .code = REASON_ON_CONTACT,
                                                           .text = o->reason.p});
    return false;
}

static bool read_deleted(struct task *t, struct outcome *o)
{
    o->deletes = true;
    o->is_on_old = t->plan.is_on_old;
    return true;
}

/* When it was not carried out, all is as it was before. */
static void undo_ledger(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (answer->err == ERR_IO || answer->err == ERR_UNCLEAR)
        return;
    o->clears_doubt = task_aspects(t) & ~t->was_in_doubt;
    o->clears_delete = t->op == STEP_DELETE_USER && !t->plan.is_on_old && !t->may_be_deleted;
    o->restores_applied = o->clears_doubt != 0 && t->actual.seen != NULL;
    if (o->restores_applied)
        o->applied = task_entitlement_text(&t->change.arena, t->actual.seen);
}

bool outcome_quick_next(struct task *t, struct outcome *o)
{
    struct span what = SPAN("");

    t->quick =
        quick_connects_next(t->converge->quick_connects, task_agent_id(t), clock_mono_ms(), &what);
    t->quick_id = arena_span(&t->arena, what);
    t->asks = ASK_STEP;
    if (t->quick == QUICK_WAIT) {
        o->reason_code = SPAN("waiting");
        o->reason = SPAN("the agent is deleted; whose the quick connects are is being read");
        outcome_again(o, QUICK_AGAIN_MS, false);
        return false;
    }
    if (t->quick != QUICK_NONE) {
        t->asks = ASK_QUICK;
        return true;
    }
    o->forgets = true;
    o->is_on_old = t->plan.is_on_old;
    if (t->plan.state == PERSON_DUE || t->person.create_sent_ms != 0 ||
        t->person.name_taken_ms != 0)
        return true;
    o->next = NEXT_SET;
    o->state = t->plan.state;
    o->reason_code = o->reason = SPAN("");
    return false;
}

static bool read_quick(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    struct quick_connects *q = t->converge->quick_connects;

    if (answer->err == ERR_NOT_FOUND && t->quick == QUICK_LIST) {
        quick_connects_failed(q, t->quick, t->quick_id);
        outcome_pause_for_instance(t, o, t->operation);
        return false;
    }
    if (answer->err != ERR_NONE && answer->err != ERR_NOT_FOUND) {
        quick_connects_failed(q, t->quick, t->quick_id);
        outcome_fail(t, answer, o);
        return false;
    }
    if (answer->err == ERR_NOT_FOUND || t->quick == QUICK_DELETE)
        quick_connects_gone(q, t->quick_id);
    else if (t->quick == QUICK_LIST)
        quick_connects_listed(q, answer->named, answer->n_named, answer->next_token,
                              clock_mono_ms());
    else
        quick_connects_described(q, t->quick_id, answer->quick_connect_user_id);
    return outcome_quick_next(t, o);
}

/* ---- what is not found ---- */

/* The agent, the instance, or something else that the request names? */
static bool ask_what_is_gone(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    bool was_gone = span_eq(t->person.reason_code, SPAN(REASON_AGENT_GONE));

    undo_ledger(t, answer, o);
    t->refused = (struct refusal){answer->err, arena_dup(&t->arena, span_of(answer->fail->text)),
                                  t->operation, t->is_probe};
    t->asks = t->op == STEP_DESCRIBE_USER ? ASK_INSTANCE : ASK_AGENT;
    /* Should that come to nothing. */
    outcome_again(o, outcome_backoff_ms(t->person.attempts), true);
    o->reason_code = was_gone ? SPAN(REASON_AGENT_GONE) : SPAN("waiting");
    o->reason =
        was_gone
            ? arena_span(&t->change.arena, t->person.reason)
            : span_of(arena_printf(&t->change.arena, "%s: %s", t->operation, answer->fail->text));
    return true;
}

static void refuse_after_all(struct task *t, struct outcome *o)
{
    struct fail fail;

    (void)fail_set(&fail, t->refused.err, "%s", t->refused.text);
    outcome_refuse(t, o, t->refused.operation, &fail);
    outcome_unpause(t, t->refused.operation, t->refused.is_probe);
}

/* Somebody else has deleted it. A new one is made only when that has been certain for a while:
 * readings lag behind. */
static bool read_gone(struct task *t, struct outcome *o)
{
    bool was_gone = span_eq(t->person.reason_code, SPAN(REASON_AGENT_GONE));

    t->asks = ASK_STEP;
    if (t->plan.is_on_old || !t->facts.scope.is_in)
        return read_deleted(t, o);
    if (t->may_be_deleted || (was_gone && o->now_ms - t->person.since_ms >= OWN_WRITE_MS)) {
        o->unbinds = true;
        return true;
    }
    o->reason_code = SPAN(REASON_AGENT_GONE);
    o->reason = span_of(arena_printf(
        &t->change.arena,
        "the agent '%.*s' does not exist any more: somebody else has deleted it; when that has "
        "been so for ten minutes, a new one is made",
        SPAN_ARG(t->person.agent_user_name)));
    outcome_again(o, GONE_AGAIN_MS, false);
    if (!was_gone)
        converge_tell(t->converge, &(struct converge_news){.kind = NEWS_FAILED,
                                                           .person = &t->person,
                                                           .code = REASON_AGENT_GONE,
                                                           .text = o->reason.p});
    return false;
}

static bool read_agent(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (answer->err == ERR_NOT_FOUND) {
        t->asks = ASK_INSTANCE;
        return true;
    }
    /* Data of active users is what it has; this one is there, and it has none. */
    if (answer->err == ERR_NONE && t->op == STEP_LOOK_FOR_CONTACTS) {
        t->asks = ASK_STEP;
        return is_on_no_contact(t, o);
    }
    if (answer->err == ERR_NONE && t->op == STEP_DELETE_USER) { /* it says so and so: again */
        o->reason_code = SPAN("waiting");
        o->reason = SPAN("Amazon Connect does not find the agent when it is to be deleted, and "
                         "shows it otherwise");
        outcome_again(o, outcome_backoff_ms(t->person.attempts), true);
    } else if (answer->err == ERR_NONE || answer->err == ERR_DENIED) {
        /* Without the right to look, the refusal is taken for what it says of this person. */
        refuse_after_all(t, o);
    } else {
        outcome_fail(t, answer, o);
    }
    return false;
}

static bool read_instance(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (answer->err == ERR_DENIED && t->asks == ASK_INSTANCE &&
        !pace_is_paused(t->converge->options.pace, OP_SEARCH_USERS)) {
        t->asks = ASK_SEARCH; /* it needs another permission */
        return true;
    }
    if (answer->err == ERR_NOT_FOUND) {
        outcome_pause_for_instance(t, o, t->refused.operation);
        return false;
    }
    if (answer->err != ERR_NONE && answer->err != ERR_DENIED) {
        outcome_fail(t, answer, o);
        return false;
    }
    if (t->op != STEP_CREATE_USER)
        return read_gone(t, o);
    refuse_after_all(t, o);
    return false;
}

/* ---- all of them ---- */

/* What was written a moment ago may not be found yet. A deletion that is repeated finds nothing. */
static bool may_not_be_seen_yet(const struct task *t, int64_t now_ms)
{
    if (t->may_be_deleted)
        return false;
    if (t->op == STEP_DELETE_USER)
        return !t->plan.is_on_old && now_ms - t->person.agent_since_ms < OWN_WRITE_MS;
    return outcome_is_own_write_recent(t, now_ms);
}

static bool read_step(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (t->op == STEP_CREATE_USER)
        return read_create(t, answer, o);
    if (answer->err == ERR_NOT_FOUND && t->op == STEP_FIND_USER) {
        outcome_pause_for_instance(t, o, t->operation); /* it names nothing but the instance */
        return false;
    }
    if (answer->err == ERR_NOT_FOUND && t->actual.kind == ACTUAL_BOUND &&
        !may_not_be_seen_yet(t, o->now_ms))
        return ask_what_is_gone(t, answer, o);
    if (answer->err != ERR_NONE) {
        undo_ledger(t, answer, o);
        outcome_fail(t, answer, o);
        return false;
    }
    switch (t->op) {
    case STEP_FIND_USER:
        return read_found(t, answer, o);
    case STEP_DESCRIBE_USER:
        return read_described(t, answer, o);
    case STEP_LOOK_FOR_CONTACTS:
        return read_contacts(t, answer, o);
    case STEP_DELETE_USER:
        return read_deleted(t, o);
    default:
        return read_updated(t, o);
    }
}

bool outcome_read(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (answer->err == ERR_NONE) {
        pace_succeeded(t->converge->options.pace, t->operation);
        if (t->asks != ASK_INSTANCE && t->asks != ASK_SEARCH)
            outcome_unpause(t, t->operation, t->is_probe);
    }
    switch (t->asks) {
    case ASK_PROFICIENCIES:
        return read_proficiencies(t, answer, o);
    case ASK_QUICK:
        return read_quick(t, answer, o);
    case ASK_AGENT:
        return read_agent(t, answer, o);
    case ASK_INSTANCE:
    case ASK_SEARCH:
        return read_instance(t, answer, o);
    case ASK_ADMIN_PROFILE:
    case ASK_ADMINS:
        return outcome_read_admins(t, answer, o);
    case ASK_STEP:
        break;
    }
    return read_step(t, answer, o);
}
