/* Calls of AWS against the stand-in. */
#ifndef ROSTER_TESTS_AWS_CALLS_H
#define ROSTER_TESTS_AWS_CALLS_H

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

static inline void done(void *arg, const struct aws_answer *answer)
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

static inline void begin_aws(const struct scripted *script)
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
static inline void begin_again(void)
{
    struct aws_options options = {.region = SPAN("eu-central-1"), .environment = environment()};

    aws_free(aws);
    assert_int_equal(aws_new(s.loop, s.client, &options, &aws, NULL), ERR_NONE);
}

static inline void set_keys(void)
{
    set("AWS_ACCESS_KEY_ID=AK");
    set("AWS_SECRET_ACCESS_KEY=SK");
    begin_again();
}

static inline void end_aws(void)
{
    aws_free(aws);
    aws = NULL;
    end();
}

static inline struct aws_ask write_ask(void)
{
    return (struct aws_ask){.service = "connect",
                            .method = "PUT",
                            .path = SPAN(PATH),
                            .body = SPAN("{\"Username\":\"u\"}"),
                            .content_type = "application/json"};
}

static inline void ask(size_t i, struct aws_ask what)
{
    memset(&calls[i], 0, sizeof(calls[i]));
    calls[i].call = aws_ask(aws, &what, done, &calls[i]);
    assert_int_equal(calls[i].done, 0);
}

static inline void run_until_done(unsigned n)
{
    n_done = 0;
    n_wanted = n;
    loop_run(s.loop);
    assert_int_equal(n_done, n);
}

/* Signs what arrived once more, with what its own header says was signed. */
static inline void assert_signed(const struct asked *a, const char *secret, const char *service)
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

#endif
