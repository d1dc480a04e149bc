#include "power_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { FILES = 8, PATH_SIZE = 256, SECTOR = 512 };

/* A write, or a truncation when bytes is NULL. */
struct change {
    unsigned char *bytes;
    size_t n, at;
};

/* What the disk knows of a file: its content when it was synced last, and what happened since. */
struct disk_file {
    char path[PATH_SIZE];
    unsigned char *bytes;
    size_t n;
    struct change *changes;
    size_t n_changes;
};

struct power_file {
    sqlite3_file base; /* first: SQLite knows this part */
    struct disk_file *disk;
    /* The file of the VFS below stands behind this struct. */
};

static struct {
    pthread_mutex_t lock;
    sqlite3_vfs vfs, *real;
    struct disk_file files[FILES];
    unsigned count, cut_at;
    bool is_cut;
} power = {.lock = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_file *below(sqlite3_file *file)
{
    return (sqlite3_file *)((struct power_file *)file + 1);
}

/* ---- what the disk knows; under the lock ---- */

static void apply(struct disk_file *disk, const struct change *change)
{
    size_t end = change->at + change->n;

    if (end > disk->n) {
        disk->bytes = mem_grow(disk->bytes, end, 1);
        memset(disk->bytes + disk->n, 0, end - disk->n);
        disk->n = end;
    }
    if (change->bytes == NULL)
        disk->n = change->at;
    else
        memcpy(disk->bytes + change->at, change->bytes, change->n);
}

static void forget_changes(struct disk_file *disk)
{
    for (size_t i = 0; i < disk->n_changes; i++)
        free(disk->changes[i].bytes);
    free(disk->changes);
    disk->changes = NULL;
    disk->n_changes = 0;
}

static void forget_file(struct disk_file *disk)
{
    forget_changes(disk);
    free(disk->bytes);
    *disk = (struct disk_file){0};
}

static void add_change(struct disk_file *disk, const void *bytes, size_t n, size_t at)
{
    struct change *change;

    disk->changes = mem_grow(disk->changes, disk->n_changes + 1, sizeof(*disk->changes));
    change = &disk->changes[disk->n_changes++];
    *change = (struct change){.n = n, .at = at};
    if (bytes == NULL)
        return;
    change->bytes = mem_new(n + 1, 1);
    memcpy(change->bytes, bytes, n);
}

static struct disk_file *disk_file(const char *path)
{
    struct disk_file *found = NULL;

    for (int i = 0; i < FILES && found == NULL; i++)
        if (strcmp(power.files[i].path, path) == 0)
            found = &power.files[i];
    for (int i = 0; i < FILES && found == NULL; i++)
        if (power.files[i].path[0] == '\0') {
            found = &power.files[i];
            (void)snprintf(found->path, sizeof(found->path), "%s", path);
        }
    if (found == NULL)
        abort();
    return found;
}

/* Counts an operation; false when there is no power for it. */
static bool goes_on(void)
{
    if (!power.is_cut && ++power.count == power.cut_at)
        power.is_cut = true;
    return !power.is_cut;
}

/* ---- files ---- */

static int power_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    struct power_file *f = (struct power_file *)file;
    int rc = SQLITE_IOERR_WRITE;
    bool was_cut;

    (void)pthread_mutex_lock(&power.lock);
    was_cut = power.is_cut;
    if (goes_on())
        rc = below(file)->pMethods->xWrite(below(file), bytes, n, at);
    /* The write during which the power fails may have reached the disk, in whole or in part. */
    if (!was_cut)
        add_change(f->disk, bytes, (size_t)n, (size_t)at);
    (void)pthread_mutex_unlock(&power.lock);
    return rc;
}

static int power_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct power_file *f = (struct power_file *)file;
    int rc = SQLITE_IOERR_TRUNCATE;

    (void)pthread_mutex_lock(&power.lock);
    if (goes_on()) {
        rc = below(file)->pMethods->xTruncate(below(file), size);
        add_change(f->disk, NULL, 0, (size_t)size);
    }
    (void)pthread_mutex_unlock(&power.lock);
    return rc;
}

/* The real sync is left out: this process and the machine live on, and the test is quicker. */
static int power_sync(sqlite3_file *file, int flags)
{
    struct power_file *f = (struct power_file *)file;
    int rc = SQLITE_IOERR_FSYNC;

    (void)flags;
    (void)pthread_mutex_lock(&power.lock);
    if (goes_on()) {
        for (size_t i = 0; i < f->disk->n_changes; i++)
            apply(f->disk, &f->disk->changes[i]);
        forget_changes(f->disk);
        rc = SQLITE_OK;
    }
    (void)pthread_mutex_unlock(&power.lock);
    return rc;
}

static int power_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
    if (power_vfs_is_cut())
        return SQLITE_IOERR_READ;
    return below(file)->pMethods->xRead(below(file), bytes, n, at);
}

static int power_close(sqlite3_file *file)
{
    return below(file)->pMethods->xClose(below(file));
}

static int power_file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return below(file)->pMethods->xFileSize(below(file), out);
}

static int power_lock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xLock(below(file), level);
}

static int power_unlock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xUnlock(below(file), level);
}

static int power_check_lock(sqlite3_file *file, int *out)
{
    return below(file)->pMethods->xCheckReservedLock(below(file), out);
}

static int power_control(sqlite3_file *file, int what, void *arg)
{
    return below(file)->pMethods->xFileControl(below(file), what, arg);
}

