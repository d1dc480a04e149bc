/* How the API shows people, assignments, groups and applications. */
#ifndef SANDBOX_OKTA_SHOW_H
#define SANDBOX_OKTA_SHOW_H

#include "okta_side.h"

struct okta_show {
    const char *base;       /* of links */
    int64_t at_ms;          /* the state of that time */
    bool has_all_links;     /* as of a single one, not of a list's item */
    bool omits_credentials; /* okta-response asked for that */
    bool has_user;          /* expand=user */
};

void okta_add_user(struct buf *out, const struct okta_show *show, const struct okta_user *user,
                   const struct okta_user_state *state);
/* The assignment; its user must be there at that time. */
void okta_add_app_user(struct buf *out, const struct okta_show *show, const struct okta_link *link);
/* The user name in the application. */
void okta_add_app_user_name(struct buf *out, const struct okta_link *link, int64_t at_ms);
/* What the application's template makes of that profile. */
void okta_add_app_user_name_of(struct buf *out, const struct okta_link *link,
                               const json_t *profile);
/* New values. */
json_t *okta_show_group(const struct okta_show *show, const struct okta_container *group);
json_t *okta_show_app(const struct okta_show *show, const struct okta_container *app);
json_t *okta_show_grouping(const struct okta_show *show, const struct okta_grouping *grouping);

#endif
