/* Plans by property: carried out in a small Amazon Connect (plan_sim.h), they end where the rules
 * want it, with no step more than the difference needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plan_world.h"

static unsigned long long at; /* the seed of the round */

#define check(condition, text)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("ROSTER_SEED=%llu: %s", at, text);                                            \
    } while (0)

/* The agent is as wanted, and what was none of ours is as it was. */
static void check_result(const struct entitlement *wanted, const struct entitlement *has,
                         bool had_foreign)
{
    static const struct tag foreign_tag = {{"x-foreign", 9}, {"stays", 5}};
    static const struct proficiency foreign = {{"x", 1}, {"foreign", 7}, 5};

    check(world_same_profiles(wanted, has), "security profiles");
    check(span_eq(wanted->routing_profile_id, has->routing_profile_id), "routing profile");
    check(wanted->hierarchy_group_id.n == 0 ||
              span_eq(wanted->hierarchy_group_id, has->hierarchy_group_id),
          "hierarchy");
    check(span_eq(wanted->first_name, has->first_name) &&
              span_eq(wanted->last_name, has->last_name) &&
              (wanted->email.n == 0 || span_eq(wanted->email, has->email)),
          "identity");
    check(!world_phone_differs(&wanted->phone, &has->phone), "phone");
    for (size_t i = 0; i < wanted->n_tags; i++)
        check(world_has_tag(has, &wanted->tags[i], true), "tags");
    for (size_t i = 0; i < wanted->n_proficiencies; i++) {
        const struct proficiency *p = &wanted->proficiencies[i], *q = world_has_proficiency(has, p);

        check(q != NULL && q->level >= p->level && q->level <= p->level, "proficiencies");
    }
    check(!had_foreign ||
              (world_has_tag(has, &foreign_tag, true) && world_has_proficiency(has, &foreign)),
          "what is somebody else's was taken");
    check(!had_foreign || span_eq(has->secondary_email, SPAN("second@acme.com")),
          "the second address was lost");
}

/* Nothing is left to do, and it stays so. */
static void check_rest(struct sim *s, struct plan_ask *ask, const struct plan *plan)
{
    struct plan again = sim_plan(s, ask);

    check(s->fault == NULL, s->fault == NULL ? "" : s->fault);
    check(plan->n == 0 && again.n == 0 && again.state == plan->state &&
              strcmp(again.reason_code, plan->reason_code) == 0,
          "it is not at rest");
    check(plan->state != PERSON_DUE, "due, and nothing to do");
    check(plan->state != PERSON_HELD || plan->reason[0] != '\0', "held without a reason");
}

static struct plan_ask asking(const struct entitlement *wanted)
{
    return (struct plan_ask){.wanted = wanted,
                             .parked = world_one_in(4) ? NULL : &world_parked,
                             .managed_by = SPAN(US),
                             .okta_id = SPAN(JANE),
                             .on_remove = (enum on_remove)world_any_of(3),
                             .on_rename = (enum on_rename)world_any_of(3)};
}

/* ---- new people ---- */

static void a_new_person_costs_one_call(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct sim s = {0};
        struct entitlement wanted;
        struct plan_ask ask;
        struct plan plan;

        at = world_seed;
        wanted = world_wanted(&s.arena, "jane");
        ask = asking(&wanted);
        plan = sim_run(&s, &ask);
        check_rest(&s, &ask, &plan);
        check(plan.state == PERSON_IN_STEP && s.bound != NULL, "no agent");
        check(s.n_calls == 1U + (wanted.n_proficiencies > 0), "too many calls");
        check(s.n_gates[GATE_CHANGES] + s.n_gates[GATE_REMOVALS] == 0, "a gate");
        check_result(&wanted, &s.bound->has, false);
        arena_done(&s.arena);
    }
}

/* ---- changes ---- */

static bool is_profile_change(const struct entitlement *wanted, const struct entitlement *had,
                              bool can_park)
{
    bool security =
        !world_same_profiles(wanted, had) && !(can_park && world_same_profiles(had, &world_parked));
    bool routing = !span_eq(wanted->routing_profile_id, had->routing_profile_id) &&
                   !(can_park && span_eq(had->routing_profile_id, world_parked.routing_profile_id));

    return security || routing;
}

