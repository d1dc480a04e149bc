#include "config/settings.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/apply.h"
#include "config/given.h"
#include "config/mistakes.h"
#include "config/secret_file.h"
#include "config/store_path.h"

struct loading {
    const struct settings_sources *sources;
    struct givens givens;
    struct mistakes *mistakes;
    struct settings *s;
};

static const struct given *given_for(const struct loading *l, const char *section, const char *name)
{
    return givens_of(&l->givens, key_find(span_of(section), span_of(name)).key);
}

static bool is_given(const struct loading *l, const char *section, const char *name)
{
    const struct given *given = given_for(l, section, name);

    return given->from != GIVEN_NOT || given->is_lost || l->givens.is_text_lost;
}

/* What stands before a message about something that is nowhere. */
static const char *origin(const struct loading *l)
{
    return l->givens.origin == NULL ? "configuration" : l->givens.origin;
}

static void check_required(const struct loading *l)
{
    size_t before = l->mistakes->n;

    for (size_t i = 0; i < n_keys; i++)
        if (keys[i].is_required && !is_given(l, keys[i].section, keys[i].name))
            mistakes_add(l->mistakes, LINE_BEHIND, "%s: [%s] %s is missing; use %s, as in %s",
                         origin(l), keys[i].section, keys[i].name, keys[i].form, keys[i].example);
    if (!is_given(l, "OKTA", "APP_NAME") && !is_given(l, "OKTA", "GROUP_NAME"))
        mistakes_add(l->mistakes, LINE_BEHIND,
                     "%s: [OKTA] APP_NAME and GROUP_NAME are missing; use the name of an "
                     "application, of a group, or both",
                     origin(l));
    if (l->mistakes->n > before && l->givens.origin == NULL)
        mistakes_add(l->mistakes, LINE_BEHIND,
                     "configuration: there is no config.ini here and no /etc/roster/config.ini; "
                     "name one by --config FILE");
}

static void check_pair(const struct loading *l, const char *section, const char *name,
                       const char *other)
{
    const struct given *given = given_for(l, section, name);

    if (given->from != GIVEN_NOT && !is_given(l, section, other))
        mistakes_add(l->mistakes, given->line, "%s: it needs [%s] %s, which is missing",
                     given->place, section, other);
}

static void check_tls_file(const struct loading *l, const char *name, struct span path)
{
    const struct given *given = given_for(l, "Server", name);
    struct fail fail = {0};
    enum err err;

    if (path.n == 0)
        return;
    err = secret_file_check(path.p, &fail);
    if (err == ERR_NOT_FOUND || (err == ERR_INPUT && path.p == l->s->tls_key.p))
        mistakes_add(l->mistakes, given->line, "%s: %s", given->place, fail.text);
}

static void place_store(const struct loading *l)
{
    struct settings *s = l->s;

    if (s->store_file.n == 0 && !is_given(l, "Store", "PATH") &&
        !store_path_usual(l->sources->environment, geteuid() == 0, &s->arena, &s->store_file))
        mistakes_add(l->mistakes, LINE_BEHIND,
                     "%s: [Store] PATH is missing, and there is no $STATE_DIRECTORY, "
                     "$XDG_STATE_HOME or $HOME; use the path of a folder, as in /var/lib/roster",
                     origin(l));
    s->store_file = store_path_file(s->store_file, &s->arena);
}

static void read_all(struct loading *l)
{
    givens_gather(l->sources, l->mistakes, &l->givens);
    for (size_t i = 0; i < n_keys; i++)
        apply_key(&l->givens, &keys[i], l->s);
    check_required(l);
    check_pair(l, "Server", "TLS_CERT", "TLS_KEY");
    check_pair(l, "Server", "TLS_KEY", "TLS_CERT");
    check_pair(l, "OKTA", "HOOK_SECRET_PREVIOUS", "HOOK_SECRET");
    check_tls_file(l, "TLS_CERT", l->s->tls_cert);
    check_tls_file(l, "TLS_KEY", l->s->tls_key);
    place_store(l);
    l->s->origin = arena_span(
        &l->s->arena, span_of(l->givens.origin == NULL ? "the environment" : l->givens.origin));
}

enum err settings_load(const struct settings_sources *sources, struct settings **out,
                       struct settings_mistakes *mistakes)
{
    struct loading l = {.sources = sources,
                        .mistakes = mem_new(1, sizeof(*l.mistakes)),
                        .s = mem_new(1, sizeof(*l.s))};

    arena_init(&l.s->arena);
    read_all(&l);
    givens_done(&l.givens);
    mistakes_take(l.mistakes, mistakes);
    free(l.mistakes);
    if (mistakes->n > 0) {
        settings_free(l.s);
        return ERR_INPUT;
    }
    *out = l.s;
    return ERR_NONE;
}

void settings_free(struct settings *s)
{
    if (s == NULL)
        return;
    secret_done(&s->hook_secret);
    secret_done(&s->hook_secret_previous);
    arena_done(&s->arena);
    free(s);
}

void settings_mistakes_done(struct settings_mistakes *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->lines[i]);
    free(m->lines);
    *m = (struct settings_mistakes){0};
}
