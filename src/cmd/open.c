#include "cmd/open.h"

#include <stdlib.h>

#include "base/mem.h"

enum { LISTED_MAX = 20, TEXT_LIMIT = 64 * 1024 };

enum exit_code open_settings(const struct invocation *i, struct settings **out)
{
    const char **overrides = options_values(&i->options, "set");
    struct settings_sources sources = {.path = options_value(&i->options, "config"),
                                       .overrides = overrides,
                                       .environment = i->environment};
    struct settings_mistakes mistakes = {0};
    enum exit_code code = EXIT_DONE;

    if (settings_load(&sources, out, &mistakes) != ERR_NONE)
        code = EXIT_BAD_CONFIG;
    for (size_t n = 0; code != EXIT_DONE && n < mistakes.n; n++)
        command_complain(i, "%s", mistakes.lines[n]);
    settings_mistakes_done(&mistakes);
    free(overrides);
    return code;
}

static enum err read_pins(struct opened *o, struct fail *fail)
{
    struct pin *pins = NULL;
    size_t n = 0;
    enum err err = store_pins(o->store, &o->arena, &pins, &n, fail);

    if (err == ERR_NONE)
        o->pinned = pinned_names(pins, n);
    return err;
}

/* How users sign in decides which names would be refused. The engine has asked the instance, and
 * noted "INSTANCE TYPE"; until then it is supposed to be SAML. */
static enum err read_identity(struct opened *o, struct fail *fail)
{
    struct span note, instance;
    enum err err = store_note_get(o->store, &o->arena, "identity", &note, fail);

    if (err != ERR_NONE || !span_split(&note, ' ', &instance) ||
        !span_eq(instance, o->settings->instance_id))
        return err;
    /* Of none that is known here, SAML stays. */
    o->has_identity = rules_identity_parse(note, &o->settings->rules.identity);
    return ERR_NONE;
}

enum exit_code open_store_file(const struct invocation *i, struct settings *settings,
                               const char *file, enum store_mode mode, struct opened *out)
{
    struct opened o = {.settings = settings};
    struct fail fail;
    enum err err = store_open(file, mode, &o.store, &fail);

    if (err == ERR_NONE)
        err = read_pins(&o, &fail);
    if (err == ERR_NONE)
        err = read_identity(&o, &fail);
    if (err != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        open_done(&o);
        return EXIT_FAILED;
    }
    o.rules = &o.settings->rules;
    *out = o;
    return EXIT_DONE;
}

enum exit_code open_store(const struct invocation *i, enum store_mode mode, struct opened *out)
{
    struct settings *settings;
    enum exit_code code = open_settings(i, &settings);
    char *file;

    if (code != EXIT_DONE)
        return code;
    file = mem_dup(settings->store_file);
    code = open_store_file(i, settings, file, mode, out);
    free(file);
    return code;
}

void open_done(struct opened *o)
{
    store_close(o->store);
    settings_free(o->settings);
    arena_done(&o->arena);
    *o = (struct opened){0};
}

struct span open_user_name(const struct opened *o, const struct person *p, struct arena *a)
{
    struct span name = rules_user_name(o->rules, p, a);

    if (name.n == 0)
        name = person_label(p);
    return span_eq(name, p->id) ? SPAN("") : name;
}

static void complain_about_several(const struct invocation *i, struct opened *o, const char *word,
                                   const struct person *people, size_t n)
{
    struct buf line;

    command_complain(i, "'%s' is the name of %zu people; say which by the Okta id:", word, n);
    buf_init(&line, TEXT_LIMIT);
    for (size_t k = 0; k < n && k < LISTED_MAX; k++) {
        buf_clear(&line);
        style_add(&line, people[k].id);
        buf_add_str(&line, "  ");
        style_add(&line, open_user_name(o, &people[k], &o->arena));
        (void)fprintf(i->err, "  %s  %s\n", line.p, person_state_name(people[k].state));
    }
    if (n > LISTED_MAX)
        (void)fprintf(i->err, "  … and %zu more\n", n - LISTED_MAX);
    buf_done(&line);
}

enum exit_code open_person(const struct invocation *i, struct opened *o, const char *word,
                           struct person *out)
{
    struct person *people = NULL;
    struct fail fail;
    size_t n = 0;

    if (store_people_find(o->store, &o->arena, span_of(word), &people, &n, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    /* An Okta id is one person's alone, whatever others may be called. */
    for (size_t k = 0; n > 1 && k < n; k++) {
        if (span_eq(people[k].id, span_of(word))) {
            people = &people[k];
            n = 1;
        }
    }
    if (n == 0) {
        command_complain(i,
                         "nobody is known as '%s' in the store %.*s; 'roster users' lists who is, "
                         "and an event from Okta makes somebody known",
                         word, SPAN_ARG(o->settings->store_file));
        return EXIT_FAILED;
    }
    if (n > 1) {
        complain_about_several(i, o, word, people, n);
        return EXIT_FAILED;
    }
    *out = people[0];
    return EXIT_DONE;
}
