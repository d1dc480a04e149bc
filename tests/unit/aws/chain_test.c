#include "stand_in.h"

#include "aws/chain.h"

enum { WAIT_MS = 40 };

#define ROLE "arn:aws:iam::123456789012:role/r"

static struct {
    struct environment *environment;
    struct skew skew;
    struct chain_context context;
    struct chain *chain;
    bool is_over;
    enum err err;
    struct fail fail;
    struct credentials found;
    char origin[CHAIN_ORIGIN_MAX];
} c;

static void searched(void *arg, const struct chain_result *result)
{
    (void)arg;
    assert_false(c.is_over);
    c.is_over = true;
    c.err = result->err;
    c.fail = *result->fail;
    snprintf(c.origin, sizeof(c.origin), "%s", result->origin);
    if (result->err == ERR_NONE) {
        c.found = *result->credentials;
        *result->credentials = (struct credentials){0};
    }
    chain_free(c.chain);
    c.chain = NULL;
    loop_stop(s.loop);
}

static void start_search(void)
{
    credentials_done(&c.found);
    environment_free(c.environment);
    memset(&c, 0, sizeof(c));
    c.environment = environment_new(environment());
    c.context = (struct chain_context){.loop = s.loop,
                                       .client = s.client,
                                       .environment = c.environment,
                                       .region = "eu-central-1",
                                       .sts_endpoint = s.url,
                                       .wait_ms = WAIT_MS,
                                       .skew = &c.skew};
    c.chain = chain_start(&c.context, searched, NULL);
    assert_false(c.is_over);
}

static void search(void)
{
    start_search();
    loop_run(s.loop);
    assert_true(c.is_over);
}

static void finish(void)
{
    chain_free(c.chain);
    credentials_done(&c.found);
    environment_free(c.environment);
    memset(&c, 0, sizeof(c));
    end();
}

static void assert_found(const char *id, const char *origin)
{
    if (c.err != ERR_NONE)
        fail_msg("%s: %s", err_name(c.err), c.fail.text);
    assert_string_equal(c.found.access_key.p, id);
    assert_string_equal(c.origin, origin);
}

static void assert_refused(enum err err, const char *text)
{
    if (c.err != err || strstr(c.fail.text, text) == NULL)
        fail_msg("%s: %s", err_name(c.err), c.fail.text);
    assert_int_equal(c.fail.err, err);
    assert_null(strstr(c.fail.text, "HUSH"));
    assert_true(c.fail.code[0] != '\0');
}

static void turn_metadata_off(void)
{
    set("AWS_EC2_METADATA_DISABLED=TRUE");
}

/* ---- the places that hold keys ---- */

static void keys_in_the_environment(void **state)
{
    (void)state;
    begin(NULL);
    set("AWS_ACCESS_KEY_ID= AK\n");
    set("AWS_SECRET_ACCESS_KEY=SK");
    search();
    assert_found("AK", "environment");
    assert_false(secret_is_set(&c.found.token));
    assert_int_equal(c.found.expires_ms, 0);
    set("AWS_SECURITY_TOKEN=old");
    search();
    assert_string_equal(c.found.token.p, "old");
    set("AWS_SESSION_TOKEN=new");
    search();
    assert_string_equal(c.found.token.p, "new");
    finish();
}

static void half_of_the_keys_in_the_environment(void **state)
{
    (void)state;
    begin(NULL);
    set("AWS_ACCESS_KEY_ID=AK");
    set("AWS_SECRET_ACCESS_KEY=");
    write_file(".aws/credentials", "[default]\naws_access_key_id = B\naws_secret_access_key = S\n");
    search();
    assert_refused(ERR_DENIED, "environment: AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY");
    finish();
}

