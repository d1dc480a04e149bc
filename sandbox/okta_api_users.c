/* Users: reading one, listing, and what they are in. */
#include <stdlib.h>

#include "base/clock.h"
#include "okta_api.h"
#include "okta_filter.h"
#include "okta_org.h"
#include "okta_page.h"
#include "okta_show.h"

enum { USUAL = 200, USUAL_Q = 10, LOGIN = 1024 };

struct okta_show okta_show_of(struct okta_ask *ask, int64_t delay_ms)
{
    struct span type = http_header(ask->x, SPAN("content-type"), NULL);

    return (struct okta_show){.base = ask->base,
                              .at_ms = okta_seen_at(delay_ms),
                              .omits_credentials =
                                  type.p != NULL &&
                                  memmem(type.p, type.n, "omitCredentials", 15) != NULL};
}

struct okta_user *okta_ask_user(struct okta_ask *ask, const char *id, int64_t at_ms)
{
    const struct okta_users *users = &ask->side->users;
    struct okta_user *user = okta_users_ever(users, span_of(id));

    if (user == NULL)
        user = okta_users_with_login(users, span_of(id));
    if (user == NULL || okta_user_at(user, at_ms) == NULL || ask->token->role == OKTA_ROLE_EMPTY) {
        okta_fail_missing(ask, id, "User");
        return NULL;
    }
    return user;
}

void okta_get_user(struct okta_ask *ask)
{
    struct okta_show show = okta_show_of(ask, ask->side->read_delay_ms);
    const struct okta_user *user = okta_ask_user(ask, ask->part[0], show.at_ms);

    if (user == NULL)
        return;
    show.has_all_links = true;
    okta_add_user(&ask->body, &show, user, okta_user_at(user, show.at_ms));
}

/* ---- the list ---- */

/* A user before a filter: as JSON only when it asks for more than the usual. */
struct candidate {
    const struct okta_show *show;
    const struct okta_user *user;
    const struct okta_user_state *state;
    json_t *doc;
};

static json_t *get_attribute(void *arg, const char *attribute)
{
    struct candidate *c = arg;

    if (strcmp(attribute, "status") == 0)
        return json_string(okta_status_names[c->state->status]);
    if (strcmp(attribute, "lastUpdated") == 0)
        return okta_time((int64_t)c->state->updated_s * MS_PER_S);
    if (strcmp(attribute, "id") == 0)
        return json_string(c->user->id);
    if (c->doc == NULL) {
        struct buf text;

        buf_init(&text, OKTA_PROFILE * 2);
        okta_add_user(&text, c->show, c->user, c->state);
        c->doc = json_loadb(text.p, text.n, 0, NULL);
        buf_done(&text);
    }
    return okta_filter_at(c->doc, attribute);
}

static bool is_among(const char *attribute, const char *const *names)
{
    while (*names != NULL && strcmp(*names, attribute) != 0)
        names++;
    return *names != NULL;
}

/* filter knows few attributes and, but for times, equality alone. */
static bool allows_filter(const char *attribute, enum okta_compare compare)
{
    static const char *const names[] = {"status",           "id",
                                        "lastUpdated",      "profile.login",
                                        "profile.email",    "profile.firstName",
                                        "profile.lastName", NULL};

    if (!is_among(attribute, names))
        return false;
    return compare == OKTA_EQ ||
           (strcmp(attribute, "lastUpdated") == 0 && compare >= OKTA_GT && compare <= OKTA_LE);
}

static bool allows_search(const char *attribute, enum okta_compare compare)
{
    static const char *const names[] = {"id",          "status",        "created", "activated",
                                        "lastUpdated", "statusChanged", "type.id", NULL};

    return (is_among(attribute, names) || strncmp(attribute, "profile.", 8) == 0) &&
           compare != OKTA_NE && compare != OKTA_EW;
}

static bool starts_with(const json_t *profile, const char *member, struct span prefix)
{
    struct span text = span_of(okta_member(profile, member));

    return text.n >= prefix.n && span_eq_nocase(span_n(text.p, prefix.n), prefix);
}

static bool fits_q(struct candidate *c, const char *q)
{
    json_t *profile = okta_user_profile(c->user, c->state);
    bool fits = starts_with(profile, "firstName", span_of(q)) ||
                starts_with(profile, "lastName", span_of(q)) ||
                starts_with(profile, "email", span_of(q));

    json_decref(profile);
    return fits;
}

struct query {
    struct okta_show show;
    const struct okta_filter *filter;
    const char *q;
};

static bool is_listed(const struct query *query, const struct okta_user *user)
{
    struct candidate c = {.show = &query->show, .user = user};
    bool fits = true;

    c.state = okta_user_at(user, query->show.at_ms);
    if (c.state == NULL)
        return false;
    if (query->filter != NULL)
        fits = okta_filter_fits(query->filter, get_attribute, &c);
    else
        fits = c.state->status != OKTA_DEPROVISIONED && (query->q == NULL || fits_q(&c, query->q));
    json_decref(c.doc);
    return fits;
}

