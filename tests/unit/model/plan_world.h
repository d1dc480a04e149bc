/* Random wants and agents for plans, and how many calls a difference needs, counted apart from the
 * sources under test. */
#ifndef ROSTER_TESTS_MODEL_PLAN_WORLD_H
#define ROSTER_TESTS_MODEL_PLAN_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "plan_sim.h"

#define US "roster"
#define JANE "00ujane"

extern uint64_t world_seed;
unsigned world_any_of(unsigned n);
bool world_one_in(unsigned n);

/* What a parked agent has. */
extern const struct entitlement world_parked;
struct entitlement world_wanted(struct arena *a, const char *user_name);
/* An agent of hers, on whose contacts, parking and foreign things chance decides; s->applied is
 * what it has of ours. */
struct sim_agent *world_agent(struct sim *s, const char *user_name);

bool world_has_tag(const struct entitlement *e, const struct tag *tag, bool by_value);
const struct proficiency *world_has_proficiency(const struct entitlement *e,
                                                const struct proficiency *p);
bool world_phone_differs(const struct phone *wanted, const struct phone *had);
bool world_same_profiles(const struct entitlement *a, const struct entitlement *b);
unsigned world_calls_needed(const struct entitlement *wanted, const struct entitlement *had);

#endif
