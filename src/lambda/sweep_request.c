#include "lambda/sweep_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "aws/sqs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lambda/sweep_order.h"

enum { SEND_MS = 5 * 1000, BODY_LIMIT = 1024, NAME = 40 };

_Static_assert(SWEEP_QUEUE_DELAY_S * 1000 >= SWEEP_REQUEST_WINDOW_MS + 2 * SEND_MS,
               "the last one of a window is sent before the first one is handed out");

struct sweep_request {
    struct sqs *queue;
    struct sqs_call *call;
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

static void sent(void *arg, const struct sqs_answer *answer)
{
    struct sweep_request *r = arg;
    const struct sqs_fate *fate;
    struct fail fail;

    r->call = NULL;
    if (answer->err != ERR_NONE) {
        r->done(r->arg, answer->fail);
        return;
    }
    fate = &answer->fates[0];
    if (fate->err != ERR_NONE)
        (void)fail_set(&fail, fate->err, "%s: %s", fate->code, fate->text);
    r->done(r->arg, fate->err == ERR_NONE ? NULL : &fail);
}

void sweep_request_send(struct sweep_request *r, void (*done)(void *arg, const struct fail *fail),
                        void *arg)
{
    const struct sweep_order order = {.has_changed = true};
    struct sqs_sending message = {.group = SPAN(SWEEP_GROUP)};
    char name[NAME];
    struct buf body;

    r->done = done;
    r->arg = arg;
    buf_init(&body, BODY_LIMIT);
    sweep_order_add(&body, &order);
    (void)snprintf(name, sizeof(name), "changed-%" PRId64,
                   clock_wall_ms() / SWEEP_REQUEST_WINDOW_MS);
    message.body = buf_span(&body);
    message.deduplication = span_of(name);
    r->call = sqs_send(r->queue, &message, 1, SEND_MS, sent, r);
    buf_done(&body);
}

void sweep_request_forget(struct sweep_request *r)
{
    if (r == NULL)
        return;
    sqs_cancel(r->call);
    r->call = NULL;
}

struct sweep_request *sweep_request_new(struct aws *aws, struct span queue_url)
{
    struct sweep_request *r = mem_new(1, sizeof(*r));

    r->queue = sqs_new(aws, queue_url);
    return r;
}

void sweep_request_free(struct sweep_request *r)
{
    if (r == NULL)
        return;
    sweep_request_forget(r);
    sqs_free(r->queue);
    free(r);
}
