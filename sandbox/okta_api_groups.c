/* Groups: reading one, listing, who is in them. */
#include <stdlib.h>

#include "okta_api.h"
#include "okta_filter.h"
#include "okta_org.h"
#include "okta_page.h"

enum { USUAL = 10000, USUAL_Q = 300, MEMBERS = 1000, APPS = 20, MOST_APPS = 200 };

void okta_add_json(struct buf *out, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    buf_add_str(out, text);
    free(text);
    json_decref(value);
}

struct okta_container *okta_ask_container(struct okta_ask *ask, enum okta_kind kind, const char *id,
                                          int64_t at_ms)
{
    const struct okta_containers *all = &ask->side->containers;

    if (ask->token->role != OKTA_ROLE_EMPTY)
        for (size_t i = 0; i < all->n; i++)
            if (all->slots[i]->kind == kind && strcmp(all->slots[i]->id, id) == 0 &&
                okta_container_at(all->slots[i], at_ms) != NULL)
                return all->slots[i];
    okta_fail_missing(ask, id, kind == OKTA_APP ? "AppInstance" : "UserGroup");
    return NULL;
}

void okta_get_group(struct okta_ask *ask)
{
    struct okta_show show = okta_show_of(ask, ask->side->read_delay_ms);
    const struct okta_container *group =
        okta_ask_container(ask, OKTA_GROUP, ask->part[0], show.at_ms);

    if (group != NULL)
        okta_ask_json(ask, okta_show_group(&show, group));
}

/* ---- the list ---- */

static bool allows_filter(const char *attribute, enum okta_compare compare)
{
    bool is_time =
        strcmp(attribute, "lastUpdated") == 0 || strcmp(attribute, "lastMembershipUpdated") == 0;

    if (is_time)
        return compare == OKTA_EQ || (compare >= OKTA_GT && compare <= OKTA_LE);
    return compare == OKTA_EQ && (strcmp(attribute, "id") == 0 || strcmp(attribute, "type") == 0);
}

static bool allows_search(const char *attribute, enum okta_compare compare)
{
    bool is_name =
        strcmp(attribute, "profile.name") == 0 || strcmp(attribute, "profile.description") == 0;

    if (compare == OKTA_CO)
        return is_name;
    return compare != OKTA_NE && compare != OKTA_EW &&
           (strncmp(attribute, "profile.", 8) == 0 || strcmp(attribute, "id") == 0 ||
            strcmp(attribute, "type") == 0 || strcmp(attribute, "created") == 0 ||
            strcmp(attribute, "source.id") == 0 || allows_filter(attribute, compare));
}

static json_t *get_attribute(void *arg, const char *attribute)
{
    return okta_filter_at(arg, attribute);
}

struct query {
    struct okta_show show;
    const struct okta_filter *filter;
    const char *q;
    bool has_stats;
};

static bool read_query(struct okta_ask *ask, struct query *query)
{
    const char *filter = okta_ask_query(ask, "filter"), *search = okta_ask_query(ask, "search"),
               *expand = okta_ask_query(ask, "expand");

    *query = (struct query){.show = okta_show_of(ask, search != NULL ? ask->side->search_delay_ms
                                                                     : ask->side->list_delay_ms),
                            .q = okta_ask_query(ask, "q"),
                            .has_stats = expand != NULL && strstr(expand, "stats") != NULL};
    if (search != NULL)
        query->filter = okta_filter_read(&ask->arena, search, allows_search);
    else if (filter != NULL)
        query->filter = okta_filter_read(&ask->arena, filter, allows_filter);
    if ((search == NULL && filter == NULL) || query->filter != NULL)
        return true;
    okta_fail(ask, 400, "E0000031", "Invalid search criteria.", NULL);
    return false;
}

/* The group as it is listed, NULL when it is not. */
static json_t *listed(const struct query *query, const struct okta_container *group)
{
    const json_t *doc = okta_container_at(group, query->show.at_ms);
    struct span name = span_of(okta_doc_name(OKTA_GROUP, doc)), q = span_of(query->q);
    json_t *shown;

    if (group->kind != OKTA_GROUP || doc == NULL ||
        (query->q != NULL && (name.n < q.n || !span_eq_nocase(span_n(name.p, q.n), q))))
        return NULL;
    shown = okta_show_group(&query->show, group);
    if (query->filter != NULL && !okta_filter_fits(query->filter, get_attribute, shown)) {
        json_decref(shown);
        return NULL;
    }
    if (query->has_stats) {
        json_int_t users = 0;

        for (size_t i = 0; i < group->n_links; i++)
            users += okta_link_is_at(group->links[i], query->show.at_ms);
        json_object_set_new(
            shown, "_embedded",
            json_pack("{s:{s:I, s:b}}", "stats", "usersCount", users, "hasAdminPrivileges", 0));
    }
    return shown;
}

