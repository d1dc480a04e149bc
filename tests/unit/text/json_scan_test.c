#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/mem.h"
#include "text/json.h"

enum { DEPTH = 8 };

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A copy of exactly its size, so that the sanitizers see a byte read behind it. */
static char *exact(struct span s)
{
    char *copy = mem_new(s.n + (s.n == 0), 1);

    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    return copy;
}

static const struct scan_row {
    const char *name;
    struct span text;
    enum json_kind kind; /* JSON_NONE: refused */
} scan_rows[] = {
    {"nothing", {"", 0}, JSON_NONE},
    {"blanks", {" \t\r\n", 4}, JSON_NONE},
    {"object", {" { } ", 5}, JSON_OBJECT},
    {"array", {"[ ]", 3}, JSON_ARRAY},
    {"string", {"\"a\"", 3}, JSON_STRING},
    {"number", {"0", 1}, JSON_NUMBER},
    {"true", {"true", 4}, JSON_TRUE},
    {"false", {"false", 5}, JSON_FALSE},
    {"null", {"null", 4}, JSON_NULL},
    {"capitals", {"True", 4}, JSON_NONE},
    {"half a word", {"tru", 3}, JSON_NONE},
    {"a longer word", {"nulls", 5}, JSON_NONE},
    {"NaN", {"NaN", 3}, JSON_NONE},
    {"Infinity", {"-Infinity", 9}, JSON_NONE},
    {"two values", {"1 2", 3}, JSON_NONE},
    {"a byte behind", {"{}x", 3}, JSON_NONE},
    {"NUL behind", {"{}\0", 3}, JSON_NONE},
    {"NUL alone", {"\0", 1}, JSON_NONE},
    {"byte order mark", {"\xef\xbb\xbf{}", 5}, JSON_NONE},
    {"vertical tab", {"\v1", 2}, JSON_NONE},
    {"comment", {"1 // x", 6}, JSON_NONE},
    {"single quotes", {"'a'", 3}, JSON_NONE},
    /* numbers */
    {"minus", {"-", 1}, JSON_NONE},
    {"minus zero", {"-0", 2}, JSON_NUMBER},
    {"plus", {"+1", 2}, JSON_NONE},
    {"leading zero", {"012", 3}, JSON_NONE},
    {"minus leading zero", {"-01", 3}, JSON_NONE},
    {"no digit behind the point", {"1.", 2}, JSON_NONE},
    {"no digit before the point", {".5", 2}, JSON_NONE},
    {"fraction", {"-0.50", 5}, JSON_NUMBER},
    {"exponent", {"1E+05", 5}, JSON_NUMBER},
    {"small exponent", {"1.5e-7", 6}, JSON_NUMBER},
    {"empty exponent", {"1e", 2}, JSON_NONE},
    {"empty signed exponent", {"1e+", 3}, JSON_NONE},
    {"hexadecimal", {"0x10", 4}, JSON_NONE},
    {"beyond 64 bits", {"123456789012345678901234567890", 30}, JSON_NUMBER},
    {"beyond a double", {"1e400", 5}, JSON_NUMBER},
    /* containers */
    {"trailing comma in an array", {"[1,]", 4}, JSON_NONE},
    {"leading comma", {"[,1]", 4}, JSON_NONE},
    {"two commas", {"[1,,2]", 6}, JSON_NONE},
    {"no comma", {"[1 2]", 5}, JSON_NONE},
    {"trailing comma in an object", {"{\"a\":1,}", 8}, JSON_NONE},
    {"no value", {"{\"a\":}", 6}, JSON_NONE},
    {"no colon", {"{\"a\" 1}", 7}, JSON_NONE},
    {"bare key", {"{a:1}", 5}, JSON_NONE},
    {"number as key", {"{1:1}", 5}, JSON_NONE},
    {"only a key", {"{\"a\"}", 5}, JSON_NONE},
    {"colon in an array", {"[\"a\":1]", 7}, JSON_NONE},
    {"not closed", {"[1", 2}, JSON_NONE},
    {"object not closed", {"{\"a\":1", 6}, JSON_NONE},
    {"only opened", {"{", 1}, JSON_NONE},
    {"wrongly closed", {"[1}", 3}, JSON_NONE},
    {"closed twice", {"[1]]", 4}, JSON_NONE},
    {"closed crosswise", {"[{\"a\":1]}", 9}, JSON_NONE},
    {"repeated key", {"{\"a\":1,\"a\":2}", 13}, JSON_OBJECT},
    {"mixed", {"[{\"a\":[1,{}]},[],\"\",null]", 25}, JSON_ARRAY},
    /* strings */
    {"not closed", {"\"a", 2}, JSON_NONE},
    {"quote escaped at the end", {"\"a\\\"", 4}, JSON_NONE},
    {"backslash at the end", {"\"a\\", 3}, JSON_NONE},
    {"all escapes", {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", 24}, JSON_STRING},
    {"unknown escape", {"\"\\x41\"", 6}, JSON_NONE},
    {"an escaped NUL byte", {"\"\\\0\"", 4}, JSON_NONE},
    {"capital U", {"\"\\U0041\"", 8}, JSON_NONE},
    {"three digits", {"\"\\u123\"", 7}, JSON_NONE},
    {"no digits", {"\"\\u12g4\"", 8}, JSON_NONE},
    {"cut digits", {"\"\\u12", 5}, JSON_NONE},
    {"line feed", {"\"a\nb\"", 5}, JSON_NONE},
    {"NUL", {"\"a\0b\"", 5}, JSON_NONE},
    {"the last control byte", {"\"0123456789\x1f\"", 13}, JSON_NONE},
    {"DEL is none", {"\"\x7f\"", 3}, JSON_STRING},
    {"a control byte deep in a word", {"\"01234567890123456789\x01 0123456789\"", 34}, JSON_NONE},
    {"bytes from 0x80 on", {"\"\x80\x81\x9f\xa0\xff\xfe\xc3\xa9\x80\"", 11}, JSON_STRING},
    {"escaped NUL", {"\"\\u0000\"", 8}, JSON_STRING},
    {"lone surrogate", {"\"\\ud800\"", 8}, JSON_STRING},
    {"invalid UTF-8 outside strings", {"\xff", 1}, JSON_NONE},
    {"a no-break space is no blank", {"\xc2\xa0 1", 4}, JSON_NONE},
    /* depth: DEPTH is 8 */
    {"deep enough", {"[[[[[[[[]]]]]]]]", 16}, JSON_ARRAY},
    {"too deep", {"[[[[[[[[[]]]]]]]]]", 18}, JSON_NONE},
    {"too deep by an object", {"[[[[[[[[{}]]]]]]]]", 18}, JSON_NONE},
};

static void scan_is_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(scan_rows); i++) {
        const struct scan_row *row = &scan_rows[i];
        char *copy = exact(row->text);
        struct json_value value = {0};
        struct fail fail = {0};
        enum err err = json_scan((struct span){copy, row->text.n}, DEPTH, &value, &fail);

        if (value.kind != row->kind || (err == ERR_NONE) != (row->kind != JSON_NONE))
            fail_msg("%s: kind %d, %s", row->name, (int)value.kind, fail.text);
        if (err == ERR_NONE && !span_eq(value.text, span_trim(row->text)))
            fail_msg("%s: wrong extent", row->name);
        free(copy);
    }
}

