#include "config/apply.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "config/rule_values.h"
#include "config/secret_file.h"
#include "config/values.h"
#include "text/ini.h"

static_assert(sizeof(enum on_remove) == sizeof(unsigned) &&
                  sizeof(enum on_rename) == sizeof(unsigned),
              "choices are written as unsigned");

static void *field(struct draft *d, const struct key *key)
{
    return (char *)d + key->offset;
}

static enum err set_span(struct draft *d, const struct key *key, enum err err, struct span text)
{
    if (err == ERR_NONE)
        *(struct span *)field(d, key) = arena_span(&d->settings.arena, text);
    return err;
}

static enum err set_choice(struct draft *d, const struct key *key, struct span text,
                           struct fail *fail)
{
    unsigned choice;
    enum err err = value_choice(text, key->choices, &choice, fail);

    if (err == ERR_NONE && key->kind == KEY_SWITCH)
        *(bool *)field(d, key) = choice == 1;
    else if (err == ERR_NONE)
        memcpy(field(d, key), &choice, sizeof(choice));
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

static enum err set_region(struct draft *d, const struct key *key, struct span text,
                           struct fail *fail)
{
    struct span before = d->settings.region;
    enum err err = value_region(text, fail);

    if (err == ERR_NONE && before.n > 0 && !span_eq(before, text))
        return fail_set(fail, ERR_INPUT,
                        "'%.*s' contradicts the ARN of INSTANCE_ID, which has %.*s", SPAN_ARG(text),
                        SPAN_ARG(before));
    return set_span(d, key, err, text);
}

static enum err set_fixed(const struct key *key, struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    if (span_eq_nocase(text, span_of(key->fallback)))
        return ERR_NONE;
    return fail_set(fail, ERR_INPUT, "'%s' is not accepted", shown(text, buffer));
}

static enum err set_secret(struct draft *d, const struct key *key, struct span text,
                           struct fail *fail)
{
    enum err err = key->kind == KEY_PEM ? value_pem(text, fail) : value_secret(text, fail);

    if (err == ERR_NONE)
        secret_set(field(d, key), text);
    return err;
}

/* The values that become another text than the one that was written. */
static enum err set_made_text(struct draft *d, const struct key *key, struct span text,
                              struct fail *fail)
{
    struct arena *a = &d->settings.arena;
    struct span made = {0};
    enum err err = ERR_INPUT;

    if (key->kind == KEY_NAME)
        err = value_name(a, text, &made, fail);
    else if (key->kind == KEY_ORG_URL)
        err = value_org_url(a, text, &made, fail);
    else
        err = rule_reference(
            a, key->kind == KEY_SECURITY_PROFILE ? NAME_SECURITY_PROFILE : NAME_ROUTING_PROFILE,
            d->settings.instance_id, text, &made, fail);
    return set_span(d, key, err, made);
}

static enum err set_value(struct draft *d, const struct key *key, struct span text,
                          struct fail *fail)
{
    switch (key->kind) {
    case KEY_NAME:
    case KEY_ORG_URL:
    case KEY_SECURITY_PROFILE:
    case KEY_ROUTING_PROFILE:
        return set_made_text(d, key, text, fail);
    case KEY_LABEL:
        return set_span(d, key, value_label(text, fail), text);
    case KEY_ID:
        return set_span(d, key, value_id(text, fail), text);
    case KEY_INSTANCE:
        return set_instance(&d->settings, text, fail);
    case KEY_REGION:
        return set_region(d, key, text, fail);
    case KEY_DURATION:
        return value_duration_within(text, key->min, key->max, field(d, key), fail);
    case KEY_CHOICE:
    case KEY_SWITCH:
        return set_choice(d, key, text, fail);
    case KEY_FIXED:
        return set_fixed(key, text, fail);
    case KEY_HEADER:
        return set_span(d, key, value_header(text, fail), text);
    case KEY_QUEUE_URL:
        return set_span(d, key, value_queue_url(text, fail), text);
    case KEY_LISTEN:
        return set_span(d, key, value_listen(text, fail), text);
    case KEY_PATH:
    case KEY_COMMAND:
        return set_span(d, key, value_line(text, fail), text);
    case KEY_TEMPLATE:
        return set_span(d, key, value_user_name(text, fail), text);
    case KEY_COUNT:
        return value_count(text, field(d, key), fail);
    case KEY_SECRET:
    case KEY_PEM:
        return set_secret(d, key, text, fail);
    case KEY_IDS:
    case KEY_RATES:
    case KEY_BOUND:
        break; /* lists: set_list */
    }
    assert(false && "each kind has its form");
    return ERR_INPUT;
}

static void note_secret_file(struct settings *s, const void *secret, struct span path)
{
    const struct {
        const struct secret *secret;
        struct span *file;
    } files[] = {{&s->hook_secret, &s->hook_secret_file},
                 {&s->hook_secret_previous, &s->hook_secret_previous_file},
                 {&s->api_token, &s->api_token_file},
                 {&s->private_key, &s->private_key_file}};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (files[i].secret == secret)
            *files[i].file = arena_span(&s->arena, path);
}

static enum err set_secret_file(struct givens *g, struct draft *d, const struct key *key,
                                struct span path, struct fail *fail)
{
    enum err err = value_line(path, fail);

