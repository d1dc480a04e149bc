/* A value that must never be shown: it is wiped when released and has no way to be printed. Not
 * thread-safe. */
#ifndef ROSTER_BASE_SECRET_H
#define ROSTER_BASE_SECRET_H

#include <stdbool.h>

#include "base/span.h"

struct secret {
    char *p; /* NUL-terminated; NULL = not set */
    size_t n;
};

/* Replaces what s holds by a copy of value (wiping the old one). s may be zeroed. */
void secret_set(struct secret *s, struct span value);
/* Wipes and frees; s may be zeroed or NULL. */
void secret_done(struct secret *s);
static inline bool secret_is_set(const struct secret *s)
{
    return s->p != NULL && s->n > 0;
}
static inline struct span secret_span(const struct secret *s)
{
    return (struct span){s->p, s->n};
}

#endif
