/* A small Amazon Connect in memory, and the ledger beside it, for carrying plans out. What the
 * service does with a step is written down here once more, apart from the sources under test. */
#ifndef ROSTER_TESTS_MODEL_PLAN_SIM_H
#define ROSTER_TESTS_MODEL_PLAN_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/plan.h"
#include "model/step.h"

struct sim_agent {
    bool exists, is_on_contact;
    struct span id, user_name;
    struct entitlement has;
    unsigned n_quick_connects;
};

enum { SIM_AGENTS = 8, SIM_CALLS = 60 };

struct sim {
    struct arena arena;
    struct sim_agent agents[SIM_AGENTS];
    size_t n_agents;
    /* The ledger: what is kept of the person (model/person.h). */
    struct sim_agent *bound, *old;
    const struct entitlement *applied; /* NULL = not known */
    bool is_making, is_deleted;
    enum removal removal;
    bool passed_changes, waits_over, is_contact_free;
    unsigned old_parked; /* 1 << ASPECT_… */
    struct sim_agent *found;
    /* What happened. */
    unsigned n_calls, n_of[STEPS], n_gates[3];
    const char *fault; /* the service refused what should never have been asked for */
};

/* ask.actual, removal and so on are set from the ledger. */
struct plan sim_plan(struct sim *s, struct plan_ask *ask);
/* Carries out the first step; a gate that is in the way is passed first, and counted. */
void sim_step(struct sim *s, const struct plan_ask *ask, const struct plan *plan);
/* Until there is no step left; the last plan. */
struct plan sim_run(struct sim *s, struct plan_ask *ask);
/* A value of a channel, in whichever form. */
int64_t sim_channel(const struct phone *phone, const int64_t values[static CHANNELS], size_t i);

#endif
