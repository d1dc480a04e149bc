#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/split_words.h"

static const struct row {
    const char *text;
    bool is_bad;
    const char *words[5];
} rows[] = {
    {"", false, {NULL}},
    {" \t\n", false, {NULL}},
    {"a", false, {"a"}},
    {"  a  b\tc\n d ", false, {"a", "b", "c", "d"}},
    {"'a b' \"c d\"", false, {"a b", "c d"}},
    {"a'b'\"c\"d", false, {"abcd"}},
    {"'' \"\"", false, {"", ""}},
    {"'a\\b' \"a\\b\\\\\\\"\"", false, {"a\\b", "a\\b\\\""}},
    {"a\\ b \\'", false, {"a b", "'"}},
    {"$HOME ~ `x` | ;", false, {"$HOME", "~", "`x`", "|", ";"}},
    {"'a", true, {NULL}},
    {"a \"b", true, {NULL}},
    {"a\\", true, {NULL}},
    {"\"\\", true, {NULL}},
};

static void words_are_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        char **words;
        size_t n = 0;

        arena_init(&arena);
        words = split_words(&arena, span_of(rows[i].text));
        assert_int_equal(words == NULL, rows[i].is_bad);
        for (; words != NULL && n < 5 && rows[i].words[n] != NULL; n++) {
            assert_non_null(words[n]);
            assert_string_equal(words[n], rows[i].words[n]);
        }
        if (words != NULL)
            assert_null(words[n]);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_are_split)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
