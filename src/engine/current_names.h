/* The names that count now: the loop publishes a new view, the committer's thread reads it. Views
 * are immutable and live as long as the engine. */
#ifndef ROSTER_ENGINE_CURRENT_NAMES_H
#define ROSTER_ENGINE_CURRENT_NAMES_H

#include <stdatomic.h>

#include "model/names.h"

struct current_names {
    _Atomic(const struct names *) view;
};

static inline void current_names_set(struct current_names *c, const struct names *view)
{
    atomic_store_explicit(&c->view, view, memory_order_release);
}

/* From any thread; never NULL once something was set. */
static inline const struct names *current_names_get(const struct current_names *c)
{
    return atomic_load_explicit(&c->view, memory_order_acquire);
}

#endif
