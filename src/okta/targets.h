/* The targets of an Okta event: found by type, in any order, null elements passed over. Pure. */
#ifndef ROSTER_OKTA_TARGETS_H
#define ROSTER_OKTA_TARGETS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"
#include "model/names.h"
#include "model/rules.h"
#include "text/json.h"

struct target {
    struct span id, alternate_id, display_name; /* empty when absent, null or the word "unknown" */
};

/* Okta sends a handful; more would make ten mebibytes of them a long work. */
enum { TARGETS_MAX = 200 };

struct targets {
    struct target *users, *app_users, *apps, *groups;
    struct target *app_groups; /* of an application that groups are imported from */
    size_t n_users, n_app_users, n_apps, n_groups, n_app_groups;
};

/* NULL, or the skip reason (delivery.h): no target, a text of use that is bad. Several targets of
 * one user count once. */
const char *targets_read(struct arena *a, struct json_value array, struct targets *out);
/* The application or group that the event is about: the one that the rules name when there are
 * several, else the first; NULL when there is none. */
const struct target *targets_container(const struct targets *targets, enum membership_kind kind,
                                       const struct rules *rules, const struct names *names);
/* The application user name of the i-th user: what the AppUsers say when there is one user, else
 * those AppUsers that bear the user's login or display name; empty when none does or they
 * disagree. */
struct span targets_app_user_name(const struct targets *targets, size_t i);

#endif
