/* What is read of one agent, of lists of names, and of quick connects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "connect/answer.h"

#define ARN "arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/a-1"
#define HEAD "{\"User\":{\"Id\":\"a-1\",\"Arn\":\"" ARN "\",\"SecurityProfileIds\":[\"s\"]"

struct read {
    struct connect_answer answer;
    struct arena arena;
    struct fail fail;
};

static struct read describe(const char *body)
{
    struct read r = {0};

    if (answer_describe_user(span_of(body), &r.arena, &r.answer, &r.fail) != ERR_NONE)
        fail_msg("%s: %s", body, r.fail.text);
    return r;
}

static void all_of_an_agent_is_read(void **state)
{
    struct read r = describe(
        "{\"User\":{\"Id\":\"a-1\",\"Arn\":\"" ARN "\",\"Username\":\"ann\",\"IdentityInfo\":{"
        "\"FirstName\":\"Ann\",\"LastName\":\"Lee\",\"Email\":\"a@x\",\"SecondaryEmail\":\"b@x\","
        "\"Mobile\":\"+49\"},\"PhoneConfig\":{\"PhoneType\":\"DESK_PHONE\",\"AutoAccept\":false,"
        "\"AfterContactWorkTimeLimit\":30,\"DeskPhoneNumber\":\"+4930\",\"PersistentConnection\":"
        "true},\"DirectoryUserId\":\"d\",\"SecurityProfileIds\":[\"s2\",\"s1\"],"
        "\"RoutingProfileId\":\"rp\",\"HierarchyGroupId\":\"hg\",\"Tags\":{\"z\":\"1\",\"a\":\"\"},"
        "\"LastModifiedTime\":1777881600.25,\"LastModifiedRegion\":\"us-east-1\",\"New\":[{}]}}");
    const struct entitlement *e = r.answer.entitlement;

    (void)state;
    assert_int_equal(r.answer.n_agents, 1);
    assert_true(span_eq(r.answer.agents[0].id, SPAN("a-1")));
    assert_true(span_eq(r.answer.agents[0].arn, SPAN(ARN)));
    assert_true(span_eq(r.answer.agents[0].user_name, SPAN("ann")));
    assert_true(span_eq(agent_tag(&r.answer.agents[0], SPAN("z")), SPAN("1")));
    assert_true(span_eq(e->user_name, SPAN("ann")));
    assert_true(span_eq(e->first_name, SPAN("Ann")) && span_eq(e->last_name, SPAN("Lee")));
    assert_true(span_eq(e->email, SPAN("a@x")) && span_eq(e->secondary_email, SPAN("b@x")));
    assert_true(span_eq(e->mobile, SPAN("+49")));
    assert_int_equal(e->n_security_profile_ids, 2);
    assert_true(span_eq(e->security_profile_ids[0], SPAN("s1"))); /* sorted */
    assert_true(span_eq(e->routing_profile_id, SPAN("rp")));
    assert_true(span_eq(e->hierarchy_group_id, SPAN("hg")));
    assert_int_equal(e->n_tags, 2);
    assert_true(span_eq(e->tags[0].key, SPAN("a")) && e->tags[0].value.p != NULL);
    assert_true(e->phone.has_desk_phone && !e->phone.is_per_channel);
    assert_true(span_eq(e->phone.desk_number, SPAN("+4930")));
    assert_int_equal(e->phone.persistent_connection, 1);
    assert_int_equal(e->phone.auto_accept[0], 0);
    assert_int_equal(e->phone.after_contact_work_s[0], 30);
    assert_int_equal(e->n_proficiencies, 0);
    arena_done(&r.arena);
}

static void absent_members_are_empty(void **state)
{
    struct read r = describe(HEAD ",\"Tags\":null,\"HierarchyGroupId\":null}}");
    const struct entitlement *e = r.answer.entitlement;

    (void)state;
    assert_int_equal(e->hierarchy_group_id.n + e->email.n + e->routing_profile_id.n + e->n_tags, 0);
    assert_non_null(e->hierarchy_group_id.p);
    assert_false(e->phone.has_desk_phone || e->phone.is_per_channel);
    assert_int_equal(e->phone.persistent_connection, CHANNEL_UNSET);
    for (size_t i = 0; i < CHANNELS; i++)
        assert_true(e->phone.auto_accept[i] == CHANNEL_UNSET &&
                    e->phone.after_contact_work_s[i] == CHANNEL_UNSET);
    arena_done(&r.arena);
}

