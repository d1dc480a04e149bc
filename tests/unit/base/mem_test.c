#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/random.h"

static void memory_is_zeroed_and_grows(void **state)
{
    char *p = mem_new(100, 3), *none = mem_new(0, 0);

    (void)state;
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(p[i], 0);
    memset(p, 'a', 300);
    p = mem_grow(p, 1000, 3);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(p[i], 'a');
    p = mem_grow(p, 0, 0);
    assert_non_null(p);
    assert_non_null(none);
    free(p);
    free(none);
    free(mem_grow(NULL, 1, 1));
}

static void texts_are_copied(void **state)
{
    char *dup = mem_dup((struct span){"abc", 2}), *empty = mem_dup((struct span){NULL, 0});
    char *text = mem_dup_str("abc"), *printed = mem_printf("%d %s", 7, "x");

    (void)state;
    assert_string_equal(dup, "ab");
    assert_string_equal(empty, "");
    assert_string_equal(text, "abc");
    assert_null(mem_dup_str(NULL));
    assert_string_equal(printed, "7 x");
    free(dup);
    free(empty);
    free(text);
    free(printed);
}

/* In a child: the size overflows, so there is no such memory. */
static void want_of_memory_ends_the_process(void **state)
{
    int status = 0;
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        (void)mem_new(SIZE_MAX / 2, 4);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void random_numbers_keep_their_bound(void **state)
{
    unsigned seen[7] = {0};
    unsigned char a[32] = {0}, b[32] = {0};

    (void)state;
    for (int i = 0; i < 7000; i++) {
        uint64_t n = random_below(7);

        assert_true(n < 7);
        seen[n]++;
    }
    for (size_t i = 0; i < 7; i++) /* 1000 expected; 700 is ten standard deviations off */
        assert_in_range(seen[i], 700, 1300);
    assert_int_equal(random_below(0), 0);
    assert_int_equal(random_below(1), 0);
    assert_true(random_below(UINT64_MAX) < UINT64_MAX);
    random_bytes(a, sizeof(a));
    random_bytes(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    random_bytes(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_grows),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(want_of_memory_ends_the_process),
        cmocka_unit_test(random_numbers_keep_their_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
