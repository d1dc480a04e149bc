#include "store/audit_private.h"
#include "store/db.h"

#define SELECT_STEP                                                                                \
    "SELECT id, sent_ms, answered_ms, source, user_id, instance, operation, cause, outcome,"       \
    " status, code, request_id, text FROM step "

static void read_step(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct step_record *to = item;

    *to = (struct step_record){.id = sqlite3_column_int64(row, 0),
                               .sent_ms = sqlite3_column_int64(row, 1),
                               .answered_ms = sqlite3_column_int64(row, 2),
                               .source = db_text(row, 3, a),
                               .user_id = db_text(row, 4, a),
                               .instance = db_text(row, 5, a),
                               .operation = db_text(row, 6, a),
                               .cause = db_text(row, 7, a),
                               .outcome = db_text(row, 8, a),
                               .status = sqlite3_column_int64(row, 9),
                               .code = db_text(row, 10, a),
                               .request_id = db_text(row, 11, a),
                               .text = db_text(row, 12, a)};
}

static enum err count_call(struct store *s, struct span operation, struct fail *fail)
{
    sqlite3_stmt *count;
    enum err err = db_write(s, DB_CALL_COUNT_ADD,
                            "INSERT INTO call_count (operation, sent, throttled, failed)"
                            " VALUES (?1, 1, 0, 0) ON CONFLICT DO UPDATE SET sent = sent + 1",
                            &count, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(count, 1, operation);
    return db_run(s, count, fail);
}

enum err store_step_add(struct store *s, const struct step_record *step, int64_t *out_id,
                        struct fail *fail)
{
    sqlite3_stmt *add;
    int64_t id;
    enum err err = db_write(s, DB_STEP_ADD,
                            "INSERT INTO step (sent_ms, answered_ms, source, user_id, instance,"
                            " operation, cause, outcome, status, code, request_id, text)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                            &add, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(add, 1, step->sent_ms);
    db_bind_int(add, 2, step->answered_ms);
    db_bind_text(add, 3, step->source);
    db_bind_text(add, 4, step->user_id);
    db_bind_text(add, 5, step->instance);
    db_bind_text(add, 6, step->operation);
    db_bind_text(add, 7, step->cause);
    db_bind_text(add, 8, step->outcome);
    db_bind_int(add, 9, step->status);
    db_bind_text(add, 10, step->code);
    db_bind_text(add, 11, step->request_id);
    db_bind_text(add, 12, step->text);
    err = db_run(s, add, fail);
    id = sqlite3_last_insert_rowid(s->db);
    if (err == ERR_NONE)
        err = count_call(s, step->operation, fail);
    if (err == ERR_NONE)
        *out_id = id;
    return err;
}

static enum err count_answer(struct store *s, int64_t id, struct span outcome, struct fail *fail)
{
    sqlite3_stmt *count;
    enum err err;

