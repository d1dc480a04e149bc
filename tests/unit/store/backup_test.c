#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "store/committer.h"

enum { ROUNDS = 200 };

static void put_pair(struct store *s, int number, struct fail *fail, bool *works)
{
    char value[16];

    (void)snprintf(value, sizeof(value), "%d", number);
    *works = store_begin(s, fail) == ERR_NONE &&
             store_note_put(s, "one", span_of(value), fail) == ERR_NONE &&
             store_note_put(s, "two", span_of(value), fail) == ERR_NONE &&
             store_commit(s, fail) == ERR_NONE;
}

struct writer {
    struct store *store;
    atomic_bool stops;
    atomic_int n;
    bool works;
    struct fail fail;
};

static void *write_on(void *arg)
{
    struct writer *w = arg;

    while (w->works && !atomic_load(&w->stops))
        put_pair(w->store, atomic_fetch_add(&w->n, 1), &w->fail, &w->works);
    return NULL;
}

static int64_t number_of(struct fixture *f, struct store *s, const char *name)
{
    struct span value;

    assert_ok(f, store_note_get(s, &f->arena, name, &value, &f->fail));
    return value.p == NULL ? -1 : strtoll(value.p, NULL, 10);
}

/* A copy that is taken while somebody writes is of one instant. */
static void test_live(void **state)
{
    struct fixture *f = *state;
    struct writer w = {.store = f->store, .works = true};
    struct store *reader, *copy;
    pthread_t thread;
    struct stat info;

    assert_ok(f, store_open(f->file, STORE_READ, &reader, &f->fail));
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    for (int i = 0; i < 10; i++) {
        char path[128], name[32];
        int before = atomic_load(&w.n);

        while (atomic_load(&w.n) < before + 5)
            (void)usleep(200);
        (void)snprintf(name, sizeof(name), "copy-%d", i);
        fixture_path(f, name, path);
        assert_ok(f, store_backup(reader, path, &f->fail));
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        assert_ok(f, store_open(path, STORE_WRITE, &copy, &f->fail));
        assert_ok(f, store_check(copy, &f->fail));
        assert_true(number_of(f, copy, "one") >= before);
        assert_int_equal(number_of(f, copy, "one"), number_of(f, copy, "two"));
        store_close(copy);
    }
    atomic_store(&w.stops, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (!w.works)
        fail_msg("the writer was disturbed: %s", w.fail.text);
    store_close(reader);
}

static void test_refused(void **state)
{
    struct fixture *f = *state;
    char path[128], nowhere[160], text[8];
    FILE *file;
    DIR *d;
    const struct dirent *entry;

    fixture_path(f, "there", path);
    file = fopen(path, "w");
    assert_true(file != NULL && fputs("mine", file) >= 0 && fclose(file) == 0);
    assert_int_equal(store_backup(f->store, path, &f->fail), ERR_CONFLICT);
    assert_non_null(strstr(f->fail.text, path));
    file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text), file), 4);
    assert_memory_equal(text, "mine", 4);
    (void)fclose(file);
    (void)snprintf(nowhere, sizeof(nowhere), "%s/no/folder", f->folder);
    assert_int_equal(store_backup(f->store, nowhere, &f->fail), ERR_IO);
    assert_non_null(strstr(f->fail.text, nowhere));
    /* Nothing half made is left. */
    d = opendir(f->folder);
    assert_non_null(d);
    while ((entry = readdir(d)) != NULL)
        assert_null(strstr(entry->d_name, ".part"));
    (void)closedir(d);
}

static void test_damaged(void **state)
{
    struct fixture *f = *state;
    char junk[4096];
    FILE *file;

    for (int i = 0; i < ROUNDS; i++) {
        bool works;

        put_pair(f->store, i, &f->fail, &works);
        assert_true(works);
    }
    assert_ok(f, store_check(f->store, &f->fail));
    store_close(f->store);
    f->store = NULL;
    memset(junk, 0x5a, sizeof(junk));
    file = fopen(f->file, "r+b");
    assert_true(file != NULL && fseek(file, 4096, SEEK_SET) == 0);
    assert_int_equal(fwrite(junk, 1, sizeof(junk), file), sizeof(junk));
    assert_int_equal(fclose(file), 0);
    assert_ok(f, store_open(f->file, STORE_READ, &f->store, &f->fail));
    assert_int_equal(store_check(f->store, &f->fail), ERR_IO);
    assert_non_null(strstr(f->fail.text, "damaged"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_live, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_refused, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_damaged, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
