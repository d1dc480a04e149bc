/* How far AWS's clock is ahead of ours: signatures are valid for five minutes around its time.
 * For one thread. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
#ifndef ROSTER_AWS_SKEW_H
#define ROSTER_AWS_SKEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum { SKEW_TOLERATED_MS = 4 * 60 * 1000 };

struct skew {
    int64_t ahead_ms; /* zeroed at first */
};

/* The time to sign with, and to judge expirations by. */
int64_t skew_now_ms(const struct skew *s);
/* Looks at the Date header of an answer that came at wall_ms of our clock. True when what was
 * believed is off by more than four minutes, and corrected now; without a readable date nothing
 * changes. */
bool skew_learn(struct skew *s, struct span date, int64_t wall_ms);

#endif
