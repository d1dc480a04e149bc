#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "lambda/front_door.h"

#define REST(more)                                                                                 \
    "{\"httpMethod\":\"POST\",\"path\":\"/p\",\"requestContext\":{\"stage\":\"s\"}" more "}"
#define HTTP(more)                                                                                 \
    "{\"version\":\"2.0\",\"rawPath\":\"/"                                                         \
    "p\",\"requestContext\":{\"http\":{\"method\":\"POST\"}}" more "}"
#define ALB(more)                                                                                  \
    "{\"httpMethod\":\"POST\",\"path\":\"/p\",\"requestContext\":{\"elb\":{\"targetGroupArn\":"    \
    "\"arn:x\"}}" more "}"

static void the_fixtures_are_told_apart(void **state)
{
    static const struct row {
        const char *file;
        enum front_door door;
        bool has_headers;
    } rows[] = {
        {"rest", FRONT_REST, true}, {"rest-null", FRONT_REST, false},
        {"http", FRONT_HTTP, true}, {"function-url", FRONT_HTTP, true},
        {"alb", FRONT_ALB, true},   {"alb-multi", FRONT_ALB_MULTI, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct front_request r = {0};
        struct arena a = {0};
        struct fail fail;
        struct buf text;
        char path[512];
        unsigned n = 0;

        (void)snprintf(path, sizeof(path), "%s/front_doors/%s.json", TEST_DATA, rows[i].file);
        buf_init(&text, 64 * 1024);
        assert_int_equal(fs_read(path, &text, NULL), ERR_NONE);
        if (front_read(&a, buf_span(&text), &r, &fail) != ERR_NONE)
            fail_msg("%s: %s", rows[i].file, fail.text);
        if (r.door != rows[i].door || !span_eq(r.method, SPAN("POST")) ||
            !span_eq(r.path, SPAN("/okta/events")) || r.body.n != 0 || r.is_body_bad)
            fail_msg("%s", rows[i].file);
        (void)front_header(&r, SPAN("USER-agent"), &n);
        assert_int_equal(n, rows[i].has_headers ? 1 : 0);
        arena_done(&a);
        buf_done(&text);
    }
}

static void what_a_request_has(void **state)
{
    static const struct row {
        const char *name, *event;
        const char *header; /* of "X-A"; NULL = none */
        unsigned n;
        const char *body; /* NULL: bad */
    } rows[] = {
        {"nothing", REST(""), NULL, 0, ""},
        {"nulls", REST(",\"headers\":null,\"multiValueHeaders\":null,\"body\":null"), NULL, 0, ""},
        {"single", REST(",\"headers\":{\"X-A\":\"1\"},\"body\":\"b\""), "1", 1, "b"},
        {"the form with several counts",
         REST(",\"headers\":{\"X-A\":\"2\"},\"multiValueHeaders\":{\"X-A\":[\"1\",\"2\"]}"), "1", 2,
         ""},
        {"an empty form with several is the truth",
         REST(",\"headers\":{\"X-A\":\"2\"},\"multiValueHeaders\":{}"), NULL, 0, ""},
        {"in two spellings", REST(",\"multiValueHeaders\":{\"X-A\":[\"1\"],\"x-a\":[\"2\"]}"), "1",
         2, ""},
        {"lists of nothing", REST(",\"multiValueHeaders\":{\"X-A\":[],\"x-a\":null,\"X-a\":7}"),
         NULL, 0, ""},
        {"an HTTP API has single ones",
         HTTP(",\"headers\":{\"x-a\":\"1,2\"},\"multiValueHeaders\":{\"x-a\":[\"9\"]}"), "1,2", 1,
         ""},
        {"a value that is no text fits nothing", HTTP(",\"headers\":{\"x-a\":7}"), "", 1, ""},
        {"nor bad Unicode", HTTP(",\"headers\":{\"x-a\":\"\\ud800\"}"), "", 1, ""},
        {"a null value is none", HTTP(",\"headers\":{\"x-a\":null}"), NULL, 0, ""},
        {"escapes", HTTP(",\"headers\":{\"x-a\":\"\\u0041\"},\"body\":\"\\\"\\u00e9\\n\""), "A", 1,
         "\"\xc3\xa9\n"},
        {"Base64", ALB(",\"body\":\"eyJhIjoxfQ==\",\"isBase64Encoded\":true"), NULL, 0,
         "{\"a\":1}"},
        {"which is not said", ALB(",\"body\":\"eyJhIjoxfQ==\",\"isBase64Encoded\":false"), NULL, 0,
         "eyJhIjoxfQ=="},
        {"no Base64", ALB(",\"body\":\"e!\",\"isBase64Encoded\":true"), NULL, 0, NULL},
        {"an object as the body", HTTP(",\"body\":{}"), NULL, 0, NULL},
        {"a lone surrogate", HTTP(",\"body\":\"\\udc00\""), NULL, 0, NULL},
        {"a NUL", HTTP(",\"body\":\"a\\u0000b\""), NULL, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct front_request r = {0};
        struct arena a = {0};
        struct fail fail;
        unsigned n = 0;
        struct span value;

        if (front_read(&a, span_of(rows[i].event), &r, &fail) != ERR_NONE)
            fail_msg("%s: %s", rows[i].name, fail.text);
        value = front_header(&r, SPAN("X-A"), &n);
        if (n != rows[i].n || (value.p == NULL) != (rows[i].header == NULL) ||
            (value.p != NULL && !span_eq(value, span_of(rows[i].header))))
            fail_msg("%s: %u '%.*s'", rows[i].name, n, SPAN_ARG(value));
        if (r.is_body_bad != (rows[i].body == NULL) || r.body.p == NULL ||
            !span_eq(r.body, span_of(rows[i].body == NULL ? "" : rows[i].body)))
            fail_msg("%s: '%.*s'", rows[i].name, SPAN_ARG(r.body));
        arena_done(&a);
    }
}

static void what_is_no_request(void **state)
{
    static const struct row {
        const char *event;
        enum err wanted;
    } rows[] = {
        {"{}", ERR_NOT_FOUND},
        {"[]", ERR_NOT_FOUND},
        {"null", ERR_NOT_FOUND},
        {"{\"Records\":[{\"eventSource\":\"aws:sqs\"}]}", ERR_NOT_FOUND},
        {"{\"version\":\"2.0\",\"rawPath\":\"/\"}", ERR_NOT_FOUND},
        {"{\"version\":\"1.0\",\"rawPath\":\"/\",\"requestContext\":{\"http\":{\"method\":\"GET\"}}"
         "}",
         ERR_NOT_FOUND},
        {"{\"httpMethod\":\"GET\"}", ERR_INPUT},
        {"{\"httpMethod\":null,\"path\":\"/\"}", ERR_INPUT},
        {"{\"httpMethod\":\"\",\"path\":\"/\"}", ERR_INPUT},
        {"{\"version\":\"2.0\",\"requestContext\":{\"http\":{\"method\":\"GET\"}}}", ERR_INPUT},
        {"", ERR_INPUT},
        {"{\"httpMethod\":\"GET\",\"path\":\"/\"", ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct front_request r = {0};
        struct arena a = {0};
        struct fail fail = {0};
        enum err err = front_read(&a, span_of(rows[i].event), &r, &fail);

        if (err != rows[i].wanted || fail.text[0] == '\0')
            fail_msg("%s: %s", rows[i].event, err_name(err));
        arena_done(&a);
    }
}

struct seen {
    unsigned n;
    char names[64];
};

static void see(void *arg, struct span name, struct span value)
{
    struct seen *seen = arg;

    (void)value;
    seen->n++;
    (void)snprintf(seen->names + strlen(seen->names), sizeof(seen->names) - strlen(seen->names),
                   "%.*s ", SPAN_ARG(name));
}

static void each_header_is_told(void **state)
{
    struct front_request r = {0};
    struct seen seen = {0};
    struct arena a = {0};

    (void)state;
    assert_int_equal(
        front_read(&a, SPAN(REST(",\"multiValueHeaders\":{\"A\":[\"1\",\"2\"],\"B\":[\"3\"]}")), &r,
                   NULL),
        ERR_NONE);
    front_each_header(&r, see, &seen);
    assert_int_equal(seen.n, 3);
    assert_string_equal(seen.names, "A A B ");
    arena_done(&a);
}

static void headers_have_a_bound(void **state)
{
    struct front_request r = {0};
    struct arena a = {0};
    struct buf event;

    (void)state;
    buf_init(&event, 1024 * 1024);
    buf_add_str(&event, "{\"httpMethod\":\"GET\",\"path\":\"/\",\"headers\":{\"a0\":\"\"");
    for (unsigned i = 1; i < 5000; i++)
        buf_printf(&event, ",\"a%u\":\"x\"", i);
    buf_add_str(&event, "}}");
    assert_int_equal(front_read(&a, buf_span(&event), &r, NULL), ERR_NONE);
    assert_true(r.n_headers <= 1000);
    arena_done(&a);
    buf_done(&event);
}

static void answers_have_their_doors_form(void **state)
{
    static const struct row {
        enum front_door door;
        int status;
        const char *wanted;
    } rows[] = {
        {FRONT_REST, 200,
         "{\"statusCode\":200,\"headers\":{\"Content-Type\":\"application/json\",\"Allow\":\"GET, "
         "POST\"},\"body\":\"{\\\"a\\\":1}\",\"isBase64Encoded\":false}"},
        {FRONT_HTTP, 503,
         "{\"statusCode\":503,\"headers\":{\"Content-Type\":\"application/json\",\"Allow\":\"GET, "
         "POST\"},\"body\":\"{\\\"a\\\":1}\",\"isBase64Encoded\":false}"},
        {FRONT_ALB, 405,
         "{\"statusCode\":405,\"statusDescription\":\"405 Method Not Allowed\",\"headers\":{"
         "\"Content-Type\":\"application/json\",\"Allow\":\"GET, "
         "POST\"},\"body\":\"{\\\"a\\\":1}\","
         "\"isBase64Encoded\":false}"},
        {FRONT_ALB_MULTI, 401,
         "{\"statusCode\":401,\"statusDescription\":\"401 Unauthorized\",\"multiValueHeaders\":{"
         "\"Content-Type\":[\"application/json\"],\"Allow\":[\"GET, POST\"]},\"body\":"
         "\"{\\\"a\\\":1}\",\"isBase64Encoded\":false}"},
    };
    static const struct front_header headers[] = {{{"Content-Type", 12}, {"application/json", 16}},
                                                  {{"Allow", 5}, {"GET, POST", 9}}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct front_answer answer = {rows[i].status, headers, 2, SPAN("{\"a\":1}")};
        struct buf out;

        buf_init(&out, 4096);
        front_add_answer(&out, rows[i].door, &answer);
        assert_string_equal(out.p, rows[i].wanted);
        buf_done(&out);
    }
}

static void an_answer_without_a_body_has_an_empty_one(void **state)
{
    const struct front_answer answer = {.status = 200};
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    front_add_answer(&out, FRONT_HTTP, &answer);
    assert_string_equal(
        out.p, "{\"statusCode\":200,\"headers\":{},\"body\":\"\",\"isBase64Encoded\":false}");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fixtures_are_told_apart),
        cmocka_unit_test(what_a_request_has),
        cmocka_unit_test(what_is_no_request),
        cmocka_unit_test(each_header_is_told),
        cmocka_unit_test(headers_have_a_bound),
        cmocka_unit_test(answers_have_their_doors_form),
        cmocka_unit_test(an_answer_without_a_body_has_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
