/* All that a plan would lead to, step after step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/course.h"

static const struct span profiles[] = {{"sp1", 3}}, parked_profiles[] = {{"spp", 3}};
static const struct tag tags[] = {{{TAG_MANAGED_BY, sizeof(TAG_MANAGED_BY) - 1}, {"roster", 6}},
                                  {{TAG_OKTA_ID, sizeof(TAG_OKTA_ID) - 1}, {"00ujane", 7}}};
static const struct tag import_tags[] = {
    {{TAG_MANAGED_BY, sizeof(TAG_MANAGED_BY) - 1}, {MANAGED_BY_IMPORT, 6}}};
static const struct proficiency skills[] = {{{"language", 8}, {"en", 2}, 3}};

#define PHONE                                                                                      \
    {                                                                                              \
        .persistent_connection = CHANNEL_UNSET,                                                    \
        .auto_accept = {CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET},               \
        .after_contact_work_s = {                                                                  \
            CHANNEL_UNSET,                                                                         \
            CHANNEL_UNSET,                                                                         \
            CHANNEL_UNSET,                                                                         \
            CHANNEL_UNSET                                                                          \
        }                                                                                          \
    }

static struct entitlement jane(void)
{
    return (struct entitlement){.user_name = SPAN("jane"),
                                .first_name = SPAN("Jane"),
                                .last_name = SPAN("Doe"),
                                .security_profile_ids = profiles,
                                .n_security_profile_ids = 1,
                                .routing_profile_id = SPAN("rp"),
                                .phone = PHONE,
                                .tags = tags,
                                .n_tags = 2};
}

/* What Amazon Connect has: at most one agent besides. */
struct world {
    const struct agent *agent;
    const struct entitlement *has; /* of any agent */
};

static bool find(void *arg, struct span user_name, struct arena *a, struct agent *out)
{
    const struct world *w = arg;

    (void)a;
    if (w->agent == NULL || !span_eq(w->agent->user_name, user_name))
        return false;
    *out = *w->agent;
    return true;
}

static bool look(void *arg, const struct agent *agent, struct arena *a, struct entitlement *out)
{
    const struct world *w = arg;

    (void)agent;
    (void)a;
    if (w->has == NULL)
        return false;
    *out = *w->has;
    return true;
}

static struct plan_ask ask_of(const struct entitlement *wanted)
{
    return (struct plan_ask){.wanted = wanted,
                             .managed_by = SPAN("roster"),
                             .okta_id = SPAN("00ujane"),
                             .on_remove = REMOVE_DELETE,
                             .actual = {.kind = ACTUAL_ABSENT}};
}

static void expect(const struct course *c, const char *operations)
{
    char said[1000] = "";

    for (size_t i = 0; i < c->n; i++)
        (void)snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s%s", i > 0 ? " " : "",
                       step_operation(c->steps[i]));
    assert_string_equal(said, operations);
}

static struct course walk(const struct plan_ask *ask, struct world *w, struct arena *a)
{
    struct course_world world = {find, look, w};
    struct course c;

    course_make(ask, &world, a, &c);
    return c;
}

