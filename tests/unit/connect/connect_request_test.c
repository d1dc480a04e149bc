#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connect/request.h"
#include "service_model.h"

#define INSTANCE SPAN("abcdefgh-0122-4131-adc2-a0ebe5a2b2a7")
#define USERS "/users/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7"
#define ARN SPAN("arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/a-1")
#define ARN_PATH                                                                                   \
    "/tags/arn%3Aaws%3Aconnect%3Aus-east-1%3A123456789012%3Ainstance%2Fi-1%2Fagent%2Fa-1"

static struct service_model model;

static int load(void **state)
{
    (void)state;
    return model_load(&model, TEST_DATA "/../../sandbox/connect-model.json");
}

static int unload(void **state)
{
    (void)state;
    json_free(model.root);
    return 0;
}

static const struct span profiles[] = {{"sp-1", 4}, {"sp-2", 4}};
static const struct tag anns_tags[] = {{{TAG_MANAGED_BY, 17}, {"roster", 6}},
                                       {{TAG_OKTA_ID, 14}, {"00uann", 6}}};

static struct entitlement ann(void)
{
    return (struct entitlement){
        .user_name = SPAN("ann@acme.com"),
        .first_name = SPAN("Ann"),
        .last_name = SPAN("O'Br\xc3\xbcn \"x\""),
        .security_profile_ids = profiles,
        .n_security_profile_ids = 2,
        .routing_profile_id = SPAN("rp-1"),
        .phone = {.persistent_connection = CHANNEL_UNSET,
                  .auto_accept = {-1, -1, -1, -1},
                  .after_contact_work_s = {-1, -1, -1, -1}},
        .tags = anns_tags,
        .n_tags = 2,
    };
}

static void check(const char *operation, struct request r, const char *method, const char *path,
                  const char *query, const char *body, bool is_read)
{
    assert_string_equal(r.method, method);
    assert_string_equal(r.path.p, path);
    assert_string_equal(r.query.p, query);
    assert_int_equal(r.has_body, body != NULL);
    assert_string_equal(r.body.p, body == NULL ? "" : body);
    assert_int_equal(r.is_read, is_read);
    if (!model_conforms(&model, operation, &r))
        fail_msg("%s does not conform: %s", operation, model.why);
    request_done(&r);
}

/* ---- making ---- */

static void an_agent_is_made_in_one_request(void **state)
{
    struct entitlement e = ann();

    (void)state;
    check("CreateUser", request_create_user(INSTANCE, &e, false), "PUT", USERS, "",
          "{\"Username\":\"ann@acme.com\",\"IdentityInfo\":{\"FirstName\":\"Ann\","
          "\"LastName\":\"O'Br\xc3\xbcn \\\"x\\\"\"},\"PhoneConfig\":{\"PhoneType\":\"SOFT_PHONE\"}"
          ",\"SecurityProfileIds\":[\"sp-1\",\"sp-2\"],\"RoutingProfileId\":\"rp-1\","
          "\"Tags\":{\"roster:managed-by\":\"roster\",\"roster:okta-id\":\"00uann\"}}",
          false);
}

static void an_agent_is_made_with_all_aspects(void **state)
{
    struct entitlement e = ann();

    (void)state;
    e.email = SPAN("ann@acme.com");
    e.hierarchy_group_id = SPAN("hg-1");
    e.n_tags = 0; /* an empty map is refused */
    e.phone = (struct phone){.persistent_connection = 0,
                             .has_desk_phone = true,
                             .desk_number = SPAN("+4930123"),
                             .auto_accept = {1, -1, -1, -1},
                             .after_contact_work_s = {0, -1, -1, -1}};
    check("CreateUser", request_create_user(INSTANCE, &e, false), "PUT", USERS, "",
          "{\"Username\":\"ann@acme.com\",\"IdentityInfo\":{\"FirstName\":\"Ann\","
          "\"LastName\":\"O'Br\xc3\xbcn \\\"x\\\"\",\"Email\":\"ann@acme.com\"},\"PhoneConfig\":{"
          "\"PhoneType\":\"DESK_PHONE\",\"AutoAccept\":true,\"AfterContactWorkTimeLimit\":0,"
          "\"DeskPhoneNumber\":\"+4930123\",\"PersistentConnection\":false},"
          "\"SecurityProfileIds\":[\"sp-1\",\"sp-2\"],\"RoutingProfileId\":\"rp-1\","
          "\"HierarchyGroupId\":\"hg-1\"}",
          false);
}