static void changes_cost_a_call_each(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct sim s = {0};
        struct entitlement wanted, had;
        struct plan_ask ask;
        struct plan plan;
        bool is_described;
        unsigned needed;

        at = world_seed;
        s.bound = world_agent(&s, "jane");
        wanted = world_one_in(5) ? *s.applied : world_wanted(&s.arena, "jane");
        ask = asking(&wanted);
        is_described = world_one_in(4);
        had = is_described ? step_seen(&s.bound->has, &wanted, NULL, &s.arena) : *s.applied;
        needed = world_calls_needed(&wanted, &had);
        if (is_described)
            s.applied = NULL;
        plan = sim_run(&s, &ask);
        check_rest(&s, &ask, &plan);
        check(plan.state == PERSON_IN_STEP && plan.reason[0] == '\0', "not in step");
        check(s.n_calls == needed + is_described, "calls");
        check((s.n_gates[GATE_CHANGES] == 1) ==
                  is_profile_change(&wanted, &had, ask.parked != NULL),
              "the gate of changes");
        check(s.n_gates[GATE_REMOVALS] == 0, "the gate of removals");
        check_result(&wanted, &s.bound->has, true);
        check(s.n_of[STEP_DELETE_USER] + s.n_of[STEP_CREATE_USER] == 0, "made or deleted");
        arena_done(&s.arena);
    }
}

/* The steps of one plan, one after the other without planning anew, come to the same. */
static void a_plan_can_be_carried_out_whole(void **state)
{
    (void)state;
    for (int round = 0; round < 10000; round++) {
        struct sim s = {0};
        struct entitlement wanted;
        struct plan_ask ask;
        struct plan plan, again;

        at = world_seed;
        s.bound = world_agent(&s, "jane");
        wanted = world_wanted(&s.arena, "jane");
        ask = asking(&wanted);
        s.passed_changes = true;
        plan = sim_plan(&s, &ask);
        for (size_t i = 0; i < plan.n; i++) {
            struct plan one = plan;

            one.steps[0] = plan.steps[i];
            one.gate = GATE_NONE;
            sim_step(&s, &ask, &one);
        }
        check(entitlement_diff(&plan.target, s.applied) == 0, "the target is not reached");
        again = sim_plan(&s, &ask);
        check(s.fault == NULL && again.n == 0, "a step is left");
        check_result(&wanted, &s.bound->has, true);
        arena_done(&s.arena);
    }
}

static void a_directory_keeps_its_names(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct sim s = {0};
        struct entitlement wanted, before;
        struct plan_ask ask;
        struct plan plan;

        at = world_seed;
        s.bound = world_agent(&s, "jane");
        before = s.bound->has;
        wanted = world_wanted(&s.arena, "jane");
        ask = asking(&wanted);
        ask.keeps_names = true;
        plan = sim_run(&s, &ask);
        check_rest(&s, &ask, &plan);
        check(s.n_of[STEP_UPDATE_IDENTITY] == 0, "names were updated");
        check(entitlement_aspect_eq(&before, &s.bound->has, ASPECT_IDENTITY), "names changed");
        arena_done(&s.arena);
    }
}

/* ---- leaving ---- */

static void check_parked(const struct sim_agent *agent, const struct entitlement *before)
{
    check(world_same_profiles(&world_parked, &agent->has) &&
              span_eq(world_parked.routing_profile_id, agent->has.routing_profile_id),
          "not parked");
    for (int i = 0; i < ASPECTS; i++)
        if (i != ASPECT_SECURITY_PROFILES && i != ASPECT_ROUTING_PROFILE)
            check(entitlement_aspect_eq(before, &agent->has, (enum aspect)i), "more than parked");
}

static void leavers_go_as_they_should(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct sim s = {0};
        struct plan_ask ask;
        struct entitlement before, wanted;
        struct plan plan;
        bool is_suspended = world_one_in(3), was_parked;
        unsigned n_writes;

        at = world_seed;
        s.bound = world_agent(&s, "jane");
        before = s.bound->has;
        was_parked = world_same_profiles(&before, &world_parked) &&
                     span_eq(before.routing_profile_id, world_parked.routing_profile_id);
        if (world_one_in(3))
            s.applied = NULL;
        wanted = world_wanted(&s.arena, "jane");
        ask = asking(is_suspended ? &wanted : NULL);
        ask.is_suspended = is_suspended;
        plan = sim_run(&s, &ask);
        check_rest(&s, &ask, &plan);
        n_writes = s.n_calls - s.n_of[STEP_DESCRIBE_USER] - s.n_of[STEP_LOOK_FOR_CONTACTS] -
                   s.n_of[STEP_DELETE_QUICK_CONNECTS];
        check(s.n_gates[GATE_CHANGES] == 0, "the gate of changes");
        if (is_suspended || ask.on_remove != REMOVE_DELETE)
            check(s.n_of[STEP_DELETE_USER] == 0 && s.bound != NULL && s.bound->exists, "deleted");
        if (!is_suspended && ask.on_remove == REMOVE_KEEP) {
            check(plan.state == PERSON_IN_STEP && s.n_calls == 0, "touched");
        } else if (!is_suspended && ask.on_remove == REMOVE_DELETE &&
                   plan.state == PERSON_REMOVED) {
            fail_msg("ROSTER_SEED=%llu: an agent that is gone is bound no more", at);
        } else if (plan.state == PERSON_PARKED) {
            check_parked(s.bound, &before);
            check(n_writes <= 2 && (n_writes == 0) == was_parked, "calls for parking");
            check(is_suspended || ask.on_remove == REMOVE_DISABLE || s.waits_over, "parked");
        } else if (s.bound != NULL) {
            check(ask.parked == NULL && n_writes == 0, "neither parked nor deleted");
            check(plan.state == (is_suspended ? PERSON_IN_STEP : PERSON_HELD), "state");
        } else {
            check(ask.on_remove == REMOVE_DELETE && plan.state == PERSON_OUT_OF_SCOPE, "gone");
            check(s.n_of[STEP_DELETE_USER] == 1 && s.n_of[STEP_DELETE_QUICK_CONNECTS] == 1 &&
                      s.n_of[STEP_LOOK_FOR_CONTACTS] >= 1,
                  "calls for deleting");
            check(s.agents[0].n_quick_connects == 0, "quick connects are left");
        }
        /* Whatever takes access away passed its gate, once. */
        check((s.n_gates[GATE_REMOVALS] == 1) == (n_writes > 0 || s.n_of[STEP_LOOK_FOR_CONTACTS]),
              "the gate of removals");
        arena_done(&s.arena);
    }
}

