/* Users and agents lie in the order in which they are walked (WITHOUT ROWID), so that comparing
 * reads the file from its beginning to its end. They come in none: kept in order one by one, each
 * goes to another page, and soon few of these are in the cache. Sorted late, they are first put one
 * behind the other (a heap), and what the heap holds is put in order by the same statement. Nothing
 * is ever committed: the file has no name any more, and no journal. */
#include "store/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/scan_private.h"

static const char tables[] =
    "CREATE TABLE user ("
    " id TEXT PRIMARY KEY, status TEXT NOT NULL, login TEXT NOT NULL, display_name TEXT NOT NULL,"
    " app_user_name TEXT NOT NULL, profile TEXT NOT NULL, containers TEXT NOT NULL,"
    " is_read INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE agent ("
    " owner TEXT NOT NULL, id TEXT NOT NULL, arn TEXT NOT NULL, user_name TEXT NOT NULL,"
    " entitlement TEXT NOT NULL, is_described INTEGER NOT NULL, is_taken INTEGER NOT NULL,"
    " PRIMARY KEY (owner, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE change ("
    " number INTEGER PRIMARY KEY, action INTEGER NOT NULL, bound INTEGER NOT NULL,"
    " user_id TEXT NOT NULL, agent_id TEXT NOT NULL, user TEXT NOT NULL, because TEXT NOT NULL,"
    " claim TEXT NOT NULL, digest TEXT NOT NULL, steps TEXT NOT NULL,"
    " is_marked INTEGER NOT NULL, not_before_ms INTEGER NOT NULL, body TEXT NOT NULL) STRICT;"
    "CREATE TABLE saved ("
    " user_id TEXT PRIMARY KEY, user TEXT NOT NULL, digest TEXT NOT NULL, action INTEGER NOT NULL,"
    " is_met INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX change_action ON change (action, number);"
    "CREATE INDEX change_claim ON change (claim) WHERE claim <> '';"
    "CREATE INDEX change_marked ON change (number) WHERE is_marked = 1;";

static const char heaps[] =
    "CREATE TABLE user_heap ("
    " number INTEGER PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL, login TEXT NOT NULL,"
    " display_name TEXT NOT NULL, app_user_name TEXT NOT NULL, profile TEXT NOT NULL,"
    " containers TEXT NOT NULL, is_read INTEGER NOT NULL) STRICT;"
    "CREATE TABLE agent_heap ("
    " number INTEGER PRIMARY KEY, owner TEXT NOT NULL, id TEXT NOT NULL, arn TEXT NOT NULL,"
    " user_name TEXT NOT NULL, entitlement TEXT NOT NULL, is_described INTEGER NOT NULL) STRICT;";

/* The sorter takes as much memory again as the cache may. */
#define CACHE "PRAGMA cache_size = -12288;"
#define SMALL_CACHE "PRAGMA cache_size = -6144;"

/* Makes an empty file and gives its name; the caller frees it. */
static char *make_file(const char *prefix)
{
    char *path = mem_printf("%s.scan-XXXXXX", prefix);
    int fd = mkostemp(path, O_CLOEXEC);

    if (fd < 0) {
        free(path);
        return NULL;
    }
    (void)close(fd); /* nothing was written */
    return path;
}

static char *find_place(const char *beside, struct fail *fail)
{
    const char *folder = getenv("TMPDIR");
    char *path = make_file(beside), *prefix;
    int number = errno;

    if (path != NULL)
        return path;
    prefix = mem_printf("%s/roster", folder == NULL || folder[0] == '\0' ? "/tmp" : folder);
    path = make_file(prefix);
    free(prefix);
    if (path == NULL)
        (void)fail_errno(fail, ERR_IO, number, "make a scratch file beside %s, or in TMPDIR",
                         beside);
    return path;
}

enum err scan_open(const char *beside, struct scan **out, struct fail *fail)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE;
    char *path = find_place(beside, fail);
    struct scan *s;
    enum err err;
    int rc;

    if (path == NULL)
        return ERR_IO;
    s = mem_new(1, sizeof(*s));
    s->base.file = path;
    rc = sqlite3_open_v2(path, &s->base.db, flags, NULL);
    err = rc == SQLITE_OK ? ERR_NONE : db_fail(&s->base, rc, fail);
    if (err == ERR_NONE)
        err = db_exec(&s->base,
                      "PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE;"
                      "PRAGMA page_size = 8192; PRAGMA synchronous = OFF;" CACHE "BEGIN EXCLUSIVE",
                      fail);
    if (err == ERR_NONE)
        err = db_exec(&s->base, tables, fail);
    (void)unlink(path); /* from here on it is gone when it is closed, in whatever way */
    if (err != ERR_NONE) {
        scan_close(s);
        return err;
    }
    *out = s;
    return ERR_NONE;
}