/* The two forms of a phone must not come together. */
static void an_agent_is_made_with_settings_by_channel(void **state)
{
    struct entitlement e = ann();
    struct request r;

    (void)state;
    e.phone.is_per_channel = true;
    e.phone.auto_accept[CHANNEL_VOICE] = 1;
    e.phone.auto_accept[CHANNEL_CHAT] = 0;
    e.phone.after_contact_work_s[CHANNEL_TASK] = 60;
    e.phone.persistent_connection = 1;
    r = request_create_user(INSTANCE, &e, false);
    assert_non_null(strstr(
        r.body.p, "\"AutoAcceptConfigs\":[{\"Channel\":\"VOICE\",\"AutoAccept\":true},{\"Channel\":"
                  "\"CHAT\",\"AutoAccept\":false}],\"AfterContactWorkConfigs\":[{\"Channel\":"
                  "\"TASK\",\"AfterContactWorkConfig\":{\"AfterContactWorkTimeLimit\":60}}],"
                  "\"PhoneNumberConfigs\":[{\"Channel\":\"VOICE\",\"PhoneType\":\"SOFT_PHONE\"}],"
                  "\"PersistentConnectionConfigs\":[{\"Channel\":\"VOICE\","
                  "\"PersistentConnection\":true}]"));
    assert_null(strstr(r.body.p, "PhoneConfig\""));
    if (!model_conforms(&model, "CreateUser", &r))
        fail_msg("%s", model.why);
    request_done(&r);
}

/* 8 to 64 characters with a small and a capital letter and a digit, no blanks; never the same:
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateUser.html */
static void passwords_are_made_where_the_instance_keeps_them(void **state)
{
    char before[65] = "";

    (void)state;
    for (int i = 0; i < 200; i++) {
        struct entitlement e = ann();
        struct request r = request_create_user(INSTANCE, &e, true);
        const char *at = strstr(r.body.p, "\"Password\":\"");
        size_t n;

        assert_non_null(at);
        at += strlen("\"Password\":\"");
        n = strcspn(at, "\"");
        assert_in_range(n, 16, 64);
        assert_true(strcspn(at, "abcdefghijklmnopqrstuvwxyz") < n);
        assert_true(strcspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < n);
        assert_true(strcspn(at, "0123456789") < n);
        assert_int_equal(
            strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), n);
        assert_memory_not_equal(at, before, n);
        memcpy(before, at, n);
        if (!model_conforms(&model, "CreateUser", &r))
            fail_msg("%s", model.why);
        request_done(&r);
    }
}

/* ---- finding ---- */

static void a_search_names_one_user(void **state)
{
    struct request r = request_find_user(INSTANCE, SPAN("ann@acme.com"), SPAN(""));

    (void)state;
    check("SearchUsers", r, "POST", "/search-users", "",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":500,"
          "\"SearchCriteria\":{\"StringCondition\":{\"FieldName\":\"Username\","
          "\"Value\":\"ann@acme.com\",\"ComparisonType\":\"EXACT\"}}}",
          true);
    check("SearchUsers", request_find_user(INSTANCE, SPAN("ann"), SPAN("a+b/c==")), "POST",
          "/search-users", "",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":500,"
          "\"NextToken\":\"a+b/c==\",\"SearchCriteria\":{\"StringCondition\":{\"FieldName\":"
          "\"Username\",\"Value\":\"ann\",\"ComparisonType\":\"EXACT\"}}}",
          true);
}

static void agents_are_searched_by_tag_by_profile_and_without_a_filter(void **state)
{
    (void)state;
    check("SearchUsers", request_search_managed(INSTANCE, SPAN("emea"), SPAN("t")), "POST",
          "/search-users", "",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":500,"
          "\"NextToken\":\"t\",\"SearchFilter\":{\"TagFilter\":{\"TagCondition\":{\"TagKey\":"
          "\"roster:managed-by\",\"TagValue\":\"emea\"}}}}",
          true);
    check("SearchUsers", request_search_owned(INSTANCE, SPAN("emea"), SPAN("00u1"), SPAN("")),
          "POST", "/search-users", "",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":500,"
          "\"SearchFilter\":{\"TagFilter\":{\"AndConditions\":[{\"TagKey\":\"roster:managed-by\","
          "\"TagValue\":\"emea\"},{\"TagKey\":\"roster:okta-id\",\"TagValue\":\"00u1\"}]}}}",
          true);
    check("SearchUsers", request_search_holders(INSTANCE, SPAN("sp-1"), 5), "POST", "/search-users",
          "",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":5,"
          "\"SearchCriteria\":{\"StringCondition\":{\"FieldName\":\"SecurityProfileId\",\"Value\":"
          "\"sp-1\",\"ComparisonType\":\"EXACT\"}}}",
          true);
    check("SearchUsers", request_list_agents(INSTANCE, SPAN("")), "POST", "/search-users", "",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":500}", true);
}

