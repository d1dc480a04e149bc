/* What a plan said that was saved before. */
#include "store/scan_private.h"

enum err scan_saved_put(struct scan *s, const struct scan_saved *row, struct fail *fail)
{
    sqlite3_stmt *put;
    enum err err = scan_prepare(s, SCAN_SAVED_PUT,
                                "INSERT OR REPLACE INTO saved (user_id, user, digest, action,"
                                " is_met) VALUES (?1, ?2, ?3, ?4, 0)",
                                &put, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(put, 1, row->user_id);
    db_bind_text(put, 2, row->user);
    db_bind_text(put, 3, row->digest);
    db_bind_int(put, 4, row->action);
    return db_run(&s->base, put, fail);
}

static enum err meet(struct scan *s, struct span user_id, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = scan_prepare(s, SCAN_SAVED_MEET,
                                "UPDATE saved SET is_met = 1 WHERE user_id = ?1", &row, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, user_id);
    return db_run(&s->base, row, fail);
}

enum err scan_saved_get(struct scan *s, struct arena *a, struct span user_id,
                        struct scan_saved *out, bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err = meet(s, user_id, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_SAVED_GET,
                           "SELECT user_id, user, digest, action, is_met FROM saved"
                           " WHERE user_id = ?1",
                           &row, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, user_id);
    err = db_next(&s->base, row, out_has, fail);
    if (err != ERR_NONE || !*out_has)
        return err;
    *out = (struct scan_saved){.user_id = db_text(row, 0, a),
                               .user = db_text(row, 1, a),
                               .digest = db_text(row, 2, a),
                               .action = sqlite3_column_int64(row, 3),
                               .is_met = sqlite3_column_int64(row, 4) != 0};
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

enum err scan_saved_rest(struct scan *s, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *row;
    enum err err =
        scan_prepare(s, SCAN_SAVED_REST, "SELECT count(*) FROM saved WHERE is_met = 0", &row, fail);

    return err == ERR_NONE ? scan_number(s, row, out, fail) : err;
}