    if (!span_eq(outcome, SPAN("throttled")) && !span_eq(outcome, SPAN("failed")))
        return ERR_NONE;
    err = db_write(s, DB_CALL_COUNT_ANSWER,
                   "UPDATE call_count SET throttled = throttled + (?2 = 'throttled'),"
                   " failed = failed + (?2 = 'failed')"
                   " WHERE operation = (SELECT operation FROM step WHERE id = ?1)",
                   &count, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(count, 1, id);
    db_bind_text(count, 2, outcome);
    return db_run(s, count, fail);
}

static enum err audit(struct store *s, int64_t id, const struct step_record *answer,
                      struct fail *fail)
{
    struct step_record step;
    struct arena a = {0};
    sqlite3_stmt *get;
    bool has_row;
    enum err err = db_read(s, DB_STEP_GET, SELECT_STEP "WHERE id = ?1", &get, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(get, 1, id);
    err = db_next(s, get, &has_row, fail);
    if (err == ERR_NONE && has_row) {
        read_step(get, &a, &step);
        (void)sqlite3_reset(get); /* it did not fail */
        step.before = answer->before;
        step.after = answer->after;
        err = audit_add_step(s, &step, fail);
    }
    arena_done(&a);
    return err;
}

enum err store_step_answer(struct store *s, int64_t id, const struct step_record *answer,
                           struct fail *fail)
{
    sqlite3_stmt *fill;
    enum err err = db_write(s, DB_STEP_ANSWER,
                            "UPDATE step SET answered_ms = ?2, outcome = ?3, status = ?4,"
                            " code = ?5, request_id = ?6, text = ?7 WHERE id = ?1",
                            &fill, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(fill, 1, id);
    db_bind_int(fill, 2, answer->answered_ms);
    db_bind_text(fill, 3, answer->outcome);
    db_bind_int(fill, 4, answer->status);
    db_bind_text(fill, 5, answer->code);
    db_bind_text(fill, 6, answer->request_id);
    db_bind_text(fill, 7, answer->text);
    err = db_run(s, fill, fail);
    if (err != ERR_NONE)
        return err;
    if (sqlite3_changes(s->db) == 0)
        return fail_set(fail, ERR_NOT_FOUND, "there is no step %lld", (long long)id);
    err = count_answer(s, id, answer->outcome, fail);
    return err == ERR_NONE ? audit(s, id, answer, fail) : err;
}

enum err store_steps_close(struct store *s, int64_t now_ms, int64_t *out_n, struct fail *fail)
{
    struct step_record answer = {
        .answered_ms = now_ms,
        .outcome = SPAN("unclear"),
        .text = SPAN("no answer was read: the program ended while the call was under way")};
    int64_t *ids = NULL;
    struct arena a = {0};
    sqlite3_stmt *rows;
    size_t n = 0;
    enum err err = db_read(s, DB_STEPS_SENT,
                           "SELECT id FROM step WHERE outcome = 'sent' ORDER BY id", &rows, fail);

    while (err == ERR_NONE) {
        bool has_row;

        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            break;
        ids = db_more(&a, ids, n, sizeof(*ids));
        ids[n++] = sqlite3_column_int64(rows, 0);
    }
    for (size_t i = 0; err == ERR_NONE && i < n; i++)
        err = store_step_answer(s, ids[i], &answer, fail);
    arena_done(&a);
    if (err == ERR_NONE)
        *out_n = (int64_t)n;
    return err;
}

enum err store_steps(struct store *s, struct arena *a, struct span source, struct span user_id,
                     size_t max, struct step_record **out, size_t *out_n, struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err =
        user_id.n > 0
            ? db_read(s, DB_STEPS_OF_PERSON,
                      SELECT_STEP "WHERE user_id = ?2 AND source = ?3 ORDER BY id DESC LIMIT ?1",
                      &rows, fail)
            : db_read(s, DB_STEPS_FAILED,
                      SELECT_STEP "WHERE outcome = 'failed' ORDER BY id DESC LIMIT ?1", &rows,
                      fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, (int64_t)max);
    if (user_id.n > 0) {
        db_bind_text(rows, 2, user_id);
        db_bind_text(rows, 3, source);
    }
    err = db_list(s, rows, a, sizeof(**out), read_step, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}

static void read_call_count(sqlite3_stmt *row, struct arena *a, void *item)
{
    struct call_count *to = item;

    *to = (struct call_count){.operation = db_text(row, 0, a),
                              .sent = sqlite3_column_int64(row, 1),
                              .throttled = sqlite3_column_int64(row, 2),
                              .failed = sqlite3_column_int64(row, 3)};
}

enum err store_call_counts(struct store *s, struct arena *a, struct call_count **out, size_t *out_n,
                           struct fail *fail)
{
    void *items = NULL;
    sqlite3_stmt *rows;
    enum err err =
        db_read(s, DB_CALL_COUNTS,
                "SELECT operation, sent, throttled, failed FROM call_count ORDER BY operation",
                &rows, fail);

    if (err == ERR_NONE)
        err = db_list(s, rows, a, sizeof(**out), read_call_count, &items, out_n, fail);
    if (err == ERR_NONE)
        *out = items;
    return err;
}
