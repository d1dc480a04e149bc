#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/step.h"

static const struct tag wanted_tags[] = {{{"a", 1}, {"1", 1}}, {{"b", 1}, {"2", 1}}},
                        seen_tags[] = {{{"b", 1}, {"3", 1}}, {{"c", 1}, {"4", 1}}};
static const struct proficiency wanted_skills[] = {{{"L", 1}, {"de", 2}, 2},
                                                   {{"L", 1}, {"en", 2}, 5}},
                                seen_skills[] = {{{"L", 1}, {"en", 2}, 4},
                                                 {{"L", 1}, {"fr", 2}, 1}};
static const struct entitlement target = {.user_name = {"jane", 4},
                                          .hierarchy_group_id = {"hg", 2},
                                          .routing_profile_id = {"rp-2", 4},
                                          .tags = wanted_tags,
                                          .n_tags = 2,
                                          .proficiencies = wanted_skills,
                                          .n_proficiencies = 2},
                                seen = {.user_name = {"jane", 4},
                                        .routing_profile_id = {"rp-1", 4},
                                        .tags = seen_tags,
                                        .n_tags = 2,
                                        .proficiencies = seen_skills,
                                        .n_proficiencies = 2};

static void a_step_carries_what_differs(void **state)
{
    struct arena a = {0};
    const struct tag *tags;
    const struct span *keys;
    const struct proficiency *list;

    (void)state;
    assert_int_equal(step_tags(&target, &seen, &a, &tags), 2);
    assert_true(span_eq(tags[0].key, SPAN("a")) && span_eq(tags[1].value, SPAN("2")));
    assert_int_equal(step_tags(&target, NULL, &a, &tags), 2);
    assert_int_equal(step_tags(&target, &target, &a, &tags), 0);
    assert_int_equal(step_untags(&target, &seen, &a, &keys), 1);
    assert_true(span_eq(keys[0], SPAN("c")));
    assert_int_equal(step_untags(&target, &target, &a, &keys), 0);
    assert_int_equal(step_proficiencies(STEP_ASSOCIATE_PROFICIENCIES, &target, &seen, &a, &list),
                     1);
    assert_true(span_eq(list[0].value, SPAN("de")));
    assert_int_equal(step_proficiencies(STEP_UPDATE_PROFICIENCIES, &target, &seen, &a, &list), 1);
    assert_true(span_eq(list[0].value, SPAN("en")) && list[0].level > 4.9);
    assert_int_equal(step_proficiencies(STEP_DISASSOCIATE_PROFICIENCIES, &target, &seen, &a, &list),
                     1);
    assert_true(span_eq(list[0].value, SPAN("fr")));
    arena_done(&a);
}

/* One step leaves the other half of its aspect as it was. */
static void a_step_leaves_what_it_does_not_change(void **state)
{
    struct arena a = {0};
    struct entitlement e = step_applied(STEP_TAG_USER, &target, &seen, &a);

    (void)state;
    assert_int_equal(e.n_tags, 3);
    assert_true(span_eq(e.tags[1].value, SPAN("2")) && span_eq(e.tags[2].key, SPAN("c")));
    e = step_applied(STEP_UNTAG_USER, &target, &e, &a);
    assert_true(entitlement_aspect_eq(&e, &target, ASPECT_TAGS));
    e = step_applied(STEP_UNTAG_USER, &target, &seen, &a);
    assert_int_equal(e.n_tags, 1);
    assert_true(span_eq(e.tags[0].value, SPAN("3")));
    e = step_applied(STEP_DISASSOCIATE_PROFICIENCIES, &target, &seen, &a);
    assert_int_equal(e.n_proficiencies, 1);
    assert_true(e.proficiencies[0].level < 4.1);
    e = step_applied(STEP_ASSOCIATE_PROFICIENCIES, &target, &e, &a);
    assert_int_equal(e.n_proficiencies, 2);
    assert_true(e.proficiencies[1].level < 4.1);
    e = step_applied(STEP_UPDATE_PROFICIENCIES, &target, &e, &a);
    assert_true(entitlement_aspect_eq(&e, &target, ASPECT_PROFICIENCIES));
    assert_true(entitlement_aspect_eq(&e, &seen, ASPECT_TAGS));
    arena_done(&a);
}

