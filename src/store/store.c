#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/wal_vfs.h"

enum { BUSY_MS = 5000 };

/* A new name is safe from power loss only when its folder is synced. */
static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)fsync(fd); /* some file systems cannot sync a folder and keep names safe otherwise */
    (void)close(fd);
}

/* "/a/b" for "/a/b/c", "." for "c"; the caller frees. */
static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');

    if (slash == NULL)
        return mem_dup_str(".");
    return mem_dup(span_n(file, slash == file ? 1 : (size_t)(slash - file)));
}

/* SQLite would make the file with the modes that the umask leaves; what it makes beside it has the
 * file's mode. */
static enum err make_file(const char *file, struct fail *fail)
{
    char *folder = folder_of(file), *above = folder_of(folder);
    enum err err = fs_make_folder(folder, fail);
    int fd = -1;

    if (err != ERR_NONE)
        goto out;
    fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        err = fail_errno(fail, ERR_IO, errno, "make the store %s", file);
    if (fd < 0)
        goto out;
    (void)close(fd); /* nothing was written */
    sync_folder(folder);
    sync_folder(above);
out:
    free(folder);
    free(above);
    return err;
}

/* The store tells who works where, and whoever writes to it decides who gets in; so does whoever
 * can put a file beside it. */
static enum err check_modes(const char *file, mode_t mode, struct fail *fail)
{
    char *folder = folder_of(file);
    struct stat around;
    enum err err = ERR_NONE;

    if ((mode & (S_IROTH | S_IWOTH)) != 0)
        err = fail_set(fail, ERR_IO, "everybody can %s the store %s; chmod 600 it",
                       (mode & S_IROTH) != 0 ? "read" : "change", file);
    else if (stat(folder, &around) == 0 && (around.st_mode & S_IWOTH) != 0)
        err = fail_set(fail, ERR_IO, "everybody can write to %s, the store's folder; chmod 700 it",
                       folder);
    free(folder);
    return err;
}

static enum err check_file(const char *file, enum store_mode mode, struct fail *fail)
{
    struct stat info;
    enum err err;

    if (stat(file, &info) == 0) {
        if (!S_ISREG(info.st_mode))
            return fail_set(fail, ERR_IO, "the store %s is no regular file", file);
        return check_modes(file, info.st_mode, fail);
    }
    if (errno != ENOENT)
        return fail_errno(fail, ERR_IO, errno, "the store %s", file);
    if (mode != STORE_CREATE)
        return fail_set(fail, ERR_NOT_FOUND, "there is no store %s; `roster serve` makes it", file);
    err = check_modes(file, 0, fail);
    return err == ERR_NONE ? make_file(file, fail) : err;
}

static enum err configure(struct store *s, struct fail *fail)
{
    (void)sqlite3_extended_result_codes(s->db, 1);
    (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* Until the file is known to be ours, closing it must not write to it. A reader never does. */
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (s->mode != STORE_READ && sqlite3_db_readonly(s->db, "main") == 1)
        return db_fail(s, SQLITE_READONLY, fail);
    return ERR_NONE;
}

static enum err configure_ours(struct store *s, struct fail *fail)
{
    if (s->mode == STORE_READ)
        return db_exec(s, "PRAGMA query_only = on", fail);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return db_exec(s,
                   "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
                   "PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = off;",
                   fail);
}

enum err store_open(const char *file, enum store_mode mode, struct store **out, struct fail *fail)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    struct store *s;
    enum err err;
    int rc;

    err = check_file(file, mode, fail);
    if (err != ERR_NONE)
        return err;
    s = mem_new(1, sizeof(*s));
    s->file = mem_dup_str(file);
    s->mode = mode;
    rc = sqlite3_open_v2(file, &s->db, flags, mode == STORE_READ ? NULL : wal_vfs_name());
    err = rc == SQLITE_OK ? configure(s, fail) : db_fail(s, rc, fail);
    if (err == ERR_NONE)
        err = schema_prepare(s, fail);
    if (err == ERR_NONE)
        err = configure_ours(s, fail);
    if (err != ERR_NONE) {
        store_close(s);
        return err;
    }
    *out = s;
    return ERR_NONE;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    if (s->in_transaction)
        store_rollback(s);
    for (int i = 0; i < DB_SLOTS; i++)
        (void)sqlite3_finalize(s->statements[i]); /* repeats an old failure */
    (void)sqlite3_close(s->db);                   /* can only fail for statements left open */
    free(s->file);
    free(s);
}

