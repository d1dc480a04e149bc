/* What a reading changes in the store, and when it is not believed. */
#include "engine/user_reading.h"

static const int64_t NS_PER_MS = 1000000, STALE_NS = 1000000000;
static const int64_t again_ms[READING_TRIES] = {10 * 1000, 60 * 1000, 10 * 60 * 1000};

/* ---- does it contradict? ---- */

/* What is in the store when the reading is to be written. */
struct known {
    const struct judge *judge;
    bool is_person;
    struct person person;
    struct membership *memberships;
    size_t n;
};

static bool is_account_off(const struct user_reading *r)
{
    return span_eq(r->reading.status, SPAN("DEPROVISIONED")) ||
           span_eq(r->reading.status, SPAN(STATUS_GONE));
}

static bool has_gone(const struct user_reading *r, struct span id)
{
    for (size_t i = 0; i < r->n_gone; i++)
        if (span_eq(r->gone[i], id))
            return true;
    return false;
}

static bool is_member_by(const struct user_reading *r, const struct membership *m)
{
    for (size_t i = 0; i < r->reading.n_memberships; i++)
        if (r->reading.memberships[i].kind == m->kind &&
            span_eq(r->reading.memberships[i].container, m->container))
            return true;
    return false;
}

static bool is_named(const struct known *k, const struct membership *m)
{
    return rules_name_container(k->judge->rules, current_names_get(k->judge->names), m->kind,
                                m->container, m->name);
}

static bool contradicts(const struct known *k, const struct user_reading *r,
                        const struct membership *m)
{
    switch (m->kind) {
    case MEMBERSHIP_ACCOUNT:
        return m->is_member == is_account_off(r);
    case MEMBERSHIP_SUSPENSION:
        return !is_account_off(r) && m->is_member != span_eq(r->reading.status, SPAN("SUSPENDED"));
    case MEMBERSHIP_APP:
    case MEMBERSHIP_GROUP:
        return !is_account_off(r) && !has_gone(r, m->container) && is_named(k, m) &&
               m->is_member != is_member_by(r, m);
    }
    return false;
}

/* What events have said since the reading before. */
static bool is_said_since(const struct known *k, const struct membership *m)
{
    return m->published_ns > k->person.read_ms * NS_PER_MS;
}

static bool is_recent(int64_t published_ns, const struct user_reading *r)
{
    return published_ns > r->reading.read_ns - READING_RECENT_MS * NS_PER_MS;
}

/* Events have just said something else. */
static bool contradicts_events(const struct known *k, const struct user_reading *r)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct membership *m = &k->memberships[i];

        if (is_said_since(k, m) && is_recent(m->published_ns, r) && contradicts(k, r, m))
            return true;
    }
    return false;
}

/* Somebody is in something no longer, or gone, and no event has said so: once, that is not
 * believed. */
static bool is_unexplained(const struct known *k, const struct user_reading *r)
{
    bool is_gone = span_eq(r->reading.status, SPAN(STATUS_GONE));
    bool is_told_off = span_eq(k->person.status, SPAN(STATUS_GONE));

    for (size_t i = 0; i < k->n; i++) {
        const struct membership *m = &k->memberships[i];

        is_told_off |= m->kind == MEMBERSHIP_ACCOUNT && !m->is_member;
        if ((m->kind == MEMBERSHIP_APP || m->kind == MEMBERSHIP_GROUP) && m->is_member &&
            contradicts(k, r, m))
            return true;
    }
    return is_gone && k->is_person && !is_told_off;
}

/* A look that no event asked for goes back to a listing, which has said the same. */
static bool is_contradiction(const struct known *k, const struct user_reading *r,
                             const struct look *look)
{
    return contradicts_events(k, r) ||
           (look->tries == 0 && look->asked_ns != 0 && is_unexplained(k, r));
}

/* What asked was no membership, and the user's object is older: their profile may be, too. It does
 * no harm to write it, but it is read again. */
static bool may_be_stale(const struct known *k, const struct user_reading *r,
                         const struct look *look)
{
    if (look->asked_ns == 0 || r->updated_ns == 0 || !is_recent(look->asked_ns, r))
        return false;
    if (look->asked_ns <= k->person.read_ms * NS_PER_MS)
        return false; /* the reading before has covered it, and taken its membership's place */
    for (size_t i = 0; i < k->n; i++)
        if (k->memberships[i].published_ns == look->asked_ns)
            return false;
    return r->updated_ns < look->asked_ns - STALE_NS;
}

/* ---- is it news? ---- */

static bool is_news(const struct known *k, const struct user_reading *r)
{
    const struct person *p = &k->person;
    size_t members = 0;

    if (!k->is_person || !span_eq(p->status, r->reading.status) ||
        (r->reading.profile.n > 0 && !span_eq(p->profile, r->reading.profile)) ||
        (r->reading.app_user_name.n > 0 && !span_eq(p->app_user_name, r->reading.app_user_name)))
        return true;
    for (size_t i = 0; i < k->n; i++) {
        const struct membership *m = &k->memberships[i];
        bool is_container = m->kind == MEMBERSHIP_APP || m->kind == MEMBERSHIP_GROUP;

        if (is_container && !is_named(k, m))
            continue;
        if (is_said_since(k, m) || (is_container && m->is_member != is_member_by(r, m)))
            return true;
        members += is_container && m->is_member;
    }
    return members != r->reading.n_memberships;
}

