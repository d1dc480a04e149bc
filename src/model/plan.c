#include "model/plan.h"

#include <assert.h>

#include "model/plan_private.h"

const char *step_operation(enum step_op op)
{
    static const char *const operations[STEPS] = {
        [STEP_CREATE_USER] = "CreateUser",
        [STEP_FIND_USER] = "SearchUsers",
        [STEP_DESCRIBE_USER] = "DescribeUser",
        [STEP_UPDATE_IDENTITY] = "UpdateUserIdentityInfo",
        [STEP_UPDATE_SECURITY_PROFILES] = "UpdateUserSecurityProfiles",
        [STEP_UPDATE_ROUTING_PROFILE] = "UpdateUserRoutingProfile",
        [STEP_UPDATE_HIERARCHY] = "UpdateUserHierarchy",
        [STEP_UPDATE_PHONE] = "UpdateUserPhoneConfig",
        [STEP_UPDATE_CONFIG] = "UpdateUserConfig",
        [STEP_TAG_USER] = "TagResource",
        [STEP_UNTAG_USER] = "UntagResource",
        [STEP_ASSOCIATE_PROFICIENCIES] = "AssociateUserProficiencies",
        [STEP_UPDATE_PROFICIENCIES] = "UpdateUserProficiencies",
        [STEP_DISASSOCIATE_PROFICIENCIES] = "DisassociateUserProficiencies",
        [STEP_LOOK_FOR_CONTACTS] = "GetCurrentUserData",
        [STEP_DELETE_USER] = "DeleteUser",
        [STEP_DELETE_QUICK_CONNECTS] = "DeleteQuickConnect",
    };

    return (unsigned)op < STEPS ? operations[op] : "";
}

struct actual plan_actual(const struct person *p, struct arena *a)
{
    struct actual actual = {.kind = ACTUAL_ABSENT};
    struct entitlement seen;
    bool is_making = p->create_sent_ms != 0 || p->name_taken_ms != 0;

    if (p->agent_id.n == 0) {
        if (is_making)
            actual.kind = ACTUAL_UNKNOWN;
        return actual;
    }
    actual.kind = ACTUAL_BOUND;
    actual.agent =
        (struct agent){.id = p->agent_id, .arn = p->agent_arn, .user_name = p->agent_user_name};
    actual.is_deleted = p->agent_deleted_ms != 0;
    actual.is_making = is_making;
    /* What cannot be read counts as not known: the agent is looked at. */
    if (p->applied.n > 0 && entitlement_parse(a, p->applied, &seen, NULL) == ERR_NONE) {
        struct entitlement *kept = arena_new(a, 1, sizeof(*kept));

        *kept = seen;
        actual.seen = kept;
    }
    return actual;
}

enum owner plan_owner(const struct agent *agent, struct span managed_by, struct span okta_id)
{
    struct span manager = agent_tag(agent, SPAN(TAG_MANAGED_BY));
    struct span owner = agent_tag(agent, SPAN(TAG_OKTA_ID));

    if (manager.p != NULL && span_eq(manager, SPAN(MANAGED_BY_IMPORT)) && owner.p == NULL)
        return span_eq(managed_by, manager) ? OWNER_OURS : OWNER_IMPORTED;
    if (manager.p != NULL && !span_eq(manager, managed_by))
        return OWNER_OTHER_DEPLOYMENT;
    if (owner.p != NULL && !span_eq(owner, okta_id))
        return OWNER_OTHER_PERSON;
    return manager.p != NULL && owner.p != NULL ? OWNER_OURS : OWNER_NOBODY;
}

void plan_add(struct plan *plan, enum step_op op)
{
    assert(plan->n < PLAN_STEPS);
    plan->steps[plan->n++] = op;
}

void plan_end(struct plan *plan, enum person_state state, const char *code, char *reason)
{
    plan->state = state;
    plan->reason_code = code;
    plan->reason = reason;
}

/* ---- an agent of the wanted name was found ---- */

static bool is_named_as_wanted(const struct plan_ask *ask)
{
    return span_eq(ask->wanted->user_name, ask->actual.agent.user_name);
}

void plan_hold_for_owner(struct plan *plan, const struct plan_ask *ask, const struct agent *agent,
                         enum owner owner, struct arena *a)
{
    char *reason;

