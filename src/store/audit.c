#include "store/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "crypt/digest.h"
#include "store/audit_private.h"

/* ---- heads ---- */

void audit_head_format(const struct audit_head *head, char out[static 96])
{
    char hex[AUDIT_HEX + 1] = {0};

    hex_encode(head->chain, AUDIT_HASH, hex);
    (void)snprintf(out, 96, "%" PRId64 " %s", head->id, hex);
}

static bool read_nibble(char c, unsigned *out)
{
    if (c >= '0' && c <= '9')
        *out = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *out = (unsigned)(c - 'a') + 10;
    else
        return false;
    return true;
}

bool audit_head_parse(struct span text, struct audit_head *out)
{
    struct audit_head head = {0};
    size_t n = 0;

    for (; n < text.n && n < 18 && text.p[n] >= '0' && text.p[n] <= '9'; n++)
        head.id = 10 * head.id + (text.p[n] - '0');
    if (n == 0 || n + 1 + AUDIT_HEX != text.n || (text.p[n] != ' ' && text.p[n] != ':'))
        return false;
    for (size_t i = 0; i < AUDIT_HASH; i++) {
        unsigned high, low;

        if (!read_nibble(text.p[n + 1 + 2 * i], &high) || !read_nibble(text.p[n + 2 + 2 * i], &low))
            return false;
        head.chain[i] = (uint8_t)(high << 4 | low);
    }
    *out = head;
    return true;
}

enum err audit_note_get(struct store *s, const char *note, struct audit_head *out,
                        struct fail *fail)
{
    struct arena a = {0};
    struct span text;
    enum err err = store_note_get(s, &a, note, &text, fail);

    if (err == ERR_NONE && !audit_head_parse(text, out))
        err = fail_set(fail, ERR_INPUT,
                       "the note '%s' of the store %s was changed by somebody else; "
                       "'roster audit verify' tells more",
                       note, s->file);
    arena_done(&a);
    return err;
}

enum err audit_note_put(struct store *s, const char *note, const struct audit_head *head,
                        struct fail *fail)
{
    char text[96];

    audit_head_format(head, text);
    return store_note_put(s, note, span_of(text), fail);
}

enum err store_audit_head(struct store *s, struct audit_head *out, struct fail *fail)
{
    return audit_note_get(s, AUDIT_NOTE_HEAD, out, fail);
}

/* ---- writing ---- */

static struct span cut(struct span text)
{
    return (struct span){text.p, text.n < AUDIT_FIELD_LIMIT ? text.n : AUDIT_FIELD_LIMIT};
}

static void bind_bytes(sqlite3_stmt *add, int i, const uint8_t *bytes, int n)
{
    (void)sqlite3_bind_blob(add, i, bytes, n, SQLITE_STATIC); /* as db_bind_text */
}

static enum err insert(struct store *s, const struct audit_row *row, struct fail *fail)
{
    sqlite3_stmt *add;
    enum err err = db_write(s, DB_AUDIT_ADD,
                            "INSERT INTO audit (" AUDIT_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                            " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
                            " ?21, ?22)",
                            &add, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(add, 1, row->id);
    db_bind_int(add, 2, row->at_ms);
    db_bind_text(add, 3, row->kind);
    db_bind_text(add, 4, row->actor);
    db_bind_int(add, 5, row->step);
    db_bind_text(add, 6, row->source);
    db_bind_text(add, 7, row->instance);
    db_bind_text(add, 8, row->operation);
    db_bind_text(add, 9, row->cause);
    db_bind_text(add, 10, row->outcome);
    db_bind_int(add, 11, row->status);
    db_bind_text(add, 12, row->code);
    db_bind_text(add, 13, row->request_id);
    db_bind_text(add, 14, row->detail);
    bind_bytes(add, 15, row->personal, AUDIT_HASH);
    bind_bytes(add, 16, row->chain, AUDIT_HASH);
    bind_bytes(add, 17, row->salt, AUDIT_SALT);
    db_bind_text(add, 18, row->user_id);
    db_bind_text(add, 19, row->user);
    db_bind_text(add, 20, row->text);
    db_bind_text(add, 21, row->before);
    db_bind_text(add, 22, row->after);
    return db_run(s, add, fail);
}

static void cut_texts(struct audit_row *row)
{
    struct span *const texts[] = {&row->kind,       &row->actor,  &row->source,  &row->instance,
                                  &row->operation,  &row->cause,  &row->outcome, &row->code,
                                  &row->request_id, &row->detail, &row->user_id, &row->user,
                                  &row->text,       &row->before, &row->after};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = cut(*texts[i]);
}

enum err audit_append(struct store *s, struct audit_row *row, struct fail *fail)
{
    struct audit_head head = {0};
    enum err err = store_audit_head(s, &head, fail);

