/* Who is in scope, and by which rules. What the rules give stands in rules_values.c. */
#include "model/rules.h"

#include "base/utf8.h"
#include "model/profile.h"
#include "model/rules_private.h"

/* ---- containers ---- */

static bool value_names(struct span value, const struct names *names, enum name_kind kind,
                        struct span id, struct span name)
{
    struct span known;

    if (name_is_id(kind, value, &known))
        return span_eq(known, id);
    if (names->find(names, kind, value, &known) == NAME_KNOWN)
        return span_eq(known, id);
    return utf8_eq_nfc(value, name);
}

static bool test_names(const struct rule_test *test, const struct names *names,
                       enum membership_kind kind, struct span id, struct span name)
{
    bool is_app = kind == MEMBERSHIP_APP, is_group = kind == MEMBERSHIP_GROUP;

    if (!(is_app && test->kind == TEST_APP) && !(is_group && test->kind == TEST_GROUP))
        return false;
    for (size_t i = 0; i < test->n; i++)
        if (value_names(test->values[i], names, is_app ? NAME_OKTA_APP : NAME_OKTA_GROUP, id, name))
            return true;
    return false;
}

bool rules_name_container(const struct rules *rules, const struct names *names,
                          enum membership_kind kind, struct span id, struct span name)
{
    for (size_t i = 0; i < rules->n; i++)
        for (size_t j = 0; j < rules->rules[i].n_tests; j++)
            if (test_names(&rules->rules[i].tests[j], names, kind, id, name))
                return true;
    return false;
}

/* ---- tests ---- */

struct attribute_test {
    const struct rule_test *test;
    bool holds;
};

static bool test_value(void *arg, struct span value)
{
    struct attribute_test *t = arg;

    for (size_t i = 0; !t->holds && i < t->test->n; i++)
        t->holds = pattern_matches(t->test->values[i], value);
    return !t->holds;
}

/* *because is the membership that made it hold, NULL for an attribute. */
static bool test_holds(const struct rule_test *test, const struct names *names,
                       const struct person *p, const struct membership *memberships, size_t n,
                       struct arena *a, const struct membership **because)
{
    struct attribute_test attribute = {test, false};

    *because = NULL;
    if (test->kind == TEST_ATTRIBUTE) {
        profile_each(a, p->profile, test->attribute, test_value, &attribute);
        return attribute.holds;
    }
    for (size_t i = 0; i < n; i++)
        if (memberships[i].is_member && test_names(test, names, memberships[i].kind,
                                                   memberships[i].container, memberships[i].name)) {
            *because = &memberships[i];
            return true;
        }
    return false;
}

bool rule_matches(const struct rule *rule, const struct rule_subject *s, struct arena *a,
                  const struct membership **because)
{
    size_t held = 0;

    *because = NULL;
    for (size_t i = 0; i < rule->n_tests; i++) {
        const struct membership *found;

        if (test_holds(&rule->tests[i], s->names, s->person, s->memberships, s->n, a, &found))
            held++;
        else if (!rule->is_any)
            return false;
        /* The application counts before the group: it knows the user name. */
        if (found != NULL && (*because == NULL || (*because)->kind != MEMBERSHIP_APP))
            *because = found;
    }
    return held > 0;
}

/* ---- scope ---- */

static bool is_switched_off(const struct person *p, const struct membership *memberships, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memberships[i].kind == MEMBERSHIP_ACCOUNT && !memberships[i].is_member)
            return true;
    return span_eq(p->status, SPAN("DEPROVISIONED")) || span_eq(p->status, SPAN("GONE"));
}

static bool is_suspended(const struct person *p, const struct membership *memberships, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memberships[i].kind == MEMBERSHIP_SUSPENSION)
            return memberships[i].is_member;
    return span_eq(p->status, SPAN("SUSPENDED"));
}

/* A rule that names what Okta does not have (any more) gives nobody anything: who falls out of
 * scope meanwhile may have fallen because of that. */
