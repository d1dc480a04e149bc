#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"

static void validity(void **state)
{
    static const struct row {
        const char *text;
        bool is_valid;
    } rows[] = {
        {"", true},
        {"abc", true},
        {"\xc3\xa9", true},
        {"\xe2\x82\xac", true},
        {"\xf0\x9f\x8e\xa7", true},
        {"\xf4\x8f\xbf\xbf", true},  /* U+10FFFF */
        {"\xf4\x90\x80\x80", false}, /* beyond it */
        {"\xed\xa0\x80", false},     /* a surrogate */
        {"\xc0\x80", false},         /* overlong */
        {"\xe0\x80\xaf", false},
        {"\xf0\x80\x80\x80", false},
        {"\xc3", false},
        {"a\xc3", false},
        {"\x80", false},
        {"\xff", false},
        {"\xe2\x82", false},
        {"\xe2\x82z", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (utf8_is_valid(span_of(rows[i].text)) != rows[i].is_valid)
            fail_msg("row %zu", i);
    assert_true(utf8_is_valid((struct span){NULL, 0}));
    assert_true(utf8_is_valid(SPAN("a\0b")));
}

static void points_are_read(void **state)
{
    int32_t point = -7;

    (void)state;
    assert_int_equal(utf8_point(SPAN("\xf0\x9f\x8e\xa7z"), &point), 4);
    assert_int_equal(point, 0x1f3a7);
    assert_int_equal(utf8_point(SPAN("z\xff"), &point), 1);
    assert_int_equal(point, 'z');
    assert_int_equal(utf8_point(SPAN("\0"), &point), 1);
    assert_int_equal(point, 0);
    point = -7;
    assert_int_equal(utf8_point(SPAN("\xffz"), &point), 0);
    assert_int_equal(utf8_point(SPAN("\xe2\x82"), &point), 0);
    assert_int_equal(utf8_point(SPAN(""), &point), 0);
    assert_int_equal(point, -7);
}

static void normal_form(void **state)
{
    struct buf b;

    (void)state;
    assert_true(utf8_eq_nfc(SPAN("Age\xcc\x81nts"), SPAN("Ag\xc3\xa9nts")));
    assert_true(utf8_eq_nfc(SPAN("\xe2\x84\xaa"), SPAN("K"))); /* the Kelvin sign */
    assert_true(utf8_eq_nfc(SPAN(""), (struct span){NULL, 0}));
    assert_false(utf8_eq_nfc(SPAN("Agents"), SPAN("agents")));
    assert_false(utf8_eq_nfc(SPAN("Agents"), SPAN("Agents ")));
    assert_false(utf8_eq_nfc(SPAN("\xef\xac\x81"), SPAN("fi"))); /* only NFKC would say so */
    assert_false(utf8_eq_nfc(SPAN("\xff"), SPAN("\xff")));

    buf_init(&b, 6);
    assert_true(utf8_add_nfc(&b, SPAN("e\xcc\x81")));
    assert_string_equal(b.p, "\xc3\xa9");
    assert_false(utf8_add_nfc(&b, SPAN("a\xff")));
    assert_string_equal(b.p, "\xc3\xa9");
    assert_false(b.full);
    assert_false(utf8_add_nfc(&b, SPAN("\xe2\x82\xac\xe2\x82\xac")));
    assert_true(b.full);
    /* Also when it was full before, the answer is about this text. */
    assert_false(utf8_add_nfc(&b, SPAN("abcdef")));
    assert_true(utf8_add_nfc(&b, SPAN("a")));
    assert_string_equal(b.p, "\xc3\xa9"
                             "a");
    buf_done(&b);
}

static void names_are_cleaned(void **state)
{
    static const struct row {
        const char *name, *text, *clean; /* clean NULL: refused */
    } rows[] = {
        {"as it is", "Jane Doe", "Jane Doe"},
        {"nothing", "", ""},
        {"only blanks", " \t\xc2\xa0\xe3\x80\x80 ", ""},
        {"runs of blanks", "  Jane \t \xc2\xa0 Doe\n", "Jane Doe"},
        {"other blanks",
         "a\xe1\x9a\x80"
         "b\xe2\x80\x80"
         "c\xe2\x80\xaf"
         "d\xe2\x81\x9f"
         "e\xe3\x80\x80"
         "f\xe2\x80\xa8"
         "g\xe2\x80\xa9"
         "h\xc2\x85i",
         "a b c d e f g h i"},
        {"line ends separate", "a\r\nb\vc\fd", "a b c d"},
        {"controls go",
         "a\x01"
         "b\x7f"
         "c\xc2\x9b"
         "d\x1b[31m",
         "abcd[31m"},
        {"bidirectional controls go",
         "\xe2\x80\x8e"
         "a\xe2\x80\x8f"
         "b\xe2\x80\xaa"
         "c\xe2\x80\xae"
         "d\xe2\x81\xa6"
         "e\xe2\x81\xa9"
         "f\xd8\x9c",
         "abcdef"},
        {"zero width space and BOM go",
         "\xef\xbb\xbf"
         "a\xe2\x80\x8b"
         "b",
         "ab"},
        {"joiners stay",
         "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7 \xd9\x86\xe2\x80\x8c\xd9\x87",
         "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7 \xd9\x86\xe2\x80\x8c\xd9\x87"},
        {"composed", "Zoe\xcc\x88", "Zo\xc3\xab"},
        {"composed across what goes", "e\xe2\x80\x8b\xcc\x81", "\xc3\xa9"},
        {"blank, nothing, blank", "a \xe2\x80\x8b b", "a b"},
        {"no UTF-8", "a\xff", NULL},
        {"a surrogate", "\xed\xa0\xbd\xed\xb8\x80", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b, again;
        bool is_fine;

        buf_init(&b, 200);
        buf_init(&again, 200);
        is_fine = utf8_add_clean_name(&b, span_of(rows[i].text));
        if (is_fine != (rows[i].clean != NULL) ||
            !span_eq(buf_span(&b), is_fine ? span_of(rows[i].clean) : SPAN("")))
            fail_msg("%s: '%s'", rows[i].name, b.p);
        assert_true(utf8_add_clean_name(&again, buf_span(&b)));
        assert_string_equal(again.p, b.p);
        buf_done(&b);
        buf_done(&again);
    }
}

static void characters_are_counted(void **state)
{
    struct span text = SPAN("a\xc3\xa9\xf0\x9f\x8e\xa7z");

    (void)state;
    assert_int_equal(utf8_length(text), 4);
    assert_int_equal(utf8_length((struct span){NULL, 0}), 0);
    assert_int_equal(utf8_prefix(text, 0).n, 0);
    assert_int_equal(utf8_prefix(text, 2).n, 3);
    assert_int_equal(utf8_prefix(text, 3).n, 7);
    assert_int_equal(utf8_prefix(text, 4).n, 8);
    assert_int_equal(utf8_prefix(text, 400).n, 8);
    assert_int_equal(utf8_prefix((struct span){NULL, 0}, 3).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validity),
        cmocka_unit_test(points_are_read),
        cmocka_unit_test(normal_form),
        cmocka_unit_test(names_are_cleaned),
        cmocka_unit_test(characters_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
