/* Puts people into the queue, so that `converge` looks at them: one message each, in their own
 * group. On the loop only. */
#ifndef ROSTER_LAMBDA_SWEEP_TELL_H
#define ROSTER_LAMBDA_SWEEP_TELL_H

#include "aws/sqs.h"
#include "lambda/sweep_people.h"
#include "net/loop.h"

enum { SWEEP_TELL_TRIES = 6 };

struct sweep_tell;

struct sweep_tell_options {
    struct loop *loop;
    struct sqs *sqs;
    const struct sweep_people *people; /* those who are marked are told */
    int64_t now_ms;
    /* All are in the queue (fail NULL), or one could not be put there. Not from within begin. */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct sweep_tell *sweep_tell_new(const struct sweep_tell_options *options);
/* NULL is fine. */
void sweep_tell_free(struct sweep_tell *t);
/* Begins, or goes on after a pause. Somebody may be told twice, which does no harm. */
void sweep_tell_begin(struct sweep_tell *t);
void sweep_tell_pause(struct sweep_tell *t);
int64_t sweep_tell_count(const struct sweep_tell *t);

#endif
