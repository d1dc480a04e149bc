#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"

static void a_buffer_grows(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000000);
    assert_string_equal(b.p, "");
    for (int i = 0; i < 20000; i++)
        buf_printf(&b, "%05d", i);
    assert_int_equal(b.n, 100000);
    assert_false(b.full);
    assert_int_equal(b.p[b.n], 0);
    assert_memory_equal(b.p + 99995, "19999", 5);
    assert_memory_equal(b.p, "0000000001", 10);
    buf_done(&b);
}

static void the_ceiling_holds(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_add(&b, SPAN("abc"));
    buf_add_str(&b, "de");
    assert_false(b.full);
    assert_string_equal(b.p, "abcde");
    buf_add_char(&b, 'f');
    assert_true(b.full);
    assert_string_equal(b.p, "abcde");
    buf_add_str(&b, "");
    assert_true(b.full); /* and stays so, whatever fits afterwards */
    buf_clear(&b);
    assert_false(b.full);
    assert_string_equal(b.p, "");
    buf_printf(&b, "%s", "abcdef");
    assert_true(b.full);
    assert_string_equal(b.p, "");
    buf_clear(&b);
    buf_printf(&b, "%d", 12345);
    assert_false(b.full);
    assert_null(buf_space(&b, 1));
    assert_true(b.full);
    buf_done(&b);

    buf_init(&b, 0);
    buf_add_str(&b, "");
    assert_false(b.full);
    buf_add_char(&b, 'a');
    assert_true(b.full);
    assert_string_equal(b.p, "");
    assert_null(buf_space(&b, SIZE_MAX));
    buf_done(&b);
}

static void content_is_cut_back(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 4);
    buf_cut(&b, 0);
    assert_string_equal(b.p, "");
    buf_add_str(&b, "abcd");
    buf_add_str(&b, "e");
    buf_cut(&b, 2);
    assert_false(b.full);
    assert_string_equal(b.p, "ab");
    buf_cut(&b, 3);
    assert_int_equal(b.n, 2);
    buf_add_str(&b, "xy");
    assert_string_equal(b.p, "abxy");
    buf_done(&b);
}

static void space_is_written_by_the_caller(void **state)
{
    struct buf b;
    char *at;

    (void)state;
    buf_init(&b, 100);
    buf_add_str(&b, "a");
    at = buf_space(&b, 99);
    assert_non_null(at);
    memcpy(at, "bc", 2);
    buf_wrote(&b, 2);
    assert_string_equal(b.p, "abc");
    assert_true(span_eq(buf_span(&b), SPAN("abc")));
    buf_add(&b, (struct span){NULL, 0});
    buf_add(&b, SPAN("\0d"));
    assert_int_equal(b.n, 5);
    assert_memory_equal(b.p, "abc\0d", 6);
    buf_done(&b);
}

static void content_is_taken(void **state)
{
    struct buf b;
    char *content;

    (void)state;
    buf_init(&b, 10);
    content = buf_take(&b);
    assert_string_equal(content, "");
    free(content);
    buf_add_str(&b, "abc");
    content = buf_take(&b);
    assert_string_equal(content, "abc");
    free(content);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.limit, 10);
    buf_add_str(&b, "0123456789");
    assert_string_equal(b.p, "0123456789");
    buf_done(&b);
    buf_done(&b);
    buf_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows),      cmocka_unit_test(the_ceiling_holds),
        cmocka_unit_test(content_is_cut_back), cmocka_unit_test(space_is_written_by_the_caller),
        cmocka_unit_test(content_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
