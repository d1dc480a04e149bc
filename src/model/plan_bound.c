/* The plan for a person who has an agent. */
#include "model/plan_private.h"
#include "model/step.h"

/* ---- what the rules say nothing of stays as it was seen ---- */

static int64_t value_of(const struct phone *phone, const int64_t values[static CHANNELS], size_t i)
{
    return values[phone->is_per_channel ? i : 0];
}

static void merge(const struct phone *wanted, const int64_t wants[static CHANNELS],
                  const struct phone *seen, const int64_t has[static CHANNELS],
                  int64_t out[static CHANNELS])
{
    for (size_t i = 0; i < CHANNELS; i++) {
        int64_t value = value_of(wanted, wants, i);

        out[i] = value != CHANNEL_UNSET ? value : value_of(seen, has, i);
    }
}

static bool is_uniform(const int64_t values[static CHANNELS])
{
    for (size_t i = 1; i < CHANNELS; i++)
        if (values[i] != values[0])
            return false;
    return true;
}

static bool is_as_seen(const int64_t values[static CHANNELS], const struct phone *seen,
                       const int64_t has[static CHANNELS])
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (values[i] != value_of(seen, has, i))
            return false;
    return true;
}

/* The form by channel is taken when it is asked for, and when the other one would flatten what is
 * there by channel. Where the values are the same already, the form is no difference. */
static struct phone phone_target(const struct phone *wanted, const struct phone *seen)
{
    struct phone t = *wanted;

    t.persistent_connection = seen->persistent_connection;
    if (!t.has_desk_phone || t.desk_number.n == 0)
        t.desk_number = seen->desk_number;
    merge(wanted, wanted->auto_accept, seen, seen->auto_accept, t.auto_accept);
    merge(wanted, wanted->after_contact_work_s, seen, seen->after_contact_work_s,
          t.after_contact_work_s);
    t.is_per_channel =
        wanted->is_per_channel || !is_uniform(t.auto_accept) || !is_uniform(t.after_contact_work_s);
    if (is_as_seen(t.auto_accept, seen, seen->auto_accept) &&
        is_as_seen(t.after_contact_work_s, seen, seen->after_contact_work_s))
        t.is_per_channel = seen->is_per_channel;
    for (size_t i = 1; i < CHANNELS && !t.is_per_channel; i++)
        t.auto_accept[i] = t.after_contact_work_s[i] = CHANNEL_UNSET;
    return t;
}

static struct entitlement target_of(const struct plan_ask *ask)
{
    const struct entitlement *seen = ask->actual.seen;
    struct entitlement target = *ask->wanted;

    target.user_name = ask->actual.agent.user_name;
    target.secondary_email = seen->secondary_email;
    target.mobile = seen->mobile;
    if (target.email.n == 0)
        target.email = seen->email;
    if (ask->keeps_names)
        entitlement_take_aspect(&target, seen, ASPECT_IDENTITY);
    target.phone = phone_target(&ask->wanted->phone, &seen->phone);
    return target;
}

static struct entitlement parked_of(const struct plan_ask *ask)
{
    struct entitlement target = *ask->actual.seen;

    entitlement_take_aspect(&target, ask->parked, ASPECT_SECURITY_PROFILES);
    entitlement_take_aspect(&target, ask->parked, ASPECT_ROUTING_PROFILE);
    return target;
}

/* ---- from a difference to steps ---- */

static void add_proficiency_steps(struct plan *plan, const struct entitlement *seen,
                                  struct arena *a)
{
    /* Room is made before it is taken: an agent has at most ten. */
    static const enum step_op ops[] = {STEP_DISASSOCIATE_PROFICIENCIES, STEP_UPDATE_PROFICIENCIES,
                                       STEP_ASSOCIATE_PROFICIENCIES};
    const struct proficiency *list;

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        if (step_proficiencies(ops[i], &plan->target, seen, a, &list) > 0)
            plan_add(plan, ops[i]);
}

static void add_tag_steps(struct plan *plan, const struct entitlement *seen, struct arena *a)
{
    const struct span *keys;
    const struct tag *tags;

    if (step_untags(&plan->target, seen, a, &keys) > 0)
        plan_add(plan, STEP_UNTAG_USER);
    if (step_tags(&plan->target, seen, a, &tags) > 0)
        plan_add(plan, STEP_TAG_USER);
}

static void add_steps(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    const struct entitlement *seen = ask->actual.seen;
    unsigned diff = entitlement_diff(&plan->target, seen) | ask->in_doubt;

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
        add_proficiency_steps(plan, seen, a);
    if (diff & 1U << ASPECT_TAGS)
        add_tag_steps(plan, seen, a);
}

/* ---- gates ---- */

static void gate_removal(struct plan *plan, const struct plan_ask *ask)
{
    plan->priority = PRIORITY_REMOVAL;
    if (plan->n > 0 && ask->removal != REMOVAL_PASSED)
        plan->gate = GATE_REMOVALS;
}

static bool changes_from_unparked(const struct plan *plan, const struct plan_ask *ask,
                                  enum aspect aspect)
{
    const struct entitlement *seen = ask->actual.seen;

