#include "config/apply.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "config/secret_file.h"
#include "config/values.h"
#include "text/ini.h"

enum { FORM_SIZE = 256 };

static_assert(sizeof(enum phone_type) == sizeof(unsigned) &&
                  sizeof(enum on_existing) == sizeof(unsigned),
              "choices are written as unsigned");

static void *field(struct settings *s, const struct key *key)
{
    return (char *)s + key->offset;
}

static enum err set_span(struct settings *s, const struct key *key, enum err err, struct span text)
{
    if (err == ERR_NONE)
        *(struct span *)field(s, key) = arena_span(&s->arena, text);
    return err;
}

static enum err set_choice(struct settings *s, const struct key *key, struct span text,
                           struct fail *fail)
{
    unsigned choice;
    enum err err = value_choice(text, key->choices, &choice, fail);

    if (err == ERR_NONE)
        memcpy(field(s, key), &choice, sizeof(choice));
    return err;
}

static enum err set_instance(struct settings *s, struct span text, struct fail *fail)
{
    struct instance instance;
    enum err err = value_instance(text, &instance, fail);

    if (err != ERR_NONE)
        return err;
    s->instance_id = arena_span(&s->arena, instance.id);
    s->partition = arena_span(&s->arena, instance.partition);
    s->account = arena_span(&s->arena, instance.account);
    /* REGION comes behind it in the table, and is held against this one. */
    s->region = arena_span(&s->arena, instance.region);
    return ERR_NONE;
}

static enum err set_region(struct settings *s, const struct key *key, struct span text,
                           struct fail *fail)
{
    enum err err = value_region(text, fail);

    if (err == ERR_NONE && s->region.n > 0 && !span_eq(s->region, text))
        return fail_set(fail, ERR_INPUT,
                        "'%.*s' contradicts the ARN of INSTANCE_ID, which has %.*s", SPAN_ARG(text),
                        SPAN_ARG(s->region));
    return set_span(s, key, err, text);
}

static enum err set_fixed(const struct key *key, struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    if (span_eq_nocase(text, span_of(key->fallback)))
        return ERR_NONE;
    return fail_set(fail, ERR_INPUT, "'%s' is not accepted", shown(text, buffer));
}

static enum err set_secret(struct settings *s, const struct key *key, struct span text,
                           struct fail *fail)
{
    enum err err = value_secret(text, fail);

    if (err == ERR_NONE)
        secret_set(field(s, key), text);
    return err;
}

static enum err set_value(struct settings *s, const struct key *key, struct span text,
                          struct fail *fail)
{
    struct span name = {0};
    enum err err;

    switch (key->kind) {
    case KEY_NAME:
        err = value_name(&s->arena, text, &name, fail);
        return set_span(s, key, err, name);
    case KEY_LABEL:
        return set_span(s, key, value_label(text, fail), text);
    case KEY_ID:
        return set_span(s, key, value_id(text, fail), text);
    case KEY_INSTANCE:
        return set_instance(s, text, fail);
    case KEY_REGION:
        return set_region(s, key, text, fail);
    case KEY_DURATION:
        return value_duration_within(text, key->min, key->max, field(s, key), fail);
    case KEY_CHOICE:
        return set_choice(s, key, text, fail);
    case KEY_FIXED:
        return set_fixed(key, text, fail);
    case KEY_HEADER:
        return set_span(s, key, value_header(text, fail), text);
    case KEY_LISTEN:
        return set_span(s, key, value_listen(text, fail), text);
    case KEY_PATH:
    case KEY_COMMAND:
        return set_span(s, key, value_line(text, fail), text);
    case KEY_SECRET:
        return set_secret(s, key, text, fail);
    case KEY_IDS:
    case KEY_RATES:
        break; /* lists: set_raw */
    }
    assert(false && "each kind has its form");
    return ERR_INPUT;
}

static enum err set_secret_file(struct givens *g, struct settings *s, const struct key *key,
                                struct span path, struct fail *fail)
{
    enum err err = value_line(path, fail);

    if (err == ERR_NONE)
        err = secret_file_read(arena_dup(&g->arena, path), field(s, key), fail);
    return err;
}

static bool has_control_characters(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (((unsigned char)text.p[i] < 0x20 && text.p[i] != '\t') || text.p[i] == 0x7f)
            return true;
    return false;
}

/* Of what is written: quotes are resolved here, but for those within lists. */
static enum err set_raw(struct givens *g, const struct key *key, const struct given *given,
                        struct settings *s, struct fail *fail)
{
    struct span text = given->value;

    /* Nobody quotes for Roster what a secret manager puts into the environment. */
    if (key->kind == KEY_SECRET && !given->is_file && given->from == GIVEN_ENVIRONMENT)
        return set_secret(s, key, text, fail);
    if (has_control_characters(text) || !utf8_is_valid(text))
        return fail_set(fail, ERR_INPUT, "it is no UTF-8 text or has control characters");
    if (key->kind == KEY_IDS)
        return value_ids(&s->arena, text, s->security_profile_ids, &s->n_security_profile_ids,
                         fail);
    if (key->kind == KEY_RATES)
        return value_rates(&s->arena, text, key->fallback, key->min, key->max, field(s, key), fail);
    if (!ini_value(&g->arena, text, &text))
        return fail_set(fail, ERR_INPUT, "its quotes are not closed, or text stands behind them");
    if (given->is_file)
        return set_secret_file(g, s, key, text, fail);
    return set_value(s, key, text, fail);
}

/* The form without the page's backquotes. */
static const char *plain(const char *form, char out[FORM_SIZE])
{
    size_t n = 0;

    for (; *form != '\0' && n < FORM_SIZE - 1; form++)
        if (*form != '`')
            out[n++] = *form;
    out[n] = '\0';
    return out;
}

static void tell(struct givens *g, const struct key *key, const struct given *given, enum err err,
                 const struct fail *fail)
{
    bool says_all = key->kind == KEY_CHOICE || key->kind == KEY_FIXED;
    char form[FORM_SIZE];

    if (key->kind != KEY_SECRET)
        mistakes_add(g->mistakes, given->line, "%s: %s; use %s%s%s", given->place, fail->text,
                     plain(key->form, form), says_all ? "" : ", as in ",
                     says_all ? "" : key->example);
    else
        mistakes_add(g->mistakes, given->line, "%s: %s%s", given->place, fail->text,
                     err == ERR_INPUT ? "" : "; use the path of a file that holds the secret");
}

void apply_key(struct givens *g, const struct key *key, struct settings *s)
{
    const struct given *given = givens_of(g, key);
    struct given fallback = {.value = span_of(key->fallback), .place = key->name};
    struct fail fail = {0};
    enum err err;

    if (key->is_later || (given->from == GIVEN_NOT && key->fallback == NULL))
        return;
    if (given->from == GIVEN_NOT)
        given = &fallback;
    err = set_raw(g, key, given, s, &fail);
    if (err != ERR_NONE)
        tell(g, key, given, err, &fail);
}
