/* The plan for a person who has an agent. */
#include "model/plan_private.h"

/* ---- what the rules say nothing of stays as it was seen ---- */

static void keep_unset(int64_t to[static CHANNELS], const int64_t seen[static CHANNELS])
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (to[i] == CHANNEL_UNSET)
            to[i] = seen[i];
}

static struct entitlement target_of(const struct entitlement *wanted,
                                    const struct entitlement *seen)
{
    struct entitlement target = *wanted;

    target.user_name = seen->user_name;
    target.secondary_email = seen->secondary_email;
    target.mobile = seen->mobile;
    if (target.email.n == 0)
        target.email = seen->email;
    target.phone.persistent_connection = seen->phone.persistent_connection;
    if (!target.phone.has_desk_phone)
        target.phone.desk_number = seen->phone.desk_number;
    if (target.phone.is_per_channel == seen->phone.is_per_channel) {
        keep_unset(target.phone.auto_accept, seen->phone.auto_accept);
        keep_unset(target.phone.after_contact_work_s, seen->phone.after_contact_work_s);
    }
    return target;
}

static struct entitlement parked_of(const struct entitlement *parked,
                                    const struct entitlement *seen)
{
    struct entitlement target = *seen;

    entitlement_take_aspect(&target, parked, ASPECT_SECURITY_PROFILES);
    entitlement_take_aspect(&target, parked, ASPECT_ROUTING_PROFILE);
    return target;
}

static bool is_parked(const struct plan_ask *ask)
{
    const struct entitlement *seen = ask->actual.seen;

    return ask->parked != NULL && seen != NULL &&
           entitlement_aspect_eq(ask->parked, seen, ASPECT_SECURITY_PROFILES) &&
           entitlement_aspect_eq(ask->parked, seen, ASPECT_ROUTING_PROFILE);
}

/* ---- from a difference to steps ---- */

static const struct proficiency *find_proficiency(const struct entitlement *e,
                                                  const struct proficiency *p)
{
    for (size_t i = 0; i < e->n_proficiencies; i++)
        if (span_eq(e->proficiencies[i].attribute, p->attribute) &&
            span_eq(e->proficiencies[i].value, p->value))
            return &e->proficiencies[i];
    return NULL;
}

static void add_proficiency_steps(struct plan *plan, const struct entitlement *seen)
{
    const struct entitlement *target = &plan->target;
    bool adds = false, changes = false, removes = false;

    for (size_t i = 0; i < seen->n_proficiencies; i++)
        removes |= find_proficiency(target, &seen->proficiencies[i]) == NULL;
    for (size_t i = 0; i < target->n_proficiencies; i++) {
        const struct proficiency *had = find_proficiency(seen, &target->proficiencies[i]);
        double level = target->proficiencies[i].level;

        adds |= had == NULL;
        changes |= had != NULL && (had->level < level || had->level > level);
    }
    if (removes)
        plan_add(plan, STEP_DISASSOCIATE_PROFICIENCIES);
    if (changes)
        plan_add(plan, STEP_UPDATE_PROFICIENCIES);
    if (adds)
        plan_add(plan, STEP_ASSOCIATE_PROFICIENCIES);
}

static bool has_key(const struct entitlement *e, struct span key, struct span *value)
{
    for (size_t i = 0; i < e->n_tags; i++)
        if (span_eq(e->tags[i].key, key)) {
            *value = e->tags[i].value;
            return true;
        }
    return false;
}

static void add_tag_steps(struct plan *plan, const struct entitlement *seen)
{
    bool puts = false, removes = false;
    struct span value;

    for (size_t i = 0; i < plan->target.n_tags; i++)
        puts |= !has_key(seen, plan->target.tags[i].key, &value) ||
                !span_eq(value, plan->target.tags[i].value);
    for (size_t i = 0; i < seen->n_tags; i++)
        removes |= !has_key(&plan->target, seen->tags[i].key, &value);
    if (puts)
        plan_add(plan, STEP_TAG_USER);
    if (removes)
        plan_add(plan, STEP_UNTAG_USER);
}

static void add_steps(struct plan *plan, const struct entitlement *seen)
{
    unsigned diff = entitlement_diff(&plan->target, seen);

    if (diff & 1U << ASPECT_SECURITY_PROFILES)
        plan_add(plan, STEP_UPDATE_SECURITY_PROFILES);
    if (diff & 1U << ASPECT_ROUTING_PROFILE)
        plan_add(plan, STEP_UPDATE_ROUTING_PROFILE);
    if (diff & 1U << ASPECT_HIERARCHY)
        plan_add(plan, STEP_UPDATE_HIERARCHY);
    if (diff & 1U << ASPECT_IDENTITY)
        plan_add(plan, STEP_UPDATE_IDENTITY);
    if (diff & 1U << ASPECT_PHONE)
        plan_add(plan, plan->target.phone.is_per_channel ? STEP_UPDATE_CONFIG : STEP_UPDATE_PHONE);
    if (diff & 1U << ASPECT_PROFICIENCIES)
        add_proficiency_steps(plan, seen);
    if (diff & 1U << ASPECT_TAGS)
        add_tag_steps(plan, seen);
}

/* ---- taking away ---- */

static void describe_first(struct plan *plan)
{
    plan_add(plan, STEP_DESCRIBE_USER);
    plan->state = PERSON_DUE;
}

static void gate_removal(struct plan *plan, const struct plan_ask *ask)
{
    plan->priority = PRIORITY_REMOVAL;
    if (plan->n > 0 && ask->removal != REMOVAL_PASSED)
        plan->gate = GATE_REMOVALS;
}