static void decisions_stop_removals(void **state)
{
    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct sim s = {0};
        struct plan_ask ask;
        struct entitlement wanted;
        struct plan plan;
        bool is_suspended = world_one_in(3), is_old = world_one_in(3);

        at = world_seed;
        if (is_old)
            s.old = world_agent(&s, "former");
        s.bound = world_agent(&s, "jane");
        wanted = *s.applied;
        wanted.user_name = SPAN("jane");
        s.removal = world_one_in(2) ? REMOVAL_HELD : REMOVAL_REJECTED;
        ask = asking(is_suspended || is_old ? &wanted : NULL);
        ask.is_suspended = is_suspended;
        plan = sim_run(&s, &ask);
        check_rest(&s, &ask, &plan);
        check(s.n_calls == 0 && s.n_gates[GATE_REMOVALS] == 0, "something was done");
        if (ask.wanted != NULL ? is_old : ask.on_remove != REMOVE_KEEP)
            check(plan.state == (s.removal == REMOVAL_HELD ? PERSON_HELD : PERSON_IN_STEP) &&
                      strcmp(plan.reason_code,
                             s.removal == REMOVAL_HELD ? REASON_REMOVALS : REASON_REJECTED) == 0,
                  "not as decided");
        arena_done(&s.arena);
    }
}

/* ---- everything at once ---- */

static struct sim_agent *any_stranger(struct sim *s, const char *user_name)
{
    static const char *const managers[] = {NULL, US, "elsewhere"};
    static const char *const ids[] = {NULL, "00ujoe"};
    const struct entitlement *applied = s->applied;
    struct sim_agent *agent = world_agent(s, user_name);
    struct tag *tags = arena_new(&s->arena, 3, sizeof(*tags));
    const char *manager = managers[world_any_of(3)], *id = ids[world_any_of(2)];

    agent->has.n_tags = 0;
    tags[agent->has.n_tags++] = (struct tag){SPAN("x-foreign"), SPAN("stays")};
    if (manager != NULL)
        tags[agent->has.n_tags++] = (struct tag){SPAN(TAG_MANAGED_BY), span_of(manager)};
    if (id != NULL)
        tags[agent->has.n_tags++] = (struct tag){SPAN(TAG_OKTA_ID), span_of(id)};
    agent->has.tags = tags;
    s->applied = applied;
    return agent;
}

static bool is_untouched(const struct sim_agent *agent, const struct sim_agent *before)
{
    return agent->exists == before->exists && agent->n_quick_connects == before->n_quick_connects &&
           entitlement_diff(&agent->has, &before->has) == 0;
}