    return !entitlement_aspect_eq(&plan->target, seen, aspect) &&
           (ask->parked == NULL || !entitlement_aspect_eq(ask->parked, seen, aspect));
}

/* Leaving the parking place is no change of the kind that is bounded, also when half of it is done
 * already. Profiles come first among the steps, so nothing else waits before this gate. */
static void gate_change(struct plan *plan, const struct plan_ask *ask)
{
    if (!ask->has_passed_changes && (changes_from_unparked(plan, ask, ASPECT_SECURITY_PROFILES) ||
                                     changes_from_unparked(plan, ask, ASPECT_ROUTING_PROFILE)))
        plan->gate = GATE_CHANGES;
}

/* ---- taking away ---- */

static void look_first(struct plan *plan, enum step_op op)
{
    plan_add(plan, op);
    plan->state = PERSON_DUE;
}

/* A person has said no, or has still to be asked: nothing is taken away. */
static bool is_stopped(struct plan *plan, const struct plan_ask *ask, const char *what,
                       struct arena *a)
{
    if (ask->removal == REMOVAL_REJECTED)
        plan_end(plan, PERSON_IN_STEP, REASON_REJECTED,
                 arena_printf(a,
                              "%s; taking the agent away was rejected, so it is kept until Okta "
                              "says something new",
                              what));
    else if (ask->removal == REMOVAL_HELD)
        plan_end(plan, PERSON_HELD, REASON_REMOVALS,
                 arena_printf(a,
                              "%s; taking the agent away is held. Look at it with `roster "
                              "held`, then say `roster release` or `roster reject`",
                              what));
    else
        return false;
    return true;
}

static void park(struct plan *plan, const struct plan_ask *ask, const char *code, char *reason,
                 struct arena *a)
{
    plan->priority = PRIORITY_REMOVAL;
    if (ask->actual.seen == NULL) {
        look_first(plan, STEP_DESCRIBE_USER);
        return;
    }
    plan->target = parked_of(ask);
    add_steps(plan, ask, a);
    plan_end(plan, PERSON_PARKED, code, reason);
    gate_removal(plan, ask);
}

/* Of the former agent nothing else is known, nor needed: it is still to be deleted. */
static void park_old(struct plan *plan, const struct plan_ask *ask)
{
    plan->target = *ask->parked;
    if ((ask->old_agent_parked & 1U << ASPECT_SECURITY_PROFILES) == 0)
        plan_add(plan, STEP_UPDATE_SECURITY_PROFILES);
    if ((ask->old_agent_parked & 1U << ASPECT_ROUTING_PROFILE) == 0)
        plan_add(plan, STEP_UPDATE_ROUTING_PROFILE);
}

static void delete_agent(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    plan->priority = PRIORITY_REMOVAL;
    /* What it has is kept for undo. */
    if (ask->actual.seen == NULL && !plan->is_on_old) {
        look_first(plan, STEP_DESCRIBE_USER);
        return;
    }
    if (ask->waits_for_contact_over && ask->parked != NULL && !plan->is_on_old) {
        park(plan, ask, REASON_ON_CONTACT,
             arena_dup(a, SPAN("left scope and was on a contact for longer than [Connect] "
                               "MAX_WAIT; parked instead of deleted")),
             a);
        return;
    }
    if (ask->waits_for_contact_over && ask->parked != NULL && !ask->is_contact_free)
        park_old(plan, ask);
    if (!ask->is_contact_free)
        plan_add(plan, STEP_LOOK_FOR_CONTACTS);
    plan_add(plan, STEP_DELETE_USER);
    plan_add(plan, STEP_DELETE_QUICK_CONNECTS);
    plan->state = plan->is_on_old ? PERSON_DUE : PERSON_REMOVED;
    gate_removal(plan, ask);
}

static void delete_old(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (is_stopped(plan, ask, "the user name has changed, and the former agent is still there", a))
        return;
    plan->is_on_old = true;
    delete_agent(plan, ask, a);
}

static void plan_left(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (ask->on_remove == REMOVE_KEEP) {
        plan_end(plan, PERSON_IN_STEP, REASON_LEFT,
                 arena_dup(a, SPAN("no longer in scope; the agent is kept ([Connect] ON_REMOVE)")));
    } else if (is_stopped(plan, ask, "no longer in scope", a)) {
        return;
    } else if (ask->old_agent_id.n > 0) {
        delete_old(plan, ask, a);
    } else if (ask->on_remove == REMOVE_DELETE) {
        delete_agent(plan, ask, a);
    } else if (ask->parked != NULL) {
        park(plan, ask, REASON_LEFT, arena_dup(a, SPAN("no longer in scope; parked")), a);
    } else {
        plan_end(
            plan, PERSON_HELD, REASON_LEFT,
            arena_dup(a, SPAN("no longer in scope, and there is nothing to park it on; set "
                              "[Connect] PARKED_SECURITY_PROFILE and PARKED_ROUTING_PROFILE")));
    }
}

/* Nobody who is suspended loses their agent; but a rename that was begun is ended, or its former
 * agent would keep its rights. */
