#include "stand_in.h"

#include "aws/aws.h"
#include "crypt/sigv4.h"

enum { CALLS = 6 };

#define PATH "/users/i"

static struct one {
    struct aws_call *call;
    unsigned done;
    enum err err;
    struct fail fail;
    int status;
    char body[64], request_id[FAIL_REQUEST_ID];
} calls[CALLS];

static struct aws *aws;
static unsigned n_done, n_wanted;

static void done(void *arg, const struct aws_answer *answer)
{
    struct one *one = arg;

    one->call = NULL;
    one->done++;
    one->err = answer->err;
    one->fail = *answer->fail;
    one->status = answer->status;
    snprintf(one->body, sizeof(one->body), "%.*s", SPAN_ARG(answer->body));
    snprintf(one->request_id, sizeof(one->request_id), "%s", answer->request_id);
    assert_int_equal(answer->err, answer->fail->err);
    if (++n_done == n_wanted)
        loop_stop(s.loop);
}

static void begin_aws(const struct scripted *script)
{
    struct aws_options options = {.region = SPAN("eu-central-1")};
    struct fail fail;

    begin(script);
    memset(calls, 0, sizeof(calls));
    n_done = n_wanted = 0;
    set("AWS_ENDPOINT_URL=%s", s.url);
    options.environment = environment();
    if (aws_new(s.loop, s.client, &options, &aws, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
}

/* For those that need more of the environment. */
static void begin_again(void)
{
    struct aws_options options = {.region = SPAN("eu-central-1"), .environment = environment()};

    aws_free(aws);
    assert_int_equal(aws_new(s.loop, s.client, &options, &aws, NULL), ERR_NONE);
}

static void set_keys(void)
{
    set("AWS_ACCESS_KEY_ID=AK");
    set("AWS_SECRET_ACCESS_KEY=SK");
    begin_again();
}

static void end_aws(void)
{
    aws_free(aws);
    aws = NULL;
    end();
}

static struct aws_ask write_ask(void)
{
    return (struct aws_ask){.service = "connect",
                            .method = "PUT",
                            .path = SPAN(PATH),
                            .body = SPAN("{\"Username\":\"u\"}"),
                            .content_type = "application/json"};
}

static void ask(size_t i, struct aws_ask what)
{
    memset(&calls[i], 0, sizeof(calls[i]));
    calls[i].call = aws_ask(aws, &what, done, &calls[i]);
    assert_int_equal(calls[i].done, 0);
}

static void run_until_done(unsigned n)
{
    n_done = 0;
    n_wanted = n;
    loop_run(s.loop);
    assert_int_equal(n_done, n);
}

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

/* ---- a request ---- */

/* Signs what arrived once more, with what its own header says was signed. */
static void assert_signed(const struct asked *a, const char *secret, const char *service)
{
    struct sigv4_header headers[8];
    struct sigv4_request request = {span_of(a->method), span_of(a->path), span_of(a->query),
                                    span_of(a->body),   headers,          0};
    const struct {
        const char *name, *value;
    } all[] = {{"host", a->host},
               {"x-amz-date", a->date},
               {"x-amz-security-token", a->token},
               {"content-type", a->type},
               {"x-amz-target", a->target}};
    struct sigv4_scope scope = {.access_key = SPAN("AK"),
                                .secret_key = span_of(secret),
                                .region = SPAN("eu-central-1"),
                                .service = span_of(service)};
    struct buf iso, wanted;
    int64_t ns;

    assert_non_null(a->authorization);
    buf_init(&iso, 64);
    buf_printf(&iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", a->date, a->date + 4, a->date + 6,
               a->date + 9, a->date + 11, a->date + 13);
    assert_true(time_parse(buf_span(&iso), &ns));
    scope.now_ms = ns / 1000000;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].value != NULL)
            headers[request.n_headers++] =
                (struct sigv4_header){span_of(all[i].name), span_of(all[i].value)};
    buf_init(&wanted, 8192);
    sigv4_add_authorization(&wanted, &request, &scope);
    assert_string_equal(a->authorization, wanted.p);
    buf_done(&wanted);
    buf_done(&iso);
}

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

/* ---- failures ---- */

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

/* ---- the clock ---- */

#define SKEWED "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}"
#define DATE "Wed, 21 Oct 2037 07:28:00 GMT"

