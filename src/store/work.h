/* What the command line hands to whoever runs the engine on this store: imports, and other work
 * that is more than a change of a person's row. It stays, with what came of it, for whoever follows
 * it. Everything here follows the rules of store/store.h. */
#ifndef ROSTER_STORE_WORK_H
#define ROSTER_STORE_WORK_H

#include "store/store.h"

/* The order is part of the schema. */
enum work_state { WORK_WAITS, WORK_UNDER_WAY, WORK_DONE, WORK_FAILED };

#define WORK_IMPORT "import" /* payload: the agent that is to be made, as an entitlement's JSON */

struct work {
    int64_t id;
    struct span kind;
    struct span source, user_id; /* of the person; user_id empty = of nobody whom Okta knows */
    struct span payload;         /* JSON; by kind */
    struct span cause;           /* "operator import", … */
    int64_t created_ms;
    enum work_state state;
    struct span result; /* DONE, FAILED: one line for people; may be empty */
};

/* Adds one that waits; *out_id is its number. */
enum err store_work_add(struct store *s, const struct work *work, int64_t *out_id,
                        struct fail *fail) WARN_UNUSED;
/* Those that wait or are under way, the oldest first, behind the number `after`, at most max. */
enum err store_work_open(struct store *s, struct arena *a, int64_t after, size_t max,
                         struct work **out, size_t *out_n, struct fail *fail) WARN_UNUSED;
/* ERR_NOT_FOUND: there is none of that number. */
enum err store_work_get(struct store *s, struct arena *a, int64_t id, struct work *out,
                        struct fail *fail) WARN_UNUSED;
enum err store_work_set(struct store *s, int64_t id, enum work_state state, struct span result,
                        struct fail *fail) WARN_UNUSED;

#endif
