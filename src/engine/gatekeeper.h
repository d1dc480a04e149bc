/* When the gates judge (engine/gate.h): as soon as nobody else can still come to the set. On the
 * loop only. */
#ifndef ROSTER_ENGINE_GATEKEEPER_H
#define ROSTER_ENGINE_GATEKEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/handback.h"
#include "model/guard.h"
#include "model/plan.h"
#include "net/loop.h"

struct gatekeeper;

struct gatekeeper_options {
    struct loop *loop;
    struct handback *handback;
    struct guard_bound max_removals, max_changes;
    /* Is it still unknown of somebody who was due at since_ms (clock_mono_ms) whether they come to
     * that gate? */
    bool (*has_unplanned)(void *arg, enum gate gate, int64_t since_ms);
    /* A set was judged: so many passed (and are due), or so many are held for that reason; is_new:
     * the first ones. */
    void (*judged)(void *arg, enum gate gate, int64_t passed, int64_t held, const char *reason,
                   bool is_new);
    void *arg;
};

/* Looks soon at who waits from an earlier run. */
struct gatekeeper *gatekeeper_new(const struct gatekeeper_options *options);
/* Somebody came to the gate. */
void gatekeeper_came(struct gatekeeper *g, enum gate gate);
void gatekeeper_stop(struct gatekeeper *g);
/* After the committer has stopped. NULL is fine. */
void gatekeeper_free(struct gatekeeper *g);

#endif
