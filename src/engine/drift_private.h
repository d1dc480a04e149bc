/* Private to drift*.c. */
#ifndef ROSTER_ENGINE_DRIFT_PRIVATE_H
#define ROSTER_ENGINE_DRIFT_PRIVATE_H

#include "engine/drift.h"

/* One person, while they are looked at. */
struct inquiry {
    const struct drift_options *options;
    const struct drift_facts *facts;
    struct arena *a;
    struct drift *out;
    const struct entitlement *wanted; /* NULL = out of scope */
    enum err err;                     /* of the scan, inside a callback */
    struct fail *fail;
    struct span lost; /* of the store's memberships, the first that is no longer */
};

/* ---- drift_okta.c: what Okta says ---- */

/* Sets out->memberships, is_news and lost. */
void drift_take_memberships(struct inquiry *l);
/* Sets what Okta says of out->person. */
void drift_take_user(struct inquiry *l);

#endif