    if (err != ERR_NONE)
        return err;
    err = key->kind == KEY_PEM
              ? secret_file_read_pem(arena_dup(&g->arena, path), field(d, key), fail)
              : secret_file_read(arena_dup(&g->arena, path), field(d, key), fail);
    if (err == ERR_NONE)
        note_secret_file(&d->settings, field(d, key), path);
    return err;
}

static bool is_text(struct span written)
{
    for (size_t i = 0; i < written.n; i++)
        if (((unsigned char)written.p[i] < 0x20 && written.p[i] != '\t') || written.p[i] == 0x7f)
            return false;
    return utf8_is_valid(written);
}

static bool is_list(const struct key *key)
{
    return key->kind == KEY_IDS || key->kind == KEY_RATES || key->kind == KEY_BOUND;
}

static enum err set_list(struct draft *d, const struct key *key, struct span raw, struct fail *fail)
{
    struct arena *a = &d->settings.arena;

    if (key->kind == KEY_IDS)
        return value_ids(a, raw, d->plain.security_profile_ids, &d->plain.n_security_profile_ids,
                         fail);
    if (key->kind == KEY_BOUND)
        return value_bound(a, raw, field(d, key), fail);
    return value_rates(a, raw, key->fallback, key->min, key->max, field(d, key), fail);
}

/* Of what is written: quotes are resolved here, but for those within lists. */
static enum err set_raw(struct givens *g, const struct key *key, const struct given *given,
                        struct draft *d, struct fail *fail)
{
    struct span text = given->value;

    /* Nobody quotes for Roster what a secret manager puts into the environment. */
    if (key_is_secret(key) && !given->is_file && given->from == GIVEN_ENVIRONMENT)
        return set_secret(d, key, text, fail);
    if (!is_text(text))
        return fail_set(fail, ERR_INPUT, "it is no UTF-8 text or has control characters");
    if (is_list(key))
        return set_list(d, key, text, fail);
    if (!ini_value(&g->arena, text, &text))
        return fail_set(fail, ERR_INPUT, "its quotes are not closed, or text stands behind them");
    if (given->is_file)
        return set_secret_file(g, d, key, text, fail);
    return set_value(d, key, text, fail);
}

const char *apply_form(const char *form, char out[APPLY_FORM_SIZE])
{
    size_t n = 0;

    for (; *form != '\0' && n < APPLY_FORM_SIZE - 1; form++)
        if (*form != '`')
            out[n++] = *form;
    out[n] = '\0';
    return out;
}

static void tell(struct givens *g, const struct key *key, const struct given *given, enum err err,
                 const struct fail *fail)
{
    bool says_all = key->kind == KEY_CHOICE || key->kind == KEY_SWITCH || key->kind == KEY_FIXED;
    char form[APPLY_FORM_SIZE];

    if (!key_is_secret(key))
        mistakes_add(g->mistakes, given->line, "%s: %s; use %s%s%s", given->place, fail->text,
                     apply_form(key->form, form), says_all ? "" : ", as in ",
                     says_all ? "" : key->example);
    else
        mistakes_add(g->mistakes, given->line, "%s: %s%s", given->place, fail->text,
                     err == ERR_INPUT ? "" : "; use the path of a file that holds the secret");
}

void apply_key(struct givens *g, const struct key *key, struct draft *d)
{
    const struct given *given = givens_of(g, key);
    struct given fallback = {.value = span_of(key->fallback), .place = key->name};
    struct fail fail = {0};
    enum err err;

    if (given->from == GIVEN_NOT && key->fallback == NULL)
        return;
    if (given->from == GIVEN_NOT)
        given = &fallback;
    err = set_raw(g, key, given, d, &fail);
    if (err != ERR_NONE)
        tell(g, key, given, err, &fail);
}
