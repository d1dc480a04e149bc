#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/profile.h"

/* ---- attributes ---- */

static bool join(void *arg, struct span value)
{
    struct buf *b = arg;

    buf_printf(b, "%s%.*s", b->n > 0 ? "|" : "", SPAN_ARG(value));
    return true;
}

static void attributes_are_read(void **state)
{
    static const struct row {
        const char *name, *profile, *attribute, *values;
    } rows[] = {
        {"a text", "{\"department\":\"Claims\"}", "department", "Claims"},
        {"its case counts", "{\"department\":\"Claims\"}", "Department", ""},
        {"a number as written", "{\"level\":1.50}", "level", "1.50"},
        {"a boolean", "{\"isLead\":true,\"isNew\":false}", "isNew", "false"},
        {"null", "{\"city\":null}", "city", ""},
        {"empty", "{\"city\":\"\"}", "city", ""},
        {"blanks stay here", "{\"city\":\" \"}", "city", " "},
        {"absent", "{\"city\":\"Bonn\"}", "state", ""},
        {"an array", "{\"skills\":[\"a\",null,\"\",2,true,\"b\"]}", "skills", "a|2|true|b"},
        {"an empty array", "{\"skills\":[]}", "skills", ""},
        {"an array in an array", "{\"skills\":[[\"a\"],{\"b\":1},\"c\"]}", "skills", "c"},
        {"an object", "{\"address\":{\"city\":\"Bonn\"}}", "address", ""},
        {"no dots into objects", "{\"address\":{\"city\":\"Bonn\"}}", "address.city", ""},
        {"escapes", "{\"city\":\"K\\u00f6ln\\n\"}", "city", "K\xc3\xb6ln\n"},
        {"the last of two", "{\"city\":\"Bonn\",\"city\":\"Ulm\"}", "city", "Ulm"},
        {"no text", "{\"city\":\"\\ud800\"}", "city", ""},
        {"no profile", "", "city", ""},
        {"no JSON", "{\"city\":", "city", ""},
        {"an array for a profile", "[\"city\"]", "city", ""},
        {"too deep", "{\"city\":\"Bonn\",\"x\":[[[[[[[[[1]]]]]]]]]}", "city", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct buf b;
        struct span first;

        buf_init(&b, 1024);
        profile_each(&a, span_of(rows[i].profile), span_of(rows[i].attribute), join, &b);
        first = profile_text(&a, span_of(rows[i].profile), span_of(rows[i].attribute));
        if (strcmp(b.p, rows[i].values) != 0)
            fail_msg("%s: '%s'", rows[i].name, b.p);
        if (!span_eq(first, span_n(b.p, span_find(buf_span(&b), '|'))) ||
            (first.p == NULL) != (b.n == 0))
            fail_msg("%s: first '%.*s'", rows[i].name, SPAN_ARG(first));
        buf_done(&b);
        arena_done(&a);
    }
}

static bool count_two(void *arg, struct span value)
{
    (void)value;
    return ++*(int *)arg < 2;
}

static void a_reader_may_stop(void **state)
{
    struct arena a = {0};
    struct buf b;
    int n = 0;

    (void)state;
    profile_each(&a, SPAN("{\"x\":[1,2,3]}"), SPAN("x"), count_two, &n);
    assert_int_equal(n, 2);
    /* And reads at most so many. */
    buf_init(&b, 4096);
    buf_add_str(&b, "{\"x\":[0");
    for (int i = 1; i < 150; i++)
        buf_printf(&b, ",%d", i);
    buf_add_str(&b, "]}");
    {
        struct buf values;

        buf_init(&values, 4096);
        profile_each(&a, buf_span(&b), SPAN("x"), join, &values);
        assert_true(span_ends(buf_span(&values), SPAN("|99")));
        buf_done(&values);
    }
    buf_done(&b);
    arena_done(&a);
}

/* ---- templates ---- */

#define PROFILE                                                                                    \
    "{\"department\":\"Claims\",\"city\":\" Bonn \",\"blank\":\" \\t\",\"skills\":[\"a\",\"b\"],"  \
    "\"level\":3,\"e\":\"e\\u0301\",\"odd\":\"a\\u0000b\",\"lines\":\" x\\n\\u200b y \",\"none\":" \
    "null,\"azAZ09_-\":\"odd\",\"dollar\":\"${user.city}\"}"

static const struct template_row {
    const char *name, *text;
    const char *fault;  /* NULL: it is well formed */
    const char *filled; /* NULL: not given */
    bool has_attributes;
} templates[] = {
    {"plain", "Basic", NULL, "Basic", false},
    {"trimmed", "  Basic ", NULL, "Basic", false},
    {"blanks within stay", "Basic  Routing", NULL, "Basic  Routing", false},
    {"an attribute", "${user.department}", NULL, "Claims", true},
    {"in a text", "Team ${user.department}!", NULL, "Team Claims!", true},
    {"two", "${user.department}/${user.city}", NULL, "Claims/Bonn", true},
    {"an array's first", "${user.skills}", NULL, "a", true},
    {"a number", "L${user.level}", NULL, "L3", true},
    {"NFC over the joint", "${user.e}", NULL, "\xc3\xa9", true},
    {"absent", "${user.state}", NULL, NULL, true},
    {"null", "x${user.none}", NULL, NULL, true},
    {"blanks only", "${user.blank}", NULL, NULL, true},
    {"no text", "${user.odd}", NULL, NULL, true},
    {"all that a name may have", "${user.azAZ09_-}", NULL, "odd", true},
    {"one of two is absent", "${user.department}/${user.state}", NULL, NULL, true},
    {"one line", "${user.lines}", NULL, "x y", true},
    {"otherwise", "${user.state:-General}", NULL, "General", true},
    {"otherwise for blanks", "${user.blank:-General}", NULL, "General", true},
    {"not otherwise", "${user.department:-General}", NULL, "Claims", true},
    {"otherwise nothing", "a${user.state:-}b", NULL, "ab", true},
    {"nothing at all", "${user.state:-}", NULL, NULL, true},
    {"otherwise with a colon", "${user.state:-a:-b}", NULL, "a:-b", true},
    {"otherwise with a dollar", "${user.state:-$5}", NULL, "$5", true},
    {"what is filled in is not read again", "${user.dollar}", NULL, "${user.city}", true},
    {"a dollar", "$$5 and $$", NULL, "$5 and $", false},
    {"a dollar before a brace", "$${user.city}", NULL, "${user.city}", false},
    {"a dollar, then an attribute", "$$${user.department}", NULL, "$Claims", true},
    {"the application's name", "${app.userName}", NULL, "ann", false},
    {"the application's name, otherwise", "${app.userName:-x}@x", NULL, "ann@x", false},
    {"both", "${app.userName}.${user.department}", NULL, "ann.Claims", true},
    {"empty", "", NULL, NULL, false},
    {"a lone dollar", "5$", "a '$' alone", NULL, false},
    {"a dollar and a name", "$user.city", "a '$' alone", NULL, false},
    {"not closed", "${user.city", "no closing '}'", NULL, false},
    {"no prefix", "${city}", "is no attribute", NULL, false},
    {"another prefix", "${app.name}", "is no attribute", NULL, false},
    {"no name", "${user.}", "is no name", NULL, false},
    {"a dot in the name", "${user.a.b}", "is no name", NULL, false},
    {"a blank in the name", "${user. city}", "is no name", NULL, false},
    {"nested", "${user.a${user.b}}", "is no name", NULL, false},
    {"nothing in it", "${}", "is no attribute", NULL, false},
};

static void templates_are_filled(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        const struct template_row *row = &templates[i];
        struct arena a = {0};
        struct fail fail = {0};
        enum err err = template_check(span_of(row->text), true, &fail);
        struct span filled = template_fill(&a, span_of(row->text), SPAN(PROFILE), SPAN(" ann "));

        if ((err != ERR_NONE) != (row->fault != NULL) ||
            (row->fault != NULL && strstr(fail.text, row->fault) == NULL))
            fail_msg("%s: %s", row->name, fail.text);
        if ((filled.p == NULL) != (row->filled == NULL) ||
            (filled.p != NULL && !span_eq(filled, span_of(row->filled))))
            fail_msg("%s: '%.*s'", row->name, SPAN_ARG(filled));
        if (err == ERR_NONE && template_has_attributes(span_of(row->text)) != row->has_attributes)
            fail_msg("%s: attributes", row->name);
        arena_done(&a);
    }
}