static void park(struct plan *plan, const struct plan_ask *ask, const char *code, char *reason)
{
    if (ask->actual.seen == NULL) {
        describe_first(plan);
        return;
    }
    plan->target = parked_of(ask->parked, ask->actual.seen);
    add_steps(plan, ask->actual.seen);
    plan_end(plan, PERSON_PARKED, code, reason);
    gate_removal(plan, ask);
}

static void delete_agent(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (ask->actual.seen == NULL && !plan->is_on_old) {
        describe_first(plan);
        return;
    }
    if (ask->waits_for_contact_over && ask->parked != NULL && !plan->is_on_old) {
        park(plan, ask, REASON_ON_CONTACT,
             arena_dup(a, SPAN("left scope and was on a contact for longer than [Connect] "
                               "MAX_WAIT; parked instead of deleted")));
        return;
    }
    if (!ask->is_contact_free)
        plan_add(plan, STEP_LOOK_FOR_CONTACTS);
    plan_add(plan, STEP_DELETE_USER);
    plan_add(plan, STEP_DELETE_QUICK_CONNECTS);
    plan->state = plan->is_on_old ? PERSON_IN_STEP : PERSON_REMOVED;
    gate_removal(plan, ask);
}

static void plan_left(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (ask->removal == REMOVAL_REJECTED) {
        plan_end(plan, PERSON_IN_STEP, REASON_REJECTED,
                 arena_dup(a, SPAN("no longer in scope; its removal was rejected, so the agent is "
                                   "kept until Okta says something new")));
    } else if (ask->on_remove == REMOVE_KEEP) {
        plan_end(plan, PERSON_IN_STEP, REASON_LEFT,
                 arena_dup(a, SPAN("no longer in scope; the agent is kept ([Connect] ON_REMOVE)")));
    } else if (ask->on_remove == REMOVE_DELETE) {
        delete_agent(plan, ask, a);
    } else if (ask->parked != NULL) {
        park(plan, ask, REASON_LEFT, arena_dup(a, SPAN("no longer in scope; parked")));
    } else {
        plan_end(
            plan, PERSON_HELD, REASON_LEFT,
            arena_dup(a, SPAN("no longer in scope, and there is nothing to park it on; set "
                              "[Connect] PARKED_SECURITY_PROFILE and PARKED_ROUTING_PROFILE")));
    }
}

/* ---- in scope ---- */

static bool plan_rename(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    struct span has = ask->actual.agent.user_name, wants = ask->wanted->user_name;

    if (ask->on_rename == RENAME_KEEP)
        return false;
    if (ask->on_rename == RENAME_HOLD) {
        plan_end(plan, PERSON_HELD, REASON_NAME_DIFFERS,
                 arena_printf(a,
                              "the agent's user name is '%.*s', Okta now says '%.*s'; Amazon "
                              "Connect cannot rename an agent. Put the old name back in Okta, "
                              "delete the agent in Amazon Connect and say 'roster retry', or set "
                              "[Connect] ON_RENAME",
                              SPAN_ARG(has), SPAN_ARG(wants)));
        return true;
    }
    if (ask->old_agent_id.n > 0)
        return false; /* one at a time: the former agent goes first */
    if (ask->claimed_by.n > 0) {
        plan_end(plan, PERSON_HELD, REASON_TWO_CLAIM,
                 arena_printf(a,
                              "Okta now says '%.*s' for the agent '%.*s', and '%.*s' claims that "
                              "user name, too; give one of the two another user name in Okta",
                              SPAN_ARG(wants), SPAN_ARG(has), SPAN_ARG(ask->claimed_by)));
        return true;
    }
    plan->target = *ask->wanted;
    plan->priority = PRIORITY_NEW;
    plan_add(plan, STEP_CREATE_USER);
    return true;
}

static void plan_changes(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    const struct entitlement *seen = ask->actual.seen;

    plan->target = target_of(ask->wanted, seen);
    add_steps(plan, seen);
    if (plan->n > 0) {
        bool changes_profiles = plan->steps[0] == STEP_UPDATE_SECURITY_PROFILES ||
                                plan->steps[0] == STEP_UPDATE_ROUTING_PROFILE;

        if (changes_profiles && !ask->has_passed_changes && !is_parked(ask))
            plan->gate = GATE_CHANGES;
        return;
    }
    if (ask->old_agent_id.n > 0) {
        plan->is_on_old = true;
        delete_agent(plan, ask, a);
        return;
    }
    if (!span_eq(ask->wanted->user_name, ask->actual.agent.user_name))
        plan->reason = arena_printf(a,
                                    "Okta now says '%.*s'; the agent keeps its user name "
                                    "([Connect] ON_RENAME = keep), so signing in by SAML fails",
                                    SPAN_ARG(ask->wanted->user_name));
}

void plan_bound(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (ask->actual.is_deleted) {
        plan_add(plan, STEP_DELETE_QUICK_CONNECTS);
        plan->state = ask->wanted == NULL ? PERSON_REMOVED : PERSON_DUE;
        plan->priority = PRIORITY_REMOVAL;
        return;
    }
    if (ask->wanted == NULL) {
        plan_left(plan, ask, a);
        return;
    }
    if (ask->is_suspended) {
        if (ask->parked != NULL)
            park(plan, ask, REASON_SUSPENDED, arena_dup(a, SPAN("suspended in Okta; parked")));
        else
            plan_end(plan, PERSON_IN_STEP, REASON_SUSPENDED,
                     arena_dup(a, SPAN("suspended in Okta; the agent is kept")));
        return;
    }
    if (!span_eq(ask->wanted->user_name, ask->actual.agent.user_name) && plan_rename(plan, ask, a))
        return;
    if (ask->actual.seen == NULL)
        describe_first(plan);
    else
        plan_changes(plan, ask, a);
}
