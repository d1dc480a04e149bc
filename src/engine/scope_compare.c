#include "engine/scope_compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct span source = {"okta", 4};

static enum membership_kind kind_of(const struct comparison *c)
{
    return c->container.kind == NAME_OKTA_APP ? MEMBERSHIP_APP : MEMBERSHIP_GROUP;
}

static enum err ask(const struct comparison *c, struct store *store, struct span user_id,
                    struct fail *fail)
{
    struct look look = {
        .source = source, .kind = LOOK_USER, .id = user_id, .due_ms = c->now_ms, .cause = c->cause};

    return store_look_put(store, &look, fail);
}

/* ---- a page ---- */

/* What the listing says of the user against what is in the store. */
static bool differs_in_facts(const struct comparison *c, const struct person *p,
                             const struct listed *u)
{
    if (p->read_ms == 0) /* never read in Okta */
        return true;
    if (c->is_only_app && u->is_member && u->app_user_name.n > 0 &&
        !span_eq(p->app_user_name, u->app_user_name))
        return true;
    return u->has_user && (!span_eq(p->status, u->status) || !span_eq(p->login, u->login) ||
                           (u->profile.n > 0 && !span_eq(p->profile, u->profile)));
}

static enum err differs_in_membership(const struct comparison *c, struct store *store,
                                      struct arena *a, const struct listed *u, bool *out,
                                      struct fail *fail)
{
    struct membership *memberships;
    bool is_member = false;
    size_t n;
    enum err err = store_memberships(store, a, source, u->id, &memberships, &n, fail);

    if (err != ERR_NONE)
        return err;
    *out = false;
    for (size_t i = 0; i < n; i++) {
        const struct membership *m = &memberships[i];

        if (m->kind != kind_of(c) || !span_eq(m->container, c->container.id))
            continue;
        if (m->published_ns > c->began_ns) /* the event has asked for a look of its own */
            return ERR_NONE;
        is_member = m->is_member;
    }
    *out = is_member != u->is_member;
    return ERR_NONE;
}

/* Do the rules take a stranger in by what the search says of them? */
static bool takes_in(const struct comparison *c, struct arena *a, const struct listed *u)
{
    const struct person p = {
        .source = source, .id = u->id, .status = u->status, .profile = u->profile};

    return rules_scope(c->judge->rules, current_names_get(c->judge->names), &p, NULL, 0, a).is_in;
}

static enum err differs(const struct comparison *c, struct store *store, struct arena *a,
                        const struct listed *u, bool *out, struct fail *fail)
{
    struct person p;
    enum err err = store_person_get(store, a, source, u->id, &p, fail);

    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        return err;
    if (err == ERR_NOT_FOUND) {
        *out = c->is_by_attribute ? takes_in(c, a, u) : u->is_member;
        return ERR_NONE;
    }
    if (differs_in_facts(c, &p, u)) {
        *out = true;
        return ERR_NONE;
    }
    *out = false;
    return c->is_by_attribute ? ERR_NONE : differs_in_membership(c, store, a, u, out, fail);
}

enum err scope_compare_page(const struct comparison *c, struct store *store, struct arena *a,
                            const struct listed *users, size_t n, int64_t *out_asked,
                            struct fail *fail)
{
    enum err err = ERR_NONE;
    int64_t asked = 0;

    for (size_t i = 0; err == ERR_NONE && i < n; i++) {
        bool is_other = false;

        err = differs(c, store, a, &users[i], &is_other, fail);
        if (err == ERR_NONE && is_other) {
            err = ask(c, store, users[i].id, fail);
            asked++;
        }
    }
    if (err == ERR_NONE)
        *out_asked = asked;
    return err;
}

/* ---- the end ---- */

static int compare_spans(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

struct sweep {
    struct arena *a;
    const struct span *seen;
    size_t n_seen;
    struct span *missing; /* allocated */
    size_t n_missing, room;
    int64_t known;
};

static bool sweep_id(void *arg, struct span user_id)
{
    struct sweep *s = arg;

    s->known++;
    if (s->n_seen > 0 &&
        bsearch(&user_id, s->seen, s->n_seen, sizeof(*s->seen), compare_spans) != NULL)
        return true;
    if (s->n_missing == s->room) {
        s->room = s->room == 0 ? 64 : 2 * s->room;
        s->missing = mem_grow(s->missing, s->room, sizeof(*s->missing));
    }
    s->missing[s->n_missing++] = arena_span(s->a, user_id);
    return true;
}

/* Whoever is known and in nobody's listing may be in scope by attributes alone. */
static bool sweep_person(void *arg, const struct person *p)
{
    if (!span_eq(p->source, source) || p->state == PERSON_OUT_OF_SCOPE ||
        p->state == PERSON_REMOVED)
        return true;
    return sweep_id(arg, p->id);
}

static enum err sweep(const struct comparison *c, struct store *store, struct sweep *s,
                      struct fail *fail)
{
    if (c->is_by_attribute)
        return store_people_each(store, PERSON_STATES, sweep_person, s, fail);
    return store_members_each(store, source, kind_of(c), c->container.id, sweep_id, s, fail);
}

enum err scope_compare_end(const struct comparison *c, struct store *store, struct arena *a,
                           struct span *seen, size_t n_seen, struct comparison_end *out,
                           struct fail *fail)
{
    struct sweep s = {.a = a, .seen = seen, .n_seen = n_seen};
    int64_t asked = 0;
    enum err err;

    if (n_seen > 0)
        qsort(seen, n_seen, sizeof(*seen), compare_spans);
    err = sweep(c, store, &s, fail);
    for (size_t i = 0; err == ERR_NONE && n_seen > 0 && i < s.n_missing; i++, asked++)
        err = ask(c, store, s.missing[i], fail);
    if (err == ERR_NONE)
        *out = (struct comparison_end){s.known, (int64_t)s.n_missing, asked};
    free(s.missing);
    return err;
}

enum err scope_compare_gone(const struct comparison *c, struct store *store, struct arena *a,
                            struct comparison_end *out, struct fail *fail)
{
    struct sweep s = {.a = a};
    enum err err = sweep(c, store, &s, fail);

    for (size_t i = 0; err == ERR_NONE && i < s.n_missing; i++)
        err = ask(c, store, s.missing[i], fail);
    if (err == ERR_NONE)
        *out = (struct comparison_end){s.known, (int64_t)s.n_missing, (int64_t)s.n_missing};
    free(s.missing);
    return err;
}
