/* Puts messages that never can be carried out among the dead letters, with the reason, instead of
 * having AWS receive them again and again. One burial at a time. On the loop only. */
#ifndef ROSTER_LAMBDA_DEAD_LETTERS_H
#define ROSTER_LAMBDA_DEAD_LETTERS_H

#include "aws/sqs.h"
#include "base/arena.h"
#include "lambda/message.h"
#include "lambda/records.h"

struct dead_letters;

/* The URL of a queue beside another one: that one's with account and name from the ARN. p == NULL
 * when either is of another form. In a. Pure. */
struct span dead_letters_url(struct arena *a, struct span queue_url, struct span arn);

/* queue_url: of the queue from which they fall, and sqs is that queue. Both must outlive it. */
struct dead_letters *dead_letters_new(struct aws *aws, struct sqs *sqs, struct span queue_url);
/* A burial under way is dropped without calling back. NULL is fine. */
void dead_letters_free(struct dead_letters *d);

struct dead_letter {
    const struct record *record;
    struct message_death death;
    bool is_buried; /* set before done is called */
};
/* Puts them there, in order; done is called once, later: look at is_buried. fail: why not all were;
 * NULL when all were. Borrowed until then. */
void dead_letters_bury(struct dead_letters *d, struct dead_letter *letters, size_t n,
                       void (*done)(void *arg, const struct fail *fail), void *arg);
/* Nobody waits for it any more. */
void dead_letters_forget(struct dead_letters *d);

#endif
