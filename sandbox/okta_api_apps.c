/* Applications: reading one, listing, and who is assigned to them. */
#include <stdlib.h>

#include "okta_api.h"
#include "okta_filter.h"
#include "okta_page.h"

enum { APPS = 20, MOST_APPS = 200, USERS = 50, MOST_USERS = 500, GROUPS = 20, MOST_GROUPS = 200 };

void okta_get_app(struct okta_ask *ask)
{
    struct okta_show show = okta_show_of(ask, ask->side->read_delay_ms);
    const struct okta_container *app = okta_ask_container(ask, OKTA_APP, ask->part[0], show.at_ms);

    if (app != NULL)
        okta_ask_json(ask, okta_show_app(&show, app));
}

static bool allows_filter(const char *attribute, enum okta_compare compare)
{
    return compare == OKTA_EQ &&
           (strcmp(attribute, "status") == 0 || strcmp(attribute, "name") == 0 ||
            strcmp(attribute, "user.id") == 0 || strcmp(attribute, "group.id") == 0 ||
            strcmp(attribute, "credentials.signing.kid") == 0);
}

struct candidate {
    struct okta_ask *ask;
    const struct okta_container *app;
    const json_t *doc;
    int64_t at_ms;
};

static json_t *ids_of_users(const struct candidate *c)
{
    json_t *ids = json_array();

    for (size_t i = 0; i < c->app->n_links; i++)
        if (okta_link_is_at(c->app->links[i], c->at_ms))
            json_array_append_new(ids, json_string(c->app->links[i]->user->id));
    return ids;
}

static json_t *get_attribute(void *arg, const char *attribute)
{
    const struct candidate *c = arg;
    json_t *ids;

    if (strcmp(attribute, "user.id") == 0)
        return ids_of_users(c);
    if (strcmp(attribute, "group.id") != 0)
        return okta_filter_at(c->doc, attribute);
    ids = json_array();
    for (const struct okta_grouping *g = c->app->groupings; g != NULL; g = g->next_of_app)
        if (okta_grouping_is_at(g, c->at_ms))
            json_array_append_new(ids, json_string(g->group->id));
    return ids;
}

static bool starts(const json_t *doc, const char *member, struct span q)
{
    struct span text = span_of(okta_member(doc, member));

    return text.n >= q.n && span_eq_nocase(span_n(text.p, q.n), q);
}

static bool is_listed(const struct okta_filter *filter, const char *q, struct candidate *c)
{
    c->doc = c->app->kind == OKTA_APP ? okta_container_at(c->app, c->at_ms) : NULL;
    if (c->doc == NULL)
        return false;
    if (q != NULL && !starts(c->doc, "label", span_of(q)) && !starts(c->doc, "name", span_of(q)))
        return false;
    return filter == NULL || okta_filter_fits(filter, get_attribute, c);
}

void okta_list_apps(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = APPS, .most = MOST_APPS, .bad_cursor = "E0000029"};
    const char *text = okta_ask_query(ask, "filter"), *q = okta_ask_query(ask, "q");
    const struct okta_filter *filter =
        text == NULL ? NULL : okta_filter_read(&ask->arena, text, allows_filter);
    struct okta_show show = okta_show_of(ask, ask->side->list_delay_ms);
    const struct okta_containers *all = &ask->side->containers;
    struct okta_page page;
    size_t i;

    if (text != NULL && filter == NULL) {
        okta_fail(ask, 400, "E0000031", "Invalid search criteria.", NULL);
        return;
    }
    if (!okta_page_begin(&page, ask, &rules))
        return;
    i = ask->token->role == OKTA_ROLE_EMPTY ? all->n : (size_t)page.from;
    for (; i < all->n; i++) {
        struct candidate c = {.ask = ask, .app = all->slots[i], .at_ms = show.at_ms};

        if (!is_listed(filter, q, &c))
            continue;
        if (okta_page_is_full(&page))
            break;
        okta_page_item(&page);
        okta_add_json(&ask->body, okta_show_app(&show, all->slots[i]));
    }
    okta_page_end(&page, i < all->n, i);
}

/* ---- assignments ---- */

static bool wants_user(struct okta_ask *ask)
{
    const char *expand = okta_ask_query(ask, "expand");

    return expand != NULL && strcmp(expand, "user") == 0;
}

