/* What is to be made of a scan. */
#include "store/scan_private.h"

static enum err find_rival(struct scan *s, struct span claim, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err;

    *out = 0;
    if (claim.n == 0)
        return ERR_NONE;
    err = scan_prepare(s, SCAN_CHANGE_RIVAL,
                       "SELECT number FROM change WHERE claim = ?1 AND claim <> '' LIMIT 1", &row,
                       fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, claim);
    return scan_number(s, row, out, fail);
}

enum err scan_change_add(struct scan *s, struct scan_change *c, int64_t *out_rival,
                         struct fail *fail)
{
    sqlite3_stmt *add;
    int64_t rival;
    enum err err = find_rival(s, c->claim, &rival, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_CHANGE_ADD,
                           "INSERT INTO change (action, bound, user_id, agent_id, user, because,"
                           " claim, digest, steps, is_marked, not_before_ms, body)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                           &add, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(add, 1, c->action);
    db_bind_int(add, 2, c->bound);
    db_bind_text(add, 3, c->user_id);
    db_bind_text(add, 4, c->agent_id);
    db_bind_text(add, 5, c->user);
    db_bind_text(add, 6, c->because);
    db_bind_text(add, 7, c->claim);
    db_bind_text(add, 8, c->digest);
    db_bind_text(add, 9, c->steps);
    db_bind_int(add, 10, c->is_marked);
    db_bind_int(add, 11, c->not_before_ms);
    db_bind_text(add, 12, c->body);
    err = db_run(&s->base, add, fail);
    if (err != ERR_NONE)
        return err;
    c->number = sqlite3_last_insert_rowid(s->base.db);
    *out_rival = rival;
    return ERR_NONE;
}

#define CHANGE_COLUMNS                                                                             \
    "SELECT number, action, bound, user_id, agent_id, user, because, claim, digest, steps,"        \
    " is_marked, not_before_ms, body FROM change "

static enum err read_change(struct scan *s, sqlite3_stmt *row, struct arena *a,
                            struct scan_change *out, bool *out_has, struct fail *fail)
{
    enum err err = db_next(&s->base, row, out_has, fail);

