#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "fake_names.h"
#include "model/rules.h"

/* ---- the plain keys: one rule, for which one test is enough ---- */

static const struct span app_name[] = {{"Amazon Connect", 14}},
                         group_name[] = {{"Ag\xc3\xa9nts", 7}}, same_name[] = {{"A", 1}};
static const struct rule_test plain_tests[] = {{TEST_APP, {NULL, 0}, app_name, 1},
                                               {TEST_GROUP, {NULL, 0}, group_name, 1}},
                              app_tests[] = {{TEST_APP, {NULL, 0}, same_name, 1}},
                              group_tests[] = {{TEST_GROUP, {NULL, 0}, same_name, 1}};
static const struct rule plain_rule = {.tests = plain_tests, .n_tests = 2, .is_any = true},
                         app_rule = {.tests = app_tests, .n_tests = 1, .is_any = true},
                         group_rule = {.tests = group_tests, .n_tests = 1, .is_any = true};
static const struct rules plain = {.rules = &plain_rule, .n = 1},
                          app_only = {.rules = &app_rule, .n = 1},
                          group_only = {.rules = &group_rule, .n = 1};

#define APP_ID "0oa1a2b3c4d5e6f7g8h9"
#define GROUP_ID "00g1a2b3c4d5e6f7g8h9"
#define OTHER_GROUP_ID "00g9a2b3c4d5e6f7g8h9"

static bool names_container(const struct rules *rules, enum membership_kind kind, const char *name)
{
    return rules_name_container(rules, &names_unread, kind, SPAN("id"), span_of(name));
}

static void containers_are_named(void **state)
{
    (void)state;
    assert_true(names_container(&plain, MEMBERSHIP_APP, "Amazon Connect"));
    assert_false(names_container(&plain, MEMBERSHIP_APP, "amazon connect"));
    assert_false(names_container(&plain, MEMBERSHIP_APP, "Amazon Connect "));
    assert_false(names_container(&plain, MEMBERSHIP_APP, ""));
    assert_false(names_container(&plain, MEMBERSHIP_APP, "Ag\xc3\xa9nts"));
    assert_true(names_container(&plain, MEMBERSHIP_GROUP, "Ag\xc3\xa9nts"));
    assert_true(names_container(&plain, MEMBERSHIP_GROUP, "Age\xcc\x81nts"));
    assert_false(names_container(&plain, MEMBERSHIP_GROUP, "Agents"));
    assert_false(names_container(&plain, MEMBERSHIP_ACCOUNT, "Amazon Connect"));
    assert_false(names_container(&plain, MEMBERSHIP_SUSPENSION, "Amazon Connect"));
    /* A name that is not set names nothing, least of all what has no name. */
    assert_false(names_container(&app_only, MEMBERSHIP_GROUP, ""));
    assert_false(names_container(&group_only, MEMBERSHIP_APP, ""));
    assert_false(names_container(&(struct rules){0}, MEMBERSHIP_APP, "A"));
}

static void ids_and_pins_count_before_names(void **state)
{
    static const struct fake_row pinned[] = {{NAME_OKTA_GROUP, "A", GROUP_ID}};
    static const struct span by_id[] = {{GROUP_ID, sizeof(GROUP_ID) - 1}};
    static const struct rule_test id_tests[] = {{TEST_GROUP, {NULL, 0}, by_id, 1}};
    static const struct rule id_rule = {.tests = id_tests, .n_tests = 1};
    static const struct rules id_only = {.rules = &id_rule, .n = 1};
    struct fake_names names = fake_names(pinned, 1);

    (void)state;
    /* By id, whatever it is called. */
    assert_true(rules_name_container(&id_only, &names_unread, MEMBERSHIP_GROUP, SPAN(GROUP_ID),
                                     SPAN("anything")));
    assert_false(rules_name_container(&id_only, &names_unread, MEMBERSHIP_GROUP,
                                      SPAN(OTHER_GROUP_ID), SPAN(GROUP_ID)));
    /* A pinned name stays with its id: renamed it counts, and another one that is called so now
     * does not. */
    assert_true(rules_name_container(&group_only, &names.names, MEMBERSHIP_GROUP, SPAN(GROUP_ID),
                                     SPAN("renamed")));
    assert_false(rules_name_container(&group_only, &names.names, MEMBERSHIP_GROUP,
                                      SPAN(OTHER_GROUP_ID), SPAN("A")));
    assert_true(rules_name_container(&group_only, &names_unread, MEMBERSHIP_GROUP,
                                     SPAN(OTHER_GROUP_ID), SPAN("A")));
    /* Kinds are kept apart. */
    assert_false(rules_name_container(&app_only, &names.names, MEMBERSHIP_APP, SPAN(GROUP_ID),
                                      SPAN("renamed")));
}

