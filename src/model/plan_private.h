/* Private to plan.c and plan_bound.c. */
#ifndef ROSTER_MODEL_PLAN_PRIVATE_H
#define ROSTER_MODEL_PLAN_PRIVATE_H

#include "model/plan.h"

void plan_add(struct plan *plan, enum step_op op);
void plan_end(struct plan *plan, enum person_state state, const char *code, char *reason);
/* The agent is not this person's to change: held, and told whose it is. */
void plan_hold_for_owner(struct plan *plan, const struct plan_ask *ask, const struct agent *agent,
                         enum owner owner, struct arena *a);
/* Two people claim the wanted user name: held, and told who. */
void plan_hold_claim(struct plan *plan, const struct plan_ask *ask, struct arena *a);
/* The person has an agent: change it, park it, delete it, or leave it. In plan_bound.c. */
void plan_bound(struct plan *plan, const struct plan_ask *ask, struct arena *a);

#endif
