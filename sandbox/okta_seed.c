#include "okta_seed.h"

#include <stdlib.h>

#include "base/mem.h"
#include "fill.h"

void okta_seed_everyone(struct okta_side *side)
{
    json_t *from = json_pack("{s:s, s:s, s:s}", "name", "Everyone", "description",
                             "All users in your organization", "type", "BUILT_IN");
    struct okta_tx tx;
    enum err err;

    okta_tx_begin(&tx, side, NULL);
    tx.is_quiet = true;
    err = okta_group_create(&tx, from, &side->everyone, NULL);
    (void)err; /* it is well-formed, and the first */
    side->everyone->is_everyone = true;
    okta_tx_end(&tx);
    json_decref(from);
}

enum err okta_find_user(const struct okta_side *side, const char *text, struct okta_user **out,
                        struct fail *fail)
{
    if (text == NULL)
        return fail_set(fail, ERR_INPUT, "a user is an id or a login");
    *out = okta_users_with_id(&side->users, span_of(text));
    if (*out == NULL)
        *out = okta_users_with_login(&side->users, span_of(text));
    return *out != NULL ? ERR_NONE : fail_set(fail, ERR_NOT_FOUND, "no user '%s'", text);
}

enum err okta_find_container(const struct okta_side *side, enum okta_kind kind, const char *text,
                             struct okta_container **out, struct fail *fail)
{
    const char *what = kind == OKTA_APP ? "application" : "group";

    if (text == NULL)
        return fail_set(fail, ERR_INPUT, "%s is an id or a name", what);
    *out = okta_containers_with_id(&side->containers, kind, span_of(text));
    if (*out == NULL)
        *out = okta_containers_named(&side->containers, kind, span_of(text));
    return *out != NULL ? ERR_NONE : fail_set(fail, ERR_NOT_FOUND, "no %s '%s'", what, text);
}

/* ---- assignments ---- */

/* A person, or {"user", "user_name", "profile"}, assigned to app. */
static enum err okta_seed_assignment(struct okta_tx *tx, struct okta_container *app,
                                     const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"user", "user_name", "profile", NULL};
    const json_t *profile = json_object_get(from, "profile");
    struct okta_user *user;
    char *text = NULL;

    if (json_is_object(from) && sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (okta_find_user(tx->side,
                       json_is_string(from) ? json_string_value(from) : okta_member(from, "user"),
                       &user, fail) != ERR_NONE)
        return fail == NULL ? ERR_INPUT : fail->err;
    if (profile != NULL)
        text = json_dumps(profile, JSON_COMPACT);
    (void)okta_assign(tx, app, user, okta_member(from, "user_name"), text);
    free(text);
    return ERR_NONE;
}

enum err okta_seed_grouping(struct okta_tx *tx, struct okta_container *app, const json_t *from,
                            struct fail *fail)
{
    static const char *const names[] = {"group", "priority", "profile", NULL};
    struct okta_container *group;
    enum err err;

    if (json_is_object(from) && sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    err = okta_find_container(
        tx->side, OKTA_GROUP,
        json_is_string(from) ? json_string_value(from) : okta_member(from, "group"), &group, fail);
    if (err != ERR_NONE)
        return err;
    return okta_group_assign(tx, app, group,
                             (int)json_integer_value(json_object_get(from, "priority")),
                             json_incref(json_object_get(from, "profile")), fail);
}

/* ---- people ---- */

static enum err join(struct okta_tx *tx, struct okta_user *user, const json_t *from,
                     struct fail *fail)
{
    const json_t *groups = json_object_get(from, "groups"), *apps = json_object_get(from, "apps");
    struct okta_container *c;
    size_t i;
    json_t *item;

    json_array_foreach(groups, i, item)
    {
        if (okta_find_container(tx->side, OKTA_GROUP, json_string_value(item), &c, fail) !=
            ERR_NONE)
            return ERR_NOT_FOUND;
        (void)okta_member_add(tx, c, user);
    }
    json_array_foreach(apps, i, item)
    {
        if (okta_find_container(tx->side, OKTA_APP, json_string_value(item), &c, fail) != ERR_NONE)
            return ERR_NOT_FOUND;
        (void)okta_assign(tx, c, user, NULL, NULL);
    }
    return ERR_NONE;
}

enum err okta_seed_user(struct okta_tx *tx, const json_t *from, struct okta_user **out,
                        struct fail *fail)
{
    static const char *const names[] = {"id",      "login",  "first",  "last", "email",
                                        "profile", "status", "groups", "apps", NULL};
    enum err err = sandbox_only(from, names, fail);

    if (err == ERR_NONE)
        err = okta_user_create(tx, from, out, fail);
    return err == ERR_NONE ? join(tx, *out, from, fail) : err;
}

static enum err check_generate(const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"users",   "from",   "id",     "login", "first", "last",
                                        "profile", "status", "groups", "apps",  NULL};
    json_int_t n = json_integer_value(json_object_get(from, "users"));
    const char *login = okta_member(from, "login"), *id = okta_member(from, "id");

