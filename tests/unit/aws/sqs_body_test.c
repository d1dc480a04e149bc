#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aws/sqs_body.h"
#include "base/mem.h"

#define URL "https://sqs.eu-central-1.amazonaws.com/1/q.fifo"

static void what_a_message_can_hold(void **state)
{
    static const struct row {
        const char *text;
        size_t n; /* 0: strlen */
        bool can;
    } rows[] = {
        {"", 0, true},
        {"{\"v\":1}", 0, true},
        {"\t\r\n \x7f", 0, true},
        {"\xc3\xa9\xef\xbf\xbd\xf0\x9f\x98\x80\xed\x9f\xbf\xee\x80\x80", 0, true},
        {"\0", 1, false},
        {"a\x1f", 0, false},
        {"\v", 0, false},
        {"\xef\xbf\xbe", 0, false},    /* U+FFFE */
        {"\xef\xbf\xbf", 0, false},    /* U+FFFF */
        {"\xf0\x9f\xbf\xbe", 0, true}, /* U+1FFFE */
        {"\xed\xa0\x80", 0, false},    /* a surrogate */
        {"\xc3", 0, false},
    };
    char *long_text = mem_new(SQS_BODY_MAX + 2, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = rows[i].n > 0 ? rows[i].n : strlen(rows[i].text);

        if (sqs_can_hold(span_n(rows[i].text, n)) != rows[i].can)
            fail_msg("row %zu", i);
    }
    memset(long_text, 'x', SQS_BODY_MAX + 1);
    assert_true(sqs_can_hold(span_n(long_text, SQS_BODY_MAX)));
    assert_false(sqs_can_hold(span_n(long_text, SQS_BODY_MAX + 1)));
    free(long_text);
}

static void what_a_name_is(void **state)
{
    char name[SQS_NAME_MAX + 1];

    (void)state;
    memset(name, 'x', sizeof(name));
    assert_true(sqs_is_name(SPAN("00u1abc")));
    assert_true(sqs_is_name(SPAN("scope:00g!\"~")));
    assert_true(sqs_is_name(span_n(name, SQS_NAME_MAX)));
    assert_false(sqs_is_name(span_n(name, SQS_NAME_MAX + 1)));
    assert_false(sqs_is_name(SPAN("")));
    assert_false(sqs_is_name(SPAN("a b")));
    assert_false(sqs_is_name(SPAN("a\n")));
    assert_false(sqs_is_name(SPAN("\xc3\xa9")));
    assert_false(sqs_is_name(SPAN("a\x7f")));
}

static void how_many_one_request_carries(void **state)
{
    char *half = mem_new(SQS_BODY_MAX, 1);
    struct sqs_sending messages[12];

    (void)state;
    for (size_t i = 0; i < 12; i++)
        messages[i] = (struct sqs_sending){.body = SPAN("x")};
    assert_int_equal(sqs_batch_size(messages, 12), SQS_BATCH);
    assert_int_equal(sqs_batch_size(messages, 3), 3);
    assert_int_equal(sqs_batch_size(messages, 0), 0);
    messages[1].body = messages[2].body = span_n(half, SQS_BODY_MAX / 2);
    assert_int_equal(sqs_batch_size(messages, 12), 2); /* one byte too many for the third */
    messages[0].body = SPAN("");
    assert_int_equal(sqs_batch_size(messages, 12), 3);
    messages[0].body = span_n(half, SQS_BODY_MAX);
    assert_int_equal(sqs_batch_size(messages, 12), 1);
    free(half);
}