static bool read_query(struct okta_ask *ask, struct query *query)
{
    const char *filter = okta_ask_query(ask, "filter"), *search = okta_ask_query(ask, "search");
    const char *sort = okta_ask_query(ask, "sortBy");

    *query = (struct query){.show = okta_show_of(ask, search != NULL ? ask->side->search_delay_ms
                                                                     : ask->side->list_delay_ms),
                            .q = okta_ask_query(ask, "q")};
    if (search != NULL)
        query->filter = okta_filter_read(&ask->arena, search, allows_search);
    else if (filter != NULL)
        query->filter = okta_filter_read(&ask->arena, filter, allows_filter);
    if (((search != NULL || filter != NULL) && query->filter == NULL) || sort != NULL) {
        okta_fail(ask, 400, "E0000031", "Invalid search criteria.", NULL);
        return false;
    }
    return true;
}

void okta_list_users(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = USUAL, .most = USUAL, .bad_cursor = "E0000031"};
    static const struct okta_page_rules rules_q = {
        .usual = USUAL_Q, .most = USUAL, .bad_cursor = "E0000031", .has_no_self = true};
    const struct okta_users *users = &ask->side->users;
    struct query query;
    struct okta_page page;
    size_t i;

    if (!read_query(ask, &query) ||
        !okta_page_begin(&page, ask, query.q == NULL ? &rules : &rules_q))
        return;
    i = ask->token->role == OKTA_ROLE_EMPTY ? users->n : (size_t)page.from;
    for (; i < users->n; i++) {
        if (!is_listed(&query, users->slots[i]))
            continue;
        if (okta_page_is_full(&page))
            break;
        okta_page_item(&page);
        okta_add_user(&ask->body, &query.show, users->slots[i],
                      okta_user_at(users->slots[i], query.show.at_ms));
    }
    okta_page_end(&page, i < users->n && query.q == NULL, i);
}

/* ---- what a user is in ---- */

void okta_list_user_groups(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = USUAL, .most = USUAL, .bad_cursor = "E0000031"};
    struct okta_show show = okta_show_of(ask, ask->side->list_delay_ms);
    const struct okta_containers *all = &ask->side->containers;
    const struct okta_user *user = okta_ask_user(ask, ask->part[0], show.at_ms);
    struct okta_page page;
    size_t i;

    if (user == NULL || !okta_page_begin(&page, ask, &rules))
        return;
    for (i = (size_t)page.from; i < all->n; i++) {
        const struct okta_container *c = all->slots[i];

        if (c->kind != OKTA_GROUP || okta_container_at(c, show.at_ms) == NULL ||
            (!c->is_everyone && okta_link_at(user, c, show.at_ms) == NULL))
            continue;
        if (okta_page_is_full(&page))
            break;
        okta_page_item(&page);
        okta_add_json(&ask->body, okta_show_group(&show, c));
    }
    okta_page_end(&page, i < all->n, i);
}

void okta_list_app_links(struct okta_ask *ask)
{
    struct okta_show show = okta_show_of(ask, ask->side->list_delay_ms);
    const struct okta_user *user = okta_ask_user(ask, ask->part[0], show.at_ms);
    json_t *links = json_array();

    for (const struct okta_link *link = user == NULL ? NULL : user->links; link != NULL;
         link = link->next_of_user) {
        const json_t *doc = okta_container_at(link->of, show.at_ms);

        if (link->of->kind != OKTA_APP || doc == NULL || !okta_link_is_at(link, show.at_ms))
            continue;
        json_array_append_new(links,
                              json_pack("{s:O, s:o, s:O, s:s, s:s, s:b}", "label",
                                        json_object_get(doc, "label"), "linkUrl",
                                        json_sprintf("%s/home/%s/%s", ask->base,
                                                     okta_member(doc, "name"), link->of->id),
                                        "appName", json_object_get(doc, "name"), "appInstanceId",
                                        link->of->id, "id", link->of->id, "hidden", 0));
    }
    if (user == NULL)
        json_decref(links);
    else
        okta_ask_json(ask, links);
}

void okta_do_to_user(struct okta_ask *ask)
{
    struct okta_user *user = okta_ask_user(ask, ask->part[0], OKTA_NOW);
    struct okta_tx tx;
    struct fail fail = {0};
    enum err err;
    char *uri;

    if (user == NULL)
        return;
    uri = arena_printf(&ask->arena, "/api/v1/users/%s/lifecycle/%s", user->id, ask->part[1]);
    okta_tx_begin(&tx, ask->side, uri);
    err = okta_user_do(&tx, user, ask->part[1], &fail);
    okta_tx_end(&tx);
    if (err == ERR_NONE)
        okta_ask_json(ask, json_object());
    else if (err == ERR_CONFLICT)
        okta_fail(ask, 403, "E0000038",
                  "This operation is not allowed in the user's current status.", NULL);
    else
        okta_fail_missing(ask, ask->part[1], "lifecycle");
}
