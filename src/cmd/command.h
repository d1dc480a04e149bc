/* The program's shape: a table of commands, each with its options and its help, and the way from
 * main's arguments to one of them. All of cmd/ runs on main's thread; only what its header calls
 * pure or thread-safe may be used from another. */
#ifndef ROSTER_CMD_COMMAND_H
#define ROSTER_CMD_COMMAND_H

#include <stdio.h>

#include "cmd/style.h"
#include "cmd/options.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,  /* also in part; an unknown person; --check found that a person is needed */
    EXIT_CHANGES = 2, /* plan --detailed-exitcode: something would be done */
    EXIT_STOPPED = 3, /* a guard or a stale plan stopped something */
    EXIT_BAD_USAGE = 64, /* EX_USAGE of sysexits.h */
    EXIT_BAD_CONFIG = 78 /* EX_CONFIG */
};

struct command;

/* One run of a command. */
struct invocation {
    const struct command *command;
    const struct command *const *commands; /* all of them; ends with NULL */
    struct options options;                /* checked, the number of arguments, too */
    FILE *out, *err;                       /* results, complaints */
    struct style style;                    /* of out */
    const char *const *environment;
};

struct command {
    const char *name;
    const char *help;      /* one line */
    const char *arguments; /* "USER", for the usage line; "" = none */
    const char *about;     /* a few lines for `roster COMMAND --help` */
    const struct option_row *options;
    size_t min_arguments, max_arguments;
    enum exit_code (*run)(struct invocation *i);
};

/* The whole program but for the table. commands ends with NULL. */
int command_main(const struct command *const *commands, int argc, char **argv, FILE *out, FILE *err,
                 const char *const *environment);
/* "roster: …" and a line's end on i->err. */
void command_complain(const struct invocation *i, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Does the operator want it? Yes with the option --yes; on a terminal they are asked the question,
 * and only "yes" is a yes; elsewhere it says that nothing was done. */
bool command_confirm(const struct invocation *i, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Complains with a hint at the help, and returns EXIT_BAD_USAGE. */
enum exit_code command_misused(const struct invocation *i, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
