/* The life of a person in the org. Which statuses an action is for, and what it tells, is facts of
 * Okta's lifecycle; deleting tells what real streams tell, the login @deleted.invalid included. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "okta_org.h"

enum { LOGIN_MIN = 5, LOGIN_MAX = 100, NAME_MAX = 50, NAMES = 8192 };

static enum err check_text(const json_t *profile, const char *name, size_t min, size_t max,
                           struct fail *fail)
{
    const json_t *value = json_object_get(profile, name);
    const char *text = json_string_value(value);
    size_t n = text == NULL ? 0 : utf8_length(span_of(text));

    if ((value == NULL || json_is_null(value)) && min <= 1)
        return ERR_NONE;
    if (text == NULL || n < min || n > max)
        return fail_set(fail, ERR_INPUT, "profile: %s has %zu to %zu characters", name, min, max);
    return ERR_NONE;
}

static enum err okta_profile_check(const json_t *profile, struct fail *fail)
{
    if (check_text(profile, "login", LOGIN_MIN, LOGIN_MAX, fail) != ERR_NONE ||
        check_text(profile, "email", LOGIN_MIN, LOGIN_MAX, fail) != ERR_NONE ||
        check_text(profile, "firstName", 1, NAME_MAX, fail) != ERR_NONE ||
        check_text(profile, "lastName", 1, NAME_MAX, fail) != ERR_NONE)
        return ERR_INPUT;
    return ERR_NONE;
}

/* ---- coming ---- */

json_t *okta_profile_of(const json_t *from)
{
    static const char *const names[][2] = {
        {"first", "firstName"}, {"last", "lastName"}, {"login", "login"}, {"email", "email"}};
    json_t *profile = json_pack("{s:n, s:n}", "mobilePhone", "secondEmail");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_object_get(from, names[i][0]) != NULL)
            json_object_set(profile, names[i][1], json_object_get(from, names[i][0]));
    if (json_is_object(json_object_get(from, "profile")))
        json_object_update(profile, json_object_get(from, "profile"));
    if (json_object_get(profile, "email") == NULL && json_object_get(profile, "login") != NULL)
        json_object_set(profile, "email", json_object_get(profile, "login"));
    return profile;
}

bool okta_status_read(const json_t *from, enum okta_status *out)
{
    const char *name = okta_member(from, "status");

    *out = OKTA_ACTIVE;
    for (size_t i = 0; name != NULL && i < OKTA_STATUSES; i++)
        if (strcmp(okta_status_names[i], name) == 0) {
            *out = (enum okta_status)i;
            return true;
        }
    return name == NULL;
}

static enum err check_new(const struct okta_side *side, const char *id, const json_t *profile,
                          struct fail *fail)
{
    const char *login;

    if (okta_profile_check(profile, fail) != ERR_NONE)
        return ERR_INPUT;
    login = okta_member(profile, "login");
    if (id != NULL && (*id == '\0' || strlen(id) >= OKTA_ID))
        return fail_set(fail, ERR_INPUT, "an id has 1 to 27 characters");
    if (id != NULL && okta_users_ever(&side->users, span_of(id)) != NULL)
        return fail_set(fail, ERR_CONFLICT, "the id '%s' is or was somebody's", id);
    if (okta_users_with_login(&side->users, span_of(login)) != NULL)
        return fail_set(fail, ERR_CONFLICT,
                        "login: An object with this field already exists in the current "
                        "organization: '%s'",
                        login);
    return ERR_NONE;
}

static void tell(struct okta_tx *tx, const char *type, struct okta_user *user)
{
    if (!tx->is_quiet)
        okta_emit(tx, type, user, json_pack("[o]", okta_target_user(user)), NULL);
}

enum err okta_user_create(struct okta_tx *tx, const json_t *from, struct okta_user **out,
                          struct fail *fail)
{
    json_t *profile = okta_profile_of(from);
    const char *id = okta_member(from, "id");
    uint32_t now_s = okta_wall_s(tx->side);
    enum okta_status status;
    struct okta_user_state state = {.created_s = now_s, .updated_s = now_s};

    if (!okta_status_read(from, &status)) {
        json_decref(profile);
        return fail_set(fail, ERR_INPUT, "unknown status '%s'", okta_member(from, "status"));
    }
    if (check_new(tx->side, id, profile, fail) != ERR_NONE) {
        json_decref(profile);
        return fail == NULL ? ERR_INPUT : fail->err;
    }
    state.status = status;
    state.activated_s = status == OKTA_STAGED ? 0 : now_s;
    state.status_changed_s = state.activated_s;
    state.profile = json_dumps(profile, JSON_COMPACT);
    json_decref(profile);
    *out = okta_users_add(&tx->side->users, id, &state, NULL, 0);
    okta_container_touch(&tx->side->containers, tx->side->everyone, now_s);
    tell(tx, "user.lifecycle.create", *out);
    if (status != OKTA_STAGED)
        tell(tx, "user.lifecycle.activate", *out);
    okta_follow_groups(tx, *out);
    return ERR_NONE;
}

