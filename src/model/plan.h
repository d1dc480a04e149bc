/* Planning: from what a person should be and what their agent was last seen to be, to the steps
 * that make them equal. Pure: no I/O, no clock, no log. Whoever carries a plan out does its first
 * step, records what came of it, and plans again. */
#ifndef ROSTER_MODEL_PLAN_H
#define ROSTER_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/agent.h"
#include "model/entitlement.h"
#include "model/person.h"
#include "model/rules.h"

enum step_op {
    STEP_CREATE_USER,
    STEP_FIND_USER, /* look for the agent by its user name; what follows depends on what is found */
    STEP_DESCRIBE_USER, /* the agent is known, what it has is not */
    STEP_UPDATE_IDENTITY,
    STEP_UPDATE_SECURITY_PROFILES,
    STEP_UPDATE_ROUTING_PROFILE,
    STEP_UPDATE_HIERARCHY,
    STEP_UPDATE_PHONE,  /* UpdateUserPhoneConfig */
    STEP_UPDATE_CONFIG, /* UpdateUserConfig, when asked for per channel */
    STEP_TAG_USER,
    STEP_UNTAG_USER,
    STEP_ASSOCIATE_PROFICIENCIES,
    STEP_UPDATE_PROFICIENCIES,
    STEP_DISASSOCIATE_PROFICIENCIES,
    STEP_LOOK_FOR_CONTACTS,     /* is the agent on a contact? */
    STEP_DELETE_USER,           /* the agent */
    STEP_DELETE_QUICK_CONNECTS, /* of an agent that is deleted */
    STEPS
};
/* The operation of Amazon Connect's that carries it out: "UpdateUserHierarchy", … */
const char *step_operation(enum step_op op);

/* The bounds that a step must pass before it is carried out (model/guard.h). */
enum gate { GATE_NONE, GATE_REMOVALS, GATE_CHANGES };

enum actual_kind {
    ACTUAL_ABSENT,  /* there is no agent of ours, as far as is known */
    ACTUAL_UNKNOWN, /* there may be one: a CreateUser was sent, or the name is taken */
    ACTUAL_FOUND,   /* an agent of that name was found; its tags say whose it is */
    ACTUAL_BOUND,   /* the agent that the ledger binds to this person */
};

struct actual {
    enum actual_kind kind;
    struct agent agent; /* FOUND: with tags; BOUND: id, arn and user name */
    const struct entitlement
        *seen;       /* BOUND: what it was last made or seen to be; NULL = not known */
    bool is_deleted; /* BOUND: deleted by us, its quick connects not yet; while there is an old
                        agent (ask.old_agent_id), that one */
    bool is_making;  /* BOUND: there may be a new agent besides (RENAME_REPLACE): a CreateUser was
                        sent, or the name is taken */
};

struct plan_ask {
    const struct entitlement *wanted; /* NULL = out of scope */
    const struct entitlement *parked; /* what a parked agent has; NULL = parking is not set up. Its
                                         aspects but the profiles are ignored */
    bool is_suspended;                /* in scope but for a suspension */
    struct actual actual;
    struct span managed_by, okta_id; /* whose it must be */
    bool may_adopt;                  /* by ON_EXISTING or by an operator */
    enum on_remove on_remove;
    enum on_rename on_rename;
    enum removal removal;        /* person.h: what was decided about the removal */
    bool has_passed_changes;     /* the changes' gate let this person's change pass */
    bool waits_for_contact_over; /* MAX_WAIT is over: park instead of waiting on */
    bool is_contact_free;        /* this round's look found no contact */
    unsigned in_doubt;           /* aspects that may not be as they were seen: 1 << ASPECT_…; they
                                    are updated in any case */
    bool keeps_names;            /* EXISTING_DIRECTORY: names and e-mail of an agent that exists are
                                    the directory's */
    struct span old_agent_id;    /* RENAME_REPLACE: the former agent, still to go; empty = none */
    unsigned old_agent_parked;   /* of it: the aspects that are parked, 1 << ASPECT_… */
    struct span
        claimed_by; /* another person who has or claims the wanted user name; empty = none */
    bool is_import; /* asked for by a file (SOURCE_IMPORT): no agent but one that it has made itself
                       is ever changed */
    const struct entitlement *made; /* is_import: a CreateUser that may have been carried out, and
                                       carried this; NULL = there is none */
};

enum { PLAN_STEPS = 16 };

struct plan {
    enum step_op steps[PLAN_STEPS]; /* in the order in which they are to be done; access that is
                                       taken away comes before access that is given */
    size_t n;
    struct entitlement target; /* what the steps make of the agent: wanted (or parked), and what the
                                  rules say nothing of as it was seen */
    bool is_on_old;            /* the steps concern the former agent (RENAME_REPLACE) */
    enum gate gate;            /* what steps[0] has to pass first */
    bool binds;                /* the agent found becomes this person's, once the steps are done;
                                  one that is bound already becomes the former agent */
    enum person_state state;   /* when the steps are done; DUE: plan again */
    const char *reason_code;   /* "" = none; REASON_… */
    char *reason;              /* "" = none; in the arena */
    int priority;              /* PRIORITY_… (person.h) */
};

/* What the ledger knows of the person's agent; seen is parsed into a. */
struct actual plan_actual(const struct person *p, struct arena *a);
struct plan plan_make(const struct plan_ask *ask, struct arena *a);

enum owner {
    OWNER_OURS,             /* both tags match */
    OWNER_IMPORTED,         /* tagged by `roster import`: it is adopted when Okta claims its name */
    OWNER_NOBODY,           /* no deployment's tag: made by hand or by another tool */
    OWNER_OTHER_PERSON,     /* ours, and another person's */
    OWNER_OTHER_DEPLOYMENT, /* never touched */
};
/* For an import, managed_by is MANAGED_BY_IMPORT and okta_id empty: what imports made is OURS. */
enum owner plan_owner(const struct agent *agent, struct span managed_by, struct span okta_id);

#endif
