/* Drift: what would have to be done for one person, by what Okta and Amazon Connect showed of them
 * in a scan and by what the store knows. Reads no clock and does no I/O but in the scan.
 * By the thread that has the scan. */
#ifndef ROSTER_ENGINE_DRIFT_H
#define ROSTER_ENGINE_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/course.h"
#include "model/rules.h"
#include "store/scan.h"
#include "store/store.h"

enum drift_action {
    DRIFT_CREATE,
    DRIFT_UPDATE,
    DRIFT_PARK,
    DRIFT_DELETE,
    DRIFT_ADOPT, /* an agent becomes somebody's that was not known to be theirs */
    DRIFT_HELD,  /* a person has to look */
    DRIFT_UNMANAGED,
    DRIFT_UNCHANGED, /* with a reason: an agent that is left as it is though it differs */
    DRIFT_NOTHING,   /* in step, or nobody's concern */
    DRIFT_ACTIONS = DRIFT_NOTHING
};
const char *drift_action_name(enum drift_action action); /* "create", "update", … */

/* An application or a group that the rules name, as far as the scan has read it. */
struct drift_container {
    enum membership_kind kind;
    struct span id, name;
    bool is_read;  /* to its end, and plausible: who was not shown is not in it */
    int64_t shown; /* so many */
};

struct drift_options {
    const struct rules *rules;
    const struct names *names;
    struct scan *scan;
    const struct drift_container *containers;
    size_t n_containers;
    bool has_other_rules; /* than when people were judged last: who falls out of scope may have
                             fallen because of that */
    bool has_users;       /* Okta was read; else the store's memberships are all there is */
    /* Why nobody is removed now, for people: a part of Okta could not be read; NULL = it could. */
    const char *stops_removals;
    int64_t read_ms; /* when the scan began, by Okta's clock */
    int64_t now_ms, max_wait_ms;
    struct span cause;
};

/* What is known of one person. */
struct drift_facts {
    struct person person;                 /* as the store has them; else only source and id */
    bool is_known;                        /* the store has them */
    const struct membership *memberships; /* of the store */
    size_t n_memberships;
    const struct scan_user *user;   /* NULL: Okta did not show them */
    const struct scan_agent *owned; /* agents that bear their Okta id */
    size_t n_owned;
};

struct drift {
    enum drift_action action;
    enum gate bound;      /* the set that it has to be judged with; GATE_NONE: none */
    struct person person; /* with what was read taken over, and judged */
    const struct membership *memberships; /* as they are now */
    size_t n_memberships;
    bool is_known;    /* the store has them already */
    bool is_news;     /* Okta says something else than the store */
    bool is_doubtful; /* its agent is not shown though the store binds it, or shows something else
                         than what was written minutes ago: searches lag behind */
    bool is_gone;     /* the agent that the store binds does not exist any more */
    bool is_absent;   /* Okta did not show them, and nobody has asked for them alone */
    bool has_course;
    struct course course;
    struct scan_agent agent; /* id empty: none was shown */
    struct entitlement seen; /* of it; only when has_seen */
    bool has_seen;
    bool changes_by_hand;  /* what differs was changed in Amazon Connect */
    struct span because;   /* for people */
    struct span user;      /* login, else user name, else id */
    struct span claim;     /* the user name that a new agent would take; else empty */
    int64_t not_before_ms; /* REMOVAL_GRACE: not before that; 0 = now */
};

/* Texts are in a, or borrowed from facts and options. */
enum err drift_of_person(const struct drift_options *options, const struct drift_facts *facts,
                         struct arena *a, struct drift *out, struct fail *fail) WARN_UNUSED;
/* Of an agent that is nobody's whom Okta or the store know. */
enum err drift_of_agent(const struct drift_options *options, const struct scan_agent *agent,
                        struct arena *a, struct drift *out, struct fail *fail) WARN_UNUSED;

#endif