enum {
    APP = 1,
    GROUP = 2,
    OTHER = 4,
    NO_APP = 8,
    NO_GROUP = 16,
    ON = 32,
    OFF = 64,
    SUSPENDED = 128,
    RESUMED = 256,
    STATEMENTS = 9
};

static const struct membership statements[STATEMENTS] = {
    {MEMBERSHIP_APP, {APP_ID, 20}, {"Amazon Connect", 14}, true, 1},
    {MEMBERSHIP_GROUP, {GROUP_ID, 20}, {"Ag\xc3\xa9nts", 7}, true, 1},
    {MEMBERSHIP_GROUP, {OTHER_GROUP_ID, 20}, {"Others", 6}, true, 1},
    {MEMBERSHIP_APP, {APP_ID, 20}, {"Amazon Connect", 14}, false, 1},
    {MEMBERSHIP_GROUP, {GROUP_ID, 20}, {"Ag\xc3\xa9nts", 7}, false, 1},
    {MEMBERSHIP_ACCOUNT, {"", 0}, {"", 0}, true, 1},
    {MEMBERSHIP_ACCOUNT, {"", 0}, {"", 0}, false, 1},
    {MEMBERSHIP_SUSPENSION, {"", 0}, {"", 0}, true, 1},
    {MEMBERSHIP_SUSPENSION, {"", 0}, {"", 0}, false, 1},
};

static size_t choose(unsigned which, bool is_reversed, struct membership out[static STATEMENTS])
{
    size_t n = 0;

    for (size_t k = 0; k < STATEMENTS; k++) {
        size_t at = is_reversed ? STATEMENTS - 1 - k : k;

        if (which >> at & 1)
            out[n++] = statements[at];
    }
    return n;
}

static void scope_follows_memberships(void **state)
{
    static const struct row {
        unsigned has;
        bool is_in, is_by_app, is_suspended, is_unsure;
        const char *because;
    } rows[] = {
        {0, false, false, false, true, ""},
        {APP, true, true, false, false, "application Amazon Connect"},
        {GROUP, true, false, false, false, "group Ag\xc3\xa9nts"},
        {APP | GROUP, true, true, false, false, "application Amazon Connect"},
        {OTHER, false, false, false, true, ""},
        {NO_APP, false, false, false, false, ""},
        {NO_APP | GROUP, true, false, false, false, "group Ag\xc3\xa9nts"},
        {APP | NO_GROUP, true, true, false, false, "application Amazon Connect"},
        {NO_APP | NO_GROUP | ON, false, false, false, false, ""},
        {ON, false, false, false, true, ""},
        {APP | ON, true, true, false, false, "application Amazon Connect"},
        {APP | OFF, false, false, false, false, ""},
        {APP | GROUP | OFF, false, false, false, false, ""},
        {OFF, false, false, false, false, ""},
        {APP | SUSPENDED, true, true, true, false, "application Amazon Connect"},
        {GROUP | SUSPENDED, true, false, true, false, "group Ag\xc3\xa9nts"},
        {APP | RESUMED, true, true, false, false, "application Amazon Connect"},
        {SUSPENDED, false, false, false, true, ""},
        {NO_GROUP | SUSPENDED, false, false, false, false, ""},
        {APP | SUSPENDED | OFF, false, false, false, false, ""},
        {OTHER | NO_GROUP, false, false, false, false, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
            const struct person p = {.id = SPAN("00u1")};
            struct membership given[STATEMENTS];
            size_t n = choose(rows[i].has, is_reversed != 0, given);
            struct arena a = {0};
            struct scope scope = rules_scope(&plain, &names_unread, &p, given, n, &a);

            if (scope.is_in != rows[i].is_in || scope.is_by_app != rows[i].is_by_app ||
                scope.is_suspended != rows[i].is_suspended ||
                scope.is_unsure != rows[i].is_unsure ||
                !span_eq(scope.because, span_of(rows[i].because)))
                fail_msg("row %zu: %d %d %d %d '%.*s'", i, scope.is_in, scope.is_by_app,
                         scope.is_suspended, scope.is_unsure, SPAN_ARG(scope.because));
            arena_done(&a);
        }
}

static void a_reading_tells_the_account(void **state)
{
    static const struct row {
        const char *status;
        unsigned has;
        bool is_in, is_suspended;
    } rows[] = {
        {"", APP, true, false},
        {"ACTIVE", APP, true, false},
        {"STAGED", APP, true, false},
        {"PROVISIONED", APP, true, false},
        {"LOCKED_OUT", APP, true, false},
        {"RECOVERY", APP, true, false},
        {"PASSWORD_EXPIRED", APP, true, false},
        {"SOMETHING_NEW", APP, true, false},
        {"SUSPENDED", APP, true, true},
        {"DEPROVISIONED", APP, false, false},
        {"GONE", APP, false, false},
        {"ACTIVE", APP | OFF, false, false},
        /* What an event said since counts before the status that was read. */
        {"ACTIVE", APP | SUSPENDED, true, true},
        {"SUSPENDED", APP | RESUMED, true, false},
    };
    struct rules rules = plain;

    (void)state;
    rules.reads_okta = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct person p = {.status = span_of(rows[i].status)};
        struct membership given[STATEMENTS];
        size_t n = choose(rows[i].has, false, given);
        struct arena a = {0};
        struct scope scope = rules_scope(&rules, &names_unread, &p, given, n, &a);

        if (scope.is_in != rows[i].is_in || scope.is_suspended != rows[i].is_suspended ||
            scope.is_unsure)
            fail_msg("row %zu: %s", i, rows[i].status);
        arena_done(&a);
    }
    /* And what is absent then is not. */
    {
        const struct person p = {.status = SPAN("ACTIVE")};
        struct arena a = {0};

        assert_false(rules_scope(&rules, &names_unread, &p, NULL, 0, &a).is_unsure);
        arena_done(&a);
    }
}