/* They were in something that does not exist any more: nobody has said that they left. */
static bool has_lost_container(const struct known *k, const struct user_reading *r)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->memberships[i].is_member && has_gone(r, k->memberships[i].container))
            return true;
    return false;
}

/* ---- writing ---- */

/* What has no name yet is called as the events called it. */
static const struct membership *with_names(const struct known *k, const struct reading *r,
                                           struct arena *a)
{
    struct membership *named = arena_new(a, r->n_memberships, sizeof(*named));

    for (size_t i = 0; i < r->n_memberships; i++) {
        named[i] = r->memberships[i];
        named[i].published_ns = r->read_ns;
        for (size_t j = 0; named[i].name.n == 0 && j < k->n; j++)
            if (k->memberships[j].kind == named[i].kind &&
                span_eq(k->memberships[j].container, named[i].container))
                named[i].name = k->memberships[j].name;
    }
    return named;
}

/* Okta tells its clock in whole seconds, so that a later reading may seem to be of before. */
static void come_after(struct reading *r, const struct person *before)
{
    if (r->read_ms > before->read_ms)
        return;
    r->read_ms = before->read_ms + 1;
    r->read_ns = r->read_ms * NS_PER_MS;
}

static void take(struct span *held, int64_t *held_ns, struct span said, int64_t read_ns)
{
    if (said.n == 0 || *held_ns > read_ns)
        return;
    *held = said;
    *held_ns = read_ns;
}

static void take_facts(struct person *p, const struct reading *r)
{
    p->read_ms = r->read_ms;
    p->status = r->status;
    if (r->profile.n > 0)
        p->profile = r->profile;
    take(&p->login, &p->facts_ns, r->login, r->read_ns);
    take(&p->display_name, &p->display_name_ns, r->display_name, r->read_ns);
    take(&p->app_user_name, &p->app_user_name_ns, r->app_user_name, r->read_ns);
}

static enum err read_known(const struct judge *judge, struct store *store, struct arena *a,
                           const struct user_reading *r, struct known *out, struct fail *fail)
{
    struct known k = {.judge = judge,
                      .person = {.source = r->reading.source, .id = r->reading.user_id}};
    enum err err =
        store_person_get(store, a, r->reading.source, r->reading.user_id, &k.person, fail);

    k.is_person = err == ERR_NONE;
    if (err == ERR_NONE || err == ERR_NOT_FOUND)
        err = store_memberships(store, a, r->reading.source, r->reading.user_id, &k.memberships,
                                &k.n, fail);
    if (err == ERR_NONE)
        *out = k;
    return err;
}

/* Of strangers whom no rule takes in nothing is kept. */
static bool is_of_no_interest(const struct known *k, const struct user_reading *r, struct arena *a)
{
    struct person p = k->person;

    if (k->is_person)
        return false;
    take_facts(&p, &r->reading);
    return !rules_scope(k->judge->rules, current_names_get(k->judge->names), &p,
                        r->reading.memberships, r->reading.n_memberships, a)
                .is_in;
}

static enum err write_known(struct known *k, struct store *store, struct arena *a,
                            const struct look *look, const struct user_reading *r, int64_t now_ms,
                            struct fail *fail)
{
    struct judge_ask ask = {.is_news = is_news(k, r),
                            .is_unsure = has_lost_container(k, r),
                            .now_ms = now_ms,
                            .cause = look->cause};
    enum err err = store_reading_put(store, &r->reading, fail);

    if (err != ERR_NONE)
        return err;
    take_facts(&k->person, &r->reading);
    return judge_person(k->judge, store, a, &k->person, &ask, fail);
}

enum err user_reading_write(const struct judge *judge, struct store *store, struct arena *a,
                            const struct look *look, const struct user_reading *said,
                            int64_t now_ms, bool *out_is_due, struct fail *fail)
{
    struct user_reading reading = *said;
    bool may_be_repeated = look->tries >= 0 && look->tries < READING_TRIES;
    int64_t again = may_be_repeated ? now_ms + again_ms[look->tries] : 0;
    bool is_due = false, is_stale;
    struct known k;
    enum err err = read_known(judge, store, a, said, &k, fail);

    if (err != ERR_NONE)
        return err;
    come_after(&reading.reading, &k.person);
    reading.reading.memberships = with_names(&k, &reading.reading, a);
    if (may_be_repeated && is_contradiction(&k, &reading, look)) {
        *out_is_due = false;
        return store_look_done(store, look, again, fail);
    }
    is_stale = may_be_stale(&k, &reading, look);
    if (!is_of_no_interest(&k, &reading, a)) {
        err = write_known(&k, store, a, look, &reading, now_ms, fail);
        is_due = k.person.state == PERSON_DUE;
    }
    if (err == ERR_NONE)
        err = store_look_done(store, look, is_stale ? again : 0, fail);
    if (err == ERR_NONE)
        *out_is_due = is_due;
    return err;
}
