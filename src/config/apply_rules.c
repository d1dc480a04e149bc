#include "config/apply.h"

#include <assert.h>

#include "config/rule_values.h"
#include "config/values.h"
#include "model/profile.h"
#include "text/ini.h"

/* From [Mapping …] sections and plain keys to rules. */

/* One section while its rule is made. */
struct making {
    struct givens *g;
    struct draft *d;
    struct rule rule;
    struct rule_test *tests; /* rule.tests, still to be written */
};

/* ---- single keys ---- */

static enum err read_test(struct making *m, const struct given_rule_value *value, struct fail *fail)
{
    struct arena *a = &m->d->settings.arena;
    struct texts texts;
    enum err err = rule_texts(a, value->given.value, &texts, fail);

    if (err == ERR_NONE)
        m->tests[m->rule.n_tests++] =
            (struct rule_test){.kind = value->key->kind == RULE_GROUP ? TEST_GROUP
                                       : value->key->kind == RULE_APP ? TEST_APP
                                                                      : TEST_ATTRIBUTE,
                               .attribute = arena_span(a, value->attribute),
                               .values = texts.of,
                               .n = texts.n};
    return err;
}

static enum err read_security_profiles(struct making *m, struct span raw, struct fail *fail)
{
    struct texts texts = {0};
    enum err err = rule_security_profiles(&m->d->settings.arena, m->d->settings.instance_id, raw,
                                          &texts, fail);

    m->rule.security_profiles = texts.of;
    m->rule.n_security_profiles = texts.n;
    return err;
}

static enum err read_text(struct making *m, enum rule_key_kind kind, struct span raw,
                          struct fail *fail)
{
    struct arena *a = &m->d->settings.arena;
    struct span instance = m->d->settings.instance_id, text;
    unsigned choice;
    enum err err;

    if (!ini_value(&m->g->arena, raw, &text))
        return fail_set(fail, ERR_INPUT, "its quotes are not closed, or text stands behind them");
    if (kind == RULE_ROUTING_PROFILE)
        return rule_reference_template(a, NAME_ROUTING_PROFILE, instance, text,
                                       &m->rule.routing_profile, fail);
    if (kind == RULE_HIERARCHY_GROUP)
        return rule_reference_template(a, NAME_HIERARCHY_GROUP, instance, text,
                                       &m->rule.hierarchy_group, fail);
    if (kind == RULE_DESK_PHONE)
        return rule_desk_phone(a, text, &m->rule.desk_phone, fail);
    assert(kind == RULE_PHONE_TYPE);
    err = value_choice(text, key_phone_types, &choice, fail);
    if (err == ERR_NONE)
        m->rule.phone_type = choice == PHONE_CHOICE_DESK ? PHONE_DESK_PHONE : PHONE_SOFT_PHONE;
    return err;
}

static enum err read_value(struct making *m, const struct given_rule_value *value,
                           struct fail *fail)
{
    struct arena *a = &m->d->settings.arena;
    struct span raw = value->given.value;

    switch (value->key->kind) {
    case RULE_GROUP:
    case RULE_APP:
    case RULE_USER:
        return read_test(m, value, fail);
    case RULE_SECURITY_PROFILES:
        return read_security_profiles(m, raw, fail);
    case RULE_ROUTING_PROFILE:
    case RULE_HIERARCHY_GROUP:
    case RULE_PHONE_TYPE:
    case RULE_DESK_PHONE:
        return read_text(m, value->key->kind, raw, fail);
    case RULE_AUTO_ACCEPT:
        return rule_auto_accept(a, raw, &m->rule.auto_accept, fail);
    case RULE_AFTER_CONTACT_WORK:
        return rule_after_contact_work(a, raw, &m->rule.after_contact_work, fail);
    case RULE_TAGS:
        return rule_tags(a, raw, &m->rule, fail);
    case RULE_PROFICIENCIES:
        return rule_proficiencies(a, raw, &m->rule, fail);
    }
    assert(false && "each kind has its form");
    return ERR_INPUT;
}

/* The same letters as in ${user.NAME}. */
static bool is_attribute(struct making *m, const struct given_rule_value *value)
{
    if (value_attribute(value->attribute))
        return true;
    mistakes_add(m->g->mistakes, value->given.line,
                 "%s: USER. goes on with the name of an attribute, of letters, digits, '_' and "
                 "'-', as in USER.department",
                 value->given.place);
    return false;
}

static bool needs_profile(const struct given_rule_value *value)
{
    return value->key->kind == RULE_USER ||
           (value->key->may_use_attributes && template_has_attributes(value->given.value));
}

static void apply_value(struct making *m, const struct given_rule_value *value)
{
    struct mistakes *mistakes = m->g->mistakes;
    unsigned line = value->given.line;
    const char *place = value->given.place;
    char form[APPLY_FORM_SIZE];
    struct fail fail = {0};

    if (value->key->kind == RULE_USER && !is_attribute(m, value))
        return;
    if (read_value(m, value, &fail) != ERR_NONE)
        mistakes_add(mistakes, line, "%s: %s; use %s, as in %s", place, fail.text,
                     apply_form(value->key->form, form), value->key->example);
    else if (needs_profile(value) && !givens_has(m->g, "OKTA", "ORG_URL"))
        mistakes_add(mistakes, line,
                     "%s: it needs [OKTA] ORG_URL, which is missing: an event does not tell the "
                     "attributes of a user, Okta's API does",
                     place);
}

