/* Loads settings from texts, for the tables of the tests. */
#ifndef ROSTER_TESTS_CONFIG_LOAD_H
#define ROSTER_TESTS_CONFIG_LOAD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "config/settings.h"

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The least that is complete: 8 lines. */
#define LEAST                                                                                      \
    "[OKTA]\nAPP_NAME = Amazon Connect\n"                                                          \
    "[Connect]\nINSTANCE_ID = i-1\nSECURITY_PROFILE_IDS = s-1\nROUTING_PROFILE_ID = r-1\n"         \
    "[Store]\nPATH = /x\n"

struct loaded {
    enum err err;
    struct settings *s;
    struct settings_mistakes mistakes;
    char *all; /* the mistakes, each with its '\n' */
};

enum { LOAD_VARIABLES = 8 };

/* text NULL = only the environment, which ends with NULL and may be NULL; so may overrides. */
static inline struct loaded load(const char *text, const char *const *environment,
                                 const char *const *overrides)
{
    const char *variables[LOAD_VARIABLES + 2] = {NULL};
    char *config = mem_printf("ROSTER_CONFIG=%s", text == NULL ? "" : text);
    struct settings_sources sources = {.overrides = overrides, .environment = variables};
    struct loaded l = {.s = NULL};
    size_t n = 0;

    variables[n++] = config;
    for (; environment != NULL && *environment != NULL; environment++) {
        assert_true(n <= LOAD_VARIABLES);
        variables[n++] = *environment;
    }
    l.err = settings_load(&sources, &l.s, &l.mistakes);
    l.all = mem_dup_str("");
    for (size_t i = 0; i < l.mistakes.n; i++) {
        char *more = mem_printf("%s%s\n", l.all, l.mistakes.lines[i]);

        free(l.all);
        l.all = more;
    }
    free(config);
    return l;
}

static inline void loaded_done(struct loaded *l)
{
    settings_free(l->s);
    settings_mistakes_done(&l->mistakes);
    free(l->all);
}

/* Loads what must be right. */
static inline struct loaded load_good(const char *text, const char *const *environment,
                                      const char *const *overrides)
{
    struct loaded l = load(text, environment, overrides);

    if (l.err != ERR_NONE || l.s == NULL || l.mistakes.n > 0)
        fail_msg("%s: %s", text == NULL ? "environment" : text, l.all);
    return l;
}

static inline void assert_text(struct span found, const char *expected)
{
    if (!span_eq(found, span_of(expected)))
        fail_msg("'%.*s' is not '%s'", SPAN_ARG(found), expected);
}

#endif
