#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/span.h"

static const struct span none = {NULL, 0};

static void spans_are_compared(void **state)
{
    static const struct row {
        const char *a, *b;
        bool is_equal, is_equal_nocase;
        int order;
    } rows[] = {
        {"", "", true, true, 0},
        {"a", "a", true, true, 0},
        {"a", "A", false, true, 1},
        {"AbZ", "aBz", false, true, -1},
        {"a", "b", false, false, -1},
        {"a", "ab", false, false, -1},
        {"ab", "a", false, false, 1},
        {"[", "{", false, false, -1}, /* 0x20 apart, and no letters */
        {"@", "`", false, false, -1},
        {"\xc3\x84", "\xc3\xa4", false, false, -1}, /* Ä and ä: only ASCII case is ignored */
        {"\x7f", "\x80", false, false, -1},         /* bytes, not signed characters */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span a = span_of(rows[i].a), b = span_of(rows[i].b);
        int order = span_cmp(a, b);

        if (span_eq(a, b) != rows[i].is_equal || span_eq_nocase(a, b) != rows[i].is_equal_nocase ||
            (order > 0) - (order < 0) != rows[i].order)
            fail_msg("'%s' and '%s'", rows[i].a, rows[i].b);
    }
    assert_true(span_eq(none, SPAN("")));
    assert_true(span_eq_nocase(SPAN(""), none));
    assert_int_equal(span_cmp(none, none), 0);
    assert_true(span_cmp(none, SPAN("a")) < 0);
    assert_int_equal(span_of(NULL).n, 0);
    assert_true(span_eq(span_n("a\0b", 3), SPAN("a\0b")));
    assert_false(span_eq(SPAN("a\0b"), SPAN("a\0c")));
}

static void ends_are_recognized(void **state)
{
    (void)state;
    assert_true(span_starts(SPAN("abc"), SPAN("ab")));
    assert_true(span_starts(SPAN("abc"), SPAN("abc")));
    assert_true(span_starts(none, none));
    assert_true(span_starts(SPAN("a"), none));
    assert_false(span_starts(SPAN("ab"), SPAN("abc")));
    assert_false(span_starts(SPAN("abc"), SPAN("b")));
    assert_true(span_ends(SPAN("abc"), SPAN("bc")));
    assert_true(span_ends(SPAN("abc"), SPAN("abc")));
    assert_true(span_ends(none, none));
    assert_true(span_ends(none, SPAN("")));
    assert_false(span_ends(SPAN("bc"), SPAN("abc")));
    assert_false(span_ends(SPAN("abc"), SPAN("ab")));
    assert_false(span_ends(none, SPAN("a")));
}

static void blanks_are_trimmed(void **state)
{
    static const char *const rows[][2] = {
        {"", ""},         {" ", ""},        {" \t\r\n ", ""}, {"a", "a"},
        {" a b ", "a b"}, {"\r\na\t", "a"}, {"a\v", "a\v"},   {"\xc2\xa0", "\xc2\xa0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!span_eq(span_trim(span_of(rows[i][0])), span_of(rows[i][1])))
            fail_msg("'%s'", rows[i][0]);
    assert_int_equal(span_trim(none).n, 0);
}

static void characters_are_found(void **state)
{
    (void)state;
    assert_int_equal(span_find(SPAN("abcb"), 'b'), 1);
    assert_int_equal(span_find(SPAN("abc"), 'x'), 3);
    assert_int_equal(span_find(SPAN("a\0b"), 'b'), 2);
    assert_int_equal(span_find(SPAN("a\0b"), '\0'), 1);
    assert_int_equal(span_find(none, 'a'), 0);
    assert_int_equal(span_find((struct span){"ab", 1}, 'b'), 1);
}

static void spans_are_split(void **state)
{
    static const struct row {
        const char *text, *parts[4];
        size_t n;
    } rows[] = {
        {"", {""}, 1},      {"a", {"a"}, 1},           {"a,b,", {"a", "b", ""}, 3},
        {",", {"", ""}, 2}, {",,a", {"", "", "a"}, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span rest = span_of(rows[i].text), part = SPAN("untouched");
        size_t n = 0;

        while (span_split(&rest, ',', &part)) {
            if (n == rows[i].n || !span_eq(part, span_of(rows[i].parts[n])))
                fail_msg("'%s': part %zu is '%.*s'", rows[i].text, n, SPAN_ARG(part));
            n++;
        }
        assert_int_equal(n, rows[i].n);
        part = SPAN("untouched");
        assert_false(span_split(&rest, ',', &part));
        assert_true(span_eq(part, SPAN("untouched")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_compared), cmocka_unit_test(ends_are_recognized),
        cmocka_unit_test(blanks_are_trimmed), cmocka_unit_test(characters_are_found),
        cmocka_unit_test(spans_are_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
