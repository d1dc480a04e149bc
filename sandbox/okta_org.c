#include "okta_org.h"

#include <stdlib.h>

#include "base/mem.h"
#include "okta_show.h"

enum { USER_NAME = 4096 };

/* ---- telling ---- */

static void tell_app_user(struct okta_tx *tx, const char *type, const struct okta_link *link)
{
    if (tx->is_quiet)
        return;
    okta_emit(tx, type, link->user,
              json_pack("[o, o, o]", okta_target_app_user(link), okta_target_container(link->of),
                        okta_target_user(link->user)),
              NULL);
}

static void tell_member(struct okta_tx *tx, const char *type, struct okta_user *user,
                        const struct okta_container *group)
{
    if (tx->is_quiet)
        return;
    okta_emit(tx, type, user,
              json_pack("[o, o]", okta_target_user(user), okta_target_container(group)), NULL);
}

static void tell_grouping(struct okta_tx *tx, const char *type, const struct okta_container *app,
                          const struct okta_container *group)
{
    if (tx->is_quiet)
        return;
    okta_emit(tx, type, NULL,
              json_pack("[o, o]", okta_target_container(group), okta_target_container(app)), NULL);
}

/* ---- what follows from groups ---- */

static bool is_entitled(const struct okta_user *user, const struct okta_container *app)
{
    enum okta_status status = user->newest.status;

    /* What groups give is there only when the person has been activated, and is gone when the
     * person is deactivated. */
    if (user->newest.is_gone || status == OKTA_STAGED || status == OKTA_DEPROVISIONED)
        return false;
    for (const struct okta_grouping *g = app->groupings; g != NULL; g = g->next_of_app)
        if (okta_grouping_is_at(g, OKTA_NOW) &&
            (g->group->is_everyone || okta_link_at(user, g->group, OKTA_NOW) != NULL))
            return true;
    return false;
}

void okta_follow_group(struct okta_tx *tx, struct okta_user *user, struct okta_container *app,
                       bool is_told)
{
    struct okta_containers *all = &tx->side->containers;
    struct okta_link *link = okta_link_at(user, app, OKTA_NOW);
    bool is_wanted = is_entitled(user, app);

    if (link == NULL && is_wanted) {
        link = okta_link_add(all, app, user, okta_wall_s(tx->side));
        if (is_told)
            tell_app_user(tx, "application.user_membership.add", link);
    } else if (link != NULL && !is_wanted && !link->is_individual) {
        okta_link_end(all, link);
        if (is_told)
            tell_app_user(tx, "application.user_membership.remove", link);
    }
}

static void follow_apps_of(struct okta_tx *tx, struct okta_user *user,
                           const struct okta_container *group)
{
    for (struct okta_grouping *g = group->groupings; g != NULL; g = g->next_of_group)
        if (okta_grouping_is_at(g, OKTA_NOW))
            okta_follow_group(tx, user, g->app, true);
}

void okta_follow_groups(struct okta_tx *tx, struct okta_user *user)
{
    struct okta_link *link = user->links, *next;

    follow_apps_of(tx, user, tx->side->everyone);
    for (; link != NULL; link = next) {
        next = link->next_of_user;
        if (!okta_link_is_at(link, OKTA_NOW))
            continue;
        if (link->of->kind == OKTA_GROUP)
            follow_apps_of(tx, user, link->of);
        else
            okta_follow_group(tx, user, link->of, true);
    }
}

/* ---- groups ---- */

/* The two events of a group that is assigned to an application come in any order. */
static bool comes_app_first(const struct okta_tx *tx)
{
    return tx->side->n_changes++ % 2 == 0;
}

bool okta_member_add(struct okta_tx *tx, struct okta_container *group, struct okta_user *user)
{
    struct okta_containers *all = &tx->side->containers;

    if (group->is_everyone || okta_link_at(user, group, OKTA_NOW) != NULL)
        return false;
    (void)okta_link_add(all, group, user, okta_wall_s(tx->side));
    okta_container_touch(all, group, okta_wall_s(tx->side));
    if (comes_app_first(tx))
        follow_apps_of(tx, user, group);
    tell_member(tx, "group.user_membership.add", user, group);
    follow_apps_of(tx, user, group);
    return true;
}

bool okta_member_remove(struct okta_tx *tx, struct okta_container *group, struct okta_user *user)
{
    struct okta_containers *all = &tx->side->containers;
    struct okta_link *link = okta_link_at(user, group, OKTA_NOW);

    if (link == NULL)
        return false;
    okta_link_end(all, link);
    okta_container_touch(all, group, okta_wall_s(tx->side));
    if (comes_app_first(tx))
        follow_apps_of(tx, user, group);
    tell_member(tx, "group.user_membership.remove", user, group);
    follow_apps_of(tx, user, group);
    return true;
}

void okta_each_member(struct okta_side *side, const struct okta_container *c,
                      void (*fn)(void *arg, struct okta_user *user), void *arg)
{
    for (size_t i = 0; c->is_everyone && i < side->users.n; i++)
        if (!side->users.slots[i]->newest.is_gone)
            fn(arg, side->users.slots[i]);
    for (size_t i = 0; i < c->n_links; i++)
        if (okta_link_is_at(c->links[i], OKTA_NOW))
            fn(arg, c->links[i]->user);
}

