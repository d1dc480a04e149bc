#include "config/given.h"
#include "config/values.h"

/* Collecting the [Mapping …] sections of a config.ini. */

struct given_rule *givens_take_rule(struct givens *g, struct span section, struct span name,
                                    unsigned line)
{
    struct given_rule *rule;
    struct fail fail = {0};
    char buffer[SHOWN_SIZE];
    const char *place =
        arena_printf(&g->arena, "%s:%u: [%s]", g->origin, line, shown(section, buffer));

    if (value_name(&g->arena, name, &name, &fail) != ERR_NONE) {
        g->has_lost_rule = true;
        mistakes_add(g->mistakes, line,
                     "%s: %s; give the rule a name of its own, as in [Mapping %s]", place,
                     fail.text, "Claims");
        return NULL;
    }
    for (rule = g->rules; rule != NULL; rule = rule->next)
        if (span_eq_nocase(rule->name, name)) {
            mistakes_add(g->mistakes, line,
                         "%s: there is a rule of that name in line %u; give each a name of its own",
                         place, rule->line);
            break;
        }
    rule = arena_new(&g->arena, 1, sizeof(*rule));
    *rule = (struct given_rule){.name = name, .line = line, .place = place};
    rule->values_end = &rule->values;
    *g->rules_end = rule;
    g->rules_end = &rule->next;
    return rule;
}

static void refuse(struct givens *g, struct span key, const struct given *given)
{
    const char *closest = rule_key_closest(key, &g->arena);
    const char *section = key_home(key);

    if (closest != NULL)
        mistakes_add(g->mistakes, given->line, "%s: there is no such key; did you mean %s?",
                     given->place, closest);
    else if (section != NULL)
        mistakes_add(g->mistakes, given->line, "%s: this key belongs to [%s]; a rule has %s",
                     given->place, section, rule_key_names(true, &g->arena));
    else
        mistakes_add(g->mistakes, given->line, "%s: there is no such key; use one of %s",
                     given->place, rule_key_names(true, &g->arena));
}

void given_rule_take(struct givens *g, struct given_rule *rule, struct span key, struct given given)
{
    struct rule_key_use use = rule_key_find(key);
    struct given_rule_value *value;

    if (use.key == NULL) {
        rule->is_damaged = true;
        refuse(g, key, &given);
        return;
    }
    for (value = rule->values; value != NULL; value = value->next)
        if (value->key == use.key && span_eq(value->attribute, use.attribute)) {
            mistakes_add(g->mistakes, given.line,
                         "%s: it is set already in line %u; keep one of them%s", given.place,
                         value->given.line,
                         rule_key_is_test(use.key) ? ", with alternatives parted by commas" : "");
            return;
        }
    value = arena_new(&g->arena, 1, sizeof(*value));
    *value = (struct given_rule_value){.key = use.key, .attribute = use.attribute, .given = given};
    *rule->values_end = value;
    rule->values_end = &value->next;
}

const struct given_rule_value *given_rule_find(const struct given_rule *rule,
                                               enum rule_key_kind kind)
{
    const struct given_rule_value *value = rule->values;

    while (value != NULL && value->key->kind != kind)
        value = value->next;
    return value;
}
