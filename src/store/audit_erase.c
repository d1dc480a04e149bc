/* What goes from the audit log: the words about one person, and its oldest rows. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/audit_private.h"

enum {
    RANGES_AT_ONCE = 5000, /* their text fits in AUDIT_FIELD_LIMIT, whatever the numbers */
    DAY_MS = 24 * 3600 * 1000,
    LOOK_AHEAD = 1000, /* rows that are too young, before the search for older ones behind them
                          ends: the clock may have been wrong once */
};

/* ---- one person ---- */

/* The rows that have something to be erased, ascending. */
static enum err find_rows(struct store *s, struct arena *a, struct span source, struct span user_id,
                          struct span user_name, int64_t **out, size_t *out_n, struct fail *fail)
{
    int64_t *ids = NULL;
    sqlite3_stmt *rows;
    bool has_row = true;
    size_t n = 0;
    enum err err = db_read(s, DB_AUDIT_FIND_PERSON,
                           "SELECT id FROM audit WHERE salt <> x'' AND ((user_id = ?1 AND user_id"
                           " <> '' AND source = ?2) OR (user_id = '' AND user = ?3 AND user <> '')"
                           " OR (user_id = '" IMPORT_ID_PREFIX "' || ?3 AND ?3 <> '' AND source ="
                           " '" SOURCE_IMPORT "'))"
                           " ORDER BY id",
                           &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, user_id);
    db_bind_text(rows, 2, source);
    db_bind_text(rows, 3, user_name);
    for (;;) {
        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE)
            return err;
        if (!has_row)
            break;
        ids = db_more(a, ids, n, sizeof(*ids));
        ids[n++] = sqlite3_column_int64(rows, 0);
    }
    *out = ids;
    *out_n = n;
    return ERR_NONE;
}

static enum err erase_row(struct store *s, int64_t id, struct fail *fail)
{
    sqlite3_stmt *erase;
    enum err err = db_write(s, DB_AUDIT_ERASE,
                            "UPDATE audit SET salt = x'', user_id = '', user = '', text = '',"
                            " state_before = '', state_after = '' WHERE id = ?1",
                            &erase, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(erase, 1, id);
    return db_run(s, erase, fail);
}

static enum err tell_redaction(struct store *s, const int64_t *ids, size_t n, struct span actor,
                               int64_t now_ms, struct fail *fail)
{
    struct audit_row row = {.at_ms = now_ms,
                            .kind = SPAN(AUDIT_REDACTION),
                            .actor = actor,
                            .operation = SPAN("redact"),
                            .outcome = SPAN("done")};
    struct buf ranges;
    enum err err;

    buf_init(&ranges, AUDIT_FIELD_LIMIT);
    audit_add_ranges(&ranges, ids, n);
    row.detail = buf_span(&ranges);
    err = audit_append(s, &row, fail);
    buf_done(&ranges);
    return err;
}

enum err store_audit_redact(struct store *s, struct span source, struct span user_id,
                            struct span user_name, struct span actor, int64_t now_ms,
                            int64_t *out_n, struct fail *fail)
{
    struct arena a = {0};
    int64_t *ids = NULL;
    size_t n = 0;
    /* What is erased is overwritten, not only forgotten, from here on. */
    enum err err = db_exec(s, "PRAGMA secure_delete = on", fail);

    if (err == ERR_NONE)
        err = find_rows(s, &a, source, user_id, user_name, &ids, &n, fail);
    for (size_t i = 0; err == ERR_NONE && i < n; i++)
        err = erase_row(s, ids[i], fail);
    for (size_t i = 0; err == ERR_NONE && i < n; i += RANGES_AT_ONCE)
        err = tell_redaction(s, ids + i, n - i < RANGES_AT_ONCE ? n - i : RANGES_AT_ONCE, actor,
                             now_ms, fail);
    arena_done(&a);
    if (err == ERR_NONE)
        *out_n = (int64_t)n;
    return err;
}

enum err store_audit_purge(struct store *s, struct fail *fail)
{
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

    return rc == SQLITE_OK ? ERR_NONE : db_fail(s, rc, fail);
}

/* ---- the oldest ---- */

/* The last row, of the first max, that was written before that instant; *first_ms: when the oldest
 * one was. */
static enum err find_last_old(struct store *s, int64_t before_ms, int64_t max,
                              struct audit_head *last, int64_t *first_ms, struct fail *fail)
{
    sqlite3_stmt *rows;
    int64_t n = 0, n_young = 0;
    enum err err =
        db_read(s, DB_AUDIT_OLDEST, "SELECT id, at_ms, chain FROM audit ORDER BY id", &rows, fail);

    if (err != ERR_NONE)
        return err;
    while (n < max && n_young < LOOK_AHEAD) {
        bool has_row;
        int64_t at_ms;

        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            return err;
        at_ms = sqlite3_column_int64(rows, 1);
        if (at_ms >= before_ms) {
            n_young++;
            continue;
        }
        *first_ms = at_ms < *first_ms ? at_ms : *first_ms;
        n += 1 + n_young;
        n_young = 0;
        last->id = sqlite3_column_int64(rows, 0);
        if (sqlite3_column_bytes(rows, 2) == AUDIT_HASH)
            memcpy(last->chain, sqlite3_column_blob(rows, 2), AUDIT_HASH);
    }
    (void)sqlite3_reset(rows); /* it did not fail */
    return ERR_NONE;
}

static enum err remove_through(struct store *s, int64_t id, int64_t *out_n, struct fail *fail)
{
    sqlite3_stmt *remove;
    enum err err = db_write(s, DB_AUDIT_REMOVE, "DELETE FROM audit WHERE id <= ?1", &remove, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(remove, 1, id);
    err = db_run(s, remove, fail);
    *out_n = sqlite3_changes(s->db);
    return err;
}

enum err store_audit_prune(struct store *s, int64_t before_ms, int64_t max, int64_t now_ms,
                           int64_t *out_n, struct fail *fail)
{
    struct audit_head last = {0};
    struct audit_row row = {.at_ms = now_ms,
                            .kind = SPAN(AUDIT_PRUNING),
                            .actor = SPAN(AUDIT_ACTOR_ROSTER),
                            .operation = SPAN("prune"),
                            .outcome = SPAN("done")};
    int64_t first_ms = before_ms, n = 0;
    char detail[96];
    enum err err = find_last_old(s, before_ms, max, &last, &first_ms, fail);

    if (err != ERR_NONE)
        return err;
    if (last.id == 0 || first_ms > before_ms - DAY_MS) {
        *out_n = 0;
        return ERR_NONE;
    }
    audit_head_format(&last, detail);
    row.detail = span_of(detail);
    err = remove_through(s, last.id, &n, fail);
    if (err == ERR_NONE)
        err = audit_append(s, &row, fail);
    if (err == ERR_NONE)
        err = audit_note_put(s, AUDIT_NOTE_START, &last, fail);
    if (err == ERR_NONE)
        *out_n = n;
    return err;
}