static bool has_folder_to_sort_in(struct scan *s)
{
    char *name = NULL;
    bool has =
        sqlite3_file_control(s->base.db, "main", SQLITE_FCNTL_TEMPFILENAME, &name) == SQLITE_OK &&
        name != NULL && name[0] != '\0';

    sqlite3_free(name);
    return has;
}

enum err scan_sort_late(struct scan *s, struct fail *fail)
{
    enum err err;

    if (!has_folder_to_sort_in(s))
        return ERR_NONE;
    err = db_exec(&s->base, SMALL_CACHE, fail);
    if (err == ERR_NONE)
        err = db_exec(&s->base, heaps, fail);
    s->are_users_heaped = s->are_agents_heaped = err == ERR_NONE;
    return err;
}

void scan_close(struct scan *s)
{
    if (s == NULL)
        return;
    for (int i = 0; i < SCAN_SLOTS; i++)
        (void)sqlite3_finalize(s->statements[i]); /* repeats an old failure */
    (void)sqlite3_close(s->base.db);              /* can only fail for statements left open */
    free(s->base.file);
    free(s);
}

/* ---- for scan_*.c ---- */

enum err scan_prepare(struct scan *s, enum scan_slot slot, const char *sql, sqlite3_stmt **out,
                      struct fail *fail)
{
    int rc;

    if (s->statements[slot] == NULL) {
        rc = sqlite3_prepare_v3(s->base.db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                &s->statements[slot], NULL);
        if (rc != SQLITE_OK)
            return db_fail(&s->base, rc, fail);
    }
    (void)sqlite3_reset(s->statements[slot]); /* repeats an old failure */
    *out = s->statements[slot];
    return ERR_NONE;
}

enum err scan_need_index(struct scan *s, bool *has, const char *sql, struct fail *fail)
{
    enum err err = *has ? ERR_NONE : db_exec(&s->base, sql, fail);

    *has = *has || err == ERR_NONE;
    return err;
}

enum err scan_sort_heap(struct scan *s, bool *is_heaped, const char *sql, struct fail *fail)
{
    enum err err;

    if (!*is_heaped)
        return ERR_NONE;
    err = db_exec(&s->base, sql, fail);
    if (err != ERR_NONE)
        return fail_within(fail, err, "sort what was read, with SQLite's temporary files (TMPDIR)");
    *is_heaped = false;
    return s->are_users_heaped || s->are_agents_heaped ? ERR_NONE : db_exec(&s->base, CACHE, fail);
}

enum err scan_number(struct scan *s, sqlite3_stmt *row, int64_t *out, struct fail *fail)
{
    bool has_row;
    enum err err = db_next(&s->base, row, &has_row, fail);

    if (err != ERR_NONE)
        return err;
    *out = has_row ? sqlite3_column_int64(row, 0) : 0;
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

/* ---- users ---- */

/* "3,17,": lists of one person are united by putting one behind the other. */
static void add_containers(struct buf *out, const struct scan_user *user)
{
    for (size_t i = 0; i < user->n_containers; i++)
        buf_printf(out, "%u,", (unsigned)user->containers[i]);
}

static void read_containers(struct span text, struct arena *a, struct scan_user *out)
{
    uint16_t *numbers = arena_new(a, text.n / 2 + 1, sizeof(*numbers));
    size_t n = 0;

    for (size_t at = 0; at < text.n;) {
        unsigned number = 0;
        bool is_there = false;

        for (; at < text.n && text.p[at] != ','; at++)
            number = number * 10 + (unsigned)(text.p[at] - '0');
        at++;
        for (size_t i = 0; i < n && !is_there; i++)
            is_there = numbers[i] == number;
        if (!is_there)
            numbers[n++] = (uint16_t)number;
    }
    out->containers = numbers;
    out->n_containers = n;
}

#define OR_KEPT(column)                                                                            \
    " " column " = CASE WHEN excluded.is_read > is_read OR (excluded.is_read = is_read AND"        \
    " excluded." column " <> '') THEN excluded." column " ELSE " column " END,"

#define UNITED                                                                                     \
    " ON CONFLICT DO UPDATE SET" OR_KEPT("status") OR_KEPT("login") OR_KEPT("display_name")        \
        OR_KEPT("app_user_name")                                                                   \
            OR_KEPT("profile") " containers = CASE WHEN excluded.is_read > is_read"                \
                               " THEN excluded.containers WHEN excluded.is_read < is_read"         \
                               " THEN containers ELSE containers || excluded.containers END,"      \
                               " is_read = max(is_read, excluded.is_read)"

#define USER_FIELDS "id, status, login, display_name, app_user_name, profile, containers, is_read"
#define USER_VALUES " (" USER_FIELDS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"

/* "WHERE true": else SQLite would take ON for a join's (lang_upsert.html, "Parsing Ambiguity"). */
static enum err sort_users(struct scan *s, struct fail *fail)
{
    return scan_sort_heap(s, &s->are_users_heaped,
                          "INSERT INTO user (" USER_FIELDS ") SELECT " USER_FIELDS
                          " FROM user_heap WHERE true ORDER BY id, number" UNITED,
                          fail);
}

enum err scan_sort(struct scan *s, struct fail *fail)
{
    enum err err = sort_users(s, fail);

