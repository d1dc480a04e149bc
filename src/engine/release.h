/* What an operator decides about people who are held at a bound (model/guard.h): the set passes, or
 * it does not. Over the store alone, so that it works beside a running daemon, which takes it up by
 * itself, and without one. Each writing function must stand inside a transaction of the caller's.
 */
#ifndef ROSTER_ENGINE_RELEASE_H
#define ROSTER_ENGINE_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/person.h"
#include "model/plan.h"
#include "store/store.h"

/* The notes that say that a gate is shut: since a set was held there, nothing more passes. The
 * value is why, a line for people; empty (or no note) = the gate judges. */
#define NOTE_REMOVALS_HELD "gate_removals_held"
#define NOTE_CHANGES_HELD "gate_changes_held"
const char *release_note_name(enum gate gate);
/* The setting of the bound: "MAX_REMOVALS", "MAX_CHANGES"; "" for GATE_NONE. */
const char *release_setting(enum gate gate);

#define RELEASE_CAUSE "operator release"
#define REJECT_CAUSE "operator reject"

/* The gate at which the person is held: by the bound's reason, or (GATE_REMOVALS) because it is not
 * sure that they left. GATE_NONE: they are not held, or for another reason. Pure. */
enum gate release_gate_of(const struct person *p);

/* What the decision makes of somebody who is held at a gate. Pure; nothing is changed, and false
 * returned, for everybody else. Passing: due at once. Rejecting, which may also be said of a
 * removal whose grace still runs: in step, until the source says something new of them. */
bool release_pass(struct person *p, int64_t now_ms);
bool release_reject(struct person *p, int64_t now_ms);

enum release_decision { RELEASE_PASS, RELEASE_REJECT };

/* Decides about one person: *is_changed = false when there was nothing to decide. *out is the
 * person as they stand then. Who passes is counted (store_passage_add). When nobody is held by a
 * bound any more, its gate opens. */
enum err release_one(struct store *s, struct arena *a, struct span source, struct span id,
                     enum release_decision decision, int64_t now_ms, struct person *out,
                     bool *is_changed, struct fail *fail) WARN_UNUSED;
/* About everybody who is held at a gate; *out_n of them. Both gates open. */
enum err release_all(struct store *s, enum release_decision decision, int64_t now_ms,
                     int64_t *out_n, struct fail *fail) WARN_UNUSED;

/* Calls fn for each person who is held at a gate, in the order of login; fn returns false to stop.
 */
enum err release_each(struct store *s,
                      bool (*fn)(void *arg, const struct person *p, enum gate gate), void *arg,
                      struct fail *fail) WARN_UNUSED;

#endif