static void the_application_is_named_where_it_makes_sense(void **state)
{
    struct fail fail;

    (void)state;
    assert_int_equal(template_check(SPAN("${app.userName}"), false, &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "USERNAME"));
    assert_int_equal(template_check(SPAN("${user.login}"), false, NULL), ERR_NONE);
}

static void a_missing_application_name_counts_as_absent(void **state)
{
    struct arena a = {0};

    (void)state;
    assert_null(template_fill(&a, SPAN("${app.userName}"), SPAN(""), SPAN("")).p);
    assert_true(
        span_eq(template_fill(&a, SPAN("${app.userName:-${}"), SPAN(""), SPAN("")), SPAN("${")));
    arena_done(&a);
}

static void what_is_too_long_is_not_given(void **state)
{
    size_t n = PROFILE_LIMIT + 1;
    char *text = mem_new(n + 1, 1);
    struct arena a = {0};

    (void)state;
    memset(text, 'x', n);
    assert_null(template_fill(&a, span_n(text, n), SPAN(""), SPAN("")).p);
    assert_int_equal(template_fill(&a, span_n(text, n - 1), SPAN(""), SPAN("")).n, n - 1);
    free(text);
    arena_done(&a);
}

/* ---- patterns ---- */

static void patterns_are_compared(void **state)
{
    static const struct row {
        const char *pattern, *value;
        bool is_match;
    } rows[] = {
        {"Claims", "Claims", true},
        {"Claims", "claims", false},
        {"Claims", "Claims ", false},
        {"Claims*", "Claims", true},
        {"Claims*", "Claims Berlin", true},
        {"Claims*", "My Claims", false},
        {"*Claims", "My Claims", true},
        {"*Claims", "My Claims!", false},
        {"C*s", "Claims", true},
        {"C*s", "Cs", true},
        {"C*s", "C", false},
        {"*a*b*", "xxaxxbxx", true},
        {"*a*b*", "xxbxxaxx", false},
        {"*ab", "aab", true},
        {"a*ab", "ab", false},
        {"*", "", true},
        {"*", "anything", true},
        {"**", "x", true},
        {"", "", true},
        {"", "x", false},
        {"a?c", "abc", false},
        {"a?c", "a?c", true},
        {"[a-z]", "b", false},
        {"a\\*", "a*", false},
        {"a\\*", "a\\x", true},
        {"Ag\xc3\xa9nt", "Age\xcc\x81nt", true},
        {"Age\xcc\x81*", "Ag\xc3\xa9nts", true},
        {"*\xc3\xa9", "\xc3\xa8\xc3\xa9", true},
        {"x*", "\xff", false},
        {"\xff", "\xff", false},
        {"*aaaaaaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (pattern_matches(span_of(rows[i].pattern), span_of(rows[i].value)) != rows[i].is_match)
            fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_read),
        cmocka_unit_test(a_reader_may_stop),
        cmocka_unit_test(templates_are_filled),
        cmocka_unit_test(the_application_is_named_where_it_makes_sense),
        cmocka_unit_test(a_missing_application_name_counts_as_absent),
        cmocka_unit_test(what_is_too_long_is_not_given),
        cmocka_unit_test(patterns_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
