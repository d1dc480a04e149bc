/* What the rules that match give: single values by the first rule, lists united. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "model/profile.h"
#include "model/rules_private.h"

/* TAG_VALUE_MAX: characters. The digits are those of E.164, which Amazon Connect asks for:
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_UserPhoneConfig.html */
enum { TAG_VALUE_MAX = 256, DESK_DIGITS_MIN = 2, DESK_DIGITS_MAX = 15, SHOWN = 80 };

/* The values while they are gathered. */
struct gathering {
    const struct rules *rules;
    const struct rule_subject *subject;
    struct arena *a;
    struct fail *fail;
    struct span ids[ENTITLEMENT_SECURITY_PROFILES];
    size_t n_ids;
    struct tag tags[ENTITLEMENT_TAGS];
    size_t n_tags;
    struct proficiency proficiencies[ENTITLEMENT_PROFICIENCIES];
    size_t n_proficiencies;
    struct span routing, hierarchy, desk_phone;
    const struct rule *routing_rule, *hierarchy_rule, *desk_rule; /* that gave it */
    const struct rule *phone_rule; /* that says whether it is a desk phone */
    struct channel_setting auto_accept, after_contact_work;
};

static struct span fill(const struct gathering *g, struct span text)
{
    return template_fill(g->a, text, g->subject->person->profile,
                         g->subject->person->app_user_name);
}

static const char *section_of(const struct gathering *g, const struct rule *rule)
{
    return rule->name.n == 0 ? "[Connect]"
                             : arena_printf(g->a, "[Mapping %.*s]", SPAN_ARG(rule->name));
}

static enum err resolve(const struct gathering *g, const struct rule *rule, enum name_kind kind,
                        struct span ref, struct span *out)
{
    const struct names *names = g->subject->names;
    const char *closest;

    if (rule->has_ids) {
        *out = ref;
        return ERR_NONE;
    }
    switch (names->find(names, kind, ref, out)) {
    case NAME_KNOWN:
        return ERR_NONE;
    case NAME_NOT_READ:
        return rules_refuse(g->fail, ERR_BUSY, REASON_NAMES_UNREAD,
                            "the names of the instance's %ss have not been read yet",
                            name_kind_word(kind));
    case NAME_AMBIGUOUS:
        return rules_refuse(g->fail, ERR_INPUT, REASON_UNKNOWN_NAME,
                            "%s: several %ss are called '%.*s'; write the id instead",
                            section_of(g, rule), name_kind_word(kind),
                            SPAN_ARG(utf8_prefix(ref, SHOWN)));
    case NAME_UNKNOWN:
        break;
    }
    closest = names->closest(names, kind, ref, g->a);
    return rules_refuse(
        g->fail, ERR_INPUT, REASON_UNKNOWN_NAME, "%s: the instance has no %s '%.*s'%s%s%s",
        section_of(g, rule), name_kind_word(kind), SPAN_ARG(utf8_prefix(ref, SHOWN)),
        closest[0] != '\0' ? "; did you mean " : "", closest, closest[0] != '\0' ? "?" : "");
}

/* ---- lists ---- */

static enum err add_security_profiles(struct gathering *g, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_security_profiles; i++) {
        struct span id;
        size_t at = 0;
        enum err err = resolve(g, rule, NAME_SECURITY_PROFILE, rule->security_profiles[i], &id);

        if (err != ERR_NONE)
            return err;
        while (at < g->n_ids && !span_eq(g->ids[at], id))
            at++;
        if (at < g->n_ids)
            continue;
        if (g->n_ids == ENTITLEMENT_SECURITY_PROFILES)
            return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE,
                                "the rules that match give more than the %d security profiles that "
                                "Amazon Connect allows; %s is one too many",
                                ENTITLEMENT_SECURITY_PROFILES, section_of(g, rule));
        g->ids[g->n_ids++] = id;
    }
    return ERR_NONE;
}

static enum err add_tag(struct gathering *g, const struct rule *rule, struct span key,
                        struct span value)
{
    for (size_t i = 0; i < g->n_tags; i++)
        if (span_eq(g->tags[i].key, key))
            return ERR_NONE; /* the first rule's counts */
    if (g->n_tags == ENTITLEMENT_TAGS || utf8_length(value) > TAG_VALUE_MAX)
        return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE, "%s TAGS: '%.*s' %s",
                            section_of(g, rule), SPAN_ARG(utf8_prefix(key, SHOWN)),
                            g->n_tags == ENTITLEMENT_TAGS
                                ? "is one more than the 50 that an agent can have"
                                : "becomes longer than 256 characters");
    g->tags[g->n_tags++] = (struct tag){key, value};
    return ERR_NONE;
}