static void other_steps_change_their_aspect(void **state)
{
    static const struct {
        enum step_op op;
        enum aspect aspect;
    } rows[] = {{STEP_UPDATE_IDENTITY, ASPECT_IDENTITY},
                {STEP_UPDATE_SECURITY_PROFILES, ASPECT_SECURITY_PROFILES},
                {STEP_UPDATE_ROUTING_PROFILE, ASPECT_ROUTING_PROFILE},
                {STEP_UPDATE_HIERARCHY, ASPECT_HIERARCHY},
                {STEP_UPDATE_PHONE, ASPECT_PHONE},
                {STEP_UPDATE_CONFIG, ASPECT_PHONE},
                {STEP_DELETE_USER, ASPECTS},
                {STEP_FIND_USER, ASPECTS}};
    static const struct span ids[] = {{"sp", 2}};
    struct entitlement all = target;
    struct arena a = {0};

    (void)state;
    all.first_name = SPAN("Jane");
    all.security_profile_ids = ids;
    all.n_security_profile_ids = 1;
    all.phone.has_desk_phone = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct entitlement e = step_applied(rows[i].op, &all, &seen, &a);
        unsigned changed = rows[i].aspect == ASPECTS ? 0 : 1U << rows[i].aspect;

        assert_int_equal(step_aspect(rows[i].op), rows[i].aspect);
        assert_int_equal(entitlement_diff(&e, &seen), changed);
        assert_int_equal(entitlement_diff(&e, &all) & changed, 0);
    }
    arena_done(&a);
}

static void a_new_agent_has_no_proficiencies_yet(void **state)
{
    struct arena a = {0};
    struct entitlement e = step_applied(STEP_CREATE_USER, &target, NULL, &a);

    (void)state;
    assert_int_equal(entitlement_diff(&e, &target), 1U << ASPECT_PROFICIENCIES);
    assert_int_equal(e.n_proficiencies, 0);
    arena_done(&a);
}

static void what_is_found_is_ours_as_far_as_the_rules_speak_of_it(void **state)
{
    static const struct tag tags[] = {{{"a", 1}, {"9", 1}},
                                      {{"x", 1}, {"foreign", 7}},
                                      {{TAG_MANAGED_BY, 17}, {"elsewhere", 9}},
                                      {{TAG_OKTA_ID, 14}, {"00u9", 4}}};
    struct entitlement found = seen, none = target;
    struct arena a = {0};
    struct entitlement e;

    (void)state;
    found.hierarchy_group_id = SPAN("theirs");
    found.tags = tags;
    found.n_tags = 4;
    e = step_seen(&found, &target, NULL, &a);
    /* Whose it is, is always seen. */
    assert_int_equal(e.n_tags, 3);
    assert_true(span_eq(e.tags[0].value, SPAN("9")) && span_eq(e.tags[1].value, SPAN("elsewhere")));
    assert_true(span_eq(e.hierarchy_group_id, SPAN("theirs")));
    assert_int_equal(e.n_proficiencies, 1);
    assert_true(span_eq(e.proficiencies[0].value, SPAN("en")));
    none.hierarchy_group_id = SPAN("");
    assert_int_equal(step_seen(&found, &none, NULL, &a).hierarchy_group_id.n, 0);
    e = step_seen(&found, NULL, NULL, &a);
    assert_int_equal(e.n_tags, 2);
    assert_int_equal(e.n_proficiencies + e.hierarchy_group_id.n, 0);
    assert_true(span_eq(e.routing_profile_id, SPAN("rp-1")));
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_carries_what_differs),
        cmocka_unit_test(a_step_leaves_what_it_does_not_change),
        cmocka_unit_test(other_steps_change_their_aspect),
        cmocka_unit_test(a_new_agent_has_no_proficiencies_yet),
        cmocka_unit_test(what_is_found_is_ours_as_far_as_the_rules_speak_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
