/* The bounds on what takes access away: how many of a set may pass. Pure. */
#ifndef ROSTER_MODEL_GUARD_H
#define ROSTER_MODEL_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    GUARD_UNSET = -1,
    GUARD_ALWAYS_REMOVALS = 3,
    GUARD_ALWAYS_CHANGES = 10,
    GUARD_WINDOW_MS = 3600 * 1000
};

struct guard_bound {
    int64_t count;  /* GUARD_UNSET = not bounded by count */
    double percent; /* of the managed agents; GUARD_UNSET = not bounded so */
    int64_t always; /* so many in an hour always pass */
};

struct guard_ask {
    struct guard_bound bound;
    int64_t waiting; /* people of the set that waits now */
    int64_t passed;  /* people who passed in the last hour */
    int64_t managed; /* agents that this deployment manages */
    bool is_held;    /* an earlier set was held and nobody has decided yet */
};

struct guard_verdict {
    bool passes;  /* the whole set, or none of it */
    char *reason; /* when it does not: the numbers, and the setting to change; in the arena */
};

/* How many may pass in a window with so many managed agents; INT64_MAX = any number. */
int64_t guard_allowed(const struct guard_bound *bound, int64_t managed);
/* The smaller of count and percentage counts; `always` a window passes in any case, unless is_held.
 */
struct guard_verdict guard_judge(const char *setting, const struct guard_ask *ask, struct arena *a);

#endif
