#include "aws/environment.h"

#include <stdlib.h>

#include "base/mem.h"

struct environment {
    char **texts; /* "NAME=value" */
    size_t n;
};

static bool is_of_interest(struct span text)
{
    return span_starts(text, SPAN("AWS_")) || span_starts(text, SPAN("HOME="));
}

static char *trimmed(struct span text)
{
    size_t at = span_find(text, '=');
    struct span value = span_trim((struct span){text.p + at + 1, text.n - at - 1});

    return mem_printf("%.*s=%.*s", (int)at, text.p, SPAN_ARG(value));
}

struct environment *environment_new(const char *const *texts)
{
    struct environment *e = mem_new(1, sizeof(*e));
    size_t n = 0;

    while (texts != NULL && texts[n] != NULL)
        n++;
    e->texts = mem_new(n + 1, sizeof(*e->texts));
    for (size_t i = 0; i < n; i++) {
        struct span text = span_of(texts[i]);

        if (is_of_interest(text) && span_find(text, '=') < text.n)
            e->texts[e->n++] = trimmed(text);
    }
    return e;
}

void environment_free(struct environment *e)
{
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->n; i++) {
        explicit_bzero(e->texts[i], strlen(e->texts[i]));
        free(e->texts[i]);
    }
    free(e->texts);
    free(e);
}

struct span environment_get(const struct environment *e, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < e->n; i++) {
        const char *text = e->texts[i];

        if (strncmp(text, name, n) == 0 && text[n] == '=' && text[n + 1] != '\0')
            return span_of(text + n + 1);
    }
    return (struct span){NULL, 0};
}

bool environment_is_true(const struct environment *e, const char *name)
{
    return span_eq_nocase(environment_get(e, name), SPAN("true"));
}
