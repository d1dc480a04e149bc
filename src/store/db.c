#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { BUSY_RETRY_MS = 1000 };

/* What the system said; 0 when it is not known. SQLite 3.40 does not keep it when a COMMIT fails,
 * but the WAL's file does. */
static int system_error(struct store *s, int rc)
{
    sqlite3_file *wal = NULL;
    int number = s->db == NULL ? 0 : sqlite3_system_errno(s->db);

    if (s->db != NULL && number == 0 && (rc & 0xff) == SQLITE_IOERR &&
        sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK &&
        wal != NULL && wal->pMethods != NULL)
        (void)wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &number);
    return number;
}

/* SQLite tells only ENOSPC apart (SQLITE_FULL); a quota or a limit on the file's size is a full
 * disk to people too. */
static bool is_full(int rc, int number)
{
    if ((rc & 0xff) == SQLITE_FULL)
        return true;
    return (rc & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT || number == EFBIG);
}

enum err db_fail(struct store *s, int rc, struct fail *fail)
{
    const char *why = s->db == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(s->db);
    int number = system_error(s, rc);
    const char *cause = number == 0 ? "" : strerror(number);
    const char *colon = number == 0 ? "" : ": ";

    if (s->in_transaction)
        s->is_spoiled = true;
    if (is_full(rc, number))
        return fail_set(fail, ERR_IO,
                        "the store %s: disk is full; free some space, Roster goes on by itself",
                        s->file);
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        (void)fail_set(fail, ERR_BUSY, "the store %s is locked by another process", s->file);
        if (fail != NULL)
            fail->retry_ms = BUSY_RETRY_MS;
        return ERR_BUSY;
    case SQLITE_IOERR:
        return fail_set(fail, ERR_IO, "the store %s: %s%s%s; look at the disk", s->file, why, colon,
                        cause);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return fail_set(fail, ERR_IO,
                        "the store %s cannot be written by this user (%s); file and folder must "
                        "belong to the user that runs Roster",
                        s->file, why);
    case SQLITE_CANTOPEN:
        return fail_set(fail, ERR_IO,
                        "the store %s cannot be opened%s%s; its folder must be writable for this "
                        "user, also for reading",
                        s->file, colon, cause);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail_set(fail, ERR_IO, "the store %s is damaged or no store (%s); restore a backup",
                        s->file, why);
    default:
        return fail_set(fail, ERR_IO, "the store %s: %s", s->file, why);
    }
}

enum err db_exec(struct store *s, const char *sql, struct fail *fail)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? ERR_NONE : db_fail(s, rc, fail);
}

enum err db_read(struct store *s, enum db_slot slot, const char *sql, sqlite3_stmt **out,
                 struct fail *fail)
{
    int rc;

    if (s->statements[slot] == NULL) {
        rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->statements[slot],
                                NULL);
        if (rc != SQLITE_OK)
            return db_fail(s, rc, fail);
    }
    *out = s->statements[slot];
    return ERR_NONE;
}

enum err db_write(struct store *s, enum db_slot slot, const char *sql, sqlite3_stmt **out,
                  struct fail *fail)
{
    assert(s->in_transaction);
    /* After some failures SQLite has rolled back by itself, and a statement would commit on its
     * own: https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction */
    if (s->is_spoiled || sqlite3_get_autocommit(s->db) != 0)
        return fail_set(fail, ERR_IO, "the store %s: the transaction has failed already", s->file);
    return db_read(s, slot, sql, out, fail);
}

void db_bind_int(sqlite3_stmt *statement, int i, int64_t value)
{
    /* Only a wrong i can fail, which the tests would show. */
    (void)sqlite3_bind_int64(statement, i, value);
}

void db_bind_text(sqlite3_stmt *statement, int i, struct span text)
{
    /* Should it fail for size, the column becomes NULL, which the schema refuses. */
    (void)sqlite3_bind_text(statement, i, text.p == NULL ? "" : text.p, (int)text.n, SQLITE_STATIC);
}

enum err db_run(struct store *s, sqlite3_stmt *statement, struct fail *fail)
{
    int rc = sqlite3_step(statement);
    enum err err = ERR_NONE;

    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        err = db_fail(s, rc, fail);
    (void)sqlite3_reset(statement); /* repeats the failure of the step */
    return err;
}

enum err db_next(struct store *s, sqlite3_stmt *statement, bool *has_row, struct fail *fail)
{
    int rc = sqlite3_step(statement);
    enum err err = ERR_NONE;

    if (rc == SQLITE_ROW) {
        *has_row = true;
        return ERR_NONE;
    }
    if (rc != SQLITE_DONE)
        err = db_fail(s, rc, fail);
    else
        *has_row = false;
    (void)sqlite3_reset(statement); /* repeats the failure of the step */
    return err;
}

struct span db_text(sqlite3_stmt *statement, int i, struct arena *a)
{
    const char *text = sqlite3_column_blob(statement, i);
    int n = sqlite3_column_bytes(statement, i);

    if (text == NULL || n <= 0)
        return SPAN("");
    return arena_span(a, span_n(text, (size_t)n));
}

void *db_more(struct arena *a, void *array, size_t n, size_t size)
{
    void *larger;

    /* It is full whenever n is a power of two, so its room needs no variable. */
    if (n != 0 && (n & (n - 1)) != 0)
        return array;
    larger = arena_new(a, n == 0 ? 1 : 2 * n, size);
    if (n > 0)
        memcpy(larger, array, n * size);
    return larger;
}

enum err db_list(struct store *s, sqlite3_stmt *rows, struct arena *a, size_t size,
                 void (*read)(sqlite3_stmt *row, struct arena *a, void *item), void **out,
                 size_t *out_n, struct fail *fail)
{
    char *items = NULL;
    size_t n = 0;

    for (;;) {
        bool has_row = false;
        enum err err = db_next(s, rows, &has_row, fail);

        if (err != ERR_NONE)
            return err;
        if (!has_row)
            break;
        items = db_more(a, items, n, size);
        read(rows, a, items + n++ * size);
    }
    *out = items;
    *out_n = n;
    return ERR_NONE;
}
