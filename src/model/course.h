/* The course of a plan: all that would be done for one person, step after step, if each step
 * succeeded and no bound stood in the way. Whoever shows a plan asks for it; whoever carries one
 * out does not (model/plan.h). Pure: the world is asked, nothing is done. */
#ifndef ROSTER_MODEL_COURSE_H
#define ROSTER_MODEL_COURSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/plan.h"

struct course_world {
    /* The agent of that user name; false when there is none. */
    bool (*find)(void *arg, struct span user_name, struct arena *a, struct agent *out);
    /* What that agent has (model/seen.h); false when that is not known. */
    bool (*look)(void *arg, const struct agent *agent, struct arena *a, struct entitlement *out);
    void *arg;
};

enum { COURSE_STEPS = 32 };
/* The id of an agent that a course makes. */
#define COURSE_NEW_AGENT "new"

struct course {
    enum step_op steps[COURSE_STEPS];
    size_t n;
    bool has_before, has_after;
    struct entitlement before, after; /* what the agent has: at first, and in the end */
    struct agent agent;               /* the last one that the steps were about; id empty = none */
    bool makes, takes_over, deletes, deletes_former; /* an agent: a new one; one that was found; the
                                                        person's; the one of a former user name */
    bool binds;              /* an agent that was not known to be this person's */
    bool waits_for_removals; /* what bounds it has to pass */
    bool waits_for_changes;  /* … */
    enum person_state state; /* in the end */
    const char *reason_code; /* as in struct plan */
    char *reason;
};

/* ask is the caller's and stays as it is. */
void course_make(const struct plan_ask *ask, const struct course_world *world, struct arena *a,
                 struct course *out);

#endif
