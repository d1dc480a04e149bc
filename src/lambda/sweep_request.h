/* Asks for a sweep because something has changed of which only a sweep finds whom it concerns. What
 * is asked for in the same short while is one order for SQS. One request at a time. On the loop
 * only. */
#ifndef ROSTER_LAMBDA_SWEEP_REQUEST_H
#define ROSTER_LAMBDA_SWEEP_REQUEST_H

#include "aws/aws.h"
#include "base/err.h"
#include "base/span.h"

enum {
    /* How long orders are one. The queue hands its messages out later than that, by its own delay
     * (DelaySeconds: a FIFO queue knows none of a message's), so that a sweep begins behind every
     * change for which its order stands. SQS knows a repetition for five minutes.
     * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html
     * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
     */
    SWEEP_REQUEST_WINDOW_MS = 45 * 1000,
    SWEEP_QUEUE_DELAY_S = 60,
};

struct sweep_request;

/* queue_url: of the function that compares. aws must outlive it. */
struct sweep_request *sweep_request_new(struct aws *aws, struct span queue_url);
/* NULL is fine. */
void sweep_request_free(struct sweep_request *r);
/* done is called once, later; fail is NULL when SQS has the order. */
void sweep_request_send(struct sweep_request *r, void (*done)(void *arg, const struct fail *fail),
                        void *arg);
/* Nobody waits for it any more. NULL is fine. */
void sweep_request_forget(struct sweep_request *r);

#endif
