#include "engine/roll.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/interest.h"
#include "okta/read.h"

enum { APPS_MAX = 50, AGAIN_MS = 60 * 1000 /* after one that failed */ };

static const int64_t NS_PER_MS = 1000000;

struct entry {
    struct span user_id, user_name;
};

/* Of one application. */
struct roll {
    struct span app_id;
    struct entry *entries; /* allocated; sorted by user */
    size_t n, room;
};

struct rolls {
    struct rolls_options options;
    struct arena arena; /* ids and texts of all */
    struct roll of[APPS_MAX];
    size_t n;
    int64_t began_ns;                /* the reading that they are of: by Okta's clock, … */
    int64_t began_ms, began_mono_ms; /* … by ours, and by clock_mono_ms */
    bool is_read;
    size_t pages; /* of the reading that ended last, at least 1 */

    /* a reading under way */
    struct okta_read *read;
    bool is_reading;
    size_t at, pages_now;
    int64_t not_before_ms; /* of clock_mono_ms */
};

static int compare(const void *a, const void *b)
{
    const struct entry *p = a, *q = b;

    return span_cmp(p->user_id, q->user_id);
}

static void forget(struct rolls *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->of[i].entries);
    arena_done(&r->arena);
    r->n = 0;
    r->is_read = false;
}

static void ended(struct rolls *r, bool is_well)
{
    r->is_reading = false;
    r->is_read = is_well;
    r->pages = r->pages_now > 0 ? r->pages_now : 1;
    r->not_before_ms =
        is_well ? r->began_mono_ms + (int64_t)r->pages * ROLL_PAGE_MS : clock_mono_ms() + AGAIN_MS;
    if (!is_well)
        forget(r);
    r->options.read(r->options.arg);
}

/* ---- reading ---- */

static bool add(struct rolls *r, struct roll *roll, const struct okta_app_user *user)
{
    if (!user->is_assigned)
        return true;
    if (roll->n == ROLL_MEMBERS_MAX)
        return false;
    if (roll->n == roll->room) {
        roll->room = roll->room == 0 ? 256 : 2 * roll->room;
        roll->entries = mem_grow(roll->entries, roll->room, sizeof(*roll->entries));
    }
    roll->entries[roll->n++] = (struct entry){arena_span(&r->arena, user->user_id),
                                              arena_span(&r->arena, user->user_name)};
    return true;
}

static void read_next(struct rolls *r);

static void on_page(void *arg, const struct okta_result *result)
{
    struct rolls *r = arg;
    struct roll *roll = &r->of[r->at];
    bool fits = true;

    if (result->is_last)
        r->read = NULL;
    okta_pause_answered(r->options.pause, result->fail);
    if (result->err != ERR_NONE) {
        log_info("an application's users could not be listed; they are read one by one",
                 LOG_SPAN("app", roll->app_id), LOG_STR("error", result->fail->text));
        ended(r, false);
        return;
    }
    r->pages_now++;
    for (size_t i = 0; fits && i < result->n_app_users; i++)
        fits = add(r, roll, &result->app_users[i]);
    if (!fits) {
        okta_read_cancel(r->read);
        r->read = NULL;
        ended(r, false);
    } else if (result->is_last) {
        if (roll->n > 0)
            qsort(roll->entries, roll->n, sizeof(*roll->entries), compare);
        r->at++;
        read_next(r);
    }
}

static void read_next(struct rolls *r)
{
    if (r->at == r->n)
        ended(r, true);
    else
        r->read = okta_list_app_users(r->options.api, r->of[r->at].app_id, false, on_page, r);
}

static bool take_app(void *arg, enum name_kind kind, struct span value, struct span id)
{
    struct rolls *r = arg;

    (void)value;
    if (kind != NAME_OKTA_APP || id.n == 0 || r->n == APPS_MAX)
        return true;
    for (size_t i = 0; i < r->n; i++)
        if (span_eq(r->of[i].app_id, id))
            return true;
    r->of[r->n++] = (struct roll){.app_id = arena_span(&r->arena, id)};
    return true;
}

static void begin(struct rolls *r)
{
    forget(r);
    interest_each(r->options.judge->rules, current_names_get(r->options.judge->names), take_app, r);
    if (r->n == 0)
        return;
    r->began_mono_ms = clock_mono_ms();
    r->began_ms = clock_wall_ms();
    r->began_ns = okta_api_now_ms(r->options.api) * NS_PER_MS;
    r->at = r->pages_now = 0;
    r->is_reading = true;
    read_next(r);
}

/* ---- asking ---- */

static bool is_before(int64_t asked_ns, int64_t began_ns)
{
    return asked_ns < began_ns - ROLL_MARGIN_MS * NS_PER_MS;
}

/* A look that no event asked for was due at once. */
bool rolls_cover(const struct rolls *r, const struct look *look)
{
    if (!r->is_read || look->tries > 0 || clock_mono_ms() - r->began_mono_ms >= ROLL_AGE_MS)
        return false;
    return look->asked_ns == 0 ? look->due_ms <= r->began_ms
                               : is_before(look->asked_ns, r->began_ns);
}

bool rolls_could_cover(const struct rolls *r, const struct look *look)
{
    return look->tries == 0 &&
           is_before(look->asked_ns, okta_api_now_ms(r->options.api) * NS_PER_MS);
}

bool rolls_consider(struct rolls *r, size_t n_uncovered)
{
    if (r->is_reading)
        return false;
    if (n_uncovered <= r->pages || clock_mono_ms() < r->not_before_ms)
        return true;
    begin(r);
    return !r->is_reading;
}

static const struct entry *find(const struct roll *roll, struct span user_id)
{
    const struct entry wanted = {.user_id = user_id};

    return roll->n == 0 ? NULL
                        : bsearch(&wanted, roll->entries, roll->n, sizeof(*roll->entries), compare);
}

static bool is_spoken_of(struct span app_id, const struct membership *memberships, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memberships[i].kind == MEMBERSHIP_APP && memberships[i].is_member &&
            span_eq(memberships[i].container, app_id))
            return true;
    return false;
}

void rolls_find(const struct rolls *r, const struct look *look, int64_t read_ms,
                const struct membership *memberships, size_t n_memberships, struct arena *a,
                struct okta_interest *interest)
{
    struct okta_assignment *known;
    size_t n = 0;

    if (!rolls_cover(r, look) || read_ms * NS_PER_MS >= r->began_ns)
        return;
    known = arena_new(a, r->n, sizeof(*known));
    for (size_t i = 0; i < r->n; i++) {
        const struct entry *entry = find(&r->of[i], look->id);
        struct span app_id = r->of[i].app_id;

        if (entry == NULL && is_spoken_of(app_id, memberships, n_memberships))
            continue;
        known[n++] = (struct okta_assignment){
            .app_id = arena_span(a, app_id),
            .user_name = arena_span(a, entry == NULL ? SPAN("") : entry->user_name),
            .is_member = entry != NULL};
    }
    interest->known = known;
    interest->n_known = n;
}

/* ---- life ---- */

struct rolls *rolls_new(const struct rolls_options *options)
{
    struct rolls *r = mem_new(1, sizeof(*r));

    r->options = *options;
    r->pages = 1;
    return r;
}

void rolls_stop(struct rolls *r)
{
    okta_read_cancel(r->read);
    r->read = NULL;
    r->is_reading = false;
}

void rolls_free(struct rolls *r)
{
    if (r == NULL)
        return;
    rolls_stop(r);
    forget(r);
    free(r);
}
