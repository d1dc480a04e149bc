#include "plan_sim.h"

#include <string.h>

int64_t sim_channel(const struct phone *phone, const int64_t values[static CHANNELS], size_t i)
{
    return values[phone->is_per_channel ? i : 0];
}

/* ---- what the service does ---- */

static struct sim_agent *agent_of_name(struct sim *s, struct span user_name)
{
    for (size_t i = 0; i < s->n_agents; i++)
        if (s->agents[i].exists && span_eq(s->agents[i].user_name, user_name))
            return &s->agents[i];
    return NULL;
}

static void update_phone(struct sim_agent *agent, const struct phone *to, bool is_by_channel)
{
    struct phone *phone = &agent->has.phone;
    int64_t accepts[CHANNELS], works[CHANNELS];

    for (size_t i = 0; i < CHANNELS; i++) {
        int64_t accept = to->auto_accept[is_by_channel ? i : 0];
        int64_t work = to->after_contact_work_s[is_by_channel ? i : 0];

        accepts[i] = accept != CHANNEL_UNSET ? accept : sim_channel(phone, phone->auto_accept, i);
        works[i] =
            work != CHANNEL_UNSET ? work : sim_channel(phone, phone->after_contact_work_s, i);
    }
    memcpy(phone->auto_accept, accepts, sizeof(accepts));
    memcpy(phone->after_contact_work_s, works, sizeof(works));
    phone->is_per_channel = true;
    phone->has_desk_phone = to->has_desk_phone;
    if (to->desk_number.n > 0)
        phone->desk_number = to->desk_number;
    if (to->persistent_connection != CHANNEL_UNSET)
        phone->persistent_connection = to->persistent_connection;
}

/* TagResource merges, UntagResource takes away by key. */
static void change_tags(struct sim *s, struct sim_agent *agent, const struct tag *put, size_t n_put,
                        const struct span *keys, size_t n_keys)
{
    struct tag *tags = arena_new(&s->arena, agent->has.n_tags + n_put, sizeof(*tags));
    size_t n = 0;

    for (size_t i = 0; i < agent->has.n_tags; i++) {
        bool goes = false;

        for (size_t k = 0; k < n_put; k++)
            goes |= span_eq(put[k].key, agent->has.tags[i].key);
        for (size_t k = 0; k < n_keys; k++)
            goes |= span_eq(keys[k], agent->has.tags[i].key);
        if (!goes)
            tags[n++] = agent->has.tags[i];
    }
    for (size_t k = 0; k < n_put; k++)
        tags[n++] = put[k];
    agent->has.tags = tags;
    agent->has.n_tags = n;
}

static void change_proficiencies(struct sim *s, struct sim_agent *agent, enum step_op op,
                                 const struct proficiency *list, size_t n_list)
{
    struct entitlement *has = &agent->has;
    struct proficiency *all = arena_new(&s->arena, has->n_proficiencies + n_list, sizeof(*all));
    size_t n = 0, n_met = 0;

    for (size_t i = 0; i < has->n_proficiencies; i++) {
        const struct proficiency *met = NULL;

        for (size_t k = 0; k < n_list; k++)
            if (span_eq(list[k].attribute, has->proficiencies[i].attribute) &&
                span_eq(list[k].value, has->proficiencies[i].value))
                met = &list[k];
        n_met += met != NULL;
        if (met == NULL)
            all[n++] = has->proficiencies[i];
        else if (op != STEP_DISASSOCIATE_PROFICIENCIES)
            all[n++] = *met;
    }
    if (op == STEP_ASSOCIATE_PROFICIENCIES) {
        for (size_t k = 0; k < n_list; k++)
            all[n++] = list[k];
        if (n_met > 0)
            s->fault = "associates what is there";
    } else if (n_met != n_list) {
        s->fault = "changes what is not there";
    }
    if (n_list == 0)
        s->fault = "an empty list";
    if (n > ENTITLEMENT_PROFICIENCIES)
        s->fault = "too many proficiencies";
    has->proficiencies = all;
    has->n_proficiencies = n;
}

static void change_lists(struct sim *s, struct sim_agent *agent, const struct plan *plan,
                         enum step_op op)
{
    const struct proficiency *list;
    const struct tag *tags = NULL;
    const struct span *keys = NULL;
    size_t n_tags = 0, n_keys = 0, n;

