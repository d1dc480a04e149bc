/* One token bucket for each operation, with AWS's documented defaults. */
#ifndef SANDBOX_CONNECT_THROTTLE_H
#define SANDBOX_CONNECT_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect_model.h"

struct bucket {
    double rate, burst, tokens; /* rate 0: no limit */
    int64_t at_us;
};

struct throttle {
    size_t n;
    struct bucket *buckets; /* by the index of the operation */
};

void throttle_init(struct throttle *throttle, const struct model *model);
void throttle_done(struct throttle *throttle);
/* Also fills the bucket. */
void throttle_set(struct throttle *throttle, size_t operation, double rate, double burst);
/* False: no token, the call is refused. */
bool throttle_take(struct throttle *throttle, size_t operation);

#endif
