/* The VFS that gathers writes to the WAL, over one that counts calls and can fail. */
#include "fixture.h"

#include <sqlite3.h>

#include "store/db.h"
#include "store/wal_vfs.h"

/* ---- a VFS that watches the WAL; everything here is on one thread ---- */

struct watched {
    sqlite3_file base; /* first: SQLite knows this part */
    /* The file of the VFS below stands behind this struct. */
};

static struct {
    sqlite3_vfs vfs, *real;
    sqlite3_io_methods methods;
    int n_writes, n_syncs;
    int64_t n_bytes;
    bool has_unsynced;
    bool writes_fail;
} watch;

static sqlite3_file *below(sqlite3_file *file)
{
    return (sqlite3_file *)((struct watched *)file + 1);
}

static int watch_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    if (watch.writes_fail)
        return SQLITE_IOERR_WRITE;
    watch.n_writes++;
    watch.n_bytes += n;
    watch.has_unsynced = true;
    return below(file)->pMethods->xWrite(below(file), bytes, n, at);
}

static int watch_sync(sqlite3_file *file, int flags)
{
    watch.n_syncs++;
    watch.has_unsynced = false;
    return below(file)->pMethods->xSync(below(file), flags);
}

static int watch_close(sqlite3_file *file)
{
    return below(file)->pMethods->xClose(below(file));
}

static int watch_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
    return below(file)->pMethods->xRead(below(file), bytes, n, at);
}

static int watch_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return below(file)->pMethods->xTruncate(below(file), size);
}

static int watch_file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return below(file)->pMethods->xFileSize(below(file), out);
}

static int watch_lock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xLock(below(file), level);
}

static int watch_unlock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xUnlock(below(file), level);
}

static int watch_check_lock(sqlite3_file *file, int *out)
{
    return below(file)->pMethods->xCheckReservedLock(below(file), out);
}

static int watch_control(sqlite3_file *file, int what, void *arg)
{
    return below(file)->pMethods->xFileControl(below(file), what, arg);
}

static int watch_sector_size(sqlite3_file *file)
{
    return below(file)->pMethods->xSectorSize(below(file));
}

static int watch_characteristics(sqlite3_file *file)
{
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

static int watch_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                      int *out_flags)
{
    int rc;

    (void)vfs;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return watch.real->xOpen(watch.real, name, file, flags, out_flags);
    file->pMethods = NULL;
    rc = watch.real->xOpen(watch.real, name, below(file), flags, out_flags);
    if (below(file)->pMethods != NULL)
        file->pMethods = &watch.methods;
    return rc;
}

static void watch_register(void)
{
    watch.real = sqlite3_vfs_find(NULL);
    watch.methods = (sqlite3_io_methods){
        .iVersion = 1,
        .xClose = watch_close,
        .xRead = watch_read,
        .xWrite = watch_write,
        .xTruncate = watch_truncate,
        .xSync = watch_sync,
        .xFileSize = watch_file_size,
        .xLock = watch_lock,
        .xUnlock = watch_unlock,
        .xCheckReservedLock = watch_check_lock,
        .xFileControl = watch_control,
        .xSectorSize = watch_sector_size,
        .xDeviceCharacteristics = watch_characteristics,
    };
    watch.vfs = *watch.real;
    watch.vfs.pNext = NULL;
    watch.vfs.zName = "watch";
    watch.vfs.xOpen = watch_open;
    watch.vfs.szOsFile = watch.real->szOsFile + (int)sizeof(struct watched);
    assert_int_equal(sqlite3_vfs_register(&watch.vfs, 1), SQLITE_OK);
}

/* ---- tests ---- */

static void put_notes(struct fixture *f, int from, int n, size_t size)
{
    char *value = mem_new(1, size);

    memset(value, 'a' + from % 26, size);
    for (int i = from; i < from + n; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "note %d", i);
        assert_ok(f, store_note_put(f->store, name, span_n(value, size), &f->fail));
    }
    free(value);
}

static void check_note(struct fixture *f, struct store *s, int number, size_t size, char letter)
{
    struct span value;
    char name[32];

    (void)snprintf(name, sizeof(name), "note %d", number);
    assert_ok(f, store_note_get(s, &f->arena, name, &value, &f->fail));
    assert_int_equal(value.n, size);
    assert_int_equal(value.p[0], letter);
    assert_int_equal(value.p[size - 1], letter);
}

static void commit(struct fixture *f)
{
    assert_ok(f, store_commit(f->store, &f->fail));
}

