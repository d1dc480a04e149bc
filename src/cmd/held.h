/* Who is held at the bounds, and the bounds' numbers: what `roster held` shows, as data. */
#ifndef ROSTER_CMD_HELD_H
#define ROSTER_CMD_HELD_H

#include "cmd/open.h"
#include "engine/release.h"
#include "text/json.h"

/* One bound as it stands. */
struct held_bound {
    enum gate gate;
    struct guard_bound bound;
    int64_t n_held;  /* people whom this bound holds */
    int64_t passed;  /* people who passed in the last hour */
    int64_t managed; /* agents that are bound to people */
    int64_t allowed; /* in an hour, with so many agents; INT64_MAX = any number */
    struct span why; /* why the gate is shut; empty = it is not */
};

enum { HELD_BOUNDS = 2 };

struct held {
    struct held_bound bounds[HELD_BOUNDS]; /* removals, changes */
    const struct person *people;           /* held at a gate, those of one gate together */
    size_t n;
    int64_t n_unsure;      /* of them: held whatever the number */
    int64_t n_elsewhere;   /* held for other reasons */
    int64_t n_in_grace;    /* have left; REMOVAL_GRACE runs */
    int64_t grace_ends_ms; /* the first of these; 0 = none */
};

/* Texts are in o->arena. */
enum err held_read(struct opened *o, int64_t now_ms, struct held *out,
                   struct fail *fail) WARN_UNUSED;
void held_print(const struct held *h, const struct opened *o, FILE *to, const struct style *style);
void held_json(const struct held *h, const struct opened *o, struct json_out *out);

#endif
