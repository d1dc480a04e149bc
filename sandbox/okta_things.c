/* Groups and applications come, change and go. */
#include <stdlib.h>

#include "base/clock.h"
#include "okta_org.h"

static void tell(struct okta_tx *tx, const char *type, const struct okta_container *c)
{
    if (!tx->is_quiet)
        okta_emit(tx, type, NULL, json_pack("[o]", okta_target_container(c)), NULL);
}

static json_t *now_of(const struct okta_tx *tx)
{
    return okta_time((int64_t)okta_wall_s(tx->side) * MS_PER_S);
}

static enum err check_new(const struct okta_tx *tx, enum okta_kind kind, const char *id,
                          const char *name, struct fail *fail)
{
    const struct okta_containers *all = &tx->side->containers;

    if (name == NULL || *name == '\0')
        return fail_set(fail, ERR_INPUT, "a group needs name, an application label");
    if (id == NULL)
        return ERR_NONE;
    if (*id == '\0' || strlen(id) >= OKTA_ID)
        return fail_set(fail, ERR_INPUT, "an id has 1 to 27 characters");
    if (okta_containers_with_id(all, kind, span_of(id)) != NULL)
        return fail_set(fail, ERR_CONFLICT, "the id '%s' is there already", id);
    return ERR_NONE;
}

/* ---- groups ---- */

enum err okta_group_create(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                           struct fail *fail)
{
    const char *name = okta_member(from, "name"), *type = okta_member(from, "type");
    const json_t *more = json_object_get(from, "profile");
    json_t *profile;

    if (name == NULL)
        name = okta_member(more, "name");
    if (check_new(tx, OKTA_GROUP, okta_member(from, "id"), name, fail) != ERR_NONE)
        return fail == NULL ? ERR_INPUT : fail->err;
    profile =
        json_pack("{s:s, s:O?}", "name", name, "description", json_object_get(from, "description"));
    if (json_object_get(profile, "description") == NULL)
        json_object_set_new(profile, "description", json_null());
    if (json_is_object(more))
        json_object_update(profile, okta_unconst(more));
    *out = okta_containers_add(
        &tx->side->containers, OKTA_GROUP, okta_member(from, "id"),
        json_pack("{s:o, s:o, s:[s], s:s, s:o}", "created", now_of(tx), "lastUpdated", now_of(tx),
                  "objectClass",
                  type != NULL && strcmp(type, "APP_GROUP") == 0 ? "okta:windows_security_principal"
                                                                 : "okta:user_group",
                  "type", type == NULL ? "OKTA_GROUP" : type, "profile", profile));
    okta_container_touch(&tx->side->containers, *out, okta_wall_s(tx->side));
    tell(tx, "group.lifecycle.create", *out);
    return ERR_NONE;
}

void okta_group_change(struct okta_tx *tx, struct okta_container *group, const json_t *change)
{
    json_t *doc = json_deep_copy(group->newest->doc);

    json_object_update(json_object_get(doc, "profile"), okta_unconst(change));
    json_object_set_new(doc, "lastUpdated", now_of(tx));
    okta_container_change(&tx->side->containers, group, doc);
    tell(tx, "group.profile.update", group);
}

struct leaving {
    struct okta_tx *tx;
    struct okta_container *of;
};

static void leave(void *arg, struct okta_user *user)
{
    struct leaving *leaving = arg;

    (void)okta_member_remove(leaving->tx, leaving->of, user);
}

void okta_group_delete(struct okta_tx *tx, struct okta_container *group, bool is_each)
{
    struct leaving leaving = {tx, group};

    for (struct okta_grouping *g = group->groupings; g != NULL; g = g->next_of_group)
        if (okta_grouping_is_at(g, OKTA_NOW))
            (void)okta_group_unassign(tx, g->app, group, is_each);
    if (is_each)
        okta_each_member(tx->side, group, leave, &leaving);
    okta_container_remove(&tx->side->containers, group);
    tell(tx, "group.lifecycle.delete", group);
}

/* ---- applications ---- */

