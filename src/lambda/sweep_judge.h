/* What a sweep makes of one person, by what the listings of both sides show. It decides nothing by
 * itself: `converge` reads everybody anew, and so does whoever removes. Pure. */
#ifndef ROSTER_LAMBDA_SWEEP_JUDGE_H
#define ROSTER_LAMBDA_SWEEP_JUDGE_H

#include "base/arena.h"
#include "lambda/sweep_people.h"
#include "model/plan.h"
#include "model/rules.h"

/* An application or a group that the rules name. */
struct sweep_container {
    enum membership_kind kind;
    struct span id, name;
};

struct sweep_judge {
    const struct sweep_people *people;
    const struct rules *rules;
    const struct names *names;
    const struct sweep_container *containers; /* by the numbers of sweep_people.h */
    size_t n_containers;
    int64_t read_ms; /* when the reading began, by Okta's clock */
    int64_t now_ms, max_wait_ms;
};

enum sweep_verdict {
    SWEEP_IN_STEP, /* nothing is to be done, or nobody's concern */
    SWEEP_TELL,    /* to `converge`: a new agent, or something that differs */
    SWEEP_CHANGE,  /* the same, but their profiles would change: judged as a set */
    SWEEP_LEAVER,  /* the same: out of scope, and their agent does not say so yet */
    SWEEP_TAKE,    /* to be removed or parked here, now: judged as a set */
    SWEEP_SOON,    /* the same within the hour: counts in that set, and is not taken yet */
    SWEEP_GRACE,   /* REMOVAL_GRACE runs */
    SWEEP_HELD,    /* a person has to look */
    SWEEP_VERDICTS
};
const char *sweep_verdict_name(enum sweep_verdict verdict); /* "in_step", … */

/* *out_why: for people, "" when there is nothing to tell; in a. */
enum sweep_verdict sweep_judge(const struct sweep_judge *j, const struct sweep_row *row,
                               struct arena *a, const char **out_why);

/* What is asked of the plan for somebody who was read by themselves, with the agent as it was
 * described: to take them away, or to see that this is not so any more. */
struct sweep_case {
    const struct rules *rules;
    const struct names *names;
    const struct person *person; /* agent_id and agent_user_name are set */
    const struct membership *memberships;
    size_t n_memberships;
    const struct agent *agent;       /* as described, with its tags */
    const struct entitlement *found; /* of it */
    int64_t now_ms, max_wait_ms;
    int64_t due_ms; /* since when it may be removed: MAX_WAIT counts from there */
    bool is_contact_free, is_on_contact; /* what was seen a moment ago; neither: not looked yet */
};
/* False: they are in scope, or it is not certain that they are not; *out_why tells. */
bool sweep_case_plan(const struct sweep_case *c, struct arena *a, struct plan *out,
                     const char **out_why);

#endif
