/* Which rule gave which value. It walks the rules as rules_values.c does, but refuses nothing: what
 * it tells is of use above all when the entitlement is refused. */
#include "base/buf.h"
#include "model/profile.h"
#include "model/rules_private.h"

enum { VALUES_MAX = ENTITLEMENT_TAGS + ENTITLEMENT_PROFICIENCIES, TEXT_LIMIT = 1024 };

struct explanation {
    const struct person *person;
    const struct rule *rule;
    struct arena *a;
    void (*fn)(void *arg, const char *key, struct span value, struct span rule);
    void *arg;
    bool has_routing, has_hierarchy, has_phone_type, has_desk_phone, has_auto_accept, has_work;
    /* What was told already of the values that are united: "key" and "attribute:value". */
    struct span told[VALUES_MAX];
    size_t n_told;
};

static void tell(const struct explanation *x, const char *key, struct span value)
{
    x->fn(x->arg, key, value, x->rule->name);
}

static struct span fill(const struct explanation *x, struct span text)
{
    return x->rule->has_ids
               ? text
               : template_fill(x->a, text, x->person->profile, x->person->app_user_name);
}

/* True the first time, as long as there is room. */
static bool is_first(struct explanation *x, struct span text)
{
    for (size_t i = 0; i < x->n_told; i++)
        if (span_eq(x->told[i], text))
            return false;
    if (x->n_told == VALUES_MAX)
        return false;
    x->told[x->n_told++] = text;
    return true;
}

static void tell_first(struct explanation *x, bool *has, const char *key, struct span text)
{
    struct span value;

    if (*has || text.p == NULL)
        return;
    value = fill(x, text);
    if (value.p == NULL)
        return;
    *has = true;
    tell(x, key, value);
}

static void tell_channels(struct explanation *x, bool *has, const char *key,
                          const struct channel_setting *setting, bool is_time)
{
    size_t n = setting->is_per_channel ? CHANNELS : 1;
    struct buf b;

    if (*has || !setting->is_given)
        return;
    *has = true;
    buf_init(&b, TEXT_LIMIT);
    for (size_t i = 0; i < n; i++) {
        if (setting->of[i] == CHANNEL_UNSET)
            continue;
        if (setting->is_per_channel)
            buf_printf(&b, "%s%s:", b.n > 0 ? ", " : "", channel_name((enum channel)i));
        if (is_time)
            buf_printf(&b, "%llds", (long long)setting->of[i]);
        else
            buf_add_str(&b, setting->of[i] != 0 ? "yes" : "no");
    }
    tell(x, key, arena_span(x->a, buf_span(&b)));
    buf_done(&b);
}

static void tell_phone(struct explanation *x)
{
    const struct rule *rule = x->rule;
    bool gives_number = rule->desk_phone.p != NULL && fill(x, rule->desk_phone).p != NULL;

    if (!x->has_phone_type && (rule->phone_type != PHONE_UNSET || gives_number)) {
        x->has_phone_type = true;
        tell(x, "PHONE_TYPE",
             rule->phone_type == PHONE_SOFT_PHONE ? SPAN("SOFT_PHONE") : SPAN("DESK_PHONE"));
    }
    tell_first(x, &x->has_desk_phone, "DESK_PHONE", rule->desk_phone);
    tell_channels(x, &x->has_auto_accept, "AUTO_ACCEPT", &rule->auto_accept, false);
    tell_channels(x, &x->has_work, "AFTER_CONTACT_WORK", &rule->after_contact_work, true);
}

static void tell_tags(struct explanation *x)
{
    for (size_t i = 0; i < x->rule->n_tags; i++) {
        const struct tag *tag = &x->rule->tags[i];
        struct span value = fill(x, tag->value);

        if (value.p != NULL && is_first(x, tag->key))
            tell(x, "TAGS",
                 span_of(arena_printf(x->a, "%.*s=%.*s", SPAN_ARG(tag->key), SPAN_ARG(value))));
    }
}

static void tell_proficiencies(struct explanation *x)
{
    for (size_t i = 0; i < x->rule->n_proficiencies; i++) {
        const struct rule_proficiency *p = &x->rule->proficiencies[i];
        struct span value = fill(x, p->value), both;

        if (value.p == NULL)
            continue;
        /* No key of a tag has a line break in it. */
        both = span_of(arena_printf(x->a, "%.*s:\n%.*s", SPAN_ARG(p->attribute), SPAN_ARG(value)));
        if (is_first(x, both))
            tell(x, "PROFICIENCIES",
                 span_of(arena_printf(x->a, "%.*s:%.*s=%g", SPAN_ARG(p->attribute), SPAN_ARG(value),
                                      p->level)));
    }
}

void rules_explain(const struct rules *rules, const struct names *names, const struct person *p,
                   const struct membership *memberships, size_t n, struct arena *a,
                   void (*fn)(void *arg, const char *key, struct span value, struct span rule),
                   void *arg)
{
    struct rule_subject subject = {names, p, memberships, n};
    struct explanation x = {.person = p, .a = a, .fn = fn, .arg = arg};
    const struct membership *because;

    for (size_t i = 0; i < rules->n; i++) {
        x.rule = &rules->rules[i];
        if (!rule_matches(x.rule, &subject, a, &because))
            continue;
        for (size_t j = 0; j < x.rule->n_security_profiles; j++)
            tell(&x, "SECURITY_PROFILES", x.rule->security_profiles[j]);
        tell_first(&x, &x.has_routing, "ROUTING_PROFILE", x.rule->routing_profile);
        tell_first(&x, &x.has_hierarchy, "HIERARCHY_GROUP", x.rule->hierarchy_group);
        tell_phone(&x);
        tell_tags(&x);
        tell_proficiencies(&x);
    }
}
