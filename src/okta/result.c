#include "okta/result.h"

#include <string.h>

#include "base/utf8.h"

enum { LIST_ROOM = 16 };

/* The list with room for one more. */
static void *list_room(struct arena *a, void *list, size_t n, size_t size)
{
    void *larger;

    if (n > 0 && (n < LIST_ROOM || (n & (n - 1)) != 0))
        return list;
    larger = arena_new(a, n == 0 ? LIST_ROOM : 2 * n, size);
    if (n > 0)
        memcpy(larger, list, n * size);
    return larger;
}

static enum err add_one(struct arena *a, enum okta_kind kind, struct json_value object,
                        struct okta_result *r, struct fail *fail)
{
    enum err err = ERR_NONE;

    switch (kind) {
    case OKTA_USERS:
        r->users = list_room(a, r->users, r->n_users, sizeof(*r->users));
        err = okta_user_decode(a, object, &r->users[r->n_users], fail);
        r->n_users += err == ERR_NONE;
        break;
    case OKTA_GROUPS:
        r->groups = list_room(a, r->groups, r->n_groups, sizeof(*r->groups));
        err = okta_group_decode(a, object, &r->groups[r->n_groups], fail);
        r->n_groups += err == ERR_NONE;
        break;
    case OKTA_APPS:
        r->apps = list_room(a, r->apps, r->n_apps, sizeof(*r->apps));
        err = okta_app_decode(a, object, &r->apps[r->n_apps], fail);
        r->n_apps += err == ERR_NONE;
        break;
    case OKTA_APP_USERS:
        r->app_users = list_room(a, r->app_users, r->n_app_users, sizeof(*r->app_users));
        err = okta_app_user_decode(a, object, &r->app_users[r->n_app_users], fail);
        r->n_app_users += err == ERR_NONE;
        break;
    }
    return err;
}

enum err okta_result_add(struct arena *a, enum okta_kind kind, struct span body,
                         struct okta_result *result, struct fail *fail)
{
    struct json_value root = {0}, item;
    struct json_iter it;
    enum err err = json_scan(body, OKTA_DEPTH, &root, fail);

    if (err != ERR_NONE) {
        (void)fail_within(fail, ERR_IO, "Okta: the answer is no JSON");
        if (fail != NULL)
            fail->err = ERR_IO;
        return ERR_IO;
    }
    if (root.kind != JSON_ARRAY)
        return add_one(a, kind, root, result, fail);
    for (it = json_iter(root); json_next_item(&it, &item);) {
        err = add_one(a, kind, item, result, fail);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

void okta_result_keep_named(struct okta_result *r, struct span name)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n_apps; i++)
        if (utf8_eq_nfc(r->apps[i].label, name))
            r->apps[n++] = r->apps[i];
    if (r->n_apps > 0)
        r->n_apps = n;
    n = 0;
    for (size_t i = 0; i < r->n_groups; i++)
        if (utf8_eq_nfc(r->groups[i].name, name))
            r->groups[n++] = r->groups[i];
    if (r->n_groups > 0)
        r->n_groups = n;
}
