#include <string.h>

#include "base/buf.h"
#include "store/db.h"
#include "text/uuid.h"

enum {
    SUBJECTS_LIMIT = 1024 * 1024,
    KEPT_BODIES = 20,
    KEPT_BODY_SIZE = 64 * 1024,
    PRUNE_LOOK_AHEAD = 1000, /* rows that are too young, before pruning stops: the clock may have
                                been wrong once */
};

/* ---- events ---- */

static struct span subject_id(const struct event_subject *s)
{
    return s->kind == SUBJECT_USER ? s->user_id : s->membership.container;
}

/* The ids of all subjects, a blank between them; a part of the event when there is one. */
static struct span join_subjects(const struct event *e, struct buf *b)
{
    struct span before = SPAN("");

    if (e->n_subjects == 0)
        return SPAN("");
    if (e->n_subjects == 1)
        return subject_id(&e->subjects[0]);
    for (size_t i = 0; i < e->n_subjects; i++) {
        struct span id = subject_id(&e->subjects[i]);

        if (span_eq(id, before)) /* two things are said of one user */
            continue;
        if (b->n > 0)
            buf_add_char(b, ' ');
        buf_add(b, id);
        before = id;
    }
    return buf_span(b);
}

/* UUIDs of version 1, which Okta uses too, begin with the low digits of their time. With the high
 * ones in front (as version 6 has them, RFC 9562 5.6) new ones stand at the end of the index, where
 * few pages are touched. Any UUID survives that. */
static void put_time_in_front(uint8_t uuid[static UUID_BYTES])
{
    const uint8_t time[8] = {uuid[6], uuid[7], uuid[4], uuid[5],
                             uuid[0], uuid[1], uuid[2], uuid[3]};

    memcpy(uuid, time, sizeof(time));
}

static void bind_event(sqlite3_stmt *add, const struct event *e, uint8_t uuid[static UUID_BYTES])
{
    if (uuid_parse(e->uuid, uuid)) {
        put_time_in_front(uuid);
        (void)sqlite3_bind_blob(add, 1, uuid, UUID_BYTES, SQLITE_STATIC); /* as db_bind_text */
    } else {
        db_bind_text(add, 1, e->uuid);
    }
    db_bind_text(add, 2, e->source);
    db_bind_int(add, 3, e->received_ms);
    db_bind_int(add, 4, e->published_ns);
    db_bind_text(add, 5, e->type);
    db_bind_text(add, 6, e->via);
    db_bind_text(add, 7, span_of(e->skip_reason));
    db_bind_text(add, 8, e->skip_detail);
}

enum err store_event_add(struct store *s, const struct event *e, bool *is_new, struct fail *fail)
{
    uint8_t uuid[UUID_BYTES];
    struct buf subjects;
    sqlite3_stmt *add;
    enum err err = db_write(s, DB_EVENT_ADD,
                            "INSERT INTO event (uuid, source, received_ms, published_ns, type, via,"
                            " skip_reason, skip_detail, subjects)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                            " ON CONFLICT (uuid, source) DO NOTHING",
                            &add, fail);

    if (err != ERR_NONE)
        return err;
    buf_init(&subjects, SUBJECTS_LIMIT);
    bind_event(add, e, uuid);
    db_bind_text(add, 9, join_subjects(e, &subjects));
    err = db_run(s, add, fail);
    buf_done(&subjects);
    if (err != ERR_NONE)
        return err;
    *is_new = sqlite3_changes(s->db) > 0;
    s->events_added += *is_new;
    return ERR_NONE;
}

/* ---- pruning ---- */

/* Is somebody due, or to be looked at, whom the event is about? *is_known: about a person. */
static enum err is_waited_for(struct store *s, struct span source, struct span subjects,
                              bool *is_known, bool *out, struct fail *fail)
{
    struct span id;

    *out = *is_known = false;
    while (!*out && span_split(&subjects, ' ', &id)) {
        sqlite3_stmt *find;
        bool has_row;
        enum err err = db_read(
            s, DB_PERSON_STATE,
            "SELECT (SELECT coalesce(state = ?3, 0) FROM person WHERE id = ?1 AND source = ?2),"
            " EXISTS (SELECT 1 FROM look WHERE source = ?2 AND kind IN (?4, ?5, ?6) AND id = ?1)",
            &find, fail);

        if (err != ERR_NONE)
            return err;
        db_bind_text(find, 1, id);
        db_bind_text(find, 2, source);
        db_bind_int(find, 3, PERSON_DUE);
        db_bind_int(find, 4, LOOK_USER);
        db_bind_int(find, 5, LOOK_GROUP);
        db_bind_int(find, 6, LOOK_APP);
        err = db_next(s, find, &has_row, fail);
        if (err != ERR_NONE)
            return err;
        *is_known = *is_known || sqlite3_column_type(find, 0) != SQLITE_NULL;
        *out = sqlite3_column_int(find, 0) != 0 || sqlite3_column_int(find, 1) != 0;
        (void)sqlite3_reset(find); /* it did not fail */
    }
    return ERR_NONE;
}

