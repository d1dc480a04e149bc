#include "model/plan.h"

struct actual plan_actual(const struct person *p)
{
    if (p->agent_id.n > 0)
        return (struct actual){
            ACTUAL_BOUND,
            {.id = p->agent_id, .arn = p->agent_arn, .user_name = p->agent_user_name}};
    if (p->create_sent_ms != 0 || p->name_taken_ms != 0)
        return (struct actual){.kind = ACTUAL_UNKNOWN};
    return (struct actual){.kind = ACTUAL_ABSENT};
}

enum owner plan_owner(const struct agent *agent, struct span managed_by, struct span okta_id)
{
    struct span manager = agent_tag(agent, SPAN(TAG_MANAGED_BY));
    struct span owner = agent_tag(agent, SPAN(TAG_OKTA_ID));

    if (manager.p != NULL && !span_eq(manager, managed_by))
        return OWNER_OTHER_DEPLOYMENT;
    if (owner.p != NULL && !span_eq(owner, okta_id))
        return OWNER_OTHER_PERSON;
    return manager.p != NULL && owner.p != NULL ? OWNER_OURS : OWNER_NOBODY;
}

static void add_step(struct plan *plan, enum step_op op)
{
    plan->steps[plan->n++] = op;
}

static void hold(struct plan *plan, const char *code, char *reason)
{
    plan->state = PERSON_HELD;
    plan->reason_code = code;
    plan->reason = reason;
}

static bool is_named_as_wanted(const struct plan_ask *ask)
{
    return ask->wanted == NULL || span_eq(ask->wanted->user_name, ask->actual.agent.user_name);
}

static void plan_bound(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (is_named_as_wanted(ask))
        return;
    hold(plan, REASON_NAME_DIFFERS,
         arena_printf(
             a,
             "the agent's user name is '%.*s', Okta now says '%.*s'; Amazon Connect cannot "
             "rename an agent. Put the old name back in Okta, or delete the agent in Amazon "
             "Connect and say 'roster retry'",
             SPAN_ARG(ask->actual.agent.user_name), SPAN_ARG(ask->wanted->user_name)));
}

static void hold_for_owner(struct plan *plan, const struct plan_ask *ask, enum owner owner,
                           struct arena *a)
{
    const struct agent *agent = &ask->actual.agent;
    char *reason;

    if (owner == OWNER_OTHER_PERSON)
        reason =
            arena_printf(a,
                         "the agent '%.*s' belongs to another Okta user, %.*s; give one of the "
                         "two another user name in Okta",
                         SPAN_ARG(agent->user_name), SPAN_ARG(agent_tag(agent, SPAN(TAG_OKTA_ID))));
    else if (owner == OWNER_OTHER_DEPLOYMENT)
        reason = arena_printf(a,
                              "the agent '%.*s' is managed by the Roster deployment '%.*s', this "
                              "one is '%.*s' ([Roster] NAME); it is never touched from here",
                              SPAN_ARG(agent->user_name),
                              SPAN_ARG(agent_tag(agent, SPAN(TAG_MANAGED_BY))),
                              SPAN_ARG(ask->managed_by));
    else
        reason = arena_printf(a,
                              "the agent '%.*s' exists and is not managed by Roster; 'roster "
                              "adopt' takes it over, or set [Connect] ON_EXISTING = adopt",
                              SPAN_ARG(agent->user_name));
    hold(plan, REASON_EXISTS, reason);
}

static void plan_found(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    enum owner owner = plan_owner(&ask->actual.agent, ask->managed_by, ask->okta_id);

    if (owner == OWNER_OURS) {
        plan->binds = true;
        plan_bound(plan, ask, a);
    } else if (ask->wanted == NULL) {
        /* Somebody who left scope has nothing to be held for: the agent there is not theirs. */
        plan->state = PERSON_OUT_OF_SCOPE;
    } else if (owner == OWNER_NOBODY && ask->may_adopt && is_named_as_wanted(ask)) {
        add_step(plan, STEP_TAG_USER);
        plan->binds = true;
    } else {
        hold_for_owner(plan, ask, owner, a);
    }
}

struct plan plan_make(const struct plan_ask *ask, struct arena *a)
{
    static char none[1];
    struct plan plan = {.state = PERSON_IN_STEP, .reason_code = "", .reason = none};

    switch (ask->actual.kind) {
    case ACTUAL_ABSENT:
        if (ask->wanted != NULL)
            add_step(&plan, STEP_CREATE_USER);
        else
            plan.state = PERSON_OUT_OF_SCOPE;
        break;
    case ACTUAL_UNKNOWN:
        add_step(&plan, STEP_FIND_USER);
        plan.state = PERSON_DUE;
        break;
    case ACTUAL_FOUND:
        plan_found(&plan, ask, a);
        break;
    case ACTUAL_BOUND:
        plan_bound(&plan, ask, a);
        break;
    }
    if (plan.state == PERSON_IN_STEP && ask->wanted == NULL) {
        plan.reason_code = REASON_LEFT;
        plan.reason = arena_dup(a, SPAN("no longer in scope; the agent is kept"));
    }
    return plan;
}