static enum err add_proficiency(struct gathering *g, const struct rule *rule,
                                const struct rule_proficiency *given)
{
    struct span value = fill(g, given->value);

    if (value.p == NULL)
        return ERR_NONE;
    for (size_t i = 0; i < g->n_proficiencies; i++)
        if (span_eq(g->proficiencies[i].attribute, given->attribute) &&
            span_eq(g->proficiencies[i].value, value))
            return ERR_NONE;
    if (g->n_proficiencies == ENTITLEMENT_PROFICIENCIES)
        return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE,
                            "the rules that match give more than the %d proficiencies that Amazon "
                            "Connect allows; %s is one too many",
                            ENTITLEMENT_PROFICIENCIES, section_of(g, rule));
    g->proficiencies[g->n_proficiencies++] =
        (struct proficiency){given->attribute, value, given->level};
    return ERR_NONE;
}

/* ---- single values ---- */

static void take_first(struct gathering *g, const struct rule *rule, struct span *held,
                       const struct rule **from, struct span given)
{
    if (held->p != NULL || given.p == NULL)
        return;
    *held = rule->has_ids ? given : fill(g, given);
    *from = rule;
}

/* A number says enough: where no type is given, it means a desk phone for those who have one. */
static void gather_phone(struct gathering *g, const struct rule *rule)
{
    bool says = rule->phone_type != PHONE_UNSET ||
                (rule->desk_phone.p != NULL && fill(g, rule->desk_phone).p != NULL);

    take_first(g, rule, &g->desk_phone, &g->desk_rule, rule->desk_phone);
    if (g->phone_rule == NULL && says)
        g->phone_rule = rule;
    if (!g->auto_accept.is_given)
        g->auto_accept = rule->auto_accept;
    if (!g->after_contact_work.is_given)
        g->after_contact_work = rule->after_contact_work;
}

static enum err gather(struct gathering *g, const struct rule *rule)
{
    enum err err = add_security_profiles(g, rule);

    take_first(g, rule, &g->routing, &g->routing_rule, rule->routing_profile);
    take_first(g, rule, &g->hierarchy, &g->hierarchy_rule, rule->hierarchy_group);
    gather_phone(g, rule);
    for (size_t i = 0; err == ERR_NONE && i < rule->n_tags; i++) {
        struct span value = fill(g, rule->tags[i].value);

        if (value.p != NULL)
            err = add_tag(g, rule, rule->tags[i].key, value);
    }
    for (size_t i = 0; err == ERR_NONE && i < rule->n_proficiencies; i++)
        err = add_proficiency(g, rule, &rule->proficiencies[i]);
    return err;
}

struct span rules_desk_number(struct arena *a, struct span text)
{
    static const struct span trunk = {"(0)", 3}; /* not dialled from abroad */
    char *number = arena_new(a, text.n + 1, 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        struct span rest = {text.p + i, text.n - i};

        if (span_starts(rest, trunk))
            i += trunk.n - 1;
        else if (memchr(" .-()/", text.p[i], sizeof(" .-()/") - 1) == NULL)
            number[n++] = text.p[i];
    }
    if (n < DESK_DIGITS_MIN + 1 || n > DESK_DIGITS_MAX + 1 || number[0] != '+' || number[1] == '0')
        return (struct span){NULL, 0};
    for (size_t i = 1; i < n; i++)
        if (number[i] < '0' || number[i] > '9')
            return (struct span){NULL, 0};
    return (struct span){number, n};
}

static void spread(const struct channel_setting *setting, bool is_per_channel,
                   int64_t out[static CHANNELS])
{
    for (size_t i = 0; i < CHANNELS; i++)
        out[i] = !setting->is_given         ? CHANNEL_UNSET
                 : setting->is_per_channel  ? setting->of[i]
                 : is_per_channel || i == 0 ? setting->of[0]
                                            : CHANNEL_UNSET;
}

static enum err give_desk_number(const struct gathering *g, struct span *out)
{
    *out = SPAN("");
    if (g->desk_phone.n == 0 && g->phone_rule->has_ids)
        return ERR_NONE; /* the plain keys have no key for it; who has a desk phone keeps its number
                          */
    if (g->desk_phone.n == 0)
        return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE,
                            "%s gives a desk phone, and no rule's DESK_PHONE gives this user a "
                            "number; give the attribute a value in Okta",
                            section_of(g, g->phone_rule));
    *out = rules_desk_number(g->a, g->desk_phone);
    if (out->p == NULL)
        return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE,
                            "%s DESK_PHONE: '%.*s' is no number in the form +4930123456; correct "
                            "the attribute in Okta",
                            section_of(g, g->desk_rule),
                            SPAN_ARG(utf8_prefix(g->desk_phone, SHOWN)));
    return ERR_NONE;
}

