#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/verdict.h"

#define HTML "<html><head><title>503 Service Temporarily Unavailable</title></head></html>"
#define XML_ERROR(code)                                                                            \
    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender"       \
    "</Type><Code>" code "</Code><Message>no\nsecond</Message></Error></ErrorResponse>"
#define NAME(name) .type = name, .body = "{\"message\":\"m\"}"

enum { READ = 1, XML = 2, CLOCK = 4, KEYS = 8 };

static const struct row {
    const char *name;
    int status;
    const char *type, *body;
    int flags; /* of the ask: READ, XML; of the verdict: CLOCK, KEYS */
    enum err err;
    const char *code, *text; /* text NULL: any */
} rows[] = {
#define ROW(name_, status_, err_, code_, ...)                                                      \
    {                                                                                              \
        .name = name_, .status = status_, .err = err_, .code = code_, __VA_ARGS__                  \
    }
    ROW("no body", 200, ERR_NONE, "", ),
    ROW("204", 204, ERR_NONE, "", ),
    ROW("an object", 200, ERR_NONE, "", .body = "{\"a\":[1,2]}\n"),
    ROW("half an object", 200, ERR_UNCLEAR, "", .body = "{\"a\":[1,2", .text = "cut or no JSON"),
    ROW("half an object, reading", 200, ERR_IO, "", .body = "{\"a\":[1,2", .flags = READ),
    ROW("a page", 200, ERR_UNCLEAR, "", .body = HTML),
    ROW("garbage", 200, ERR_UNCLEAR, "", .body = "\x01\x02 what"),
    ROW("XML", 200, ERR_NONE, "", .body = "<a><b/></a>", .flags = XML),
    ROW("half of XML", 200, ERR_UNCLEAR, "", .body = "<a><b/>", .flags = XML,
        .text = "cut or no XML"),
    ROW("JSON for XML", 200, ERR_UNCLEAR, "", .body = "{}", .flags = XML),

    ROW("throttled", 429, ERR_BUSY, "ThrottlingException", NAME("ThrottlingException")),
    ROW("too many", 429, ERR_BUSY, "TooManyRequestsException", NAME("TooManyRequestsException")),
    ROW("throttled with 400", 400, ERR_BUSY, "ThrottlingException",
        .body = "{\"__type\":\"ThrottlingException\"}"),
    ROW("throttled with 503", 503, ERR_BUSY, "SlowDown", NAME("SlowDown")),
    ROW("a bare 429", 429, ERR_BUSY, "", ),
    ROW("a page with 429", 429, ERR_BUSY, "", .body = HTML),
    ROW("the instance is full", 429, ERR_DENIED, "LimitExceededException",
        NAME("LimitExceededException"), .text = "quota"),
    ROW("a quota", 402, ERR_DENIED, "ServiceQuotaExceededException",
        NAME("ServiceQuotaExceededException")),

    ROW("access denied", 403, ERR_DENIED, "AccessDeniedException", NAME("AccessDeniedException"),
        .text = "IAM policy"),
    ROW("access denied with 400", 400, ERR_DENIED, "AccessDeniedException",
        .body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"m\"}"),
    ROW("a wrong signature", 403, ERR_DENIED, "InvalidSignatureException",
        NAME("InvalidSignatureException"), .flags = CLOCK, .text = "clock"),
    ROW("of the past", 403, ERR_DENIED, "RequestTimeTooSkewed", NAME("RequestTimeTooSkewed"),
        .flags = CLOCK),
    ROW("in XML", 403, ERR_DENIED, "SignatureDoesNotMatch",
        .body = XML_ERROR("SignatureDoesNotMatch"), .flags = CLOCK | XML, .text = "no; compare"),
    ROW("expired", 403, ERR_DENIED, "ExpiredTokenException", NAME("ExpiredTokenException"),
        .flags = KEYS),
    ROW("expired with 400", 400, ERR_DENIED, "ExpiredTokenException", NAME("ExpiredTokenException"),
        .flags = KEYS),
    ROW("unknown keys", 403, ERR_DENIED, "UnrecognizedClientException",
        NAME("UnrecognizedClientException"), .flags = KEYS, .text = "credentials from: here"),
    ROW("no route", 403, ERR_DENIED, "MissingAuthenticationTokenException",
        NAME("MissingAuthenticationTokenException")),
    ROW("a name that nobody knows, with 403", 403, ERR_DENIED, "NewException",
        NAME("NewException")),
    ROW("no name, with 403", 403, ERR_DENIED, "", .body = "{\"message\":\"Forbidden\"}",
        .text = "Forbidden"),
    ROW("a page with 403", 403, ERR_UNCLEAR, "", .body = HTML, .text = "proxy"),
    ROW("a page with 403, reading", 403, ERR_IO, "", .body = HTML, .flags = READ),

    ROW("not found", 404, ERR_NOT_FOUND, "ResourceNotFoundException",
        NAME("ResourceNotFoundException")),
    ROW("not found with 400", 400, ERR_NOT_FOUND, "ParameterNotFound",
        .body = "{\"__type\":\"ParameterNotFound\"}"),
    ROW("no queue", 400, ERR_NOT_FOUND, "QueueDoesNotExist",
        .body = "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"m\"}"),
    ROW("a page with 404", 404, ERR_UNCLEAR, "", .body = HTML),
    ROW("a bare 404", 404, ERR_UNCLEAR, "", .body = "{\"message\":\"Not Found\"}"),
    ROW("taken", 409, ERR_CONFLICT, "DuplicateResourceException",
        NAME("DuplicateResourceException")),
    ROW("a bad request", 400, ERR_INPUT, "InvalidParameterException",
        NAME("InvalidParameterException"), .text = "it answered 400 InvalidParameterException: m"),
    ROW("a name that nobody knows", 418, ERR_INPUT, "NewException", NAME("NewException")),
    ROW("400 without a name", 400, ERR_UNCLEAR, "", .body = "{}"),
    ROW("a request that was slow", 400, ERR_UNCLEAR, "RequestTimeout", NAME("RequestTimeout")),

    ROW("500", 500, ERR_UNCLEAR, "InternalServiceException", NAME("InternalServiceException")),
    ROW("500, reading", 500, ERR_IO, "InternalServiceException", NAME("InternalServiceException"),
        .flags = READ),
    ROW("a page with 503", 503, ERR_UNCLEAR, "", .body = HTML),
    ROW("an empty 504", 504, ERR_UNCLEAR, "", ),
    ROW("denied with 500", 500, ERR_UNCLEAR, "AccessDeniedException",
        NAME("AccessDeniedException")),
    ROW("a redirection", 302, ERR_UNCLEAR, "", .body = HTML),
    ROW("a redirection with a name", 301, ERR_UNCLEAR, "PermanentRedirect",
        NAME("PermanentRedirect")),

    ROW("a suffix", 400, ERR_INPUT, "InvalidRequestException",
        NAME("InvalidRequestException:http://internal.amazon.com/coral/x/")),
    ROW("a prefix", 400, ERR_INPUT, "InvalidRequestException",
        NAME("com.amazon.coral.service#InvalidRequestException")),
    ROW("both", 400, ERR_INPUT, "InvalidRequestException",
        NAME("a.b#InvalidRequestException:http://c#d")),
    ROW("the header before the body", 400, ERR_INPUT, "One", .type = "One",
        .body = "{\"__type\":\"Two\",\"code\":\"Three\"}"),
    ROW("__type before code", 400, ERR_INPUT, "Two",
        .body = "{\"__type\":\"a#Two\",\"code\":\"Three\"}"),
    ROW("code", 400, ERR_INPUT, "Three", .body = "{\"code\":\"Three\",\"Message\":\"big\"}",
        .text = "Three: big"),
    ROW("no name at all", 400, ERR_UNCLEAR, "", .type = "evil\x1b[31m", .body = "{\"code\":5}"),
    ROW("too long a name", 400, ERR_UNCLEAR, "",
        .type = "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ROW("an array", 400, ERR_UNCLEAR, "", .body = "[\"code\"]"),
    ROW("only the first line is shown", 403, ERR_DENIED, "InvalidSignatureException",
        .type = "InvalidSignatureException",
        .body = "{\"message\":\"does not match\\n\\nx-amz-security-token:TOKEN\"}", .flags = CLOCK,
        .text = "does not match; compare"),
    ROW("control characters are not shown", 400, ERR_INPUT, "X", .type = "X",
        .body = "{\"message\":\"a\\u001b[31mb\\u0085c\"}", .text = "a [31mb c"),
};

static struct span maybe(const char *text)
{
    return span_of(text);
}

static void check(const struct row *r)
{
    struct verdict_ask ask = {.status = r->status,
                              .body = maybe(r->body),
                              .error_type = maybe(r->type),
                              .request_id = SPAN("id-1"),
                              .retry_after_ms = SPAN("1500"),
                              .is_read = (r->flags & READ) != 0,
                              .is_xml = (r->flags & XML) != 0,
                              .what = "it",
                              .origin = "here"};
    struct verdict v;

    verdict_read(&ask, &v);
    if (v.fail.err != r->err || strcmp(v.fail.code, r->code) != 0 ||
        (r->text != NULL && strstr(v.fail.text, r->text) == NULL))
        fail_msg("%s: %s, code '%s', text '%s'", r->name, err_name(v.fail.err), v.fail.code,
                 v.fail.text);
    assert_int_equal(v.fail.status, r->status);
    assert_string_equal(v.fail.request_id, "id-1");
    assert_int_equal(v.fail.retry_ms, r->err == ERR_BUSY ? 1500 : 0);
    assert_int_equal(v.blames_clock, (r->flags & CLOCK) != 0);
    assert_int_equal(v.blames_credentials, (r->flags & KEYS) != 0);
    assert_null(strstr(v.fail.text, "TOKEN"));
    assert_int_equal(v.fail.text[0] == '\0', r->err == ERR_NONE);
}

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i]);
}