/* ---- [Mapping …] sections: all tests must hold, alternatives within each ---- */

static const struct span two_groups[] = {{"Claims", 6}, {OTHER_GROUP_ID, 20}},
                         claims[] = {{"Claims*", 7}, {"Schaden", 7}}, lead[] = {{"true", 4}};
static const struct rule_test mapping_tests[] = {
    {TEST_GROUP, {NULL, 0}, two_groups, 2},
    {TEST_ATTRIBUTE, {"department", 10}, claims, 2},
    {TEST_ATTRIBUTE, {"isLead", 6}, lead, 1},
};
static const struct membership
    claims_group = {MEMBERSHIP_GROUP, {GROUP_ID, 20}, {"Claims", 6}, true, 1},
    other_group = {MEMBERSHIP_GROUP, {OTHER_GROUP_ID, 20}, {"Night", 5}, true, 1};

static void all_tests_must_hold(void **state)
{
    static const struct row {
        const char *name, *profile;
        const struct membership *membership;
        bool is_in;
    } rows[] = {
        {"all", "{\"department\":\"Claims Berlin\",\"isLead\":true}", &claims_group, true},
        {"the other group, by id", "{\"department\":\"Claims\",\"isLead\":true}", &other_group,
         true},
        {"the other value", "{\"department\":\"Schaden\",\"isLead\":\"true\"}", &claims_group,
         true},
        {"one of an array", "{\"department\":[\"x\",\"Claims\"],\"isLead\":true}", &claims_group,
         true},
        {"no group", "{\"department\":\"Claims\",\"isLead\":true}", NULL, false},
        {"another department", "{\"department\":\"Sales\",\"isLead\":true}", &claims_group, false},
        {"its case counts", "{\"department\":\"claims\",\"isLead\":true}", &claims_group, false},
        {"the attribute's case counts", "{\"Department\":\"Claims\",\"isLead\":true}",
         &claims_group, false},
        {"no lead", "{\"department\":\"Claims\",\"isLead\":false}", &claims_group, false},
        {"nothing said", "{\"department\":\"Claims\"}", &claims_group, false},
    };
    static const struct rule rule = {.name = {"Leads", 5}, .tests = mapping_tests, .n_tests = 3};
    static const struct rules rules = {.rules = &rule, .n = 1, .reads_okta = true};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct person p = {.profile = span_of(rows[i].profile), .read_ms = 1};
        struct arena a = {0};
        struct scope scope = rules_scope(&rules, &names_unread, &p, rows[i].membership,
                                         rows[i].membership != NULL, &a);

        if (scope.is_in != rows[i].is_in || scope.is_unsure)
            fail_msg("%s", rows[i].name);
        arena_done(&a);
    }
}

static void attributes_alone_put_in_scope(void **state)
{
    static const struct rule rule = {.name = {"Leads", 5},
                                     .tests = mapping_tests + 2,
                                     .n_tests = 1},
                             any = {.name = {"Any", 3},
                                    .tests = mapping_tests + 1,
                                    .n_tests = 2,
                                    .is_any = true},
                             none = {.name = {"None", 4}};
    const struct person p = {.profile = SPAN("{\"isLead\":true}")};
    struct arena a = {0};
    struct scope scope =
        rules_scope(&(struct rules){.rules = &rule, .n = 1}, &names_unread, &p, NULL, 0, &a);

    (void)state;
    assert_true(scope.is_in && !scope.is_by_app);
    assert_true(span_eq(scope.because, SPAN("rule Leads")));
    assert_true(
        rules_scope(&(struct rules){.rules = &any, .n = 1}, &names_unread, &p, NULL, 0, &a).is_in);
    /* A rule without a test speaks of nobody, not of everybody. */
    assert_false(
        rules_scope(&(struct rules){.rules = &none, .n = 1}, &names_unread, &p, NULL, 0, &a).is_in);
    arena_done(&a);
}