static void scan_says_where(void **state)
{
    struct json_value value;
    struct fail fail;

    (void)state;
    assert_int_equal(json_scan(SPAN("{\"a\": tru}"), DEPTH, &value, &fail), ERR_INPUT);
    assert_string_equal(fail.text, "no JSON: a value expected at byte 6");
    assert_int_equal(json_scan(SPAN("[1 2]"), DEPTH, &value, &fail), ERR_INPUT);
    assert_string_equal(fail.text, "no JSON: ',' or ']' expected at byte 3");
    assert_int_equal(json_scan(SPAN("1"), DEPTH, &value, NULL), ERR_NONE);
}

static void every_cut_is_refused(void **state)
{
    const struct span whole =
        SPAN("{\"a\": [1, -2.5e3, \"x\\u00e9\\n\", {\"b\": null}], \"c\": [true, false]}");

    (void)state;
    for (size_t n = 0; n < whole.n; n++) {
        char *copy = exact((struct span){whole.p, n});
        struct json_value value;

        assert_int_equal(json_scan((struct span){copy, n}, DEPTH, &value, NULL), ERR_INPUT);
        free(copy);
    }
}

/* Each length up to a few words, with the interesting byte at each place. */
static void strings_of_all_lengths(void **state)
{
    static const char *const ends[] = {"\"", "\\n\"", "\x1f\"", "\\\"", "\n\""};
    static const bool is_fine[] = {true, true, false, false, false};

    (void)state;
    for (size_t n = 0; n < 40; n++)
        for (size_t k = 0; k < ROWS(ends); k++) {
            char text[64] = "\"";
            char *copy;
            size_t length = 1 + n + strlen(ends[k]);
            struct json_value value;

            memset(text + 1, n % 2 == 0 ? 'x' : '\xe9', n);
            memcpy(text + 1 + n, ends[k], strlen(ends[k]));
            copy = exact((struct span){text, length});
            assert_int_equal(json_scan((struct span){copy, length}, DEPTH, &value, NULL) ==
                                 ERR_NONE,
                             is_fine[k]);
            free(copy);
        }
}