#define ACCEPT(channel, value) "{\"Channel\":\"" channel "\",\"AutoAccept\":" value "}"
#define WORK(channel, value)                                                                       \
    "{\"Channel\":\"" channel                                                                      \
    "\",\"AfterContactWorkConfig\":{\"AfterContactWorkTimeLimit\":" value "}}"

static void phones_are_read_in_both_forms(void **state)
{
    static const struct row {
        const char *name, *members;
        bool is_per_channel, has_desk_phone;
        const char *number;
        int64_t persistent, accepts[CHANNELS], works[CHANNELS];
    } rows[] = {
        {"the older form",
         "\"PhoneConfig\":{\"AutoAccept\":true,\"AfterContactWorkTimeLimit\":0}",
         false,
         false,
         "",
         -1,
         {1, -1, -1, -1},
         {0, -1, -1, -1}},
        {"all channels alike",
         "\"AutoAcceptConfigs\":[" ACCEPT("VOICE", "true") "," ACCEPT("CHAT", "true") "," ACCEPT(
             "TASK", "true") "," ACCEPT("EMAIL", "true") "]",
         false,
         false,
         "",
         -1,
         {1, -1, -1, -1},
         {-1, -1, -1, -1}},
        {"the lists count before the older form",
         "\"PhoneConfig\":{\"AutoAccept\":false,\"AfterContactWorkTimeLimit\":7},"
         "\"AutoAcceptConfigs\":[" ACCEPT("VOICE", "true") "," ACCEPT("CHAT", "true") "," ACCEPT(
             "TASK", "true") "," ACCEPT("EMAIL", "true") "]",
         false,
         false,
         "",
         -1,
         {1, -1, -1, -1},
         {7, -1, -1, -1}},
        {"by channel, in any order",
         "\"AutoAcceptConfigs\":[" ACCEPT("CHAT", "false") "," ACCEPT("VOICE", "true") "]",
         true,
         false,
         "",
         -1,
         {1, 0, -1, -1},
         {-1, -1, -1, -1}},
        {"one by channel, the other for all",
         "\"PhoneConfig\":{\"AutoAccept\":true},\"AfterContactWorkConfigs\":[" WORK(
             "VOICE", "10") "," WORK("EMAIL", "0") "]",
         true,
         false,
         "",
         -1,
         {1, 1, 1, 1},
         {10, -1, -1, 0}},
        {"an unknown channel is passed over",
         "\"AutoAcceptConfigs\":[" ACCEPT("FAX", "true") ",null,7,{}]",
         false,
         false,
         "",
         -1,
         {-1, -1, -1, -1},
         {-1, -1, -1, -1}},
        {"the phone in lists",
         "\"PhoneNumberConfigs\":[{\"Channel\":\"VOICE\",\"PhoneType\":\"DESK_PHONE\","
         "\"PhoneNumber\":\"+4930\"}],\"PersistentConnectionConfigs\":[{\"Channel\":\"VOICE\","
         "\"PersistentConnection\":true}]",
         false,
         true,
         "+4930",
         1,
         {-1, -1, -1, -1},
         {-1, -1, -1, -1}},
        {"the phone in both",
         "\"PhoneConfig\":{\"PhoneType\":\"SOFT_PHONE\",\"DeskPhoneNumber\":\"+1\","
         "\"PersistentConnection\":false},\"PhoneNumberConfigs\":[{\"Channel\":\"VOICE\","
         "\"PhoneType\":\"SOFT_PHONE\",\"PhoneNumber\":\"+1\"}]",
         false,
         false,
         "+1",
         0,
         {-1, -1, -1, -1},
         {-1, -1, -1, -1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char body[2048];
        struct read r;
        const struct phone *phone;

        (void)snprintf(body, sizeof(body), HEAD ",%s}}", rows[i].members);
        r = describe(body);
        phone = &r.answer.entitlement->phone;
        if (phone->is_per_channel != rows[i].is_per_channel ||
            phone->has_desk_phone != rows[i].has_desk_phone ||
            !span_eq(phone->desk_number, span_of(rows[i].number)) ||
            phone->persistent_connection != rows[i].persistent ||
            memcmp(phone->auto_accept, rows[i].accepts, sizeof(rows[i].accepts)) != 0 ||
            memcmp(phone->after_contact_work_s, rows[i].works, sizeof(rows[i].works)) != 0)
            fail_msg("%s", rows[i].name);
        arena_done(&r.arena);
    }
}

/* ---- half answers ---- */

static enum err describe_user(struct span body, struct arena *a, struct connect_answer *out,
                              struct fail *fail)
{
    return answer_describe_user(body, a, out, fail);
}

static enum err security_profiles(struct span body, struct arena *a, struct connect_answer *out,
                                  struct fail *fail)
{
    return answer_names(body, NAME_SECURITY_PROFILE, a, out, fail);
}

static enum err hierarchy_groups(struct span body, struct arena *a, struct connect_answer *out,
                                 struct fail *fail)
{
    return answer_names(body, NAME_HIERARCHY_GROUP, a, out, fail);
}

static void half_answers_are_unclear(void **state)
{
    static const struct row {
        enum err (*read)(struct span, struct arena *, struct connect_answer *, struct fail *);
        const char *body;
    } rows[] = {
        {describe_user, "{}"},
        {describe_user, "{\"User\":null}"},
        {describe_user, "{\"User\":{\"Id\":\"a\",\"Arn\":\"b\"}}"},
        {describe_user, "{\"User\":{\"Id\":\"a\",\"SecurityProfileIds\":[\"s\"]}}"},
        {describe_user, "{\"User\":{\"Arn\":\"b\",\"SecurityProfileIds\":[\"s\"]}}"},
        {describe_user, "{\"User\":{\"Id\":\"a\",\"Arn\":\"b\",\"SecurityProfileIds\":[]}}"},
        {answer_search_users, "{}"},
        {answer_search_users, "{\"Users\":null,\"NextToken\":\"\"}"},
        {answer_list_agents, "{}"},
        {answer_list_agents, "{\"Users\":[{\"Id\":\"a\"}]}"},
        {answer_list_agents, "{\"Users\":[null]}"},
        {answer_proficiencies, "{}"},
        {answer_proficiencies, "{\"UserProficiencyList\":{}}"},
        {answer_current_user_data, "{}"},
        {answer_current_user_data, "{\"ApproximateTotalCount\":0}"},
        {answer_current_user_data, "{\"UserDataList\":[],\"NextToken\":\"t\"}"},
        {security_profiles, "{}"},
        {security_profiles, "{\"RoutingProfileSummaryList\":[]}"},
        {security_profiles, "{\"SecurityProfileSummaryList\":null,\"NextToken\":null}"},
        {hierarchy_groups, "{\"UserHierarchyGroups\":7}"},
        {answer_quick_connects, "{}"},
        {answer_quick_connect, "{}"},
        {answer_quick_connect, "{\"QuickConnect\":null}"},
    };
    static const char *const bodies[] = {"", "[]", "null", "{\"User", "<html>"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t k = 0; k <= sizeof(bodies) / sizeof(bodies[0]); k++) {
            const char *body = k == 0 ? rows[i].body : bodies[k - 1];
            struct read r = {0};
            enum err err = rows[i].read(span_of(body), &r.arena, &r.answer, &r.fail);

            if (err != ERR_UNCLEAR || r.fail.text[0] == '\0')
                fail_msg("row %zu: '%s': %s", i, body, err_name(err));
            if (r.answer.agents != NULL || r.answer.named != NULL || r.answer.n_agents != 0 ||
                r.answer.proficiencies != NULL || r.answer.has_contact ||
                r.answer.quick_connect_user_id.p != NULL || r.answer.next_token.p != NULL)
                fail_msg("row %zu: '%s': something was set", i, body);
            arena_done(&r.arena);
        }
}

/* ---- agents of a listing ---- */

static void agents_of_a_search_are_read(void **state)
{
    static const char body[] =
        "{\"Users\":[{\"Id\":\"a-1\",\"Arn\":\"" ARN "\",\"Username\":\"ann\",\"Tags\":{"
        "\"roster:managed-by\":\"emea\"},\"RoutingProfileId\":\"rp\"},{\"Id\":\"a-2\",\"Arn\":\"b\""
        ",\"Username\":\"Ann\"}],\"NextToken\":\"t\",\"ApproximateTotalCount\":9}";

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct read r = {0};
        enum err err = i == 0 ? answer_search_users(span_of(body), &r.arena, &r.answer, &r.fail)
                              : answer_list_agents(span_of(body), &r.arena, &r.answer, &r.fail);

        assert_int_equal(err, ERR_NONE);
        assert_int_equal(r.answer.n_agents, 2);
        assert_true(span_eq(r.answer.agents[1].user_name, SPAN("Ann")));
        assert_true(span_eq(agent_tag(&r.answer.agents[0], SPAN(TAG_MANAGED_BY)), SPAN("emea")));
        assert_true(span_eq(r.answer.next_token, SPAN("t")));
        if (i == 1)
            assert_true(span_eq(r.answer.entitlements[0].routing_profile_id, SPAN("rp")));
        arena_done(&r.arena);
    }
}

static void pages_end_where_no_token_is(void **state)
{
    static const char *const last[] = {"{\"Users\":[]}", "{\"Users\":[],\"NextToken\":null}",
                                       "{\"Users\":[],\"NextToken\":\"\"}"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct read r = {0};

        assert_int_equal(answer_search_users(span_of(last[i]), &r.arena, &r.answer, &r.fail),
                         ERR_NONE);
        assert_null(r.answer.next_token.p);
        arena_done(&r.arena);
    }
    {
        struct read r = {0}; /* an empty page may have one */

        assert_int_equal(
            answer_search_users(SPAN("{\"NextToken\":\"t\"}"), &r.arena, &r.answer, &r.fail),
            ERR_NONE);
        assert_true(span_eq(r.answer.next_token, SPAN("t")));
        assert_int_equal(r.answer.n_agents, 0);
        arena_done(&r.arena);
    }
}

/* ---- proficiencies ---- */

static void proficiencies_are_read(void **state)
{
    struct read r = {0};

    (void)state;
    assert_int_equal(
        answer_proficiencies(
            SPAN("{\"UserProficiencyList\":[{\"AttributeName\":\"Language\",\"AttributeValue\":"
                 "\"English\",\"Level\":4.5},{\"AttributeName\":\"Car\",\"AttributeValue\":\"yes\","
                 "\"Level\":3}],\"NextToken\":\"t\"}"),
            &r.arena, &r.answer, &r.fail),
        ERR_NONE);
    assert_int_equal(r.answer.n_proficiencies, 2);
    assert_true(span_eq(r.answer.proficiencies[0].attribute, SPAN("Language")));
    assert_true(span_eq(r.answer.proficiencies[0].value, SPAN("English")));
    assert_true(r.answer.proficiencies[0].level > 4.4 && r.answer.proficiencies[0].level < 4.6);
    assert_true(r.answer.proficiencies[1].level > 2.9 && r.answer.proficiencies[1].level < 3.1);
    assert_true(span_eq(r.answer.next_token, SPAN("t")));
    arena_done(&r.arena);
}

/* ---- contacts ---- */

static void contacts_are_found(void **state)
{
    static const struct row {
        const char *states;
        bool has_contact;
    } rows[] = {
        {"", false},
        {"CONNECTED", true},
        {"CONNECTED_ONHOLD", true},
        {"INCOMING", true},
        {"PENDING", true},
        {"CONNECTING", true},
        {"PAUSED", true},
        {"SOMETHING_NEW", true},
        {"ENDED", false},
        {"MISSED", false},
        {"ERROR", false},
        {"REJECTED", false},
        {"ENDED CONNECTED", true},
        {"ENDED ENDED", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span rest = span_of(rows[i].states), word;
        struct read r = {0};
        struct buf body;

        buf_init(&body, 4096);
        buf_add_str(&body, "{\"UserDataList\":[{\"User\":{\"Id\":\"a-1\"},\"Contacts\":[");
        for (int n = 0; rest.n > 0 && span_split(&rest, ' ', &word); n++)
            buf_printf(&body, "%s{\"ContactId\":\"c\",\"AgentContactState\":\"%.*s\"}",
                       n == 0 ? "" : ",", SPAN_ARG(word));
        buf_add_str(&body, "]}]}");
        assert_int_equal(answer_current_user_data(buf_span(&body), &r.arena, &r.answer, &r.fail),
                         ERR_NONE);
        if (r.answer.has_contact != rows[i].has_contact)
            fail_msg("%s", rows[i].states);
        buf_done(&body);
        arena_done(&r.arena);
    }
}

static void who_is_not_logged_in_has_no_contact(void **state)
{
    struct read r = {0};

    (void)state;
    assert_int_equal(
        answer_current_user_data(SPAN("{\"UserDataList\":[]}"), &r.arena, &r.answer, &r.fail),
        ERR_NONE);
    assert_false(r.answer.has_contact);
    assert_int_equal(
        answer_current_user_data(SPAN("{\"UserDataList\":[{\"User\":{\"Id\":\"a\"}}]}"), &r.arena,
                                 &r.answer, &r.fail),
        ERR_NONE);
    assert_false(r.answer.has_contact);
    arena_done(&r.arena);
}

/* ---- names ---- */

static void names_are_read(void **state)
{
    static const struct row {
        enum name_kind kind;
        const char *body, *names;
    } rows[] = {
        {NAME_SECURITY_PROFILE,
         "{\"SecurityProfileSummaryList\":[{\"Id\":\"1\",\"Arn\":\"x\",\"Name\":\"Agent\"},{\"Id\":"
         "\"2\",\"Name\":\"Admin\"}]}",
         "1=Agent 2=Admin "},
        {NAME_ROUTING_PROFILE, "{\"RoutingProfileSummaryList\":[]}", ""},
        {NAME_ROUTING_PROFILE,
         "{\"RoutingProfileSummaryList\":[null,7,{},{\"Id\":\"1\"},{\"Name\":\"x\"},{\"Id\":\"\","
         "\"Name\":\"y\"},{\"Id\":\"2\",\"Name\":\"Basic\"}]}",
         "2=Basic "},
        {NAME_HIERARCHY_GROUP,
         "{\"UserHierarchyGroups\":[{\"Id\":\"1\",\"Name\":\"Berlin\",\"HierarchyPath\":{"
         "\"LevelOne\":{\"Id\":\"1\",\"Name\":\"Berlin\"}}},{\"Id\":\"2\",\"Name\":\"Claims\","
         "\"HierarchyPath\":{\"LevelOne\":{\"Id\":\"1\",\"Name\":\"Berlin\"},\"LevelTwo\":{\"Id\":"
         "\"2\",\"Name\":\"Claims\"}}},{\"Id\":\"3\",\"Name\":\"Bare\"},{\"Id\":\"4\",\"Name\":"
         "\"E\",\"HierarchyPath\":{\"LevelFive\":{\"Name\":\"E\"},\"LevelFour\":{\"Name\":\"D\"},"
         "\"LevelThree\":{\"Name\":\"C\"},\"LevelTwo\":{\"Name\":\"B\"},\"LevelOne\":{\"Name\":"
         "\"A\"}}}]}",
         "1=Berlin 2=Berlin/Claims 3=Bare 4=A/B/C/D/E "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct read r = {0};
        char names[256] = "";

        assert_int_equal(
            answer_names(span_of(rows[i].body), rows[i].kind, &r.arena, &r.answer, &r.fail),
            ERR_NONE);
        for (size_t k = 0; k < r.answer.n_named; k++)
            (void)snprintf(names + strlen(names), sizeof(names) - strlen(names), "%.*s=%.*s ",
                           SPAN_ARG(r.answer.named[k].id), SPAN_ARG(r.answer.named[k].name));
        if (strcmp(names, rows[i].names) != 0)
            fail_msg("row %zu: '%s'", i, names);
        arena_done(&r.arena);
    }
}

/* ---- quick connects ---- */

static void quick_connects_are_read(void **state)
{
    struct read r = {0};

    (void)state;
    assert_int_equal(
        answer_quick_connects(SPAN("{\"QuickConnectSummaryList\":[{\"Id\":\"q-1\",\"Arn\":\"x\","
                                   "\"Name\":\"Ann\",\"QuickConnectType\":\"USER\"}],\"NextToken\":"
                                   "\"t\"}"),
                              &r.arena, &r.answer, &r.fail),
        ERR_NONE);
    assert_int_equal(r.answer.n_named, 1);
    assert_true(span_eq(r.answer.named[0].id, SPAN("q-1")));
    assert_true(span_eq(r.answer.next_token, SPAN("t")));
    assert_int_equal(
        answer_quick_connect(SPAN("{\"QuickConnect\":{\"QuickConnectId\":\"q-1\","
                                  "\"QuickConnectConfig\":{\"QuickConnectType\":\"USER\","
                                  "\"UserConfig\":{\"UserId\":\"a-1\",\"ContactFlowId\":\"f\"}}}}"),
                             &r.arena, &r.answer, &r.fail),
        ERR_NONE);
    assert_true(span_eq(r.answer.quick_connect_user_id, SPAN("a-1")));
    assert_int_equal(
        answer_quick_connect(SPAN("{\"QuickConnect\":{\"QuickConnectConfig\":{"
                                  "\"QuickConnectType\":\"QUEUE\",\"QueueConfig\":{\"QueueId\":"
                                  "\"q\"}}}}"),
                             &r.arena, &r.answer, &r.fail),
        ERR_NONE);
    assert_int_equal(r.answer.quick_connect_user_id.n, 0);
    arena_done(&r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_an_agent_is_read),
        cmocka_unit_test(absent_members_are_empty),
        cmocka_unit_test(phones_are_read_in_both_forms),
        cmocka_unit_test(half_answers_are_unclear),
        cmocka_unit_test(agents_of_a_search_are_read),
        cmocka_unit_test(pages_end_where_no_token_is),
        cmocka_unit_test(proficiencies_are_read),
        cmocka_unit_test(contacts_are_found),
        cmocka_unit_test(who_is_not_logged_in_has_no_contact),
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(quick_connects_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
