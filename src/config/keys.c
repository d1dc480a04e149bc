#include "config/keys.h"

#include <stdio.h>
#include <string.h>

#include "text/closest.h"

static const char file_suffix[] = "_FILE";
static const char variable_prefix[] = "ROSTER_";
enum { VARIABLE_SIZE = 96 };

/* Cuts head off the beginning of *text. */
static bool cut(struct span *text, const char *head)
{
    struct span first = span_of(head);

    if (text->n < first.n || !span_eq_nocase(span_n(text->p, first.n), first))
        return false;
    *text = span_n(text->p + first.n, text->n - first.n);
    return true;
}

/* Is name that key's, plain or with _FILE? */
static bool is_name_of(const struct key *key, struct span name, bool *is_file)
{
    if (!cut(&name, key->name))
        return false;
    *is_file = name.n > 0;
    return name.n == 0 || (key_is_secret(key) && span_eq_nocase(name, span_of(file_suffix)));
}

bool key_is_named(const struct key *key, struct span name)
{
    bool is_file;

    return is_name_of(key, name, &is_file);
}

struct key_use key_find(struct span section, struct span name)
{
    struct key_use use = {0};

    for (size_t i = 0; i < n_keys && use.key == NULL; i++)
        if (span_eq_nocase(section, span_of(keys[i].section)) &&
            is_name_of(&keys[i], name, &use.is_file))
            use.key = &keys[i];
    return use;
}

struct key_use key_find_variable(struct span variable)
{
    struct key_use use = {0};

    for (size_t i = 0; i < n_keys && use.key == NULL; i++) {
        struct span name = variable;

        if (cut(&name, variable_prefix) && cut(&name, keys[i].section) && cut(&name, "_") &&
            is_name_of(&keys[i], name, &use.is_file))
            use.key = &keys[i];
    }
    return use;
}

const char *key_home(struct span name)
{
    for (size_t i = 0; i < n_keys; i++)
        if (key_is_named(&keys[i], name))
            return keys[i].section;
    return NULL;
}

const char *key_section(struct span name)
{
    for (size_t i = 0; i < n_keys; i++)
        if (span_eq_nocase(name, span_of(keys[i].section)))
            return keys[i].section;
    return NULL;
}

const char *key_closest_section(struct span name)
{
    struct closest closest;

    closest_init(&closest, name);
    for (size_t i = 0; i < n_keys; i++)
        (void)closest_offer(&closest, keys[i].section);
    return closest.best;
}

const char *key_closest(struct span section, struct span name)
{
    struct closest closest;

    closest_init(&closest, name);
    for (size_t i = 0; i < n_keys; i++)
        if (span_eq_nocase(section, span_of(keys[i].section)))
            (void)closest_offer(&closest, keys[i].name);
    return closest.best;
}

char *key_names(struct span section, struct arena *a)
{
    char *names = arena_dup(a, SPAN(""));

    for (size_t i = 0; i < n_keys; i++)
        if (span_eq_nocase(section, span_of(keys[i].section)))
            names = arena_printf(a, "%s%s%s%s", names, names[0] == '\0' ? "" : ", ", keys[i].name,
                                 key_is_secret(&keys[i]) ? file_suffix : "");
    return names;
}

static void upper(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'a' && *text <= 'z')
            *text = (char)(*text - ('a' - 'A'));
}

bool key_closest_variable(struct span variable, char *out, size_t size)
{
    struct closest closest;
    bool is_found = false;

    closest_init(&closest, variable);
    for (size_t i = 0; i < 2 * n_keys; i++) {
        const struct key *key = &keys[i / 2];
        bool is_file = i % 2 == 1;
        char name[VARIABLE_SIZE];

        if (is_file && !key_is_secret(key))
            continue;
        (void)snprintf(name, sizeof(name), "%s%s_%s%s", variable_prefix, key->section, key->name,
                       is_file ? file_suffix : "");
        if (!closest_offer(&closest, name))
            continue;
        upper(name);
        (void)snprintf(out, size, "%s", name);
        is_found = true;
    }
    return is_found;
}
