#include "search.h"

static void a_web_identity(void **state)
{
    char *xml = credentials_xml("AssumeRoleWithWebIdentity", "AK", 3600000);
    const struct scripted script[] = {{.path = "/", .status = 200, .body = xml}, {0}};

    (void)state;
    begin(script);
    set_web_identity();
    search();
    assert_found("AK", "web identity");
    assert_string_equal(c.found.token.p, "token-of-AK");
    assert_true(c.found.expires_ms > clock_wall_ms() + 3500000);
    assert_int_equal(s.n_asked, 1);
    assert_string_equal(s.asked[0].method, "POST");
    assert_string_equal(
        s.asked[0].body,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam"
        "%3A%3A123456789012%3Arole%2Fr&RoleSessionName=roster%40pod"
        "&WebIdentityToken=HUSH%2Ftoken%2B");
    assert_null(s.asked[0].authorization);
    finish();
    free(xml);
}

static void a_web_identity_of_the_profile(void **state)
{
    char *xml = credentials_xml("AssumeRoleWithWebIdentity", "AK", 3600000);
    const struct scripted script[] = {{.path = "/", .status = 200, .body = xml}, {0}};
    char *config;

    (void)state;
    begin(script);
    config = mem_printf("[default]\nrole_arn = " ROLE "\nweb_identity_token_file = %s/token\n",
                        s.folder);
    write_file(".aws/config", config);
    write_file("token", "HUSH");
    search();
    assert_found("AK", "web identity");
    assert_non_null(strstr(s.asked[0].body, "&RoleSessionName=roster-"));
    finish();
    free(config);
    free(xml);
}

static void web_identities_that_are_not_set_up_right(void **state)
{
    (void)state;
    begin(NULL);
    set("AWS_WEB_IDENTITY_TOKEN_FILE=%s/token", s.folder);
    search();
    assert_refused(ERR_DENIED, "AWS_ROLE_ARN is not");
    set("AWS_ROLE_ARN=" ROLE);
    search();
    assert_refused(ERR_DENIED, "web identity: the token: open ");
    write_file("token", "\n");
    search();
    assert_refused(ERR_DENIED, "holds no token");
    set("AWS_ROLE_SESSION_NAME=two words");
    search();
    assert_refused(ERR_DENIED, "role session name");
    assert_int_equal(s.n_asked, 0);
    finish();
}

static void refusals_of_sts(void **state)
{
    static const struct scripted denied[] = {{.path = "/",
                                              .status = 403,
                                              .body = STS_ERROR("AccessDenied"),
                                              .headers = {"x-amzn-RequestId: r-1"}},
                                             {0}};
    static const struct scripted late[] = {
        {.path = "/", .status = 400, .body = STS_ERROR("ExpiredTokenException")}, {0}};
    static const struct scripted nonsense[] = {{.path = "/", .status = 200, .body = "<a>"}, {0}};
    static const struct scripted down[] = {{.path = "/", .status = 503, .body = "<html>"}, {0}};

    (void)state;
    begin(denied);
    set_web_identity();
    search();
    assert_refused(ERR_DENIED, "web identity: AssumeRoleWithWebIdentity at http://127.0.0.1:");
    assert_non_null(strstr(c.fail.text, "answered 403 AccessDenied: why"));
    assert_string_equal(c.fail.code, "AccessDenied");
    assert_string_equal(c.fail.request_id, "r-1");
    assert_int_equal(s.n_asked, 1);
    s.script = late;
    search();
    assert_refused(ERR_DENIED, "ExpiredTokenException");
    assert_int_equal(s.n_asked, 2);
    s.script = nonsense;
    search();
    assert_refused(ERR_IO, "cut or no XML");
    assert_int_equal(s.n_asked, 5);
    s.script = down;
    search();
    assert_refused(ERR_IO, "503");
    assert_int_equal(s.n_asked, 8);
    finish();
}

static void sts_is_asked_again_for_what_passes(void **state)
{
    char *xml = credentials_xml("AssumeRoleWithWebIdentity", "AK", 3600000);
    const struct scripted script[] = {
        {.path = "/", .status = 400, .body = STS_ERROR("IDPCommunicationError"), .times = 1},
        {.path = "/", .status = 400, .body = STS_ERROR("InvalidIdentityToken"), .times = 1},
        {.path = "/", .status = 200, .body = xml},
        {0}};

    (void)state;
    begin(script);
    set_web_identity();
    search();
    assert_found("AK", "web identity");
    assert_int_equal(s.n_asked, 3);
    finish();
    free(xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_web_identity),
        cmocka_unit_test(a_web_identity_of_the_profile),
        cmocka_unit_test(web_identities_that_are_not_set_up_right),
        cmocka_unit_test(refusals_of_sts),
        cmocka_unit_test(sts_is_asked_again_for_what_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