/* ---- tags: an ARN is one segment ---- */

static void tags_are_put_and_taken(void **state)
{
    const struct tag tags[] = {{SPAN("k"), SPAN("v")}, {SPAN("empty"), SPAN("")}};
    const struct span keys[] = {SPAN("roster:x"), SPAN("a b&c")};

    (void)state;
    check("TagResource", request_tag(ARN, tags, 2), "POST", ARN_PATH, "",
          "{\"tags\":{\"k\":\"v\",\"empty\":\"\"}}", true);
    check("UntagResource", request_untag(ARN, keys, 2), "DELETE", ARN_PATH,
          "tagKeys=roster%3Ax&tagKeys=a%20b%26c", NULL, true);
}

/* ---- an agent that exists ---- */

static void agents_are_described_and_deleted(void **state)
{
    (void)state;
    check("DescribeInstance", request_describe_instance(INSTANCE), "GET",
          "/instance/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7", "", NULL, true);
    check("DescribeUser", request_describe_user(INSTANCE, SPAN("a/1")), "GET", USERS "/a%2F1", "",
          NULL, true);
    check("DeleteUser", request_delete_user(INSTANCE, SPAN("a-1")), "DELETE", USERS "/a-1", "",
          NULL, true);
}

static void each_aspect_has_its_update(void **state)
{
    static const struct row {
        enum aspect aspect;
        const char *operation, *path, *body;
    } rows[] = {
        {ASPECT_IDENTITY, "UpdateUserIdentityInfo", USERS "/a-1/identity-info",
         "{\"IdentityInfo\":{\"FirstName\":\"Ann\",\"LastName\":\"O'Br\xc3\xbcn \\\"x\\\"\","
         "\"Email\":\"e@x\",\"SecondaryEmail\":\"s@x\",\"Mobile\":\"+491\"}}"},
        {ASPECT_SECURITY_PROFILES, "UpdateUserSecurityProfiles", USERS "/a-1/security-profiles",
         "{\"SecurityProfileIds\":[\"sp-1\",\"sp-2\"]}"},
        {ASPECT_ROUTING_PROFILE, "UpdateUserRoutingProfile", USERS "/a-1/routing-profile",
         "{\"RoutingProfileId\":\"rp-1\"}"},
        {ASPECT_HIERARCHY, "UpdateUserHierarchy", USERS "/a-1/hierarchy",
         "{\"HierarchyGroupId\":\"hg-1\"}"},
        {ASPECT_PHONE, "UpdateUserPhoneConfig", USERS "/a-1/phone-config",
         "{\"PhoneConfig\":{\"PhoneType\":\"SOFT_PHONE\",\"AutoAccept\":false,"
         "\"AfterContactWorkTimeLimit\":30}}"},
    };
    struct entitlement e = ann();

    (void)state;
    e.email = SPAN("e@x");
    e.secondary_email = SPAN("s@x");
    e.mobile = SPAN("+491");
    e.hierarchy_group_id = SPAN("hg-1");
    e.phone.auto_accept[0] = 0;
    e.phone.after_contact_work_s[0] = 30;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(rows[i].operation, request_update(INSTANCE, SPAN("a-1"), rows[i].aspect, &e), "POST",
              rows[i].path, "", rows[i].body, true);
    /* No group removes it. */
    e.hierarchy_group_id = SPAN("");
    check("UpdateUserHierarchy", request_update(INSTANCE, SPAN("a-1"), ASPECT_HIERARCHY, &e),
          "POST", USERS "/a-1/hierarchy", "", "{}", true);
    e.phone = (struct phone){.persistent_connection = CHANNEL_UNSET,
                             .is_per_channel = true,
                             .has_desk_phone = true,
                             .desk_number = SPAN("+4930123"),
                             .auto_accept = {-1, -1, -1, -1},
                             .after_contact_work_s = {10, -1, -1, 0}};
    check("UpdateUserConfig", request_update(INSTANCE, SPAN("a-1"), ASPECT_PHONE, &e), "POST",
          USERS "/a-1/config", "",
          "{\"AfterContactWorkConfigs\":[{\"Channel\":\"VOICE\",\"AfterContactWorkConfig\":{"
          "\"AfterContactWorkTimeLimit\":10}},{\"Channel\":\"EMAIL\",\"AfterContactWorkConfig\":{"
          "\"AfterContactWorkTimeLimit\":0}}],\"PhoneNumberConfigs\":[{\"Channel\":\"VOICE\","
          "\"PhoneType\":\"DESK_PHONE\",\"PhoneNumber\":\"+4930123\"}]}",
          true);
}