static void plan_suspended(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (ask->parked == NULL)
        plan_end(plan, PERSON_IN_STEP, REASON_SUSPENDED,
                 arena_dup(a, SPAN("suspended in Okta; the agent is kept")));
    else if (is_stopped(plan, ask, "suspended in Okta", a))
        return;
    else
        park(plan, ask, REASON_SUSPENDED, arena_dup(a, SPAN("suspended in Okta; parked")), a);
    if (ask->old_agent_id.n == 0)
        return;
    plan_end(plan, PERSON_DUE, "", arena_dup(a, SPAN("")));
    if (plan->n == 0)
        delete_old(plan, ask, a);
}

/* ---- in scope ---- */

static bool is_renamed(const struct plan_ask *ask)
{
    return !span_eq(ask->wanted->user_name, ask->actual.agent.user_name);
}

/* How the new agent comes to be: it is made before the old one goes, and one at a time. */
static bool makes_new_agent(const struct plan_ask *ask)
{
    return is_renamed(ask) && ask->on_rename == RENAME_REPLACE && ask->old_agent_id.n == 0 &&
           ask->claimed_by.n == 0;
}

/* All else is as it should be. */
static void end_renamed(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    struct span has = ask->actual.agent.user_name, wants = ask->wanted->user_name;

    if (ask->on_rename == RENAME_KEEP)
        plan->reason = arena_printf(a,
                                    "Okta now says '%.*s'; the agent keeps its user name "
                                    "([Connect] ON_RENAME = keep), so signing in by SAML fails",
                                    SPAN_ARG(wants));
    else if (ask->on_rename == RENAME_HOLD)
        plan_end(plan, PERSON_HELD, REASON_NAME_DIFFERS,
                 arena_printf(a,
                              "the agent's user name is '%.*s', Okta now says '%.*s'; Amazon "
                              "Connect cannot rename an agent. Put the old name back in Okta, "
                              "delete the agent in Amazon Connect and say 'roster retry', or set "
                              "[Connect] ON_RENAME",
                              SPAN_ARG(has), SPAN_ARG(wants)));
    else
        plan_hold_claim(plan, ask, a);
}

static void plan_in_scope(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    if (makes_new_agent(ask)) {
        plan->target = *ask->wanted;
        plan->priority = PRIORITY_NEW;
        plan->state = PERSON_DUE;
        plan_add(plan, STEP_CREATE_USER);
        if (ask->wanted->n_proficiencies > 0)
            plan_add(plan, STEP_ASSOCIATE_PROFICIENCIES);
        return;
    }
    if (ask->actual.seen == NULL) {
        look_first(plan, STEP_DESCRIBE_USER);
        return;
    }
    plan->target = target_of(ask);
    add_steps(plan, ask, a);
    if (plan->n > 0) {
        gate_change(plan, ask);
        if (ask->old_agent_id.n > 0 || is_renamed(ask))
            plan->state = PERSON_DUE;
    } else if (ask->old_agent_id.n > 0) {
        delete_old(plan, ask, a);
    } else if (is_renamed(ask)) {
        end_renamed(plan, ask, a);
    } else if (ask->claimed_by.n > 0) {
        plan_hold_claim(plan, ask, a);
    }
}

/* ---- all of it ---- */

/* What was seen of a bound agent tells whose it is by now: somebody may have changed its tags. */
static bool is_somebody_elses(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    const struct entitlement *seen = ask->actual.seen;
    struct agent agent = ask->actual.agent;
    enum owner owner;

    if (seen == NULL)
        return false;
    agent.tags = seen->tags;
    agent.n_tags = seen->n_tags;
    owner = plan_owner(&agent, ask->managed_by, ask->okta_id);
    if (owner == OWNER_OURS)
        return false;
    if (ask->wanted != NULL && ask->may_adopt &&
        (owner == OWNER_NOBODY || owner == OWNER_IMPORTED)) {
        plan->target = target_of(ask);
        plan->state = PERSON_DUE;
        plan_add(plan, STEP_TAG_USER);
        return true;
    }
    plan_hold_for_owner(plan, ask, &agent, owner, a);
    return true;
}

void plan_bound(struct plan *plan, const struct plan_ask *ask, struct arena *a)
{
    bool is_kept = ask->wanted == NULL && ask->on_remove == REMOVE_KEEP;

    if (ask->actual.is_making) {
        look_first(plan, STEP_FIND_USER);
        plan->priority = ask->wanted == NULL ? PRIORITY_REMOVAL : PRIORITY_NEW;
    } else if (ask->actual.is_deleted) {
        look_first(plan, STEP_DELETE_QUICK_CONNECTS);
        plan->is_on_old = ask->old_agent_id.n > 0;
        if (ask->wanted == NULL && !plan->is_on_old)
            plan->state = PERSON_REMOVED;
        plan->priority = PRIORITY_REMOVAL;
    } else if (!is_kept && is_somebody_elses(plan, ask, a)) {
        return;
    } else if (ask->wanted == NULL) {
        plan_left(plan, ask, a);
    } else if (ask->is_suspended) {
        plan_suspended(plan, ask, a);
    } else {
        plan_in_scope(plan, ask, a);
    }
}