    if (err != ERR_NONE)
        return err;
    cut_texts(row);
    row->id = head.id + 1;
    random_bytes(row->salt, AUDIT_SALT);
    audit_personal(row, row->personal);
    audit_chain(head.chain, row, row->chain);
    err = insert(s, row, fail);
    if (err != ERR_NONE)
        return err;
    head.id = row->id;
    memcpy(head.chain, row->chain, AUDIT_HASH);
    return audit_note_put(s, AUDIT_NOTE_HEAD, &head, fail);
}

enum err store_audit_action(struct store *s, const struct audit_row *action, struct fail *fail)
{
    struct audit_row row = *action;

    row.kind = SPAN(AUDIT_ACTION);
    if (row.outcome.n == 0)
        row.outcome = SPAN("done");
    return audit_append(s, &row, fail);
}

/* As what people know them; empty when the store does not. */
static enum err read_label(struct store *s, struct arena *a, struct span source, struct span id,
                           struct span *out, struct fail *fail)
{
    sqlite3_stmt *find;
    bool has_row;
    enum err err = db_read(s, DB_PERSON_LABEL,
                           "SELECT CASE WHEN agent_user_name <> '' THEN agent_user_name"
                           " WHEN app_user_name <> '' THEN app_user_name ELSE login END"
                           " FROM person WHERE id = ?1 AND source = ?2",
                           &find, fail);

    *out = SPAN("");
    if (err != ERR_NONE || id.n == 0)
        return err;
    db_bind_text(find, 1, id);
    db_bind_text(find, 2, source);
    err = db_next(s, find, &has_row, fail);
    if (err != ERR_NONE || !has_row)
        return err;
    *out = db_text(find, 0, a);
    (void)sqlite3_reset(find); /* it did not fail */
    return ERR_NONE;
}

enum err audit_add_step(struct store *s, const struct step_record *step, struct fail *fail)
{
    struct audit_row row = {.at_ms = step->answered_ms,
                            .kind = SPAN(AUDIT_STEP),
                            .actor = SPAN(AUDIT_ACTOR_ROSTER),
                            .step = step->id,
                            .source = step->source,
                            .instance = step->instance,
                            .operation = step->operation,
                            .cause = step->cause,
                            .outcome = step->outcome,
                            .status = step->status,
                            .code = step->code,
                            .request_id = step->request_id,
                            .user_id = step->user_id,
                            .text = step->text,
                            .before = step->before,
                            .after = step->after};
    struct arena a = {0};
    enum err err = read_label(s, &a, step->source, step->user_id, &row.user, fail);

