#include "okta_users.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fill.h"

enum { FIRST_ROOM = 256, LOGIN = 1024 };

const char *const okta_status_names[OKTA_STATUSES] = {"STAGED",    "PROVISIONED",      "ACTIVE",
                                                      "RECOVERY",  "PASSWORD_EXPIRED", "LOCKED_OUT",
                                                      "SUSPENDED", "DEPROVISIONED"};

static void past_free(struct okta_user_state *state)
{
    while (state != NULL) {
        struct okta_user_state *older = state->older;

        free(state->profile);
        free(state);
        state = older;
    }
}

void okta_users_done(struct okta_users *users)
{
    for (size_t i = 0; i < users->n; i++) {
        past_free(users->slots[i]->newest.older);
        free(users->slots[i]->newest.profile);
        free(users->slots[i]);
    }
    free(users->slots);
    okta_index_done(&users->by_id);
    okta_index_done(&users->by_login);
    while (users->templates != NULL) {
        struct okta_template *template = users->templates;

        users->templates = template->next;
        free(template->login);
        free(template->profile);
        free(template);
    }
    *users = (struct okta_users){0};
}

const struct okta_template *okta_users_template(struct okta_users *users, const char *login,
                                                const char *profile)
{
    struct okta_template *template = mem_new(1, sizeof *template);

    *template = (struct okta_template){
        .next = users->templates, .login = mem_dup_str(login), .profile = mem_dup_str(profile)};
    users->templates = template;
    return template;
}

/* ---- texts ---- */

void okta_user_add_profile(struct buf *out, const struct okta_user *user,
                           const struct okta_user_state *state)
{
    if (state->profile != NULL)
        buf_add_str(out, state->profile);
    else
        fill_add(out, user->template->profile, user->generated);
}

json_t *okta_user_profile(const struct okta_user *user, const struct okta_user_state *state)
{
    struct buf text;
    json_t *profile;

    buf_init(&text, OKTA_PROFILE);
    okta_user_add_profile(&text, user, state);
    profile = json_loadb(text.p, text.n, 0, NULL);
    assert(profile != NULL);
    buf_done(&text);
    return profile;
}

void okta_user_add_login(struct buf *out, const struct okta_user *user,
                         const struct okta_user_state *state)
{
    json_t *profile;

    if (state->profile == NULL) {
        fill_add(out, user->template->login, user->generated);
        return;
    }
    profile = okta_user_profile(user, state);
    buf_add_str(out, okta_member(profile, "login"));
    json_decref(profile);
}

/* ---- finding ---- */

static bool has_id(const void *item, struct span id)
{
    const struct okta_user *user = item;

    return span_eq(span_of(user->id), id);
}

static bool has_login(const void *item, struct span login)
{
    const struct okta_user *user = item;
    struct buf own;
    bool is;

    buf_init(&own, LOGIN);
    okta_user_add_login(&own, user, &user->newest);
    is = span_eq_nocase(buf_span(&own), login);
    buf_done(&own);
    return is;
}

struct okta_user *okta_users_ever(const struct okta_users *users, struct span id)
{
    return okta_index_find(&users->by_id, id, has_id);
}

struct okta_user *okta_users_with_id(const struct okta_users *users, struct span id)
{
    struct okta_user *user = okta_users_ever(users, id);

    return user == NULL || user->newest.is_gone ? NULL : user;
}

struct okta_user *okta_users_with_login(const struct okta_users *users, struct span login)
{
    return okta_index_find(&users->by_login, login, has_login);
}

const struct okta_user_state *okta_user_at(const struct okta_user *user, int64_t at_ms)
{
    const struct okta_user_state *state = &user->newest;

    while (state != NULL && state->since_ms > at_ms)
        state = state->older;
    return state == NULL || state->is_gone ? NULL : state;
}

/* ---- changing ---- */

static void index_login(struct okta_users *users, struct okta_user *user, bool is_added)
{
    struct buf login;

    buf_init(&login, LOGIN);
    okta_user_add_login(&login, user, &user->newest);
    if (is_added)
        okta_index_add(&users->by_login, buf_span(&login), user);
    else
        okta_index_remove(&users->by_login, buf_span(&login), user);
    buf_done(&login);
}

struct okta_user *okta_users_add(struct okta_users *users, const char *id,
                                 const struct okta_user_state *state,
                                 const struct okta_template *template, uint32_t generated)
{
    struct okta_user *user = mem_new(1, sizeof *user);

    assert(state->profile != NULL || template != NULL);
    if (users->n == users->room) {
        users->room = users->room == 0 ? FIRST_ROOM : users->room * 2;
        users->slots = mem_grow(users->slots, users->room, sizeof(struct okta_user *));
    }
    user->number = (uint32_t)users->n;
    user->generated = generated;
    user->template = template;
    user->newest = *state;
    user->newest.since_ms = clock_mono_ms();
    if (id == NULL)
        okta_id(user->id, "00u", user->number);
    else
        memcpy(user->id, id, strlen(id) + 1);
    users->slots[users->n++] = user;
    users->n_live++;
    okta_index_add(&users->by_id, span_of(user->id), user);
    index_login(users, user, true);
    return user;
}

static void forget_past(const struct okta_users *users, struct okta_user *user)
{
    int64_t then_ms = clock_mono_ms() - users->keep_ms;
    struct okta_user_state *state = &user->newest;

    while (state != NULL && state->since_ms > then_ms)
        state = state->older;
    if (state == NULL)
        return;
    past_free(state->older);
    state->older = NULL;
}

static void push(struct okta_users *users, struct okta_user *user,
                 const struct okta_user_state *state)
{
    struct okta_user_state *past = mem_new(1, sizeof *past);
    char *kept = user->newest.profile;

    *past = user->newest;
    user->newest = *state;
    user->newest.older = past;
    user->newest.since_ms = clock_mono_ms();
    if (user->newest.profile == NULL)
        user->newest.profile = mem_dup_str(kept);
    forget_past(users, user);
}

void okta_users_change(struct okta_users *users, struct okta_user *user,
                       const struct okta_user_state *state)
{
    if (state->profile == NULL) {
        push(users, user, state);
        return;
    }
    index_login(users, user, false);
    push(users, user, state);
    index_login(users, user, true);
}

void okta_users_remove(struct okta_users *users, struct okta_user *user)
{
    struct okta_user_state state = user->newest;

    state.profile = NULL;
    state.is_gone = true;
    index_login(users, user, false);
    push(users, user, &state);
    users->n_live--;
}
