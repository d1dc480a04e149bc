#include "search.h"

#define KEYS "aws_access_key_id = FIRST\naws_secret_access_key = HUSH\n"
#define PROFILE_R "[profile r]\nrole_arn = " ROLE "\n"

static void a_role_from_keys(void **state)
{
    char *xml = credentials_xml("AssumeRole", "AK", 3600000);
    const struct scripted script[] = {{.path = "/", .status = 200, .body = xml}, {0}};

    (void)state;
    begin(script);
    set("AWS_PROFILE=r");
    write_file(".aws/config", PROFILE_R "source_profile = base\nrole_session_name = me\n"
                                        "external_id = x/y\nduration_seconds = 900\n");
    write_file(".aws/credentials", "[base]\n" KEYS);
    search();
    assert_found("AK", "profile r");
    assert_int_equal(s.n_asked, 1);
    assert_string_equal(s.asked[0].body,
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
                        "123456789012%3Arole%2Fr&RoleSessionName=me&ExternalId=x%2Fy"
                        "&DurationSeconds=900");
    assert_non_null(strstr(s.asked[0].authorization, "Credential=FIRST/"));
    assert_non_null(strstr(s.asked[0].authorization, "/eu-central-1/sts/aws4_request"));
    assert_null(s.asked[0].token);
    finish();
    free(xml);
}

static void roles_in_a_row(void **state)
{
    char *one = credentials_xml("AssumeRole", "ONE", 3600000);
    char *two = credentials_xml("AssumeRole", "TWO", 3600000);
    const struct scripted script[] = {{.path = "/", .status = 200, .body = one, .times = 1},
                                      {.path = "/", .status = 200, .body = two},
                                      {0}};

    (void)state;
    begin(script);
    set("AWS_PROFILE=r");
    write_file(".aws/config", PROFILE_R "source_profile = q\n[profile q]\nrole_arn = " ROLE
                                        "2\ncredential_source = Environment\n");
    search();
    assert_refused(ERR_DENIED, "profile r: its source has no credentials: environment (");
    set("AWS_SECRET_ACCESS_KEY=HUSH");
    set("AWS_SESSION_TOKEN=T");
    /* Keys in the environment would go before the profile, so its source comes in by another way.
     */
    write_file(".aws/config", PROFILE_R "source_profile = q\n[profile q]\nrole_arn = " ROLE
                                        "2\nsource_profile = q\n" KEYS);
    search();
    assert_found("ONE", "profile r");
    assert_int_equal(s.n_asked, 1);
    write_file(".aws/config", PROFILE_R "source_profile = q\n[profile q]\nrole_arn = " ROLE
                                        "2\nsource_profile = p\n[profile p]\n" KEYS);
    s.used[0] = 0;
    search();
    assert_found("TWO", "profile r");
    assert_int_equal(s.n_asked, 3);
    assert_non_null(strstr(s.asked[1].body, "role%2Fr2&"));
    assert_non_null(strstr(s.asked[1].authorization, "Credential=FIRST/"));
    assert_non_null(strstr(s.asked[2].body, "role%2Fr&"));
    assert_non_null(strstr(s.asked[2].authorization, "Credential=ONE/"));
    assert_string_equal(s.asked[2].token, "token-of-ONE");
    finish();
    free(one);
    free(two);
}

static void a_role_from_a_container(void **state)
{
    char *xml = credentials_xml("AssumeRole", "AK", 3600000);
    char *json = credentials_json("BASE", 3600000);
    const struct scripted script[] = {{.path = "/", .status = 200, .body = xml},
                                      {.path = "/c", .status = 200, .body = json},
                                      {0}};

    (void)state;
    begin(script);
    set("AWS_PROFILE=r");
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    write_file(".aws/config", PROFILE_R "credential_source = EcsContainer\n");
    search();
    assert_found("AK", "profile r");
    assert_string_equal(s.asked[1].token, "token-of-BASE");
    finish();
    free(xml);
    free(json);
}

static void a_role_from_a_process(void **state)
{
    char *xml = credentials_xml("AssumeRole", "AK", 3600000), *config;
    const struct scripted script[] = {{.path = "/", .status = 200, .body = xml}, {0}};

    (void)state;
    begin(script);
    set("AWS_PROFILE=r");
    write_file("process", "echo '{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"S\"}'");
    config = mem_printf(PROFILE_R "source_profile = p\n[profile p]\n"
                                  "credential_process = sh %s/process\n",
                        s.folder);
    write_file(".aws/config", config);
    search();
    assert_found("AK", "profile r");
    assert_non_null(strstr(s.asked[0].authorization, "Credential=P/"));
    finish();
    free(config);
    free(xml);
}

