#include "engine/instance_names.h"

#include "model/profile.h"

/* ---- going through the rules ---- */

struct reference {
    enum name_kind kind;
    struct span section; /* of a [Mapping …]; p == NULL = [Connect] */
    const char *key;
    struct span ref; /* as it is meant; empty when it depends on the user's attributes */
};

typedef void reference_fn(void *arg, const struct reference *reference);

static void give(const struct rule *rule, enum name_kind kind, const char *key, struct span text,
                 bool is_template, struct arena *a, reference_fn *fn, void *arg)
{
    struct reference r = {kind, rule == NULL ? (struct span){NULL, 0} : rule->name, key, text};

    if (text.n == 0 || (rule != NULL && rule->has_ids))
        return;
    if (is_template)
        r.ref = template_has_attributes(text)
                    ? SPAN("")
                    : template_fill(a, text, SPAN(""), SPAN("")); /* "$$" is a dollar sign */
    fn(arg, &r);
}

static void each_reference(const struct rules *rules, struct arena *a, reference_fn *fn, void *arg)
{
    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *rule = &rules->rules[i];

        for (size_t k = 0; k < rule->n_security_profiles; k++)
            give(rule, NAME_SECURITY_PROFILE, "SECURITY_PROFILES", rule->security_profiles[k],
                 false, a, fn, arg);
        give(rule, NAME_ROUTING_PROFILE, "ROUTING_PROFILE", rule->routing_profile, true, a, fn,
             arg);
        give(rule, NAME_HIERARCHY_GROUP, "HIERARCHY_GROUP", rule->hierarchy_group, true, a, fn,
             arg);
    }
    give(NULL, NAME_SECURITY_PROFILE, "PARKED_SECURITY_PROFILE", rules->parked_security_profile,
         false, a, fn, arg);
    give(NULL, NAME_ROUTING_PROFILE, "PARKED_ROUTING_PROFILE", rules->parked_routing_profile, false,
         a, fn, arg);
}

/* ---- use ---- */

struct use {
    struct directory *directory;
    bool needs_names;
};

static void use_reference(void *arg, const struct reference *r)
{
    struct use *use = arg;
    struct span id;

    if (r->ref.n > 0 && name_is_id(r->kind, r->ref, &id))
        return;
    use->needs_names = true;
    if (r->ref.n > 0)
        directory_use(use->directory, r->kind, r->ref);
}

bool instance_names_use(const struct rules *rules, struct directory *directory)
{
    struct use use = {directory, false};
    struct arena a = {0};

    each_reference(rules, &a, use_reference, &use);
    arena_done(&a);
    return use.needs_names;
}

/* ---- report ---- */

struct report {
    const struct names *names;
    void (*told)(void *arg, const char *code, const char *text);
    void *arg;
    struct arena arena;
};

static void report_reference(void *arg, const struct reference *r)
{
    struct report *report = arg;
    struct arena *a = &report->arena;
    enum name_answer answer;
    const char *closest;
    struct span id;
    char *where;

    if (r->ref.n == 0)
        return;
    answer = report->names->find(report->names, r->kind, r->ref, &id);
    if (answer != NAME_UNKNOWN && answer != NAME_AMBIGUOUS)
        return;
    where = r->section.p == NULL
                ? arena_printf(a, "[Connect] %s", r->key)
                : arena_printf(a, "[Mapping %.*s] %s", SPAN_ARG(r->section), r->key);
    if (answer == NAME_AMBIGUOUS) {
        report->told(report->arg, "unknown_name",
                     arena_printf(a, "%s: several %ss are called '%.*s'; write the id instead",
                                  where, name_kind_word(r->kind), SPAN_ARG(r->ref)));
        return;
    }
    closest = report->names->closest(report->names, r->kind, r->ref, a);
    report->told(report->arg, "unknown_name",
                 arena_printf(a,
                              "%s: the instance has no %s '%.*s'%s%s%s; people who need it wait as "
                              "failed",
                              where, name_kind_word(r->kind), SPAN_ARG(r->ref),
                              closest[0] != '\0' ? "; did you mean " : "", closest,
                              closest[0] != '\0' ? "?" : ""));
}

void instance_names_report(const struct rules *rules, const struct names *names,
                           void (*told)(void *arg, const char *code, const char *text), void *arg)
{
    struct report report = {.names = names, .told = told, .arg = arg};

    each_reference(rules, &report.arena, report_reference, &report);
    arena_done(&report.arena);
}

/* ---- news ---- */

char *instance_names_news(const struct directory_news *news, struct arena *a)
{
    const char *word = name_kind_word(news->pin.kind);

    switch (news->kind) {
    case DIRECTORY_PINNED:
        break;
    case DIRECTORY_RENAMED:
        return arena_printf(a,
                            "the %s '%.*s' (%.*s) is now called '%.*s'; the configuration still "
                            "means it by the old name: write the new one, or the id",
                            word, SPAN_ARG(news->pin.name), SPAN_ARG(news->pin.id),
                            SPAN_ARG(news->name_now));
    case DIRECTORY_TAKEN:
        return arena_printf(a,
                            "another %s bears the name '%.*s' now; the configuration still means "
                            "the one with the id %.*s: write the id of the one you mean, or have "
                            "the name mean this one by `roster names forget`",
                            word, SPAN_ARG(news->pin.name), SPAN_ARG(news->pin.id));
    case DIRECTORY_GONE:
        return arena_printf(a,
                            "the %s '%.*s' (%.*s) does not exist any more; write another one into "
                            "the configuration; where another one bears the same name, `roster "
                            "names forget` has the name mean that",
                            word, SPAN_ARG(news->pin.name), SPAN_ARG(news->pin.id));
    }
    return NULL;
}

const char *instance_names_code(const struct directory_news *news)
{
    return news->kind == DIRECTORY_RENAMED ? "renamed_name"
           : news->kind == DIRECTORY_TAKEN ? "taken_name"
                                           : "gone_name";
}