static void keys_in_the_files(void **state)
{
    (void)state;
    begin(NULL);
    write_file(".aws/config", "[default]\naws_access_key_id = A\naws_secret_access_key = HUSH\n"
                              "[profile p]\naws_access_key_id = C\naws_secret_access_key = HUSH\n"
                              "aws_session_token = T\n");
    search();
    assert_found("A", "profile default");
    write_file(".aws/credentials", "[default]\naws_access_key_id = B\n");
    search();
    assert_refused(ERR_DENIED, "without aws_secret_access_key");
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = B\naws_secret_access_key = HUSH\n");
    search();
    assert_found("B", "profile default");
    set("AWS_PROFILE=p");
    search();
    assert_found("C", "profile p");
    assert_string_equal(c.found.token.p, "T");
    write_file(".aws/config", "what");
    search();
    assert_refused(ERR_DENIED, "/.aws/config:1:");
    finish();
}

static void nothing_anywhere(void **state)
{
    (void)state;
    begin(NULL);
    turn_metadata_off();
    set("AWS_PROFILE=p");
    search();
    assert_refused(ERR_DENIED, "there are no AWS credentials; looked at: environment "
                               "(AWS_ACCESS_KEY_ID is not set), web identity "
                               "(AWS_WEB_IDENTITY_TOKEN_FILE is not set), profile p (there is "
                               "none), container (AWS_CONTAINER_CREDENTIALS_… is not set), "
                               "instance metadata (AWS_EC2_METADATA_DISABLED is true)");
    assert_string_equal(c.origin, "none");
    finish();
}

static void a_sign_in_of_a_person(void **state)
{
    (void)state;
    begin(NULL);
    write_file(".aws/config", "[default]\nsso_session = s\nsso_account_id = 1\n");
    search();
    assert_refused(ERR_DENIED, "profile default: it has sso_session");
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = B\naws_secret_access_key = HUSH\n");
    search();
    assert_found("B", "profile default");
    finish();
}

/* ---- credential_process ---- */

static void set_process(const char *script, const char *arguments)
{
    char *config =
        mem_printf("[default]\ncredential_process = /bin/sh '%s/process'%s\n", s.folder, arguments);

    write_file("process", script);
    write_file(".aws/config", config);
    free(config);
}

static void a_process_prints_them(void **state)
{
    (void)state;
    begin(NULL);
    set_process(
        "printf '{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"HUSH\"}' \"$1\"",
        " 'two words'");
    search();
    assert_refused(ERR_DENIED, "what the credential_process printed: the access key id");
    set_process(
        "printf '{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"HUSH\"}' \"$1\"",
        " one");
    search();
    assert_found("one", "profile default (credential_process)");
    set_process("exit 3", " HUSH");
    search();
    assert_refused(ERR_DENIED, "the credential_process ended with status 3");
    set_process("echo HUSH", "");
    search();
    assert_refused(ERR_DENIED, "printed: it is no JSON");
    set_process("yes", "");
    search();
    assert_refused(ERR_DENIED, "the credential_process: its output is too large");
    set_process("", " 'x");
    search();
    assert_refused(ERR_DENIED, "not quoted in pairs");
    write_file(".aws/config", "[default]\ncredential_process = /no/such/program HUSH\n");
    search();
    assert_refused(ERR_DENIED, "/no/such/program");
    finish();
}

/* ---- STS ---- */

static void set_web_identity(void)
{
    write_file("token", "HUSH/token+\n");
    set("AWS_WEB_IDENTITY_TOKEN_FILE=%s/token", s.folder);
    set("AWS_ROLE_ARN=" ROLE);
    set("AWS_ROLE_SESSION_NAME=roster@pod");
}

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

#define STS_ERROR(code)                                                                            \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>why</Message></Error>" \
    "</ErrorResponse>"

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

/* ---- roles ---- */

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

static void a_role_with_a_wrong_clock(void **state)
{
    char *xml = credentials_xml("AssumeRole", "AK", 7200000);
    char *refusal =
        raw_answer(403, "Wed, 21 Oct 2037 07:28:00 GMT", STS_ERROR("SignatureDoesNotMatch"));
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
    finish();
    free(refusal);
    free(xml);
}

/* ---- containers ---- */

