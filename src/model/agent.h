/* An agent: a user as Amazon Connect knows it. Plain data, whose texts belong to whoever made it.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_User.html */
#ifndef ROSTER_MODEL_AGENT_H
#define ROSTER_MODEL_AGENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#define TAG_MANAGED_BY "roster:managed-by"
#define TAG_OKTA_ID "roster:okta-id"
/* The value of TAG_MANAGED_BY that `roster import` gives; no deployment may be called so. */
#define MANAGED_BY_IMPORT "import"

struct tag {
    struct span key, value;
};

struct agent {
    struct span id, arn, user_name;
    struct span first_name, last_name;
    const struct span *security_profile_ids;
    size_t n_security_profile_ids;
    struct span routing_profile_id;
    const struct tag *tags;
    size_t n_tags;
};

/* p == NULL when the agent has no such tag. */
struct span agent_tag(const struct agent *agent, struct span key);

#endif