static void waits_are_read(void **state)
{
    static const struct {
        const char *ms, *s;
        long wanted;
    } waits[] = {
        {NULL, NULL, 0},
        {"250", NULL, 250},
        {NULL, "2", 2000},
        {"250", "2", 250},
        {"x", "2", 2000},
        {NULL, "99999", 300000},
        {"999999999", NULL, 300000},
        {NULL, "-1", 0},
        {NULL, "99999999999999999999", 0},
        {NULL, "Wed, 21 Oct 2026 07:28:00 GMT", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        struct verdict_ask ask = {.status = 429,
                                  .retry_after = maybe(waits[i].s),
                                  .retry_after_ms = maybe(waits[i].ms),
                                  .what = "it"};
        struct verdict v;

        verdict_read(&ask, &v);
        assert_int_equal(v.fail.retry_ms, waits[i].wanted);
    }
}

static void a_request_id_is_one_line(void **state)
{
    struct verdict_ask ask = {.status = 200,
                              .request_id = SPAN("a\x1b"
                                                 "b\nc"),
                              .what = "it",
                              .origin = "here"};
    struct verdict v;

    (void)state;
    verdict_read(&ask, &v);
    assert_string_equal(v.fail.request_id, "a b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(waits_are_read),
        cmocka_unit_test(a_request_id_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
