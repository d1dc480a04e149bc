/* Times in the store are of the wall clock. When that was ahead and has been put right, whoever was
 * put off meanwhile would wait until it is ahead again. */
#include "store/db.h"

/* Adds how many rows that were to *n. */
static enum err run(struct store *s, enum db_slot slot, const char *sql, int64_t now_ms,
                    int64_t latest_ms, int64_t *n, struct fail *fail)
{
    sqlite3_stmt *update;
    enum err err = db_write(s, slot, sql, &update, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(update, 1, PERSON_DUE);
    db_bind_int(update, 2, now_ms);
    db_bind_int(update, 3, latest_ms);
    s->memo.is_set = false;
    err = db_run(s, update, fail);
    if (err == ERR_NONE)
        *n += sqlite3_changes64(s->db);
    return err;
}

enum err store_hurry(struct store *s, int64_t now_ms, int64_t latest_ms, int64_t *out_n,
                     struct fail *fail)
{
    int64_t n = 0, n_others = 0;
    enum err err;

    err = run(s, DB_HURRY_PEOPLE,
              "UPDATE person SET due_ms = ?2, due_since_ms = min(due_since_ms, ?2)"
              " WHERE state = ?1 AND due_ms > ?3 AND reason_code <> '" REASON_GRACE "'",
              now_ms, latest_ms, &n, fail);
    /* Somebody left not later than now, and a grace begins then. */
    if (err == ERR_NONE)
        err = run(s, DB_HURRY_GRACE,
                  "UPDATE person SET due_ms = due_ms - (left_ms - ?2), due_since_ms = due_since_ms"
                  " - (left_ms - ?2), left_ms = ?2"
                  " WHERE state = ?1 AND left_ms > ?3 AND reason_code = '" REASON_GRACE "'",
                  now_ms, latest_ms, &n, fail);
    if (err == ERR_NONE)
        err = run(s, DB_HURRY_LEFT,
                  "UPDATE person SET left_ms = ?2 WHERE state = ?1 AND left_ms > ?3", now_ms,
                  latest_ms, &n_others, fail);
    if (err == ERR_NONE)
        err = run(s, DB_HURRY_LOOKS,
                  "UPDATE look SET due_ms = ?2 WHERE due_ms > ?3 AND ?1 IS NOT NULL", now_ms,
                  latest_ms, &n, fail);
    if (err == ERR_NONE)
        *out_n = n;
    return err;
}
