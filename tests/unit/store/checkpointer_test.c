/* Checkpoints beside the commits: the WAL begins anew, and what is committed stays. */
#include "fixture.h"

#include "store/checkpointer.h"
#include "store/db.h"

static const struct checkpointer_limits small = {
    .copy_pages = 40, .restart_pages = 80, .rest_pages = 8};

static void put(struct fixture *f, int number)
{
    char name[32], value[2000];

    (void)snprintf(name, sizeof(name), "note %d", number);
    memset(value, 'a' + number % 26, sizeof(value));
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_note_put(f->store, name, span_n(value, sizeof(value)), &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static void check_notes(struct fixture *f, int n)
{
    for (int i = 0; i < n; i++) {
        char name[32];
        struct span value;

        (void)snprintf(name, sizeof(name), "note %d", i);
        assert_ok(f, store_note_get(f->store, &f->arena, name, &value, &f->fail));
        assert_int_equal(value.n, 2000);
        assert_int_equal(value.p[1999], 'a' + i % 26);
    }
}

static void test_begins_anew(void **state)
{
    struct fixture *f = *state;
    struct checkpointer *c;
    int n_anew = 0, before = 0, longest = 0, n = 0;

    assert_ok(f, checkpointer_start(f->store, &small, &c, &f->fail));
    /* How soon the thread comes to it is not said, only that it does. */
    for (; n < 20000 && n_anew < 3; n++) {
        int pages;

        put(f, n % 300);
        checkpointer_tend(c);
        pages = store_wal_pages(f->store);
        n_anew += pages < before;
        longest = pages > longest ? pages : longest;
        before = pages;
        if (n % 100 == 99)
            (void)usleep(1000);
    }
    assert_int_equal(n_anew, 3);
    assert_true(longest >= small.restart_pages);
    checkpointer_stop(c);
    check_notes(f, n < 300 ? n : 300);
    assert_ok(f, store_check(f->store, &f->fail));
}

/* A reader that stays in its snapshot is in the way of beginning anew, and loses nothing. */
static void test_reader_in_the_way(void **state)
{
    struct fixture *f = *state;
    struct checkpointer *c;
    struct store *reader;
    sqlite3_stmt *rows;
    int before = 0;

    assert_ok(f, checkpointer_start(f->store, &small, &c, &f->fail));
    put(f, 0);
    assert_ok(f, store_open(f->file, STORE_READ, &reader, &f->fail));
    assert_int_equal(
        sqlite3_prepare_v2(reader->db,
                           "SELECT length(value) FROM note WHERE name GLOB 'note *' UNION ALL"
                           " SELECT 1",
                           -1, &rows, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    for (int i = 1; i < 300; i++) {
        put(f, i);
        checkpointer_tend(c);
        assert_true(store_wal_pages(f->store) > before);
        before = store_wal_pages(f->store);
        if (i % 20 == 0)
            (void)usleep(500);
    }
    assert_int_equal(sqlite3_column_int(rows, 0), 2000);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW); /* the second and last of its snapshot */
    assert_int_equal(sqlite3_column_int(rows, 0), 1);
    assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    store_close(reader);
    check_notes(f, 300);
    checkpointer_stop(c);
}

static void test_start_and_stop(void **state)
{
    struct fixture *f = *state;
    struct checkpointer *c;

    checkpointer_stop(NULL);
    for (int i = 0; i < 20; i++) {
        assert_ok(
            f, checkpointer_start(f->store, &(struct checkpointer_limits){1, 1, 0}, &c, &f->fail));
        put(f, i);
        checkpointer_tend(c); /* asks the thread, which is stopped at once */
        checkpointer_stop(c);
    }
    check_notes(f, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_begins_anew, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_reader_in_the_way, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_start_and_stop, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