static void what_is_not_known_takes_nobody_out(void **state)
{
    static const struct span lost[] = {{"Lost", 4}};
    static const struct rule_test lost_tests[] = {{TEST_GROUP, {NULL, 0}, lost, 1}},
                                  attribute_tests[] = {{TEST_ATTRIBUTE, {"isLead", 6}, lead, 1}};
    static const struct rule lost_rule = {.tests = lost_tests, .n_tests = 1},
                             attribute_rule = {.tests = attribute_tests, .n_tests = 1};
    static const struct fake_row two[] = {{NAME_OKTA_GROUP, "Lost", "1"},
                                          {NAME_OKTA_GROUP, "Lost", "2"}};
    struct rules rules = {.rules = &lost_rule, .n = 1, .reads_okta = true};
    struct person p = {.profile = SPAN("{}")};
    struct fake_names names = fake_names(NULL, 0);
    struct arena a = {0};

    (void)state;
    assert_false(rules_scope(&rules, &names.names, &p, NULL, 0, &a).is_unsure);
    names.knows_okta = true;
    assert_true(rules_scope(&rules, &names.names, &p, NULL, 0, &a).is_unsure);
    names = fake_names(two, 2);
    assert_true(rules_scope(&rules, &names.names, &p, NULL, 0, &a).is_unsure);
    /* An account that is switched off needs no rule. */
    p.status = SPAN("DEPROVISIONED");
    assert_false(rules_scope(&rules, &names.names, &p, NULL, 0, &a).is_unsure);

    rules.rules = &attribute_rule;
    p = (struct person){.profile = SPAN("{}")};
    assert_false(rules_scope(&rules, &names_unread, &p, NULL, 0, &a).is_unsure);
    p.profile = SPAN("");
    assert_true(rules_scope(&rules, &names_unread, &p, NULL, 0, &a).is_unsure);
    p.profile = SPAN("{\"isLead\":tr");
    assert_true(rules_scope(&rules, &names_unread, &p, NULL, 0, &a).is_unsure);
    arena_done(&a);
}

static void rules_say_what_they_need(void **state)
{
    static const struct tag tag = {{"Site", 4}, {"${user.city}", 12}};
    static const struct rule_proficiency proficiency = {{"L", 1}, {"${user.lang}", 12}, 3};
    static const struct rule attribute = {.tests = mapping_tests, .n_tests = 3},
                             routing = {.routing_profile = {"${user.x}", 9}},
                             as_id = {.routing_profile = {"${user.x}", 9}, .has_ids = true},
                             hierarchy = {.hierarchy_group = {"a/${user.x:-b}", 14}},
                             phone = {.desk_phone = {"${user.p}", 9}},
                             tags = {.tags = &tag, .n_tags = 1},
                             proficiencies = {.proficiencies = &proficiency, .n_proficiencies = 1};
    static const struct row {
        const struct rule *rule;
        const char *user_name;
        bool uses;
    } rows[] = {
        {&plain_rule, "", false},
        {&attribute, "", true},
        {&routing, "", true},
        {&as_id, "", false},
        {&hierarchy, "", true},
        {&phone, "", true},
        {&tags, "", true},
        {&proficiencies, "", true},
        {&plain_rule, "${user.login}", true},
        {&plain_rule, "${app.userName}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rules rules = {
            .rules = rows[i].rule, .n = 1, .user_name = span_of(rows[i].user_name)};

        if (rules_use_profile(&rules) != rows[i].uses)
            fail_msg("row %zu", i);
    }
    assert_true(rules_name_kind(&plain, TEST_APP) && rules_name_kind(&plain, TEST_GROUP));
    assert_false(rules_name_kind(&plain, TEST_ATTRIBUTE) || rules_name_kind(&app_only, TEST_GROUP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_are_named),
        cmocka_unit_test(ids_and_pins_count_before_names),
        cmocka_unit_test(scope_follows_memberships),
        cmocka_unit_test(a_reading_tells_the_account),
        cmocka_unit_test(all_tests_must_hold),
        cmocka_unit_test(attributes_alone_put_in_scope),
        cmocka_unit_test(what_is_not_known_takes_nobody_out),
        cmocka_unit_test(rules_say_what_they_need),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