static void depth_has_a_ceiling_of_its_own(void **state)
{
    char text[2 * (JSON_DEPTH_MAX + 1)];
    struct json_value value;

    (void)state;
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_int_equal(json_scan(span_n(text + 1, sizeof(text) - 2), UINT32_MAX, &value, NULL),
                     ERR_NONE);
    assert_int_equal(json_scan(span_n(text, sizeof(text)), UINT32_MAX, &value, NULL), ERR_INPUT);
    assert_int_equal(json_scan(SPAN("[]"), 0, &value, NULL), ERR_INPUT);
    assert_int_equal(json_scan(SPAN("1"), 0, &value, NULL), ERR_NONE);
}

static struct json_value scanned(struct span text)
{
    struct json_value value = {0};

    assert_int_equal(json_scan(text, 64, &value, NULL), ERR_NONE);
    return value;
}

static void members_are_walked(void **state)
{
    static const struct {
        const char *key, *text;
        enum json_kind kind;
    } wanted[] = {
        {"a", "1", JSON_NUMBER},
        {"b}", "\"]}\\\"\\\\\"", JSON_STRING},
        {"c", "{ \"x\" : [ 1 ] }", JSON_OBJECT},
        {"d", "[[],{},\"[\"]", JSON_ARRAY},
        {"e\\n", "null", JSON_NULL},
        {"", "true", JSON_TRUE},
        {"a", "false", JSON_FALSE},
    };
    struct json_value value,
        object = scanned(
            SPAN(" { \"a\" : 1 , \"b}\":\"]}\\\"\\\\\",\n    \"c\"\n:\n          { \"x\" : [ 1 ] "
                 "},\"d\":[[],{},\"[\"] ,\r\n\t\"e\\n\":null, \"\": true, \"a\":false}\n"));
    struct json_iter it = json_iter(object);
    struct span key;

    (void)state;
    for (size_t i = 0; i < ROWS(wanted); i++) {
        assert_true(json_next_member(&it, &key, &value));
        assert_true(span_eq(key, span_of(wanted[i].key)));
        assert_true(span_eq(value.text, span_of(wanted[i].text)));
        assert_int_equal(value.kind, wanted[i].kind);
    }
    assert_false(json_next_member(&it, &key, &value));
    assert_false(json_next_member(&it, &key, &value));
}

