/* floor: cmd — any words behind `roster`, one a line: they are understood or refused with a hint,
 * and no command ever runs with what its table does not allow. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/instant.h"

enum { WORDS = 64 };

static const struct command *const real[] = {
    &cmd_check,   &cmd_serve,  &cmd_status,    &cmd_users,  &cmd_show, &cmd_retry,  &cmd_events,
    &cmd_release, &cmd_audit,  &cmd_import,    &cmd_export, &cmd_init, &cmd_doctor, &cmd_plan,
    &cmd_apply,   &cmd_policy, &cmd_provision, &cmd_undo,   NULL,
};
enum { COMMANDS = sizeof(real) / sizeof(real[0]) - 1 };

static const struct option_row *row_of(const struct option_row *rows, const char *name)
{
    for (; rows->name != NULL; rows++)
        if (strcmp(rows->name, name) == 0)
            return rows;
    return NULL;
}

/* What the words came to, instead of doing it. */
static enum exit_code look(struct invocation *i)
{
    const struct options *o = &i->options;
    int64_t at_ms;

    assert(o->n_arguments >= i->command->min_arguments);
    assert(o->n_arguments <= i->command->max_arguments);
    for (size_t k = 0; k < o->n_given; k++) {
        const struct option_given *given = &o->given[k];
        const struct option_row *row = row_of(i->command->options, given->name);

        assert(given->value != NULL && options_has(o, given->name));
        assert(row == NULL || row->argument != NULL || given->value[0] == '\0');
        (void)instant_parse(span_of(given->value), 1777881601000, &at_ms);
    }
    return EXIT_CHANGES;
}

static const struct command *const *harmless(void)
{
    static struct command commands[COMMANDS];
    static const struct command *table[COMMANDS + 1];

    for (size_t i = 0; i < COMMANDS; i++) {
        commands[i] = *real[i];
        commands[i].run = look;
        table[i] = &commands[i];
    }
    return table;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const environment[] = {NULL};
    struct span rest = span_n(data, size), word;
    char *argv[WORDS + 2] = {mem_dup_str("roster")}, *told = NULL;
    size_t n_told = 0;
    FILE *out = fopen("/dev/null", "w"), *err = open_memstream(&told, &n_told);
    int argc = 1, code;

    assert(out != NULL && err != NULL);
    while (argc <= WORDS && span_split(&rest, '\n', &word))
        argv[argc++] = mem_dup(word);
    code = command_main(harmless(), argc, argv, out, err, environment);
    (void)fclose(out);
    (void)fclose(err);
    assert(code == EXIT_DONE || code == EXIT_CHANGES || code == EXIT_BAD_USAGE);
    assert((code == EXIT_BAD_USAGE) == (n_told > 0));
    free(told);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    return 0;
}
