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
#define REASON_UNKNOWN_NAME "unknown_name"      /* a rule names what the instance does not have */
#define REASON_NAMES_UNREAD "names_unread"      /* the instance's names have not been read yet */
#define REASON_BAD_VALUE "bad_value"            /* a rule's value is none that can be set */
#define REASON_REMOVALS "removals"              /* the bound on removals was passed */
#define REASON_CHANGES "changes"                /* the bound on changes was passed */
#define REASON_UNSURE "unsure"                  /* left scope, but the source did not say so */
#define REASON_GRACE "grace"                    /* left scope; REMOVAL_GRACE runs */
#define REASON_ON_CONTACT "on_contact"          /* to be removed, and on a contact */
#define REASON_SUSPENDED "suspended"            /* suspended in Okta; the agent is kept */
#define REASON_REJECTED "rejected"              /* a person said that this removal must not be */
#define REASON_AGENT_GONE "agent_gone"          /* the agent was deleted by somebody else */
#define REASON_UNDONE "undone"                  /* an operator had the agent be as it was before */
#define REASON_TWO_CLAIM "two_claim"            /* two people claim one user name */
#define REASON_LAST_ADMIN "last_administrator"  /* nobody else could administer the instance */

/* Who comes first when the throttle makes a queue. */
enum { PRIORITY_REMOVAL, PRIORITY_NEW, PRIORITY_CHANGE, PERSON_PRIORITIES };

/* What was decided about taking an agent away. */
enum removal {
    REMOVAL_NONE,     /* nothing is to be taken away */
    REMOVAL_WAITS,    /* to be judged when due_ms has come (REMOVAL_GRACE, REASON_GRACE) */
    REMOVAL_PASSED,   /* the bound let it pass: it may be carried out, once */
    REMOVAL_HELD,     /* waits for `roster release` or `roster reject` */
    REMOVAL_REJECTED, /* a person said no: the agent is kept until the source says something new */
};

/* The source of an agent that a file of `roster import` asks for: the file says what it is to be
 * (restore), no rule counts, and the row goes when the agent is made. */
#define SOURCE_IMPORT "import"
/* Its id: this and the user name, so that it is nobody's login or name. */
#define IMPORT_ID_PREFIX "import:"

struct person {
    struct span source; /* "okta", SOURCE_IMPORT */
    struct span id;     /* Okta id, immutable */

    /* What the source says, each with the instant (ns since 1970) of the event that said so; the
     * newest wins. */
    struct span login;
    int64_t facts_ns;         /* of the login */
    struct span display_name; /* as it came */
    int64_t display_name_ns;
    struct span app_user_name; /* of the application's assignment; empty = not known */
    int64_t app_user_name_ns;

    /* What a reading of the source said (Okta's API); 0 and empty without one. */
    int64_t read_ms;     /* when the reading began */
    struct span status;  /* "ACTIVE", "SUSPENDED", …; "GONE" = positively not there any more */
    struct span profile; /* JSON object of the attributes (model/profile.h) */

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
    struct span create_sent; /* what it carried: an entitlement as JSON */
    int64_t name_taken_ms;   /* Amazon Connect said 409 then, agent not found yet; 0 = no */

    /* The agent that is bound to this person; empty = none. */
    struct span agent_id, agent_arn, agent_user_name;
    int64_t agent_since_ms; /* when Roster made or adopted it */

    bool may_adopt; /* an operator said `roster adopt` */

    /* What the agent was last made or seen to be: an entitlement as JSON; empty = not known. */
    struct span applied;
    int64_t applied_ms;
    /* Aspects whose update was sent, and may have been carried out although that is not known: bits
     * 1 << ASPECT_…; 1 << ASPECTS = all: what applied says is what we are known to have given. */
    int64_t in_doubt;
    /* What it had before it was parked or deleted, for undo; empty = never. */
    struct span before_removal;
    /* An operator wants the agent to be this (again), whatever the rules say: an entitlement as
     * JSON; empty = nobody does. */
    struct span restore;
    int64_t delete_sent_ms;   /* DeleteUser was sent then, and may have been carried out; 0 = no */
    int64_t agent_deleted_ms; /* we deleted it then, its quick connects not yet; 0 = no */

    /* Leaving. */
    int64_t left_ms;      /* out of scope since; 0 = in scope */
    struct span left_why; /* for people: "event 4a19…: removed from group Agents" */
    enum removal removal;
    int64_t contact_since_ms; /* to be deleted, and found on a contact since; 0 = no */
    bool passed_changes;      /* the changes' gate let the present change pass */
    bool needs_gate;          /* has been planned, and waits before a gate: that of removals when
                                 removal is REMOVAL_WAITS (also for parking a suspended agent, and for
                                 a former one), else that of changes */

    /* ON_RENAME = replace: the former agent, still to be deleted; empty = none. */
    struct span old_agent_id, old_agent_arn, old_agent_name;
    int64_t old_agent_parked; /* on a contact for too long: the aspects that are as parking has
                                 them, 1 << ASPECT_… */

    int64_t priority; /* PERSON_DUE: PRIORITY_… */
    /* How often they were judged (model/standing.h): whoever works on them sees by it that they
     * were judged anew meanwhile. */
    int64_t judged_n;
};

bool person_is_import(const struct person *p);
/* The user name that an import is for. */
struct span person_imported_name(const struct person *p);
/* A deep copy in a. */
struct person person_copy(struct arena *a, const struct person *p);
/* How people are called in messages: the agent's user name, else the application's, else the login,
 * else the id. */
struct span person_label(const struct person *p);

#endif
