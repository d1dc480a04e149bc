#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "crypt/digest.h"
#include "store/audit_private.h"

enum { WHAT_LIMIT = 512 };

struct verification {
    struct store *store;
    const struct audit_head *anchor;
    void (*found)(void *arg, int64_t id, const char *what);
    void *arg;
    struct audit_verdict verdict;
    struct arena arena; /* of the whole: redactions */
    struct redaction {
        int64_t id;
        struct span ranges;
    } * redactions;
    size_t n_redactions;
    struct audit_head before; /* the row before the one that is read */
    bool has_pruning;
    struct audit_head pruning; /* what the newest row about a pruning says */
};

static void __attribute__((format(printf, 3, 4)))
find(struct verification *v, int64_t id, const char *format, ...)
{
    char what[WHAT_LIMIT];
    va_list args;

    v->verdict.findings++;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (v->found != NULL)
        v->found(v->arg, id, what);
}

/* ---- the notes ---- */

static enum err read_note(struct verification *v, const char *note, const char *what,
                          struct audit_head *out, struct fail *fail)
{
    struct fail why;
    enum err err = audit_note_get(v->store, note, out, &why);

    if (err == ERR_INPUT) {
        find(v, 0, "the note about %s is missing or was changed", what);
        return ERR_NONE;
    }
    if (err != ERR_NONE && fail != NULL)
        *fail = why;
    return err;
}

/* ---- redactions ---- */

