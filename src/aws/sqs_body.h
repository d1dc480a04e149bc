/* The bodies of requests to SQS, and of its answers. Pure. */
#ifndef ROSTER_AWS_SQS_BODY_H
#define ROSTER_AWS_SQS_BODY_H

#include "aws/sqs.h"
#include "base/arena.h"
#include "base/buf.h"

/* Append the body of a request; entries are named "0", "1", … */
void sqs_add_send(struct buf *out, struct span queue_url, const struct sqs_sending *messages,
                  size_t n);
void sqs_add_receive(struct buf *out, struct span queue_url, unsigned max, unsigned visibility_s,
                     unsigned wait_s);
void sqs_add_delete(struct buf *out, struct span queue_url, const struct span *receipts, size_t n);
void sqs_add_hide(struct buf *out, struct span queue_url, const struct sqs_hiding *of, size_t n);
void sqs_add_counts(struct buf *out, struct span queue_url);
void sqs_add_move(struct buf *out, struct span arn);

/* Read the body of a 200 into *out, whose texts are in a. ERR_UNCLEAR: it is not what the service
 * answers. An entry that the answer of a batch does not name has failed in passing. */
enum err sqs_read_batch(struct span body, size_t n, struct arena *a, struct sqs_answer *out,
                        struct fail *fail) WARN_UNUSED;
enum err sqs_read_messages(struct span body, struct arena *a, struct sqs_answer *out,
                           struct fail *fail) WARN_UNUSED;
enum err sqs_read_counts(struct span body, struct arena *a, struct sqs_answer *out,
                         struct fail *fail) WARN_UNUSED;

#endif
