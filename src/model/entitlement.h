/* What an agent should be: identity and entitlement as the rules give them. Plain data. */
#ifndef ROSTER_MODEL_ENTITLEMENT_H
#define ROSTER_MODEL_ENTITLEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "model/agent.h"

struct entitlement {
    struct span user_name, first_name, last_name;
    const struct span *security_profile_ids;
    size_t n_security_profile_ids;
    struct span routing_profile_id;
    bool has_desk_phone; /* PhoneType DESK_PHONE, else SOFT_PHONE */
    struct tag tags[2];  /* managed-by, okta-id */
    size_t n_tags;
};

#endif
