/* The people of the played org, with their past: reads may see the state of a moment ago. Made for
 * a million of them: a profile is kept as text, and that of generated people not at all. Deleted
 * people stay as a name plate. */
#ifndef SANDBOX_OKTA_USERS_H
#define SANDBOX_OKTA_USERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "okta_index.h"
#include "okta_text.h"

enum okta_status {
    OKTA_STAGED,
    OKTA_PROVISIONED,
    OKTA_ACTIVE,
    OKTA_RECOVERY,
    OKTA_PASSWORD_EXPIRED,
    OKTA_LOCKED_OUT,
    OKTA_SUSPENDED,
    OKTA_DEPROVISIONED,
    OKTA_STATUSES
};

extern const char *const okta_status_names[OKTA_STATUSES];

struct okta_user_state {
    struct okta_user_state *older;
    int64_t since_ms; /* monotonic */
    char *profile;    /* compact JSON; NULL: as the template says */
    uint32_t created_s, activated_s, status_changed_s, updated_s; /* 0: null */
    enum okta_status status;
    bool is_gone;
};

/* What generated people look like, as patterns (fill.h). */
struct okta_template {
    struct okta_template *next;
    char *login, *profile; /* the second is compact JSON and holds the login, too */
};

struct okta_link;

struct okta_user {
    char id[OKTA_ID];
    uint32_t number;    /* grows with each creation */
    uint32_t generated; /* {n} */
    const struct okta_template *template;
    int64_t published_ms;    /* of the last event about this person */
    struct okta_link *links; /* groups and applications */
    struct okta_user_state newest;
};

struct okta_users {
    struct okta_user **slots; /* by number, which begins at 0 */
    size_t n, room, n_live;
    struct okta_index by_id, by_login;
    struct okta_template *templates;
    int64_t keep_ms; /* how long the past is kept: the longest of the delays */
};

enum { OKTA_PROFILE = 256 * 1024 };

void okta_users_done(struct okta_users *users);
/* A new person in that state (profile is taken, unless NULL with a template). id NULL makes one.
 * Neither id nor login may be there (okta_users_with_…). */
struct okta_user *okta_users_add(struct okta_users *users, const char *id,
                                 const struct okta_user_state *state,
                                 const struct okta_template *template, uint32_t generated);
/* Copies both. */
const struct okta_template *okta_users_template(struct okta_users *users, const char *login,
                                                const char *profile);
/* The new state; profile is taken, NULL keeps what was there. */
void okta_users_change(struct okta_users *users, struct okta_user *user,
                       const struct okta_user_state *state);
void okta_users_remove(struct okta_users *users, struct okta_user *user);
/* The person who exists now, NULL for none; a login in any ASCII case. */
struct okta_user *okta_users_with_id(const struct okta_users *users, struct span id);
struct okta_user *okta_users_with_login(const struct okta_users *users, struct span login);
/* Also a deleted one. */
struct okta_user *okta_users_ever(const struct okta_users *users, struct span id);

/* The state at that monotonic time (OKTA_NOW: the newest); NULL when there was none. */
const struct okta_user_state *okta_user_at(const struct okta_user *user, int64_t at_ms);
#define OKTA_NOW (INT64_MAX - 1)
/* Appends the profile as JSON. */
void okta_user_add_profile(struct buf *out, const struct okta_user *user,
                           const struct okta_user_state *state);
void okta_user_add_login(struct buf *out, const struct okta_user *user,
                         const struct okta_user_state *state);
/* The same as a value; the caller's. */
json_t *okta_user_profile(const struct okta_user *user, const struct okta_user_state *state);

#endif
