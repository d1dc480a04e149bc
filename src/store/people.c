#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "store/db.h"

/* The columns of a person besides source and id, in the order of the statements below. */
enum column_kind { COLUMN_INT, COLUMN_TEXT, COLUMN_BOOL, COLUMN_NUMBER /* an enum */ };

static const struct column {
    const char *name;
    size_t at; /* in struct person */
    enum column_kind kind;
} columns[] = {
    {"state", offsetof(struct person, state), COLUMN_NUMBER},
    {"may_adopt", offsetof(struct person, may_adopt), COLUMN_BOOL},
    {"due_ms", offsetof(struct person, due_ms), COLUMN_INT},
    {"due_since_ms", offsetof(struct person, due_since_ms), COLUMN_INT},
    {"since_ms", offsetof(struct person, since_ms), COLUMN_INT},
    {"attempts", offsetof(struct person, attempts), COLUMN_INT},
    {"login", offsetof(struct person, login), COLUMN_TEXT},
    {"display_name", offsetof(struct person, display_name), COLUMN_TEXT},
    {"display_name_ns", offsetof(struct person, display_name_ns), COLUMN_INT},
    {"facts_ns", offsetof(struct person, facts_ns), COLUMN_INT},
    {"app_user_name", offsetof(struct person, app_user_name), COLUMN_TEXT},
    {"app_user_name_ns", offsetof(struct person, app_user_name_ns), COLUMN_INT},
    {"reason_code", offsetof(struct person, reason_code), COLUMN_TEXT},
    {"reason", offsetof(struct person, reason), COLUMN_TEXT},
    {"cause", offsetof(struct person, cause), COLUMN_TEXT},
    {"create_sent_ms", offsetof(struct person, create_sent_ms), COLUMN_INT},
    {"create_sent_name", offsetof(struct person, create_sent_name), COLUMN_TEXT},
    {"name_taken_ms", offsetof(struct person, name_taken_ms), COLUMN_INT},
    {"agent_id", offsetof(struct person, agent_id), COLUMN_TEXT},
    {"agent_arn", offsetof(struct person, agent_arn), COLUMN_TEXT},
    {"agent_user_name", offsetof(struct person, agent_user_name), COLUMN_TEXT},
    {"agent_since_ms", offsetof(struct person, agent_since_ms), COLUMN_INT},
    {"priority", offsetof(struct person, priority), COLUMN_INT},
    {"needs_gate", offsetof(struct person, needs_gate), COLUMN_BOOL},
    {"removal", offsetof(struct person, removal), COLUMN_NUMBER},
    {"passed_changes", offsetof(struct person, passed_changes), COLUMN_BOOL},
    {"left_ms", offsetof(struct person, left_ms), COLUMN_INT},
    {"contact_since_ms", offsetof(struct person, contact_since_ms), COLUMN_INT},
    {"delete_sent_ms", offsetof(struct person, delete_sent_ms), COLUMN_INT},
    {"agent_deleted_ms", offsetof(struct person, agent_deleted_ms), COLUMN_INT},
    {"judged_n", offsetof(struct person, judged_n), COLUMN_INT},
    {"read_ms", offsetof(struct person, read_ms), COLUMN_INT},
    {"applied_ms", offsetof(struct person, applied_ms), COLUMN_INT},
    {"in_doubt", offsetof(struct person, in_doubt), COLUMN_INT},
    {"status", offsetof(struct person, status), COLUMN_TEXT},
    {"left_why", offsetof(struct person, left_why), COLUMN_TEXT},
    {"old_agent_id", offsetof(struct person, old_agent_id), COLUMN_TEXT},
    {"old_agent_arn", offsetof(struct person, old_agent_arn), COLUMN_TEXT},
    {"old_agent_name", offsetof(struct person, old_agent_name), COLUMN_TEXT},
    {"old_agent_parked", offsetof(struct person, old_agent_parked), COLUMN_INT},
    {"profile", offsetof(struct person, profile), COLUMN_TEXT},
    {"create_sent", offsetof(struct person, create_sent), COLUMN_TEXT},
    {"applied", offsetof(struct person, applied), COLUMN_TEXT},
    {"before_removal", offsetof(struct person, before_removal), COLUMN_TEXT},
    {"restore", offsetof(struct person, restore), COLUMN_TEXT},
};

