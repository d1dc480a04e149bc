#include <stddef.h>
#include <string.h>

#include "store/db.h"

/* The columns that are read and written as they are, in the order of the statements below. state,
 * may_adopt, source and id stand before them. */
static const struct column {
    size_t at; /* in struct person */
    bool is_text;
} columns[] = {
    {offsetof(struct person, due_ms), false},
    {offsetof(struct person, due_since_ms), false},
    {offsetof(struct person, since_ms), false},
    {offsetof(struct person, attempts), false},
    {offsetof(struct person, login), true},
    {offsetof(struct person, display_name), true},
    {offsetof(struct person, facts_ns), false},
    {offsetof(struct person, app_user_name), true},
    {offsetof(struct person, app_user_name_ns), false},
    {offsetof(struct person, reason_code), true},
    {offsetof(struct person, reason), true},
    {offsetof(struct person, cause), true},
    {offsetof(struct person, create_sent_ms), false},
    {offsetof(struct person, create_sent_name), true},
    {offsetof(struct person, name_taken_ms), false},
    {offsetof(struct person, agent_id), true},
    {offsetof(struct person, agent_arn), true},
    {offsetof(struct person, agent_user_name), true},
    {offsetof(struct person, agent_since_ms), false},
};

#define SELECT_PERSON                                                                              \
    "SELECT state, may_adopt, source, id, due_ms, due_since_ms, since_ms, attempts, login,"        \
    " display_name, facts_ns, app_user_name, app_user_name_ns, reason_code, reason, cause,"        \
    " create_sent_ms, create_sent_name, name_taken_ms, agent_id, agent_arn, agent_user_name,"      \
    " agent_since_ms FROM person "

/* Where `columns` begin: in a row that SELECT_PERSON gives, and among the parameters of the
 * statements that write one. */
enum { FIRST_COLUMN = 4, FIRST_PARAMETER = 4, N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void read_person(sqlite3_stmt *row, struct arena *a, struct person *out)
{
    *out = (struct person){.state = (enum person_state)sqlite3_column_int(row, 0),
                           .may_adopt = sqlite3_column_int(row, 1) != 0,
                           .source = db_text(row, 2, a),
                           .id = db_text(row, 3, a)};
    for (int i = 0; i < N_COLUMNS; i++) {
        char *at = (char *)out + columns[i].at;

        if (columns[i].is_text) {
            struct span text = db_text(row, FIRST_COLUMN + i, a);

            memcpy(at, &text, sizeof(text));
        } else {
            int64_t number = sqlite3_column_int64(row, FIRST_COLUMN + i);

            memcpy(at, &number, sizeof(number));
        }
    }
}

/* ---- numbers ---- */

static bool memo_is_about(const struct db_memo *memo, struct span source, struct span id)
{
    return memo->is_set && memo->id_n == id.n && memo->source_n == source.n &&
           memcmp(memo->id, id.p, id.n) == 0 && memcmp(memo->source, source.p, source.n) == 0;
}

static void memo_set(struct store *s, struct span source, struct span id, int64_t number)
{
    struct db_memo *memo = &s->memo;

    /* Without the write lock another process may make the row a moment later. */
    memo->is_set =
        s->in_transaction && source.n > 0 && source.n <= MEMO_TEXT && id.n > 0 && id.n <= MEMO_TEXT;
    if (!memo->is_set)
        return;
    memcpy(memo->source, source.p, source.n);
    memcpy(memo->id, id.p, id.n);
    memo->source_n = source.n;
    memo->id_n = id.n;
    memo->number = number;
    memo->is_mention = false;
}

enum err db_person_number(struct store *s, struct span source, struct span id, int64_t *out,
                          struct fail *fail)
{
    sqlite3_stmt *find;
    bool has_row;
    enum err err;

