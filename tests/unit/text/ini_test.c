#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "text/ini.h"

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct item {
    enum ini_kind kind;
    unsigned line;
    const char *section, *key, *value;
} sample[] = {
    {INI_SECTION, 1, "OKTA", NULL, NULL},
    {INI_PAIR, 2, "OKTA", "APP_NAME", "AWS Account Federation"},
    {INI_PAIR, 3, "OKTA", "GROUP_NAME", "amazon_connect"},
    {INI_PAIR, 4, "OKTA", "APP_MEMBERSHIP_ADD_EVENT", "application.user_membership.add"},
    {INI_PAIR, 5, "OKTA", "GROUP_MEMBERSHIP_ADD_EVENT", "group.user_membership.add"},
    {INI_SECTION, 6, "Connect", NULL, NULL},
    {INI_PAIR, 7, "Connect", "SECURITY_PROFILE_IDS",
     "12345678-1234-2345-abd8-0aa7f5b46852, 65345678-1234-2345-abd8-0aa7f5b46852, "
     "98345678-1234-2345-abd8-0aa7f5b46852"},
    {INI_PAIR, 8, "Connect", "ROUTING_PROFILE_ID", "87654321-69fb-43b6-a5e6-f8666ac189cb"},
    {INI_PAIR, 9, "Connect", "INSTANCE_ID", "abcdefgh-0122-4131-adc2-a0ebe5a2b2a7"},
};

static void the_aws_sample_is_read(void **state)
{
    struct buf file;
    struct ini ini;

    (void)state;
    buf_init(&file, INI_SIZE_LIMIT);
    assert_int_equal(fs_read(TEST_DATA "/aws-sample-config.ini", &file, NULL), ERR_NONE);
    ini_init(&ini, buf_span(&file));
    for (size_t i = 0; i < ROWS(sample); i++) {
        struct ini_item item = ini_next(&ini);

        assert_int_equal(item.kind, sample[i].kind);
        assert_int_equal(item.line, sample[i].line);
        assert_true(span_eq(item.section, span_of(sample[i].section)));
        assert_true(span_eq(item.key, span_of(sample[i].key)));
        assert_true(span_eq(item.value, span_of(sample[i].value)));
    }
    assert_int_equal(ini_next(&ini).kind, INI_END);
    assert_int_equal(ini_next(&ini).kind, INI_END);
    buf_done(&file);
}

static const struct line_row {
    const char *name;
    struct span text;
    enum ini_kind kind;
    const char *section, *key, *value; /* of the first item */
} lines[] = {
    {"nothing", {"", 0}, INI_END, "", NULL, NULL},
    {"no pointer", {NULL, 0}, INI_END, "", NULL, NULL},
    {"blanks and comments", {"\n  \r\n# a\n\t; b\n", 14}, INI_END, "", NULL, NULL},
    {"byte order mark", {"\xef\xbb\xbf[A]", 6}, INI_SECTION, "A", NULL, NULL},
    {"blanks in a section",
     {"  [ Mapping Sales ]  # c\r\n", 26},
     INI_SECTION,
     "Mapping Sales",
     NULL,
     NULL},
    {"a pair before all sections", {"a=b", 3}, INI_PAIR, "", "a", "b"},
    {"outer blanks", {" a b \t=\t c d \r\n", 15}, INI_PAIR, "", "a b", "c d"},
    {"an empty value", {"a =", 3}, INI_PAIR, "", "a", ""},
    {"only a comment as value", {"a = # c", 7}, INI_PAIR, "", "a", ""},
    {"a second equals sign", {"a=b=c", 5}, INI_PAIR, "", "a", "b=c"},
    {"a hash within a word", {"a=b#c;d", 7}, INI_PAIR, "", "a", "b#c;d"},
    {"a hash behind a tab", {"a=b\t#c", 6}, INI_PAIR, "", "a", "b"},
    {"a semicolon behind a blank", {"a=b ;c", 6}, INI_PAIR, "", "a", "b"},
    {"a hash in quotes", {"a=\"b # c\" # d", 13}, INI_PAIR, "", "a", "\"b # c\""},
    {"an escaped quote", {"a=\"b\\\" # c\" # d", 15}, INI_PAIR, "", "a", "\"b\\\" # c\""},
    {"an escaped backslash ends", {"a=\"b\\\\\" # c", 11}, INI_PAIR, "", "a", "\"b\\\\\""},
    {"quotes in a comment", {"a=b # \"c", 8}, INI_PAIR, "", "a", "b"},
    {"quotes that stay open", {"a=\"b # c", 8}, INI_PAIR, "", "a", "\"b # c"},
    {"UTF-8", {"a=\xc3\xa9", 4}, INI_PAIR, "", "a", "\xc3\xa9"},
    {"no equals sign", {"abc", 3}, INI_ERROR, "", NULL, NULL},
    {"no key", {" = b", 4}, INI_ERROR, "", NULL, NULL},
    {"a section not closed", {"[A", 2}, INI_ERROR, "", NULL, NULL},
    {"only a bracket", {"[", 1}, INI_ERROR, "", NULL, NULL},
    {"a section without a name", {"[ ]", 3}, INI_ERROR, "", NULL, NULL},
    {"text behind a section", {"[A] b", 5}, INI_ERROR, "", NULL, NULL},
    {"brackets in a section", {"[A]]", 4}, INI_ERROR, "", NULL, NULL},
    {"invalid UTF-8", {"a=\xff", 3}, INI_ERROR, "", NULL, NULL},
    {"NUL", {"a=\0", 3}, INI_ERROR, "", NULL, NULL},
    {"a bare carriage return", {"a=b\rc=d", 7}, INI_ERROR, "", NULL, NULL},
    {"DEL", {"a=\x7f", 3}, INI_ERROR, "", NULL, NULL},
    {"a control character in a comment", {"# \x01", 3}, INI_ERROR, "", NULL, NULL},
};

