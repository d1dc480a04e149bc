/* What shells are told, by the tables of commands and options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/completion.h"

enum { TEXT = 256 * 1024 };

static void test_words(void **state)
{
    static const struct {
        const char *arguments, *words;
    } rows[] = {
        {"", ""},
        {"USER", ""},
        {"USER | --all", ""},
        {"FILE.csv", ""},
        {"register URL | verify | list | remove", "register verify list remove "},
        {"[verify | export | redact USER]", "verify export redact "},
        {"bash | zsh | fish", "bash zsh fish "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span rest = span_of(rows[i].arguments), word;
        struct buf words;

        buf_init(&words, 1000);
        while (completion_word(&rest, &word))
            buf_printf(&words, "%.*s ", SPAN_ARG(word));
        assert_string_equal(words.p, rows[i].words);
        buf_done(&words);
    }
    assert_true(completion_is_file("FILE.csv"));
    assert_true(completion_is_file("FILE"));
    assert_false(completion_is_file("USER"));
    assert_false(completion_is_file(NULL));
}

static void test_shells(void **state)
{
    static const struct option_row options[] = {
        {"its", "VALUE", "what: [it] 'is'"}, {"to", "FILE", "where"}, {NULL, NULL, NULL}};
    static const struct command one = {.name = "one",
                                       .help = "does one: 'thing'",
                                       .arguments = "this | that",
                                       .options = options},
                                two = {.name = "two",
                                       .help = "another",
                                       .arguments = "FILE",
                                       .options = options + 2};
    static const struct command *const commands[] = {&one, &two, NULL};
    static const struct {
        const char *shell;
        const char *has[6];
    } rows[] = {
        {"bash",
         {"    one)\n        words=\"this that\"\n", "options=\"$common --its --to\"\n",
          "    two)\n        words=\"\"\n", "files=yes", "one two help",
          "complete -F _roster roster"}},
        {"zsh",
         {"#compdef roster", "'one:does one\\: '\\''thing'\\'''",
          "'--its[what\\: \\[it\\] '\\''is'\\''", "'--to[where]:FILE:_files'",
          "'1:what:(this that)'", "'1:file:_files'"}},
        {"fish",
         {"-a one -d 'does one: \\'thing\\''", "-n '__fish_seen_subcommand_from one' -a that",
          "-l its -x -d 'what: [it] \\'is\\''", "-l to -r -F -d 'where'",
          "-n '__fish_seen_subcommand_from two' -F", "-a 'one two help'"}},
    };
    enum shell shell;

    (void)state;
    assert_false(completion_shell(SPAN("csh"), &shell));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf text;

        assert_true(completion_shell(span_of(rows[i].shell), &shell));
        buf_init(&text, TEXT);
        completion_add(&text, shell, commands);
        assert_false(text.full);
        for (size_t k = 0; k < 6; k++)
            if (strstr(text.p, rows[i].has[k]) == NULL)
                fail_msg("%s lacks %s:\n%s", rows[i].shell, rows[i].has[k], text.p);
        buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_shells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