static void roles_that_are_not_set_up_right(void **state)
{
    static const struct {
        const char *config, *text;
    } rows[] = {
        {PROFILE_R, "needs either source_profile or credential_source"},
        {PROFILE_R "source_profile = a\ncredential_source = Environment\n", "needs either"},
        {PROFILE_R "source_profile = gone\n", "is gone, and there is none"},
        {PROFILE_R "credential_source = Moon\n", "credential_source must be"},
        {PROFILE_R "source_profile = r\n", "leads on and on"},
        {PROFILE_R "source_profile = a\nmfa_serial = x\n", "mfa_serial"},
        {PROFILE_R "source_profile = a\nrole_session_name = x\n", "role_session_name"},
        {PROFILE_R "source_profile = a\nduration_seconds = 899\n", "duration_seconds"},
        {PROFILE_R "source_profile = a\nduration_seconds = 43201\n", "duration_seconds"},
        {PROFILE_R "source_profile = a\nduration_seconds = 1h\n", "duration_seconds"},
        {PROFILE_R "source_profile = a\nduration_seconds = 99999999999999999999\n",
         "duration_seconds"},
        {"[profile r]\nrole_arn = r\nsource_profile = a\n", "is no ARN"},
        {PROFILE_R "source_profile = a\n[profile a]\nregion = b\n",
         "its source has no credentials: environment (AWS_ACCESS_KEY_ID is not set), profile a (it "
         "has no keys)"},
        {PROFILE_R "source_profile = a\n[profile a]\naws_access_key_id = b\n",
         "profile a has aws_access_key_id without"},
    };

    (void)state;
    begin(NULL);
    set("AWS_PROFILE=r");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_file(".aws/config", rows[i].config);
        search();
        assert_refused(ERR_DENIED, rows[i].text);
        assert_non_null(strstr(c.fail.text, "AWS credentials from profile r: "));
    }
    assert_int_equal(s.n_asked, 0);
    finish();
}

/* Else a role would be assumed as somebody else than the profile says. */
static void a_role_begins_nowhere_else(void **state)
{
    char *json = credentials_json("CONTAINER", 3600000);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = json}, {0}};

    (void)state;
    begin(script);
    set("AWS_PROFILE=r");
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    write_file(".aws/config", PROFILE_R "source_profile = a\n[profile a]\nregion = b\n");
    search();
    assert_refused(ERR_DENIED, "its source has no credentials");
    assert_int_equal(s.n_asked, 0);
    finish();
    free(json);
}

static void a_role_with_a_wrong_clock(void **state)
{
    char *xml = credentials_xml("AssumeRole", "AK", 7200000);
    char *refusal =
        raw_answer(403, "Wed, 21 Oct 2037 07:28:00 GMT", STS_ERROR("SignatureDoesNotMatch"));
    char *later =
        raw_answer(403, "Wed, 21 Oct 2037 09:28:00 GMT", STS_ERROR("SignatureDoesNotMatch"));
    const struct scripted jumping[] = {{.path = "/", .status = RAW, .body = refusal, .times = 1},
                                       {.path = "/", .status = RAW, .body = later},
                                       {0}};
    const struct scripted script[] = {{.path = "/", .status = RAW, .body = refusal, .times = 1},
                                      {.path = "/", .status = 200, .body = xml},
                                      {0}};

    (void)state;
    begin(script);
    set("AWS_PROFILE=r");
    write_file(".aws/config", PROFILE_R "source_profile = q\n[profile q]\n" KEYS);
    search();
    assert_found("AK", "profile r");
    assert_int_equal(s.n_asked, 2);
    assert_int_not_equal(strncmp(s.asked[0].date, "20371021T07", 11), 0);
    assert_int_equal(strncmp(s.asked[1].date, "20371021T07", 11), 0);
    s.script = jumping; /* told, not followed */
    s.used[0] = 0;
    search();
    assert_refused(ERR_DENIED, "SignatureDoesNotMatch");
    assert_int_equal(s.n_asked, 4);
    finish();
    free(refusal);
    free(later);
    free(xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_from_keys),
        cmocka_unit_test(roles_in_a_row),
        cmocka_unit_test(a_role_from_a_container),
        cmocka_unit_test(a_role_from_a_process),
        cmocka_unit_test(roles_that_are_not_set_up_right),
        cmocka_unit_test(a_role_begins_nowhere_else),
        cmocka_unit_test(a_role_with_a_wrong_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
