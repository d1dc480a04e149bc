/* Hands one event out without AWS's Runtime API: for trying a part of the program on the command
 * line. On the loop only. */
#ifndef ROSTER_LAMBDA_LOCAL_H
#define ROSTER_LAMBDA_LOCAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "lambda/invocation.h"
#include "net/loop.h"

struct local_options {
    struct loop *loop;
    struct span event;
    int64_t limit_ms; /* as a function's time-out: so long after local_start is its deadline */
    struct buf *out;  /* for the answer, or for {"errorType", "errorMessage"} */
};

struct local;

/* Copies the event. */
struct local *local_new(const struct local_options *options);
/* NULL is fine. */
void local_free(struct local *l);
/* Hands the event out; the loop stops when it is answered. */
void local_start(struct local *l, const struct worker *worker);
/* Instead of local_start: nothing can work on it. Stops the loop. */
void local_refuse(struct local *l, const char *type, const char *message);
/* Has it been answered, and not by a failure? */
bool local_is_answered(const struct local *l);

#endif