    if (ask->is_import)
        reason = arena_printf(a,
                              "an agent '%.*s' (%.*s) exists that this import has not made; an "
                              "import changes none. 'roster reject' gives the row up",
                              SPAN_ARG(agent->user_name), SPAN_ARG(agent->id));
    else if (owner == OWNER_OTHER_PERSON)
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
    plan_end(plan, PERSON_HELD, REASON_EXISTS, reason);
}

/* Is what was found what a CreateUser of unknown outcome carried? Another import may have made an
 * agent of that name. */
static bool is_as_made(const struct agent *agent, const struct entitlement *made)
{
    bool is_same = made != NULL && span_eq(agent->first_name, made->first_name) &&
                   span_eq(agent->last_name, made->last_name) &&
                   span_eq(agent->routing_profile_id, made->routing_profile_id) &&
                   agent->n_security_profile_ids == made->n_security_profile_ids;

    for (size_t i = 0; is_same && i < made->n_security_profile_ids; i++) {
        bool has_it = false;

        for (size_t j = 0; j < agent->n_security_profile_ids; j++)
            has_it =
                has_it || span_eq(agent->security_profile_ids[j], made->security_profile_ids[i]);
        is_same = has_it;
    }
    return is_same;
}

static void plan_found(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    enum owner owner = plan_owner(&ask->actual.agent, ask->managed_by, ask->okta_id);

    if (ask->is_import && !(owner == OWNER_OURS && is_as_made(&ask->actual.agent, ask->made))) {
        plan_hold_for_owner(plan, ask, &ask->actual.agent, owner, a);
    } else if (owner == OWNER_OTHER_PERSON && ask->wanted != NULL && ask->claimed_by.n > 0) {
        plan_hold_claim(plan, ask, a);
    } else if (owner == OWNER_OURS) {
        plan->binds = true;
    } else if (ask->wanted == NULL) {
        /* Somebody who left scope has nothing to be held for: the agent there is not theirs. */
        plan->state = PERSON_OUT_OF_SCOPE;
    } else if ((owner == OWNER_IMPORTED || (owner == OWNER_NOBODY && ask->may_adopt)) &&
               is_named_as_wanted(ask)) {
        plan->target = *ask->wanted;
        plan_add(plan, STEP_TAG_USER);
        plan->binds = true;
    } else {
        plan_hold_for_owner(plan, ask, &ask->actual.agent, owner, a);
    }
}

/* ---- there is none ---- */

void plan_hold_claim(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    plan_end(plan, PERSON_HELD, REASON_TWO_CLAIM,
             arena_printf(a,
                          "'%.*s' claims the user name '%.*s', and so does '%.*s'; give one of "
                          "the two another user name in Okta",
                          SPAN_ARG(ask->okta_id), SPAN_ARG(ask->wanted->user_name),
                          SPAN_ARG(ask->claimed_by)));
}

static void plan_absent(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (ask->wanted == NULL) {
        plan->state = PERSON_OUT_OF_SCOPE;
    } else if (ask->is_suspended) {
        plan_end(plan, PERSON_OUT_OF_SCOPE, REASON_SUSPENDED,
                 arena_dup(a, SPAN("suspended in Okta, so no agent is made")));
    } else if (ask->claimed_by.n > 0) {
        plan_hold_claim(plan, ask, a);
    } else {
        plan->priority = PRIORITY_NEW;
        plan->target = *ask->wanted;
        plan_add(plan, STEP_CREATE_USER);
        if (ask->wanted->n_proficiencies > 0)
            plan_add(plan, STEP_ASSOCIATE_PROFICIENCIES);
    }
}

struct plan plan_make(const struct plan_ask *ask, struct arena *a)
{
    static char none[] = "";
    struct plan plan = {
        .state = PERSON_IN_STEP, .reason_code = "", .reason = none, .priority = PRIORITY_CHANGE};

    switch (ask->actual.kind) {
    case ACTUAL_ABSENT:
        plan_absent(&plan, ask, a);
        break;
    case ACTUAL_UNKNOWN:
        plan_add(&plan, STEP_FIND_USER);
        plan.state = PERSON_DUE;
        plan.priority = ask->wanted == NULL ? PRIORITY_REMOVAL : PRIORITY_NEW;
        break;
    case ACTUAL_FOUND:
        plan_found(&plan, ask, a);
        break;
    case ACTUAL_BOUND:
        plan_bound(&plan, ask, a);
        break;
    }
    if (ask->is_import)
        plan.priority = PRIORITY_CHANGE; /* whom Okta speaks of comes first */
    return plan;
}
