#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/table.h"

static char *printed(const struct table *t, struct style style)
{
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);

    assert_non_null(to);
    table_print(t, to, &style);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void expect(const struct table *t, struct style style, const char *wanted)
{
    char *text = printed(t, style);

    assert_string_equal(text, wanted);
    free(text);
}

static void columns_are_aligned(void **state)
{
    static const char *const titles[] = {"USER", "#CALLS", "REASON", NULL};
    struct table t;

    (void)state;
    table_init(&t, "  ", titles);
    table_add(&t, SPAN("ann"), COLOUR_NONE);
    table_add_int(&t, 7);
    table_add(&t, SPAN("a long reason"), COLOUR_NONE);
    table_add(&t, SPAN("b\xc3\xb6rje"), COLOUR_NONE);
    table_add_int(&t, 1234567);
    table_add(&t, SPAN(""), COLOUR_NONE);
    expect(&t, (struct style){0},
           "  USER     CALLS  REASON\n"
           "  ann          7  a long reason\n"
           "  b\xc3\xb6rje  1234567\n");
    table_done(&t);
}

static void a_terminal_cuts_the_last_column_only(void **state)
{
    static const char *const titles[] = {"A", "B", NULL};
    struct table t;

    (void)state;
    table_init(&t, "", titles);
    table_add(&t, SPAN("0123456789"), COLOUR_NONE);
    table_add(&t, SPAN("abcdefghijklmnopqrstuvwxyz"), COLOUR_NONE);
    table_add(&t, SPAN("x"), COLOUR_NONE);
    table_add(&t, SPAN("abcdefghijklmnopqrstuvw"), COLOUR_NONE);
    expect(&t, (struct style){.width = 35},
           "A           B\n"
           "0123456789  abcdefghijklmnopqrstuv\xe2\x80\xa6\n"
           "x           abcdefghijklmnopqrstuvw\n");
    expect(&t, (struct style){.width = 38},
           "A           B\n"
           "0123456789  abcdefghijklmnopqrstuvwxyz\n"
           "x           abcdefghijklmnopqrstuvw\n");
    /* Where nearly nothing would be left, the line is broken by the terminal instead. */
    expect(&t, (struct style){.width = 20},
           "A           B\n"
           "0123456789  abcdefghijklmnopqrs\xe2\x80\xa6\n"
           "x           abcdefghijklmnopqrs\xe2\x80\xa6\n");
    table_done(&t);
}

static void times_are_to_the_second(void **state)
{
    static const char *const titles[] = {"T", NULL};
    struct table t;

    (void)state;
    table_init(&t, "", titles);
    table_add_time(&t, 1777881601234);
    table_add_time(&t, 0);
    expect(&t, (struct style){0}, "T\n2026-05-04T08:00:01Z\n-\n");
    table_done(&t);
}

static void colour_does_not_count_as_width(void **state)
{
    static const char *const titles[] = {"", "", NULL};
    struct table t;

    (void)state;
    table_init(&t, "", titles);
    table_add(&t, SPAN("ok"), COLOUR_GOOD);
    table_add(&t, SPAN("x"), COLOUR_NONE);
    table_add(&t, SPAN("longer"), COLOUR_NONE);
    table_add(&t, SPAN("y"), COLOUR_BAD);
    expect(&t, (struct style){.has_colour = true},
           "\033[32mok\033[0m      x\n"
           "longer  \033[31my\033[0m\n");
    expect(&t, (struct style){0},
           "ok      x\n"
           "longer  y\n");
    table_done(&t);
}

static void hostile_texts_stay_on_their_line(void **state)
{
    static const char *const titles[] = {"A", "B", NULL};
    struct table t;

    (void)state;
    table_init(&t, "", titles);
    table_add(&t, SPAN("a\nb\033[2J"), COLOUR_NONE);
    table_add(&t, SPAN("\xff\xe2\x80\xaez"), COLOUR_NONE);
    expect(&t, (struct style){0},
           "A        B\n"
           "a\xef\xbf\xbd"
           "b\xef\xbf\xbd[2J  \xef\xbf\xbd\xef\xbf\xbdz\n");
    table_done(&t);
}

static void titles_without_rows(void **state)
{
    static const char *const titles[] = {"A", "#B", NULL};
    struct table t;

    (void)state;
    table_init(&t, "", titles);
    expect(&t, (struct style){0}, "A  B\n");
    table_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned),
        cmocka_unit_test(a_terminal_cuts_the_last_column_only),
        cmocka_unit_test(times_are_to_the_second),
        cmocka_unit_test(colour_does_not_count_as_width),
        cmocka_unit_test(hostile_texts_stay_on_their_line),
        cmocka_unit_test(titles_without_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
