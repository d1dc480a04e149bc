#include "okta_show.h"

#include <stdlib.h>

enum { NAME = 1024 };

#define TYPE_ID "otysandbox000000x5d7"

/* ---- people ---- */

static void add_actions(struct buf *out, const struct okta_show *show, const struct okta_user *user,
                        enum okta_status status)
{
    static const struct {
        const char *name, *action;
        unsigned in; /* a bit for each status */
    } actions[] = {
        {"activate", "activate", 1U << OKTA_STAGED | 1U << OKTA_DEPROVISIONED},
        {"suspend", "suspend", 1U << OKTA_ACTIVE},
        {"unsuspend", "unsuspend", 1U << OKTA_SUSPENDED},
        {"unlock", "unlock", 1U << OKTA_LOCKED_OUT},
        {"deactivate", "deactivate", ~(1U << OKTA_DEPROVISIONED)},
    };

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if ((actions[i].in & 1U << status) != 0)
            buf_printf(out,
                       ",\"%s\":{\"href\":\"%s/api/v1/users/%s/lifecycle/%s\",\"method\":\"POST\"}",
                       actions[i].name, show->base, user->id, actions[i].action);
}

static void add_credentials(struct buf *out, const struct okta_user *user,
                            const struct okta_user_state *state)
{
    json_t *profile = okta_user_profile(user, state);
    const char *email = okta_member(profile, "email");

    buf_add_str(out, "\"credentials\":{\"password\":{},\"emails\":[{\"value\":");
    okta_add_string(out, span_of(email == NULL ? "" : email));
    buf_add_str(out, ",\"status\":\"VERIFIED\",\"type\":\"PRIMARY\"}],"
                     "\"provider\":{\"type\":\"OKTA\",\"name\":\"OKTA\"}},");
    json_decref(profile);
}

void okta_add_user(struct buf *out, const struct okta_show *show, const struct okta_user *user,
                   const struct okta_user_state *state)
{
    buf_printf(out, "{\"id\":\"%s\",\"status\":\"%s\",\"created\":", user->id,
               okta_status_names[state->status]);
    okta_add_time(out, state->created_s);
    buf_add_str(out, ",\"activated\":");
    okta_add_time(out, state->activated_s);
    buf_add_str(out, ",\"statusChanged\":");
    okta_add_time(out, state->status_changed_s);
    buf_add_str(out, ",\"lastLogin\":null,\"lastUpdated\":");
    okta_add_time(out, state->updated_s);
    buf_add_str(out, ",\"passwordChanged\":");
    okta_add_time(out, state->created_s);
    buf_add_str(out, ",\"type\":{\"id\":\"" TYPE_ID "\"},\"profile\":");
    okta_user_add_profile(out, user, state);
    buf_add_char(out, ',');
    if (!show->omits_credentials)
        add_credentials(out, user, state);
    buf_printf(out, "\"_links\":{\"self\":{\"href\":\"%s/api/v1/users/%s\"}", show->base, user->id);
    if (show->has_all_links)
        add_actions(out, show, user, state->status);
    buf_add_str(out, "}}");
}

/* ---- assignments ---- */

/* "${source.login}", "${source.email}", …; and the one function that Okta's own list of templates
 * has for the part before the "@". */
static void add_from_template(struct buf *out, const char *template, const json_t *profile)
{
    static const char prefix[] = "${source.";
    const char *login = okta_member(profile, "login");
    struct span rest = span_of(template);

    if (span_starts(rest, SPAN("${fn:substringBefore(source.login"))) {
        buf_add(out, span_n(login, span_find(span_of(login), '@')));
        return;
    }
    if (span_starts(rest, SPAN("${source.")) && span_ends(rest, SPAN("}"))) {
        char name[NAME] = "";
        const char *value;

        rest = span_n(rest.p + strlen(prefix), rest.n - strlen(prefix) - 1);
        if (rest.n < sizeof name)
            memcpy(name, rest.p, rest.n);
        value = okta_member(profile, name);
        buf_add_str(out, value == NULL ? "" : value);
        return;
    }
    buf_add_str(out, template);
}

static const char *template_of(const struct okta_container *app, int64_t at_ms)
{
    const json_t *doc = okta_container_at(app, at_ms);
    const char *template = okta_member(
        json_object_get(json_object_get(doc, "credentials"), "userNameTemplate"), "template");

    return template == NULL ? "${source.login}" : template;
}

void okta_add_app_user_name_of(struct buf *out, const struct okta_link *link, const json_t *profile)
{
    add_from_template(out, template_of(link->of, OKTA_NOW), profile);
}

void okta_add_app_user_name(struct buf *out, const struct okta_link *link, int64_t at_ms)
{
    const struct okta_user_state *state = okta_user_at(link->user, at_ms);
    const char *template = template_of(link->of, at_ms);
    json_t *profile;

    if (link->user_name != NULL) {
        buf_add_str(out, link->user_name);
        return;
    }
    if (state == NULL)
        state = &link->user->newest;
    if (strcmp(template, "${source.login}") == 0) {
        okta_user_add_login(out, link->user, state);
        return;
    }
    profile = okta_user_profile(link->user, state);
    add_from_template(out, template, profile);
    json_decref(profile);
}

