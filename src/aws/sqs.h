/* Amazon SQS: one function an operation, one request each. On the loop only.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ (JSON protocol) */
#ifndef ROSTER_AWS_SQS_H
#define ROSTER_AWS_SQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/aws.h"

enum {
    SQS_BATCH = 10,             /* entries of one request */
    SQS_BODY_MAX = 1024 * 1024, /* of a message, and of all of a batch together, in UTF-8 */
    SQS_VISIBILITY_MAX_S = 12 * 3600,
    SQS_NAME_MAX = 128, /* of a group and a deduplication id: printable ASCII without blanks */
};

struct sqs;
struct sqs_call;

/* aws must be of the queue's region, and outlive it. */
struct sqs *sqs_new(struct aws *aws, struct span queue_url);
/* Calls under way are dropped without a callback. NULL is fine. */
void sqs_free(struct sqs *sqs);
/* The region in "https://sqs.eu-central-1.amazonaws.com/123456789012/name.fifo", a part of it;
 * p == NULL when it is another host's, as in tests. */
struct span sqs_region_of(struct span queue_url);

/* The fate of one entry of a batch. */
struct sqs_fate {
    enum err err;     /* ERR_NONE: done. ERR_INPUT: refused for good. ERR_BUSY: failed in passing */
    const char *code; /* the service's; "" when done */
    const char *text; /* one line; "" when done */
};

struct sqs_message {
    struct span id, receipt, body;
    struct span group, deduplication; /* empty in a standard queue */
    struct span source_arn;           /* of a dead letter that was moved; else empty */
    int64_t sent_ms, n_received;
};

struct sqs_answer {
    enum err err; /* of the whole call, as aws.h says; ERR_NONE: look at the fates */
    const struct fail *fail;
    const struct sqs_fate *fates; /* of a batch: as many as there were entries, in their order */
    const struct sqs_message *messages; /* of sqs_receive */
    size_t n;
    int64_t n_visible, n_in_flight, n_delayed; /* of sqs_counts */
    struct span arn;                           /* of sqs_counts: the queue's own */
    struct span dead_letter_arn;               /* of sqs_counts: empty = it has none */
};

/* Called once, later, on the loop; everything in answer is borrowed for its time. */
typedef void sqs_done(void *arg, const struct sqs_answer *answer);
/* No callback will come. NULL is fine. */
void sqs_cancel(struct sqs_call *call);

struct sqs_sending {
    struct span body;                 /* what sqs_can_hold accepts, not empty */
    struct span group, deduplication; /* sqs_is_name */
};
/* May this be the text of a message? UTF-8 without control characters but tab, LF and CR, without
 * U+FFFE and U+FFFF. */
bool sqs_can_hold(struct span body);
bool sqs_is_name(struct span name);
/* How many of the first messages one request can carry: at most SQS_BATCH, and SQS_BODY_MAX
 * together. */
size_t sqs_batch_size(const struct sqs_sending *messages, size_t n);

/* 1 to SQS_BATCH messages. Repeating it within five minutes does no harm (each has its
 * deduplication id), so a lost answer is ERR_IO. total_ms as in aws.h. */
struct sqs_call *sqs_send(struct sqs *sqs, const struct sqs_sending *messages, size_t n,
                          long total_ms, sqs_done *done, void *arg);
/* Up to max (1 to SQS_BATCH) messages, hidden from others for visibility_s; waits for the first one
 * up to wait_s (0 to 20). */
struct sqs_call *sqs_receive(struct sqs *sqs, unsigned max, unsigned visibility_s, unsigned wait_s,
                             sqs_done *done, void *arg);
/* 1 to SQS_BATCH receipts. */
struct sqs_call *sqs_delete(struct sqs *sqs, const struct span *receipts, size_t n, sqs_done *done,
                            void *arg);
struct sqs_hiding {
    struct span receipt;
    unsigned seconds; /* from now, at most SQS_VISIBILITY_MAX_S; 0 = to be received again at once */
};
struct sqs_call *sqs_hide(struct sqs *sqs, const struct sqs_hiding *of, size_t n, sqs_done *done,
                          void *arg);
struct sqs_call *sqs_counts(struct sqs *sqs, sqs_done *done, void *arg);
/* Starts the move of all messages of this dead-letter queue, by its ARN, to where they came from.
 */
struct sqs_call *sqs_move_back(struct sqs *sqs, struct span arn, sqs_done *done, void *arg);

#endif