    return err == ERR_NONE ? scan_sort_agents(s, fail) : err;
}

enum err scan_user_put(struct scan *s, const struct scan_user *user, struct fail *fail)
{
    sqlite3_stmt *put = NULL;
    struct buf containers;
    enum err err =
        s->are_users_heaped
            ? scan_prepare(s, SCAN_USER_HEAP, "INSERT INTO user_heap" USER_VALUES, &put, fail)
            : scan_prepare(s, SCAN_USER_PUT, "INSERT INTO user" USER_VALUES UNITED, &put, fail);

    if (err != ERR_NONE)
        return err;
    buf_init(&containers, 6 * SCAN_CONTAINERS);
    add_containers(&containers, user);
    db_bind_text(put, 1, user->id);
    db_bind_text(put, 2, user->status);
    db_bind_text(put, 3, user->login);
    db_bind_text(put, 4, user->display_name);
    db_bind_text(put, 5, user->app_user_name);
    db_bind_text(put, 6, user->profile);
    db_bind_text(put, 7, buf_span(&containers));
    db_bind_int(put, 8, user->is_read);
    err = db_run(&s->base, put, fail);
    buf_done(&containers);
    return err;
}

#define USER_COLUMNS "SELECT " USER_FIELDS " FROM user"

static void read_user(sqlite3_stmt *row, struct arena *a, struct scan_user *out)
{
    *out = (struct scan_user){.id = db_text(row, 0, a),
                              .status = db_text(row, 1, a),
                              .login = db_text(row, 2, a),
                              .display_name = db_text(row, 3, a),
                              .app_user_name = db_text(row, 4, a),
                              .profile = db_text(row, 5, a),
                              .is_read = sqlite3_column_int64(row, 7) != 0};
    read_containers(span_n(sqlite3_column_blob(row, 6), (size_t)sqlite3_column_bytes(row, 6)), a,
                    out);
}

enum err scan_users_first(struct scan *s, struct fail *fail)
{
    sqlite3_stmt *rows;
    enum err err = sort_users(s, fail);

    return err == ERR_NONE ? scan_prepare(s, SCAN_USERS, USER_COLUMNS " ORDER BY id", &rows, fail)
                           : err;
}

enum err scan_users_next(struct scan *s, struct arena *a, struct scan_user *out, bool *out_has,
                         struct fail *fail)
{
    sqlite3_stmt *rows = s->statements[SCAN_USERS];
    enum err err = db_next(&s->base, rows, out_has, fail);

    if (err == ERR_NONE && *out_has)
        read_user(rows, a, out);
    return err;
}

enum err scan_user_get(struct scan *s, struct arena *a, struct span id, struct scan_user *out,
                       bool *out_has, struct fail *fail)
{
    sqlite3_stmt *row = NULL;
    enum err err = sort_users(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_USER_GET, USER_COLUMNS " WHERE id = ?1", &row, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_text(row, 1, id);
    err = db_next(&s->base, row, out_has, fail);
    if (err != ERR_NONE || !*out_has)
        return err;
    read_user(row, a, out);
    (void)sqlite3_reset(row); /* it did not fail */
    return ERR_NONE;
}

enum err scan_users_count(struct scan *s, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *row = NULL;
    enum err err = sort_users(s, fail);

    if (err == ERR_NONE)
        err = scan_prepare(s, SCAN_USERS_COUNT, "SELECT count(*) FROM user", &row, fail);
    return err == ERR_NONE ? scan_number(s, row, out, fail) : err;
}
