#include "cmd/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"

/* getopt's values for options begin above all characters. */
enum { FIRST_VALUE = 256 };

static size_t count(const struct option_row *const *tables)
{
    size_t n = 0;

    for (; *tables != NULL; tables++)
        for (const struct option_row *row = *tables; row->name != NULL; row++)
            n++;
    return n;
}

static struct option *getopt_rows(const struct option_row *const *tables)
{
    struct option *rows = mem_new(count(tables) + 1, sizeof(*rows));
    int n = 0;

    for (; *tables != NULL; tables++)
        for (const struct option_row *row = *tables; row->name != NULL; row++, n++)
            rows[n] =
                (struct option){.name = row->name,
                                .has_arg = row->argument == NULL ? no_argument : required_argument,
                                .val = FIRST_VALUE + n};
    return rows;
}

static void add(struct options *o, const char *name, const char *value)
{
    o->given = mem_grow(o->given, o->n_given + 1, sizeof(*o->given));
    o->given[o->n_given++] = (struct option_given){name, value == NULL ? "" : value};
}

/* Was that word, "--name" or "--name=value", written in full? */
static bool is_in_full(const char *word, const char *name)
{
    struct span rest = span_of(word), before;

    return span_split(&rest, '=', &before) && before.n > 2 &&
           span_eq((struct span){before.p + 2, before.n - 2}, span_of(name));
}

/* The word that getopt has just read an option from. */
static const char *word_read(char **argv, bool took_next_word)
{
    return argv[optind - (took_next_word ? 2 : 1)];
}

enum err options_parse(struct options *o, const struct option_row *const *tables, bool stops_early,
                       int argc, char **argv, struct fail *fail)
{
    struct option *rows = getopt_rows(tables);
    enum err err = ERR_NONE;
    int c;

    optind = 0; /* glibc: begin anew */
    opterr = 0;
    while (err == ERR_NONE &&
           (c = getopt_long(argc, argv, stops_early ? "+:" : ":", rows, NULL)) != -1) {
        int n = c - FIRST_VALUE;
        const char *word = word_read(argv, n >= 0 && rows[n].has_arg == required_argument &&
                                               optarg == argv[optind - 1]);

        /* With an abbreviation optopt is still that of an earlier mistake. */
        if (c == ':')
            err = fail_set(fail, ERR_INPUT, "the option %s needs a value", word);
        else if (n >= 0 && is_in_full(word, rows[n].name))
            add(o, rows[n].name, optarg);
        else if (n < 0 && optopt >= FIRST_VALUE)
            err = fail_set(fail, ERR_INPUT, "the option --%s takes no value",
                           rows[optopt - FIRST_VALUE].name);
        else if (n < 0 && optopt != 0)
            err = fail_set(fail, ERR_INPUT, "there is no option -%c", optopt);
        else
            err =
                fail_set(fail, ERR_INPUT, "there is no option %.*s", (int)strcspn(word, "="), word);
    }
    free(rows);
    if (err == ERR_NONE) {
        o->arguments = argv + optind;
        o->n_arguments = (size_t)(argc - optind);
    }
    return err;
}

void options_done(struct options *o)
{
    free(o->given);
    *o = (struct options){0};
}

const char *options_value(const struct options *o, const char *name)
{
    for (size_t i = o->n_given; i > 0; i--)
        if (strcmp(o->given[i - 1].name, name) == 0)
            return o->given[i - 1].value;
    return NULL;
}

bool options_has(const struct options *o, const char *name)
{
    return options_value(o, name) != NULL;
}

const char **options_values(const struct options *o, const char *name)
{
    const char **values = mem_new(o->n_given + 1, sizeof(*values));
    size_t n = 0;

    for (size_t i = 0; i < o->n_given; i++)
        if (strcmp(o->given[i].name, name) == 0)
            values[n++] = o->given[i].value;
    return values;
}