    if (err != ERR_NONE || !*out_has)
        return err;
    *out = (struct scan_change){.number = sqlite3_column_int64(row, 0),
                                .action = sqlite3_column_int64(row, 1),
                                .bound = sqlite3_column_int64(row, 2),
                                .user_id = db_text(row, 3, a),
                                .agent_id = db_text(row, 4, a),
                                .user = db_text(row, 5, a),
                                .because = db_text(row, 6, a),
                                .claim = db_text(row, 7, a),
                                .digest = db_text(row, 8, a),
                                .steps = db_text(row, 9, a),
                                .is_marked = sqlite3_column_int64(row, 10) != 0,
                                .not_before_ms = sqlite3_column_int64(row, 11),
                                .body = db_text(row, 12, a)};
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

enum err scan_changes_first(struct scan *s, int64_t action, struct fail *fail)
{
    (void)fail;
    s->action = action;
    s->number = 0;
    return ERR_NONE;
}

enum err scan_changes_next(struct scan *s, struct arena *a, struct scan_change *out, bool *out_has,
                           struct fail *fail)
{
    sqlite3_stmt *row;
    /* One query a row: what was handed out may be moved out of the walk. */
    enum err err = scan_prepare(
        s, SCAN_CHANGES, CHANGE_COLUMNS "WHERE action = ?1 AND number > ?2 ORDER BY number LIMIT 1",
        &row, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(row, 1, s->action);
    db_bind_int(row, 2, s->number);
    err = read_change(s, row, a, out, out_has, fail);
    if (err == ERR_NONE && *out_has)
        s->number = out->number;
    return err;
}

static enum err need_users(struct scan *s, struct fail *fail)
{
    return scan_need_index(s, &s->has_change_users, "CREATE INDEX change_user ON change (user_id)",
                           fail);
}

enum err scan_change_remove(struct scan *s, struct span user_id, int64_t *out_n, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = need_users(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_CHANGE_REMOVE, "DELETE FROM change WHERE user_id = ?1", &row,
                           fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, user_id);
    err = db_run(&s->base, row, fail);
    if (err == ERR_NONE)
        *out_n = sqlite3_changes64(s->base.db);
    return err;
}

enum err scan_change_get(struct scan *s, struct arena *a, struct span user_id,
                         struct scan_change *out, bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = need_users(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_CHANGE_GET,
                           CHANGE_COLUMNS "WHERE user_id = ?1 ORDER BY number LIMIT 1", &row, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, user_id);
    return read_change(s, row, a, out, out_has, fail);
}

enum err scan_change_move(struct scan *s, int64_t number, int64_t action, struct span because,
                          struct fail *fail)
{
    sqlite3_stmt *move;
    enum err err =
        scan_prepare(s, SCAN_CHANGE_MOVE,
                     "UPDATE change SET action = ?2, because = ?3 WHERE number = ?1", &move, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(move, 1, number);
    db_bind_int(move, 2, action);
    db_bind_text(move, 3, because);
    return db_run(&s->base, move, fail);
}

enum err scan_changes_move(struct scan *s, int64_t from_action, int64_t bound, int64_t action,
                           struct span because, struct fail *fail)
{
    sqlite3_stmt *move;
    enum err err =
        scan_prepare(s, SCAN_CHANGES_MOVE,
                     "UPDATE change SET action = ?3, because = ?4 WHERE action = ?1 AND bound = ?2",
                     &move, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(move, 1, from_action);
    db_bind_int(move, 2, bound);
    db_bind_int(move, 3, action);
    db_bind_text(move, 4, because);
    return db_run(&s->base, move, fail);
}

enum err scan_changes_move_last(struct scan *s, int64_t from_action, int64_t n, int64_t action,
                                struct span because, struct fail *fail)
{
    sqlite3_stmt *move;
    enum err err = scan_prepare(s, SCAN_CHANGES_MOVE_LAST,
                                "UPDATE change SET action = ?3, because = ?4 WHERE number IN"
                                " (SELECT number FROM change WHERE action = ?1"
                                " ORDER BY number DESC LIMIT ?2)",
                                &move, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(move, 1, from_action);
    db_bind_int(move, 2, n);
    db_bind_int(move, 3, action);
    db_bind_text(move, 4, because);
    return db_run(&s->base, move, fail);
}

enum err scan_changes_count(struct scan *s, int64_t action, int64_t bound, int64_t *out,
                            struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_prepare(
        s, SCAN_CHANGES_COUNT,
        "SELECT count(*) FROM change WHERE action = ?1 AND (?2 < 0 OR bound = ?2)", &row, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(row, 1, action);
    db_bind_int(row, 2, bound);
    return scan_number(s, row, out, fail);
}

enum err scan_changes_steps(struct scan *s, int64_t action,
                            void (*fn)(void *arg, struct span steps, int64_t n), void *arg,
                            struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has = true;
    enum err err = scan_prepare(
        s, SCAN_CHANGES_STEPS,
        "SELECT steps, count(*) FROM change WHERE action = ?1 GROUP BY steps", &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, action);
    for (;;) {
        err = db_next(&s->base, rows, &has, fail);
        if (err != ERR_NONE || !has)
            return err;
        fn(arg, span_n(sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)),
           sqlite3_column_int64(rows, 1));
    }
}

enum err scan_changes_marked(struct scan *s, int64_t action, int64_t *out_n, int64_t *out_last,
                             struct fail *fail)
{
    sqlite3_stmt *row;
    bool has;
    enum err err = scan_prepare(s, SCAN_CHANGES_MARKED,
                                "SELECT count(*), max(number) FROM change"
                                " WHERE is_marked = 1 AND action = ?1",
                                &row, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(row, 1, action);
    err = db_next(&s->base, row, &has, fail);
    if (err != ERR_NONE)
        return err;
    *out_n = sqlite3_column_int64(row, 0);
    *out_last = sqlite3_column_int64(row, 1);
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}