static void items_are_walked(void **state)
{
    static const char *const wanted[] = {"1", "-2.5", "\"a,b\"", "[1,2]", "{\"a\":[]}", "null"};
    struct json_iter it = json_iter(scanned(SPAN("[1,-2.5 , \"a,b\",[1,2],{\"a\":[]},\n null ]")));
    struct json_value value;

    (void)state;
    for (size_t i = 0; i < ROWS(wanted); i++) {
        assert_true(json_next_item(&it, &value));
        assert_true(span_eq(value.text, span_of(wanted[i])));
    }
    assert_false(json_next_item(&it, &value));
    it = json_iter(scanned(SPAN("[ ]")));
    assert_false(json_next_item(&it, &value));
    it = json_iter(scanned(SPAN("\"no container\"")));
    assert_false(json_next_item(&it, &value));
    it = json_iter((struct json_value){0});
    assert_false(json_next_item(&it, &value));
}

static void member_is_the_last_of_its_name(void **state)
{
    struct json_value object = scanned(SPAN("{\"a\":1,\"b\":2,\"a\":3,\"\\u0062\":4}"));
    bool is_repeated;

    (void)state;
    assert_true(span_eq(json_member(object, SPAN("a"), &is_repeated).text, SPAN("3")));
    assert_true(is_repeated);
    assert_true(span_eq(json_member(object, SPAN("b"), &is_repeated).text, SPAN("2")));
    assert_false(is_repeated);
    assert_int_equal(json_member(object, SPAN("c"), &is_repeated).kind, JSON_NONE);
    assert_false(is_repeated);
    assert_int_equal(json_member(scanned(SPAN("[\"a\",1]")), SPAN("a"), NULL).kind, JSON_NONE);
    assert_int_equal(json_member((struct json_value){0}, SPAN("a"), NULL).kind, JSON_NONE);
}

static const struct text_row {
    const char *name, *json, *text; /* NULL: refused */
} text_rows[] = {
    {"plain", "\"ann\"", "ann"},
    {"empty", "\"\"", ""},
    {"UTF-8", "\"Zo\xc3\xab\"", "Zo\xc3\xab"},
    {"short escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
    {"one byte", "\"\\u0041\"", "A"},
    {"two bytes", "\"\\u00eB.\"", "\xc3\xab."},
    {"three bytes", "\"\\u65e5\\u672c\"", "\xe6\x97\xa5\xe6\x9c\xac"},
    {"a pair", "\"<\\uD83D\\uDE00>\"", "<\xf0\x9f\x98\x80>"},
    {"the last code point", "\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf"},
    {"a non-character stays", "\"\\uffff\"", "\xef\xbf\xbf"},
    {"escaped NUL", "\"a\\u0000b\"", NULL},
    {"lone high surrogate", "\"\\ud800\"", NULL},
    {"high and no low surrogate", "\"\\ud800\\u0041\"", NULL},
    {"high surrogate and text", "\"\\ud800abcdefg\"", NULL},
    {"two high surrogates", "\"\\ud800\\ud800\"", NULL},
    {"lone low surrogate", "\"\\udc00\"", NULL},
    {"low before high", "\"\\udc00\\ud800\"", NULL},
    {"invalid byte", "\"a\xff\"", NULL},
    {"invalid byte beside an escape", "\"\\n\xff\"", NULL},
    {"half a sequence before an escape", "\"\xc3\\u00a9\"", NULL},
    {"overlong", "\"\xc0\xaf\"", NULL},
    {"surrogate in UTF-8", "\"\xed\xa0\x80\"", NULL},
    {"above U+10FFFF", "\"\xf4\x90\x80\x80\"", NULL},
    {"a number", "1", NULL},
    {"null", "null", NULL},
};

static void text_is_resolved(void **state)
{
    struct arena a = {0};

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ROWS(text_rows); i++) {
        const struct text_row *row = &text_rows[i];
        struct span text = SPAN("untouched");
        bool is_fine = json_text(&a, scanned(span_of(row->json)), &text);

        if (is_fine != (row->text != NULL))
            fail_msg("%s: %d", row->name, is_fine);
        if (!span_eq(text, is_fine ? span_of(row->text) : SPAN("untouched")))
            fail_msg("%s: '%.*s'", row->name, SPAN_ARG(text));
    }
    arena_done(&a);
}

/* ---- marks ---- */

static unsigned seed = 1;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % n;
}