static void somebody_new_is_made(void **state)
{
    struct entitlement wanted = jane();
    struct plan_ask ask = ask_of(&wanted);
    struct world w = {NULL, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    wanted.proficiencies = skills;
    wanted.n_proficiencies = 1;
    c = walk(&ask, &w, &a);
    expect(&c, "CreateUser AssociateUserProficiencies");
    assert_true(c.makes && !c.takes_over && !c.has_before && c.has_after);
    assert_int_equal(c.after.n_proficiencies, 1);
    assert_int_equal(c.state, PERSON_IN_STEP);
    arena_done(&a);
}

static void somebody_in_step_is_left_alone(void **state)
{
    struct entitlement wanted = jane(), seen = jane();
    struct plan_ask ask = ask_of(&wanted);
    struct world w = {NULL, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    ask.actual = (struct actual){.kind = ACTUAL_BOUND,
                                 .agent = {.id = SPAN("a1"), .user_name = SPAN("jane")},
                                 .seen = &seen};
    c = walk(&ask, &w, &a);
    expect(&c, "");
    assert_int_equal(c.state, PERSON_IN_STEP);
    arena_done(&a);
}

static void every_aspect_that_differs_is_changed_behind_its_bound(void **state)
{
    struct entitlement wanted = jane(), seen = jane();
    struct plan_ask ask = ask_of(&wanted);
    struct world w = {NULL, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    seen.routing_profile_id = SPAN("other");
    seen.last_name = SPAN("Roe");
    ask.actual = (struct actual){.kind = ACTUAL_BOUND,
                                 .agent = {.id = SPAN("a1"), .user_name = SPAN("jane")},
                                 .seen = &seen};
    c = walk(&ask, &w, &a);
    expect(&c, "UpdateUserRoutingProfile UpdateUserIdentityInfo");
    assert_true(c.waits_for_changes && !c.waits_for_removals && c.has_before);
    assert_true(span_eq(c.before.routing_profile_id, SPAN("other")));
    assert_int_equal(entitlement_diff(&c.after, &wanted), 0);
    arena_done(&a);
}

static void an_imported_agent_of_that_name_is_taken_over(void **state)
{
    struct entitlement wanted = jane(), has = jane();
    struct agent agent = {
        .id = SPAN("a9"), .user_name = SPAN("jane"), .tags = import_tags, .n_tags = 1};
    struct plan_ask ask = ask_of(&wanted);
    struct world w = {&agent, &has};
    struct arena a = {0};
    struct course c;

    (void)state;
    has.tags = import_tags;
    has.n_tags = 1;
    has.routing_profile_id = SPAN("other");
    ask.actual.kind = ACTUAL_UNKNOWN;
    c = walk(&ask, &w, &a);
    expect(&c, "SearchUsers TagResource DescribeUser UpdateUserRoutingProfile");
    assert_true(c.takes_over && c.binds && !c.makes);
    assert_true(span_eq(c.agent.id, SPAN("a9")));
    assert_true(span_eq(c.before.routing_profile_id, SPAN("other")));
    assert_int_equal(entitlement_diff(&c.after, &wanted), 0);
    arena_done(&a);
}

static void a_strangers_agent_holds(void **state)
{
    struct entitlement wanted = jane();
    struct agent agent = {.id = SPAN("a9"), .user_name = SPAN("jane")};
    struct plan_ask ask = ask_of(&wanted);
    struct world w = {&agent, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    ask.actual.kind = ACTUAL_UNKNOWN;
    c = walk(&ask, &w, &a);
    expect(&c, "SearchUsers");
    assert_int_equal(c.state, PERSON_HELD);
    assert_string_equal(c.reason_code, REASON_EXISTS);
    arena_done(&a);
}

static void who_has_left_is_deleted_behind_the_bound(void **state)
{
    struct entitlement seen = jane();
    struct plan_ask ask = ask_of(NULL);
    struct world w = {NULL, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    ask.removal = REMOVAL_WAITS;
    ask.actual = (struct actual){.kind = ACTUAL_BOUND,
                                 .agent = {.id = SPAN("a1"), .user_name = SPAN("jane")},
                                 .seen = &seen};
    c = walk(&ask, &w, &a);
    expect(&c, "GetCurrentUserData DeleteUser DeleteQuickConnect");
    assert_true(c.deletes && c.waits_for_removals);
    assert_int_equal(c.state, PERSON_REMOVED);
    assert_true(span_eq(c.before.user_name, SPAN("jane")));
    arena_done(&a);
}

static void who_has_left_is_parked(void **state)
{
    struct entitlement seen = jane(), parked = {.security_profile_ids = parked_profiles,
                                                .n_security_profile_ids = 1,
                                                .routing_profile_id = SPAN("rpp")};
    struct plan_ask ask = ask_of(NULL);
    struct world w = {NULL, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    ask.on_remove = REMOVE_DISABLE;
    ask.parked = &parked;
    ask.actual = (struct actual){.kind = ACTUAL_BOUND,
                                 .agent = {.id = SPAN("a1"), .user_name = SPAN("jane")},
                                 .seen = &seen};
    c = walk(&ask, &w, &a);
    expect(&c, "UpdateUserSecurityProfiles UpdateUserRoutingProfile");
    assert_int_equal(c.state, PERSON_PARKED);
    assert_true(span_eq(c.after.routing_profile_id, SPAN("rpp")));
    arena_done(&a);
}

static void another_user_name_takes_another_agent(void **state)
{
    struct entitlement wanted = jane(), seen = jane();
    struct plan_ask ask = ask_of(&wanted);
    struct world w = {NULL, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    wanted.user_name = SPAN("jane.roe");
    ask.on_rename = RENAME_REPLACE;
    ask.removal = REMOVAL_WAITS;
    ask.actual = (struct actual){.kind = ACTUAL_BOUND,
                                 .agent = {.id = SPAN("a1"), .user_name = SPAN("jane")},
                                 .seen = &seen};
    c = walk(&ask, &w, &a);
    expect(&c, "CreateUser GetCurrentUserData DeleteUser DeleteQuickConnect");
    assert_true(c.makes && c.deletes_former && !c.deletes);
    assert_true(span_eq(c.before.user_name, SPAN("jane")));
    assert_int_equal(c.state, PERSON_IN_STEP);
    arena_done(&a);
}

static void what_nobody_has_seen_ends_the_course(void **state)
{
    struct entitlement wanted = jane();
    struct plan_ask ask = ask_of(&wanted);
    struct world w = {NULL, NULL};
    struct arena a = {0};
    struct course c;

    (void)state;
    ask.actual = (struct actual){.kind = ACTUAL_BOUND,
                                 .agent = {.id = SPAN("a1"), .user_name = SPAN("jane")}};
    c = walk(&ask, &w, &a);
    expect(&c, "DescribeUser");
    assert_false(c.has_before);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(somebody_new_is_made),
        cmocka_unit_test(somebody_in_step_is_left_alone),
        cmocka_unit_test(every_aspect_that_differs_is_changed_behind_its_bound),
        cmocka_unit_test(an_imported_agent_of_that_name_is_taken_over),
        cmocka_unit_test(a_strangers_agent_holds),
        cmocka_unit_test(who_has_left_is_deleted_behind_the_bound),
        cmocka_unit_test(who_has_left_is_parked),
        cmocka_unit_test(another_user_name_takes_another_agent),
        cmocka_unit_test(what_nobody_has_seen_ends_the_course),
    };

    return cmocka_run_group_tests_name("course", tests, NULL, NULL);
}
