/* What an agent has, from a listing and from what was applied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/seen.h"

#define UNSET4                                                                                     \
    {                                                                                              \
        CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET                                 \
    }

static const struct tag found_tags[] = {{{"zone", 4}, {"a", 1}},
                                        {{TAG_OKTA_ID, sizeof(TAG_OKTA_ID) - 1}, {"00u1", 4}},
                                        {{"by-hand", 7}, {"x", 1}},
                                        {{"former", 6}, {"y", 1}}};
static const struct tag wanted_tags[] = {{{"zone", 4}, {"b", 1}}};
static const struct tag applied_tags[] = {{{"former", 6}, {"y", 1}}};
static const struct proficiency had[] = {{{"language", 8}, {"en", 2}, 3}};

static struct entitlement found(void)
{
    return (struct entitlement){
        .user_name = SPAN("jane"),
        .first_name = SPAN("Jane"),
        .hierarchy_group_id = SPAN("group"),
        .tags = found_tags,
        .n_tags = 4,
        .phone = {.persistent_connection = CHANNEL_UNSET,
                  .auto_accept = {1, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET},
                  .after_contact_work_s = {30000, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET}}};
}

static void what_a_listing_hides_is_what_was_applied(void **state)
{
    struct entitlement f = found(), applied = {.email = SPAN("jane@acme.com"),
                                               .secondary_email = SPAN("j@acme.com"),
                                               .mobile = SPAN("+491"),
                                               .proficiencies = had,
                                               .n_proficiencies = 1,
                                               .phone = {.after_contact_work_s = UNSET4}};
    struct arena a = {0};
    struct entitlement e;

    (void)state;
    applied.phone.after_contact_work_s[0] = 30;
    e = seen_merge(&f, SEEN_LISTED, &applied, NULL, &a);
    assert_true(span_eq(e.email, SPAN("jane@acme.com")));
    assert_true(span_eq(e.secondary_email, SPAN("j@acme.com")));
    assert_true(span_eq(e.mobile, SPAN("+491")));
    assert_int_equal(e.n_proficiencies, 1);
    assert_int_equal(e.phone.after_contact_work_s[0], 30);
    assert_int_equal(e.phone.auto_accept[0], 1);
    assert_false(e.phone.is_per_channel);
    assert_true(span_eq(e.first_name, SPAN("Jane")));
    arena_done(&a);
}

static void times_by_channel_bring_the_rest_into_that_form(void **state)
{
    struct entitlement f = found(),
                       applied = {.phone = {.is_per_channel = true,
                                            .after_contact_work_s = {30, 0, 60, CHANNEL_UNSET}}};
    struct arena a = {0};
    struct entitlement e = seen_merge(&f, SEEN_LISTED, &applied, NULL, &a);

    (void)state;
    assert_true(e.phone.is_per_channel);
    for (size_t i = 0; i < CHANNELS; i++)
        assert_int_equal(e.phone.auto_accept[i], 1);
    assert_int_equal(e.phone.after_contact_work_s[2], 60);
    arena_done(&a);
}

static void nothing_applied_is_taken_to_be_as_wanted(void **state)
{
    struct entitlement f = found(), wanted = {.email = SPAN("new@acme.com"),
                                              .proficiencies = had,
                                              .n_proficiencies = 1,
                                              .phone = {.after_contact_work_s = UNSET4}};
    struct arena a = {0};
    struct entitlement e = seen_merge(&f, SEEN_LISTED, NULL, &wanted, &a);

    (void)state;
    assert_true(entitlement_aspect_eq(&e, &wanted, ASPECT_PROFICIENCIES));
    assert_true(span_eq(e.email, SPAN("new@acme.com")));
    assert_int_equal(e.phone.after_contact_work_s[0], CHANNEL_UNSET);
    /* Neither is known: nothing. */
    e = seen_merge(&f, SEEN_LISTED, NULL, NULL, &a);
    assert_int_equal(e.email.n, 0);
    assert_int_equal(e.n_proficiencies, 0);
    arena_done(&a);
}

static void what_is_none_of_ours_is_left_out(void **state)
{
    struct entitlement f = found(), wanted = {.tags = wanted_tags, .n_tags = 1},
                       applied = {.tags = applied_tags, .n_tags = 1};
    struct arena a = {0};
    struct entitlement e = seen_merge(&f, SEEN_DESCRIBED, &applied, &wanted, &a);

    (void)state;
    assert_int_equal(e.n_tags, 3); /* sorted by key */
    assert_true(span_eq(e.tags[0].key, SPAN("former")));
    assert_true(span_eq(e.tags[1].key, SPAN(TAG_OKTA_ID)));
    assert_true(span_eq(e.tags[2].key, SPAN("zone")));
    assert_int_equal(e.hierarchy_group_id.n, 0);
    wanted.hierarchy_group_id = SPAN("other");
    e = seen_merge(&f, SEEN_DESCRIBED, &applied, &wanted, &a);
    assert_true(span_eq(e.hierarchy_group_id, SPAN("group")));
    wanted.hierarchy_group_id = SPAN("");
    applied.hierarchy_group_id = SPAN("group"); /* ours once, so it is taken away again */
    e = seen_merge(&f, SEEN_DESCRIBED, &applied, &wanted, &a);
    assert_true(span_eq(e.hierarchy_group_id, SPAN("group")));
    arena_done(&a);
}

static void described_proficiencies_are_those_that_we_know(void **state)
{
    static const struct proficiency list[] = {{{"zeal", 4}, {"x", 1}, 1},
                                              {{"language", 8}, {"en", 2}, 5},
                                              {{"language", 8}, {"de", 2}, 2}};
    struct entitlement f = {.proficiencies = list, .n_proficiencies = 3},
                       applied = {.proficiencies = had, .n_proficiencies = 1},
                       wanted = {.proficiencies = &list[2], .n_proficiencies = 1};
    struct arena a = {0};
    struct entitlement e = seen_merge(&f, SEEN_DESCRIBED, &applied, &wanted, &a);

    (void)state;
    assert_int_equal(e.n_proficiencies, 2);
    assert_true(span_eq(e.proficiencies[0].value, SPAN("de")));
    assert_true(e.proficiencies[1].level > 4); /* as it was found, not as it was applied */
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_listing_hides_is_what_was_applied),
        cmocka_unit_test(times_by_channel_bring_the_rest_into_that_form),
        cmocka_unit_test(nothing_applied_is_taken_to_be_as_wanted),
        cmocka_unit_test(what_is_none_of_ours_is_left_out),
        cmocka_unit_test(described_proficiencies_are_those_that_we_know),
    };

    return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