/* ---- individual assignments ---- */

static void set_text(char **field, const char *text)
{
    if (text == NULL)
        return;
    free(*field);
    *field = mem_dup_str(text);
}

bool okta_assign(struct okta_tx *tx, struct okta_container *app, struct okta_user *user,
                 const char *user_name, const char *profile)
{
    struct okta_link *link = okta_link_at(user, app, OKTA_NOW);

    if (link != NULL && link->is_individual)
        return false;
    if (link != NULL) { /* of a group so far: the same assignment, now a person's own */
        link->is_individual = true;
        set_text(&link->user_name, user_name);
        set_text(&link->profile, profile);
        return false;
    }
    link = okta_link_add(&tx->side->containers, app, user, okta_wall_s(tx->side));
    link->is_individual = true;
    set_text(&link->user_name, user_name);
    set_text(&link->profile, profile);
    tell_app_user(tx, "application.user_membership.add", link);
    return true;
}

bool okta_unassign(struct okta_tx *tx, struct okta_container *app, struct okta_user *user)
{
    struct okta_link *link = okta_link_at(user, app, OKTA_NOW);

    if (link == NULL || !link->is_individual)
        return false;
    link->is_individual = false;
    okta_follow_group(tx, user, app, true);
    return true;
}

static void tell_renamed(struct okta_tx *tx, const struct okta_link *before,
                         const struct okta_link *link)
{
    tell_app_user(tx, "application.user_membership.change_username", link);
    if (tx->side->renaming == OKTA_RENAME_REMOVE_ADD) {
        tell_app_user(tx, "application.user_membership.remove", before);
        tell_app_user(tx, "application.user_membership.add", link);
    }
}

void okta_app_user_change(struct okta_tx *tx, struct okta_link *link, const char *user_name,
                          const char *profile)
{
    struct okta_link *before = link;
    struct buf old;

    buf_init(&old, USER_NAME);
    okta_add_app_user_name(&old, before, OKTA_NOW);
    link = okta_link_renew(&tx->side->containers, link, okta_wall_s(tx->side));
    set_text(&link->user_name, user_name);
    set_text(&link->profile, profile);
    if (user_name != NULL && !span_eq(buf_span(&old), span_of(user_name)))
        tell_renamed(tx, before, link);
    if (profile != NULL)
        tell_app_user(tx, "application.user_membership.update", link);
    buf_done(&old);
}

void okta_app_user_follow(struct okta_tx *tx, struct okta_link *link, const json_t *old_profile)
{
    struct okta_link *before = link;
    struct buf old, now;

    buf_init(&old, USER_NAME);
    buf_init(&now, USER_NAME);
    okta_add_app_user_name_of(&old, link, old_profile);
    okta_add_app_user_name(&now, link, OKTA_NOW);
    if (!span_eq(buf_span(&old), buf_span(&now))) {
        if (tx->side->renaming != OKTA_RENAME_KEEP) {
            link = okta_link_renew(&tx->side->containers, link, okta_wall_s(tx->side));
            set_text(&before->user_name, old.p);
            tell_renamed(tx, before, link);
        } else {
            set_text(&link->user_name, old.p);
        }
    }
    buf_done(&now);
    buf_done(&old);
}

/* ---- groups of applications ---- */

struct following {
    struct okta_tx *tx;
    struct okta_container *app;
    bool is_told;
};

static void follow(void *arg, struct okta_user *user)
{
    struct following *f = arg;

    okta_follow_group(f->tx, user, f->app, f->is_told);
}

enum err okta_group_assign(struct okta_tx *tx, struct okta_container *app,
                           struct okta_container *group, int priority, json_t *profile,
                           struct fail *fail)
{
    struct following f = {tx, app, true};
    bool was_job = tx->is_job;

    if (okta_grouping_at(app, group, OKTA_NOW) != NULL) {
        json_decref(profile);
        return fail_set(fail, ERR_CONFLICT, "the group '%s' is assigned to '%s' already",
                        okta_container_name(group), okta_container_name(app));
    }
    (void)okta_grouping_add(app, group, priority, profile, okta_wall_s(tx->side));
    tell_grouping(tx, "group.application_assignment.add", app, group);
    tx->is_job = true;
    okta_each_member(tx->side, group, follow, &f);
    tx->is_job = was_job;
    return ERR_NONE;
}

bool okta_group_unassign(struct okta_tx *tx, struct okta_container *app,
                         struct okta_container *group, bool is_each)
{
    struct okta_grouping *grouping = okta_grouping_at(app, group, OKTA_NOW);
    struct following f = {tx, app, is_each};
    bool was_job = tx->is_job;

    if (grouping == NULL)
        return false;
    okta_grouping_end(grouping);
    tell_grouping(tx, "group.application_assignment.remove", app, group);
    tx->is_job = true;
    okta_each_member(tx->side, group, follow, &f);
    tx->is_job = was_job;
    return true;
}
