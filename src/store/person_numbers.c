/* The numbers of people's rows, and whose was asked for last. */
#include "store/db.h"

#include <string.h>

bool db_memo_is_about(const struct db_memo *memo, struct span source, struct span id)
{
    return memo->is_set && memo->id_n == id.n && memo->source_n == source.n &&
           memcmp(memo->id, id.p, id.n) == 0 && memcmp(memo->source, source.p, source.n) == 0;
}

void db_memo_set(struct store *s, struct span source, struct span id, int64_t number)
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

    if (db_memo_is_about(&s->memo, source, id)) {
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
    db_memo_set(s, source, id, *out);
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
    db_memo_set(s, source, id, *out);
    s->memo.is_mention = true;
    return ERR_NONE;
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