static void a_container(void **state)
{
    char *json = credentials_json("AK", 3600000);
    const struct scripted script[] = {
        {.path = "/c", .status = 500, .times = 1},
        {.path = "/c", .status = CUTS, .times = 1},
        {.path = "/c", .status = 200, .body = json},
        {0},
    };

    (void)state;
    begin(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c?x=y", s.url);
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN=one");
    search();
    assert_found("AK", "container");
    assert_int_equal(s.n_asked, 3);
    assert_string_equal(s.asked[0].query, "x=y");
    assert_string_equal(s.asked[2].authorization, "one");
    write_file("token", "two words\n");
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s/token", s.folder);
    search();
    assert_found("AK", "container");
    assert_string_equal(s.asked[3].authorization, "two words");
    write_file("token", "two\nX-Evil: HUSH\n");
    search();
    assert_refused(ERR_DENIED, "line break");
    remove_file("token");
    search();
    assert_refused(ERR_DENIED, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: open ");
    assert_int_equal(s.n_asked, 4);
    finish();
    free(json);
}

static void refusals_of_a_container(void **state)
{
    static const struct scripted script[] = {
        {.path = "/denied", .status = 403, .body = "{\"code\":\"x\"}"},
        {.path = "/html", .status = 200, .body = "<html>"},
        {.path = "/code", .status = 200, .body = "{\"Code\":\"Failed\",\"Message\":\"m\"}"},
        {.path = "/down", .status = 502},
        {0},
    };
    static const struct {
        const char *path, *text;
        enum err err;
        unsigned asked;
    } rows[] = {
        {"/denied", "container: the container's service answered 403", ERR_DENIED, 1},
        {"/html", "it is no JSON", ERR_DENIED, 1},
        {"/code", "Failed: m", ERR_DENIED, 1},
        {"/down", "answered 502", ERR_IO, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(script);
        set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s%s", s.url, rows[i].path);
        search();
        assert_refused(rows[i].err, rows[i].text);
        assert_int_equal(s.n_asked, rows[i].asked);
        finish();
    }
}

static void only_some_hosts_are_asked(void **state)
{
    static const char *const uris[] = {
        "http://example.com/",           "http://169.254.169.254/", "http://169.254.170.2.evil/",
        "http://127.0.0.1@example.com/", "ftp://127.0.0.1/",        "/relative",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        begin(NULL);
        set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s", uris[i]);
        search();
        assert_refused(ERR_DENIED, "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https");
        finish();
    }
    begin(NULL);
    set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=@evil/");
    search();
    assert_refused(ERR_DENIED, "must begin with '/'");
    finish();
}

/* ---- instance metadata ---- */

#define LIST "/latest/meta-data/iam/security-credentials/"

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
    assert_null(s.asked[0].form);
    assert_string_equal(s.asked[1].form, "T==");
    assert_string_equal(s.asked[2].path, "/latest/api/token");
    assert_string_equal(s.asked[5].form, "T==");
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

/* ---- the order ---- */

/* Each round takes away the place that has just been used. */
static void the_order_is_botocores(void **state)
{
    char *json = credentials_json("CONTAINER", 3600000), *config;
    char *web = credentials_xml("AssumeRoleWithWebIdentity", "WEB", 3600000);
    char *host = credentials_json("HOST", 3600000);
    const struct scripted script[] = {
        {.path = "/", .status = 200, .body = web},
        {.path = "/c", .status = 200, .body = json},
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = 200, .body = "r"},
        {.path = LIST "r", .status = 200, .body = host},
        {0},
    };
    size_t environment_at, web_at, container_at;

    (void)state;
    begin(script);
    environment_at = s.n_environment;
    set("AWS_ACCESS_KEY_ID=ENVIRONMENT");
    set("AWS_SECRET_ACCESS_KEY=S");
    web_at = s.n_environment;
    set_web_identity();
    container_at = s.n_environment;
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", s.url);
    write_file("process",
               "echo '{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"S\"}'");
    config = mem_printf("[default]\naws_access_key_id = CONFIG\naws_secret_access_key = S\n"
                        "credential_process = sh %s/process\n",
                        s.folder);
    write_file(".aws/config", config);
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = FILE\naws_secret_access_key = S\n");

    search();
    assert_found("ENVIRONMENT", "environment");
    s.environment[environment_at][0] = 'X';
    search();
    assert_found("WEB", "web identity");
    s.environment[web_at][0] = 'X';
    search();
    assert_found("FILE", "profile default");
    remove_file(".aws/credentials");
    search();
    assert_found("PROCESS", "profile default (credential_process)");
    write_file(".aws/config", "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = S\n");
    search();
    assert_found("CONFIG", "profile default");
    remove_file(".aws/config");
    search();
    assert_found("CONTAINER", "container");
    s.environment[container_at][0] = 'X';
    search();
    assert_found("HOST", "instance metadata");
    finish();
    free(config);
    free(json);
    free(web);
    free(host);
}

/* ---- stopping ---- */

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static void run_for(int64_t ms)
{
    struct loop_timer *timer = loop_timer_new(s.loop, stop_loop, s.loop);

    loop_timer_set(timer, ms);
    loop_run(s.loop);
    loop_timer_free(timer);
}

enum place { WEB, CONTAINER, HOST };

static void stopped_in_every_phase(void **state)
{
    static const struct scripted hang[] = {
        {.path = "/", .status = HANGS},
        {.path = "/c", .status = HANGS},
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = HANGS},
        {0}};
    static const struct scripted again[] = {{.path = "/", .status = 503},
                                            {.path = "/c", .status = 503},
                                            {.path = "/latest/api/token", .status = 503},
                                            {0}};
    static const struct {
        const struct scripted *script;
        enum place place;
        unsigned asked; /* when it is stopped; 0 = before anything is done */
    } rows[] = {{hang, WEB, 0},  {hang, WEB, 1},  {hang, CONTAINER, 1},  {hang, HOST, 1},
                {hang, HOST, 2}, {again, WEB, 1}, {again, CONTAINER, 1}, {again, HOST, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i].script);
        s.on_asked = stop;
        if (rows[i].place == WEB)
            set_web_identity();
        else if (rows[i].place == CONTAINER)
            set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
        else
            set("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", s.url);
        start_search();
        while (s.n_asked < rows[i].asked)
            loop_run(s.loop);
        if (rows[i].script == again) /* into the wait before the next attempt */
            run_for(WAIT_MS / 2);
        assert_false(c.is_over);
        finish();
    }
}

