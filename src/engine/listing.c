#include "engine/listing.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/user_reading.h"

static void take_user(struct arena *a, const struct okta_user *user, struct listed *out)
{
    out->id = arena_span(a, user->id);
    out->has_user = user->fault == NULL;
    if (!out->has_user)
        return;
    out->status = arena_span(a, user->status_text);
    out->login = arena_span(a, user->login);
    out->profile = user_profile(a, user);
}

static void take_app_user(struct arena *a, const struct okta_app_user *app_user, struct listed *out)
{
    if (app_user->user != NULL)
        take_user(a, app_user->user, out);
    out->id = arena_span(a, app_user->user_id);
    out->app_user_name = arena_span(a, app_user->user_name);
    out->is_member = app_user->is_assigned;
}

struct listed *listing_users(struct arena *a, const struct okta_result *page, size_t at, size_t n)
{
    struct listed *users = arena_new(a, n, sizeof(*users));

    for (size_t i = 0; i < n; i++) {
        if (page->n_app_users > 0) {
            take_app_user(a, &page->app_users[at + i], &users[i]);
        } else {
            take_user(a, &page->users[at + i], &users[i]);
            users[i].is_member = true;
        }
    }
    return users;
}

static bool note(struct seen *seen, struct span id)
{
    if (seen->n == LISTING_MAX)
        return false;
    if (seen->n == seen->room) {
        seen->room = seen->room == 0 ? 256 : 2 * seen->room;
        seen->ids = mem_grow(seen->ids, seen->room, sizeof(*seen->ids));
    }
    seen->ids[seen->n++] = arena_span(&seen->arena, id);
    return true;
}

bool listing_note(struct seen *seen, const struct okta_result *page)
{
    bool fits = true;

    for (size_t i = 0; fits && i < page->n_users; i++)
        fits = note(seen, page->users[i].id);
    for (size_t i = 0; fits && i < page->n_app_users; i++)
        fits = !page->app_users[i].is_assigned || note(seen, page->app_users[i].user_id);
    return fits;
}

void listing_forget(struct seen *seen)
{
    free(seen->ids);
    arena_done(&seen->arena);
    *seen = (struct seen){0};
}