static_assert(sizeof(enum person_state) == sizeof(int) && sizeof(enum removal) == sizeof(int),
              "enums are kept as int");

enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]), SQL_LIMIT = 4096 };

/* "SELECT source, id, …, … FROM person " and rest. */
static enum err read_columns(struct store *s, enum db_slot slot, const char *rest,
                             sqlite3_stmt **out, struct fail *fail)
{
    struct buf sql;
    enum err err;

    if (s->statements[slot] != NULL)
        return db_read(s, slot, "", out, fail);
    buf_init(&sql, SQL_LIMIT);
    buf_add_str(&sql, "SELECT source, id");
    for (size_t i = 0; i < N_COLUMNS; i++)
        buf_printf(&sql, ", %s", columns[i].name);
    buf_printf(&sql, " FROM person %s", rest);
    err = db_read(s, slot, sql.p, out, fail);
    buf_done(&sql);
    return err;
}

static void read_column(sqlite3_stmt *row, int i, struct arena *a, const struct column *column,
                        char *at)
{
    int64_t number = column->kind == COLUMN_TEXT ? 0 : sqlite3_column_int64(row, i);

    switch (column->kind) {
    case COLUMN_TEXT:
        *(struct span *)(void *)at = db_text(row, i, a);
        break;
    case COLUMN_INT:
        *(int64_t *)(void *)at = number;
        break;
    case COLUMN_BOOL:
        *(bool *)(void *)at = number != 0;
        break;
    case COLUMN_NUMBER:
        *(int *)(void *)at = (int)number;
        break;
    }
}

static void read_person(sqlite3_stmt *row, struct arena *a, struct person *out)
{
    *out = (struct person){.source = db_text(row, 0, a), .id = db_text(row, 1, a)};
    for (int i = 0; i < N_COLUMNS; i++)
        read_column(row, i + 2, a, &columns[i], (char *)out + columns[i].at);
}

static void bind_column(sqlite3_stmt *put, int i, const struct column *column, const char *at)
{
    switch (column->kind) {
    case COLUMN_TEXT:
        db_bind_text(put, i, *(const struct span *)(const void *)at);
        break;
    case COLUMN_INT:
        db_bind_int(put, i, *(const int64_t *)(const void *)at);
        break;
    case COLUMN_BOOL:
        db_bind_int(put, i, *(const bool *)(const void *)at);
        break;
    case COLUMN_NUMBER:
        db_bind_int(put, i, *(const int *)(const void *)at);
        break;
    }
}

/* ---- one person ---- */

enum err store_person_get(struct store *s, struct arena *a, struct span source, struct span id,
                          struct person *out, struct fail *fail)
{
    sqlite3_stmt *get;
    int64_t number = 0;
    bool has_row = false;
    enum err err = db_person_number(s, source, id, &number, fail);

    if (err != ERR_NONE)
        return err;
    if (number != 0 && !(s->memo.is_mention && db_memo_is_about(&s->memo, source, id))) {
        err = read_columns(s, DB_PERSON_GET, "WHERE number = ?1 AND state IS NOT NULL", &get, fail);
        if (err != ERR_NONE)
            return err;
        db_bind_int(get, 1, number);
        err = db_next(s, get, &has_row, fail);
        if (err != ERR_NONE)
            return err;
    }
    if (!has_row)
        return fail_set(fail, ERR_NOT_FOUND, "%.*s is not known", SPAN_ARG(id));
    read_person(get, a, out);
    (void)sqlite3_reset(get); /* it did not fail */
    return ERR_NONE;
}

static enum err put_statement(struct store *s, sqlite3_stmt **out, struct fail *fail)
{
    struct buf sql;
    enum err err;

    if (s->statements[DB_PERSON_PUT] != NULL)
        return db_write(s, DB_PERSON_PUT, "", out, fail);
    buf_init(&sql, SQL_LIMIT);
    buf_add_str(&sql, "UPDATE person SET");
    for (size_t i = 0; i < N_COLUMNS; i++)
        buf_printf(&sql, "%s %s = ?%zu", i == 0 ? "" : ",", columns[i].name, i + 2);
    buf_add_str(&sql, " WHERE number = ?1");
    err = db_write(s, DB_PERSON_PUT, sql.p, out, fail);
    buf_done(&sql);
    return err;
}

