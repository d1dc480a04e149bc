/* What a source says of a person's belonging: assigned to an application, member of a group, or the
 * account itself being switched on. Plain data and pure functions. */
#ifndef ROSTER_MODEL_MEMBERSHIP_H
#define ROSTER_MODEL_MEMBERSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Beginning a membership gives access; of MEMBERSHIP_SUSPENSION, ending it does. */
enum membership_kind {
    MEMBERSHIP_APP = 'a',        /* container: the application */
    MEMBERSHIP_GROUP = 'g',      /* container: the group */
    MEMBERSHIP_ACCOUNT = 'u',    /* no container; not a member = deactivated or deleted */
    MEMBERSHIP_SUSPENSION = 's', /* no container; a member = suspended now */
};

struct membership {
    enum membership_kind kind;
    struct span container; /* Okta id, "" for the account */
    struct span name;      /* its name when the event was published; "" for the account */
    bool is_member;
    int64_t published_ns; /* of the event that said so */
};

/* Of two statements about one membership: does `later` replace `earlier`? The newer published wins;
 * on a tie the one
 * that gives access. */
bool membership_replaces(const struct membership *later, const struct membership *earlier);

#endif