/* Somebody who deletes or replaces the file under a running daemon would otherwise have it write,
 * and acknowledge, into a file without a name. */
static enum err check_place(struct store *s, struct fail *fail)
{
    int has_moved = 0;

    if (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved) == SQLITE_OK &&
        has_moved != 0)
        return fail_set(fail, ERR_IO, "the store %s was moved or removed while in use", s->file);
    return ERR_NONE;
}

enum err store_begin(struct store *s, struct fail *fail)
{
    sqlite3_stmt *begin;
    enum err err;

    assert(!s->in_transaction && s->mode != STORE_READ);
    err = check_place(s, fail);
    if (err == ERR_NONE)
        err = db_read(s, DB_BEGIN, "BEGIN IMMEDIATE", &begin, fail);
    if (err == ERR_NONE)
        err = db_run(s, begin, fail);
    if (err != ERR_NONE)
        return err;
    s->in_transaction = true;
    s->is_spoiled = false;
    s->events_added = 0;
    s->memo.is_set = false;
    return ERR_NONE;
}

static enum err add_events_count(struct store *s, struct fail *fail)
{
    sqlite3_stmt *add;
    enum err err;

    if (s->events_added == 0)
        return ERR_NONE;
    err = db_write(s, DB_EVENT_COUNT_ADD, "UPDATE total SET events = events + ?1", &add, fail);
    if (err != ERR_NONE)
        return err;
    db_bind_int(add, 1, s->events_added);
    return db_run(s, add, fail);
}

enum err store_commit(struct store *s, struct fail *fail)
{
    sqlite3_stmt *commit;
    enum err err = add_events_count(s, fail);

    if (err == ERR_NONE)
        err = db_write(s, DB_COMMIT, "COMMIT", &commit, fail);
    if (err == ERR_NONE)
        err = db_run(s, commit, fail);
    if (err != ERR_NONE) {
        store_rollback(s);
        return err;
    }
    s->in_transaction = false;
    s->memo.is_set = false;
    return ERR_NONE;
}

void store_rollback(struct store *s)
{
    s->in_transaction = false;
    s->memo.is_set = false;
    /* After some failures SQLite has rolled back by itself. If this fails, the next begin says why.
     */
    if (sqlite3_get_autocommit(s->db) == 0)
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

enum err store_read_begin(struct store *s, struct fail *fail)
{
    assert(!s->in_transaction);
    return db_exec(s, "BEGIN", fail);
}

void store_read_end(struct store *s)
{
    /* Nothing was written; if it fails, the next begin says why. */
    if (!s->in_transaction && sqlite3_get_autocommit(s->db) == 0)
        (void)sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
}

enum err store_version(struct store *s, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *read;
    bool has_row;
    enum err err = db_read(s, DB_DATA_VERSION, "PRAGMA data_version", &read, fail);

    if (err == ERR_NONE)
        err = db_next(s, read, &has_row, fail);
    if (err != ERR_NONE)
        return err;
    *out = has_row ? sqlite3_column_int64(read, 0) : 0;
    (void)sqlite3_reset(read); /* it did not fail */
    return ERR_NONE;
}

static int note_wal_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct store *s = arg;

    (void)db;
    (void)name;
    s->wal_pages = pages;
    return SQLITE_OK;
}

void store_own_checkpoints(struct store *s)
{
    (void)sqlite3_wal_hook(s->db, note_wal_pages, s);
}

int store_wal_pages(const struct store *s)
{
    return s->wal_pages;
}

int store_checkpoint(struct store *s)
{
    int copied = 0;

    /* When it fails, the next one does it; what is committed stands in the WAL. */
    if (sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &copied) !=
        SQLITE_OK)
        return 0;
    return copied > 0 ? copied : 0;
}

void store_release_memory(struct store *s)
{
    (void)sqlite3_db_release_memory(s->db); /* cannot fail */
    mem_trim();
}
