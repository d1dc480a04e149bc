/* Undoing: what an agent was before a step is found in the audit log, and the agent is to be that
 * again. */
#ifndef ROSTER_CMD_UNDO_H
#define ROSTER_CMD_UNDO_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/open.h"
#include "model/entitlement.h"

struct undo {
    struct person person;
    int64_t step;          /* the (first) step that is undone */
    struct span operation; /* of it */
    bool was_deleted;      /* the agent is no more: another one is made */
    bool has_now;
    struct entitlement now;  /* what the agent has, as far as is known */
    struct entitlement then; /* what it is to be again */
    struct span old_agent_id;
};

/* What undoing that step, or (step 0) the last changes of p, one run of theirs, would be. Texts are
 * in o->arena. ERR_NOT_FOUND: there is nothing of that kind; ERR_CONFLICT: it cannot be undone; the
 * text says why. */
enum err undo_find(struct opened *o, const struct person *p, int64_t step, struct undo *out,
                   struct fail *fail) WARN_UNUSED;
/* Makes the person due for it, inside the caller's transaction. */
enum err undo_write(struct opened *o, const struct undo *u, struct span cause, int64_t now_ms,
                    struct person *out, struct fail *fail) WARN_UNUSED;

#endif
