#include "config/settings.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/apply.h"
#include "config/draft.h"
#include "config/fit.h"
#include "config/given.h"
#include "config/mistakes.h"
#include "config/store_path.h"

struct loading {
    const struct settings_sources *sources;
    struct givens givens;
    struct mistakes *mistakes;
    struct draft draft;
};

static void place_store(struct loading *l)
{
    struct settings *s = &l->draft.settings;

    if (s->queue_url.n > 0 && s->store_file.n == 0)
        return;
    if (s->store_file.n == 0 && !givens_has(&l->givens, "Store", "PATH") &&
        !store_path_usual(l->sources->environment, geteuid() == 0, &s->arena, &s->store_file))
        mistakes_add(l->mistakes, LINE_BEHIND,
                     "%s: [Store] PATH is missing, and there is no $STATE_DIRECTORY, "
                     "$XDG_STATE_HOME or $HOME; use the path of a folder, as in /var/lib/roster",
                     fit_origin(&l->givens));
    s->store_file = store_path_file(s->store_file, &s->arena);
}

static void read_all(struct loading *l)
{
    struct settings *s = &l->draft.settings;

    s->has_hook = true; /* also when HOOK is wrong: that is one mistake, not two */
    s->max_removals.always = GUARD_ALWAYS_REMOVALS;
    s->max_changes.always = GUARD_ALWAYS_CHANGES;
    givens_gather(l->sources, l->mistakes, &l->givens);
    for (size_t i = 0; i < n_keys; i++)
        apply_key(&l->givens, &keys[i], &l->draft);
    apply_rules(&l->givens, &l->draft);
    fit_check(&l->givens, &l->draft);
    place_store(l);
    s->origin = arena_span(
        &s->arena, span_of(l->givens.origin == NULL ? "the environment" : l->givens.origin));
}

static void wipe(struct settings *s)
{
    secret_done(&s->hook_secret);
    secret_done(&s->hook_secret_previous);
    secret_done(&s->api_token);
    secret_done(&s->private_key);
    arena_done(&s->arena);
}

enum err settings_load(const struct settings_sources *sources, struct settings **out,
                       struct settings_mistakes *mistakes)
{
    struct loading l = {.sources = sources, .mistakes = mem_new(1, sizeof(*l.mistakes))};
    struct settings *s;

    arena_init(&l.draft.settings.arena);
    read_all(&l);
    givens_done(&l.givens);
    mistakes_take(l.mistakes, mistakes);
    free(l.mistakes);
    if (mistakes->n > 0) {
        wipe(&l.draft.settings);
        return ERR_INPUT;
    }
    s = mem_new(1, sizeof(*s));
    *s = l.draft.settings;
    *out = s;
    return ERR_NONE;
}

void settings_free(struct settings *s)
{
    if (s == NULL)
        return;
    wipe(s);
    free(s);
}

void settings_mistakes_done(struct settings_mistakes *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->lines[i]);
    free(m->lines);
    *m = (struct settings_mistakes){0};
}