    if (sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (n < 1 || n > FILL_MOST)
        return fail_set(fail, ERR_INPUT, "users is 1 to %d", FILL_MOST);
    if ((login != NULL && !fill_is_pattern(login)) || (id != NULL && !fill_is_pattern(id)))
        return fail_set(fail, ERR_INPUT, "login and id need {n}");
    return ERR_NONE;
}

static const struct okta_template *template_of(struct okta_tx *tx, const json_t *from)
{
    static const char *const usual[][2] = {
        {"login", "agent{n:6}@acme.com"}, {"first", "Agent"}, {"last", "Number {n}"}};
    json_t *whole = json_copy(okta_unconst(from)), *profile;
    const struct okta_template *template;
    char *text;

    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (json_object_get(whole, usual[i][0]) == NULL)
            json_object_set_new(whole, usual[i][0], json_string(usual[i][1]));
    profile = okta_profile_of(whole);
    text = json_dumps(profile, JSON_COMPACT);
    template = okta_users_template(&tx->side->users, okta_member(profile, "login"), text);
    free(text);
    json_decref(profile);
    json_decref(whole);
    return template;
}

static bool is_free(const struct okta_side *side, const struct okta_template *template, uint32_t n)
{
    struct okta_user plate = {.generated = n, .template = template};
    struct buf login;
    bool is;

    buf_init(&login, OKTA_PROFILE);
    okta_user_add_login(&login, &plate, &plate.newest);
    is = okta_users_with_login(&side->users, buf_span(&login)) == NULL;
    buf_done(&login);
    return is;
}

/* out stays empty without a pattern: they get one of their own. */
static bool made_id(const struct okta_side *side, const char *pattern, uint32_t n,
                    char out[static OKTA_ID])
{
    struct buf id;
    bool is;

    buf_init(&id, OKTA_ID - 1);
    if (pattern != NULL)
        fill_add(&id, pattern, n);
    is = !id.full && okta_users_ever(&side->users, buf_span(&id)) == NULL;
    memcpy(out, id.n == 0 ? "" : id.p, id.n + 1);
    buf_done(&id);
    return is;
}

enum err okta_seed_generate(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    json_int_t n = json_integer_value(json_object_get(from, "users"));
    const json_t *first = json_object_get(from, "from");
    uint32_t now_s = okta_wall_s(tx->side), begin;
    struct okta_user_state state = {.created_s = now_s, .updated_s = now_s};
    const struct okta_template *template;
    enum err err = check_generate(from, fail);

    if (err != ERR_NONE)
        return err;
    if (!okta_status_read(from, &state.status))
        return fail_set(fail, ERR_INPUT, "unknown status");
    if (state.status != OKTA_STAGED)
        state.activated_s = state.status_changed_s = now_s;
    begin = first == NULL ? 1 : (uint32_t)json_integer_value(first);
    template = template_of(tx, from);
    for (uint32_t i = begin; i < begin + (uint32_t)n && err == ERR_NONE; i++) {
        struct okta_user *user;
        char id[OKTA_ID];

        if (!is_free(tx->side, template, i))
            return fail_set(fail, ERR_CONFLICT, "the login of number %u is somebody's", i);
        if (!made_id(tx->side, okta_member(from, "id"), i, id))
            return fail_set(fail, ERR_CONFLICT, "the id of number %u is none, or somebody's", i);
        user = okta_users_add(&tx->side->users, id[0] == '\0' ? NULL : id, &state, template, i);
        okta_follow_groups(tx, user);
        err = join(tx, user, from, fail);
    }
    okta_container_touch(&tx->side->containers, tx->side->everyone, now_s);
    return err;
}

/* ---- groups and applications ---- */

enum err okta_seed_group_fill(struct okta_tx *tx, struct okta_container *group, const json_t *from,
                              struct fail *fail)
{
    const json_t *users = json_object_get(from, "users"), *apps = json_object_get(from, "apps");
    json_t *item, *self = json_string(group->id);
    struct okta_container *app;
    struct okta_user *user;
    size_t i;
    enum err err = ERR_NONE;

    json_array_foreach(apps, i, item)
    {
        err = okta_find_container(tx->side, OKTA_APP, json_string_value(item), &app, fail);
        if (err == ERR_NONE)
            err = okta_seed_grouping(tx, app, self, fail);
        if (err != ERR_NONE)
            goto out;
    }
    json_array_foreach(users, i, item)
    {
        err = okta_find_user(tx->side, json_string_value(item), &user, fail);
        if (err != ERR_NONE)
            goto out;
        (void)okta_member_add(tx, group, user);
    }
out:
    json_decref(self);
    return err;
}

enum err okta_seed_app_fill(struct okta_tx *tx, struct okta_container *app, const json_t *from,
                            struct fail *fail)
{
    const json_t *groups = json_object_get(from, "groups"), *users = json_object_get(from, "users");
    size_t i;
    json_t *item;
    enum err err;

    json_array_foreach(groups, i, item)
    {
        if ((err = okta_seed_grouping(tx, app, item, fail)) != ERR_NONE)
            return err;
    }
    json_array_foreach(users, i, item)
    {
        if ((err = okta_seed_assignment(tx, app, item, fail)) != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

enum err okta_seed_group(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                         struct fail *fail)
{
    static const char *const names[] = {"id",   "name",  "description", "profile",
                                        "type", "users", "apps",        NULL};
    enum err err = sandbox_only(from, names, fail);

    return err == ERR_NONE ? okta_group_create(tx, from, out, fail) : err;
}

enum err okta_seed_app(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                       struct fail *fail)
{
    static const char *const names[] = {"id",     "label", "name", "status", "user_name_template",
                                        "groups", "users", NULL};
    enum err err = sandbox_only(from, names, fail);

    return err == ERR_NONE ? okta_app_create(tx, from, out, fail) : err;
}
