/* What an answer of Okta holds, as lists of the directory's things. Pure. */
#ifndef ROSTER_OKTA_RESULT_H
#define ROSTER_OKTA_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "okta/directory.h"

/* What was read: only the list that was asked for. All of it is borrowed for the callback. */
struct okta_result {
    enum err err;            /* okta/api.h; ERR_IO also when a listing was cut short */
    const struct fail *fail; /* NULL with ERR_NONE */
    bool is_last;            /* no further page comes; always so after a failure */
    struct okta_user *users;
    size_t n_users;
    struct okta_group *groups;
    size_t n_groups;
    struct okta_app *apps;
    size_t n_apps;
    struct okta_app_user *app_users;
    size_t n_app_users;
};

/* Which list the objects of an answer go into. */
enum okta_kind { OKTA_USERS, OKTA_GROUPS, OKTA_APPS, OKTA_APP_USERS };
/* Appends the objects of an answer's body, one of them or an array, to the result's list. Pure.
 * ERR_IO: it is no JSON; ERR_INPUT: something in it is no such object. */
enum err okta_result_add(struct arena *a, enum okta_kind kind, struct span body,
                         struct okta_result *result, struct fail *fail) WARN_UNUSED;
/* Takes out of the applications and groups what has another name, by byte after NFC. */
void okta_result_keep_named(struct okta_result *result, struct span name);

#endif