static void strangers_are_never_touched(void **state)
{
    static const char *const names[] = {"jane", "jane2"};

    (void)state;
    for (int round = 0; round < 30000; round++) {
        struct sim s = {0};
        struct plan_ask ask;
        struct entitlement wanted;
        struct sim_agent *stranger = NULL, before = {0};
        enum owner owner = OWNER_OURS;
        struct plan plan;

        at = world_seed;
        if (world_one_in(2)) {
            s.bound = world_agent(&s, "jane");
            if (world_one_in(4))
                s.applied = NULL;
            if (world_one_in(5)) {
                const struct entitlement *applied = s.applied;

                s.old = world_agent(&s, "former");
                s.applied = applied;
            }
        }
        if (world_one_in(2)) {
            struct agent tagged;

            stranger = any_stranger(&s, s.bound == NULL ? names[world_any_of(2)] : "jane2");
            tagged = (struct agent){.tags = stranger->has.tags, .n_tags = stranger->has.n_tags};
            owner = plan_owner(&tagged, SPAN(US), SPAN(JANE));
            before = *stranger;
        }
        s.is_making = s.old == NULL && world_one_in(4); /* one at a time */
        wanted = world_wanted(&s.arena, names[world_any_of(2)]);
        ask = asking(world_one_in(4) ? NULL : &wanted);
        ask.is_suspended = ask.wanted != NULL && world_one_in(5);
        ask.may_adopt = world_one_in(3);
        plan = sim_run(&s, &ask);
        check(s.fault == NULL, s.fault == NULL ? "" : s.fault);
        if (plan.state == PERSON_HELD && strcmp(plan.reason_code, REASON_EXISTS) == 0)
            check(stranger != NULL, "held for nobody");
        else
            check_rest(&s, &ask, &plan);
        if (stranger != NULL && (owner != OWNER_NOBODY || !ask.may_adopt || ask.wanted == NULL))
            check(is_untouched(stranger, &before), "a stranger's agent was touched");
        /* In step means: there is an agent as wanted, of the name that is wanted. */
        if (ask.wanted != NULL && plan.state == PERSON_IN_STEP && plan.reason[0] == '\0') {
            check(s.bound != NULL && s.bound->exists && s.old == NULL, "in step without an agent");
            check(span_eq(s.bound->user_name, wanted.user_name), "in step under another name");
            check_result(&wanted, &s.bound->has, false);
        }
        check(s.n_of[STEP_DELETE_USER] == 0 || s.n_gates[GATE_REMOVALS] > 0, "the gate");
        arena_done(&s.arena);
    }
}

static void renames_follow_the_policy(void **state)
{
    (void)state;
    for (int round = 0; round < 10000; round++) {
        struct sim s = {0};
        struct plan_ask ask;
        struct entitlement wanted;
        struct sim_agent *former;
        struct plan plan;
        bool is_described;

        at = world_seed;
        former = s.bound = world_agent(&s, "jane");
        is_described = world_one_in(4);
        if (is_described)
            s.applied = NULL;
        wanted = world_wanted(&s.arena, "jane2");
        ask = asking(&wanted);
        plan = sim_run(&s, &ask);
        check_rest(&s, &ask, &plan);
        if (ask.on_rename == RENAME_REPLACE) {
            check(plan.state == PERSON_IN_STEP && plan.reason[0] == '\0', "not replaced");
            check(s.bound != former && !former->exists && s.old == NULL, "the former agent");
            check(former->n_quick_connects == 0, "its quick connects");
            check(span_eq(s.bound->user_name, SPAN("jane2")), "the name");
            check(s.n_of[STEP_CREATE_USER] == 1 && s.n_of[STEP_DELETE_USER] == 1, "calls");
            check(s.n_gates[GATE_REMOVALS] == 1 && s.n_gates[GATE_CHANGES] == 0, "gates");
            /* On a contact for too long, the former agent is parked: two calls. */
            check(s.n_calls == 4U + (wanted.n_proficiencies > 0) +
                                   (s.n_of[STEP_LOOK_FOR_CONTACTS] - 1) +
                                   (s.waits_over && ask.parked != NULL ? 2 : 0),
                  "calls");
        } else {
            check(s.bound == former && former->exists && s.n_of[STEP_CREATE_USER] == 0, "replaced");
            check(span_eq(former->user_name, SPAN("jane")), "the name");
            check(plan.reason[0] != '\0', "not told");
            check(plan.state == (ask.on_rename == RENAME_HOLD ? PERSON_HELD : PERSON_IN_STEP),
                  "state");
        }
        /* All else is as it should be, whatever becomes of the name. */
        check_result(&wanted, &s.bound->has, s.bound == former);
        arena_done(&s.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_person_costs_one_call),
        cmocka_unit_test(changes_cost_a_call_each),
        cmocka_unit_test(a_plan_can_be_carried_out_whole),
        cmocka_unit_test(a_directory_keeps_its_names),
        cmocka_unit_test(leavers_go_as_they_should),
        cmocka_unit_test(decisions_stop_removals),
        cmocka_unit_test(strangers_are_never_touched),
        cmocka_unit_test(renames_follow_the_policy),
    };
    const char *given = getenv("ROSTER_SEED");

    world_seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761U + 1;
    printf("# ROSTER_SEED=%llu\n", (unsigned long long)world_seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
