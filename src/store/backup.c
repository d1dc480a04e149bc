#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/random.h"
#include "store/db.h"

/* All pages in one call, so that the copy is of one instant although the daemon goes on writing. */
static enum err copy_pages(struct store *s, const char *to_file, struct fail *fail)
{
    sqlite3 *to = NULL;
    sqlite3_backup *backup = NULL;
    int rc = sqlite3_open_v2(
        to_file, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    if (rc == SQLITE_OK) {
        (void)sqlite3_busy_timeout(s->db, 5000);
        backup = sqlite3_backup_init(to, "main", s->db, "main");
        if (backup != NULL)
            (void)sqlite3_backup_step(backup, -1); /* finish repeats its failure */
        rc = backup == NULL ? sqlite3_errcode(to) : sqlite3_backup_finish(backup);
    }
    if (rc == SQLITE_OK)
        (void)sqlite3_close(to); /* nothing is open in it */
    else {
        (void)fail_set(fail, ERR_IO, "copy the store %s to %s: %s", s->file, to_file,
                       to == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(to));
        (void)sqlite3_close(to); /* nothing is open in it */
    }
    return rc == SQLITE_OK ? ERR_NONE : ERR_IO;
}

static enum err sync_path(const char *path, struct fail *fail)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err err = ERR_NONE;

    if (fd < 0 || fsync(fd) != 0)
        err = fail_errno(fail, ERR_IO, errno, "sync %s", path);
    if (fd >= 0)
        (void)close(fd); /* only read from */
    return err;
}

static enum err put_in_place(const char *part, const char *to_file, struct fail *fail)
{
    const char *slash = strrchr(to_file, '/');
    char *folder =
        slash == NULL ? mem_dup_str(".") : mem_dup(span_n(to_file, (size_t)(slash - to_file) + 1));
    enum err err = sync_path(part, fail);

    /* link, unlike rename, does not replace a file. */
    if (err == ERR_NONE && link(part, to_file) != 0)
        err = errno == EEXIST ? fail_set(fail, ERR_CONFLICT, "%s exists already", to_file)
                              : fail_errno(fail, ERR_IO, errno, "make %s", to_file);
    if (err == ERR_NONE)
        err = sync_path(folder, fail);
    free(folder);
    return err;
}

enum err store_backup(struct store *s, const char *to_file, struct fail *fail)
{
    char *part;
    enum err err = ERR_NONE;
    int fd;

    if (fs_exists(to_file))
        return fail_set(fail, ERR_CONFLICT, "%s exists already", to_file);
    part = mem_printf("%s.part-%08llx", to_file, (unsigned long long)random_below(1ULL << 32));
    fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        err = fail_errno(fail, ERR_IO, errno, "make %s", part);
    else
        (void)close(fd); /* nothing was written */
    if (err == ERR_NONE)
        err = copy_pages(s, part, fail);
    if (err == ERR_NONE)
        err = put_in_place(part, to_file, fail);
    if (fd >= 0)
        (void)unlink(part); /* a rest that stays does no harm */
    free(part);
    return err;
}

enum err store_check(struct store *s, struct fail *fail)
{
    sqlite3_stmt *check = NULL;
    enum err err = ERR_NONE;
    int rc = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &check, NULL);
    const char *finding = NULL;

    if (rc == SQLITE_OK)
        rc = sqlite3_step(check);
    if (rc != SQLITE_ROW)
        err = db_fail(s, rc, fail);
    else
        finding = (const char *)sqlite3_column_text(check, 0);
    if (finding != NULL && strcmp(finding, "ok") != 0)
        err = fail_set(fail, ERR_IO, "the store %s is damaged: %s; restore a backup", s->file,
                       finding);
    (void)sqlite3_finalize(check); /* repeats the failure of the step */
    return err;
}