enum err okta_app_create(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                         struct fail *fail)
{
    const char *label = okta_member(from, "label"), *name = okta_member(from, "name"),
               *status = okta_member(from, "status"),
               *template = okta_member(from, "user_name_template");

    if (check_new(tx, OKTA_APP, okta_member(from, "id"), label, fail) != ERR_NONE)
        return fail == NULL ? ERR_INPUT : fail->err;
    *out = okta_containers_add(
        &tx->side->containers, OKTA_APP, okta_member(from, "id"),
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:{s:b}, s:[], s:s, s:{s:{s:s, s:s}}, s:{s:{}}}",
                  "name", name == NULL ? "amazon_connect" : name, "label", label, "status",
                  status == NULL ? "ACTIVE" : status, "lastUpdated", now_of(tx), "created",
                  now_of(tx), "accessibility", "selfService", 0, "features", "signOnMode",
                  "SAML_2_0", "credentials", "userNameTemplate", "template",
                  template == NULL ? "${source.login}" : template, "type", "BUILT_IN", "settings",
                  "app"));
    if (!tx->is_quiet)
        okta_emit(
            tx, "application.lifecycle.create", NULL,
            json_pack("[o, o]", okta_target_container(*out),
                      okta_target("User", "00uadmin0000000000x7", "admin@acme.com", "Ada Admin")),
            NULL);
    return ERR_NONE;
}

static void set_member(struct okta_tx *tx, struct okta_container *app, const char *member,
                       const char *value)
{
    json_t *doc = json_copy(app->newest->doc);

    json_object_set_new(doc, member, json_string(value));
    json_object_set_new(doc, "lastUpdated", now_of(tx));
    okta_container_change(&tx->side->containers, app, doc);
}

void okta_app_rename(struct okta_tx *tx, struct okta_container *app, const char *label)
{
    json_t *before = json_string(okta_container_name(app)), *target;

    set_member(tx, app, "label", label);
    target = okta_target_container(app);
    json_object_set_new(
        target, "changeDetails",
        json_pack("{s:{s:O}, s:{s:s}}", "from", "label", before, "to", "label", label));
    json_decref(before);
    okta_emit(tx, "application.lifecycle.update", NULL, json_pack("[o]", target), NULL);
}

static void unassign(void *arg, struct okta_user *user)
{
    struct leaving *leaving = arg;
    struct okta_link *link = okta_link_at(user, leaving->of, OKTA_NOW);

    if (link == NULL)
        return;
    link->is_individual = true;
    (void)okta_unassign(leaving->tx, leaving->of, user);
}

static void delete_app(struct okta_tx *tx, struct okta_container *app, bool is_each)
{
    struct leaving leaving = {tx, app};

    for (struct okta_grouping *g = app->groupings; g != NULL; g = g->next_of_app)
        if (okta_grouping_is_at(g, OKTA_NOW))
            (void)okta_group_unassign(tx, app, g->group, is_each);
    if (is_each)
        okta_each_member(tx->side, app, unassign, &leaving);
    okta_container_remove(&tx->side->containers, app);
    tell(tx, "application.lifecycle.delete", app);
}

enum err okta_app_do(struct okta_tx *tx, struct okta_container *app, const char *what, bool is_each,
                     struct fail *fail)
{
    bool is_active = strcmp(okta_member(app->newest->doc, "status"), "ACTIVE") == 0;

    if (strcmp(what, "activate") == 0 || strcmp(what, "deactivate") == 0) {
        if (is_active == (*what == 'a'))
            return fail_set(fail, ERR_CONFLICT, "the application is %s already",
                            is_active ? "active" : "inactive");
        set_member(tx, app, "status", is_active ? "INACTIVE" : "ACTIVE");
        tell(tx, is_active ? "application.lifecycle.deactivate" : "application.lifecycle.activate",
             app);
        return ERR_NONE;
    }
    if (strcmp(what, "delete") != 0)
        return fail_set(fail, ERR_INPUT, "do is activate, deactivate or delete");
    if (is_active)
        return fail_set(fail, ERR_CONFLICT, "The application must be deactivated before deletion.");
    delete_app(tx, app, is_each);
    return ERR_NONE;
}
