/* What one step carries, and what an agent has once it is done: the parts of a plan's target that
 * differ from what the agent was last seen to have. Pure; all results are in the arena or
 * borrowed. */
#ifndef ROSTER_MODEL_STEP_H
#define ROSTER_MODEL_STEP_H

#include <stddef.h>

#include "base/arena.h"
#include "model/entitlement.h"
#include "model/plan.h"

/* The aspect that a step changes; ASPECTS when none (CreateUser changes all but one). */
enum aspect step_aspect(enum step_op op);
/* STEP_TAG_USER: the tags that are to be put; with seen NULL all of the target's. */
size_t step_tags(const struct entitlement *target, const struct entitlement *seen, struct arena *a,
                 const struct tag **out);
/* STEP_UNTAG_USER: the keys that are to go. */
size_t step_untags(const struct entitlement *target, const struct entitlement *seen,
                   struct arena *a, const struct span **out);
/* STEP_…_PROFICIENCIES: those that are to be added, changed or taken away. */
size_t step_proficiencies(enum step_op op, const struct entitlement *target,
                          const struct entitlement *seen, struct arena *a,
                          const struct proficiency **out);
/* What the agent has when the step is done. seen is NULL for STEP_CREATE_USER. */
struct entitlement step_applied(enum step_op op, const struct entitlement *target,
                                const struct entitlement *seen, struct arena *a);
/* Of what an agent was found to have, what counts as seen: hierarchy, tags and proficiencies of
 * which the rules say nothing, and which we are not known to have given, are none of ours, and so
 * are left alone. wanted NULL = out of scope; given NULL = nothing is known. */
struct entitlement step_seen(const struct entitlement *found, const struct entitlement *wanted,
                             const struct entitlement *given, struct arena *a);

#endif