void okta_list_groups(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = USUAL, .most = USUAL, .bad_cursor = "E0000031"};
    static const struct okta_page_rules rules_q = {
        .usual = USUAL_Q, .most = USUAL, .bad_cursor = "E0000031", .has_no_self = true};
    const struct okta_containers *all = &ask->side->containers;
    struct query query;
    struct okta_page page;
    size_t i;

    if (!read_query(ask, &query) ||
        !okta_page_begin(&page, ask, query.q == NULL ? &rules : &rules_q))
        return;
    i = ask->token->role == OKTA_ROLE_EMPTY ? all->n : (size_t)page.from;
    for (; i < all->n; i++) {
        json_t *shown = listed(&query, all->slots[i]);

        if (shown == NULL)
            continue;
        if (okta_page_is_full(&page)) {
            json_decref(shown);
            break;
        }
        okta_page_item(&page);
        okta_add_json(&ask->body, shown);
    }
    okta_page_end(&page, i < all->n && query.q == NULL, i);
}

/* ---- members ---- */

static bool is_member(const struct okta_user_state *state)
{
    return state != NULL && state->status != OKTA_DEPROVISIONED;
}

static void list_everyone(struct okta_ask *ask, const struct okta_show *show,
                          struct okta_page *page)
{
    const struct okta_users *users = &ask->side->users;
    size_t i;

    for (i = (size_t)page->from; i < users->n; i++) {
        const struct okta_user_state *state = okta_user_at(users->slots[i], show->at_ms);

        if (!is_member(state))
            continue;
        if (okta_page_is_full(page))
            break;
        okta_page_item(page);
        okta_add_user(&ask->body, show, users->slots[i], state);
    }
    okta_page_end(page, i < users->n, i);
}

static void list_members(struct okta_ask *ask, const struct okta_show *show, struct okta_page *page,
                         const struct okta_container *group)
{
    size_t i;

    for (i = okta_links_from(group, page->from); i < group->n_links; i++) {
        const struct okta_link *link = group->links[i];
        const struct okta_user_state *state = okta_user_at(link->user, show->at_ms);

        if (!okta_link_is_at(link, show->at_ms) || !is_member(state))
            continue;
        if (okta_page_is_full(page))
            break;
        okta_page_item(page);
        okta_add_user(&ask->body, show, link->user, state);
    }
    okta_page_end(page, i < group->n_links, i < group->n_links ? group->links[i]->number : 0);
}

void okta_list_group_users(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = MEMBERS, .most = MEMBERS, .bad_cursor = "E0000031"};
    struct okta_show show = okta_show_of(ask, ask->side->list_delay_ms);
    const struct okta_container *group =
        okta_ask_container(ask, OKTA_GROUP, ask->part[0], show.at_ms);
    struct okta_page page;

    if (group == NULL || !okta_page_begin(&page, ask, &rules))
        return;
    if (group->is_everyone)
        list_everyone(ask, &show, &page);
    else
        list_members(ask, &show, &page, group);
}

void okta_list_group_apps(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = APPS, .most = MOST_APPS, .bad_cursor = "E0000029"};
    struct okta_show show = okta_show_of(ask, ask->side->list_delay_ms);
    const struct okta_container *group =
        okta_ask_container(ask, OKTA_GROUP, ask->part[0], show.at_ms);
    const struct okta_containers *all = &ask->side->containers;
    struct okta_page page;
    size_t i;

    if (group == NULL || !okta_page_begin(&page, ask, &rules))
        return;
    for (i = (size_t)page.from; i < all->n; i++) {
        const struct okta_container *app = all->slots[i];

        if (app->kind != OKTA_APP || okta_container_at(app, show.at_ms) == NULL ||
            okta_grouping_at(app, group, show.at_ms) == NULL)
            continue;
        if (okta_page_is_full(&page))
            break;
        okta_page_item(&page);
        okta_add_json(&ask->body, okta_show_app(&show, app));
    }
    okta_page_end(&page, i < all->n, i);
}

static void change_member(struct okta_ask *ask, bool is_added)
{
    struct okta_container *group = okta_ask_container(ask, OKTA_GROUP, ask->part[0], OKTA_NOW);
    struct okta_user *user = group == NULL ? NULL : okta_ask_user(ask, ask->part[1], OKTA_NOW);
    struct okta_tx tx;

    if (user == NULL)
        return;
    okta_tx_begin(&tx, ask->side,
                  arena_printf(&ask->arena, "/api/v1/groups/%s/users/%s", group->id, user->id));
    if (is_added)
        (void)okta_member_add(&tx, group, user);
    else
        (void)okta_member_remove(&tx, group, user);
    okta_tx_end(&tx);
    ask->status = 204;
}

void okta_add_group_user(struct okta_ask *ask)
{
    change_member(ask, true);
}

void okta_remove_group_user(struct okta_ask *ask)
{
    change_member(ask, false);
}
