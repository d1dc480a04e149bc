/* The queues of the played SQS: what is in them, in which order it comes out, and what is
 * remembered against repetition. Times are the service's, in milliseconds; they come as parameters.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
#ifndef SANDBOX_SQS_QUEUE_H
#define SANDBOX_SQS_QUEUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum {
    SQS_BODY_MAX = 1024 * 1024, /* of a message, and of all of a batch together */
    SQS_BATCH_MAX = 10,
    SQS_VISIBILITY_MAX_S = 12 * 60 * 60,
    SQS_WINDOW_MS = 5 * 60 * 1000, /* of deduplication */
};

struct sqs_group {
    char *name;
    uint64_t blocked_in; /* the look in which it was found blocked */
};

struct sqs_message {
    struct sqs_message *next, *prev;
    char *id, *body, *deduplication;
    struct sqs_group *group; /* NULL in a standard queue */
    json_t *attributes;      /* as they were sent; may be NULL */
    char *source_arn;        /* of the queue that it was moved here from; NULL = none */
    uint64_t number;         /* its place in the queue's sequence */
    int64_t sent_ms, first_received_ms;
    int64_t visible_ms; /* not to be received before */
    unsigned n_received;
};

struct sqs_remembered {
    struct sqs_remembered *next;
    char *deduplication, *id;
    uint64_t number;
    int64_t until_ms;
};

struct sqs_queue {
    struct sqs_queue *next;
    char *name, *arn;
    bool is_fifo, is_content_based;
    int64_t visibility_s, retention_s;
    char *dead_arn; /* NULL = no dead-letter queue */
    unsigned max_received;
    struct sqs_message *first, *last;
    struct sqs_remembered *remembered; /* the oldest first */
    struct sqs_remembered **remembered_end;
    struct sqs_group **groups;
    size_t n_groups;
    json_t *places; /* of the groups in the array, by their names */
    uint64_t numbers, looks;
};

/* fifo by the name's end. */
struct sqs_queue *sqs_queue_new(const char *name, const char *arn);
void sqs_queue_free(struct sqs_queue *q);
/* Drops all messages. */
void sqs_queue_purge(struct sqs_queue *q);

struct sqs_sending {
    const char *body, *group, *deduplication; /* the last two NULL in a standard queue */
    json_t *attributes;                       /* borrowed */
    int64_t now_ms;
    int64_t delay_ms;
};

/* The message's id and number: a new one's, or those of the one that was sent with that
 * deduplication id within the window, and then nothing is added. */
void sqs_queue_send(struct sqs_queue *q, const struct sqs_sending *sending, const char **out_id,
                    uint64_t *out_number);
/* At most max messages that may be received now, in order: none of a group of which one is in
 * flight. What was received max_received times before goes to dead instead (which may be NULL: it
 * is dropped). They are in flight from now on, for visibility_ms. */
size_t sqs_queue_receive(struct sqs_queue *q, struct sqs_queue *dead, int64_t now_ms,
                         int64_t visibility_ms, size_t max, struct sqs_message **out);
/* Moves everything that is visible to where it came from. find gives the queue of an ARN. */
size_t sqs_queue_move_back(struct sqs_queue *q, int64_t now_ms,
                           struct sqs_queue *(*find)(void *arg, const char *arn), void *arg,
                           const char *to_arn);
void sqs_queue_remove(struct sqs_queue *q, struct sqs_message *m);
bool sqs_message_is_in_flight(const struct sqs_message *m, int64_t now_ms);

/* The handle of the newest receipt; the caller frees. */
char *sqs_receipt_new(const struct sqs_message *m);
enum sqs_receipt { SQS_RECEIPT_GOOD, SQS_RECEIPT_GONE, SQS_RECEIPT_OLD, SQS_RECEIPT_BAD };
/* *out is set when the message is still there. OLD: it was received anew, or its time is over. */
enum sqs_receipt sqs_receipt_find(const struct sqs_queue *q, const char *handle, int64_t now_ms,
                                  struct sqs_message **out);

#endif
