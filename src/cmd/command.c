#include "cmd/command.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "cmd/help.h"

enum { ANSWER_SIZE = 16 };

static void __attribute__((format(printf, 2, 0))) say(FILE *err, const char *format, va_list args)
{
    (void)fputs("roster: ", err); /* there is nowhere to complain about complaining */
    (void)vfprintf(err, format, args);
}

void command_complain(const struct invocation *i, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(i->err, format, args);
    va_end(args);
    (void)fputc('\n', i->err);
}

static void hint(const struct invocation *i)
{
    if (i->command == NULL)
        (void)fputs("; 'roster --help' lists what there is\n", i->err);
    else
        (void)fprintf(i->err, "; see 'roster %s --help'\n", i->command->name);
}

bool command_confirm(const struct invocation *i, const char *format, ...)
{
    char answer[ANSWER_SIZE];
    va_list args;

    if (options_has(&i->options, "yes"))
        return true;
    if (isatty(STDIN_FILENO) == 0 || isatty(fileno(i->out)) == 0) {
        (void)fputs("nothing was done; with --yes it would be\n", i->out);
        return false;
    }
    va_start(args, format);
    (void)vfprintf(i->out, format, args);
    va_end(args);
    (void)fflush(i->out); /* what is asked must be seen before it is answered */
    return fgets(answer, sizeof(answer), stdin) != NULL && strcmp(answer, "yes\n") == 0;
}

enum exit_code command_misused(const struct invocation *i, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(i->err, format, args);
    va_end(args);
    hint(i);
    return EXIT_BAD_USAGE;
}

static const struct command *find(const struct command *const *commands, const char *name)
{
    for (; *commands != NULL; commands++)
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    return NULL;
}

static enum err set_up_log(const struct options *o, struct fail *fail)
{
    const char *format = options_value(o, "log-format"), *level = options_value(o, "log-level");
    bool is_json = format != NULL && strcmp(format, "json") == 0;
    enum log_level threshold = LOG_INFO;

    if (format != NULL && !is_json && strcmp(format, "logfmt") != 0)
        return fail_set(fail, ERR_INPUT, "--log-format is logfmt or json, not '%s'", format);
    if (level != NULL && !log_level_parse(span_of(level), &threshold))
        return fail_set(fail, ERR_INPUT, "--log-level is error, warn, info or debug, not '%s'",
                        level);
    log_setup(threshold, is_json ? LOG_JSON : LOG_LOGFMT);
    return ERR_NONE;
}

static enum exit_code check_arguments(const struct invocation *i)
{
    const struct command *c = i->command;

    if (i->options.n_arguments < c->min_arguments)
        return command_misused(i, "%s needs %s", c->name, c->arguments);
    if (i->options.n_arguments > c->max_arguments)
        return command_misused(i, "%s does not take '%s'", c->name,
                               i->options.arguments[c->max_arguments]);
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i, int argc, char **argv)
{
    const struct option_row *tables[] = {i->command->options, help_common_options, NULL};
    enum exit_code code;
    struct fail fail;

    if (options_parse(&i->options, tables, false, argc, argv, &fail) != ERR_NONE)
        return command_misused(i, "%s", fail.text);
    if (options_has(&i->options, "help")) {
        help_command(i->command, i->out);
        return EXIT_DONE;
    }
    if (set_up_log(&i->options, &fail) != ERR_NONE)
        return command_misused(i, "%s", fail.text);
    code = check_arguments(i);
    return code == EXIT_DONE ? i->command->run(i) : code;
}

/* `roster help`, `roster help COMMAND` */
static enum exit_code show_help(struct invocation *i, const struct command *const *commands)
{
    const struct options *o = &i->options;
    const struct command *wanted = NULL;

    if (o->n_arguments > 1) {
        wanted = find(commands, o->arguments[1]);
        if (wanted == NULL)
            return command_misused(i, "there is no command '%s'", o->arguments[1]);
    }
    if (wanted != NULL)
        help_command(wanted, i->out);
    else
        help_program(commands, i->out);
    return EXIT_DONE;
}

static enum exit_code choose(struct invocation *i, const struct command *const *commands, int argc,
                             char **argv)
{
    const struct option_row *tables[] = {help_common_options, help_program_options, NULL};
    const char *name;
    int skip;
    struct fail fail;

    if (options_parse(&i->options, tables, true, argc, argv, &fail) != ERR_NONE)
        return command_misused(i, "%s", fail.text);
    name = i->options.n_arguments > 0 ? i->options.arguments[0] : NULL;
    if (options_has(&i->options, "version")) {
        (void)fputs("roster " ROSTER_VERSION "\n", i->out);
        return EXIT_DONE;
    }
    if (options_has(&i->options, "help") || (name != NULL && strcmp(name, "help") == 0))
        return show_help(i, commands);
    if (name == NULL)
        return command_misused(i, "which command?");
    i->command = find(commands, name);
    if (i->command == NULL)
        return command_misused(i, "there is no command '%s'", name);
    skip = argc - (int)i->options.n_arguments;
    return run(i, argc - skip, argv + skip);
}

int command_main(const struct command *const *commands, int argc, char **argv, FILE *out, FILE *err,
                 const char *const *environment)
{
    struct invocation i = {.commands = commands,
                           .out = out,
                           .err = err,
                           .style = style_of(out, environment),
                           .environment = environment};
    enum exit_code code = choose(&i, commands, argc, argv);

    options_done(&i.options);
    if ((fflush(out) != 0 || ferror(out) != 0) && code == EXIT_DONE) {
        command_complain(&i, "the output could not be written");
        code = EXIT_FAILED;
    }
    return code;
}