static enum err add_statement(struct store *s, sqlite3_stmt **out, struct fail *fail)
{
    struct buf sql;
    enum err err;

    if (s->statements[DB_PERSON_ADD] != NULL)
        return db_write(s, DB_PERSON_ADD, "", out, fail);
    buf_init(&sql, SQL_LIMIT);
    buf_add_str(&sql, "INSERT INTO person (id");
    for (size_t i = 0; i < N_COLUMNS; i++)
        buf_printf(&sql, ", %s", columns[i].name);
    buf_add_str(&sql, ", source) VALUES (?1");
    for (size_t i = 0; i <= N_COLUMNS; i++)
        buf_printf(&sql, ", ?%zu", i + 2);
    buf_add_str(&sql, ")");
    err = db_write(s, DB_PERSON_ADD, sql.p, out, fail);
    buf_done(&sql);
    return err;
}

static void bind_columns(sqlite3_stmt *put, const struct person *p)
{
    for (int i = 0; i < N_COLUMNS; i++)
        bind_column(put, i + 2, &columns[i], (const char *)p + columns[i].at);
}

static enum err add_person(struct store *s, const struct person *p, struct fail *fail)
{
    sqlite3_stmt *add;
    enum err err = add_statement(s, &add, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(add, 1, p->id);
    bind_columns(add, p);
    db_bind_text(add, N_COLUMNS + 2, p->source);
    err = db_run(s, add, fail);
    if (err == ERR_NONE)
        db_memo_set(s, p->source, p->id, sqlite3_last_insert_rowid(s->db));
    return err;
}

enum err store_person_put(struct store *s, const struct person *p, struct fail *fail)
{
    sqlite3_stmt *put;
    int64_t number;
    enum err err = db_person_number(s, p->source, p->id, &number, fail);

    if (err != ERR_NONE)
        return err;
    if (number == 0)
        return add_person(s, p, fail);
    err = put_statement(s, &put, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(put, 1, number);
    bind_columns(put, p);
    s->memo.is_mention = false;
    return db_run(s, put, fail);
}

static enum err remove_where(struct store *s, enum db_slot slot, const char *sql, int64_t number,
                             struct fail *fail)
{
    sqlite3_stmt *remove;
    enum err err = db_write(s, slot, sql, &remove, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(remove, 1, number);
    return db_run(s, remove, fail);
}

enum err store_person_remove(struct store *s, struct span source, struct span id, struct fail *fail)
{
    int64_t number;
    enum err err = db_person_number(s, source, id, &number, fail);

    if (err != ERR_NONE || number == 0)
        return err;
    s->memo.is_set = false;
    /* The next one may get its number. */
    err = remove_where(s, DB_MEMBERSHIPS_REMOVE, "DELETE FROM membership WHERE person = ?1", number,
                       fail);
    return err != ERR_NONE ? err
                           : remove_where(s, DB_PERSON_REMOVE,
                                          "DELETE FROM person WHERE number = ?1", number, fail);
}

/* ---- many people ---- */

static void read_one(sqlite3_stmt *row, struct arena *a, void *item)
{
    read_person(row, a, item);
}

static enum err read_people(struct store *s, sqlite3_stmt *rows, struct arena *a,
                            struct person **out, size_t *out_n, struct fail *fail)
{
    void *items = NULL;
    enum err err = db_list(s, rows, a, sizeof(**out), read_one, &items, out_n, fail);

