#include "store/work.h"

#include "store/db.h"

#define SELECT_WORK                                                                                \
    "SELECT id, kind, source, user_id, payload, cause, created_ms, state, result FROM work "

static struct work read_work(sqlite3_stmt *row, struct arena *a)
{
    return (struct work){.id = sqlite3_column_int64(row, 0),
                         .kind = db_text(row, 1, a),
                         .source = db_text(row, 2, a),
                         .user_id = db_text(row, 3, a),
                         .payload = db_text(row, 4, a),
                         .cause = db_text(row, 5, a),
                         .created_ms = sqlite3_column_int64(row, 6),
                         .state = (enum work_state)sqlite3_column_int64(row, 7),
                         .result = db_text(row, 8, a)};
}

enum err store_work_add(struct store *s, const struct work *work, int64_t *out_id,
                        struct fail *fail)
{
    sqlite3_stmt *add;
    enum err err = db_write(s, DB_WORK_ADD,
                            "INSERT INTO work (kind, source, user_id, payload, cause, created_ms,"
                            " state, result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '')",
                            &add, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(add, 1, work->kind);
    db_bind_text(add, 2, work->source);
    db_bind_text(add, 3, work->user_id);
    db_bind_text(add, 4, work->payload);
    db_bind_text(add, 5, work->cause);
    db_bind_int(add, 6, work->created_ms);
    db_bind_int(add, 7, WORK_WAITS);
    err = db_run(s, add, fail);
    if (err == ERR_NONE)
        *out_id = sqlite3_last_insert_rowid(s->db);
    return err;
}

enum err store_work_open(struct store *s, struct arena *a, int64_t after, size_t max,
                         struct work **out, size_t *out_n, struct fail *fail)
{
    struct work *works = NULL;
    sqlite3_stmt *rows;
    bool has_row = true;
    size_t n = 0;
    enum err err =
        db_read(s, DB_WORK_WAITING, SELECT_WORK "WHERE state < 2 AND id > ?1 ORDER BY id LIMIT ?2",
                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, after);
    db_bind_int(rows, 2, (int64_t)max);
    for (;;) {
        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE)
            return err;
        if (!has_row)
            break;
        works = db_more(a, works, n, sizeof(*works));
        works[n++] = read_work(rows, a);
    }
    *out = works;
    *out_n = n;
    return ERR_NONE;
}

enum err store_work_get(struct store *s, struct arena *a, int64_t id, struct work *out,
                        struct fail *fail)
{
    sqlite3_stmt *get;
    bool has_row;
    enum err err = db_read(s, DB_WORK_GET, SELECT_WORK "WHERE id = ?1", &get, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(get, 1, id);
    err = db_next(s, get, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    if (!has_row)
        return fail_set(fail, ERR_NOT_FOUND, "there is no work %lld", (long long)id);
    *out = read_work(get, a);
    (void)sqlite3_reset(get); /* it did not fail */
    return ERR_NONE;
}

enum err store_work_set(struct store *s, int64_t id, enum work_state state, struct span result,
                        struct fail *fail)
{
    sqlite3_stmt *set;
    enum err err = db_write(s, DB_WORK_SET, "UPDATE work SET state = ?2, result = ?3 WHERE id = ?1",
                            &set, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(set, 1, id);
    db_bind_int(set, 2, state);
    db_bind_text(set, 3, result);
    return db_run(s, set, fail);
}
