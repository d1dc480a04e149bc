#include "store/db.h"

static enum err count_states(struct store *s, struct store_counts *counts, struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has_row = true;
    enum err err = db_read(
        s, DB_COUNT_STATES,
        "SELECT state, count(*) FROM person WHERE state IS NOT NULL GROUP BY state", &rows, fail);

    while (err == ERR_NONE) {
        int state;

        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            break;
        state = sqlite3_column_int(rows, 0);
        if (state >= 0 && state < PERSON_STATES)
            counts->by_state[state] = sqlite3_column_int64(rows, 1);
    }
    return err;
}

static enum err read_two(struct store *s, sqlite3_stmt *row, int64_t out[static 2],
                         struct fail *fail)
{
    bool has_row;
    enum err err = db_next(s, row, &has_row, fail);

    if (err != ERR_NONE || !has_row)
        return err;
    out[0] = sqlite3_column_int64(row, 0);
    out[1] = sqlite3_column_int64(row, 1);
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

enum err store_counts(struct store *s, int64_t now_ms, struct store_counts *out, struct fail *fail)
{
    struct store_counts counts = {0};
    int64_t numbers[2] = {0};
    sqlite3_stmt *row;
    enum err err = count_states(s, &counts, fail);

    if (err == ERR_NONE)
        err = db_read(s, DB_OLDEST_DUE,
                      "SELECT min(due_since_ms), 0 FROM person WHERE state = ?1 AND due_ms <= ?2",
                      &row, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(row, 1, PERSON_DUE);
    db_bind_int(row, 2, now_ms);
    err = read_two(s, row, numbers, fail);
    counts.oldest_due_since_ms = numbers[0];
    if (err == ERR_NONE)
        err = db_read(s, DB_EVENTS, "SELECT events, 0 FROM total", &row, fail);
    if (err == ERR_NONE)
        err = read_two(s, row, numbers, fail);
    counts.events = numbers[0];
    if (err == ERR_NONE)
        err = store_last_event(s, &counts.last_event_ms, fail);
    if (err == ERR_NONE)
        *out = counts;
    return err;
}

enum err store_last_event(struct store *s, int64_t *out_ms, struct fail *fail)
{
    int64_t numbers[2] = {0};
    sqlite3_stmt *row;
    enum err err = db_read(s, DB_EVENT_LAST,
                           "SELECT received_ms, 0 FROM event ORDER BY id DESC LIMIT 1", &row, fail);

    if (err == ERR_NONE)
        err = read_two(s, row, numbers, fail);
    if (err == ERR_NONE)
        *out_ms = numbers[0];
    return err;
}