/* Some value, with brackets and quotes inside strings, and blanks of all sorts. */
static void invent(struct buf *b, unsigned depth)
{
    static const char *const scalars[] = {
        "null", "-12.5e3",      "true",
        "\"\"", "\"]}\\\"{[\"", "\"a rather long text that fills some bytes\""};
    unsigned n = depth == 0 || pick(3) == 0 ? 0 : pick(9);
    bool is_object = pick(2) == 0;

    if (depth == 0 || pick(5) == 0) {
        buf_add_str(b, scalars[pick(6)]);
        return;
    }
    buf_add_char(b, is_object ? '{' : '[');
    for (unsigned i = 0; i < n; i++) {
        if (i > 0)
            buf_add_str(b, pick(4) == 0 ? " , " : ",");
        if (is_object)
            buf_add_str(b, pick(2) == 0 ? "\"key\" : " : "\"k}]\":");
        invent(b, depth - 1);
        if (pick(4) == 0)
            buf_add_str(b, "\n            ");
    }
    buf_add_char(b, is_object ? '}' : ']');
}

static void walk_both(struct json_value plain, struct json_value marked)
{
    struct json_iter it = json_iter(plain), marked_it = json_iter(marked);
    struct json_value value, marked_value;
    struct span key, marked_key;
    bool has, marked_has;

    assert_int_equal(plain.kind, marked.kind);
    assert_ptr_equal(plain.text.p, marked.text.p);
    assert_int_equal(plain.text.n, marked.text.n);
    for (;;) {
        if (plain.kind == JSON_OBJECT) {
            has = json_next_member(&it, &key, &value);
            marked_has = json_next_member(&marked_it, &marked_key, &marked_value);
        } else {
            has = json_next_item(&it, &value);
            marked_has = json_next_item(&marked_it, &marked_value);
        }
        assert_int_equal(has, marked_has);
        if (!has)
            return;
        if (plain.kind == JSON_OBJECT)
            assert_ptr_equal(key.p, marked_key.p);
        if (value.kind == JSON_OBJECT || value.kind == JSON_ARRAY)
            walk_both(value, marked_value);
        else
            assert_true(span_eq(value.text, marked_value.text));
    }
}

/* A document is walked in the same way with marks as without. */
static void marks_change_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 400; i++) {
        struct json_value plain, marked;
        struct arena a = {0};
        struct buf b;

        buf_init(&b, 4 * 1024 * 1024);
        invent(&b, 1 + pick(7));
        assert_int_equal(json_scan(buf_span(&b), 64, &plain, NULL), ERR_NONE);
        assert_int_equal(json_scan_marked(&a, buf_span(&b), 64, &marked, NULL), ERR_NONE);
        walk_both(plain, marked);
        arena_done(&a);
        buf_done(&b);
    }
}

/* More containers are open at once than there is room for. */
static void marks_find_no_room(void **state)
{
    struct json_value plain, marked;
    struct arena a = {0};
    struct buf b;

    (void)state;
    buf_init(&b, 4096);
    for (int n = 0; n < 3; n++) {
        buf_add_char(&b, n == 0 ? '[' : ',');
        for (int i = 0; i < 1000; i++)
            buf_add_char(&b, i < 500 ? '[' : ']');
    }
    buf_add_char(&b, ']');
    assert_int_equal(json_scan(buf_span(&b), 600, &plain, NULL), ERR_NONE);
    assert_int_equal(json_scan_marked(&a, buf_span(&b), 600, &marked, NULL), ERR_NONE);
    walk_both(plain, marked);
    assert_int_equal(json_scan_marked(&a, SPAN("[1"), 600, &marked, NULL), ERR_INPUT);
    arena_done(&a);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_is_strict),
        cmocka_unit_test(scan_says_where),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(strings_of_all_lengths),
        cmocka_unit_test(depth_has_a_ceiling_of_its_own),
        cmocka_unit_test(members_are_walked),
        cmocka_unit_test(items_are_walked),
        cmocka_unit_test(member_is_the_last_of_its_name),
        cmocka_unit_test(text_is_resolved),
        cmocka_unit_test(marks_change_nothing),
        cmocka_unit_test(marks_find_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
