/* What a test, or who shows the sandbox, has happen in the org. */
#include <stdlib.h>

#include "base/mem.h"
#include "okta_control.h"

static enum err err_of(enum err otherwise, const struct fail *fail)
{
    return fail == NULL ? otherwise : fail->err;
}

/* ---- whom it is about ---- */

struct people {
    struct okta_user **list;
    size_t n, room;
};

static void people_add(void *arg, struct okta_user *user)
{
    struct people *people = arg;

    if (people->n == people->room) {
        people->room = people->room == 0 ? 64 : people->room * 2;
        people->list = mem_grow(people->list, people->room, sizeof(struct okta_user *));
    }
    people->list[people->n++] = user;
}

/* "user", "users" (ids or logins), and, when of_group, "of_group": all who are in it. */
static enum err read_people(const struct okta_order *order, struct people *out, struct fail *fail)
{
    const json_t *one = json_object_get(order->body, "user"),
                 *many = json_object_get(order->body, "users");
    const char *group = okta_member(order->body, "of_group");
    struct okta_container *c;
    struct okta_user *user;
    size_t i;
    json_t *item;

    if (one != NULL) {
        if (okta_find_user(order->side, json_string_value(one), &user, fail) != ERR_NONE)
            return err_of(ERR_INPUT, fail);
        people_add(out, user);
    }
    json_array_foreach(many, i, item)
    {
        if (okta_find_user(order->side, json_string_value(item), &user, fail) != ERR_NONE)
            return err_of(ERR_INPUT, fail);
        people_add(out, user);
    }
    if (group != NULL) {
        if (okta_find_container(order->side, OKTA_GROUP, group, &c, fail) != ERR_NONE)
            return err_of(ERR_INPUT, fail);
        okta_each_member(order->side, c, people_add, out);
    }
    return out->n > 0 ? ERR_NONE
                      : fail_set(fail, ERR_INPUT, "user, users or of_group says whom it is about");
}

/* Calls fn for each of them, until one fails. */
static enum err each(struct okta_order *order, void *what,
                     enum err (*fn)(struct okta_order *order, struct okta_user *user, void *what,
                                    struct fail *fail),
                     struct fail *fail)
{
    struct people people = {0};
    enum err err = read_people(order, &people, fail);

    for (size_t i = 0; i < people.n && err == ERR_NONE; i++)
        err = fn(order, people.list[i], what, fail);
    free(people.list);
    return err;
}

static enum err container_of(const struct okta_order *order, enum okta_kind kind,
                             struct okta_container **out, struct fail *fail)
{
    return okta_find_container(
        order->side, kind, okta_member(order->body, kind == OKTA_APP ? "app" : "group"), out, fail);
}

static bool is_each(const struct okta_order *order)
{
    return json_is_true(json_object_get(order->body, "each"));
}

/* ---- people ---- */

enum err okta_order_user(struct okta_order *order, struct fail *fail)
{
    struct okta_user *user;
    enum err err = okta_seed_user(&order->tx, order->body, &user, fail);

    if (err == ERR_NONE)
        json_object_set_new(order->out, "id", json_string(user->id));
    return err;
}

enum err okta_order_users(struct okta_order *order, struct fail *fail)
{
    static const char *const names[] = {"users", "generate", "quiet", NULL};
    const json_t *users = json_object_get(order->body, "users"),
                 *generate = json_object_get(order->body, "generate"),
                 *quiet = json_object_get(order->body, "quiet");
    json_t *ids = json_array(), *item;
    size_t i;
    enum err err = sandbox_only(order->body, names, fail);

    /* Generated people come silently, as if they had been there for long. */
    order->tx.is_quiet = quiet == NULL ? generate != NULL : json_is_true(quiet);
    if (err == ERR_NONE && generate != NULL)
        err = okta_seed_generate(&order->tx, generate, fail);
    json_array_foreach(users, i, item)
    {
        struct okta_user *user;

        if (err != ERR_NONE || (err = okta_seed_user(&order->tx, item, &user, fail)) != ERR_NONE)
            break;
        json_array_append_new(ids, json_string(user->id));
    }
    json_object_set_new(order->out, "ids", ids);
    return err;
}

static enum err change_profile(struct okta_order *order, struct okta_user *user, void *what,
                               struct fail *fail)
{
    return okta_user_change(&order->tx, user, what, fail);
}