static void a_wrong_clock_is_corrected_once(void **state)
{
    char *refusal = raw_answer(403, DATE, SKEWED);
    char *later = raw_answer(403, "Wed, 21 Oct 2037 09:28:00 GMT", SKEWED);
    char *good = raw_answer(200, DATE, "{}");
    const struct scripted script[] = {{.path = PATH, .status = RAW, .body = refusal, .times = 1},
                                      {.path = PATH, .status = RAW, .body = good, .times = 2},
                                      {.path = PATH, .status = RAW, .body = later, .times = 1},
                                      {.path = PATH, .status = RAW, .body = refusal, .times = 1},
                                      {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_equal(s.n_asked, 2);
    assert_int_equal(strncmp(s.asked[1].date, "20371021T07", 11), 0);
    assert_signed(&s.asked[1], "SK", "connect");
    ask(0, write_ask()); /* it is remembered */
    run_until_done(1);
    assert_int_equal(s.n_asked, 3);
    assert_int_equal(strncmp(s.asked[2].date, "20371021T07", 11), 0);
    ask(0, write_ask()); /* a clock that jumps twice is told, not followed */
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_string_equal(calls[0].fail.code, "InvalidSignatureException");
    assert_int_equal(s.n_asked, 5);
    end_aws();
    free(refusal);
    free(later);
    free(good);
}

static void a_right_clock_is_not_blamed(void **state)
{
    static const struct scripted script[] = {{.path = PATH, .status = 403, .body = SKEWED}, {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_int_equal(s.n_asked, 1);
    end_aws();
}

static void a_strangers_date_is_not_believed(void **state)
{
    char *page = raw_answer(503, DATE, "<html>");
    const struct scripted script[] = {{.path = PATH, .status = RAW, .body = page, .times = 1},
                                      {.path = PATH, .status = 200},
                                      {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_not_equal(strncmp(s.asked[1].date, "2037", 4), 0);
    end_aws();
    free(page);
}

static void the_date_of_a_good_answer_is_learned(void **state)
{
    char *good = raw_answer(200, DATE, "{}");
    const struct scripted script[] = {{.path = PATH, .status = RAW, .body = good}, {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(s.n_asked, 2);
    assert_int_equal(strncmp(s.asked[1].date, "20371021T07", 11), 0);
    end_aws();
    free(good);
}

/* ---- credentials that are refused ---- */

#define EXPIRED "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}"

static void new_credentials_are_tried_once(void **state)
{
    char *one = credentials_json("ONE", 3600000), *two = credentials_json("TWO", 3600000);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = one, .times = 1},
                                      {.path = "/c", .status = 200, .body = two},
                                      {.path = PATH, .status = 403, .body = EXPIRED, .times = 3},
                                      {.path = PATH, .status = 200},
                                      {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    for (size_t i = 0; i < 3; i++)
        ask(i, write_ask());
    run_until_done(3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(calls[i].err, ERR_NONE);
    assert_int_equal(s.n_asked, 8); /* two searches; three calls, each twice */
    assert_string_equal(s.asked[7].token, "token-of-TWO");
    end_aws();
    free(one);
    free(two);
}

static void the_same_credentials_are_not_tried_again(void **state)
{
    static const struct scripted script[] = {
        {.path = PATH, .status = 403, .body = EXPIRED, .headers = {"x-amzn-RequestId: r-1"}}, {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    for (int i = 0; i < 2; i++) {
        ask(0, write_ask());
        run_until_done(1);
        assert_int_equal(calls[0].err, ERR_DENIED);
        assert_string_equal(calls[0].fail.code, "ExpiredTokenException");
        assert_string_equal(calls[0].request_id, "r-1");
        assert_int_equal(calls[0].status, 403);
        assert_int_equal(s.n_asked, i + 1);
    }
    end_aws();
}

static void new_credentials_may_be_refused_as_well(void **state)
{
    char *one = credentials_json("ONE", 3600000), *two = credentials_json("TWO", 3600000);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = one, .times = 1},
                                      {.path = "/c", .status = 200, .body = two, .times = 1},
                                      {.path = "/c", .status = 403},
                                      {.path = PATH, .status = 403, .body = EXPIRED},
                                      {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_string_equal(calls[0].fail.code, "ExpiredTokenException");
    assert_int_equal(s.n_asked, 4);
    ask(0, write_ask()); /* the next search finds none */
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_string_equal(calls[0].fail.code, "NoCredentials");
    assert_int_equal(s.n_asked, 6);
    end_aws();
    free(one);
    free(two);
}

static void rotated_keys_are_read_anew(void **state)
{
    static const struct scripted script[] = {
        {.path = PATH, .status = 200, .times = 1},
        {.path = PATH,
         .status = 403,
         .body = "{\"__type\":\"UnrecognizedClientException\"}",
         .times = 1},
        {.path = PATH, .status = 200},
        {0}};

    (void)state;
    begin_aws(script);
    write_file(".aws/credentials", "[default]\naws_access_key_id = A\naws_secret_access_key = S\n");
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = AK\naws_secret_access_key = T\n");
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_equal(s.n_asked, 3);
    assert_signed(&s.asked[2], "T", "connect");
    end_aws();
}

/* ---- stopping ---- */

static void cancelled_in_every_phase(void **state)
{
    static const struct scripted script[] = {
        {.path = "/c", .status = HANGS, .times = 1}, {.path = PATH, .status = HANGS}, {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    s.on_asked = stop;
    ask(0, write_ask()); /* before anything is done */
    aws_cancel(calls[0].call);
    ask(1, write_ask()); /* while it waits for credentials */
    ask(2, write_ask());
    loop_run(s.loop);
    assert_int_equal(s.n_asked, 1);
    aws_cancel(calls[1].call);
    end_aws(); /* the third one, too */

    begin_aws(script);
    set_keys();
    s.on_asked = stop;
    ask(3, write_ask()); /* while it waits for the answer */
    ask(4, write_ask());
    while (s.n_asked < 2)
        loop_run(s.loop);
    aws_cancel(calls[3].call);
    end_aws();
    for (size_t i = 0; i < CALLS; i++)
        assert_int_equal(calls[i].done, 0);
    aws_cancel(NULL);
    aws_free(NULL);
}

static void cancelled_while_new_credentials_are_looked_for(void **state)
{
    char *one = credentials_json("ONE", 3600000);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = one, .times = 1},
                                      {.path = "/c", .status = HANGS},
                                      {.path = PATH, .status = 403, .body = EXPIRED},
                                      {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    s.on_asked = stop;
    ask(0, write_ask());
    ask(1, write_ask());
    while (s.n_asked < 4)
        loop_run(s.loop);
    aws_cancel(calls[0].call);
    run_for(50);
    end_aws();
    assert_int_equal(calls[0].done + calls[1].done, 0);
    free(one);
}

static void ask_on(void *arg, const struct aws_answer *answer)
{
    (void)answer;
    aws_cancel(calls[1].call);
    calls[2].call = aws_ask(aws, arg, done, &calls[2]);
}

static void a_callback_may_ask_and_cancel(void **state)
{
    static const struct scripted script[] = {
        {.path = "/hang", .status = HANGS}, {.path = PATH, .status = 200}, {0}};
    struct aws_ask hang = write_ask(), what = write_ask();

    (void)state;
    begin_aws(script);
    set_keys();
    hang.path = SPAN("/hang");
    ask(1, hang);
    (void)aws_ask(aws, &what, ask_on, &what);
    run_until_done(1);
    assert_int_equal(calls[2].err, ERR_NONE);
    assert_int_equal(calls[1].done, 0);
    end_aws();

    begin_aws(script); /* the same when there are no credentials */
    set("AWS_EC2_METADATA_DISABLED=true");
    begin_again();
    (void)aws_ask(aws, &what, ask_on, &what);
    ask(1, what);
    run_until_done(1);
    assert_int_equal(calls[2].err, ERR_DENIED);
    assert_int_equal(calls[1].done, 0);
    end_aws();
}

/* ---- aws_new ---- */

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
        cmocka_unit_test(a_wrong_clock_is_corrected_once),
        cmocka_unit_test(a_right_clock_is_not_blamed),
        cmocka_unit_test(a_strangers_date_is_not_believed),
        cmocka_unit_test(the_date_of_a_good_answer_is_learned),
        cmocka_unit_test(new_credentials_are_tried_once),
        cmocka_unit_test(the_same_credentials_are_not_tried_again),
        cmocka_unit_test(new_credentials_may_be_refused_as_well),
        cmocka_unit_test(rotated_keys_are_read_anew),
        cmocka_unit_test(cancelled_in_every_phase),
        cmocka_unit_test(cancelled_while_new_credentials_are_looked_for),
        cmocka_unit_test(a_callback_may_ask_and_cancel),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(the_chain_gives_a_region),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
