#include "config/rule_keys.h"

#include "text/closest.h"

#define PROFILE_FORM "the name, the id or the ARN of a "
#define LIST_FORM "separated by commas"

const struct rule_key rule_keys[] = {
    {.name = "GROUP",
     .kind = RULE_GROUP,
     .form = "names or ids of groups in Okta, " LIST_FORM,
     .example = "Claims Agents, Claims Night Shift",
     .help = "Holds for members of one of these groups"},
    {.name = "APP",
     .kind = RULE_APP,
     .form = "names or ids of applications in Okta, " LIST_FORM,
     .example = "Amazon Connect",
     .help = "Holds for who is assigned to one of these applications"},
    {.name = "USER.",
     .kind = RULE_USER,
     .form = "values of the attribute, " LIST_FORM ", in which `*` stands for any text",
     .example = "Claims*, Complaints",
     .help = "Holds when the attribute of that name (its case counts) has one of these values. "
             "Needs `[OKTA] ORG_URL`"},
    {.name = "SECURITY_PROFILES",
     .kind = RULE_SECURITY_PROFILES,
     .form = "1 to 10 names, ids or ARNs of security profiles, " LIST_FORM,
     .example = "Agent, Call Center Manager",
     .help = "The security profiles. Those of all rules that match are united"},
    {.name = "ROUTING_PROFILE",
     .kind = RULE_ROUTING_PROFILE,
     .may_use_attributes = true,
     .form = PROFILE_FORM "routing profile",
     .example = "Claims",
     .help = "The routing profile"},
    {.name = "HIERARCHY_GROUP",
     .kind = RULE_HIERARCHY_GROUP,
     .may_use_attributes = true,
     .form = "the path of a hierarchy group from the top, of 1 to 5 names parted by `/`, or its "
             "id or ARN",
     .example = "Berlin/Claims",
     .help = "The place in the agent hierarchy"},
    {.name = "PHONE_TYPE",
     .kind = RULE_PHONE_TYPE,
     .form = "`SOFT_PHONE` or `DESK_PHONE`",
     .example = "DESK_PHONE",
     .help = "Where calls ring. Without it, a `DESK_PHONE` means a desk phone"},
    {.name = "DESK_PHONE",
     .kind = RULE_DESK_PHONE,
     .may_use_attributes = true,
     .form = "a number with its country's code; blanks, dots, dashes and brackets do no harm",
     .example = "${user.primaryPhone}",
     .help = "The number of the desk phone"},
    {.name = "AUTO_ACCEPT",
     .kind = RULE_AUTO_ACCEPT,
     .form = "`yes` or `no`, or `CHANNEL:yes`, `CHANNEL:no` for VOICE, CHAT, TASK and "
             "EMAIL, " LIST_FORM,
     .example = "VOICE:yes, CHAT:no",
     .help = "Whether contacts connect without a click"},
    {.name = "AFTER_CONTACT_WORK",
     .kind = RULE_AFTER_CONTACT_WORK,
     .form = "seconds or a duration, from 0 (no limit) to 2000000 seconds, or such as "
             "`CHANNEL:TIME` for VOICE, CHAT, TASK and EMAIL, " LIST_FORM,
     .example = "VOICE:30s, CHAT:2m",
     .help = "How long an agent may work after a contact. `0` means until they say so"},
    {.name = "TAGS",
     .kind = RULE_TAGS,
     .may_use_attributes = true,
     .form = "1 to 48 of `KEY=value`, " LIST_FORM,
     .example = "Team=Claims, Site=${user.city:-Berlin}",
     .help = "Tags of the agent. Those of all rules that match are united"},
    {.name = "PROFICIENCIES",
     .kind = RULE_PROFICIENCIES,
     .may_use_attributes = true,
     .form = "1 to 10 of `ATTRIBUTE:value=LEVEL`, " LIST_FORM ", with levels from 1 to 5",
     .example = "Language:English=5, Product:Car=3",
     .help = "Proficiencies: predefined attributes of the instance and one of their values. "
             "Those of all rules that match are united"},
};
const size_t n_rule_keys = sizeof(rule_keys) / sizeof(rule_keys[0]);

static const struct span section_word = {"Mapping", 7};
static const char attribute_word[] = "<attribute>";

struct rule_key_use rule_key_find(struct span name)
{
    for (size_t i = 0; i < n_rule_keys; i++) {
        struct span known = span_of(rule_keys[i].name);

        if (rule_keys[i].kind != RULE_USER && span_eq_nocase(name, known))
            return (struct rule_key_use){.key = &rule_keys[i]};
        if (rule_keys[i].kind == RULE_USER && name.n >= known.n &&
            span_eq_nocase(span_n(name.p, known.n), known))
            return (struct rule_key_use){.key = &rule_keys[i],
                                         .attribute = span_n(name.p + known.n, name.n - known.n)};
    }
    return (struct rule_key_use){0};
}

const char *rule_key_closest(struct span name, struct arena *a)
{
    size_t dot = span_find(name, '.');
    struct closest closest;

    closest_init(&closest, span_n(name.p, dot));
    if (dot < name.n) {
        if (closest_offer(&closest, "USER"))
            return arena_printf(a, "USER%.*s", (int)(name.n - dot), name.p + dot);
        return NULL;
    }
    for (size_t i = 0; i < n_rule_keys; i++)
        if (rule_keys[i].kind != RULE_USER)
            (void)closest_offer(&closest, rule_keys[i].name);
    return closest.best;
}

char *rule_key_names(bool with_tests, struct arena *a)
{
    char *names = arena_dup(a, SPAN(""));

    for (size_t i = 0; i < n_rule_keys; i++)
        if (with_tests || !rule_key_is_test(&rule_keys[i]))
            names =
                arena_printf(a, "%s%s%s%s", names, names[0] == '\0' ? "" : ", ", rule_keys[i].name,
                             rule_keys[i].kind == RULE_USER ? attribute_word : "");
    return names;
}

static struct span first_word(struct span text)
{
    size_t n = 0;

    while (n < text.n && text.p[n] != ' ' && text.p[n] != '\t')
        n++;
    return span_n(text.p, n);
}

bool rule_section(struct span section, struct span *name)
{
    struct span word = first_word(section);

    *name = span_trim(span_n(section.p + word.n, section.n - word.n));
    return span_eq_nocase(word, section_word);
}

bool rule_section_is_close(struct span section, struct span *name)
{
    struct closest closest;
    struct span word = first_word(section);

    *name = span_trim(span_n(section.p + word.n, section.n - word.n));
    closest_init(&closest, word);
    return name->n > 0 && closest_offer(&closest, section_word.p);
}