/* Some fifty pages are fifty headers and fifty bodies: a hundred writes without this VFS. */
static void test_gathers(void **state)
{
    struct fixture *f = *state;
    int n_writes, n_syncs;
    int64_t n_bytes;

    assert_ok(f, store_begin(f->store, &f->fail));
    n_writes = watch.n_writes;
    n_syncs = watch.n_syncs;
    n_bytes = watch.n_bytes;
    put_notes(f, 0, 50, 3000);
    commit(f);
    assert_true(watch.n_bytes - n_bytes > 150000);
    assert_in_range(watch.n_writes - n_writes, 1, 8);
    assert_in_range(watch.n_syncs - n_syncs, 1, 2);
    assert_false(watch.has_unsynced);
}

/* What was committed stands in the files, for SQLite's own VFS too. */
static void test_others_read_it(void **state)
{
    struct fixture *f = *state;
    struct store *reader;

    for (int i = 0; i < 30; i++) {
        assert_ok(f, store_begin(f->store, &f->fail));
        put_notes(f, i, 1 + i, 100 + 400 * (size_t)i);
        commit(f);
        assert_ok(f, store_open(f->file, STORE_READ, &reader, &f->fail));
        check_note(f, reader, i, 100 + 400 * (size_t)i, (char)('a' + i % 26));
        store_close(reader);
    }
    assert_ok(f, store_check(f->store, &f->fail));
}

/* With a small cache SQLite writes pages before the commit, and reads them again. */
static void test_reads_its_own(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(sqlite3_exec(f->store->db, "PRAGMA cache_size = 5; PRAGMA cache_spill = 5",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_ok(f, store_begin(f->store, &f->fail));
    put_notes(f, 0, 200, 3000);
    for (int i = 0; i < 200; i += 7)
        check_note(f, f->store, i, 3000, 'a');
    put_notes(f, 3, 100, 3500); /* the same pages again */
    for (int i = 0; i < 200; i += 7)
        check_note(f, f->store, i, i < 3 || i >= 103 ? 3000 : 3500, i < 3 || i >= 103 ? 'a' : 'd');
    commit(f);
    check_note(f, f->store, 199, 3000, 'a');
    assert_ok(f, store_check(f->store, &f->fail));
}

/* A single page larger than what is held: cannot be, but a value over many pages can. */
static void test_large(void **state)
{
    struct fixture *f = *state;

    assert_ok(f, store_begin(f->store, &f->fail));
    put_notes(f, 0, 2, 3000000);
    commit(f);
    check_note(f, f->store, 1, 3000000, 'a');
    assert_ok(f, store_check(f->store, &f->fail));
}

/* An error that comes out of the sync undoes its transaction, and only that. */
static void test_write_fails(void **state)
{
    struct fixture *f = *state;
    struct span value;

    assert_ok(f, store_begin(f->store, &f->fail));
    put_notes(f, 0, 5, 3000);
    commit(f);
    assert_ok(f, store_begin(f->store, &f->fail));
    put_notes(f, 5, 5, 3000);
    watch.writes_fail = true;
    assert_int_equal(store_commit(f->store, &f->fail), ERR_IO);
    watch.writes_fail = false;
    assert_ok(f, store_note_get(f->store, &f->arena, "note 5", &value, &f->fail));
    assert_null(value.p);
    assert_ok(f, store_begin(f->store, &f->fail));
    put_notes(f, 10, 5, 3000);
    commit(f);
    check_note(f, f->store, 0, 3000, 'a');
    check_note(f, f->store, 14, 3000, 'k');
    assert_ok(f, store_check(f->store, &f->fail));
}

static void test_rolled_back(void **state)
{
    struct fixture *f = *state;
    struct store *reader;
    struct span value;

    assert_int_equal(sqlite3_exec(f->store->db, "PRAGMA cache_size = 5; PRAGMA cache_spill = 5",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    for (int i = 0; i < 3; i++) {
        assert_ok(f, store_begin(f->store, &f->fail));
        put_notes(f, 0, 100, 3000);
        store_rollback(f->store);
        assert_ok(f, store_begin(f->store, &f->fail));
        put_notes(f, 200 + i, 1, 3000);
        commit(f);
    }
    assert_ok(f, store_open(f->file, STORE_READ, &reader, &f->fail));
    assert_ok(f, store_note_get(reader, &f->arena, "note 0", &value, &f->fail));
    assert_null(value.p);
    check_note(f, reader, 202, 3000, (char)('a' + 202 % 26));
    store_close(reader);
    assert_ok(f, store_check(f->store, &f->fail));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gathers, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_others_read_it, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_reads_its_own, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_large, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_write_fails, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_rolled_back, fixture_store, fixture_done),
    };

    watch_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
