#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, size_t n)
{
    FILE *f = fopen(in_folder(name), "w");

    assert_non_null(f);
    for (size_t i = 0; i < n; i++)
        assert_int_not_equal(fputc('a' + (int)(i % 26), f), EOF);
    assert_int_equal(fclose(f), 0);
}

static void files_are_read_up_to_the_ceiling(void **state)
{
    static const size_t step = 64 * 1024; /* what fs_read reads at once */
    static const struct row {
        size_t size, limit;
        bool fits;
    } rows[] = {
        {0, 0, true},
        {0, 10, true},
        {10, 10, true},
        {11, 10, false},
        {1, 0, false},
        {step, step, true},
        {step + 1, step, false},
        {step + 1, step + 1, true},
        {3 * step, 10 * step, true},
        {3 * step, 3 * step, true},
        {3 * step, 3 * step - 1, false},
        {step - 1, 2 * step, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fail fail = {0};
        struct buf b;
        enum err err;

        write_file("file", rows[i].size);
        buf_init(&b, rows[i].limit);
        err = fs_read(in_folder("file"), &b, &fail);
        if (err != (rows[i].fits ? ERR_NONE : ERR_INPUT))
            fail_msg("row %zu: %s", i, fail.text);
        if (rows[i].fits)
            assert_int_equal(b.n, rows[i].size);
        for (size_t k = 0; k < b.n; k++)
            assert_int_equal(b.p[k], 'a' + k % 26);
        buf_done(&b);
    }
}

static void what_is_no_file_is_told(void **state)
{
    struct fail fail;
    struct buf b;
    int ends[2];
    char path[32];

    (void)state;
    buf_init(&b, 100);
    assert_int_equal(fs_read(in_folder("absent"), &b, &fail), ERR_NOT_FOUND);
    assert_non_null(strstr(fail.text, "absent"));
    assert_int_equal(fs_read(folder, &b, &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "is a folder"));
    write_file("file", 1);
    assert_int_equal(fs_read(in_folder("file/below"), &b, &fail), ERR_IO);
    assert_int_equal(b.n, 0);
    /* A pipe is read, too: `roster check --config /dev/stdin`. */
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "piped", 5), 5);
    assert_int_equal(close(ends[1]), 0);
    (void)snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    buf_add_str(&b, "before ");
    assert_int_equal(fs_read(path, &b, &fail), ERR_NONE);
    assert_string_equal(b.p, "before piped");
    assert_int_equal(close(ends[0]), 0);
    buf_done(&b);
}

static void folders_are_made(void **state)
{
    struct fail fail;
    struct stat info;

    (void)state;
    assert_false(fs_exists(in_folder("a")));
    assert_int_equal(fs_make_folder(in_folder("a//b/c/"), &fail), ERR_NONE);
    assert_int_equal(stat(in_folder("a/b/c"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    assert_true(fs_exists(in_folder("a/b/c")));
    assert_int_equal(fs_make_folder(in_folder("a/b/c"), &fail), ERR_NONE);
    assert_int_equal(fs_make_folder("/", &fail), ERR_NONE);
    assert_int_equal(fs_make_folder(".", &fail), ERR_NONE);
    write_file("file", 1);
    assert_int_equal(fs_make_folder(in_folder("file"), &fail), ERR_IO);
    assert_int_equal(fs_make_folder(in_folder("file/below"), &fail), ERR_IO);
    assert_non_null(strstr(fail.text, "file"));
    assert_int_equal(fs_make_folder("", &fail), ERR_IO);
}

static void a_lock_is_held_once(void **state)
{
    struct fail fail;
    int fd = -1, other = -1, status = 0;
    pid_t pid;

    (void)state;
    assert_int_equal(fs_lock(in_folder("lock"), &fd, &fail), ERR_NONE);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(fs_lock(in_folder("lock"), &other, NULL) == ERR_CONFLICT ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(fs_lock(in_folder("lock"), &other, &fail), ERR_CONFLICT);
    assert_int_equal(other, -1);
    assert_int_equal(close(fd), 0);
    assert_int_equal(fs_lock(in_folder("lock"), &other, &fail), ERR_NONE);
    assert_int_equal(close(other), 0);
    assert_int_equal(fs_lock(in_folder("absent/lock"), &other, &fail), ERR_IO);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/roster-fs-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"file", "lock", "a/b/c", "a/b", "a"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)remove(in_folder(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_up_to_the_ceiling),
        cmocka_unit_test(what_is_no_file_is_told),
        cmocka_unit_test(folders_are_made),
        cmocka_unit_test(a_lock_is_held_once),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
