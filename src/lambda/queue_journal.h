/* The journal over a queue of SQS: events are durable when the queue has a message for each of
 * their subjects. Nothing is known of what came before: each event counts as new. On the loop
 * only. */
#ifndef ROSTER_LAMBDA_QUEUE_JOURNAL_H
#define ROSTER_LAMBDA_QUEUE_JOURNAL_H

#include <stdint.h>

#include "aws/sqs.h"
#include "engine/journal.h"
#include "net/loop.h"

/* sqs must outlive it. */
struct journal *queue_journal_new(struct loop *loop, struct sqs *sqs);
/* With entries under way their done is not called. NULL is fine. */
void queue_journal_free(struct journal *journal);
/* What is not in the queue by then (clock_mono_ms) has failed, with ERR_BUSY. */
void queue_journal_set_end(struct journal *journal, int64_t mono_ms);
/* The same, now: done is called for each entry before it returns. */
void queue_journal_give_up(struct journal *journal);

#endif