static int power_sector_size(sqlite3_file *file)
{
    return below(file)->pMethods->xSectorSize(below(file));
}

static int power_characteristics(sqlite3_file *file)
{
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

static int power_shm_map(sqlite3_file *file, int page, int size, int extends, void volatile **out)
{
    return below(file)->pMethods->xShmMap(below(file), page, size, extends, out);
}

static int power_shm_lock(sqlite3_file *file, int at, int n, int flags)
{
    return below(file)->pMethods->xShmLock(below(file), at, n, flags);
}

static void power_shm_barrier(sqlite3_file *file)
{
    below(file)->pMethods->xShmBarrier(below(file));
}

static int power_shm_unmap(sqlite3_file *file, int removes)
{
    return below(file)->pMethods->xShmUnmap(below(file), removes);
}

/* Version 2: shared memory, but no mapped pages, which would go past this. */
static const sqlite3_io_methods power_methods = {
    .iVersion = 2,
    .xClose = power_close,
    .xRead = power_read,
    .xWrite = power_write,
    .xTruncate = power_truncate,
    .xSync = power_sync,
    .xFileSize = power_file_size,
    .xLock = power_lock,
    .xUnlock = power_unlock,
    .xCheckReservedLock = power_check_lock,
    .xFileControl = power_control,
    .xSectorSize = power_sector_size,
    .xDeviceCharacteristics = power_characteristics,
    .xShmMap = power_shm_map,
    .xShmLock = power_shm_lock,
    .xShmBarrier = power_shm_barrier,
    .xShmUnmap = power_shm_unmap,
};

/* ---- the VFS ---- */

static int power_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                      int *out_flags)
{
    struct power_file *f = (struct power_file *)file;
    int rc;

    (void)vfs;
    *f = (struct power_file){0};
    if (power_vfs_is_cut())
        return SQLITE_CANTOPEN;
    rc = power.real->xOpen(power.real, name, below(file), flags, out_flags);
    if (below(file)->pMethods == NULL)
        return rc;
    f->base.pMethods = &power_methods;
    (void)pthread_mutex_lock(&power.lock);
    f->disk = disk_file(name == NULL ? "" : name);
    (void)pthread_mutex_unlock(&power.lock);
    return rc;
}

static int power_delete(sqlite3_vfs *vfs, const char *name, int syncs_folder)
{
    int rc = SQLITE_IOERR_DELETE;

    (void)vfs;
    (void)pthread_mutex_lock(&power.lock);
    if (goes_on()) {
        rc = power.real->xDelete(power.real, name, syncs_folder);
        forget_file(disk_file(name));
    }
    (void)pthread_mutex_unlock(&power.lock);
    return rc;
}

void power_vfs_register(void)
{
    power.real = sqlite3_vfs_find(NULL);
    power.vfs = *power.real;
    power.vfs.pNext = NULL;
    power.vfs.zName = "power";
    power.vfs.pAppData = NULL;
    power.vfs.xOpen = power_open;
    power.vfs.xDelete = power_delete;
    power.vfs.szOsFile = power.real->szOsFile + (int)sizeof(struct power_file);
    (void)sqlite3_vfs_register(&power.vfs, 1);
}

void power_vfs_cut_at(unsigned n)
{
    (void)pthread_mutex_lock(&power.lock);
    for (int i = 0; i < FILES; i++)
        forget_file(&power.files[i]);
    power.count = 0;
    power.cut_at = n;
    power.is_cut = false;
    (void)pthread_mutex_unlock(&power.lock);
}

bool power_vfs_is_cut(void)
{
    bool is_cut;

    (void)pthread_mutex_lock(&power.lock);
    is_cut = power.is_cut;
    (void)pthread_mutex_unlock(&power.lock);
    return is_cut;
}

unsigned power_vfs_count(void)
{
    return power.count;
}

/* ---- after the cut ---- */

static bool toss(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 16 & 1) != 0;
}

static void lose(struct disk_file *disk, enum power_loss loss, unsigned *seed)
{
    for (size_t i = 0; i < disk->n_changes; i++) {
        const struct change *change = &disk->changes[i];

        if (loss == POWER_LOSES_ALL || (loss == POWER_LOSES_SOME && toss(seed)))
            continue;
        if (loss != POWER_TEARS || change->bytes == NULL) {
            apply(disk, change);
            continue;
        }
        for (size_t at = 0; at < change->n; at += SECTOR) {
            size_t rest = change->n - at;
            struct change sector = {change->bytes + at, rest < SECTOR ? rest : SECTOR,
                                    change->at + at};

            if (toss(seed))
                apply(disk, &sector);
        }
    }
}

void power_vfs_restore(enum power_loss loss, unsigned seed)
{
    for (int i = 0; i < FILES; i++) {
        struct disk_file *disk = &power.files[i];
        char shm[PATH_SIZE + 8];
        FILE *out;

        if (disk->path[0] == '\0' || access(disk->path, F_OK) != 0)
            continue;
        lose(disk, loss, &seed);
        out = fopen(disk->path, "wb");
        if (out == NULL || (disk->n > 0 && fwrite(disk->bytes, 1, disk->n, out) != disk->n) ||
            fclose(out) != 0)
            abort();
        (void)snprintf(shm, sizeof(shm), "%s-shm", disk->path);
        (void)unlink(shm); /* memory does not outlive the power */
    }
    power_vfs_cut_at(0);
}
