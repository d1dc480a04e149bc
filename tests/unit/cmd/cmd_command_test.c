#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/command.h"

static const struct option_row sing_options[] = {
    {"loud", NULL, "so that all hear it"}, {"key", "KEY", "C, D, …"}, {NULL, NULL, NULL}};

static enum exit_code sing(struct invocation *i)
{
    const char *config = options_value(&i->options, "config");

    (void)fprintf(i->out, "la %s%s%s\n", i->options.arguments[0],
                  options_has(&i->options, "loud") ? "!" : "", config == NULL ? "" : config);
    return strcmp(i->options.arguments[0], "wrong") == 0 ? EXIT_FAILED : EXIT_DONE;
}

static const struct command sing_command = {.name = "sing",
                                            .help = "sings a song",
                                            .arguments = "SONG",
                                            .about = "Sings SONG once.",
                                            .options = sing_options,
                                            .min_arguments = 1,
                                            .max_arguments = 1,
                                            .run = sing};
static const struct command *const commands[] = {&sing_command, NULL};

enum { WORDS = 8 };

static const struct row {
    const char *words[WORDS];
    int code;
    const char *out, *err; /* what they hold; NULL: nothing at all */
} rows[] = {
    {{"roster", "sing", "song"}, 0, "la song\n", NULL},
    {{"roster", "sing", "--loud", "song"}, 0, "la song!", NULL},
    {{"roster", "sing", "song", "--config", "f.ini"}, 0, "la songf.ini", NULL},
    {{"roster", "--config", "f.ini", "sing", "song"}, 0, "la songf.ini", NULL},
    {{"roster", "--config", "f", "sing", "song", "--config=g"}, 0, "la songg", NULL},
    {{"roster", "sing", "wrong"}, 1, "la wrong", NULL},
    {{"roster"}, 64, NULL, "roster --help"},
    {{"roster", "--config", "f.ini"}, 64, NULL, "which command"},
    {{"roster", "dance"}, 64, NULL, "'dance'"},
    {{"roster", "--dance"}, 64, NULL, "--dance"},
    {{"roster", "sing"}, 64, NULL, "SONG"},
    {{"roster", "sing", "a", "b"}, 64, NULL, "'b'"},
    {{"roster", "sing", "a", "--soft"}, 64, NULL, "roster sing --help"},
    {{"roster", "sing", "a", "--version"}, 64, NULL, "--version"},
    {{"roster", "sing", "a", "--log-format", "xml"}, 64, NULL, "xml"},
    {{"roster", "sing", "a", "--log-level", "noisy"}, 64, NULL, "noisy"},
    {{"roster", "sing", "a", "--log-level", "debug", "--log-format=json"}, 0, "la a", NULL},
    {{"roster", "--help"}, 0, "sings a song", NULL},
    {{"roster", "help"}, 0, "--version", NULL},
    {{"roster", "help", "sing"}, 0, "--key KEY", NULL},
    {{"roster", "help", "dance"}, 64, NULL, "'dance'"},
    {{"roster", "sing", "--help"}, 0, "Usage: roster sing [OPTION …] SONG", NULL},
    {{"roster", "sing", "--help"}, 0, "--log-format FORMAT", NULL},
    {{"roster", "--version"}, 0, "roster " ROSTER_VERSION "\n", NULL},
};

static void check(const char *what, const char *wanted, const char *text, const struct row *row)
{
    if (wanted == NULL ? text[0] != '\0' : strstr(text, wanted) == NULL)
        fail_msg("%s %s %s: %s is '%s'", row->words[0], row->words[1], row->words[2], what, text);
}

static void commands_are_found_and_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *argv[WORDS + 1] = {NULL}, *out = NULL, *err = NULL;
        size_t out_n = 0, err_n = 0;
        FILE *out_file = open_memstream(&out, &out_n), *err_file = open_memstream(&err, &err_n);
        int argc = 0, code;

        for (; argc < WORDS && rows[i].words[argc] != NULL; argc++)
            argv[argc] = strdup(rows[i].words[argc]);
        code = command_main(commands, argc, argv, out_file, err_file, NULL);
        assert_int_equal(fclose(out_file), 0);
        assert_int_equal(fclose(err_file), 0);
        check("standard output", rows[i].out, out, &rows[i]);
        check("standard error", rows[i].err, err, &rows[i]);
        assert_int_equal(code, rows[i].code);
        for (int n = 0; n < argc; n++)
            free(argv[n]);
        free(out);
        free(err);
    }
}

static void an_output_that_cannot_be_written_is_a_failure(void **state)
{
    char program[] = "roster", word[] = "sing", song[] = "song",
         *argv[] = {program, word, song, NULL};
    char *err = NULL;
    size_t n = 0;
    FILE *full = fopen("/dev/full", "w"), *err_file = open_memstream(&err, &n);

    (void)state;
    if (full == NULL)
        skip();
    assert_int_equal(command_main(commands, 3, argv, full, err_file, NULL), EXIT_FAILED);
    (void)fclose(full); /* fails for the same reason */
    assert_int_equal(fclose(err_file), 0);
    assert_non_null(strstr(err, "could not be written"));
    free(err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_found_and_run),
        cmocka_unit_test(an_output_that_cannot_be_written_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
