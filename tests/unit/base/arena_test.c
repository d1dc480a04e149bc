#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdio.h>

#include "base/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    static const size_t sizes[] = {0, 1, 3, 16, 17, 4095, 4096, 4097, 100000};
    struct arena a;

    (void)state;
    arena_init(&a);
    for (int round = 0; round < 50; round++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            char *p = arena_new(&a, sizes[i], 1);

            assert_non_null(p);
            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(p[k], 0);
            memset(p, 0x5a, sizes[i]); /* the next one must not overlap this */
        }
    arena_done(&a);
    assert_null(a.last);
}

static void pieces_stay_apart(void **state)
{
    struct arena a;
    char *pieces[2000];

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < 2000; i++)
        pieces[i] = arena_printf(&a, "%zu", i * 7919);
    for (size_t i = 0; i < 2000; i++) {
        char wanted[24];

        (void)snprintf(wanted, sizeof(wanted), "%zu", i * 7919);
        assert_string_equal(pieces[i], wanted);
    }
    arena_done(&a);
}

static void texts_are_copied(void **state)
{
    char text[] = "abc";
    struct arena a = {0};
    struct span copy, empty;
    char *dup;

    (void)state;
    dup = arena_dup(&a, span_of(text));
    copy = arena_span(&a, span_of(text));
    text[0] = 'x';
    assert_string_equal(dup, "abc");
    assert_true(span_eq(copy, SPAN("abc")));
    assert_int_equal(copy.p[copy.n], 0);
    assert_null(arena_span(&a, (struct span){NULL, 0}).p);
    empty = arena_span(&a, SPAN(""));
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    assert_string_equal(arena_dup(&a, (struct span){NULL, 0}), "");
    assert_string_equal(arena_printf(&a, "%s", ""), "");
    assert_int_equal(strlen(arena_printf(&a, "%9000d", 1)), 9000);
    arena_done(&a);
    arena_done(&a);
    assert_string_equal(arena_dup(&a, SPAN("again")), "again");
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(pieces_stay_apart),
        cmocka_unit_test(texts_are_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