    if (op == STEP_TAG_USER)
        n_tags = step_tags(&plan->target, s->applied, &s->arena, &tags);
    else if (op == STEP_UNTAG_USER)
        n_keys = step_untags(&plan->target, s->applied, &s->arena, &keys);
    if (op == STEP_TAG_USER || op == STEP_UNTAG_USER) {
        if (n_tags + n_keys == 0)
            s->fault = "no tags";
        change_tags(s, agent, tags, n_tags, keys, n_keys);
        return;
    }
    n = step_proficiencies(op, &plan->target, s->applied, &s->arena, &list);
    change_proficiencies(s, agent, op, list, n);
}

static void update(struct sim *s, struct sim_agent *agent, const struct plan *plan, enum step_op op)
{
    static const struct entitlement nothing;
    struct entitlement *applied = arena_new(&s->arena, 1, sizeof(*applied));
    const struct entitlement *seen = s->applied == NULL ? &nothing : s->applied;

    switch (op) {
    case STEP_UPDATE_IDENTITY:
        entitlement_take_aspect(&agent->has, &plan->target, ASPECT_IDENTITY);
        break;
    case STEP_UPDATE_SECURITY_PROFILES:
        if (plan->target.n_security_profile_ids == 0)
            s->fault = "no security profile";
        entitlement_take_aspect(&agent->has, &plan->target, ASPECT_SECURITY_PROFILES);
        break;
    case STEP_UPDATE_ROUTING_PROFILE:
        entitlement_take_aspect(&agent->has, &plan->target, ASPECT_ROUTING_PROFILE);
        break;
    case STEP_UPDATE_HIERARCHY:
        entitlement_take_aspect(&agent->has, &plan->target, ASPECT_HIERARCHY);
        break;
    case STEP_UPDATE_PHONE:
    case STEP_UPDATE_CONFIG:
        update_phone(agent, &plan->target.phone, op == STEP_UPDATE_CONFIG);
        break;
    default:
        change_lists(s, agent, plan, op);
        break;
    }
    *applied = step_applied(op, &plan->target, seen, &s->arena);
    s->applied = applied;
}

/* ---- the steps, and what the ledger keeps of them ---- */

static void bind(struct sim *s, struct sim_agent *agent)
{
    if (s->bound != NULL && s->bound != agent) {
        if (s->old != NULL)
            s->fault = "a third agent";
        s->old = s->bound;
    }
    s->bound = agent;
    s->is_making = false;
    s->applied = NULL;
}

static void create(struct sim *s, const struct plan *plan)
{
    struct sim_agent *agent = &s->agents[s->n_agents];
    struct entitlement *applied = arena_new(&s->arena, 1, sizeof(*applied));

    if (agent_of_name(s, plan->target.user_name) != NULL) {
        s->is_making = true; /* 409 */
        return;
    }
    if (s->n_agents == SIM_AGENTS) {
        s->fault = "too many agents are made";
        return;
    }
    s->n_agents++;
    *applied = step_applied(STEP_CREATE_USER, &plan->target, NULL, &s->arena);
    *agent = (struct sim_agent){.exists = true,
                                .id = span_of(arena_printf(&s->arena, "made-%zu", s->n_agents)),
                                .user_name = plan->target.user_name,
                                .has = *applied,
                                .n_quick_connects = 1};
    bind(s, agent);
    s->applied = applied;
}

static void delete_agent(struct sim *s, struct sim_agent *agent)
{
    if (agent == NULL || !agent->exists) {
        s->fault = "deletes what is not there";
        return;
    }
    if (agent->is_on_contact)
        s->fault = "deletes somebody who is on a contact";
    agent->exists = false;
    s->is_deleted = true;
}

static void delete_quick_connects(struct sim *s, const struct plan *plan)
{
    struct sim_agent *agent = plan->is_on_old ? s->old : s->bound;

    if (agent == NULL || agent->exists) {
        s->fault = "quick connects of an agent that is there";
        return;
    }
    agent->n_quick_connects = 0;
    s->is_deleted = s->is_contact_free = false;
    if (plan->is_on_old) {
        s->old = NULL;
        s->old_parked = 0;
        s->removal = REMOVAL_NONE;
        return;
    }
    s->bound = NULL;
    s->applied = NULL;
}

static void find(struct sim *s, const struct plan_ask *ask)
{
    /* By the name that was sent: that of the person, who is called so still. */
    s->found = agent_of_name(s, ask->wanted != NULL ? ask->wanted->user_name : SPAN("jane"));
    if (s->found == NULL || s->found == s->bound)
        s->is_making = false;
    if (s->found == s->bound)
        s->found = NULL;
}

