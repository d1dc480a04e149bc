/* Handing a change over to whoever runs the engine on this store: what was read of the person, and
 * that they are due. What to do is planned there once more, from the same facts. Inside the
 * caller's transaction. */
#ifndef ROSTER_ENGINE_HANDOVER_H
#define ROSTER_ENGINE_HANDOVER_H

#include "engine/proposal.h"
#include "store/scan.h"

enum handover_verdict {
    HANDOVER_DUE,     /* they are due, for that cause */
    HANDOVER_MOVED,   /* something that the plan relies on is not as it was: nothing was written */
    HANDOVER_IN_STEP, /* nothing is to be done any more */
};

struct handover {
    const struct drift_options *drift; /* as of the inspection, but for cause and now_ms */
    struct proposal *proposal;
    struct store *store; /* open for writing */
    struct span digest;  /* what must be met; empty = anything */
    /* A plan that was broken off has begun on them: then it is enough that Okta says the same. */
    bool may_go_on;
    /* Also whom the store does not know, and who will be held: the engine says so then. */
    bool takes_held;
};

/* Compares that one person anew; only with HANDOVER_DUE anything is written. Works in a, and hands
 * nothing out of it. Fails as the store and the scan do. */
enum err handover_person(const struct handover *h, struct span user_id, struct arena *a,
                         enum handover_verdict *out, struct fail *fail) WARN_UNUSED;

#endif