/* ---- changing ---- */

static void add_name(struct buf *names, const char *name)
{
    if (names->n > 0)
        buf_add_char(names, ',');
    buf_add_str(names, name);
}

static void merge(json_t *profile, const json_t *change, struct buf *names)
{
    const char *key;
    json_t *value;

    json_object_foreach(okta_unconst(change), key, value)
    {
        const json_t *old = json_object_get(profile, key);

        if (json_is_null(value) ? old == NULL : old != NULL && json_equal(old, value))
            continue;
        add_name(names, key);
        if (json_is_null(value))
            json_object_del(profile, key);
        else
            json_object_set(profile, key, value);
    }
}

static void follow_in_apps(struct okta_tx *tx, struct okta_user *user, const json_t *old_profile)
{
    struct okta_link *link = user->links, *next;

    for (; link != NULL; link = next) {
        next = link->next_of_user;
        if (link->of->kind == OKTA_APP && okta_link_is_at(link, OKTA_NOW) &&
            link->user_name == NULL)
            okta_app_user_follow(tx, link, old_profile);
    }
}

static enum err check_login(const struct okta_side *side, const struct okta_user *user,
                            const json_t *profile, struct fail *fail)
{
    const char *login = okta_member(profile, "login");
    const struct okta_user *other = okta_users_with_login(&side->users, span_of(login));

    return other == NULL || other == user
               ? ERR_NONE
               : fail_set(fail, ERR_CONFLICT, "the login '%s' is somebody else's", login);
}

static void tell_change(struct okta_tx *tx, struct okta_user *user, const char *names)
{
    if (tx->is_quiet)
        return;
    okta_emit(tx, "user.account.update_profile", user, json_pack("[o]", okta_target_user(user)),
              json_pack("{s:s}", "changedAttributes", names));
}

enum err okta_user_change(struct okta_tx *tx, struct okta_user *user, const json_t *change,
                          struct fail *fail)
{
    json_t *old = okta_user_profile(user, &user->newest), *profile = json_deep_copy(old);
    struct okta_user_state state = user->newest;
    struct buf names;
    enum err err;

    buf_init(&names, NAMES);
    merge(profile, change, &names);
    err = okta_profile_check(profile, fail);
    if (err == ERR_NONE)
        err = check_login(tx->side, user, profile, fail);
    if (err != ERR_NONE || names.n == 0)
        goto out;
    state.profile = json_dumps(profile, JSON_COMPACT);
    state.updated_s = okta_wall_s(tx->side);
    okta_users_change(&tx->side->users, user, &state);
    tell_change(tx, user, names.p);
    if (json_object_get(change, "email") != NULL &&
        !json_equal(json_object_get(old, "email"), json_object_get(profile, "email")))
        tell(tx, "user.account.update_primary_email", user);
    follow_in_apps(tx, user, old);
out:
    buf_done(&names);
    json_decref(profile);
    json_decref(old);
    return err;
}

/* ---- the lifecycle ---- */

static void set_status(struct okta_tx *tx, struct okta_user *user, enum okta_status status)
{
    struct okta_user_state state = user->newest;

    state.profile = NULL;
    state.status = status;
    state.updated_s = state.status_changed_s = okta_wall_s(tx->side);
    if (status == OKTA_ACTIVE || status == OKTA_PROVISIONED)
        state.activated_s = state.activated_s == 0 ? state.updated_s : state.activated_s;
    okta_users_change(&tx->side->users, user, &state);
}

static void activate(struct okta_tx *tx, struct okta_user *user)
{
    /* Who comes back stays PROVISIONED until the first sign-in. */
    set_status(tx, user,
               user->newest.status == OKTA_DEPROVISIONED ? OKTA_PROVISIONED : OKTA_ACTIVE);
    tell(tx, "user.lifecycle.activate", user);
    okta_follow_groups(tx, user);
}

/* Assignments go first, as the real chain does; individual ones do not come back. */
static void deactivate(struct okta_tx *tx, struct okta_user *user)
{
    struct okta_link *link = user->links, *next;

    set_status(tx, user, OKTA_DEPROVISIONED);
    for (; link != NULL; link = next) {
        next = link->next_of_user;
        if (link->of->kind != OKTA_APP || !okta_link_is_at(link, OKTA_NOW))
            continue;
        link->is_individual = false;
        okta_follow_group(tx, user, link->of, true);
    }
    tell(tx, "user.lifecycle.deactivate", user);
    tell(tx, "user.session.clear", user);
}