    if (memo_is_about(&s->memo, source, id)) {
        *out = s->memo.number;
        return ERR_NONE;
    }
    err = db_read(s, DB_PERSON_NUMBER, "SELECT number FROM person WHERE id = ?1 AND source = ?2",
                  &find, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(find, 1, id);
    db_bind_text(find, 2, source);
    err = db_next(s, find, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out = 0;
    if (has_row) {
        *out = sqlite3_column_int64(find, 0);
        (void)sqlite3_reset(find); /* it did not fail */
    }
    memo_set(s, source, id, *out);
    return ERR_NONE;
}

enum err db_person_mention(struct store *s, struct span source, struct span id, int64_t *out,
                           struct fail *fail)
{
    sqlite3_stmt *add;
    enum err err = db_person_number(s, source, id, out, fail);

    if (err != ERR_NONE || *out != 0)
        return err;
    err = db_write(s, DB_PERSON_MENTION, "INSERT INTO person (id, source) VALUES (?1, ?2)", &add,
                   fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(add, 1, id);
    db_bind_text(add, 2, source);
    err = db_run(s, add, fail);
    if (err != ERR_NONE)
        return err;
    *out = sqlite3_last_insert_rowid(s->db);
    memo_set(s, source, id, *out);
    s->memo.is_mention = true;
    return ERR_NONE;
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
    if (number != 0 && !(s->memo.is_mention && memo_is_about(&s->memo, source, id))) {
        err = db_read(s, DB_PERSON_GET, SELECT_PERSON "WHERE number = ?1 AND state IS NOT NULL",
                      &get, fail);
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

/* Everything but id and source. */
static void bind_person(sqlite3_stmt *put, const struct person *p)
{
    db_bind_int(put, 1, p->state);
    db_bind_int(put, 2, p->may_adopt);
    for (int i = 0; i < N_COLUMNS; i++) {
        const char *at = (const char *)p + columns[i].at;

        if (columns[i].is_text) {
            struct span text;

            memcpy(&text, at, sizeof(text));
            db_bind_text(put, FIRST_PARAMETER + i, text);
        } else {
            int64_t value;

            memcpy(&value, at, sizeof(value));
            db_bind_int(put, FIRST_PARAMETER + i, value);
        }
    }
}

static enum err add_person(struct store *s, const struct person *p, struct fail *fail)
{
    sqlite3_stmt *add;
    enum err err =
        db_write(s, DB_PERSON_ADD,
                 "INSERT INTO person (state, may_adopt, id, due_ms, due_since_ms, since_ms,"
                 " attempts, login, display_name, facts_ns, app_user_name, app_user_name_ns,"
                 " reason_code, reason, cause, create_sent_ms, create_sent_name, name_taken_ms,"
                 " agent_id, agent_arn, agent_user_name, agent_since_ms, source)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
                 " ?17, ?18, ?19, ?20, ?21, ?22, ?23)",
                 &add, fail);

    if (err != ERR_NONE)
        return err;
    bind_person(add, p);
    db_bind_text(add, 3, p->id);
    db_bind_text(add, FIRST_PARAMETER + N_COLUMNS, p->source);
    err = db_run(s, add, fail);
    if (err == ERR_NONE)
        memo_set(s, p->source, p->id, sqlite3_last_insert_rowid(s->db));
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
    err =
        db_write(s, DB_PERSON_PUT,
                 "UPDATE person SET state = ?1, may_adopt = ?2, due_ms = ?4, due_since_ms = ?5,"
                 " since_ms = ?6, attempts = ?7, login = ?8, display_name = ?9, facts_ns = ?10,"
                 " app_user_name = ?11, app_user_name_ns = ?12, reason_code = ?13, reason = ?14,"
                 " cause = ?15, create_sent_ms = ?16, create_sent_name = ?17, name_taken_ms = ?18,"
                 " agent_id = ?19, agent_arn = ?20, agent_user_name = ?21, agent_since_ms = ?22"
                 " WHERE number = ?3",
                 &put, fail);
    if (err != ERR_NONE)
        return err;
    bind_person(put, p);
    db_bind_int(put, 3, number);
    s->memo.is_mention = false;
    return db_run(s, put, fail);
}

enum err store_is_mentioned(struct store *s, struct span source, struct span id, bool *out,
                            struct fail *fail)
{
    int64_t number;
    enum err err = db_person_number(s, source, id, &number, fail);

    if (err == ERR_NONE)
        *out = number != 0;
    return err;
}

/* ---- many people ---- */

static enum err read_people(struct store *s, sqlite3_stmt *rows, struct arena *a,
                            struct person **out, size_t *out_n, struct fail *fail)
{
    struct person *people = NULL;
    bool has_row = true;
    size_t n = 0;

    for (;;) {
        enum err err = db_next(s, rows, &has_row, fail);

        if (err != ERR_NONE)
            return err;
        if (!has_row)
            break;
        people = db_more(a, people, n, sizeof(*people));
        read_person(rows, a, &people[n++]);
    }
    *out = people;
    *out_n = n;
    return ERR_NONE;
}

enum err store_people_due(struct store *s, struct arena *a, int64_t now_ms, size_t skip, size_t max,
                          struct person **out, size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err =
        db_read(s, DB_PEOPLE_DUE,
                SELECT_PERSON "WHERE state = ?1 AND due_ms <= ?2"
                              " ORDER BY due_ms, due_since_ms, number LIMIT ?3 OFFSET ?4",
                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(rows, 1, PERSON_DUE);
    db_bind_int(rows, 2, now_ms);
    db_bind_int(rows, 3, (int64_t)max);
    db_bind_int(rows, 4, (int64_t)skip);
    return read_people(s, rows, a, out, out_n, fail);
}

enum err store_next_due(struct store *s, int64_t *out_ms, struct fail *fail)
{
    sqlite3_stmt *next;
    bool has_row;
    enum err err =
        db_read(s, DB_NEXT_DUE,
                "SELECT due_ms FROM person WHERE state = ?1 ORDER BY due_ms LIMIT 1", &next, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(next, 1, PERSON_DUE);
    err = db_next(s, next, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out_ms = INT64_MAX;
    if (has_row) {
        *out_ms = sqlite3_column_int64(next, 0);
        (void)sqlite3_reset(next); /* it did not fail */
    }
    return ERR_NONE;
}

enum err store_people_each(struct store *s, enum person_state state,
                           bool (*fn)(void *arg, const struct person *p), void *arg,
                           struct fail *fail)
{
    sqlite3_stmt *rows;
    bool has_row = true, goes_on = true;
    enum err err = db_read(s, DB_PEOPLE_EACH,
                           SELECT_PERSON "WHERE state IS NOT NULL AND (?1 = ?2 OR state = ?1)"
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

enum err store_people_find(struct store *s, struct arena *a, struct span word, struct person **out,
                           size_t *out_n, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err =
        db_read(s, DB_PEOPLE_FIND,
                SELECT_PERSON "WHERE state IS NOT NULL AND ?1 <> '' AND (id = ?1"
                              " OR login = ?1 COLLATE NOCASE OR app_user_name = ?1 COLLATE NOCASE"
                              " OR agent_user_name = ?1 COLLATE NOCASE) ORDER BY login, source, id",
                &rows, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_text(rows, 1, word);
    return read_people(s, rows, a, out, out_n, fail);
}

enum err store_people_make_due(struct store *s, enum person_state state, int64_t now_ms,
                               struct span cause, int64_t *out_n, struct fail *fail)
{
    sqlite3_stmt *make;
    enum err err = db_write(
        s, DB_PEOPLE_MAKE_DUE,
        "UPDATE person SET due_since_ms = CASE WHEN state = ?2 AND due_since_ms > 0"
        " THEN due_since_ms ELSE ?3 END, since_ms = CASE WHEN state = ?2 THEN since_ms ELSE ?3 END,"
        " state = ?2, due_ms = ?3, attempts = 0, cause = ?4, reason_code = '', reason = ''"
        " WHERE state = ?1",
        &make, fail);

    if (err != ERR_NONE)
        return err;
    db_bind_int(make, 1, state);
    db_bind_int(make, 2, PERSON_DUE);
    db_bind_int(make, 3, now_ms);
    db_bind_text(make, 4, cause);
    s->memo.is_set = false;
    err = db_run(s, make, fail);
    if (err == ERR_NONE)
        *out_n = sqlite3_changes64(s->db);
    return err;
}