static void proficiencies_are_changed(void **state)
{
    const struct proficiency p[] = {{SPAN("Language"), SPAN("English"), 5},
                                    {SPAN("Product"), SPAN("Car"), 2.5}};

    (void)state;
    check("ListUserProficiencies", request_list_proficiencies(INSTANCE, SPAN("a-1"), SPAN("")),
          "GET", USERS "/a-1/proficiencies", "maxResults=100", NULL, true);
    check("ListUserProficiencies", request_list_proficiencies(INSTANCE, SPAN("a-1"), SPAN("a+/=")),
          "GET", USERS "/a-1/proficiencies", "maxResults=100&nextToken=a%2B%2F%3D", NULL, true);
    check("AssociateUserProficiencies",
          request_change_proficiencies(INSTANCE, SPAN("a-1"), PROFICIENCY_ASSOCIATE, p, 2), "POST",
          USERS "/a-1/associate-proficiencies", "",
          "{\"UserProficiencies\":[{\"AttributeName\":\"Language\",\"AttributeValue\":\"English\","
          "\"Level\":5},{\"AttributeName\":\"Product\",\"AttributeValue\":\"Car\",\"Level\":2.5}]}",
          true);
    check("UpdateUserProficiencies",
          request_change_proficiencies(INSTANCE, SPAN("a-1"), PROFICIENCY_UPDATE, p, 1), "POST",
          USERS "/a-1/proficiencies", "",
          "{\"UserProficiencies\":[{\"AttributeName\":\"Language\",\"AttributeValue\":\"English\","
          "\"Level\":5}]}",
          true);
    check("DisassociateUserProficiencies",
          request_change_proficiencies(INSTANCE, SPAN("a-1"), PROFICIENCY_DISASSOCIATE, p, 1),
          "POST", USERS "/a-1/disassociate-proficiencies", "",
          "{\"UserProficiencies\":[{\"AttributeName\":\"Language\",\"AttributeValue\":\"English\""
          "}]}",
          true);
}

static void contacts_are_asked_for_one_agent(void **state)
{
    (void)state;
    check("GetCurrentUserData", request_current_user_data(INSTANCE, SPAN("a-1")), "POST",
          "/metrics/userdata/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7", "",
          "{\"Filters\":{\"Agents\":[\"a-1\"]}}", true);
}

/* ---- lists ---- */

static void lists_are_read_by_pages(void **state)
{
    (void)state;
    check("ListSecurityProfiles", request_list_names(INSTANCE, NAME_SECURITY_PROFILE, SPAN("")),
          "GET", "/security-profiles-summary/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7",
          "maxResults=1000", NULL, true);
    check("ListRoutingProfiles", request_list_names(INSTANCE, NAME_ROUTING_PROFILE, SPAN("a=")),
          "GET", "/routing-profiles-summary/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7",
          "maxResults=1000&nextToken=a%3D", NULL, true);
    check("SearchUserHierarchyGroups",
          request_list_names(INSTANCE, NAME_HIERARCHY_GROUP, SPAN("t")), "POST",
          "/search-user-hierarchy-groups", "",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":100,"
          "\"NextToken\":\"t\"}",
          true);
    check("ListQuickConnects", request_list_quick_connects(INSTANCE, SPAN("")), "GET",
          "/quick-connects/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7",
          "maxResults=1000&QuickConnectTypes=USER", NULL, true);
    check("DescribeQuickConnect", request_describe_quick_connect(INSTANCE, SPAN("q-1")), "GET",
          "/quick-connects/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7/q-1", "", NULL, true);
    check("DeleteQuickConnect", request_delete_quick_connect(INSTANCE, SPAN("q-1")), "DELETE",
          "/quick-connects/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7/q-1", "", NULL, true);
}

