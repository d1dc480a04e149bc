#include "engine/name_search.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/interest.h"
#include "okta/read.h"

struct sought {
    enum name_kind kind;
    struct span name; /* the rules' */
};

struct name_search {
    struct name_search_options options;
    struct arena arena; /* of the search: its names, and what several bear */
    struct sought *sought;
    size_t n, at;
    struct name_found *shared;
    size_t n_shared, n_unknown;
    struct okta_read *read;
    struct sought *told; /* names of which was told already */
    size_t n_told;
};

static void tell_once(struct name_search *s, const struct sought *sought, const char *code,
                      size_t n_found)
{
    const char *word = name_kind_word(sought->kind);
    char *text;

    for (size_t i = 0; i < s->n_told; i++)
        if (s->told[i].kind == sought->kind && span_eq(s->told[i].name, sought->name))
            return;
    s->told = mem_grow(s->told, s->n_told + 1, sizeof(*s->told));
    s->told[s->n_told++] = *sought;
    text = n_found == 0
               ? mem_printf("Okta has no %s '%.*s', which the configuration names: nobody comes "
                            "into scope by it. Compare the names, or write its id",
                            word, SPAN_ARG(sought->name))
               : mem_printf("Okta has %zu %ss '%.*s', and all of them count: write the id of the "
                            "one that is meant into the configuration",
                            n_found, word, SPAN_ARG(sought->name));
    s->options.told(s->options.arg, code, text);
    free(text);
}

static void share(struct name_search *s, enum name_kind kind, struct span id)
{
    struct name_found *more = arena_new(&s->arena, s->n_shared + 1, sizeof(*more));

    if (s->n_shared > 0)
        memcpy(more, s->shared, s->n_shared * sizeof(*more));
    more[s->n_shared++] = (struct name_found){kind, arena_span(&s->arena, id)};
    s->shared = more;
}

static void next(struct name_search *s);

static void was_read(void *arg, const struct okta_result *result)
{
    struct name_search *s = arg;
    const struct sought *sought = &s->sought[s->at];
    bool is_app = sought->kind == NAME_OKTA_APP;
    size_t n = is_app ? result->n_apps : result->n_groups;

    s->read = NULL;
    if (result->err != ERR_NONE) {
        s->options.done(s->options.arg, result->fail);
        return;
    }
    if (n == 1) {
        s->options.found(s->options.arg, sought->kind, sought->name,
                         is_app ? result->apps[0].id : result->groups[0].id);
    } else {
        tell_once(s, sought, n == 0 ? "unknown_name" : "ambiguous_name", n);
        s->n_unknown += n == 0;
        for (size_t i = 0; i < n; i++)
            share(s, sought->kind, is_app ? result->apps[i].id : result->groups[i].id);
    }
    s->at++;
    next(s);
}

static void next(struct name_search *s)
{
    const struct sought *sought = &s->sought[s->at];

    if (s->at == s->n)
        s->options.done(s->options.arg, NULL);
    else if (sought->kind == NAME_OKTA_APP)
        s->read = okta_find_app(s->options.api, sought->name, was_read, s);
    else
        s->read = okta_find_group(s->options.api, sought->name, was_read, s);
}

static bool collect(void *arg, enum name_kind kind, struct span value, struct span id)
{
    struct name_search *s = arg;
    struct sought *more;

    if (id.n > 0)
        return true;
    for (size_t i = 0; i < s->n; i++)
        if (s->sought[i].kind == kind && span_eq(s->sought[i].name, value))
            return true;
    more = arena_new(&s->arena, s->n + 1, sizeof(*more));
    if (s->n > 0)
        memcpy(more, s->sought, s->n * sizeof(*more));
    more[s->n++] = (struct sought){kind, value};
    s->sought = more;
    return true;
}

void name_search_begin(struct name_search *s)
{
    name_search_cancel(s);
    arena_done(&s->arena);
    s->sought = NULL;
    s->shared = NULL;
    s->n = s->at = s->n_shared = s->n_unknown = 0;
    interest_each(s->options.judge->rules, current_names_get(s->options.judge->names), collect, s);
    next(s);
}

void name_search_cancel(struct name_search *s)
{
    okta_read_cancel(s->read);
    s->read = NULL;
}

struct name_search *name_search_new(const struct name_search_options *options)
{
    struct name_search *s = mem_new(1, sizeof(*s));

    s->options = *options;
    return s;
}

void name_search_free(struct name_search *s)
{
    if (s == NULL)
        return;
    name_search_cancel(s);
    arena_done(&s->arena);
    free(s->told);
    free(s);
}

bool name_search_has_unknown(const struct name_search *s)
{
    return s->n_unknown > 0;
}

const struct name_found *name_search_shared(const struct name_search *s, size_t *n)
{
    *n = s->n_shared;
    return s->shared;
}