static void add_app_user_links(struct buf *out, const struct okta_show *show,
                               const struct okta_link *link)
{
    buf_printf(out,
               "\"_links\":{\"app\":{\"href\":\"%s/api/v1/apps/%s\"},"
               "\"user\":{\"href\":\"%s/api/v1/users/%s\"}",
               show->base, link->of->id, show->base, link->user->id);
    for (const struct okta_grouping *g = link->is_individual ? NULL : link->of->groupings;
         g != NULL; g = g->next_of_app)
        if (okta_grouping_is_at(g, show->at_ms) &&
            (g->group->is_everyone || okta_link_at(link->user, g->group, show->at_ms) != NULL)) {
            buf_printf(out, ",\"group\":{\"href\":\"%s/api/v1/groups/%s\"}", show->base,
                       g->group->id);
            break;
        }
    buf_add_char(out, '}');
}

void okta_add_app_user(struct buf *out, const struct okta_show *show, const struct okta_link *link)
{
    const struct okta_user_state *state = okta_user_at(link->user, show->at_ms);
    struct buf name;

    buf_init(&name, NAME);
    okta_add_app_user_name(&name, link, show->at_ms);
    buf_printf(out, "{\"id\":\"%s\",\"externalId\":null,\"created\":", link->user->id);
    okta_add_time(out, link->created_s);
    buf_add_str(out, ",\"lastUpdated\":");
    okta_add_time(out, link->updated_s > state->updated_s ? link->updated_s : state->updated_s);
    buf_printf(out, ",\"scope\":\"%s\",\"status\":\"%s\",\"statusChanged\":",
               link->is_individual ? "USER" : "GROUP",
               state->status == OKTA_STAGED      ? "STAGED"
               : state->status == OKTA_SUSPENDED ? "SUSPENDED"
                                                 : "ACTIVE");
    okta_add_time(out, link->created_s);
    buf_add_str(out, ",\"passwordChanged\":null,\"syncState\":\"DISABLED\",\"credentials\":"
                     "{\"userName\":");
    okta_add_string(out, buf_span(&name));
    buf_printf(out, "},\"profile\":%s,", link->profile == NULL ? "{}" : link->profile);
    if (show->has_user) {
        buf_add_str(out, "\"_embedded\":{\"user\":");
        okta_add_user(out, show, link->user, state);
        buf_add_str(out, "},");
    }
    add_app_user_links(out, show, link);
    buf_add_char(out, '}');
    buf_done(&name);
}

/* ---- groups and applications ---- */

static json_t *link_to(const struct okta_show *show, const char *kind, const char *id,
                       const char *rest)
{
    return json_pack("{s:o}", "href",
                     json_sprintf("%s/api/v1/%s/%s%s", show->base, kind, id, rest));
}

json_t *okta_show_group(const struct okta_show *show, const struct okta_container *group)
{
    json_t *doc = json_copy(okta_unconst(okta_container_at(group, show->at_ms)));

    json_object_set_new(doc, "id", json_string(group->id));
    json_object_set_new(doc, "lastMembershipUpdated",
                        okta_time((int64_t)okta_container_touched_s(group, show->at_ms) * 1000));
    json_object_set_new(doc, "_links",
                        json_pack("{s:[{s:s, s:s, s:s}], s:o, s:o}", "logo", "name", "medium",
                                  "href", "https://static.invalid/group.png", "type", "image/png",
                                  "users", link_to(show, "groups", group->id, "/users"), "apps",
                                  link_to(show, "groups", group->id, "/apps")));
    return doc;
}

json_t *okta_show_app(const struct okta_show *show, const struct okta_container *app)
{
    json_t *doc = json_copy(okta_unconst(okta_container_at(app, show->at_ms)));
    const char *status = okta_member(doc, "status");

    json_object_set_new(doc, "id", json_string(app->id));
    json_object_set_new(
        doc, "_links",
        json_pack("{s:o, s:o, s:o}", "groups", link_to(show, "apps", app->id, "/groups"), "users",
                  link_to(show, "apps", app->id, "/users"),
                  status != NULL && strcmp(status, "ACTIVE") == 0 ? "deactivate" : "activate",
                  link_to(show, "apps", app->id,
                          status != NULL && strcmp(status, "ACTIVE") == 0
                              ? "/lifecycle/deactivate"
                              : "/lifecycle/activate")));
    return doc;
}

json_t *okta_show_grouping(const struct okta_show *show, const struct okta_grouping *grouping)
{
    json_t *own = json_sprintf("%s/api/v1/apps/%s/groups/%s", show->base, grouping->app->id,
                               grouping->group->id);

    return json_pack("{s:s, s:o, s:i, s:O, s:{s:o, s:{s:o}, s:o}}", "id", grouping->group->id,
                     "lastUpdated", okta_time((int64_t)grouping->updated_s * 1000), "priority",
                     grouping->priority, "profile", grouping->profile, "_links", "app",
                     link_to(show, "apps", grouping->app->id, ""), "self", "href", own, "group",
                     link_to(show, "groups", grouping->group->id, ""));
}
