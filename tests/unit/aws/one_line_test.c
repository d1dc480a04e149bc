#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/one_line.h"

static const struct row {
    const char *text;
    size_t size;
    const char *line;
} rows[] = {
    {"", 10, ""},
    {NULL, 10, ""},
    {"plain", 10, "plain"},
    {"plain", 6, "plain"},
    {"plain", 5, "plai"},
    {"plain", 1, ""},
    {"\n\n one\ntwo", 10, "one"},
    {"one\rtwo", 10, "one"},
    {"a\tb\x1b[m\x7f", 20, "a b [m "},
    {"a\xc2\x85"
     "b",
     10, "a b"},
    {"a\xff"
     "b\xc3",
     10, "a?b?"},
    {"a\xc3\xa4", 4, "a\xc3\xa4"},
    {"a\xc3\xa4", 3, "a"},
};

static void lines_are_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[32];

        memset(line, 'x', sizeof(line));
        one_line(line, rows[i].size, span_of(rows[i].text));
        assert_string_equal(line, rows[i].line);
        assert_int_equal(line[rows[i].size], 'x');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_are_made)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
