/* The gates: where removals, and changes of security and routing profiles, wait until they have
 * been judged as a set (model/guard.h). What passes is written down with the person's row, in one
 * transaction, so that no crash and no concurrent work lets more pass than the bound allows. What a
 * person decides afterwards stands in engine/release.h. On any thread, with that thread's store. */
#ifndef ROSTER_ENGINE_GATE_H
#define ROSTER_ENGINE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/guard.h"
#include "model/plan.h"
#include "store/store.h"

struct gate_verdict {
    int64_t passed, held; /* people, of those who waited */
    char *reason;         /* of a hold, in the arena; "" when there is none */
    bool is_new;          /* nothing was held before */
};

/* Judges all who wait before that gate, inside a transaction: they pass and are due, or are held,
 * all of them. Nobody waits: nothing happens. */
enum err gate_judge(struct store *store, enum gate gate, const struct guard_bound *bound,
                    int64_t now_ms, struct arena *a, struct gate_verdict *out,
                    struct fail *fail) WARN_UNUSED;

#endif