static bool has_lost_name(const struct rule *rule, const struct names *names)
{
    struct span id;

    for (size_t i = 0; i < rule->n_tests; i++) {
        enum name_kind kind = rule->tests[i].kind == TEST_APP ? NAME_OKTA_APP : NAME_OKTA_GROUP;

        if (rule->tests[i].kind == TEST_ATTRIBUTE)
            continue;
        for (size_t j = 0; j < rule->tests[i].n; j++) {
            enum name_answer answer = names->find(names, kind, rule->tests[i].values[j], &id);

            if (answer == NAME_UNKNOWN || answer == NAME_AMBIGUOUS)
                return true;
        }
    }
    return false;
}

/* Attributes that were never read, or cannot be, say nothing. */
static bool is_profile_missing(const struct rules *rules, const struct person *p)
{
    return rules_name_kind(rules, TEST_ATTRIBUTE) &&
           (p->profile.n == 0 || !profile_is_readable(p->profile));
}

/* Without Okta's API only what an event has said takes anybody out of scope; what is merely not
 * known says nothing. */
static bool is_told_out(const struct rules *rules, const struct names *names,
                        const struct membership *memberships, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!memberships[i].is_member &&
            rules_name_container(rules, names, memberships[i].kind, memberships[i].container,
                                 memberships[i].name))
            return true;
    return false;
}

static struct span because_of(const struct rule *rule, const struct membership *m, struct arena *a)
{
    const char *kind = m == NULL ? "rule" : m->kind == MEMBERSHIP_APP ? "application" : "group";
    struct span name = m == NULL ? rule->name : m->name.n > 0 ? m->name : m->container;

    return span_of(arena_printf(a, "%s %.*s", kind, SPAN_ARG(name)));
}

struct scope rules_scope(const struct rules *rules, const struct names *names,
                         const struct person *p, const struct membership *memberships, size_t n,
                         struct arena *a)
{
    struct rule_subject subject = {names, p, memberships, n};
    const struct membership *because;
    struct scope scope = {0};

    if (is_switched_off(p, memberships, n))
        return scope;
    for (size_t i = 0; i < rules->n; i++) {
        if (!rule_matches(&rules->rules[i], &subject, a, &because))
            continue;
        if (!scope.is_in)
            scope.because = because_of(&rules->rules[i], because, a);
        scope.is_in = true;
    }
    for (size_t i = 0; i < n; i++)
        scope.is_by_app |= memberships[i].kind == MEMBERSHIP_APP && memberships[i].is_member &&
                           rules_name_container(rules, names, MEMBERSHIP_APP,
                                                memberships[i].container, memberships[i].name);
    scope.is_suspended = scope.is_in && is_suspended(p, memberships, n);
    if (scope.is_in)
        return scope;
    scope.is_unsure = rules->reads_okta ? is_profile_missing(rules, p)
                                        : !is_told_out(rules, names, memberships, n);
    for (size_t i = 0; !scope.is_unsure && i < rules->n; i++)
        scope.is_unsure = has_lost_name(&rules->rules[i], names);
    return scope;
}

/* ---- what the rules need to know ---- */

bool rules_name_kind(const struct rules *rules, enum test_kind kind)
{
    for (size_t i = 0; i < rules->n; i++)
        for (size_t j = 0; j < rules->rules[i].n_tests; j++)
            if (rules->rules[i].tests[j].kind == kind)
                return true;
    return false;
}

bool rules_use_profile(const struct rules *rules)
{
    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *r = &rules->rules[i];

        for (size_t j = 0; j < r->n_tests; j++)
            if (r->tests[j].kind == TEST_ATTRIBUTE)
                return true;
        if (r->has_ids)
            continue;
        if (template_has_attributes(r->routing_profile) ||
            template_has_attributes(r->hierarchy_group) || template_has_attributes(r->desk_phone))
            return true;
        for (size_t j = 0; j < r->n_tags; j++)
            if (template_has_attributes(r->tags[j].value))
                return true;
        for (size_t j = 0; j < r->n_proficiencies; j++)
            if (template_has_attributes(r->proficiencies[j].value))
                return true;
    }
    return template_has_attributes(rules->user_name);
}
