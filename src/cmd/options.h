/* Options of the command line, by table: getopt_long behind a list of what is known, so that help
 * and parser cannot disagree. Not thread-safe (getopt keeps its place in globals). */
#ifndef ROSTER_CMD_OPTIONS_H
#define ROSTER_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct option_row {
    const char *name;     /* without "--"; NULL ends a table */
    const char *argument; /* "FILE", or NULL when it takes none */
    const char *help;
};

struct option_given {
    const char *name, *value; /* value "" for one that takes none; borrowed from argv */
};

struct options {
    struct option_given *given; /* in their order */
    size_t n_given;
    char **arguments; /* what is no option; borrowed from argv */
    size_t n_arguments;
};

/* Adds what argv[1] … hold to *o (which may be zeroed). tables ends with NULL. With stops_early the
 * first argument that is no option ends the options; else they may stand anywhere, until "--".
 * Options are written in full: an abbreviation would get another meaning with the next version.
 * ERR_INPUT: fail->text says which one is wrong. Released by options_done in any case. */
enum err options_parse(struct options *o, const struct option_row *const *tables, bool stops_early,
                       int argc, char **argv, struct fail *fail) WARN_UNUSED;
void options_done(struct options *o);
bool options_has(const struct options *o, const char *name);
/* The last value given, or NULL. */
const char *options_value(const struct options *o, const char *name);
/* All values given, in their order, with a NULL behind them; the caller frees the array. */
const char **options_values(const struct options *o, const char *name);

#endif
