#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lambda/records.h"

#define RECORD                                                                                     \
    "{\"messageId\":\"m1\",\"receiptHandle\":\"r1\",\"body\":\"{\\\"v\\\":1}\",\"attributes\":{"   \
    "\"ApproximateReceiveCount\":\"3\",\"SentTimestamp\":\"1777881600000\",\"MessageGroupId\":"    \
    "\"00u1\",\"MessageDeduplicationId\":\"d1\",\"SequenceNumber\":\"18849496460467696128\"},"     \
    "\"messageAttributes\":{},\"md5OfBody\":\"x\",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":" \
    "\"arn:aws:sqs:eu-central-1:123456789012:roster.fifo\",\"awsRegion\":\"eu-central-1\"}"

static void records_are_read(void **state)
{
    struct record *r = NULL;
    struct arena a = {0};
    struct fail fail;
    size_t n = 0;

    (void)state;
    assert_true(records_are(SPAN("{\"Records\":[" RECORD "]}")));
    assert_int_equal(
        records_read(&a, SPAN("{\"Records\":[" RECORD ",{\"messageId\":\"m2\",\"body\":7}]}"), &r,
                     &n, &fail),
        ERR_NONE);
    assert_int_equal(n, 2);
    assert_true(span_eq(r[0].message_id, SPAN("m1")) && span_eq(r[0].receipt, SPAN("r1")) &&
                span_eq(r[0].body, SPAN("{\"v\":1}")) && span_eq(r[0].group, SPAN("00u1")) &&
                span_eq(r[0].deduplication, SPAN("d1")));
    assert_true(span_eq(r[0].queue_arn, SPAN("arn:aws:sqs:eu-central-1:123456789012:roster.fifo")));
    assert_int_equal(r[0].n_received, 3);
    assert_int_equal(r[0].sent_ms, 1777881600000);
    assert_false(r[0].is_bad);
    /* One that can only fail is still told apart from the others. */
    assert_true(r[1].is_bad);
    assert_int_equal(r[1].n_received, 0);
    assert_true(r[1].group.n == 0 && r[1].group.p != NULL);
    arena_done(&a);
}

static void what_is_none(void **state)
{
    static const struct row {
        const char *event;
        bool are;
        enum err err;
    } rows[] = {
        {"{\"Records\":[]}", false, ERR_NONE},
        {"{\"Records\":[{\"eventSource\":\"aws:s3\",\"messageId\":\"m\"}]}", false, ERR_NONE},
        {"{\"Records\":[{\"eventSource\":\"aws:sqs\"}]}", true, ERR_INPUT},
        {"{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"\"}]}", true, ERR_INPUT},
        {"{\"Records\":[null]}", false, ERR_INPUT},
        {"{\"Records\":{}}", false, ERR_INPUT},
        {"{}", false, ERR_INPUT},
        {"[]", false, ERR_INPUT},
        {"", false, ERR_INPUT},
        {"{\"Records\":[" RECORD, false, ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct record *r = NULL;
        struct arena a = {0};
        struct fail fail;
        size_t n = 0;
        enum err err = records_read(&a, span_of(rows[i].event), &r, &n, &fail);

        if (err != rows[i].err || records_are(span_of(rows[i].event)) != rows[i].are)
            fail_msg("%s", rows[i].event);
        arena_done(&a);
    }
}

static void those_that_failed_are_named(void **state)
{
    static const struct record records[] = {
        {.message_id = {"a", 1}}, {.message_id = {"b\"", 2}}, {.message_id = {"c", 1}}};
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    records_add_answer(&out, records, (const bool[]){false, false, false}, 3);
    assert_string_equal(out.p, "{\"batchItemFailures\":[]}");
    buf_clear(&out);
    records_add_answer(&out, records, (const bool[]){false, true, true}, 3);
    assert_string_equal(out.p, "{\"batchItemFailures\":[{\"itemIdentifier\":\"b\\\"\"},"
                               "{\"itemIdentifier\":\"c\"}]}");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(those_that_failed_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
