#include "aws/sqs.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/sqs_body.h"
#include "base/mem.h"

enum {
    REQUEST_LIMIT = 7 * SQS_BODY_MAX, /* JSON writes no byte of valid UTF-8 as more than six */
    WAIT_MARGIN_MS = 10 * 1000,
};

struct sqs {
    struct aws *aws;
    char *queue_url;
    struct sqs_call *first;
};

struct sqs_call {
    struct sqs *sqs;
    struct sqs_call *prev, *next;
    struct aws_call *aws;
    size_t n; /* entries */
    enum err (*read)(struct span body, size_t n, struct arena *a, struct sqs_answer *out,
                     struct fail *fail);
    sqs_done *done;
    void *arg;
};

struct sqs *sqs_new(struct aws *aws, struct span queue_url)
{
    struct sqs *sqs = mem_new(1, sizeof(*sqs));

    sqs->aws = aws;
    sqs->queue_url = mem_dup(queue_url);
    return sqs;
}

void sqs_free(struct sqs *sqs)
{
    if (sqs == NULL)
        return;
    for (struct sqs_call *call = sqs->first, *next; call != NULL; call = next) {
        next = call->next;
        sqs_cancel(call);
    }
    free(sqs->queue_url);
    free(sqs);
}

void sqs_cancel(struct sqs_call *call)
{
    if (call == NULL)
        return;
    if (call->prev != NULL)
        call->prev->next = call->next;
    else
        call->sqs->first = call->next;
    if (call->next != NULL)
        call->next->prev = call->prev;
    aws_cancel(call->aws);
    free(call);
}

static void answered(void *arg, const struct aws_answer *from)
{
    struct sqs_call *call = arg;
    struct sqs_answer answer = {.err = from->err, .fail = from->fail};
    struct arena arena = {0};
    struct fail fail = {0};

    call->aws = NULL; /* it is over with this callback */
    if (from->err == ERR_NONE && call->read != NULL) {
        answer.err = call->read(from->body, call->n, &arena, &answer, &fail);
        if (answer.err != ERR_NONE)
            answer.fail = &fail;
    }
    call->done(call->arg, &answer);
    sqs_cancel(call);
    arena_done(&arena);
}

struct plan {
    const char *target;
    bool may_repeat;
    long total_ms;
    size_t n;
    enum err (*read)(struct span body, size_t n, struct arena *a, struct sqs_answer *out,
                     struct fail *fail);
};

/* Releases body. */
static struct sqs_call *ask(struct sqs *sqs, const struct plan *plan, struct buf *body,
                            sqs_done *done, void *arg)
{
    struct sqs_call *call = mem_new(1, sizeof(*call));
    const struct aws_ask ask = {.service = "sqs",
                                .method = "POST",
                                .path = SPAN("/"),
                                .body = buf_span(body),
                                .content_type = "application/x-amz-json-1.0",
                                .target = plan->target,
                                .is_read = plan->may_repeat,
                                .total_ms = plan->total_ms};

    assert(!body->full);
    *call = (struct sqs_call){
        .sqs = sqs, .next = sqs->first, .n = plan->n, .read = plan->read, .done = done, .arg = arg};
    if (call->next != NULL)
        call->next->prev = call;
    sqs->first = call;
    call->aws = aws_ask(sqs->aws, &ask, answered, call);
    buf_done(body);
    return call;
}

static enum err read_messages(struct span body, size_t n, struct arena *a, struct sqs_answer *out,
                              struct fail *fail)
{
    (void)n;
    return sqs_read_messages(body, a, out, fail);
}

static enum err read_counts(struct span body, size_t n, struct arena *a, struct sqs_answer *out,
                            struct fail *fail)
{
    (void)n;
    return sqs_read_counts(body, a, out, fail);
}

struct sqs_call *sqs_send(struct sqs *sqs, const struct sqs_sending *messages, size_t n,
                          long total_ms, sqs_done *done, void *arg)
{
    const struct plan plan = {.target = "AmazonSQS.SendMessageBatch",
                              .may_repeat = true,
                              .total_ms = total_ms,
                              .n = n,
                              .read = sqs_read_batch};
    struct buf body;

    assert(n > 0 && n == sqs_batch_size(messages, n));
    buf_init(&body, REQUEST_LIMIT);
    sqs_add_send(&body, span_of(sqs->queue_url), messages, n);
    return ask(sqs, &plan, &body, done, arg);
}

struct sqs_call *sqs_receive(struct sqs *sqs, unsigned max, unsigned visibility_s, unsigned wait_s,
                             sqs_done *done, void *arg)
{
    const struct plan plan = {.target = "AmazonSQS.ReceiveMessage",
                              .may_repeat = true,
                              .total_ms = (long)wait_s * 1000 + WAIT_MARGIN_MS,
                              .read = read_messages};
    struct buf body;

    buf_init(&body, REQUEST_LIMIT);
    sqs_add_receive(&body, span_of(sqs->queue_url), max, visibility_s, wait_s);
    return ask(sqs, &plan, &body, done, arg);
}

struct sqs_call *sqs_delete(struct sqs *sqs, const struct span *receipts, size_t n, sqs_done *done,
                            void *arg)
{
    const struct plan plan = {.target = "AmazonSQS.DeleteMessageBatch",
                              .may_repeat = true,
                              .n = n,
                              .read = sqs_read_batch};
    struct buf body;

    assert(n > 0 && n <= SQS_BATCH);
    buf_init(&body, REQUEST_LIMIT);
    sqs_add_delete(&body, span_of(sqs->queue_url), receipts, n);
    return ask(sqs, &plan, &body, done, arg);
}

struct sqs_call *sqs_hide(struct sqs *sqs, const struct sqs_hiding *of, size_t n, sqs_done *done,
                          void *arg)
{
    const struct plan plan = {.target = "AmazonSQS.ChangeMessageVisibilityBatch",
                              .may_repeat = true,
                              .n = n,
                              .read = sqs_read_batch};
    struct buf body;

    assert(n > 0 && n <= SQS_BATCH);
    buf_init(&body, REQUEST_LIMIT);
    sqs_add_hide(&body, span_of(sqs->queue_url), of, n);
    return ask(sqs, &plan, &body, done, arg);
}

struct sqs_call *sqs_counts(struct sqs *sqs, sqs_done *done, void *arg)
{
    const struct plan plan = {
        .target = "AmazonSQS.GetQueueAttributes", .may_repeat = true, .read = read_counts};
    struct buf body;

    buf_init(&body, REQUEST_LIMIT);
    sqs_add_counts(&body, span_of(sqs->queue_url));
    return ask(sqs, &plan, &body, done, arg);
}

struct sqs_call *sqs_move_back(struct sqs *sqs, struct span arn, sqs_done *done, void *arg)
{
    const struct plan plan = {.target = "AmazonSQS.StartMessageMoveTask"};
    struct buf body;

    buf_init(&body, REQUEST_LIMIT);
    sqs_add_move(&body, arn);
    return ask(sqs, &plan, &body, done, arg);
}
