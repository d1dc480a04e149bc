#include "lambda/reference_places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/values.h"
#include "text/ini.h"

enum { NAME_SIZE = 128 };

/* The AWS sample's own variables are settings, too. */
static const char *const sample_variables[] = {
    "CONNECT_INSTANCE_ID", "CONNECT_SECURITY_PROFILE_IDS", "CONNECT_ROUTING_PROFILE_ID"};

#define HOOK_SECRET "ROSTER_OKTA_HOOK_SECRET"
#define HOOK_SECRET_PREVIOUS "ROSTER_OKTA_HOOK_SECRET_PREVIOUS"

static bool is_named(const char *entry, struct span name)
{
    return strncmp(entry, name.p, name.n) == 0 && entry[name.n] == '=';
}

struct span reference_places_variable(const char *const *environment, const char *name)
{
    for (; *environment != NULL; environment++)
        if (is_named(*environment, span_of(name)) && (*environment)[strlen(name) + 1] != '\0')
            return span_of(*environment + strlen(name) + 1);
    return (struct span){NULL, 0};
}

static bool is_setting(struct span name)
{
    if (span_starts(name, SPAN("ROSTER_")))
        return true;
    for (size_t i = 0; i < sizeof(sample_variables) / sizeof(sample_variables[0]); i++)
        if (span_eq(name, span_of(sample_variables[i])))
            return true;
    return false;
}

static struct reference_place *find(struct reference_places *p, struct span variable)
{
    for (size_t i = 0; i < p->n; i++)
        if (span_eq(span_of(p->places[i].variable), variable))
            return &p->places[i];
    return NULL;
}

static void add(struct reference_places *p, struct span variable, struct span value)
{
    struct reference reference;
    struct span text;

    if (!reference_read(value, &reference) || find(p, variable) != NULL)
        return;
    if (p->n == REFERENCE_PLACES_MAX) {
        p->is_too_many = true;
        return;
    }
    text = arena_span(&p->arena, value);
    (void)reference_read(text, &reference); /* its spans are in the arena now */
    p->places[p->n++] = (struct reference_place){.variable = arena_dup(&p->arena, variable),
                                                 .reference = reference};
}

static void find_in_environment(const char *const *environment, struct reference_places *p)
{
    for (; *environment != NULL; environment++) {
        struct span rest = span_of(*environment), name;

        if (span_split(&rest, '=', &name) && rest.p != NULL && is_setting(name))
            add(p, name, rest);
    }
}

/* "ROSTER_<SECTION>_<KEY>" in upper case; false when there is no such variable. */
static bool variable_of(const struct ini_item *item, char out[static NAME_SIZE])
{
    int n =
        snprintf(out, NAME_SIZE, "ROSTER_%.*s_%.*s", SPAN_ARG(item->section), SPAN_ARG(item->key));

    for (char *c = out; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - ('a' - 'A'));
    return n > 0 && n < NAME_SIZE && span_find(item->section, ' ') == item->section.n;
}

/* Returns whether the text sets the secret before itself. */
static bool find_in_text(const char *const *environment, struct span text,
                         struct reference_places *p)
{
    struct ini ini;
    struct ini_item item;
    bool sets_previous = false;
    char variable[NAME_SIZE];
    struct span value;

    ini_init(&ini, text);
    while ((item = ini_next(&ini)).kind != INI_END) {
        if (item.kind != INI_PAIR || !variable_of(&item, variable))
            continue;
        sets_previous |= span_starts(span_of(variable), SPAN(HOOK_SECRET_PREVIOUS));
        if (reference_places_variable(environment, variable).p == NULL &&
            ini_value(&p->arena, item.value, &value))
            add(p, span_of(variable), value);
    }
    return sets_previous;
}

void reference_places_find(const char *const *environment, struct span text,
                           struct reference_places *out)
{
    struct reference_place *hook;
    bool sets_previous;

    *out = (struct reference_places){0};
    find_in_environment(environment, out);
    sets_previous = find_in_text(environment, text, out);
    hook = find(out, SPAN(HOOK_SECRET));
    if (hook != NULL)
        hook->wants_previous =
            !sets_previous &&
            reference_places_variable(environment, HOOK_SECRET_PREVIOUS).p == NULL &&
            reference_places_variable(environment, HOOK_SECRET_PREVIOUS "_FILE").p == NULL;
}

void reference_places_done(struct reference_places *p)
{
    for (size_t i = 0; i < p->n; i++) {
        secret_done(&p->places[i].current);
        secret_done(&p->places[i].previous);
    }
    arena_done(&p->arena);
    *p = (struct reference_places){0};
}

static bool is_replaced(const char *entry, const struct reference_places *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (is_named(entry, span_of(p->places[i].variable)) ||
            (p->places[i].wants_previous && is_named(entry, SPAN(HOOK_SECRET_PREVIOUS))))
            return true;
    return false;
}

static char *entry_of(const char *variable, const struct secret *value)
{
    return mem_printf("%s=%s", variable, value->p == NULL ? "" : value->p);
}

char **reference_places_environment(const char *const *environment,
                                    const struct reference_places *p)
{
    size_t n = 0, at = 0;
    char **all;

    while (environment[n] != NULL)
        n++;
    all = mem_new(n + 2 * p->n + 1, sizeof(*all));
    for (size_t i = 0; i < n; i++)
        if (!is_replaced(environment[i], p))
            all[at++] = mem_dup_str(environment[i]);
    for (size_t i = 0; i < p->n; i++) {
        all[at++] = entry_of(p->places[i].variable, &p->places[i].current);
        /* One that was never of use must not keep the current one from being used. */
        if (p->places[i].wants_previous &&
            value_secret(secret_span(&p->places[i].previous), NULL) == ERR_NONE)
            all[at++] = entry_of(HOOK_SECRET_PREVIOUS, &p->places[i].previous);
    }
    return all;
}

void reference_places_environment_free(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        explicit_bzero(environment[i], strlen(environment[i]));
        free(environment[i]);
    }
    free(environment);
}