static void remove_user(struct okta_tx *tx, struct okta_user *user)
{
    json_t *gone;
    char *login;

    if (user->newest.status != OKTA_DEPROVISIONED)
        deactivate(tx, user);
    tell(tx, "user.lifecycle.delete.initiated", user);
    gone = okta_target_user(user);
    login = mem_printf("%s@deleted.invalid", user->id);
    json_object_set_new(gone, "alternateId", json_string(login));
    free(login);
    if (!tx->is_quiet) {
        okta_emit(tx, "user.account.update_profile", user, json_pack("[O]", gone),
                  json_pack("{s:s}", "changedAttributes", "login"));
        okta_emit(tx, "user.lifecycle.delete.completed", user, json_pack("[O]", gone), NULL);
    }
    json_decref(gone);
    for (struct okta_link *link = user->links; link != NULL; link = link->next_of_user)
        if (okta_link_is_at(link, OKTA_NOW)) {
            okta_link_end(&tx->side->containers, link);
            okta_container_touch(&tx->side->containers, link->of, okta_wall_s(tx->side));
        }
    okta_users_remove(&tx->side->users, user);
}

#define IN(status) (1U << (status))
#define ANY_BUT(status) (~IN(status))

static const struct action {
    const char *name;
    unsigned from;
    enum okta_status to;
    const char *type;
    const char *reason; /* of a FAILURE: how a lock is told */
} actions[] = {
    {"suspend", IN(OKTA_ACTIVE), OKTA_SUSPENDED, "user.lifecycle.suspend", NULL},
    {"unsuspend", IN(OKTA_SUSPENDED), OKTA_ACTIVE, "user.lifecycle.unsuspend", NULL},
    {"reactivate", IN(OKTA_PROVISIONED), OKTA_PROVISIONED, "user.lifecycle.reactivate", NULL},
    {"lock", IN(OKTA_ACTIVE), OKTA_LOCKED_OUT, "user.account.lock", "LOCKED_OUT"},
    {"unlock", IN(OKTA_LOCKED_OUT), OKTA_ACTIVE, "user.account.unlock", NULL},
    {"expire_password", IN(OKTA_ACTIVE), OKTA_PASSWORD_EXPIRED, "user.account.expire_password",
     NULL},
    {"reset_password", IN(OKTA_ACTIVE) | IN(OKTA_LOCKED_OUT) | IN(OKTA_PASSWORD_EXPIRED),
     OKTA_RECOVERY, "user.account.reset_password", NULL},
    {"sign_in", IN(OKTA_PROVISIONED) | IN(OKTA_RECOVERY) | IN(OKTA_PASSWORD_EXPIRED), OKTA_ACTIVE,
     "user.account.update_password", NULL},
};

static void carry_out(struct okta_tx *tx, struct okta_user *user, const struct action *action)
{
    set_status(tx, user, action->to);
    if (action->reason == NULL)
        tell(tx, action->type, user);
    else if (!tx->is_quiet)
        okta_emit_outcome(tx, action->type, user, json_pack("[o]", okta_target_user(user)), NULL,
                          "FAILURE", action->reason);
}

static enum err not_allowed(struct fail *fail, const struct okta_user *user, const char *what)
{
    return fail_set(fail, ERR_CONFLICT, "%s is not allowed in the user's current status, %s", what,
                    okta_status_names[user->newest.status]);
}

enum err okta_user_do(struct okta_tx *tx, struct okta_user *user, const char *what,
                      struct fail *fail)
{
    unsigned now = IN(user->newest.status);

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, what) != 0)
            continue;
        if ((actions[i].from & now) == 0)
            return not_allowed(fail, user, what);
        carry_out(tx, user, &actions[i]);
        return ERR_NONE;
    }
    if (strcmp(what, "delete") == 0) {
        remove_user(tx, user);
    } else if (strcmp(what, "deactivate") == 0) {
        if (user->newest.status == OKTA_DEPROVISIONED)
            return not_allowed(fail, user, what);
        deactivate(tx, user);
    } else if (strcmp(what, "activate") == 0) {
        if ((now & (IN(OKTA_STAGED) | IN(OKTA_DEPROVISIONED) | IN(OKTA_PROVISIONED))) == 0)
            return not_allowed(fail, user, what);
        activate(tx, user);
    } else {
        return fail_set(fail, ERR_INPUT,
                        "do is activate, deactivate, delete, suspend, unsuspend, reactivate, "
                        "lock, unlock, expire_password, reset_password or sign_in");
    }
    return ERR_NONE;
}