static void a_process_is_stopped(void **state)
{
    (void)state;
    begin(NULL);
    set_process("sleep 60", "");
    start_search();
    run_for(100);
    assert_false(c.is_over);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_in_the_environment),
        cmocka_unit_test(half_of_the_keys_in_the_environment),
        cmocka_unit_test(keys_in_the_files),
        cmocka_unit_test(nothing_anywhere),
        cmocka_unit_test(a_sign_in_of_a_person),
        cmocka_unit_test(a_process_prints_them),
        cmocka_unit_test(a_web_identity),
        cmocka_unit_test(a_web_identity_of_the_profile),
        cmocka_unit_test(web_identities_that_are_not_set_up_right),
        cmocka_unit_test(refusals_of_sts),
        cmocka_unit_test(sts_is_asked_again_for_what_passes),
        cmocka_unit_test(a_role_from_keys),
        cmocka_unit_test(roles_in_a_row),
        cmocka_unit_test(a_role_from_a_container),
        cmocka_unit_test(a_role_from_a_process),
        cmocka_unit_test(roles_that_are_not_set_up_right),
        cmocka_unit_test(a_role_with_a_wrong_clock),
        cmocka_unit_test(a_container),
        cmocka_unit_test(refusals_of_a_container),
        cmocka_unit_test(only_some_hosts_are_asked),
        cmocka_unit_test(an_instance),
        cmocka_unit_test(refusals_of_an_instance),
        cmocka_unit_test(no_instance_at_all),
        cmocka_unit_test(the_order_is_botocores),
        cmocka_unit_test(stopped_in_every_phase),
        cmocka_unit_test(a_process_is_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