static bool fits_q(const struct okta_link *link, int64_t at_ms, const char *q)
{
    static const char *const names[] = {"firstName", "lastName", "email"};
    json_t *profile;
    struct buf name;
    bool fits = false;

    if (q == NULL)
        return true;
    buf_init(&name, OKTA_PROFILE);
    okta_add_app_user_name(&name, link, at_ms);
    profile = okta_user_profile(link->user, okta_user_at(link->user, at_ms));
    json_object_set_new(profile, "login", json_string(name.p));
    for (size_t i = 0; i < sizeof names / sizeof *names && !fits; i++)
        fits = starts(profile, names[i], span_of(q));
    fits = fits || starts(profile, "login", span_of(q));
    json_decref(profile);
    buf_done(&name);
    return fits;
}

void okta_list_app_users(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = USERS, .most = MOST_USERS, .bad_cursor = "E0000029", .is_strict = true};
    struct okta_show show = okta_show_of(ask, ask->side->list_delay_ms);
    const struct okta_container *app = okta_ask_container(ask, OKTA_APP, ask->part[0], show.at_ms);
    const char *q = okta_ask_query(ask, "q");
    struct okta_page page;
    size_t i;

    if (app == NULL || !okta_page_begin(&page, ask, &rules))
        return;
    show.has_user = wants_user(ask);
    for (i = okta_links_from(app, page.from); i < app->n_links; i++) {
        const struct okta_link *link = app->links[i];

        if (!okta_link_is_at(link, show.at_ms) || okta_user_at(link->user, show.at_ms) == NULL ||
            !fits_q(link, show.at_ms, q))
            continue;
        if (okta_page_is_full(&page))
            break;
        okta_page_item(&page);
        okta_add_app_user(&ask->body, &show, link);
    }
    okta_page_end(&page, i < app->n_links, i < app->n_links ? app->links[i]->number : 0);
}

void okta_get_app_user(struct okta_ask *ask)
{
    struct okta_show show = okta_show_of(ask, ask->side->read_delay_ms);
    const struct okta_container *app = okta_ask_container(ask, OKTA_APP, ask->part[0], show.at_ms);
    const struct okta_user *user;
    const struct okta_link *link;

    if (app == NULL)
        return;
    user = okta_users_ever(&ask->side->users, span_of(ask->part[1]));
    link = user == NULL || okta_user_at(user, show.at_ms) == NULL
               ? NULL
               : okta_link_at(user, app, show.at_ms);
    if (link == NULL) {
        okta_fail_missing(ask, ask->part[1], "AppUser");
        return;
    }
    show.has_user = wants_user(ask);
    okta_add_app_user(&ask->body, &show, link);
}

/* ---- groups ---- */

void okta_list_app_groups(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = GROUPS, .most = MOST_GROUPS, .bad_cursor = "E0000029"};
    struct okta_show show = okta_show_of(ask, ask->side->list_delay_ms);
    const struct okta_container *app = okta_ask_container(ask, OKTA_APP, ask->part[0], show.at_ms);
    const struct okta_containers *all = &ask->side->containers;
    struct okta_page page;
    size_t i;

    if (app == NULL || !okta_page_begin(&page, ask, &rules))
        return;
    for (i = (size_t)page.from; i < all->n; i++) {
        const struct okta_grouping *grouping =
            all->slots[i]->kind == OKTA_GROUP ? okta_grouping_at(app, all->slots[i], show.at_ms)
                                              : NULL;

        if (grouping == NULL)
            continue;
        if (okta_page_is_full(&page))
            break;
        okta_page_item(&page);
        okta_add_json(&ask->body, okta_show_grouping(&show, grouping));
    }
    okta_page_end(&page, i < all->n, i);
}

void okta_get_app_group(struct okta_ask *ask)
{
    struct okta_show show = okta_show_of(ask, ask->side->read_delay_ms);
    const struct okta_container *app = okta_ask_container(ask, OKTA_APP, ask->part[0], show.at_ms);
    const struct okta_container *group;
    const struct okta_grouping *grouping = NULL;

    if (app == NULL)
        return;
    group = okta_containers_with_id(&ask->side->containers, OKTA_GROUP, span_of(ask->part[1]));
    if (group != NULL)
        grouping = okta_grouping_at(app, group, show.at_ms);
    if (grouping == NULL)
        okta_fail_missing(ask, ask->part[1], "ApplicationGroupAssignment");
    else
        okta_ask_json(ask, okta_show_grouping(&show, grouping));
}