static void look_for_contacts(struct sim *s, const struct plan *plan)
{
    struct sim_agent *agent = plan->is_on_old ? s->old : s->bound;

    s->is_contact_free = !agent->is_on_contact;
    if (!agent->is_on_contact)
        return;
    /* Every other contact ends in time. */
    if (s->n_of[STEP_LOOK_FOR_CONTACTS] % 2 == 0)
        agent->is_on_contact = false;
    else
        s->waits_over = true;
}

static void park_old(struct sim *s, const struct plan *plan, enum step_op op)
{
    enum aspect aspect = step_aspect(op);

    if (op != STEP_UPDATE_SECURITY_PROFILES && op != STEP_UPDATE_ROUTING_PROFILE)
        s->fault = "the former agent is changed otherwise than by parking it";
    if ((s->old_parked & 1U << aspect) != 0)
        s->fault = "the former agent is parked once more";
    entitlement_take_aspect(&s->old->has, &plan->target, aspect);
    s->old_parked |= 1U << aspect;
}

void sim_step(struct sim *s, const struct plan_ask *ask, const struct plan *plan)
{
    enum step_op op = plan->steps[0];

    s->n_gates[plan->gate]++;
    if (plan->gate == GATE_REMOVALS)
        s->removal = REMOVAL_PASSED;
    else if (plan->gate == GATE_CHANGES)
        s->passed_changes = true;
    if (plan->gate != GATE_NONE)
        return;
    s->n_calls++;
    s->n_of[op]++;
    switch (op) {
    case STEP_CREATE_USER:
        create(s, plan);
        break;
    case STEP_FIND_USER:
        find(s, ask);
        break;
    case STEP_DESCRIBE_USER: {
        struct entitlement *seen = arena_new(&s->arena, 1, sizeof(*seen));

        *seen = step_seen(&s->bound->has, ask->wanted, NULL, &s->arena);
        s->applied = seen;
        break;
    }
    case STEP_LOOK_FOR_CONTACTS:
        look_for_contacts(s, plan);
        break;
    case STEP_DELETE_USER:
        delete_agent(s, plan->is_on_old ? s->old : s->bound);
        break;
    case STEP_DELETE_QUICK_CONNECTS:
        delete_quick_connects(s, plan);
        break;
    case STEP_TAG_USER:
        if (s->found != NULL) { /* it is adopted */
            change_tags(s, s->found, ask->wanted->tags, ask->wanted->n_tags, NULL, 0);
            break;
        }
        update(s, s->bound, plan, op);
        break;
    default:
        if (plan->is_on_old)
            park_old(s, plan, op);
        else
            update(s, s->bound, plan, op);
        break;
    }
}

struct plan sim_plan(struct sim *s, struct plan_ask *ask)
{
    ask->removal = s->removal;
    ask->has_passed_changes = s->passed_changes;
    ask->waits_for_contact_over = s->waits_over;
    ask->is_contact_free = s->is_contact_free;
    ask->old_agent_id = s->old == NULL ? SPAN("") : s->old->id;
    ask->old_agent_parked = s->old_parked;
    ask->actual = (struct actual){.kind = s->is_making ? ACTUAL_UNKNOWN : ACTUAL_ABSENT};
    if (s->found != NULL) {
        ask->actual = (struct actual){.kind = ACTUAL_FOUND,
                                      .agent = {.id = s->found->id,
                                                .arn = s->found->id,
                                                .user_name = s->found->user_name,
                                                .tags = s->found->has.tags,
                                                .n_tags = s->found->has.n_tags}};
    } else if (s->bound != NULL) {
        ask->actual = (struct actual){
            .kind = ACTUAL_BOUND,
            .agent = {.id = s->bound->id, .arn = s->bound->id, .user_name = s->bound->user_name},
            .seen = s->applied,
            .is_deleted = s->is_deleted,
            .is_making = s->is_making};
    }
    return plan_make(ask, &s->arena);
}

struct plan sim_run(struct sim *s, struct plan_ask *ask)
{
    struct plan plan;

    for (unsigned round = 0; round < SIM_CALLS; round++) {
        plan = sim_plan(s, ask);
        if (s->found != NULL && plan.binds && plan.n == 0) {
            bind(s, s->found);
            s->found = NULL;
            continue;
        }
        if (plan.n == 0)
            return plan;
        sim_step(s, ask, &plan);
        if (s->found != NULL && plan.steps[0] == STEP_TAG_USER) {
            bind(s, s->found);
            s->found = NULL;
        }
    }
    s->fault = "it does not end";
    return plan;
}
