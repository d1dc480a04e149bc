/* What an agent has, put together from what a listing shows and, for what no listing shows, from
 * what was last made or seen of it. Pure; results are in the arena or borrowed. */
#ifndef ROSTER_MODEL_SEEN_H
#define ROSTER_MODEL_SEEN_H

#include <stdbool.h>

#include "base/arena.h"
#include "model/entitlement.h"

/* SearchUsers shows neither e-mails nor the mobile number nor proficiencies, and the time of
 * after-contact work in another unit than DescribeUser.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_UserSearchSummary.html */
enum { SEEN_LISTED, /* found is a row of SearchUsers */ SEEN_DESCRIBED /* of DescribeUser */ };

/* applied is what the agent was last made or seen to be, NULL = not known: what found does not show
 * is then taken to be as wanted. wanted is NULL for who is out of scope. Tags, proficiencies and
 * the hierarchy group of which neither the rules nor what was applied says anything are none of
 * ours. */
struct entitlement seen_merge(const struct entitlement *found, int how,
                              const struct entitlement *applied, const struct entitlement *wanted,
                              struct arena *a);

#endif
