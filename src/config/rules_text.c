#include "config/settings.h"

/* The rules as a text in which no two configurations look alike: each part is preceded by its
 * length, so that none can pass for the end of another. */

static void add(struct buf *out, struct span part)
{
    buf_printf(out, "%zu:", part.n);
    buf_add(out, part);
}

static void add_number(struct buf *out, int64_t number)
{
    buf_printf(out, "%lld;", (long long)number);
}

static void add_spans(struct buf *out, const struct span *of, size_t n)
{
    add_number(out, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        add(out, of[i]);
}

static void add_channels(struct buf *out, const struct channel_setting *setting)
{
    buf_printf(out, "%d%d;", setting->is_given, setting->is_per_channel);
    for (size_t i = 0; i < CHANNELS; i++)
        add_number(out, setting->of[i]);
}

static void add_rule(struct buf *out, const struct rule *rule)
{
    add_number(out, (int64_t)rule->n_tests);
    for (size_t i = 0; i < rule->n_tests; i++) {
        add_number(out, rule->tests[i].kind);
        add(out, rule->tests[i].attribute);
        add_spans(out, rule->tests[i].values, rule->tests[i].n);
    }
    buf_printf(out, "%d%d;", rule->is_any, rule->has_ids);
    add_spans(out, rule->security_profiles, rule->n_security_profiles);
    add(out, rule->routing_profile);
    add(out, rule->hierarchy_group);
    add_number(out, rule->phone_type);
    add(out, rule->desk_phone);
    add_channels(out, &rule->auto_accept);
    add_channels(out, &rule->after_contact_work);
    add_number(out, (int64_t)rule->n_tags);
    for (size_t i = 0; i < rule->n_tags; i++) {
        add(out, rule->tags[i].key);
        add(out, rule->tags[i].value);
    }
    add_number(out, (int64_t)rule->n_proficiencies);
    for (size_t i = 0; i < rule->n_proficiencies; i++) {
        add(out, rule->proficiencies[i].attribute);
        add(out, rule->proficiencies[i].value);
        buf_printf(out, "%g;", rule->proficiencies[i].level);
    }
}

void settings_add_rules_text(const struct settings *s, struct buf *out)
{
    const struct rules *rules = &s->rules;

    add(out, s->instance_id);
    add(out, s->org_url);
    add(out, rules->managed_by);
    add(out, rules->user_name);
    add(out, rules->parked_security_profile);
    add(out, rules->parked_routing_profile);
    buf_printf(out, "%d%d%d;", rules->adopts_existing, (int)rules->on_remove,
               (int)rules->on_rename);
    add_number(out, (int64_t)rules->n);
    for (size_t i = 0; i < rules->n; i++)
        add_rule(out, &rules->rules[i]);
}

const struct rule *settings_plain_rule(const struct settings *s)
{
    const struct rule *last = s->rules.n == 0 ? NULL : &s->rules.rules[s->rules.n - 1];

    return last != NULL && last->has_ids ? last : NULL;
}
