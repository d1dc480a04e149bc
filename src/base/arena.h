/* Memory for one unit of work (one delivery, one plan, one page): taken piece by piece, dropped
 * whole. Nothing in an arena is freed by itself and nothing in it outlives it. Not thread-safe; it
 * may be handed from thread to thread. */
#ifndef ROSTER_BASE_ARENA_H
#define ROSTER_BASE_ARENA_H

#include <stddef.h>

#include "base/span.h"

struct arena_block;

struct arena {
    struct arena_block *last;
};

void arena_init(struct arena *a);
/* Frees all of it; a may be zeroed. It can be used again at once. */
void arena_done(struct arena *a);
/* The same, but keeps room for as much as was taken last (up to a bound): for the next of many
 * units of work. */
void arena_clear(struct arena *a);
/* Zeroed, aligned for any type. */
void *arena_new(struct arena *a, size_t n, size_t size);
/* A NUL-terminated copy. */
char *arena_dup(struct arena *a, struct span s);
/* A copy as a span (NUL-terminated as well): p == NULL stays so, any other empty span has p !=
 * NULL. */
struct span arena_span(struct arena *a, struct span s);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
