#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/style.h"

#define BAD "\xef\xbf\xbd"

static const struct row {
    const char *name, *text, *shown;
} rows[] = {
    {"plain", "ann@acme.com", "ann@acme.com"},
    {"accents, joiners and emoji", "J\xc3\xbcrgen \xe2\x80\x8d \xf0\x9f\x98\x80",
     "J\xc3\xbcrgen \xe2\x80\x8d \xf0\x9f\x98\x80"},
    {"blanks stay", " a  b ", " a  b "},
    {"controls",
     "a\tb\r\nc\033d\x7f"
     "e",
     "a" BAD "b" BAD BAD "c" BAD "d" BAD "e"},
    {"C1 controls",
     "a\xc2\x9b"
     "b\xc2\x85",
     "a" BAD "b" BAD},
    {"bidirectional controls",
     "a\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9\xd8\x9c"
     "b",
     "a" BAD BAD BAD BAD BAD "b"},
    {"separators and invisible ones", "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\x8b\xef\xbb\xbf",
     BAD BAD BAD BAD},
    {"no UTF-8", "a\xff\xc3(\xed\xa0\x80", "a" BAD BAD "(" BAD BAD BAD},
    {"cut short", "a\xe2\x80", "a" BAD BAD},
    {"nothing", "", ""},
};

static void texts_are_made_fit_to_be_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out;

        buf_init(&out, 1024);
        style_add(&out, span_of(rows[i].text));
        if (!span_eq(buf_span(&out), span_of(rows[i].shown)))
            fail_msg("%s: %s", rows[i].name, out.p);
        buf_done(&out);
    }
}

static const struct {
    int64_t ms;
    const char *text;
} durations[] = {
    {0, "0ms"},      {250, "250ms"},    {3000, "3s"},        {60000, "1m"},
    {90000, "90s"},  {900000, "15m"},   {3600000, "1h"},     {5400000, "90m"},
    {7200000, "2h"}, {172800000, "2d"}, {2592000000, "30d"}, {90000001, "90000001ms"},
};

static void durations_are_written_as_in_the_configuration(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        struct buf out;

        buf_init(&out, 64);
        style_add_setting(&out, durations[i].ms);
        assert_string_equal(out.p, durations[i].text);
        buf_done(&out);
    }
}

static void times_are_told_with_their_age(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 256);
    style_add_ago(&out, 1777881601234, 1777881601234 + 4000);
    assert_string_equal(out.p, "2026-05-04T08:00:01.234Z (4 s ago)");
    buf_clear(&out);
    style_add_ago(&out, 1777881601234, 1777881601234 - 60000);
    assert_non_null(strstr(out.p, "(in 1 min"));
    buf_clear(&out);
    style_add_ago(&out, 0, 5);
    assert_string_equal(out.p, "-");
    buf_done(&out);
}

static void a_file_is_no_terminal(void **state)
{
    static const char *const environment[] = {"TERM=xterm", NULL};
    FILE *file = tmpfile();
    struct style style = style_of(file, environment);

    (void)state;
    assert_false(style.has_colour);
    assert_int_equal(style.width, 0);
    assert_string_equal(style_begin(&style, COLOUR_BAD), "");
    assert_string_equal(style_end(&style, COLOUR_BAD), "");
    assert_int_equal(fclose(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_made_fit_to_be_shown),
        cmocka_unit_test(durations_are_written_as_in_the_configuration),
        cmocka_unit_test(times_are_told_with_their_age),
        cmocka_unit_test(a_file_is_no_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