static enum err give_phone(const struct gathering *g, struct entitlement *e)
{
    struct phone *phone = &e->phone;
    enum err err = ERR_NONE;

    phone->has_desk_phone = g->phone_rule != NULL && g->phone_rule->phone_type != PHONE_SOFT_PHONE;
    phone->desk_number = SPAN("");
    phone->persistent_connection = CHANNEL_UNSET;
    if (phone->has_desk_phone)
        err = give_desk_number(g, &phone->desk_number);
    phone->is_per_channel = g->auto_accept.is_per_channel || g->after_contact_work.is_per_channel;
    spread(&g->auto_accept, phone->is_per_channel, phone->auto_accept);
    spread(&g->after_contact_work, phone->is_per_channel, phone->after_contact_work_s);
    return err;
}

/* ---- together ---- */

static int by_text(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static int by_key(const void *a, const void *b)
{
    return span_cmp(((const struct tag *)a)->key, ((const struct tag *)b)->key);
}

static int by_attribute(const void *a, const void *b)
{
    const struct proficiency *p = a, *q = b;
    int order = span_cmp(p->attribute, q->attribute);

    return order != 0 ? order : span_cmp(p->value, q->value);
}

static void *keep_sorted(struct arena *a, const void *items, size_t n, size_t size,
                         int (*order)(const void *, const void *))
{
    void *copy = arena_new(a, n, size);

    if (n > 0) {
        memcpy(copy, items, n * size);
        qsort(copy, n, size, order);
    }
    return copy;
}

static enum err give_values(struct gathering *g, struct entitlement *e)
{
    enum err err;

    if (g->n_ids == 0)
        return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE,
                            "no rule that matches gives a security profile; an agent needs one");
    if (g->routing.p == NULL && g->routing_rule != NULL)
        return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE,
                            "%s ROUTING_PROFILE: an attribute in it has no value for this user; "
                            "give it one in Okta, or write ${user.NAME:-otherwise}",
                            section_of(g, g->routing_rule));
    if (g->routing.p == NULL)
        return rules_refuse(g->fail, ERR_INPUT, REASON_BAD_VALUE,
                            "no rule that matches gives a routing profile; an agent needs one");
    err = resolve(g, g->routing_rule, NAME_ROUTING_PROFILE, g->routing, &e->routing_profile_id);
    e->hierarchy_group_id = SPAN("");
    if (err == ERR_NONE && g->hierarchy.p != NULL)
        err = resolve(g, g->hierarchy_rule, NAME_HIERARCHY_GROUP, g->hierarchy,
                      &e->hierarchy_group_id);
    if (err == ERR_NONE)
        err = give_phone(g, e);
    e->security_profile_ids = keep_sorted(g->a, g->ids, g->n_ids, sizeof(g->ids[0]), by_text);
    e->n_security_profile_ids = g->n_ids;
    e->tags = keep_sorted(g->a, g->tags, g->n_tags, sizeof(g->tags[0]), by_key);
    e->n_tags = g->n_tags;
    e->proficiencies = keep_sorted(g->a, g->proficiencies, g->n_proficiencies,
                                   sizeof(g->proficiencies[0]), by_attribute);
    e->n_proficiencies = g->n_proficiencies;
    return err;
}

enum err rules_entitlement(const struct rules *rules, const struct names *names,
                           const struct person *p, const struct membership *memberships, size_t n,
                           struct arena *a, struct entitlement *out, struct fail *fail)
{
    struct rule_subject subject = {names, p, memberships, n};
    struct gathering g = {.rules = rules, .subject = &subject, .a = a, .fail = fail};
    const struct membership *because;
    struct entitlement e = {0};
    enum err err = rules_identity(rules, p, a, &e, fail);

    g.tags[g.n_tags++] = (struct tag){SPAN(TAG_MANAGED_BY), rules->managed_by};
    g.tags[g.n_tags++] = (struct tag){SPAN(TAG_OKTA_ID), p->id};
    for (size_t i = 0; err == ERR_NONE && i < rules->n; i++)
        if (rule_matches(&rules->rules[i], &subject, a, &because))
            err = gather(&g, &rules->rules[i]);
    if (err == ERR_NONE)
        err = give_values(&g, &e);
    if (err == ERR_NONE)
        *out = e;
    return err;
}
