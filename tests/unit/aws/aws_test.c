#include "calls.h"

static void a_request_is_signed(void **state)
{
    static const struct scripted script[] = {
        {.path = PATH,
         .status = 200,
         .body = "{\"UserId\":\"x\"}",
         .headers = {"x-amzn-RequestId: r-1"}},
        {.path = "/tags/arn%3Aaws%3Aconnect%2Fi", .status = 204},
        {.path = "/", .status = 200, .body = "{}"},
        {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    assert_string_equal(aws_credentials_origin(aws), "none");
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_equal(calls[0].status, 200);
    assert_string_equal(calls[0].body, "{\"UserId\":\"x\"}");
    assert_string_equal(calls[0].request_id, "r-1");
    assert_string_equal(aws_credentials_origin(aws), "environment");
    assert_string_equal(s.asked[0].type, "application/json");
    assert_string_equal(s.asked[0].host, s.url + strlen("http://"));
    assert_signed(&s.asked[0], "SK", "connect");

    ask(0, (struct aws_ask){.service = "connect",
                            .method = "DELETE",
                            .path = SPAN("/tags/arn%3Aaws%3Aconnect%2Fi"),
                            .query = SPAN("tagKeys=b&tagKeys=a%20c")});
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_null(s.asked[1].type);
    assert_signed(&s.asked[1], "SK", "connect");

    ask(0, (struct aws_ask){.service = "ssm",
                            .method = "POST",
                            .path = SPAN("/"),
                            .body = SPAN("{}"),
                            .content_type = "application/x-amz-json-1.1",
                            .target = "AmazonSSM.GetParameter",
                            .is_read = true});
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_string_equal(s.asked[2].target, "AmazonSSM.GetParameter");
    assert_signed(&s.asked[2], "SK", "ssm");
    end_aws();
}

static void a_session_token_and_a_path_of_the_endpoint_are_signed(void **state)
{
    static const struct scripted script[] = {{.path = "/base" PATH, .status = 200}, {0}};

    (void)state;
    begin_aws(script);
    set("AWS_ENDPOINT_URL_CONNECT=%s/base/", s.url);
    set("AWS_SESSION_TOKEN=to/ken==");
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_string_equal(s.asked[0].token, "to/ken==");
    assert_signed(&s.asked[0], "SK", "connect");
    end_aws();
}

static void refusals_are_told(void **state)
{
    static const struct scripted script[] = {
        {.path = PATH,
         .status = 403,
         .body = "{\"Message\":\"User x is not authorized\"}",
         .headers = {"x-amzn-ErrorType: AccessDeniedException:http://x/", "x-amzn-RequestId: r-1"},
         .times = 1},
        {.path = PATH,
         .status = 429,
         .body = "{\"message\":\"Rate exceeded\"}",
         .headers = {"x-amzn-ErrorType: ThrottlingException", "Retry-After: 2",
                     "x-amz-request-id: r-2"},
         .times = 1},
        {.path = PATH, .status = 503, .body = "<html>"},
        {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_string_equal(calls[0].fail.code, "AccessDeniedException");
    assert_string_equal(calls[0].request_id, "r-1");
    assert_int_equal(calls[0].status, 403);
    assert_non_null(strstr(calls[0].fail.text, "PUT " PATH " at http://127.0.0.1:"));
    assert_non_null(strstr(calls[0].fail.text, "User x is not authorized"));
    assert_non_null(strstr(calls[0].fail.text, "(credentials from: environment)"));
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_BUSY);
    assert_int_equal(calls[0].fail.retry_ms, 2000);
    assert_string_equal(calls[0].request_id, "r-2");
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_UNCLEAR);
    assert_int_equal(s.n_asked, 3);
    end_aws();
}

static void lost_answers_are_told(void **state)
{
    static const struct scripted script[] = {
        {.path = "/cut", .status = CUTS},
        {.path = "/half", .status = RAW, .body = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"},
        {.path = "/short", .status = RAW, .body = "HTTP/1.1 200 OK\r\n\r\n{\"UserId\":"},
        {.path = "/hang", .status = HANGS},
        {0}};
    static const char *const paths[] = {"/cut", "/half", "/short", "/hang"};

    (void)state;
    begin_aws(script);
    set_keys();
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct aws_ask what = write_ask();

        what.path = span_of(paths[i]);
        what.total_ms = 300;
        ask(0, what);
        what.is_read = true;
        ask(1, what);
        run_until_done(2);
        if (calls[0].err != ERR_UNCLEAR || calls[1].err != ERR_IO)
            fail_msg("%s: %s, %s", paths[i], err_name(calls[0].err), err_name(calls[1].err));
        assert_true(calls[0].fail.text[0] != '\0');
        assert_string_equal(calls[0].request_id, "");
    }
    end_aws();
}

static void what_was_not_sent_is_told(void **state)
{
    (void)state;
    begin_aws(NULL);
    set("AWS_ENDPOINT_URL_CONNECT=http://127.0.0.1:1");
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_IO);
    assert_int_equal(calls[0].status, 0);
    end_aws();
}

static void without_credentials(void **state)
{
    (void)state;
    begin_aws(NULL);
    set("AWS_EC2_METADATA_DISABLED=true");
    begin_again();
    ask(0, write_ask());
    ask(1, write_ask());
    run_until_done(2);
    assert_int_equal(calls[1].err, ERR_DENIED);
    assert_string_equal(calls[1].fail.code, "NoCredentials");
    assert_non_null(strstr(calls[1].fail.text, "there are no AWS credentials; looked at: "));
    assert_int_equal(s.n_asked, 0);
    end_aws();
}

static const struct settings_row {
    const char *name, *variables[3], *config, *region, *partition;
    const char *in_force; /* the region; NULL = refused */
    const char *endpoint; /* or what the failure says */
} settings_rows[] = {
    {"as configured",
     {"AWS_REGION=a"},
     NULL,
     "eu-west-1",
     "",
     "eu-west-1",
     "https://connect.eu-west-1.amazonaws.com"},
    {"AWS_REGION",
     {"AWS_REGION=a", "AWS_DEFAULT_REGION=b"},
     NULL,
     "",
     "",
     "a",
     "https://connect.a.amazonaws.com"},
    {"AWS_DEFAULT_REGION",
     {"AWS_DEFAULT_REGION=b"},
     "[default]\nregion = c\n",
     "",
     "",
     "b",
     "https://connect.b.amazonaws.com"},
    {"the profile",
     {NULL},
     "[default]\nregion = c\n",
     "",
     "",
     "c",
     "https://connect.c.amazonaws.com"},
    {"the partition",
     {NULL},
     NULL,
     "eu-west-1",
     "aws-cn",
     "eu-west-1",
     "https://connect.eu-west-1.amazonaws.com.cn"},
    {"none", {NULL}, NULL, "", "", NULL, "AWS region is not known"},
    {"no region", {"AWS_REGION=a.b"}, NULL, "", "", NULL, "'a.b' is no AWS region"},
    {"no such profile",
     {"AWS_REGION=a", "AWS_PROFILE=p"},
     "[default]\n",
     "",
     "",
     NULL,
     "AWS_PROFILE is 'p'"},
    {"a bad file", {"AWS_REGION=a"}, "what\n", "", "", NULL, "/.aws/config:1:"},
    {"a bad endpoint",
     {"AWS_REGION=a", "AWS_ENDPOINT_URL_SQS=http://example.com"},
     NULL,
     "",
     "",
     NULL,
     "AWS_ENDPOINT_URL_SQS: plain http"},
};

static void check_settings(const struct settings_row *r)
{
    struct aws_options options = {.region = span_of(r->region), .partition = span_of(r->partition)};
    struct fail fail = {0};
    enum err err;

    begin(NULL);
    for (size_t i = 0; i < 3 && r->variables[i] != NULL; i++)
        set("%s", r->variables[i]);
    if (r->config != NULL)
        write_file(".aws/config", r->config);
    options.environment = environment();
    err = aws_new(s.loop, s.client, &options, &aws, &fail);
    if (err != (r->in_force == NULL ? ERR_INPUT : ERR_NONE))
        fail_msg("%s: %s", r->name, fail.text);
    if (err == ERR_NONE) {
        assert_string_equal(aws_region(aws), r->in_force);
        assert_string_equal(aws_endpoint(aws, "connect"), r->endpoint);
        aws_free(aws);
    } else if (strstr(fail.text, r->endpoint) == NULL) {
        fail_msg("%s: %s", r->name, fail.text);
    }
    aws = NULL;
    end();
}

static void settings_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(settings_rows) / sizeof(settings_rows[0]); i++)
        check_settings(&settings_rows[i]);
}

static void the_chain_gives_a_region(void **state)
{
    char text[16];

    (void)state;
    begin(NULL);
    assert_null(aws_region_from_chain(environment(), text, sizeof(text)).p);
    assert_null(aws_region_from_chain(NULL, text, sizeof(text)).p);
    write_file(".aws/config", "[default]\nregion = eu-west-1\n");
    assert_true(
        span_eq(aws_region_from_chain(environment(), text, sizeof(text)), SPAN("eu-west-1")));
    assert_string_equal(text, "eu-west-1");
    assert_null(aws_region_from_chain(environment(), text, 9).p);
    write_file(".aws/config", "what");
    assert_null(aws_region_from_chain(environment(), text, sizeof(text)).p);
    set("AWS_REGION=us-east-1");
    assert_true(
        span_eq(aws_region_from_chain(environment(), text, sizeof(text)), SPAN("us-east-1")));
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_signed),
        cmocka_unit_test(a_session_token_and_a_path_of_the_endpoint_are_signed),
        cmocka_unit_test(refusals_are_told),
        cmocka_unit_test(lost_answers_are_told),
        cmocka_unit_test(what_was_not_sent_is_told),
        cmocka_unit_test(without_credentials),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(the_chain_gives_a_region),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
