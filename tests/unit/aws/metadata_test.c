#include "search.h"

static void an_instance(void **state)
{
    char *json = credentials_json("AK", 3600000);
    const struct scripted script[] = {
        {.method = "PUT", .path = "/latest/api/token", .status = 200, .body = "T==\n"},
        {.method = "GET", .path = LIST, .status = 401, .times = 1},
        {.method = "GET", .path = LIST, .status = 200, .body = "my-role\nother\n"},
        {.method = "GET", .path = LIST "my-role", .status = 503, .times = 1},
        {.method = "GET", .path = LIST "my-role", .status = 200, .body = json},
        {0},
    };

    (void)state;
    begin(script);
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s/", s.url);
    search();
    assert_found("AK", "instance metadata");
    assert_string_equal(c.found.token.p, "token-of-AK");
    assert_int_equal(s.n_asked, 6);
    assert_string_equal(s.asked[0].path, "/latest/api/token");
    assert_null(s.asked[0].metadata_token);
    assert_string_equal(s.asked[1].metadata_token, "T==");
    assert_string_equal(s.asked[2].path, "/latest/api/token");
    assert_string_equal(s.asked[5].metadata_token, "T==");
    finish();
    free(json);
}

static void refusals_of_an_instance(void **state)
{
    static const struct scripted no_token[] = {{.path = "/latest/api/token", .status = 403}, {0}};
    static const struct scripted bad_token[] = {
        {.path = "/latest/api/token", .status = 200, .body = "a b"}, {0}};
    static const struct scripted down[] = {{.path = "/latest/api/token", .status = 500}, {0}};
    static const struct scripted no_role[] = {
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = 404},
        {0}};
    static const struct scripted bad_role[] = {
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = 200, .body = "../../evil"},
        {0}};
    static const struct scripted bad_token_again[] = {
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = 401},
        {0}};
    static const struct scripted not_allowed[] = {
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = 200, .body = "r"},
        {.path = LIST "r", .status = 200, .body = "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}"},
        {0}};
    static const struct {
        const struct scripted *script;
        enum err err;
        const char *text;
    } rows[] = {
        {no_token, ERR_DENIED, "answered 403 to the request for a token)"},
        {bad_token, ERR_DENIED, "gave no token)"},
        {down, ERR_IO, "answered 500"},
        {no_role, ERR_DENIED, "instance metadata (no role is attached to the instance)"},
        {bad_role, ERR_DENIED, "is no name of a role"},
        {bad_token_again, ERR_DENIED, "the role's name: it answered 401"},
        {not_allowed, ERR_DENIED, "role r: AssumeRoleUnauthorizedAccess"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i].script);
        set("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", s.url);
        search();
        assert_refused(rows[i].err, rows[i].text);
        finish();
    }
}

static void no_instance_at_all(void **state)
{
    (void)state;
    begin(NULL);
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1");
    search();
    assert_refused(ERR_DENIED, "instance metadata (http://127.0.0.1:1: ");
    assert_non_null(strstr(c.fail.text, "there are no AWS credentials"));
    finish();
    begin(NULL);
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://example.com");
    search();
    assert_refused(ERR_DENIED, "AWS_EC2_METADATA_SERVICE_ENDPOINT: plain http");
    finish();
    begin(NULL);
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv5");
    search();
    assert_refused(ERR_DENIED, "must be IPv4 or IPv6");
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance),
        cmocka_unit_test(refusals_of_an_instance),
        cmocka_unit_test(no_instance_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