enum err okta_order_profile(struct okta_order *order, struct fail *fail)
{
    static const char *const names[] = {"user", "users", "of_group", "profile", NULL};
    json_t *profile = json_object_get(order->body, "profile");

    if (sandbox_only(order->body, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (!json_is_object(profile))
        return fail_set(fail, ERR_INPUT, "profile is an object of what changes");
    return each(order, profile, change_profile, fail);
}

struct deed {
    const char *what;
};

static enum err do_to(struct okta_order *order, struct okta_user *user, void *what,
                      struct fail *fail)
{
    const struct deed *deed = what;
    char *uri = mem_printf("/api/v1/users/%s/lifecycle/%s", user->id, deed->what);
    enum err err;

    order->tx.uri = uri;
    err = okta_user_do(&order->tx, user, deed->what, fail);
    order->tx.uri = NULL;
    free(uri);
    return err;
}

enum err okta_order_status(struct okta_order *order, struct fail *fail)
{
    static const char *const names[] = {"user", "users", "of_group", "do", NULL};
    struct deed deed = {okta_member(order->body, "do")};

    if (sandbox_only(order->body, names, fail) != ERR_NONE)
        return ERR_INPUT;
    return each(order, &deed, do_to, fail);
}

/* ---- groups ---- */

enum err okta_order_group(struct okta_order *order, struct fail *fail)
{
    struct okta_container *group;
    enum err err = okta_seed_group(&order->tx, order->body, &group, fail);

    if (err == ERR_NONE)
        err = okta_seed_group_fill(&order->tx, group, order->body, fail);
    if (err == ERR_NONE)
        json_object_set_new(order->out, "id", json_string(group->id));
    return err;
}

enum err okta_order_group_change(struct okta_order *order, struct fail *fail)
{
    static const char *const names[] = {"group", "profile", NULL};
    const json_t *profile = json_object_get(order->body, "profile");
    struct okta_container *group;
    enum err err = sandbox_only(order->body, names, fail);

    if (err == ERR_NONE)
        err = container_of(order, OKTA_GROUP, &group, fail);
    if (err != ERR_NONE)
        return err;
    if (!json_is_object(profile))
        return fail_set(fail, ERR_INPUT, "profile is an object of what changes");
    okta_group_change(&order->tx, group, profile);
    return ERR_NONE;
}

enum err okta_order_group_delete(struct okta_order *order, struct fail *fail)
{
    static const char *const names[] = {"group", "each", NULL};
    struct okta_container *group;
    enum err err = sandbox_only(order->body, names, fail);

    if (err == ERR_NONE)
        err = container_of(order, OKTA_GROUP, &group, fail);
    if (err != ERR_NONE)
        return err;
    if (group->is_everyone)
        return fail_set(fail, ERR_CONFLICT, "Everyone cannot be deleted");
    okta_group_delete(&order->tx, group, is_each(order));
    return ERR_NONE;
}

static enum err add_member(struct okta_order *order, struct okta_user *user, void *group,
                           struct fail *fail)
{
    (void)fail;
    (void)okta_member_add(&order->tx, group, user);
    return ERR_NONE;
}

static enum err remove_member(struct okta_order *order, struct okta_user *user, void *group,
                              struct fail *fail)
{
    (void)fail;
    (void)okta_member_remove(&order->tx, group, user);
    return ERR_NONE;
}

static enum err change_members(struct okta_order *order, bool is_added, struct fail *fail)
{
    static const char *const names[] = {"group", "user", "users", "of_group", "job", NULL};
    struct okta_container *group;
    enum err err = sandbox_only(order->body, names, fail);

    if (err == ERR_NONE)
        err = container_of(order, OKTA_GROUP, &group, fail);
    if (err != ERR_NONE)
        return err;
    order->tx.is_job = json_is_true(json_object_get(order->body, "job"));
    return each(order, group, is_added ? add_member : remove_member, fail);
}

enum err okta_order_member(struct okta_order *order, struct fail *fail)
{
    return change_members(order, true, fail);
}

enum err okta_order_member_remove(struct okta_order *order, struct fail *fail)
{
    return change_members(order, false, fail);
}

/* ---- applications ---- */

enum err okta_order_app(struct okta_order *order, struct fail *fail)
{
    struct okta_container *app;
    enum err err = okta_seed_app(&order->tx, order->body, &app, fail);

    if (err == ERR_NONE)
        err = okta_seed_app_fill(&order->tx, app, order->body, fail);
    if (err == ERR_NONE)
        json_object_set_new(order->out, "id", json_string(app->id));
    return err;
}

enum err okta_order_app_change(struct okta_order *order, struct fail *fail)
{
    static const char *const names[] = {"app", "label", "do", "each", NULL};
    const char *label = okta_member(order->body, "label"), *what = okta_member(order->body, "do");
    struct okta_container *app;
    enum err err = sandbox_only(order->body, names, fail);

    if (err == ERR_NONE)
        err = container_of(order, OKTA_APP, &app, fail);
    if (err == ERR_NONE && label != NULL)
        okta_app_rename(&order->tx, app, label);
    if (err == ERR_NONE && what != NULL)
        err = okta_app_do(&order->tx, app, what, is_each(order), fail);
    return err;
}

struct assigning {
    struct okta_container *app;
    const char *user_name;
    char *profile;
};

static enum err assign(struct okta_order *order, struct okta_user *user, void *what,
                       struct fail *fail)
{
    const struct assigning *a = what;

    (void)fail;
    (void)okta_assign(&order->tx, a->app, user, a->user_name, a->profile);
    return ERR_NONE;
}

static enum err unassign(struct okta_order *order, struct okta_user *user, void *what,
                         struct fail *fail)
{
    const struct assigning *a = what;

    (void)fail;
    (void)okta_unassign(&order->tx, a->app, user);
    return ERR_NONE;
}

static enum err change_app_user(struct okta_order *order, struct okta_user *user, void *what,
                                struct fail *fail)
{
    const struct assigning *a = what;
    struct okta_link *link = okta_link_at(user, a->app, OKTA_NOW);

    if (link == NULL)
        return fail_set(fail, ERR_NOT_FOUND, "%s is not assigned to the application", user->id);
    okta_app_user_change(&order->tx, link, a->user_name, a->profile);
    return ERR_NONE;
}

static enum err of_app(struct okta_order *order,
                       enum err (*fn)(struct okta_order *order, struct okta_user *user, void *what,
                                      struct fail *fail),
                       struct fail *fail)
{
    static const char *const names[] = {"app",       "user",    "users", "of_group",
                                        "user_name", "profile", NULL};
    const json_t *profile = json_object_get(order->body, "profile");
    struct assigning a = {.user_name = okta_member(order->body, "user_name")};
    enum err err = sandbox_only(order->body, names, fail);

    if (err == ERR_NONE)
        err = container_of(order, OKTA_APP, &a.app, fail);
    if (err != ERR_NONE)
        return err;
    if (profile != NULL)
        a.profile = json_dumps(profile, JSON_COMPACT);
    err = each(order, &a, fn, fail);
    free(a.profile);
    return err;
}

/* With "group": the group itself, and so all who are in it. */
enum err okta_order_assign(struct okta_order *order, struct fail *fail)
{
    struct okta_container *app;
    json_t *group;
    enum err err;

    if (json_object_get(order->body, "group") == NULL)
        return of_app(order, assign, fail);
    err = container_of(order, OKTA_APP, &app, fail);
    if (err != ERR_NONE)
        return err;
    group = json_copy(okta_unconst(order->body));
    json_object_del(group, "app");
    err = okta_seed_grouping(&order->tx, app, group, fail);
    json_decref(group);
    return err;
}

enum err okta_order_unassign(struct okta_order *order, struct fail *fail)
{
    static const char *const names[] = {"app", "group", "each", NULL};
    struct okta_container *app, *group;
    enum err err;

    if (json_object_get(order->body, "group") == NULL)
        return of_app(order, unassign, fail);
    err = sandbox_only(order->body, names, fail);
    if (err == ERR_NONE)
        err = container_of(order, OKTA_APP, &app, fail);
    if (err == ERR_NONE)
        err = container_of(order, OKTA_GROUP, &group, fail);
    if (err == ERR_NONE)
        (void)okta_group_unassign(&order->tx, app, group, is_each(order));
    return err;
}

enum err okta_order_app_user(struct okta_order *order, struct fail *fail)
{
    return of_app(order, change_app_user, fail);
}