    if (err == ERR_NONE)
        *out = items;
    return err;
}

enum err store_people_due(struct store *s, struct arena *a, int64_t now_ms, int64_t priority,
                          size_t skip, size_t max, struct person **out, size_t *out_n,
                          struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err = read_columns(s, DB_PEOPLE_DUE,
                                "WHERE state = ?1 AND needs_gate = 0 AND priority = ?5 AND due_ms"
                                " <= ?2 ORDER BY due_ms, due_since_ms, number LIMIT ?3 OFFSET ?4",
                                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, PERSON_DUE);
    db_bind_int(rows, 2, now_ms);
    db_bind_int(rows, 3, (int64_t)max);
    db_bind_int(rows, 4, (int64_t)skip);
    db_bind_int(rows, 5, priority);
    return read_people(s, rows, a, out, out_n, fail);
}

enum err store_people_due_for(struct store *s, struct arena *a, struct span cause, int64_t now_ms,
                              int64_t priority, size_t skip, size_t max, struct person **out,
                              size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err = read_columns(s, DB_PEOPLE_DUE_FOR,
                                "WHERE state = ?1 AND needs_gate = 0 AND priority = ?5 AND due_ms"
                                " <= ?2 AND cause = ?6"
                                " ORDER BY due_ms, due_since_ms, number LIMIT ?3 OFFSET ?4",
                                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, PERSON_DUE);
    db_bind_int(rows, 2, now_ms);
    db_bind_int(rows, 3, (int64_t)max);
    db_bind_int(rows, 4, (int64_t)skip);
    db_bind_int(rows, 5, priority);
    db_bind_text(rows, 6, cause);
    return read_people(s, rows, a, out, out_n, fail);
}

enum err store_next_due_for(struct store *s, struct span cause, int64_t *out_ms, struct fail *fail)
{
    sqlite3_stmt *next;
    bool has_row;
    enum err err = db_read(s, DB_NEXT_DUE_FOR,
                           "SELECT min(due_ms) FROM person WHERE state = ?1 AND needs_gate = 0"
                           " AND cause = ?2",
                           &next, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(next, 1, PERSON_DUE);
    db_bind_text(next, 2, cause);
    err = db_next(s, next, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out_ms = !has_row || sqlite3_column_type(next, 0) == SQLITE_NULL
                  ? INT64_MAX
                  : sqlite3_column_int64(next, 0);
    (void)sqlite3_reset(next); /* it did not fail */
    return ERR_NONE;
}

enum err store_next_due(struct store *s, int64_t *out_ms, struct fail *fail)
{
    sqlite3_stmt *next;
    bool has_row;
    enum err err = ERR_NONE;

    *out_ms = INT64_MAX;
    for (int64_t priority = 0; err == ERR_NONE && priority < PERSON_PRIORITIES; priority++) {
        err = db_read(s, DB_NEXT_DUE,
                      "SELECT due_ms FROM person WHERE state = ?1 AND needs_gate = 0"
                      " AND priority = ?2 ORDER BY due_ms LIMIT 1",
                      &next, fail);
        if (err != ERR_NONE)
            break;
        db_bind_int(next, 1, PERSON_DUE);
        db_bind_int(next, 2, priority);
        err = db_next(s, next, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            continue;
        if (sqlite3_column_int64(next, 0) < *out_ms)
            *out_ms = sqlite3_column_int64(next, 0);
        (void)sqlite3_reset(next); /* it did not fail */
    }
    return err;
}

enum err store_people_each(struct store *s, enum person_state state,
                           bool (*fn)(void *arg, const struct person *p), void *arg,
                           struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has_row = true, goes_on = true;
    enum err err = read_columns(s, DB_PEOPLE_EACH,
                                "WHERE state IS NOT NULL AND (?1 = ?2 OR state = ?1)"
                                " ORDER BY login, source, id",
                                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, state);
    db_bind_int(rows, 2, PERSON_STATES);
    while (goes_on) {
        struct arena a = {0};
        struct person p;

        err = db_next(s, rows, &has_row, fail);
        if (err != ERR_NONE || !has_row)
            return err;
        read_person(rows, &a, &p);
        goes_on = fn(arg, &p);
        arena_done(&a);
    }
    (void)sqlite3_reset(rows); /* it did not fail */
    return ERR_NONE;
}

enum err store_people_page(struct store *s, struct arena *a, struct span source, struct span after,
                           size_t max, struct person **out, size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err = read_columns(s, DB_PEOPLE_PAGE,
                                "WHERE id > ?2 AND source = ?1 AND state IS NOT NULL"
                                " ORDER BY id LIMIT ?3",
                                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, source);
    db_bind_text(rows, 2, after);
    db_bind_int(rows, 3, (int64_t)max);
    return read_people(s, rows, a, out, out_n, fail);
}

enum err store_people_find(struct store *s, struct arena *a, struct span word, struct person **out,
                           size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err =
        read_columns(s, DB_PEOPLE_FIND,
                     "WHERE state IS NOT NULL AND ?1 <> '' AND (id = ?1"
                     " OR login = ?1 COLLATE NOCASE OR app_user_name = ?1 COLLATE NOCASE"
                     " OR agent_user_name = ?1 COLLATE NOCASE) ORDER BY login, source, id",
                     &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, word);
    return read_people(s, rows, a, out, out_n, fail);
}

enum err store_people_make_due_for(struct store *s, enum person_state state,
                                   struct span reason_code, int64_t now_ms, struct span cause,
                                   int64_t *out_n, struct fail *fail)
{
    sqlite3_stmt *make;
    enum err err = db_write(
        s, DB_PEOPLE_MAKE_DUE,
        "UPDATE person SET due_since_ms = CASE WHEN state = ?2 AND due_since_ms > 0"
        " THEN due_since_ms ELSE ?3 END, since_ms = CASE WHEN state = ?2 THEN since_ms ELSE ?3 END,"
        " state = ?2, due_ms = ?3, attempts = 0, needs_gate = 0, cause = ?4, reason_code = '',"
        " reason = '', judged_n = judged_n + 1"
        " WHERE state = ?1 AND removal <> ?5 AND (?6 = '' OR reason_code = ?6)",
        &make, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(make, 1, state);
    db_bind_int(make, 2, PERSON_DUE);
    db_bind_int(make, 3, now_ms);
    db_bind_text(make, 4, cause);
    db_bind_int(make, 5, REMOVAL_HELD);
    db_bind_text(make, 6, reason_code);
    s->memo.is_set = false;
    err = db_run(s, make, fail);
    if (err == ERR_NONE)
        *out_n = sqlite3_changes64(s->db);
    return err;
}

enum err store_people_make_due(struct store *s, enum person_state state, int64_t now_ms,
                               struct span cause, int64_t *out_n, struct fail *fail)
{
    return store_people_make_due_for(s, state, SPAN(""), now_ms, cause, out_n, fail);
}

enum err store_people_by_reason(struct store *s, struct arena *a, enum person_state state,
                                struct span reason_code, size_t max, struct person **out,
                                size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err =
        read_columns(s, DB_PEOPLE_BY_REASON,
                     "WHERE state = ?1 AND reason_code = ?2 ORDER BY number LIMIT ?3", &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, state);
    db_bind_text(rows, 2, reason_code);
    db_bind_int(rows, 3, (int64_t)max);
    return read_people(s, rows, a, out, out_n, fail);
}

/* ---- gates ---- */

enum err store_gate_waiting(struct store *s, struct arena *a, bool is_removal, size_t max,
                            struct person **out, size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err = read_columns(s, DB_GATE_WAITING,
                                "WHERE state = ?1 AND needs_gate = 1 AND (removal = ?2) = ?3"
                                " ORDER BY due_since_ms, number LIMIT ?4",
                                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, PERSON_DUE);
    db_bind_int(rows, 2, REMOVAL_WAITS);
    db_bind_int(rows, 3, is_removal);
    db_bind_int(rows, 4, (int64_t)max);
    return read_people(s, rows, a, out, out_n, fail);
}

enum err store_person_of_name(struct store *s, struct arena *a, struct span source,
                              struct span user_name, struct span but_user_id, struct person *out,
                              struct fail *fail)
{
    sqlite3_stmt *row;
    bool has_row;
    enum err err = read_columns(s, DB_PERSON_OF_NAME,
                                "WHERE agent_user_name = ?1 AND agent_user_name <> ''"
                                " AND NOT (id = ?2 AND source = ?3)"
                                " AND source <> '" SOURCE_IMPORT
                                "' AND state IS NOT NULL ORDER BY number LIMIT 1",
                                &row, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, user_name);
    db_bind_text(row, 2, but_user_id);
    db_bind_text(row, 3, source);
    err = db_next(s, row, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    if (!has_row)
        return fail_set(fail, ERR_NOT_FOUND, "nobody else has the user name '%.*s'",
                        SPAN_ARG(user_name));
    read_person(row, a, out);
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

enum err store_managed_count(struct store *s, int64_t *out_n, struct fail *fail)
{
    sqlite3_stmt *row;
    bool has_row;
    enum err err = db_read(s, DB_MANAGED_COUNT,
                           "SELECT count(*) FROM person WHERE agent_user_name <> ''", &row, fail);

    if (err == ERR_NONE)
        err = db_next(s, row, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out_n = has_row ? sqlite3_column_int64(row, 0) : 0;
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}
