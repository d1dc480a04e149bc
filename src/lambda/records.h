/* The event by which AWS Lambda hands over messages of SQS, and the answer that says which of them
 * failed. Pure. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
#ifndef ROSTER_LAMBDA_RECORDS_H
#define ROSTER_LAMBDA_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum { RECORDS_MAX = 10000 /* a batch of a standard queue */ };

struct record {
    struct span message_id, receipt, body;
    struct span group, deduplication; /* empty in a standard queue */
    struct span queue_arn;
    int64_t n_received; /* this time included; 0 = not said */
    int64_t sent_ms;
    bool is_bad; /* its body is no text of use (bad Unicode): it can only fail */
};

/* Is that the form of such an event? */
bool records_are(struct span event);
/* In the order in which they are to be worked on. ERR_INPUT: it is none, or one of them has no
 * message id, without which its failure cannot be told. Texts are in a, or parts of event. */
enum err records_read(struct arena *a, struct span event, struct record **out, size_t *n,
                      struct fail *fail) WARN_UNUSED;
/* Appends {"batchItemFailures": [{"itemIdentifier": …}]}: those for which has_failed is set come
 * again, the others are over. */
void records_add_answer(struct buf *out, const struct record *records, const bool *has_failed,
                        size_t n);

#endif