/* ---- a section ---- */

static size_t count_values(const struct given_rule *section)
{
    size_t n = 0;

    for (const struct given_rule_value *v = section->values; v != NULL; v = v->next)
        n++;
    return n;
}

static void judge_section(struct givens *g, const struct given_rule *section)
{
    bool has_when = false, has_what = false;

    for (const struct given_rule_value *v = section->values; v != NULL; v = v->next) {
        has_when |= rule_key_is_test(v->key);
        has_what |= !rule_key_is_test(v->key);
    }
    if (!has_when && !section->is_damaged)
        mistakes_add(g->mistakes, section->line,
                     "%s: it does not say for whom it is; use one of GROUP, APP, USER.<attribute>",
                     section->place);
    if (!has_what && !section->is_damaged)
        mistakes_add(g->mistakes, section->line, "%s: it gives nothing; use one of %s",
                     section->place, rule_key_names(false, &g->arena));
}

static struct rule make_rule(struct givens *g, struct draft *d, const struct given_rule *section)
{
    struct arena *a = &d->settings.arena;
    struct making m = {.g = g, .d = d, .rule.name = arena_span(a, section->name)};

    m.tests = arena_new(a, count_values(section), sizeof(*m.tests));
    m.rule.tests = m.tests;
    for (const struct given_rule_value *v = section->values; v != NULL; v = v->next)
        apply_value(&m, v);
    judge_section(g, section);
    return m.rule;
}

/* ---- the plain keys ---- */

static void add_plain_test(struct rule *rule, struct rule_test *tests, enum test_kind kind,
                           const struct span *name)
{
    if (name->n > 0)
        tests[rule->n_tests++] = (struct rule_test){.kind = kind, .values = name, .n = 1};
}

/* The names and ids stay where they are copied to. */
static struct rule make_plain_rule(const struct plain_keys *plain, struct arena *a)
{
    struct plain_keys *kept = arena_new(a, 1, sizeof(*kept));
    struct rule_test *tests = arena_new(a, 2, sizeof(*tests));
    struct rule rule = {.name = SPAN(""), .tests = tests, .is_any = true, .has_ids = true};

    *kept = *plain;
    add_plain_test(&rule, tests, TEST_APP, &kept->app_name);
    add_plain_test(&rule, tests, TEST_GROUP, &kept->group_name);
    rule.security_profiles = kept->security_profile_ids;
    rule.n_security_profiles = kept->n_security_profile_ids;
    rule.routing_profile = kept->routing_profile_id;
    rule.phone_type = kept->phone_type == PHONE_CHOICE_DESK ? PHONE_DESK_PHONE : PHONE_SOFT_PHONE;
    return rule;
}

/* ---- all of them ---- */

static const struct given_rule *first_with(const struct givens *g, enum rule_key_kind kind)
{
    const struct given_rule *section = g->rules;

    while (section != NULL && given_rule_find(section, kind) == NULL)
        section = section->next;
    return section;
}

/* What every agent needs must come from some rule. */
static void judge_all(struct givens *g, const struct rules *rules)
{
    static const enum rule_key_kind needed[] = {RULE_SECURITY_PROFILES, RULE_ROUTING_PROFILE};
    bool is_sure = !g->has_lost_rule && !g->is_text_lost;
    const struct given_rule *section = g->rules;

    for (; section != NULL; section = section->next)
        is_sure = is_sure && !section->is_damaged;
    for (size_t i = 0; is_sure && i < sizeof(needed) / sizeof(needed[0]); i++)
        if (!givens_has(g, "OKTA", "APP_NAME") && !givens_has(g, "OKTA", "GROUP_NAME") &&
            g->rules != NULL && first_with(g, needed[i]) == NULL)
            mistakes_add(g->mistakes, LINE_BEHIND,
                         "%s: no [Mapping …] section has %s, and every agent needs one", g->origin,
                         needed[i] == RULE_SECURITY_PROFILES ? "SECURITY_PROFILES"
                                                             : "ROUTING_PROFILE");
    section = g->rules;
    for (size_t i = 0; is_sure && section != NULL && first_with(g, RULE_DESK_PHONE) == NULL;
         i++, section = section->next)
        if (rules->rules[i].phone_type == PHONE_DESK_PHONE) {
            const struct given *given = &given_rule_find(section, RULE_PHONE_TYPE)->given;

            mistakes_add(g->mistakes, given->line,
                         "%s: no section gives a number for it; set DESK_PHONE, as in "
                         "${user.primaryPhone}",
                         given->place);
        }
}

void apply_rules(struct givens *g, struct draft *d)
{
    struct settings *s = &d->settings;
    struct rule *rules;
    size_t n = 0;

    for (const struct given_rule *section = g->rules; section != NULL; section = section->next)
        n++;
    rules = arena_new(&s->arena, n + 1, sizeof(*rules));
    s->rules.rules = rules;
    for (const struct given_rule *section = g->rules; section != NULL; section = section->next)
        rules[s->rules.n++] = make_rule(g, d, section);
    judge_all(g, &s->rules);
    if (d->plain.app_name.n > 0 || d->plain.group_name.n > 0)
        rules[s->rules.n++] = make_plain_rule(&d->plain, &s->arena);
    s->rules.managed_by = s->name;
    s->rules.identity = IDENTITY_SAML;
    s->rules.reads_okta = s->org_url.n > 0;
}