static void lines_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(lines); i++) {
        const struct line_row *row = &lines[i];
        struct ini_item item;
        struct ini ini;

        ini_init(&ini, row->text);
        item = ini_next(&ini);
        if (item.kind != row->kind || !span_eq(item.section, span_of(row->section)) ||
            !span_eq(item.key, span_of(row->key)) || !span_eq(item.value, span_of(row->value)) ||
            (item.error != NULL) != (row->kind == INI_ERROR))
            fail_msg("%s: kind %d, '%.*s' = '%.*s'", row->name, (int)item.kind, SPAN_ARG(item.key),
                     SPAN_ARG(item.value));
    }
}

static void reading_goes_on_behind_errors(void **state)
{
    struct ini_item item;
    struct ini ini;

    (void)state;
    ini_init(&ini, SPAN("[A]\nbad\nk=v\n[B\nk=w\n[C]\nk=x"));
    assert_int_equal(ini_next(&ini).kind, INI_SECTION);
    item = ini_next(&ini);
    assert_true(item.kind == INI_ERROR && item.line == 2);
    item = ini_next(&ini);
    assert_true(item.kind == INI_PAIR && item.line == 3 && span_eq(item.section, SPAN("A")));
    item = ini_next(&ini);
    assert_true(item.kind == INI_ERROR && item.line == 4);
    /* What follows an unreadable section is not taken for a part of the one before. */
    item = ini_next(&ini);
    assert_true(item.kind == INI_PAIR && item.line == 5 && span_eq(item.section, SPAN("")));
    assert_int_equal(ini_next(&ini).kind, INI_SECTION);
    assert_true(span_eq(ini_next(&ini).section, SPAN("C")));
    assert_int_equal(ini_next(&ini).kind, INI_END);
}

static void lines_of_any_length(void **state)
{
    struct ini_item item;
    struct ini ini;
    struct buf b;

    (void)state;
    buf_init(&b, INI_SIZE_LIMIT);
    buf_add_str(&b, "k = x");
    for (size_t i = 0; i < 10000; i++)
        buf_add_str(&b, ",0123456789");
    ini_init(&ini, buf_span(&b));
    item = ini_next(&ini);
    assert_int_equal(item.value.n, 1 + 11 * 10000);
    buf_done(&b);
}

static const struct value_row {
    const char *raw, *value; /* NULL: refused */
} values[] = {
    {"", ""},
    {"a b", "a b"},
    {" a ", "a"},
    {"a\\b\\\"", NULL},
    {"C:\\x\\", "C:\\x\\"},
    {"\"\"", ""},
    {"\" a, # b \"", " a, # b "},
    {"\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d"},
    {"\"\\\\\"", "\\"},
    {"say \"x, y\" now", "say \"x, y\" now"},
    {"\"", NULL},
    {"\"a", NULL},
    {"\"a\\\"", NULL},
    {"\"a\" b", NULL},
    {"\"a\"\"b\"", NULL},
    {"5\" disk", NULL},
};

static void values_are_resolved(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ROWS(values); i++) {
        struct span out = SPAN("untouched");
        bool is_fine = ini_value(&a, span_of(values[i].raw), &out);

        if (is_fine != (values[i].value != NULL) ||
            !span_eq(out, is_fine ? span_of(values[i].value) : SPAN("untouched")))
            fail_msg("%s: %.*s", values[i].raw, SPAN_ARG(out));
    }
    arena_done(&a);
}

static const struct list_row {
    const char *raw;
    size_t n;
    const char *elements[4];
    bool is_bad;
} lists[] = {
    {"a", 1, {"a"}, false},
    {"a, b ,c", 3, {"a", "b", "c"}, false},
    {"\"a, b\", c", 2, {"a, b", "c"}, false},
    {"\"a\\\", b\" , \" c \"", 2, {"a\", b", " c "}, false},
    {"a,,b", 3, {"a", "", "b"}, false},
    {"a,", 2, {"a", ""}, false},
    {"", 1, {""}, false},
    {"\"a, b", 1, {"\"a, b"}, true},
    {"\"a\" b, c", 2, {"\"a\" b", "c"}, true},
};

static void lists_are_cut(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ROWS(lists); i++) {
        struct span rest = span_of(lists[i].raw), element;
        bool is_bad = false;
        size_t n = 0;

        while (ini_list_next(&a, &rest, &element, &is_bad)) {
            if (n >= lists[i].n || !span_eq(element, span_of(lists[i].elements[n])))
                fail_msg("%s: %zu: '%.*s'", lists[i].raw, n, SPAN_ARG(element));
            n++;
        }
        assert_int_equal(n, lists[i].n);
        assert_int_equal(is_bad, lists[i].is_bad);
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_aws_sample_is_read),        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(reading_goes_on_behind_errors), cmocka_unit_test(lines_of_any_length),
        cmocka_unit_test(values_are_resolved),           cmocka_unit_test(lists_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