    if (err == ERR_NONE)
        err = audit_append(s, &row, fail);
    arena_done(&a);
    return err;
}

/* ---- reading ---- */

static bool read_bytes(sqlite3_stmt *rows, int i, uint8_t *out, size_t n)
{
    const void *bytes = sqlite3_column_blob(rows, i);

    if (bytes == NULL || (size_t)sqlite3_column_bytes(rows, i) != n)
        return false;
    memcpy(out, bytes, n);
    return true;
}

bool audit_read_row(sqlite3_stmt *rows, struct arena *a, struct audit_row *out)
{
    bool is_whole = true;

    *out = (struct audit_row){.id = sqlite3_column_int64(rows, 0),
                              .at_ms = sqlite3_column_int64(rows, 1),
                              .kind = db_text(rows, 2, a),
                              .actor = db_text(rows, 3, a),
                              .step = sqlite3_column_int64(rows, 4),
                              .source = db_text(rows, 5, a),
                              .instance = db_text(rows, 6, a),
                              .operation = db_text(rows, 7, a),
                              .cause = db_text(rows, 8, a),
                              .outcome = db_text(rows, 9, a),
                              .status = sqlite3_column_int64(rows, 10),
                              .code = db_text(rows, 11, a),
                              .request_id = db_text(rows, 12, a),
                              .detail = db_text(rows, 13, a),
                              .user_id = db_text(rows, 17, a),
                              .user = db_text(rows, 18, a),
                              .text = db_text(rows, 19, a),
                              .before = db_text(rows, 20, a),
                              .after = db_text(rows, 21, a)};
    out->is_redacted = sqlite3_column_bytes(rows, 16) == 0;
    is_whole = read_bytes(rows, 14, out->personal, AUDIT_HASH);
    is_whole = read_bytes(rows, 15, out->chain, AUDIT_HASH) && is_whole;
    return (out->is_redacted || read_bytes(rows, 16, out->salt, AUDIT_SALT)) && is_whole;
}

#define EACH_SQL(order)                                                                            \
    "SELECT " AUDIT_COLUMNS " FROM audit WHERE at_ms >= ?1 AND (?2 = 0 OR at_ms < ?2) ORDER BY "   \
    "id " order
#define EACH_OF_USER_SQL(order)                                                                    \
    "SELECT " AUDIT_COLUMNS " FROM audit WHERE user_id = ?3 AND user_id <> '' AND source = ?4"     \
    " AND at_ms >= ?1 AND (?2 = 0 OR at_ms < ?2) ORDER BY id " order

static enum err open_rows(struct store *s, const struct audit_ask *ask, sqlite3_stmt **out,
                          struct fail *fail)
{
    bool is_down = ask->is_newest_first;
    enum err err;

    if (ask->step != 0)
        err = db_read(s, DB_AUDIT_OF_STEP,
                      "SELECT " AUDIT_COLUMNS " FROM audit WHERE step = ?5 AND step <> 0"
                      " AND at_ms >= ?1 AND (?2 = 0 OR at_ms < ?2) ORDER BY id",
                      out, fail);
    else if (ask->user_id.n > 0)
        err = is_down ? db_read(s, DB_AUDIT_OF_USER_DOWN, EACH_OF_USER_SQL("DESC"), out, fail)
                      : db_read(s, DB_AUDIT_OF_USER, EACH_OF_USER_SQL("ASC"), out, fail);
    else
        err = is_down ? db_read(s, DB_AUDIT_EACH_DOWN, EACH_SQL("DESC"), out, fail)
                      : db_read(s, DB_AUDIT_EACH, EACH_SQL("ASC"), out, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(*out, 1, ask->since_ms);
    db_bind_int(*out, 2, ask->before_ms);
    if (ask->step != 0) {
        db_bind_int(*out, 5, ask->step);
    } else if (ask->user_id.n > 0) {
        db_bind_text(*out, 3, ask->user_id);
        db_bind_text(*out, 4, ask->source);
    }
    return ERR_NONE;
}

enum err store_audit_each(struct store *s, const struct audit_ask *ask,
                          bool (*fn)(void *arg, const struct audit_row *row), void *arg,
                          struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has_row = true, goes_on = true;
    enum err err = open_rows(s, ask, &rows, fail);

    while (err == ERR_NONE && goes_on) {
        struct arena a = {0};
        struct audit_row row;

        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            return err;
        (void)audit_read_row(rows, &a, &row); /* verifying tells what is wrong with it */
        goes_on = fn(arg, &row);
        arena_done(&a);
    }
    if (err == ERR_NONE)
        (void)sqlite3_reset(rows); /* it did not fail */
    return err;
}
