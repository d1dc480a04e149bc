/* The end of a batch, once it is decided what becomes of its messages: those that never will be go
 * to the dead letters, for those that concern no single person a sweep is asked for, and those that
 * come again are hidden for a while. On the loop only. */
#ifndef ROSTER_LAMBDA_CLOSING_H
#define ROSTER_LAMBDA_CLOSING_H

#include "aws/aws.h"
#include "lambda/batch.h"

struct closing;

/* sweep_queue_url: empty = there is none, and no item may be BATCH_SWEEP. aws must outlive it. */
struct closing *closing_new(struct aws *aws, struct span queue_url, struct span sweep_queue_url);
/* NULL is fine. */
void closing_free(struct closing *c);
/* done is called once, at once or later; then the batch can be answered (batch_add_answer). What
 * could not be buried comes again, and so does what a sweep could not be asked for. a: for the time
 * until then. */
void closing_begin(struct closing *c, struct batch *batch, struct arena *a, void (*done)(void *arg),
                   void *arg);
/* There is no more time: the batch can be answered now, and done is not called. Also when it has
 * not begun; then nobody is buried, and no sweep is asked for. */
void closing_cut(struct closing *c, struct batch *batch);

#endif