/* okta/targets.c lets texts of 1,024 bytes through, and each may need an escape of six. */
static void the_longest_texts_fit(void **state)
{
    struct entitlement e = ann();
    struct request r;
    struct tag tags[50];
    char text[1024];

    (void)state;
    memset(text, 1, sizeof(text));
    e.user_name = e.first_name = e.last_name = span_n(text, sizeof(text));
    for (size_t i = 0; i < 50; i++)
        tags[i] = (struct tag){span_n("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", 10 + i % 20),
                               span_n(text, sizeof(text) / 2)};
    e.tags = tags;
    e.n_tags = 50;
    r = request_create_user(SPAN("a/b c"), &e, false);
    assert_int_equal(strlen(r.body.p), r.body.n);
    assert_true(r.body.n > 28 * 6 * sizeof(text));
    assert_string_equal(r.path.p, "/users/a%2Fb%20c");
    request_done(&r);
    r = request_find_user(INSTANCE, e.user_name, SPAN(""));
    assert_true(r.body.n > 6 * sizeof(text));
    request_done(&r);
}

/* What is not in the model is found. */
static void the_model_is_strict(void **state)
{
    static const struct row {
        const char *operation, *method, *path, *query, *body;
    } rows[] = {
        {"DescribeUser", "POST", USERS "/a", "", NULL},
        {"DescribeUser", "GET", USERS, "", NULL},
        {"DescribeUser", "GET", USERS "/a/b", "", NULL},
        {"DescribeUser", "GET", USERS "/a:b", "", NULL},
        {"ListUserProficiencies", "GET", USERS "/a/proficiencies", "max=1", NULL},
        {"UpdateUserRoutingProfile", "POST", USERS "/a/routing-profile", "", "{}"},
        {"UpdateUserRoutingProfile", "POST", USERS "/a/routing-profile", "",
         "{\"RoutingProfileId\":\"r\",\"New\":1}"},
        {"UpdateUserRoutingProfile", "POST", USERS "/a/routing-profile", "",
         "{\"RoutingProfileId\":7}"},
        {"UpdateUserSecurityProfiles", "POST", USERS "/a/security-profiles", "",
         "{\"SecurityProfileIds\":[]}"},
        {"UpdateUserPhoneConfig", "POST", USERS "/a/phone-config", "",
         "{\"PhoneConfig\":{\"PhoneType\":\"PIGEON\"}}"},
        {"UpdateUserPhoneConfig", "POST", USERS "/a/phone-config", "",
         "{\"PhoneConfig\":{\"AutoAccept\":1}}"},
        {"UpdateUserPhoneConfig", "POST", USERS "/a/phone-config", "",
         "{\"PhoneConfig\":{\"AfterContactWorkTimeLimit\":-1}}"},
        {"UpdateUserProficiencies", "POST", USERS "/a/proficiencies", "",
         "{\"UserProficiencies\":[{\"AttributeName\":\"a\",\"AttributeValue\":\"b\",\"Level\":6}]"
         "}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct request r = {.method = rows[i].method, .has_body = rows[i].body != NULL};

        buf_init(&r.path, 1024);
        buf_init(&r.query, 1024);
        buf_init(&r.body, 1024);
        buf_add_str(&r.path, rows[i].path);
        buf_add_str(&r.query, rows[i].query);
        buf_add_str(&r.body, rows[i].body == NULL ? "" : rows[i].body);
        if (model_conforms(&model, rows[i].operation, &r))
            fail_msg("row %zu", i);
        request_done(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agent_is_made_in_one_request),
        cmocka_unit_test(an_agent_is_made_with_all_aspects),
        cmocka_unit_test(an_agent_is_made_with_settings_by_channel),
        cmocka_unit_test(passwords_are_made_where_the_instance_keeps_them),
        cmocka_unit_test(a_search_names_one_user),
        cmocka_unit_test(agents_are_searched_by_tag_by_profile_and_without_a_filter),
        cmocka_unit_test(tags_are_put_and_taken),
        cmocka_unit_test(agents_are_described_and_deleted),
        cmocka_unit_test(each_aspect_has_its_update),
        cmocka_unit_test(proficiencies_are_changed),
        cmocka_unit_test(contacts_are_asked_for_one_agent),
        cmocka_unit_test(lists_are_read_by_pages),
        cmocka_unit_test(the_longest_texts_fit),
        cmocka_unit_test(the_model_is_strict),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
