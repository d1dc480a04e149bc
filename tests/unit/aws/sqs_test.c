#include "calls.h"

#include "aws/sqs.h"

#define URL "https://sqs.eu-central-1.amazonaws.com/1/q.fifo"

static struct sqs *queue;
static struct got {
    unsigned times;
    enum err err, fates[SQS_BATCH];
    size_t n;
    int64_t n_visible;
    char body[32], code[FAIL_CODE];
} got;

static void take(void *arg, const struct sqs_answer *answer)
{
    (void)arg;
    got.times++;
    got.err = answer->err;
    got.n = answer->n;
    got.n_visible = answer->n_visible;
    assert_non_null(answer->fail);
    snprintf(got.code, sizeof(got.code), "%s", answer->fail->code);
    for (size_t i = 0; answer->fates != NULL && i < answer->n; i++)
        got.fates[i] = answer->fates[i].err;
    if (answer->messages != NULL && answer->n > 0)
        snprintf(got.body, sizeof(got.body), "%.*s", SPAN_ARG(answer->messages[0].body));
    loop_stop(s.loop);
}

static void begin_queue(const struct scripted *script)
{
    begin_aws(script);
    set_keys();
    memset(&got, 0, sizeof(got));
    queue = sqs_new(aws, SPAN(URL));
}

static void end_queue(void)
{
    sqs_free(queue);
    end_aws();
}

static struct sqs_call *send_two(void)
{
    const struct sqs_sending messages[] = {{SPAN("a"), SPAN("g"), SPAN("d")},
                                           {SPAN("b"), SPAN("g"), SPAN("e")}};

    return sqs_send(queue, messages, 2, 0, take, NULL);
}

static void a_batch_is_sent_and_signed(void **state)
{
    static const struct scripted script[] = {
        {.path = "/",
         .status = 200,
         .body =
             "{\"Successful\":[{\"Id\":\"0\"}],\"Failed\":[{\"Id\":\"1\",\"SenderFault\":false}]}"},
        {0}};

    (void)state;
    begin_queue(script);
    (void)send_two();
    loop_run(s.loop);
    assert_int_equal(got.times, 1);
    assert_int_equal(got.err, ERR_NONE);
    assert_int_equal(got.n, 2);
    assert_int_equal(got.fates[0], ERR_NONE);
    assert_int_equal(got.fates[1], ERR_BUSY);
    assert_string_equal(s.asked[0].method, "POST");
    assert_string_equal(s.asked[0].target, "AmazonSQS.SendMessageBatch");
    assert_string_equal(s.asked[0].type, "application/x-amz-json-1.0");
    assert_signed(&s.asked[0], "SK", "sqs");
    end_queue();
}

static void what_an_answer_means(void **state)
{
    static const struct row {
        const char *name;
        int status;
        const char *body;
        enum err wanted;
    } rows[] = {
        {"throttled", 400, "{\"__type\":\"com.amazonaws.sqs#RequestThrottled\",\"message\":\"m\"}",
         ERR_BUSY},
        {"KMS is throttled", 400, "{\"__type\":\"com.amazonaws.sqs#KmsThrottled\"}", ERR_BUSY},
        {"no queue", 400, "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\"}", ERR_NOT_FOUND},
        {"denied", 400, "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\"}",
         ERR_DENIED},
        {"wrong", 400, "{\"__type\":\"com.amazonaws.sqs#InvalidParameterValue\"}", ERR_INPUT},
        /* Sending may be repeated, so nothing is unclear. */
        {"broken", 500, "{\"__type\":\"InternalFailure\"}", ERR_IO},
        {"a page", 503, "<html>", ERR_IO},
        {"cut off", CUTS, NULL, ERR_IO},
        {"no JSON", 200, "{\"Successful\":", ERR_IO},
        {"no object", 200, "[]", ERR_UNCLEAR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scripted script[] = {
            {.path = "/", .status = rows[i].status, .body = rows[i].body}, {0}};

        begin_queue(script);
        (void)send_two();
        loop_run(s.loop);
        if (got.err != rows[i].wanted || got.times != 1)
            fail_msg("%s: %s", rows[i].name, err_name(got.err));
        end_queue();
    }
}

static void a_lost_answer_to_a_move_is_unclear(void **state)
{
    static const struct scripted script[] = {{.path = "/", .status = CUTS}, {0}};

    (void)state;
    begin_queue(script);
    (void)sqs_move_back(queue, SPAN("arn:aws:sqs:r:1:dead.fifo"), take, NULL);
    loop_run(s.loop);
    assert_int_equal(got.err, ERR_UNCLEAR);
    assert_string_equal(s.asked[0].target, "AmazonSQS.StartMessageMoveTask");
    end_queue();
}

static void the_other_operations_ask_for_what_they_are(void **state)
{
    static const struct scripted script[] = {
        {.path = "/",
         .status = 200,
         .body = "{\"Messages\":[{\"ReceiptHandle\":\"r\",\"Body\":\"hello\"}],\"Successful\":"
                 "[{\"Id\":\"0\"}],\"Attributes\":{\"QueueArn\":\"a\","
                 "\"ApproximateNumberOfMessages\":\"5\"}}"},
        {0}};
    const struct span receipt = SPAN("r");
    const struct sqs_hiding hiding = {receipt, 30};

    (void)state;
    begin_queue(script);
    (void)sqs_receive(queue, 10, 30, 0, take, NULL);
    loop_run(s.loop);
    assert_string_equal(got.body, "hello");
    (void)sqs_delete(queue, &receipt, 1, take, NULL);
    loop_run(s.loop);
    assert_int_equal(got.n, 1);
    (void)sqs_hide(queue, &hiding, 1, take, NULL);
    loop_run(s.loop);
    assert_int_equal(got.fates[0], ERR_NONE);
    (void)sqs_counts(queue, take, NULL);
    loop_run(s.loop);
    assert_int_equal(got.n_visible, 5);
    assert_string_equal(s.asked[0].target, "AmazonSQS.ReceiveMessage");
    assert_string_equal(s.asked[1].target, "AmazonSQS.DeleteMessageBatch");
    assert_string_equal(s.asked[2].target, "AmazonSQS.ChangeMessageVisibilityBatch");
    assert_string_equal(s.asked[3].target, "AmazonSQS.GetQueueAttributes");
    end_queue();
}

static void a_cancelled_call_calls_nobody(void **state)
{
    static const struct scripted script[] = {{.path = "/", .status = HANGS}, {0}};
    struct sqs_call *first;

    (void)state;
    begin_queue(script);
    first = send_two();
    (void)send_two();
    sqs_cancel(first);
    sqs_cancel(NULL);
    sqs_free(queue); /* drops the other one */
    queue = NULL;
    assert_int_equal(got.times, 0);
    end_queue();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_sent_and_signed),
        cmocka_unit_test(what_an_answer_means),
        cmocka_unit_test(a_lost_answer_to_a_move_is_unclear),
        cmocka_unit_test(the_other_operations_ask_for_what_they_are),
        cmocka_unit_test(a_cancelled_call_calls_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
