#include "cmd/help.h"

#include <string.h>

const struct option_row help_common_options[] = {
    {"config", "FILE",
     "the configuration (default: $ROSTER_CONFIG, config.ini, /etc/roster/config.ini)"},
    {"set", "SECTION.KEY=VALUE", "sets one key, before file and environment; not for secrets"},
    {"log-format", "FORMAT", "of the log on standard error: logfmt (default) or json"},
    {"log-level", "LEVEL", "error, warn, info (default) or debug"},
    {"help", NULL, "shows the help and ends"},
    {NULL, NULL, NULL},
};

const struct option_row help_program_options[] = {
    {"version", NULL, "shows the version and ends"},
    {NULL, NULL, NULL},
};

static size_t option_width(const struct option_row *row)
{
    return strlen("--") + strlen(row->name) +
           (row->argument == NULL ? 0 : 1 + strlen(row->argument));
}

static size_t widest(const struct option_row *rows)
{
    size_t width = 0;

    for (; rows->name != NULL; rows++)
        width = option_width(rows) > width ? option_width(rows) : width;
    return width;
}

static void print_options(const struct option_row *rows, size_t width, FILE *to)
{
    for (; rows->name != NULL; rows++)
        (void)fprintf(to, "  --%s%s%s%*s  %s\n", rows->name, rows->argument == NULL ? "" : " ",
                      rows->argument == NULL ? "" : rows->argument,
                      (int)(width - option_width(rows)), "", rows->help);
}

void help_program(const struct command *const *commands, FILE *to)
{
    size_t width = 0;

    (void)fputs("Usage: roster COMMAND [OPTION …] [ARGUMENT …]\n\n"
                "Keeps the users of an Amazon Connect instance in step with Okta.\n\n"
                "Commands:\n",
                to);
    for (size_t i = 0; commands[i] != NULL; i++)
        width = strlen(commands[i]->name) > width ? strlen(commands[i]->name) : width;
    for (size_t i = 0; commands[i] != NULL; i++)
        (void)fprintf(to, "  %-*s  %s\n", (int)width, commands[i]->name, commands[i]->help);
    (void)fputs("\nOptions of every command:\n", to);
    width = widest(help_common_options);
    print_options(help_common_options, width, to);
    print_options(help_program_options, width, to);
    (void)fputs(
        "\nExit codes: 0 done; 1 failed, or a person is needed; 2 'plan --detailed-exitcode' "
        "found changes;\n3 a bound or a stale plan stopped something; 64 bad usage; 78 bad "
        "configuration.\n\n"
        "'roster COMMAND --help' tells more about one command, 'man roster' about all.\n",
        to);
}

void help_command(const struct command *command, FILE *to)
{
    size_t width = widest(help_common_options), own = widest(command->options);

    (void)fprintf(to, "Usage: roster %s [OPTION …]%s%s\n\n%s\n", command->name,
                  command->arguments[0] == '\0' ? "" : " ", command->arguments, command->about);
    width = own > width ? own : width;
    if (command->options->name != NULL) {
        (void)fputs("\nOptions:\n", to);
        print_options(command->options, width, to);
    }
    (void)fputs("\nOptions of every command:\n", to);
    print_options(help_common_options, width, to);
}
