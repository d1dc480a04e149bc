#include "store/db.h"

/* ---- skipped events ---- */

enum err store_skip_count_add(struct store *s, const char *reason, int64_t n, struct fail *fail)
{
    sqlite3_stmt *add;
    enum err err = db_write(s, DB_SKIP_COUNT_ADD,
                            "INSERT INTO skip_count (reason, n) VALUES (?1, ?2)"
                            " ON CONFLICT DO UPDATE SET n = n + excluded.n",
                            &add, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(add, 1, span_of(reason));
    db_bind_int(add, 2, n);
    return db_run(s, add, fail);
}

static void read_skip_count(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct skip_count *to = item;

    *to = (struct skip_count){.reason = db_text(row, 0, a), .n = sqlite3_column_int64(row, 1)};
}

enum err store_skip_counts(struct store *s, struct arena *a, struct skip_count **out, size_t *out_n,
                           struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err =
        db_read(s, DB_SKIP_COUNTS, "SELECT reason, n FROM skip_count ORDER BY reason", &rows, fail);

    if (err == ERR_NONE)
        err = db_list(s, rows, a, sizeof(**out), read_skip_count, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}

/* ---- paused operations ---- */

enum err store_pause_put(struct store *s, const struct pause *p, struct fail *fail)
{
    sqlite3_stmt *put;
    enum err err = db_write(s, DB_PAUSE_PUT,
                            "INSERT INTO pause (operation, code, reason, since_ms, probe_ms)"
                            " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"
                            " since_ms = CASE WHEN code = excluded.code THEN since_ms"
                            " ELSE excluded.since_ms END, code = excluded.code,"
                            " reason = excluded.reason, probe_ms = excluded.probe_ms",
                            &put, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(put, 1, p->operation);
    db_bind_text(put, 2, p->code);
    db_bind_text(put, 3, p->reason);
    db_bind_int(put, 4, p->since_ms);
    db_bind_int(put, 5, p->probe_ms);
    return db_run(s, put, fail);
}

enum err store_pause_remove(struct store *s, struct span operation, struct fail *fail)
{
    sqlite3_stmt *remove;
    enum err err =
        db_write(s, DB_PAUSE_REMOVE, "DELETE FROM pause WHERE operation = ?1", &remove, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(remove, 1, operation);
    return db_run(s, remove, fail);
}

static void read_pause(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct pause *to = item;

    *to = (struct pause){.operation = db_text(row, 0, a),
                         .code = db_text(row, 1, a),
                         .reason = db_text(row, 2, a),
                         .since_ms = sqlite3_column_int64(row, 3),
                         .probe_ms = sqlite3_column_int64(row, 4)};
}

enum err store_pauses(struct store *s, struct arena *a, struct pause **out, size_t *out_n,
                      struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err =
        db_read(s, DB_PAUSES,
                "SELECT operation, code, reason, since_ms, probe_ms FROM pause ORDER BY operation",
                &rows, fail);

    if (err == ERR_NONE)
        err = db_list(s, rows, a, sizeof(**out), read_pause, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}

/* ---- notes ---- */

enum err store_note_get(struct store *s, struct arena *a, const char *name, struct span *out,
                        struct fail *fail)
{
    sqlite3_stmt *get;
    bool has_row;
    enum err err = db_read(s, DB_NOTE_GET, "SELECT value FROM note WHERE name = ?1", &get, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(get, 1, span_of(name));
    err = db_next(s, get, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out = has_row ? db_text(get, 0, a) : (struct span){0};
    (void)sqlite3_reset(get); /* it did not fail */
    return ERR_NONE;
}

enum err store_note_put(struct store *s, const char *name, struct span value, struct fail *fail)
{
    sqlite3_stmt *put;
    enum err err = db_write(
        s, DB_NOTE_PUT, "INSERT OR REPLACE INTO note (name, value) VALUES (?1, ?2)", &put, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(put, 1, span_of(name));
    (void)sqlite3_bind_blob(put, 2, value.p == NULL ? "" : value.p, (int)value.n,
                            SQLITE_STATIC); /* as db_bind_text */
    return db_run(s, put, fail);
}