static enum err read_redactions(struct verification *v, struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has_row = true;
    enum err err = db_read(v->store, DB_AUDIT_REDACTIONS,
                           "SELECT id, detail FROM audit WHERE kind = ?1 ORDER BY id", &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, SPAN(AUDIT_REDACTION));
    for (;;) {
        err = db_next(v->store, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            return err;
        v->redactions = db_more(&v->arena, v->redactions, v->n_redactions, sizeof(*v->redactions));
        v->redactions[v->n_redactions++] = (struct redaction){
            .id = sqlite3_column_int64(rows, 0), .ranges = db_text(rows, 1, &v->arena)};
    }
}

static bool is_redacted(const struct verification *v, int64_t id)
{
    for (size_t i = 0; i < v->n_redactions; i++)
        if (v->redactions[i].id > id && audit_ranges_have(v->redactions[i].ranges, id))
            return true;
    return false;
}

/* ---- rows ---- */

static void check_personal(struct verification *v, const struct audit_row *row)
{
    uint8_t digest[AUDIT_HASH];

    if (!row->is_redacted) {
        audit_personal(row, digest);
        if (memcmp(digest, row->personal, AUDIT_HASH) != 0)
            find(v, row->id, "what it says of the person was changed");
        return;
    }
    v->verdict.redacted++;
    if (row->user_id.n + row->user.n + row->text.n + row->before.n + row->after.n > 0)
        find(v, row->id, "what it said of the person was erased, and something written instead");
    if (!is_redacted(v, row->id))
        find(v, row->id, "what it said of the person was erased, and no redaction says so");
}

static void check_chain(struct verification *v, const struct audit_row *row)
{
    uint8_t chain[AUDIT_HASH];

    if (row->id != v->before.id + 1) {
        /* What comes behind a gap cannot be compared with what stood before it. */
        if (row->id == v->before.id + 2)
            find(v, v->before.id + 1, "it is missing");
        else
            find(v, v->before.id + 1, "it and all up to %" PRId64 " are missing", row->id - 1);
        return;
    }
    audit_chain(v->before.chain, row, chain);
    if (memcmp(chain, row->chain, AUDIT_HASH) != 0)
        find(v, row->id, "it, or the chain before it, was changed");
}

static void check_anchor(struct verification *v, const struct audit_row *row)
{
    if (v->anchor == NULL || v->anchor->id != row->id)
        return;
    if (memcmp(v->anchor->chain, row->chain, AUDIT_HASH) != 0)
        find(v, row->id, "it, or something before it, was changed after that head was noted");
}

static void check_row(struct verification *v, const struct audit_row *row, bool is_whole)
{
    if (is_whole)
        check_personal(v, row);
    else
        find(v, row->id, "a hash or the salt was changed");
    check_chain(v, row);
    check_anchor(v, row);
    if (span_eq(row->kind, SPAN(AUDIT_PRUNING)))
        v->has_pruning = audit_head_parse(row->detail, &v->pruning);
    v->verdict.rows++;
    v->before.id = row->id;
    memcpy(v->before.chain, row->chain, AUDIT_HASH);
}

static enum err check_rows(struct verification *v, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err = db_read(v->store, DB_AUDIT_ALL,
                           "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY id", &rows, fail);

    while (err == ERR_NONE) {
        struct arena a = {0};
        struct audit_row row;
        bool has_row, is_whole;

        err = db_next(v->store, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            return err;
        is_whole = audit_read_row(rows, &a, &row);
        check_row(v, &row, is_whole);
        arena_done(&a);
    }
    return err;
}

/* ---- the ends ---- */

static bool is_same(const struct audit_head *a, const struct audit_head *b)
{
    return a->id == b->id && memcmp(a->chain, b->chain, AUDIT_HASH) == 0;
}

static void check_ends(struct verification *v)
{
    const struct audit_head *head = &v->verdict.head, *start = &v->verdict.start;

    if (head->id > v->before.id)
        find(v, head->id, "the end was cut off behind %" PRId64, v->before.id);
    else if (!is_same(head, &v->before))
        find(v, v->before.id, "the note about the end says something else than the last row");
    if (start->id > 0 && (!v->has_pruning || !is_same(start, &v->pruning)))
        find(v, start->id, "the beginning was cut off here, and no pruning says so");
    if (start->id == 0 && v->has_pruning)
        find(v, 0, "a pruning took the beginning off, and it is there");
    if (v->anchor != NULL && v->anchor->id > v->before.id)
        find(v, v->anchor->id, "the end was cut off: the head that was noted is not there");
}

/* Whether the indexes say the same as the rows:
 * https://sqlite.org/pragma.html#pragma_integrity_check
 */
static enum err check_table(struct verification *v, struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has_row = false;
    enum err err =
        db_read(v->store, DB_AUDIT_INTEGRITY, "PRAGMA integrity_check(audit)", &rows, fail);

    if (err == ERR_NONE)
        err = db_next(v->store, rows, &has_row, fail);
    if (err != ERR_NONE || !has_row)
        return err;
    if (!span_eq(db_text(rows, 0, &v->arena), SPAN("ok")))
        find(v, 0, "the file is damaged: %s", (const char *)sqlite3_column_text(rows, 0));
    (void)sqlite3_reset(rows); /* it did not fail */
    return ERR_NONE;
}

static enum err verify(struct verification *v, struct fail *fail)
{
    enum err err = check_table(v, fail);

    if (err == ERR_NONE)
        err = read_note(v, AUDIT_NOTE_HEAD, "the end", &v->verdict.head, fail);
    if (err == ERR_NONE)
        err = read_note(v, AUDIT_NOTE_START, "the beginning", &v->verdict.start, fail);
    if (err == ERR_NONE)
        err = read_redactions(v, fail);
    v->before = v->verdict.start;
    if (err == ERR_NONE)
        err = check_rows(v, fail);
    if (err == ERR_NONE)
        check_ends(v);
    return err;
}

enum err store_audit_verify(struct store *s, const struct audit_head *anchor,
                            void (*found)(void *arg, int64_t id, const char *what), void *arg,
                            struct audit_verdict *out, struct fail *fail)
{
    struct verification v = {.store = s, .anchor = anchor, .found = found, .arg = arg};
    enum err err = db_exec(s, "BEGIN", fail); /* one instant for all that is read */

    if (err != ERR_NONE)
        return err;
    err = verify(&v, fail);
    (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
    arena_done(&v.arena);
    if (err == ERR_NONE)
        *out = v.verdict;
    return err;
}
