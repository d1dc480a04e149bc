/* Who, or what, is to be read in Okta again; and what such a reading said. */
#include "store/db.h"

enum err store_look_put(struct store *s, const struct look *look, struct fail *fail)
{
    sqlite3_stmt *put;
    enum err err = db_write(
        s, DB_LOOK_PUT,
        "INSERT INTO look (source, kind, id, due_ms, tries, asked_ns, cause)"
        " VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6) ON CONFLICT DO UPDATE SET"
        " due_ms = min(due_ms, excluded.due_ms),"
        " tries = CASE WHEN excluded.asked_ns > asked_ns THEN 0 ELSE tries END,"
        " cause = CASE WHEN excluded.asked_ns > asked_ns THEN excluded.cause ELSE cause END,"
        " asked_ns = max(asked_ns, excluded.asked_ns)"
        " WHERE tries = 0 OR excluded.asked_ns > asked_ns",
        &put, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(put, 1, look->source);
    db_bind_int(put, 2, look->kind);
    db_bind_text(put, 3, look->id);
    db_bind_int(put, 4, look->due_ms);
    db_bind_int(put, 5, look->asked_ns);
    db_bind_text(put, 6, look->cause);
    return db_run(s, put, fail);
}

static void read_look(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct look *to = item;

    *to = (struct look){.source = db_text(row, 0, a),
                        .kind = (enum look_kind)sqlite3_column_int(row, 1),
                        .id = db_text(row, 2, a),
                        .due_ms = sqlite3_column_int64(row, 3),
                        .tries = sqlite3_column_int64(row, 4),
                        .asked_ns = sqlite3_column_int64(row, 5),
                        .cause = db_text(row, 6, a)};
}

enum err store_looks_due(struct store *s, struct arena *a, int64_t now_ms, size_t skip, size_t max,
                         struct look **out, size_t *out_n, struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err = db_read(s, DB_LOOKS_DUE,
                           "SELECT source, kind, id, due_ms, tries, asked_ns, cause FROM look"
                           " WHERE due_ms <= ?1 ORDER BY asked_ns = 0, due_ms"
                           " LIMIT ?2 OFFSET ?3",
                           &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, now_ms);
    db_bind_int(rows, 2, (int64_t)max);
    db_bind_int(rows, 3, (int64_t)skip);
    err = db_list(s, rows, a, sizeof(**out), read_look, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}

enum err store_next_look(struct store *s, int64_t *out_ms, struct fail *fail)
{
    sqlite3_stmt *next;
    bool has_row;
    enum err err =
        db_read(s, DB_NEXT_LOOK, "SELECT due_ms FROM look ORDER BY due_ms LIMIT 1", &next, fail);

    if (err == ERR_NONE)
        err = db_next(s, next, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out_ms = has_row ? sqlite3_column_int64(next, 0) : INT64_MAX;
    (void)sqlite3_reset(next); /* it did not fail */
    return ERR_NONE;
}

enum err store_look_get(struct store *s, struct arena *a, struct span source, enum look_kind kind,
                        struct span id, bool *out_is_there, struct look *out, struct fail *fail)
{
    sqlite3_stmt *get;
    bool has_row;
    enum err err = db_read(s, DB_LOOK_GET,
                           "SELECT source, kind, id, due_ms, tries, asked_ns, cause FROM look"
                           " WHERE source = ?1 AND kind = ?2 AND id = ?3",
                           &get, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(get, 1, source);
    db_bind_int(get, 2, kind);
    db_bind_text(get, 3, id);
    err = db_next(s, get, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out_is_there = has_row;
    if (has_row)
        read_look(get, a, out);
    (void)sqlite3_reset(get); /* it did not fail */
    return ERR_NONE;
}

enum err store_look_done(struct store *s, const struct look *look, int64_t again_ms,
                         struct fail *fail)
{
    sqlite3_stmt *done;
    enum err err = again_ms == 0
                       ? db_write(s, DB_LOOK_REMOVE,
                                  "DELETE FROM look WHERE source = ?1 AND kind = ?2 AND id = ?3"
                                  " AND asked_ns = ?4",
                                  &done, fail)
                       : db_write(s, DB_LOOK_AGAIN,
                                  "UPDATE look SET due_ms = ?5, tries = tries + 1 WHERE source = ?1"
                                  " AND kind = ?2 AND id = ?3 AND asked_ns = ?4",
                                  &done, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(done, 1, look->source);
    db_bind_int(done, 2, look->kind);
    db_bind_text(done, 3, look->id);
    db_bind_int(done, 4, look->asked_ns);
    if (again_ms != 0)
        db_bind_int(done, 5, again_ms);
    return db_run(s, done, fail);
}

/* ---- readings ---- */

static enum err clear_memberships(struct store *s, const struct reading *r, struct fail *fail)
{
    sqlite3_stmt *clear;
    int64_t person;
    enum err err = db_person_mention(s, r->source, r->user_id, &person, fail);

    if (err == ERR_NONE)
        err = db_write(s, DB_READING_CLEAR,
                       "DELETE FROM membership WHERE person = ?1 AND published_ns <= ?2", &clear,
                       fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(clear, 1, person);
    db_bind_int(clear, 2, r->read_ns);
    return db_run(s, clear, fail);
}

enum err store_reading_put(struct store *s, const struct reading *r, struct fail *fail)
{
    enum err err = clear_memberships(s, r, fail);

    for (size_t i = 0; err == ERR_NONE && i < r->n_memberships; i++) {
        bool is_changed;

        err = store_membership_put(s, r->source, r->user_id, &r->memberships[i], &is_changed, fail);
    }
    return err;
}

enum err store_members_count(struct store *s, struct span source, enum membership_kind kind,
                             struct span container, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *row;
    bool has_row;
    enum err err = db_read(s, DB_MEMBERS_COUNT,
                           "SELECT count(*) FROM membership m JOIN person p ON p.number = m.person"
                           " WHERE m.container = ?1 AND m.kind = ?2 AND m.is_member = 1"
                           " AND m.container <> '' AND p.source = ?3",
                           &row, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, container);
    db_bind_int(row, 2, kind);
    db_bind_text(row, 3, source);
    err = db_next(s, row, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out = has_row ? sqlite3_column_int64(row, 0) : 0;
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

enum err store_members_each(struct store *s, struct span source, enum membership_kind kind,
                            struct span container, bool (*fn)(void *arg, struct span user_id),
                            void *arg, struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has_row, goes_on = true;
    enum err err = db_read(s, DB_MEMBERS_EACH,
                           "SELECT p.id FROM membership m JOIN person p ON p.number = m.person"
                           " WHERE m.container = ?1 AND m.kind = ?2 AND m.is_member = 1"
                           " AND m.container <> '' AND p.source = ?3 ORDER BY p.id",
                           &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, container);
    db_bind_int(rows, 2, kind);
    db_bind_text(rows, 3, source);
    while (goes_on) {
        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            return err;
        goes_on =
            fn(arg, span_n(sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)));
    }
    (void)sqlite3_reset(rows); /* it did not fail */
    return ERR_NONE;
}
