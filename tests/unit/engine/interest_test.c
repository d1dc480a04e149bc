/* What of a user is read in Okta, and by which searches people are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "engine/attribute_search.h"
#include "engine/interest.h"

#define APP_A "0oaAAAAAAAAAAAAAAAAA"
#define APP_B "0oaBBBBBBBBBBBBBBBBB"
#define GROUP_A "00gAAAAAAAAAAAAAAAAA"

static const struct span apps[] = {{APP_A, 20}, {"By name", 7}}, groups[] = {{"Agents", 6}},
                         quoted[] = {{"Say \"x\\y\"", 9}}, patterns[] = {{"Claims*", 7}, {"*", 1}};
static const struct rule_test test_apps = {.kind = TEST_APP, .values = apps, .n = 2},
                              test_group = {.kind = TEST_GROUP, .values = groups, .n = 1},
                              test_quoted = {.kind = TEST_ATTRIBUTE,
                                             .attribute = {"title", 5},
                                             .values = quoted,
                                             .n = 1};

static void say(struct buf *out, const struct span *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%.*s ", SPAN_ARG(ids[i]));
}

static void what_the_rules_name_is_read(void **state)
{
    static const struct membership
        app = {MEMBERSHIP_APP, {APP_B, 20}, {"By name", 7}, true, 1},
        left = {MEMBERSHIP_APP, {APP_B, 20}, {"By name", 7}, false, 1},
        foreign = {MEMBERSHIP_APP, {APP_B, 20}, {"Other", 5}, true, 1},
        group = {MEMBERSHIP_GROUP, {GROUP_A, 20}, {"Agents", 6}, true, 1},
        not_in = {MEMBERSHIP_GROUP, {GROUP_A, 20}, {"Agents", 6}, false, 1},
        bad = {MEMBERSHIP_GROUP, {"../x", 4}, {"Agents", 6}, true, 1};
    static const struct row {
        const struct rule_test *test;
        const struct membership *membership;
        const char *read; /* applications, groups, and whether all groups are */
    } rows[] = {
        {&test_apps, NULL, APP_A " | -"},
        {&test_apps, &app, APP_A " " APP_B " | -"},
        {&test_apps, &left, APP_A " " APP_B " | -"}, /* perhaps they are back */
        {&test_apps, &foreign, APP_A " | -"},
        {&test_apps, &group, APP_A " | -"},
        {&test_group, &group, "| " GROUP_A " all"},
        {&test_group, &not_in, "| all"},
        {&test_group, &bad, "| all"},
        {&test_quoted, &group, "| -"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct rule rule = {.tests = rows[i].test, .n_tests = 1};
        const struct rules rules = {.rules = &rule, .n = 1};
        struct arena a = {0};
        struct okta_interest interest =
            interest_of(&rules, &names_unread, rows[i].membership, rows[i].membership != NULL, &a);
        struct buf said;

        buf_init(&said, 1000);
        say(&said, interest.app_ids, interest.n_apps);
        buf_add_str(&said, "| ");
        say(&said, interest.group_ids, interest.n_groups);
        buf_add_str(&said, interest.wants_all_groups ? "all" : "-");
        if (strcmp(said.p, rows[i].read) != 0)
            fail_msg("row %zu: '%s'", i, said.p);
        buf_done(&said);
        arena_done(&a);
    }
}

static void searches_are_made_of_attribute_tests(void **state)
{
    static const struct row {
        struct rule_test tests[2];
        size_t n;
        bool is_any;
        const char *searches;
    } rows[] = {
        {{{TEST_APP, {NULL, 0}, apps, 2}}, 1, false, ""},
        {{{TEST_ATTRIBUTE, {"title", 5}, quoted, 1}},
         1,
         false,
         "profile.title eq \"Say \\\"x\\\\y\\\"\";"},
        {{{TEST_ATTRIBUTE, {"department", 10}, patterns, 2}},
         1,
         false,
         "profile.department sw \"Claims\";profile.department pr;"},
        {{{TEST_ATTRIBUTE, {"title", 5}, quoted, 1}, {TEST_APP, {NULL, 0}, apps, 2}}, 2, false, ""},
        {{{TEST_ATTRIBUTE, {"title", 5}, quoted, 1},
          {TEST_ATTRIBUTE, {"department", 10}, patterns, 2}},
         2,
         false,
         "profile.title eq \"Say \\\"x\\\\y\\\"\";"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct rule rule = {
            .tests = rows[i].tests, .n_tests = rows[i].n, .is_any = rows[i].is_any};
        const struct rules rules = {.rules = &rule, .n = 1};
        struct arena a = {0};
        struct span *searches;
        struct buf said;
        size_t n;

        buf_init(&said, 1000);
        searches = attribute_searches(&rules, &a, &n);
        for (size_t k = 0; k < n; k++)
            buf_printf(&said, "%.*s;", SPAN_ARG(searches[k]));
        if (strcmp(said.p, rows[i].searches) != 0)
            fail_msg("row %zu: '%s'", i, said.p);
        buf_done(&said);
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_rules_name_is_read),
        cmocka_unit_test(searches_are_made_of_attribute_tests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