static enum err is_scope_looked_at(struct store *s, bool *out, struct fail *fail)
{
    sqlite3_stmt *find;
    enum err err =
        db_read(s, DB_LOOK_AT_SCOPE, "SELECT 1 FROM look WHERE kind = ?1 LIMIT 1", &find, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(find, 1, LOOK_SCOPE);
    err = db_next(s, find, out, fail);
    if (err == ERR_NONE && *out)
        (void)sqlite3_reset(find); /* it did not fail */
    return err;
}

static struct span text_at(sqlite3_stmt *row, int i)
{
    return span_n(sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i));
}

/* The ids of the oldest events that may go. Rows are numbered in the order of receipt. */
static enum err find_prunable(struct store *s, struct arena *a, int64_t before_ms, size_t max,
                              int64_t **out, size_t *out_n, struct fail *fail)
{
    bool is_scope = false;
    int64_t *ids = NULL;
    size_t n = 0, n_young = 0;
    sqlite3_stmt *rows;
    enum err err = is_scope_looked_at(s, &is_scope, fail);

    if (err == ERR_NONE)
        err =
            db_read(s, DB_EVENTS_OLDEST,
                    "SELECT id, received_ms, source, subjects, skip_reason FROM event ORDER BY id",
                    &rows, fail);
    if (err != ERR_NONE)
        return err;
    while (n < max && n_young < PRUNE_LOOK_AHEAD) {
        bool has_row, is_known, is_waited = false;

        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            break;
        if (sqlite3_column_int64(rows, 1) >= before_ms) {
            n_young++;
            continue;
        }
        n_young = 0;
        err = is_waited_for(s, text_at(rows, 2), text_at(rows, 3), &is_known, &is_waited, fail);
        if (err != ERR_NONE)
            break;
        /* What is about nobody in particular may have asked for the look at the whole scope. */
        if (is_waited || (is_scope && !is_known && sqlite3_column_bytes(rows, 4) == 0))
            continue;
        ids = db_more(a, ids, n, sizeof(*ids));
        ids[n++] = sqlite3_column_int64(rows, 0);
    }
    (void)sqlite3_reset(rows); /* a failure is told already */
    *out = ids;
    *out_n = n;
    return err;
}

enum err store_prune_events(struct store *s, int64_t received_before_ms, int64_t max,
                            int64_t *out_removed, struct fail *fail)
{
    struct arena a = {0};
    int64_t *ids = NULL;
    size_t n = 0;
    sqlite3_stmt *remove;
    enum err err =
        find_prunable(s, &a, received_before_ms, max < 0 ? 0 : (size_t)max, &ids, &n, fail);

    for (size_t i = 0; i < n && err == ERR_NONE; i++) {
        err = db_write(s, DB_EVENT_REMOVE, "DELETE FROM event WHERE id = ?1", &remove, fail);
        if (err != ERR_NONE)
            break;
        db_bind_int(remove, 1, ids[i]);
        err = db_run(s, remove, fail);
    }
    arena_done(&a);
    if (err != ERR_NONE)
        return err;
    s->events_added -= (int64_t)n;
    *out_removed = (int64_t)n;
    return ERR_NONE;
}

/* ---- memberships ---- */

