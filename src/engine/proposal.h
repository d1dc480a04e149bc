/* A proposal: all that a comparison found, judged as a whole. Changes lie in the scan's scratch,
 * row by row; here are their numbers, the bounds that they pass or not, and what it would take to
 * carry them out. By one thread at a time, like the scan and the store that it is given. */
#ifndef ROSTER_ENGINE_PROPOSAL_H
#define ROSTER_ENGINE_PROPOSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/settings.h"
#include "engine/drift.h"
#include "store/scan.h"
#include "store/store.h"

/* What stands in struct scan_change.bound. */
enum proposal_bound {
    BOUND_NONE,
    BOUND_REMOVALS,
    BOUND_CHANGES,
    BOUND_ABSENT, /* a removal of somebody whom Okta did not show, and who was not asked for alone
                   */
    BOUNDS
};

struct proposal_guard {
    const char *name; /* "removals", "changes", "source_health", "max_agents",
                         "last_administrator" */
    struct span message;
};

enum { PROPOSAL_GUARDS = 16 };

struct proposal_options {
    const struct settings *settings;
    const struct rules *rules; /* with the instance's identity */
    const struct names *names;
    struct scan *scan;
    struct store *store;
    int64_t now_ms;
    bool leaves_bounds; /* engine/inspection.h */
    bool is_of_one; /* other agents were not read: who is the last administrator the engine sees */
    int64_t agents; /* in the instance, all of them */
    struct span admin_profile_id; /* of administrators; empty = not known */
    /* The rate in force of an operation, calls a second. */
    double (*rate)(void *arg, const char *operation);
    void *rate_arg;
};

struct proposal {
    struct proposal_options options;
    struct arena arena;
    struct proposal_guard guards[PROPOSAL_GUARDS];
    size_t n_guards;
    int64_t unchanged; /* of which nothing is to be told, either */
    /* After proposal_judge: */
    int64_t count[DRIFT_ACTIONS];
    int64_t calls_of[STEPS];
    int64_t calls;
    double seconds;
};

void proposal_init(struct proposal *p, const struct proposal_options *options);
/* Releases nothing of options. */
void proposal_done(struct proposal *p);
/* Takes one drift in: the `found` of a comparison. */
enum err proposal_take(void *arg, const struct drift *drift, struct fail *fail) WARN_UNUSED;
/* What a plan relies on for this person, as hexadecimal text in a: what Okta says, what the agent
 * has, what was decided, and what is to come of it. */
struct span proposal_digest(const struct proposal *p, const struct drift *drift, struct arena *a);
/* A line for people that concerns the whole; text is copied. */
void proposal_guard(struct proposal *p, const char *name, struct span message);
/* Once everything was taken in: what passes no bound is held, and calls and time are known. */
enum err proposal_judge(struct proposal *p, struct fail *fail) WARN_UNUSED;
/* The operations of a change, in their order. */
size_t proposal_steps(const struct scan_change *change, const char *out[static COURSE_STEPS]);
/* Something would be done. */
bool proposal_has_changes(const struct proposal *p);

/* Calls a second, and how many at once, give the time that so many calls take. */
double proposal_seconds(int64_t calls, double rate, double burst);

#endif
