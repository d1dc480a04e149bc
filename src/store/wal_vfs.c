/* SQLite writes each page into the WAL by two system calls, one for its header. A group of a
 * hundred events is some five hundred calls then, and they cost more than what they write. This VFS
 * lays itself over the default one and gathers what is written to the WAL one after another, until
 * SQLite syncs it or reads it.
 *
 * Why that is safe: with synchronous=FULL SQLite tells others (through the wal-index) of a
 * transaction's frames only after it has synced them (sqlite3WalFrames in wal.c), so nobody but
 * this connection ever reads what is held back here, and its reads come through here, too. What is
 * held back when the process dies was not committed. An error of a write that was held back comes
 * out of the sync, and undoes the same transaction. */
#include "store/wal_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The VFS of Unix writes at most 128 KiB - 1 at once, and nothing at all of a multiple of 128 KiB
 * (seekAndWriteFd). */
enum { HELD_LIMIT = 96 * 1024 };

struct wal_file {
    sqlite3_file base; /* first: SQLite knows this part */
    char *held;
    size_t n;
    sqlite3_int64 at; /* where held begins */
    /* The file of the VFS below stands behind this struct. */
};

static sqlite3_file *below(sqlite3_file *file)
{
    return (sqlite3_file *)((struct wal_file *)file + 1);
}

static int put_out(struct wal_file *f)
{
    sqlite3_file *file = below(&f->base);
    size_t n = f->n;

    f->n = 0;
    if (n == 0)
        return SQLITE_OK;
    return file->pMethods->xWrite(file, f->held, (int)n, f->at);
}

static int wal_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    struct wal_file *f = (struct wal_file *)file;
    int rc = SQLITE_OK;

    if (f->n > 0 && (at != f->at + (sqlite3_int64)f->n || f->n + (size_t)n > HELD_LIMIT))
        rc = put_out(f);
    if (rc != SQLITE_OK)
        return rc;
    if ((size_t)n > HELD_LIMIT)
        return below(file)->pMethods->xWrite(below(file), bytes, n, at);
    if (f->n == 0)
        f->at = at;
    if (f->held == NULL)
        f->held = mem_new(HELD_LIMIT, 1);
    memcpy(f->held + f->n, bytes, (size_t)n);
    f->n += (size_t)n;
    return SQLITE_OK;
}

static int wal_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
    struct wal_file *f = (struct wal_file *)file;
    int rc = SQLITE_OK;

    if (f->n > 0 && at + n > f->at && at < f->at + (sqlite3_int64)f->n)
        rc = put_out(f);
    return rc != SQLITE_OK ? rc : below(file)->pMethods->xRead(below(file), bytes, n, at);
}

static int wal_sync(sqlite3_file *file, int flags)
{
    int rc = put_out((struct wal_file *)file);

    return rc != SQLITE_OK ? rc : below(file)->pMethods->xSync(below(file), flags);
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int rc = put_out((struct wal_file *)file);

    return rc != SQLITE_OK ? rc : below(file)->pMethods->xTruncate(below(file), size);
}

static int wal_file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    int rc = put_out((struct wal_file *)file);

    return rc != SQLITE_OK ? rc : below(file)->pMethods->xFileSize(below(file), out);
}

static int wal_close(sqlite3_file *file)
{
    struct wal_file *f = (struct wal_file *)file;

    /* What is held still belongs to no transaction that was committed. */
    free(f->held);
    f->held = NULL;
    f->n = 0;
    return below(file)->pMethods->xClose(below(file));
}

static int wal_lock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xLock(below(file), level);
}

static int wal_unlock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xUnlock(below(file), level);
}

static int wal_check_lock(sqlite3_file *file, int *out)
{
    return below(file)->pMethods->xCheckReservedLock(below(file), out);
}

static int wal_control(sqlite3_file *file, int what, void *arg)
{
    return below(file)->pMethods->xFileControl(below(file), what, arg);
}

static int wal_sector_size(sqlite3_file *file)
{
    return below(file)->pMethods->xSectorSize(below(file));
}

static int wal_characteristics(sqlite3_file *file)
{
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

/* Version 1: a WAL is neither mapped nor has it shared memory. */
static const sqlite3_io_methods wal_methods = {
    .iVersion = 1,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_file_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_check_lock,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector_size,
    .xDeviceCharacteristics = wal_characteristics,
};

/* Every other file is the VFS below's own; SQLite does not see the difference. */
static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *out_flags)
{
    sqlite3_vfs *real = vfs->pAppData;
    struct wal_file *f = (struct wal_file *)file;
    int rc;

    if ((flags & SQLITE_OPEN_WAL) == 0)
        return real->xOpen(real, name, file, flags, out_flags);
    *f = (struct wal_file){0};
    rc = real->xOpen(real, name, below(file), flags, out_flags);
    /* When it is set, SQLite closes the file although it could not be opened. */
    if (below(file)->pMethods != NULL)
        f->base.pMethods = &wal_methods;
    return rc;
}

static sqlite3_vfs wal_vfs;
static pthread_once_t registered = PTHREAD_ONCE_INIT;

static void register_vfs(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);

    /* All but xOpen is the VFS below's; its functions look at nothing in the struct that they are
     * given but pAppData, and those of the VFS of Unix look at that only in xOpen's way of choosing
     * locks, which is given the real one. */
    wal_vfs = *real;
    wal_vfs.pNext = NULL;
    wal_vfs.zName = "roster";
    wal_vfs.pAppData = real;
    wal_vfs.xOpen = vfs_open;
    wal_vfs.szOsFile = real->szOsFile + (int)sizeof(struct wal_file);
    (void)sqlite3_vfs_register(&wal_vfs, 0); /* opening says when there is no such VFS */
}

const char *wal_vfs_name(void)
{
    (void)pthread_once(&registered, register_vfs);
    return wal_vfs.zName;
}
