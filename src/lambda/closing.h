/* The end of a batch, once it is decided what becomes of its messages: those that never will be go
 * to the dead letters, those that come again are hidden for a while. On the loop only. */
#ifndef ROSTER_LAMBDA_CLOSING_H
#define ROSTER_LAMBDA_CLOSING_H

#include "aws/aws.h"
#include "lambda/batch.h"

struct closing;

/* aws must outlive it. */
struct closing *closing_new(struct aws *aws, struct span queue_url);
/* NULL is fine. */
void closing_free(struct closing *c);
/* done is called once, at once or later; then the batch can be answered (batch_add_answer). What
 * could not be buried comes again. a: for the time until then. */
void closing_begin(struct closing *c, struct batch *batch, struct arena *a, void (*done)(void *arg),
                   void *arg);
/* There is no more time: the batch can be answered now, and done is not called. Also when it has
 * not begun; then nobody is buried. */
void closing_cut(struct closing *c, struct batch *batch);

#endif
