/* One sweep: reads both sides, judges what it found as a whole, tells `converge` of those who
 * differ, and takes away the agents of those who have left. It may be paused at any time and gone
 * on with, also in a later invocation of the same process. Knows no invocation. On the loop only.
 */
#ifndef ROSTER_LAMBDA_SWEEP_H
#define ROSTER_LAMBDA_SWEEP_H

#include "aws/sqs.h"
#include "base/buf.h"
#include "config/settings.h"
#include "lambda/both_sides.h"
#include "lambda/sweep_order.h"

struct sweep;

/* Those who were taken away in the last hour, by earlier sweeps of this process: the bound is one
 * on an hour (model/guard.h). */
struct sweep_past {
    int64_t removed, changed;
    int64_t since_ms; /* clock_wall_ms */
};

struct sweep_options {
    struct loop *loop;
    struct both_sides *sides; /* with Okta's API */
    struct sqs *queue;        /* of converge */
    const struct settings *settings;
    struct sweep_order order;
    struct sweep_past *past; /* read, and written */
    int64_t now_ms;          /* clock_wall_ms: when it began */
    /* It is over (fail NULL), or could not go on: its next begin tries again. */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct sweep *sweep_new(const struct sweep_options *options);
/* NULL is fine. */
void sweep_free(struct sweep *s);
void sweep_begin(struct sweep *s);
void sweep_pause(struct sweep *s);
/* Once it is over: what it came to, as a JSON object. */
void sweep_add_summary(const struct sweep *s, struct buf *out);

#endif
