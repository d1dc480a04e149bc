#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "text/csv.h"

/* Rows as "a|b", a line each; an error as "line 2, field 1: …". */
static void read_all(struct span text, struct buf *out, char *separator)
{
    struct arena a = {0};
    struct csv csv;

    csv_init(&csv, text);
    if (separator != NULL)
        *separator = csv.separator;
    for (;;) {
        struct csv_row row = csv_next(&csv, &a);

        if (row.kind == CSV_END)
            break;
        if (row.kind == CSV_ERROR)
            buf_printf(out, "line %u, field %zu: %s\n", row.line, row.field, row.error);
        for (size_t i = 0; i < row.n; i++) {
            buf_add_str(out, i == 0 ? "" : "|");
            buf_add(out, row.fields[i]);
        }
        if (row.kind == CSV_ROW)
            buf_printf(out, " (%u)\n", row.line);
    }
    assert_int_equal(csv_next(&csv, &a).kind, CSV_END);
    arena_done(&a);
}

static void test_read(void **state)
{
    static const struct {
        const char *name, *text, *wanted;
    } rows[] = {
        {"nothing", "", ""},
        {"one field", "a", "a (1)\n"},
        {"a line end at the end", "a,b\n", "a|b (1)\n"},
        {"CRLF", "a,b\r\nc,d\r\n", "a|b (1)\nc|d (2)\n"},
        {"CR alone", "a,b\rc,d\r", "a|b (1)\nc|d (2)\n"},
        {"empty fields", ",,\n", "|| (1)\n"},
        {"an empty last field", "a,\nb,", "a| (1)\nb| (2)\n"},
        {"empty lines", "\n\na\n  \n\nb\n", "a (3)\nb (6)\n"},
        {"a quoted empty field is a row", "\"\"\n", " (1)\n"},
        {"blanks belong to a field", " a , b ", " a | b  (1)\n"},
        {"quotes", "\"a\",\"b\"\n", "a|b (1)\n"},
        {"a separator in quotes", "\"a,b\",c\n", "a,b|c (1)\n"},
        {"doubled quotes", "\"say \"\"hi\"\"\",\"\"\"\"\n", "say \"hi\"|\" (1)\n"},
        {"a line end in quotes", "\"a\r\nb\",c\nd,e\n", "a\r\nb|c (1)\nd|e (3)\n"},
        {"a quote within a field", "5\" tall,b\n", "5\" tall|b (1)\n"},
        {"a BOM",
         "\xef\xbb\xbf"
         "a,b\n",
         "a|b (1)\n"},
        {"a BOM before quotes",
         "\xef\xbb\xbf"
         "\"a\",b\n",
         "a|b (1)\n"},
        {"semicolons", "a;b;c\n1,5;2;3\n", "a|b|c (1)\n1,5|2|3 (2)\n"},
        {"tabs", "a\tb\n1;2\t3,4\n", "a|b (1)\n1;2|3,4 (2)\n"},
        {"separators in quotes do not count", "\"a;b;c\",d\n1,2\n", "a;b;c|d (1)\n1|2 (2)\n"},
        {"a line that says so", "sep=;\r\na,b;c\r\n", "a,b|c (2)\n"},
        {"a line that says so, and a BOM", "\xef\xbb\xbfSEP=\t\na,b\tc\n", "a,b|c (2)\n"},
        {"and nothing behind it", "sep=;", ""},
        {"no such line", "sep=;x\nb\n", "sep=|x (1)\nb (2)\n"},
        {"text behind quotes", "a,\"b\" c,d\ne,f\n",
         "line 1, field 1: text stands behind the closing quotation mark; one within a field is "
         "doubled\ne|f (2)\n"},
        {"quotes that are not closed", "a\nb,\"c\nd\n",
         "a (1)\nline 2, field 1: its quotation mark is not closed before the end of the file\n"},
        {"a lone quote at the end", "\"",
         "line 1, field 0: its quotation mark is not closed before the end of the file\n"},
        {"no UTF-8", "a,b\xff\nc,d\n",
         "line 1, field 1: it is no UTF-8; save the file as 'CSV UTF-8'\nc|d (2)\n"},
        {"a control character", "a\x01,b\nc\n",
         "line 1, field 0: it has a control character\nc (2)\n"},
        {"a tab in a field", "\"a\tb\",c\n", "a\tb|c (1)\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out;

        buf_init(&out, 10000);
        read_all(span_of(rows[i].text), &out, NULL);
        if (strcmp(out.p, rows[i].wanted) != 0)
            fail_msg("%s: got\n%s", rows[i].name, out.p);
        buf_done(&out);
    }
}

static void test_nul(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    read_all(span_n("a\0b,c\nd", 7), &out, NULL);
    assert_string_equal(out.p, "line 1, field 0: it has a control character\nd (2)\n");
    buf_done(&out);
}

static void test_bounds(void **state)
{
    struct buf text, out;

    (void)state;
    buf_init(&text, 10 * 1024 * 1024);
    buf_init(&out, 10 * 1024 * 1024);
    for (int i = 0; i < CSV_FIELD_SIZE; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, ",b\n");
    read_all(buf_span(&text), &out, NULL);
    assert_true(out.n > CSV_FIELD_SIZE);
    buf_clear(&out);
    buf_clear(&text);
    for (int i = 0; i <= CSV_FIELD_SIZE; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, ",b\nc\n\"");
    for (int i = 0; i <= 2 * CSV_FIELD_SIZE; i++)
        buf_add_str(&text, "\"\"");
    buf_add_str(&text, "\"\n");
    for (int i = 0; i < CSV_FIELDS; i++)
        buf_add_char(&text, ',');
    buf_add_str(&text, "\nd\n");
    read_all(buf_span(&text), &out, NULL);
    assert_string_equal(out.p, "line 1, field 0: it is longer than 32 KiB\nc (2)\n"
                               "line 3, field 0: it is longer than 32 KiB\n"
                               "line 4, field 256: the row has more than 256 fields\nd (5)\n");
    buf_done(&text);
    buf_done(&out);
}

static void test_write(void **state)
{
    static const struct {
        const char *name;
        const char *fields[4];
        bool has_formulas;
        const char *wanted;
    } rows[] = {
        {"plain", {"a", "b", "", "d"}, true, "a,b,,d\r\n"},
        {"what must be quoted",
         {"a,b", "say \"hi\"", "two\r\nlines", " outer "},
         true,
         "\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",\" outer \"\r\n"},
        {"other separators", {"a;b", "c\td", "e", "f"}, true, "\"a;b\",\"c\td\",e,f\r\n"},
        {"the beginning of a file",
         {"sep=;", "\xef\xbb\xbfx", "", ""},
         true,
         "\"sep=;\",\"\xef\xbb\xbfx\",,\r\n"},
        {"formulas",
         {"=1+1", "+49301234", "@SUM(A1)", "-5.5"},
         false,
         "'=1+1,+49301234,'@SUM(A1),-5.5\r\n"},
        {"formulas in quotes",
         {"=\"x\"", "-a,b", "'=x", "it's"},
         false,
         "\"'=\"\"x\"\"\",\"'-a,b\",''=x,it's\r\n"},
        {"formulas that are wanted", {"=1+1", "'x", "@", "-"}, true, "=1+1,'x,@,-\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span fields[4];
        struct arena a = {0};
        struct csv_row back;
        struct csv csv;
        struct buf out;

        buf_init(&out, 10000);
        for (size_t k = 0; k < 4; k++)
            fields[k] = span_of(rows[i].fields[k]);
        csv_add_row(&out, ',', fields, 4, rows[i].has_formulas);
        if (strcmp(out.p, rows[i].wanted) != 0)
            fail_msg("%s: wrote %s", rows[i].name, out.p);
        csv_init(&csv, buf_span(&out));
        back = csv_next(&csv, &a);
        assert_int_equal(back.n, 4);
        for (size_t k = 0; k < 4; k++) {
            struct span field = rows[i].has_formulas ? back.fields[k] : csv_plain(back.fields[k]);

            if (!span_eq(field, fields[k]))
                fail_msg("%s: read %.*s", rows[i].name, SPAN_ARG(field));
        }
        arena_done(&a);
        buf_done(&out);
    }
}

static void test_one_empty_field(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    csv_add_row(&out, ',', (struct span[]){SPAN("")}, 1, true);
    assert_string_equal(out.p, "\"\"\r\n");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_one_empty_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
