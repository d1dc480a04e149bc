/* Groups and applications, who is in them, and which groups are assigned to which applications.
 * Everything has a time from and until, so that reads may see the state of a moment ago. */
#ifndef SANDBOX_OKTA_LINKS_H
#define SANDBOX_OKTA_LINKS_H

#include "okta_users.h"

enum okta_kind { OKTA_GROUP, OKTA_APP };

struct okta_container;

/* A user in a group, or assigned to an application. */
struct okta_link {
    struct okta_user *user;
    struct okta_container *of;
    struct okta_link *next_of_user;
    char *user_name;           /* in the application; NULL: as its template says */
    char *profile;             /* in the application, compact JSON; NULL: {} */
    int64_t from_ms, until_ms; /* monotonic; INT64_MAX while it lasts */
    uint32_t number;           /* its place among those of the container */
    uint32_t id_number;        /* of the AppUser's id; stays when the rest changes */
    uint32_t created_s, updated_s;
    bool is_individual; /* assigned to the application by itself, not (only) by a group */
};

/* A group that is assigned to an application. */
struct okta_grouping {
    struct okta_container *group, *app;
    struct okta_grouping *next_of_group, *next_of_app;
    int64_t from_ms, until_ms;
    uint32_t updated_s;
    int priority;
    json_t *profile;
};

struct okta_container_state {
    struct okta_container_state *older;
    int64_t since_ms;
    json_t *doc; /* as the API shows it, but for id, times of membership and _links; NULL: gone */
};

struct okta_touch {
    int64_t since_ms;
    uint32_t wall_s;
};

struct okta_container {
    enum okta_kind kind;
    bool is_everyone; /* the group that all people are in, without links */
    char id[OKTA_ID];
    uint32_t number;
    struct okta_container_state *newest;
    struct okta_link **links; /* by number; those that ended stay for a while */
    size_t n_links, room, n_ended;
    struct okta_grouping *groupings; /* a group's applications; an application's groups */
    struct okta_touch *touches;      /* when its membership changed, newest last */
    size_t n_touches;
};

struct okta_containers {
    struct okta_container **slots; /* by number, which begins at 0; gone ones stay */
    size_t n, room;
    struct okta_index by_id;
    uint32_t next_link;
    int64_t keep_ms;
};

void okta_containers_done(struct okta_containers *all);
/* Takes doc. id NULL makes one. */
struct okta_container *okta_containers_add(struct okta_containers *all, enum okta_kind kind,
                                           const char *id, json_t *doc);
/* Takes doc, the new state. */
void okta_container_change(const struct okta_containers *all, struct okta_container *c,
                           json_t *doc);
/* Ends its links and groupings, too. */
void okta_container_remove(struct okta_containers *all, struct okta_container *c);
/* The one that exists now, NULL for none. */
struct okta_container *okta_containers_with_id(const struct okta_containers *all,
                                               enum okta_kind kind, struct span id);
/* The first with that name (profile.name of a group, label of an application). */
struct okta_container *okta_containers_named(const struct okta_containers *all, enum okta_kind kind,
                                             struct span name);
const char *okta_doc_name(enum okta_kind kind, const json_t *doc);
const char *okta_container_name(const struct okta_container *c);
/* The state at that monotonic time, NULL when there was none. */
const json_t *okta_container_at(const struct okta_container *c, int64_t at_ms);
/* When the membership last changed, as seen at that time. */
uint32_t okta_container_touched_s(const struct okta_container *c, int64_t at_ms);
void okta_container_touch(const struct okta_containers *all, struct okta_container *c,
                          uint32_t wall_s);

struct okta_link *okta_link_add(struct okta_containers *all, struct okta_container *c,
                                struct okta_user *user, uint32_t now_s);
void okta_link_end(struct okta_containers *all, struct okta_link *link);
/* Ends it and goes on with a copy that the caller then changes. */
struct okta_link *okta_link_renew(struct okta_containers *all, struct okta_link *link,
                                  uint32_t now_s);
/* The link of the user to the container at that time, NULL for none. */
struct okta_link *okta_link_at(const struct okta_user *user, const struct okta_container *c,
                               int64_t at_ms);
bool okta_link_is_at(const struct okta_link *link, int64_t at_ms);
/* Forgets those that no delay can show any more; not while anybody holds a link. */
void okta_links_sweep(struct okta_containers *all);
/* The place in links of the first with at least that number. */
size_t okta_links_from(const struct okta_container *c, uint64_t number);

struct okta_grouping *okta_grouping_add(struct okta_container *app, struct okta_container *group,
                                        int priority, json_t *profile, uint32_t now_s);
struct okta_grouping *okta_grouping_at(const struct okta_container *app,
                                       const struct okta_container *group, int64_t at_ms);
bool okta_grouping_is_at(const struct okta_grouping *grouping, int64_t at_ms);
void okta_grouping_end(struct okta_grouping *grouping);

#endif
