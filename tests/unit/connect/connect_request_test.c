#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connect/request.h"

#define INSTANCE SPAN("abcdefgh-0122-4131-adc2-a0ebe5a2b2a7")

static const struct span profiles[] = {{"sp-1", 4}, {"sp-2", 4}};

static struct entitlement ann(void)
{
    return (struct entitlement){
        .user_name = SPAN("ann@acme.com"),
        .first_name = SPAN("Ann"),
        .last_name = SPAN("O'Br\xc3\xbcn \"x\""),
        .security_profile_ids = profiles,
        .n_security_profile_ids = 2,
        .routing_profile_id = SPAN("rp-1"),
        .tags = {{SPAN(TAG_MANAGED_BY), SPAN("roster")}, {SPAN(TAG_OKTA_ID), SPAN("00uann")}},
        .n_tags = 2,
    };
}

static void check(struct request *r, const char *method, const char *path, const char *body,
                  bool is_read)
{
    assert_string_equal(r->method, method);
    assert_string_equal(r->path.p, path);
    assert_int_equal(r->has_body, body != NULL);
    assert_string_equal(r->body.p, body == NULL ? "" : body);
    assert_int_equal(r->is_read, is_read);
    request_done(r);
}

static void an_agent_is_made_in_one_request(void **state)
{
    struct entitlement e = ann();
    struct request r = request_create_user(INSTANCE, &e);

    (void)state;
    check(
        &r, "PUT", "/users/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7",
        "{\"Username\":\"ann@acme.com\",\"IdentityInfo\":{\"FirstName\":\"Ann\","
        "\"LastName\":\"O'Br\xc3\xbcn \\\"x\\\"\"},\"PhoneConfig\":{\"PhoneType\":\"SOFT_PHONE\"},"
        "\"SecurityProfileIds\":[\"sp-1\",\"sp-2\"],\"RoutingProfileId\":\"rp-1\","
        "\"Tags\":{\"roster:managed-by\":\"roster\",\"roster:okta-id\":\"00uann\"}}",
        false);
}

static void a_desk_phone_and_no_tags(void **state)
{
    struct entitlement e = ann();
    struct request r;

    (void)state;
    e.has_desk_phone = true;
    e.n_tags = 0;
    r = request_create_user(SPAN("a/b c"), &e);
    assert_non_null(strstr(r.body.p, "{\"PhoneType\":\"DESK_PHONE\"}"));
    assert_null(strstr(r.body.p, "Tags"));
    assert_string_equal(r.path.p, "/users/a%2Fb%20c");
    request_done(&r);
}

static void a_search_names_one_user(void **state)
{
    struct request r = request_find_user(INSTANCE, SPAN("ann@acme.com"), SPAN(""));

    (void)state;
    check(&r, "POST", "/search-users",
          "{\"InstanceId\":\"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7\",\"MaxResults\":500,"
          "\"SearchCriteria\":{\"StringCondition\":{\"FieldName\":\"Username\","
          "\"Value\":\"ann@acme.com\",\"ComparisonType\":\"EXACT\"}}}",
          true);
    r = request_find_user(INSTANCE, SPAN("ann"), SPAN("a+b/c=="));
    assert_non_null(strstr(r.body.p, "\"NextToken\":\"a+b/c==\""));
    request_done(&r);
}

static void an_arn_is_one_segment(void **state)
{
    const struct tag tags[] = {{SPAN("k"), SPAN("v")}, {SPAN("empty"), SPAN("")}};
    struct request r =
        request_tag(SPAN("arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/a-1"), tags, 2);

    (void)state;
    check(&r, "POST",
          "/tags/arn%3Aaws%3Aconnect%3Aus-east-1%3A123456789012%3Ainstance%2Fi-1%2Fagent%2Fa-1",
          "{\"tags\":{\"k\":\"v\",\"empty\":\"\"}}", true);
}

static void an_instance_is_described_without_a_body(void **state)
{
    struct request r = request_describe_instance(INSTANCE);

    (void)state;
    check(&r, "GET", "/instance/abcdefgh-0122-4131-adc2-a0ebe5a2b2a7", NULL, true);
}

/* okta/targets.c lets texts of 1,024 bytes through, and each may need an escape of six. */
static void the_longest_texts_fit(void **state)
{
    struct entitlement e = ann();
    struct request r;
    char text[1024];

    (void)state;
    memset(text, 1, sizeof(text));
    e.user_name = e.first_name = e.last_name = span_n(text, sizeof(text));
    r = request_create_user(INSTANCE, &e);
    assert_int_equal(strlen(r.body.p), r.body.n);
    assert_true(r.body.n > 3 * 6 * sizeof(text));
    request_done(&r);
    r = request_find_user(INSTANCE, e.user_name, SPAN(""));
    assert_true(r.body.n > 6 * sizeof(text));
    request_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agent_is_made_in_one_request),
        cmocka_unit_test(a_desk_phone_and_no_tags),
        cmocka_unit_test(a_search_names_one_user),
        cmocka_unit_test(an_arn_is_one_segment),
        cmocka_unit_test(an_instance_is_described_without_a_body),
        cmocka_unit_test(the_longest_texts_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
