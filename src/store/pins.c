/* Names that were resolved, and who passed a gate. */
#include "store/db.h"

enum { PASSAGES_KEPT_MS = 7 * 24 * 3600 * 1000 };

enum err store_pin_put(struct store *s, const struct pin *pin, struct fail *fail)
{
    sqlite3_stmt *put;
    enum err err = db_write(s, DB_PIN_PUT,
                            "INSERT INTO pin (kind, name, id, since_ms, name_now)"
                            " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"
                            " since_ms = CASE WHEN id = excluded.id THEN since_ms"
                            " ELSE excluded.since_ms END, id = excluded.id,"
                            " name_now = excluded.name_now",
                            &put, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(put, 1, pin->kind);
    db_bind_text(put, 2, pin->name);
    db_bind_text(put, 3, pin->id);
    db_bind_int(put, 4, pin->since_ms);
    db_bind_text(put, 5, pin->name_now);
    return db_run(s, put, fail);
}

enum err store_pin_remove(struct store *s, int64_t kind, struct span name, struct fail *fail)
{
    sqlite3_stmt *remove;
    enum err err =
        db_write(s, DB_PIN_REMOVE, "DELETE FROM pin WHERE kind = ?1 AND name = ?2", &remove, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(remove, 1, kind);
    db_bind_text(remove, 2, name);
    return db_run(s, remove, fail);
}

static void read_pin(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct pin *to = item;

    *to = (struct pin){.kind = sqlite3_column_int64(row, 0),
                       .name = db_text(row, 1, a),
                       .id = db_text(row, 2, a),
                       .since_ms = sqlite3_column_int64(row, 3),
                       .name_now = db_text(row, 4, a)};
}

enum err store_pins(struct store *s, struct arena *a, struct pin **out, size_t *out_n,
                    struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err = db_read(s, DB_PINS,
                           "SELECT kind, name, id, since_ms, name_now FROM pin ORDER BY kind, name",
                           &rows, fail);

    if (err == ERR_NONE)
        err = db_list(s, rows, a, sizeof(**out), read_pin, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}

/* ---- passages ---- */

enum err store_passage_add(struct store *s, int64_t gate, struct span source, struct span user_id,
                           int64_t at_ms, struct fail *fail)
{
    sqlite3_stmt *add, *trim;
    enum err err = db_write(s, DB_PASSAGE_ADD,
                            "INSERT INTO passage (gate, at_ms, source, user_id)"
                            " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                            &add, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(add, 1, gate);
    db_bind_int(add, 2, at_ms);
    db_bind_text(add, 3, source);
    db_bind_text(add, 4, user_id);
    err = db_run(s, add, fail);
    if (err == ERR_NONE)
        err = db_write(s, DB_PASSAGES_TRIM, "DELETE FROM passage WHERE gate = ?1 AND at_ms < ?2",
                       &trim, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(trim, 1, gate);
    db_bind_int(trim, 2, at_ms - PASSAGES_KEPT_MS);
    return db_run(s, trim, fail);
}

enum err store_passages(struct store *s, int64_t gate, int64_t since_ms, int64_t *out_n,
                        struct fail *fail)
{
    sqlite3_stmt *row;
    bool has_row;
    enum err err = db_read(s, DB_PASSAGES,
                           "SELECT count(*) FROM (SELECT DISTINCT source, user_id FROM passage"
                           " WHERE gate = ?1 AND at_ms >= ?2)",
                           &row, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(row, 1, gate);
    db_bind_int(row, 2, since_ms);
    err = db_next(s, row, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out_n = has_row ? sqlite3_column_int64(row, 0) : 0;
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}
