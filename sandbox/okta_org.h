/* What happens in an org: people, groups and applications come, change and go, with all that
 * follows from it and the events that tell of it. */
#ifndef SANDBOX_OKTA_ORG_H
#define SANDBOX_OKTA_ORG_H

#include "okta_events.h"

/* ---- memberships and assignments (okta_org.c) ---- */

/* False when nothing changed. */
bool okta_member_add(struct okta_tx *tx, struct okta_container *group, struct okta_user *user);
bool okta_member_remove(struct okta_tx *tx, struct okta_container *group, struct okta_user *user);
/* By itself, whatever groups do. user_name, profile (compact JSON): NULL keeps what is there. */
bool okta_assign(struct okta_tx *tx, struct okta_container *app, struct okta_user *user,
                 const char *user_name, const char *profile);
/* What a group gives stays. */
bool okta_unassign(struct okta_tx *tx, struct okta_container *app, struct okta_user *user);
/* NULL keeps what is there. */
void okta_app_user_change(struct okta_tx *tx, struct okta_link *link, const char *user_name,
                          const char *profile);
/* The person's profile has changed from that: the name in the application follows, or not, as the
 * org is set. */
void okta_app_user_follow(struct okta_tx *tx, struct okta_link *link, const json_t *old_profile);
/* Takes profile (NULL: {}). */
enum err okta_group_assign(struct okta_tx *tx, struct okta_container *app,
                           struct okta_container *group, int priority, json_t *profile,
                           struct fail *fail) WARN_UNUSED;
/* is_each: the people who thereby lose the application are told one by one, which Okta does not
 * promise. */
bool okta_group_unassign(struct okta_tx *tx, struct okta_container *app,
                         struct okta_container *group, bool is_each);
/* Makes the user's assignments through groups what they should be. */
void okta_follow_groups(struct okta_tx *tx, struct okta_user *user);
/* The same for one application. Silent when not is_told. */
void okta_follow_group(struct okta_tx *tx, struct okta_user *user, struct okta_container *app,
                       bool is_told);
/* Calls fn for everybody in the group, or assigned to the application, now; Everyone's are all
 * people. */
void okta_each_member(struct okta_side *side, const struct okta_container *c,
                      void (*fn)(void *arg, struct okta_user *user), void *arg);

/* ---- people (okta_people.c) ---- */

/* {"id", "login", "first", "last", "email", "profile", "status"} */
enum err okta_user_create(struct okta_tx *tx, const json_t *from, struct okta_user **out,
                          struct fail *fail) WARN_UNUSED;
/* Members that are null are taken out. */
enum err okta_user_change(struct okta_tx *tx, struct okta_user *user, const json_t *change,
                          struct fail *fail) WARN_UNUSED;
/* "activate", "suspend", …; "delete" deactivates first when need be. ERR_CONFLICT when that is not
 * allowed in the user's status. */
enum err okta_user_do(struct okta_tx *tx, struct okta_user *user, const char *what,
                      struct fail *fail) WARN_UNUSED;
/* The whole profile of "first", "last", "login", "email" and "profile"; a new value. */
json_t *okta_profile_of(const json_t *from);
/* "status", ACTIVE when absent; false for an unknown one. */
bool okta_status_read(const json_t *from, enum okta_status *out);

/* ---- groups and applications (okta_things.c) ---- */

/* {"id", "name", "description", "profile", "type"} */
enum err okta_group_create(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                           struct fail *fail) WARN_UNUSED;
/* {"id", "label", "name", "status", "user_name_template"} */
enum err okta_app_create(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                         struct fail *fail) WARN_UNUSED;
/* Sets these members of the group's profile. */
void okta_group_change(struct okta_tx *tx, struct okta_container *group, const json_t *change);
void okta_app_rename(struct okta_tx *tx, struct okta_container *app, const char *label);
/* "activate", "deactivate" or "delete". */
enum err okta_app_do(struct okta_tx *tx, struct okta_container *app, const char *what, bool is_each,
                     struct fail *fail) WARN_UNUSED;
void okta_group_delete(struct okta_tx *tx, struct okta_container *group, bool is_each);

#endif
