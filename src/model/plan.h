/* Planning: from what a person should be and what their agent was last seen to be, to the steps
 * that make them equal. Pure: no I/O, no clock, no log. */
#ifndef ROSTER_MODEL_PLAN_H
#define ROSTER_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/agent.h"
#include "model/entitlement.h"
#include "model/person.h"

enum step_op {
    STEP_CREATE_USER,
    STEP_FIND_USER, /* look for the agent by its user name; what follows depends on what is found */
    STEP_TAG_USER,  /* put this deployment's tags on an agent that is adopted */
};

enum actual_kind {
    ACTUAL_ABSENT,  /* there is no agent of ours, as far as is known */
    ACTUAL_UNKNOWN, /* there may be one: a CreateUser was sent, or the name is taken */
    ACTUAL_FOUND,   /* an agent of that name was found; its tags say whose it is */
    ACTUAL_BOUND,   /* the agent that the ledger binds to this person */
};

struct actual {
    enum actual_kind kind;
    struct agent agent; /* FOUND: with tags; BOUND: id, arn and user name */
};

struct plan_ask {
    const struct entitlement *wanted; /* NULL = out of scope */
    struct actual actual;
    struct span managed_by, okta_id; /* whose it must be */
    bool may_adopt;                  /* by ON_EXISTING or by an operator */
};

enum { PLAN_STEPS = 4 };

struct plan {
    enum step_op steps[PLAN_STEPS];
    size_t n;
    bool binds;              /* the agent found becomes this person's, once the steps are done */
    enum person_state state; /* when the steps are done (STEP_FIND_USER: plan again) */
    const char *reason_code; /* "" = none; REASON_… */
    char *reason;            /* "" = none; in the arena */
};

/* What the ledger knows of the person's agent. */
struct actual plan_actual(const struct person *p);
struct plan plan_make(const struct plan_ask *ask, struct arena *a);

/* Whose is an agent, by its tags? */
enum owner {
    OWNER_OURS,             /* both tags match */
    OWNER_NOBODY,           /* no deployment's tag: made by hand or by another tool */
    OWNER_OTHER_PERSON,     /* ours, and another person's */
    OWNER_OTHER_DEPLOYMENT, /* never touched */
};
enum owner plan_owner(const struct agent *agent, struct span managed_by, struct span okta_id);

#endif
