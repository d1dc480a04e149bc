/* What there is in the org now, whatever delays the API's reads have: for tests and people. */
#include <stdlib.h>

#include "okta_control.h"
#include "okta_show.h"

enum { MOST_LISTED = 10000, NAME = 4096 };

/* The applications; groups are put into groups. */
static json_t *what_is_in(const struct okta_user *user, json_t *groups)
{
    json_t *apps = json_array();

    for (const struct okta_link *link = user->links; link != NULL; link = link->next_of_user) {
        struct buf name;

        if (!okta_link_is_at(link, OKTA_NOW))
            continue;
        if (link->of->kind == OKTA_GROUP) {
            json_array_insert_new(groups, 0, json_string(okta_container_name(link->of)));
            continue;
        }
        buf_init(&name, NAME);
        okta_add_app_user_name(&name, link, OKTA_NOW);
        json_array_insert_new(apps, 0,
                              json_pack("{s:s, s:s, s:s, s:s}", "id", link->of->id, "label",
                                        okta_container_name(link->of), "user_name", name.p, "scope",
                                        link->is_individual ? "USER" : "GROUP"));
        buf_done(&name);
    }
    return apps;
}

json_t *okta_look_user(const struct okta_user *user)
{
    json_t *groups = json_array(), *apps = what_is_in(user, groups);

    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", user->id, "status",
                     okta_status_names[user->newest.status], "profile",
                     okta_user_profile(user, &user->newest), "groups", groups, "apps", apps);
}

json_t *okta_look_users(struct okta_side *side)
{
    json_t *all = json_array();

    for (size_t i = 0; i < side->users.n && json_array_size(all) < MOST_LISTED; i++)
        if (!side->users.slots[i]->newest.is_gone)
            json_array_append_new(all, okta_look_user(side->users.slots[i]));
    return json_pack("{s:o}", "users", all);
}

static void add_login(void *arg, struct okta_user *user)
{
    json_t *all = arg;
    struct buf login;

    if (json_array_size(all) == MOST_LISTED)
        return;
    buf_init(&login, NAME);
    okta_user_add_login(&login, user, &user->newest);
    json_array_append_new(all, json_stringn(login.p, login.n));
    buf_done(&login);
}

json_t *okta_look_groups(struct okta_side *side)
{
    json_t *all = json_array();

    for (size_t i = 0; i < side->containers.n; i++) {
        const struct okta_container *group = side->containers.slots[i];
        json_t *row, *users = json_array(), *apps = json_array();

        if (group->kind != OKTA_GROUP || group->newest->doc == NULL) {
            json_decref(users);
            json_decref(apps);
            continue;
        }
        for (size_t k = 0; k < group->n_links; k++)
            if (okta_link_is_at(group->links[k], OKTA_NOW))
                add_login(users, group->links[k]->user);
        for (const struct okta_grouping *g = group->groupings; g != NULL; g = g->next_of_group)
            if (okta_grouping_is_at(g, OKTA_NOW))
                json_array_append_new(apps, json_string(okta_container_name(g->app)));
        row =
            json_pack("{s:s, s:s, s:O, s:o, s:o}", "id", group->id, "name",
                      okta_container_name(group), "profile",
                      json_object_get(group->newest->doc, "profile"), "users", users, "apps", apps);
        json_array_append_new(all, row);
    }
    return json_pack("{s:o}", "groups", all);
}

json_t *okta_look_apps(struct okta_side *side)
{
    json_t *all = json_array();

    for (size_t i = 0; i < side->containers.n; i++) {
        const struct okta_container *app = side->containers.slots[i];
        json_t *users, *groups;

        if (app->kind != OKTA_APP || app->newest->doc == NULL)
            continue;
        users = json_array();
        groups = json_array();
        for (size_t k = 0; k < app->n_links; k++)
            if (okta_link_is_at(app->links[k], OKTA_NOW))
                add_login(users, app->links[k]->user);
        for (const struct okta_grouping *g = app->groupings; g != NULL; g = g->next_of_app)
            if (okta_grouping_is_at(g, OKTA_NOW))
                json_array_append_new(groups, json_string(okta_container_name(g->group)));
        json_array_append_new(all, json_pack("{s:s, s:s, s:O, s:o, s:o}", "id", app->id, "label",
                                             okta_container_name(app), "status",
                                             json_object_get(app->newest->doc, "status"), "users",
                                             users, "groups", groups));
    }
    return json_pack("{s:o}", "apps", all);
}

static size_t count(const struct okta_side *side, enum okta_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < side->containers.n; i++)
        n += side->containers.slots[i]->kind == kind &&
             side->containers.slots[i]->newest->doc != NULL;
    return n;
}

json_t *okta_look_hooks(struct okta_side *side)
{
    json_t *all = json_array();

    for (const struct okta_hook *hook = side->hooks.first; hook != NULL; hook = hook->next)
        json_array_append_new(all, okta_hook_show(hook, ""));
    return json_pack("{s:o}", "hooks", all);
}

json_t *okta_look_state(struct okta_side *side)
{
    static const char *const renamings[] = {"change", "remove_add", "keep"};
    const struct okta_deliveries *d = &side->deliveries;

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:{s:I, s:I, s:I, s:I, s:I}}",
                     "users", (json_int_t)side->users.n_live, "groups",
                     (json_int_t)count(side, OKTA_GROUP), "apps", (json_int_t)count(side, OKTA_APP),
                     "events", (json_int_t)side->log.n + (json_int_t)side->log.n_coming,
                     "deliveries", (json_int_t)d->n_made, "waiting", (json_int_t)d->n_waiting,
                     "flying", (json_int_t)d->n_flying, "renaming", renamings[side->renaming],
                     "delays", "read_ms", (json_int_t)side->read_delay_ms, "list_ms",
                     (json_int_t)side->list_delay_ms, "search_ms",
                     (json_int_t)side->search_delay_ms, "log_ms", (json_int_t)side->log.delay_ms,
                     "log_jitter_ms", (json_int_t)side->log.jitter_ms);
}

json_t *okta_look_log(struct okta_side *side)
{
    json_t *all = json_array();
    size_t from;

    okta_log_settle(&side->log, okta_wall_ms(side));
    from = side->log.n > MOST_LISTED ? side->log.n - MOST_LISTED : 0;
    for (size_t i = from; i < side->log.n; i++)
        json_array_append_new(all, json_loads(side->log.events[i].text, 0, NULL));
    return json_pack("{s:o}", "events", all);
}