enum err store_membership_put(struct store *s, struct span source, struct span user_id,
                              const struct membership *m, bool *is_changed, struct fail *fail)
{
    sqlite3_stmt *put;
    int64_t person;
    enum err err = db_person_mention(s, source, user_id, &person, fail);

    if (err != ERR_NONE)
        return err;
    /* The condition is membership_replaces of the model. */
    err = db_write(s, DB_MEMBERSHIP_PUT,
                   "INSERT INTO membership (person, kind, container, name, is_member, published_ns)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE"
                   " SET name = excluded.name, is_member = excluded.is_member,"
                   " published_ns = excluded.published_ns"
                   " WHERE excluded.published_ns > published_ns OR"
                   " (excluded.published_ns = published_ns AND CASE kind WHEN ?7"
                   " THEN excluded.is_member < is_member ELSE excluded.is_member > is_member END)",
                   &put, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(put, 1, person);
    db_bind_int(put, 2, m->kind);
    db_bind_text(put, 3, m->container);
    db_bind_text(put, 4, m->name);
    db_bind_int(put, 5, m->is_member);
    db_bind_int(put, 6, m->published_ns);
    db_bind_int(put, 7, MEMBERSHIP_SUSPENSION);
    err = db_run(s, put, fail);
    if (err == ERR_NONE)
        *is_changed = sqlite3_changes(s->db) > 0;
    return err;
}

static void read_membership(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct membership *to = item;

    *to = (struct membership){.kind = (enum membership_kind)sqlite3_column_int(row, 0),
                              .container = db_text(row, 1, a),
                              .name = db_text(row, 2, a),
                              .is_member = sqlite3_column_int(row, 3) != 0,
                              .published_ns = sqlite3_column_int64(row, 4)};
}

enum err store_memberships(struct store *s, struct arena *a, struct span source,
                           struct span user_id, struct membership **out, size_t *out_n,
                           struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows = NULL;
    int64_t person = 0;
    enum err err = db_person_number(s, source, user_id, &person, fail);

    *out = NULL;
    *out_n = 0;
    if (err != ERR_NONE || person == 0)
        return err;
    err = db_read(s, DB_MEMBERSHIPS,
                  "SELECT kind, container, name, is_member, published_ns FROM membership"
                  " WHERE person = ?1",
                  &rows, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, person);
    err = db_list(s, rows, a, sizeof(**out), read_membership, &items, out_n, fail);
    *out = items;
    return err;
}

static void read_user_membership(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct user_membership *to = item;

    read_membership(row, a, &to->membership);
    to->user_id = db_text(row, 5, a);
}

enum err store_memberships_page(struct store *s, struct arena *a, struct span source,
                                struct span after, struct span last, struct user_membership **out,
                                size_t *out_n, struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err = db_read(s, DB_MEMBERSHIPS_PAGE,
                           "SELECT m.kind, m.container, m.name, m.is_member, m.published_ns, p.id"
                           " FROM person p JOIN membership m ON m.person = p.number"
                           " WHERE p.id > ?2 AND p.id <= ?3 AND p.source = ?1 ORDER BY p.id",
                           &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, source);
    db_bind_text(rows, 2, after);
    db_bind_text(rows, 3, last);
    err = db_list(s, rows, a, sizeof(**out), read_user_membership, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}

/* ---- bodies that are no JSON ---- */

enum err store_kept_body_add(struct store *s, int64_t received_ms, struct span body,
                             const char *why, struct fail *fail)
{
    sqlite3_stmt *add, *trim;
    enum err err = db_write(s, DB_KEPT_BODY_ADD,
                            "INSERT INTO kept_body (received_ms, size, why, body)"
                            " VALUES (?1, ?2, ?3, ?4)",
                            &add, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(add, 1, received_ms);
    db_bind_int(add, 2, (int64_t)body.n);
    db_bind_text(add, 3, span_of(why));
    (void)sqlite3_bind_blob(add, 4, body.p == NULL ? "" : body.p,
                            (int)(body.n < KEPT_BODY_SIZE ? body.n : KEPT_BODY_SIZE),
                            SQLITE_STATIC); /* as db_bind_text */
    err = db_run(s, add, fail);
    if (err == ERR_NONE)
        err = db_write(s, DB_KEPT_BODY_TRIM,
                       "DELETE FROM kept_body WHERE id <= (SELECT max(id) FROM kept_body) - ?1",
                       &trim, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(trim, 1, KEPT_BODIES);
    return db_run(s, trim, fail);
}

static void read_kept_body(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct kept_body *to = item;

    *to = (struct kept_body){.id = sqlite3_column_int64(row, 0),
                             .received_ms = sqlite3_column_int64(row, 1),
                             .size = sqlite3_column_int64(row, 2),
                             .why = db_text(row, 3, a),
                             .body = db_text(row, 4, a)};
}

enum err store_kept_bodies(struct store *s, struct arena *a, struct kept_body **out, size_t *out_n,
                           struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err = db_read(
        s, DB_KEPT_BODIES,
        "SELECT id, received_ms, size, why, body FROM kept_body ORDER BY id DESC", &rows, fail);

    if (err == ERR_NONE)
        err = db_list(s, rows, a, sizeof(**out), read_kept_body, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}