static void where_a_queue_is(void **state)
{
    static const struct row {
        const char *url, *region;
    } rows[] = {
        {URL, "eu-central-1"},
        {"https://sqs.cn-north-1.amazonaws.com.cn/1/q", "cn-north-1"},
        {"http://127.0.0.1:8080/1/q.fifo", NULL},
        {"https://sqs.acme.com/1/q", NULL},
        {"https://sqs.eu-central-1.amazonaws-evil.com/1/q", NULL},
        {"https://sqs./1", NULL},
        {"https://sqs.", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span got = sqs_region_of(span_of(rows[i].url));

        if ((rows[i].region == NULL) != (got.p == NULL) ||
            (got.p != NULL && !span_eq(got, span_of(rows[i].region))))
            fail_msg("%s: '%.*s'", rows[i].url, SPAN_ARG(got));
    }
}

static void assert_body(struct buf *body, const char *wanted)
{
    assert_string_equal(body->p, wanted);
    buf_done(body);
}

static void requests(void **state)
{
    const struct sqs_sending messages[] = {{SPAN("a\"b"), SPAN("g"), SPAN("d")},
                                           {SPAN("c"), SPAN("h"), SPAN("e")}};
    const struct span receipts[] = {SPAN("r/1+="), SPAN("r2")};
    const struct sqs_hiding hidings[] = {{SPAN("r1"), 0}, {SPAN("r2"), 43200}};
    struct buf body;

    (void)state;
    buf_init(&body, 4096);
    sqs_add_send(&body, SPAN(URL), messages, 2);
    assert_body(&body, "{\"QueueUrl\":\"" URL "\",\"Entries\":[{\"Id\":\"0\",\"MessageBody\":"
                       "\"a\\\"b\",\"MessageGroupId\":\"g\",\"MessageDeduplicationId\":\"d\"},"
                       "{\"Id\":\"1\",\"MessageBody\":\"c\",\"MessageGroupId\":\"h\","
                       "\"MessageDeduplicationId\":\"e\"}]}");
    buf_init(&body, 4096);
    sqs_add_receive(&body, SPAN(URL), 10, 30, 20);
    assert_body(&body, "{\"QueueUrl\":\"" URL "\",\"MaxNumberOfMessages\":10,"
                       "\"VisibilityTimeout\":30,\"WaitTimeSeconds\":20,"
                       "\"AttributeNames\":[\"All\"]}");
    buf_init(&body, 4096);
    sqs_add_delete(&body, SPAN(URL), receipts, 2);
    assert_body(&body, "{\"QueueUrl\":\"" URL "\",\"Entries\":[{\"Id\":\"0\",\"ReceiptHandle\":"
                       "\"r/1+=\"},{\"Id\":\"1\",\"ReceiptHandle\":\"r2\"}]}");
    buf_init(&body, 4096);
    sqs_add_hide(&body, SPAN(URL), hidings, 2);
    assert_body(&body, "{\"QueueUrl\":\"" URL "\",\"Entries\":[{\"Id\":\"0\",\"ReceiptHandle\":"
                       "\"r1\",\"VisibilityTimeout\":0},{\"Id\":\"1\",\"ReceiptHandle\":\"r2\","
                       "\"VisibilityTimeout\":43200}]}");
    buf_init(&body, 4096);
    sqs_add_counts(&body, SPAN(URL));
    assert_body(&body, "{\"QueueUrl\":\"" URL "\",\"AttributeNames\":[\"All\"]}");
    buf_init(&body, 4096);
    sqs_add_move(&body, SPAN("arn:aws:sqs:r:1:dead.fifo"));
    assert_body(&body, "{\"SourceArn\":\"arn:aws:sqs:r:1:dead.fifo\"}");
}

static void each_entry_has_its_fate(void **state)
{
    static const struct row {
        const char *name, *body;
        int fates[3]; /* -1: the answer is none */
    } rows[] = {
        {"all",
         "{\"Successful\":[{\"Id\":\"0\"},{\"Id\":\"1\"},{\"Id\":\"2\"}],\"Failed\":[]}",
         {ERR_NONE, ERR_NONE, ERR_NONE}},
        {"all, in another order, without a list of failures",
         "{\"Successful\":[{\"Id\":\"2\"},{\"Id\":\"0\"},{\"Id\":\"1\"}]}",
         {ERR_NONE, ERR_NONE, ERR_NONE}},
        {"a part",
         "{\"Successful\":[{\"Id\":\"1\"}],\"Failed\":[{\"Id\":\"0\",\"SenderFault\":true,"
         "\"Code\":\"InvalidMessageContents\"},{\"Id\":\"2\",\"SenderFault\":false,\"Code\":\"x\"}"
         "]}",
         {ERR_INPUT, ERR_NONE, ERR_BUSY}},
        {"whose fault is not said",
         "{\"Failed\":[{\"Id\":\"0\"}]}",
         {ERR_BUSY, ERR_BUSY, ERR_BUSY}},
        {"nothing is said", "{}", {ERR_BUSY, ERR_BUSY, ERR_BUSY}},
        {"both are said: failure counts",
         "{\"Successful\":[{\"Id\":\"0\"},{\"Id\":\"1\"},{\"Id\":\"2\"}],"
         "\"Failed\":[{\"Id\":\"1\",\"SenderFault\":false}]}",
         {ERR_NONE, ERR_BUSY, ERR_NONE}},
        {"strange ids",
         "{\"Successful\":[{\"Id\":\"3\"},{\"Id\":\"00\"},{\"Id\":\"-1\"},{\"Id\":0},{\"Id\":\"\"},"
         "{},null,{\"Id\":\"1 \"},{\"Id\":\"99999999999999999999\"}]}",
         {ERR_BUSY, ERR_BUSY, ERR_BUSY}},
        {"no object", "[]", {-1}},
        {"cut", "{\"Successful\":[{\"Id\":\"0\"}", {-1}},
        {"empty", "", {-1}},
        {"a page", "<html>", {-1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sqs_answer answer = {0};
        struct arena a = {0};
        struct fail fail;
        enum err err = sqs_read_batch(span_of(rows[i].body), 3, &a, &answer, &fail);

        if ((rows[i].fates[0] == -1) != (err == ERR_UNCLEAR) ||
            (err != ERR_NONE && err != ERR_UNCLEAR))
            fail_msg("%s: %d", rows[i].name, err);
        for (size_t k = 0; err == ERR_NONE && k < 3; k++)
            if ((int)answer.fates[k].err != rows[i].fates[k])
                fail_msg("%s: entry %zu is %d", rows[i].name, k, answer.fates[k].err);
        arena_done(&a);
    }
}

static void messages_are_read(void **state)
{
    struct sqs_answer answer = {0};
    struct arena a = {0};
    struct fail fail;

    (void)state;
    assert_int_equal(
        sqs_read_messages(
            SPAN("{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\",\"Body\":\"b\","
                 "\"Attributes\":{\"MessageGroupId\":\"g\",\"MessageDeduplicationId\":\"d\","
                 "\"SentTimestamp\":\"1777881700000\",\"ApproximateReceiveCount\":\"3\","
                 "\"DeadLetterQueueSourceArn\":\"arn:x\"}},"
                 "{\"ReceiptHandle\":\"r2\",\"Body\":\"\"}]}"),
            &a, &answer, &fail),
        ERR_NONE);
    assert_int_equal(answer.n, 2);
    assert_true(span_eq(answer.messages[0].id, SPAN("m")));
    assert_true(span_eq(answer.messages[0].receipt, SPAN("r")));
    assert_true(span_eq(answer.messages[0].body, SPAN("b")));
    assert_true(span_eq(answer.messages[0].group, SPAN("g")));
    assert_true(span_eq(answer.messages[0].deduplication, SPAN("d")));
    assert_true(span_eq(answer.messages[0].source_arn, SPAN("arn:x")));
    assert_int_equal(answer.messages[0].sent_ms, 1777881700000);
    assert_int_equal(answer.messages[0].n_received, 3);
    assert_int_equal(answer.messages[1].n_received, 0);
    /* None is no failure; one that could never be deleted is. */
    assert_int_equal(sqs_read_messages(SPAN("{}"), &a, &answer, &fail), ERR_NONE);
    assert_int_equal(answer.n, 0);
    assert_int_equal(
        sqs_read_messages(SPAN("{\"Messages\":[{\"Body\":\"b\"}]}"), &a, &answer, &fail),
        ERR_UNCLEAR);
    assert_int_equal(sqs_read_messages(SPAN("no"), &a, &answer, &fail), ERR_UNCLEAR);
    arena_done(&a);
}

static void counts_are_read(void **state)
{
    struct sqs_answer answer = {0};
    struct arena a = {0};
    struct fail fail;

    (void)state;
    assert_int_equal(
        sqs_read_counts(
            SPAN("{\"Attributes\":{\"QueueArn\":\"arn:q\",\"ApproximateNumberOfMessages\":\"7\","
                 "\"ApproximateNumberOfMessagesNotVisible\":\"2\","
                 "\"ApproximateNumberOfMessagesDelayed\":\"x\",\"RedrivePolicy\":"
                 "\"{\\\"deadLetterTargetArn\\\":\\\"arn:d\\\",\\\"maxReceiveCount\\\":5}\"}}"),
            &a, &answer, &fail),
        ERR_NONE);
    assert_int_equal(answer.n_visible, 7);
    assert_int_equal(answer.n_in_flight, 2);
    assert_int_equal(answer.n_delayed, 0);
    assert_true(span_eq(answer.arn, SPAN("arn:q")));
    assert_true(span_eq(answer.dead_letter_arn, SPAN("arn:d")));
    assert_int_equal(sqs_read_counts(SPAN("{\"Attributes\":{\"QueueArn\":\"arn:q\","
                                          "\"RedrivePolicy\":\"no JSON\"}}"),
                                     &a, &answer, &fail),
                     ERR_NONE);
    assert_int_equal(answer.dead_letter_arn.n, 0);
    assert_int_equal(sqs_read_counts(SPAN("{}"), &a, &answer, &fail), ERR_UNCLEAR);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_message_can_hold),
        cmocka_unit_test(what_a_name_is),
        cmocka_unit_test(how_many_one_request_carries),
        cmocka_unit_test(where_a_queue_is),
        cmocka_unit_test(requests),
        cmocka_unit_test(each_entry_has_its_fate),
        cmocka_unit_test(messages_are_read),
        cmocka_unit_test(counts_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
