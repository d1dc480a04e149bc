/* What rights which configuration comes to, and on which resources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../model/fake_names.h"
#include "cmd/policy.h"
#include "text/json.h"

enum { TEXT = 64 * 1024 };

static const struct fake_row pins[] = {
    {NAME_SECURITY_PROFILE, "Agent", "s-1"},
    {NAME_ROUTING_PROFILE, "Basic", "r-1"},
};

struct stage {
    struct settings settings;
    struct fake_names names;
    struct policy_ask ask;
    struct buf text;
    struct policy_about about;
    struct json *json;
};

static void print(struct stage *s)
{
    struct fail fail;

    s->names = fake_names(pins, sizeof(pins) / sizeof(pins[0]));
    s->ask.names = &s->names.names;
    s->ask.settings = &s->settings;
    s->ask.partition = SPAN("aws");
    s->ask.region = SPAN("eu-central-1");
    s->ask.account = SPAN("123456789012");
    s->settings.instance_id = SPAN("i-1");
    buf_init(&s->text, TEXT);
    policy_add(&s->text, &s->ask, &s->about);
    if (json_parse(buf_span(&s->text), &s->json, &fail) != ERR_NONE)
        fail_msg("%s: %s", fail.text, s->text.p);
}

static void done(struct stage *s)
{
    json_free(s->json);
    buf_done(&s->text);
}

static const struct json *statement(const struct stage *s, const char *sid)
{
    for (size_t i = 0; i < json_count(s->json, "Statement"); i++) {
        const struct json *one = json_item(s->json, "Statement", i);

        if (span_eq(json_str(one, "Sid"), span_of(sid)))
            return one;
    }
    return NULL;
}

static bool lists(const struct json *statement, const char *list, const char *text)
{
    for (size_t i = 0; i < json_count(statement, list); i++)
        if (span_eq(json_str(json_item(statement, list, i), ""), span_of(text)))
            return true;
    return false;
}

static bool allows(const struct stage *s, const char *action)
{
    bool is_allowed = false;

    for (size_t i = 0; i < json_count(s->json, "Statement"); i++) {
        const struct json *one = json_item(s->json, "Statement", i);

        is_allowed = is_allowed || (span_eq(json_str(one, "Effect"), SPAN("Allow")) &&
                                    lists(one, "Action", action));
    }
    return is_allowed;
}

#define ARN "arn:aws:connect:eu-central-1:123456789012:instance/i-1"

/* The AWS sample's configuration: two ids, and nobody is removed. */
static void test_least(void **state)
{
    static const char *const needed[] = {
        "connect:CreateUser",
        "connect:TagResource",
        "connect:SearchUsers",
        "connect:DescribeUser",
        "connect:ListUserProficiencies",
        "connect:DescribeInstance",
        "connect:UpdateUserIdentityInfo",
        "connect:UpdateUserPhoneConfig",
        "connect:UpdateUserSecurityProfiles",
        "connect:UpdateUserRoutingProfile",
        "ds:DescribeDirectories",
    };
    static const char *const others[] = {
        "connect:DeleteUser",           "connect:UpdateUserHierarchy",
        "connect:UpdateUserConfig",     "connect:UntagResource",
        "connect:ListSecurityProfiles", "connect:AssociateUserProficiencies",
        "connect:DeleteQuickConnect",   "connect:GetCurrentUserData",
        "servicequotas:GetServiceQuota"};
    const struct span profiles[] = {SPAN("any-id"), SPAN("other")};
    const struct rule plain = {.has_ids = true,
                               .security_profiles = profiles,
                               .n_security_profiles = 2,
                               .routing_profile = SPAN("r-9")};
    struct stage s = {.settings = {.rules = {.rules = &plain, .n = 1}}};
    const struct json *create;

    (void)state;
    print(&s);
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (!allows(&s, needed[i]))
            fail_msg("%s is missing", needed[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (allows(&s, others[i]))
            fail_msg("%s is too much", others[i]);
    create = statement(&s, "CreateAgents");
    assert_int_equal(json_count(create, "Resource"), 4);
    assert_true(lists(create, "Resource", ARN "/agent/*"));
    assert_true(lists(create, "Resource", ARN "/security-profile/any-id"));
    assert_true(lists(create, "Resource", ARN "/security-profile/other"));
    assert_true(lists(create, "Resource", ARN "/routing-profile/r-9"));
    assert_true(s.about.names_all_profiles);
    assert_true(s.about.size > 500 && s.about.size < s.text.n);
    assert_null(statement(&s, "NeverAnAdministrator"));
    done(&s);
}

/* What a setting or a rule adds. */
static void test_additions(void **state)
{
    static const struct tag tag = {{"a", 1}, {"b", 1}};
    static const struct rule_proficiency proficiency = {{"a", 1}, {"b", 1}, 1};
    const struct rule hierarchy = {.hierarchy_group = SPAN("Site/Team")},
                      tagged = {.tags = &tag, .n_tags = 1},
                      proficient = {.proficiencies = &proficiency, .n_proficiencies = 1},
                      channels = {.auto_accept = {.is_per_channel = true}},
                      named = {.routing_profile = SPAN("Basic")}, none = {.has_ids = true};
    const struct {
        const char *name;
        struct rules rules;
        bool has_tools;
        const char *action;
    } rows[] = {
        {"a hierarchy group", {.rules = &hierarchy, .n = 1}, false, "connect:UpdateUserHierarchy"},
        {"tags", {.rules = &tagged, .n = 1}, false, "connect:UntagResource"},
        {"proficiencies",
         {.rules = &proficient, .n = 1},
         false,
         "connect:DisassociateUserProficiencies"},
        {"channels", {.rules = &channels, .n = 1}, false, "connect:UpdateUserConfig"},
        {"names", {.rules = &named, .n = 1}, false, "connect:ListSecurityProfiles"},
        {"a parked profile by name",
         {.rules = &none, .n = 1, .parked_routing_profile = SPAN("Parked")},
         false,
         "connect:ListRoutingProfiles"},
        {"deletion",
         {.rules = &none, .n = 1, .on_remove = REMOVE_DELETE},
         false,
         "connect:DeleteUser"},
        {"who is an administrator, before somebody is parked",
         {.rules = &none, .n = 1, .on_remove = REMOVE_DISABLE},
         false,
         "connect:ListSecurityProfiles"},
        {"its quick connects",
         {.rules = &none, .n = 1, .on_remove = REMOVE_DELETE},
         false,
         "connect:DeleteQuickConnect"},
        {"a look at contacts",
         {.rules = &none, .n = 1, .on_remove = REMOVE_DELETE},
         false,
         "connect:GetCurrentUserData"},
        {"renames",
         {.rules = &none, .n = 1, .on_rename = RENAME_REPLACE},
         false,
         "connect:DeleteUser"},
        {"tools", {.rules = &none, .n = 1}, true, "servicequotas:GetServiceQuota"},
        {"tools", {.rules = &none, .n = 1}, true, "connect:SearchUserHierarchyGroups"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stage s = {.settings = {.rules = rows[i].rules}, .ask.has_tools = rows[i].has_tools};
        struct stage without = {.settings = {.rules = {.rules = &none, .n = 1}}};

        print(&s);
        print(&without);
        if (!allows(&s, rows[i].action) || allows(&without, rows[i].action))
            fail_msg("%s: %s", rows[i].name, rows[i].action);
        done(&s);
        done(&without);
    }
}

static void test_profiles(void **state)
{
    const struct span known[] = {SPAN("Agent")}, unknown[] = {SPAN("Agent"), SPAN("Nobody")};
    const struct rule pinned = {.security_profiles = known,
                                .n_security_profiles = 1,
                                .routing_profile = SPAN("Basic")},
                      open = {.security_profiles = unknown,
                              .n_security_profiles = 2,
                              .routing_profile = SPAN("${user.team}")};
    struct stage s = {.settings = {.rules = {.rules = &pinned, .n = 1}}},
                 t = {.settings = {.rules = {.rules = &open, .n = 1}},
                      .ask.admin_profile = SPAN("s-admin")};
    const struct json *denial;

    (void)state;
    print(&s);
    assert_true(lists(statement(&s, "ChangeProfiles"), "Resource", ARN "/security-profile/s-1"));
    assert_true(lists(statement(&s, "ChangeProfiles"), "Resource", ARN "/routing-profile/r-1"));
    assert_true(s.about.names_all_profiles);
    done(&s);
    print(&t);
    assert_true(lists(statement(&t, "ChangeProfiles"), "Resource", ARN "/security-profile/*"));
    assert_false(lists(statement(&t, "ChangeProfiles"), "Resource", ARN "/security-profile/s-1"));
    assert_true(lists(statement(&t, "CreateAgents"), "Resource", ARN "/routing-profile/*"));
    assert_false(t.about.names_all_profiles);
    denial = statement(&t, "NeverAnAdministrator");
    assert_true(span_eq(json_str(denial, "Effect"), SPAN("Deny")));
    assert_true(lists(denial, "Action", "connect:UpdateUserSecurityProfiles"));
    assert_true(lists(denial, "Resource", ARN "/security-profile/s-admin"));
    done(&t);
}

static void test_secrets(void **state)
{
#define SECRET "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hook-AbCdEf"
#define PARAMETER "arn:aws:ssm:eu-central-1:123456789012:parameter/okta"
    const struct rule none = {.has_ids = true};
    struct stage s = {.settings = {.rules = {.rules = &none, .n = 1}}};

    (void)state;
    secret_set(&s.settings.hook_secret, SPAN(SECRET));
    secret_set(&s.settings.api_token, SPAN(PARAMETER));
    secret_set(&s.settings.hook_secret_previous, SPAN("Bearer plain"));
    print(&s);
    assert_true(lists(statement(&s, "HookSecret"), "Action", "secretsmanager:GetSecretValue"));
    assert_true(lists(statement(&s, "HookSecret"), "Resource", SECRET));
    assert_true(lists(statement(&s, "OktaTokenParameter"), "Action", "ssm:GetParameter"));
    assert_true(lists(statement(&s, "OktaTokenParameter"), "Resource", PARAMETER));
    assert_null(strstr(s.text.p, "plain"));
    done(&s);
    secret_done(&s.settings.hook_secret);
    secret_done(&s.settings.hook_secret_previous);
    secret_done(&s.settings.api_token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least),
        cmocka_unit_test(test_additions),
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
