/* What Okta says of one person now: the user, and whether they are assigned to the applications and
 * in the groups that matter, by the fewest calls. Nothing is ever concluded from a reading that
 * failed, and absence only from an answer that says so while what was asked for exists. On the loop
 * only. */
#ifndef ROSTER_OKTA_PERSON_H
#define ROSTER_OKTA_PERSON_H

#include <stdbool.h>
#include <stddef.h>

#include "okta/api.h"
#include "okta/directory.h"

struct okta_person_read;

enum {
    /* What was seen to exist so lately need not be asked for again before an absence is believed: a
     * thing that has been deleted since would make everybody absent who was in it. */
    OKTA_WITNESS_MS = 5000,
};

/* What a listing has just shown of an assignment: it is not asked for again. */
struct okta_assignment {
    struct span app_id, user_name;
    bool is_member;
};

/* What matters; borrowed until done is called. */
struct okta_interest {
    const struct span *app_ids, *group_ids;
    size_t n_apps, n_groups;
    const struct okta_assignment *known;
    size_t n_known;
    bool wants_all_groups; /* also when there are no group_ids: rules may name groups */
};

/* One application or group of interest. */
struct okta_container {
    struct span id;
    bool is_member;
    bool is_gone;          /* there is no such application or group (any more): is_member says
                              nothing of the person then */
    struct span user_name; /* of the assignment to an application; empty for a group */
};

/* All of it is borrowed for the callback. */
struct okta_person {
    bool is_gone;          /* the user does not exist: 404, while the org lists other users. Nothing
                              else is set then */
    struct okta_user user; /* without a fault */
    const struct okta_container *apps, *groups; /* as in the interest, in its order. Of a
                                                   DEPROVISIONED user nothing is asked: all
                                                   is_member are false */
    const struct okta_group *all_groups;        /* when groups were of interest */
    size_t n_all_groups;
};

/* Calls: one for the user, one for all groups (when any are of interest), one for each application
 * whose assignment is not known; and for an absence one for its witness, unless it was seen lately.
 * done is called once, later: with ERR_NONE and the person, or with the failure (okta/api.h;
 * ERR_INPUT: the user's profile cannot be used) and NULL. */
struct okta_person_read *
okta_person_read(struct okta_api *api, const struct okta_interest *interest, struct span user_id,
                 void (*done)(void *arg, const struct okta_person *person, const struct fail *fail),
                 void *arg);
/* No callback will come; not from inside it. NULL is fine. */
void okta_person_cancel(struct okta_person_read *read);

#endif
