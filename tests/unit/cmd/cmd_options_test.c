#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/options.h"

static const struct option_row own[] = {
    {"json", NULL, ""}, {"state", "STATE", ""}, {NULL, NULL, NULL}};
static const struct option_row common[] = {
    {"set", "KEY=VALUE", ""}, {"help", NULL, ""}, {NULL, NULL, NULL}};
static const struct option_row *const tables[] = {own, common, NULL};

enum { WORDS = 8 };

static const struct row {
    const char *name;
    const char *words[WORDS]; /* the first is the program's */
    bool stops_early;
    const char *refused; /* what the text holds; NULL: taken */
    bool has_json;
    const char *state;
    size_t n_arguments;
} rows[] = {
    {"nothing", {"roster"}, false, NULL, false, NULL, 0},
    {"a flag", {"roster", "--json"}, false, NULL, true, NULL, 0},
    {"a value behind a blank", {"roster", "--state", "due"}, false, NULL, false, "due", 0},
    {"a value behind '='", {"roster", "--state=due"}, false, NULL, false, "due", 0},
    {"an empty value", {"roster", "--state="}, false, NULL, false, "", 0},
    {"the last counts", {"roster", "--state", "a", "--state=b"}, false, NULL, false, "b", 0},
    {"options behind arguments", {"roster", "ann", "--json", "bob"}, false, NULL, true, NULL, 2},
    {"arguments behind --", {"roster", "--", "--json"}, false, NULL, false, NULL, 1},
    {"a dash is an argument", {"roster", "-"}, false, NULL, false, NULL, 1},
    {"stops at the first argument",
     {"roster", "--json", "ann", "--state", "x"},
     true,
     NULL,
     true,
     NULL,
     3},
    {"a value that looks like an option",
     {"roster", "--state", "--json"},
     false,
     NULL,
     false,
     "--json",
     0},
    {"unknown", {"roster", "--dance"}, false, "--dance", false, NULL, 0},
    {"unknown with a value",
     {"roster", "--dance=tango"},
     false,
     "there is no option --dance",
     false,
     NULL,
     0},
    {"unknown after others",
     {"roster", "ann", "--json", "--dance", "x"},
     false,
     "--dance",
     false,
     NULL,
     0},
    {"abbreviated", {"roster", "--js"}, false, "--js", false, NULL, 0},
    {"abbreviated with a value", {"roster", "--stat", "due"}, false, "--stat", false, NULL, 0},
    {"abbreviated with '='", {"roster", "--stat=due"}, false, "--stat", false, NULL, 0},
    {"short", {"roster", "-j"}, false, "-j", false, NULL, 0},
    {"no value", {"roster", "--state"}, false, "--state needs a value", false, NULL, 0},
    {"a value for a flag",
     {"roster", "--json=yes"},
     false,
     "--json takes no value",
     false,
     NULL,
     0},
    {"abbreviated, after another mistake", /* of the row before: getopt keeps it */
     {"roster", "--js"},
     false,
     "there is no option --js",
     false,
     NULL,
     0},
};

static int count(const char *const *words)
{
    int n = 0;

    while (n < WORDS && words[n] != NULL)
        n++;
    return n;
}

static void options_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        char *argv[WORDS + 1] = {NULL};
        struct options o = {0};
        struct fail fail = {0};
        enum err err;

        for (int n = 0; n < count(row->words); n++)
            argv[n] = strdup(row->words[n]);
        err = options_parse(&o, tables, row->stops_early, count(row->words), argv, &fail);
        if ((err == ERR_NONE) != (row->refused == NULL))
            fail_msg("%s: %s", row->name, fail.text);
        if (row->refused != NULL && strstr(fail.text, row->refused) == NULL)
            fail_msg("%s: %s", row->name, fail.text);
        if (err == ERR_NONE) {
            const char *value = options_value(&o, "state");

            if (options_has(&o, "json") != row->has_json || o.n_arguments != row->n_arguments ||
                strcmp(value == NULL ? "none" : value, row->state == NULL ? "none" : row->state) !=
                    0)
                fail_msg("%s: state %s, %zu arguments", row->name, value, o.n_arguments);
        }
        options_done(&o);
        for (int n = 0; n < WORDS; n++)
            free(argv[n]);
    }
}

static void repeated_values_keep_their_order(void **state)
{
    char set[] = "--set", one[] = "A.B=1", two[] = "--set=A.C=2", program[] = "roster";
    char *argv[] = {program, set, one, two, NULL};
    struct options o = {0};
    struct fail fail;
    const char **values;

    (void)state;
    assert_int_equal(options_parse(&o, tables, false, 4, argv, &fail), ERR_NONE);
    values = options_values(&o, "set");
    assert_string_equal(values[0], "A.B=1");
    assert_string_equal(values[1], "A.C=2");
    assert_null(values[2]);
    free(values);
    options_done(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(repeated_values_keep_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
