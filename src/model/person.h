/* A person: what a source says of a user, and where Roster stands with them. Plain data and pure
 * functions. */
#ifndef ROSTER_MODEL_PERSON_H
#define ROSTER_MODEL_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

/* The contract's states (docs/operations.md). */
enum person_state {
    PERSON_DUE,
    PERSON_IN_STEP,
    PERSON_HELD,
    PERSON_FAILED,
    PERSON_PARKED,
    PERSON_REMOVED,
    PERSON_OUT_OF_SCOPE,
    PERSON_STATES /* how many */
};

const char *person_state_name(enum person_state state);
bool person_state_parse(struct span name, enum person_state *out);

/* Why somebody is held, failed, or waits; the word that stands in `reason_code`. Empty when all is
 * well. */
#define REASON_EXISTS "exists" /* an agent of that name exists that is not this person's */
#define REASON_NAME_DIFFERS "user_name_differs" /* the agent's name is not the one wanted now */
#define REASON_BAD_USER_NAME "bad_user_name"    /* Amazon Connect would refuse it */
#define REASON_REFUSED "refused"                /* Amazon Connect refused the request for good */
#define REASON_LEFT "left"                      /* left scope; the agent is kept */

struct person {
    struct span source; /* "okta" */
    struct span id;     /* Okta id, immutable */

    /* What the source says, each with the instant (ns since 1970) of the event that said so; the
     * newest wins. */
    struct span login;
    struct span display_name; /* as it came */
    int64_t facts_ns;
    struct span app_user_name; /* of the application's assignment; empty = not known */
    int64_t app_user_name_ns;

    /* Where we stand. */
    enum person_state state;
    struct span reason_code, reason; /* reason: one line for people */
    int64_t since_ms;                /* in this state since */
    int64_t due_ms;                  /* PERSON_DUE: not before */
    int64_t due_since_ms; /* PERSON_DUE: since when there is work to do (the queue's age) */
    int64_t attempts;     /* transient failures in a row */
    struct span cause;    /* what made them due last: "event 4a19…", "operator retry", … */

    /* The ledger of CreateUser: set on disk before the request is sent, cleared when its outcome is
     * known. */
    int64_t create_sent_ms;
    struct span create_sent_name;
    int64_t name_taken_ms; /* Amazon Connect said 409 then, agent not found yet; 0 = no */

    /* The agent that is bound to this person; empty = none. */
    struct span agent_id, agent_arn, agent_user_name;
    int64_t agent_since_ms; /* when Roster made or adopted it */

    bool may_adopt; /* an operator said `roster adopt` */
};

/* A deep copy in a. */
struct person person_copy(struct arena *a, const struct person *p);
/* The user name that the agent should have: the application's, else the login, trimmed. */
struct span person_user_name(const struct person *p);

#endif
