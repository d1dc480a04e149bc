#include "model/person.h"

static const char *const names[PERSON_STATES] = {
    [PERSON_DUE] = "due",
    [PERSON_IN_STEP] = "in_step",
    [PERSON_HELD] = "held",
    [PERSON_FAILED] = "failed",
    [PERSON_PARKED] = "parked",
    [PERSON_REMOVED] = "removed",
    [PERSON_OUT_OF_SCOPE] = "out_of_scope",
};

const char *person_state_name(enum person_state state)
{
    return (unsigned)state < PERSON_STATES ? names[state] : "unknown";
}

bool person_state_parse(struct span name, enum person_state *out)
{
    for (int i = 0; i < PERSON_STATES; i++)
        if (span_eq(name, span_of(names[i]))) {
            *out = (enum person_state)i;
            return true;
        }
    return false;
}

bool person_is_import(const struct person *p)
{
    return span_eq(p->source, SPAN(SOURCE_IMPORT));
}

struct span person_imported_name(const struct person *p)
{
    size_t prefix = sizeof(IMPORT_ID_PREFIX) - 1;

    return span_starts(p->id, SPAN(IMPORT_ID_PREFIX)) ? span_n(p->id.p + prefix, p->id.n - prefix)
                                                      : p->id;
}

struct person person_copy(struct arena *a, const struct person *p)
{
    struct person copy = *p;
    struct span *const texts[] = {&copy.source,
                                  &copy.id,
                                  &copy.login,
                                  &copy.display_name,
                                  &copy.app_user_name,
                                  &copy.status,
                                  &copy.profile,
                                  &copy.reason_code,
                                  &copy.reason,
                                  &copy.cause,
                                  &copy.create_sent_name,
                                  &copy.create_sent,
                                  &copy.agent_id,
                                  &copy.agent_arn,
                                  &copy.agent_user_name,
                                  &copy.applied,
                                  &copy.before_removal,
                                  &copy.restore,
                                  &copy.left_why,
                                  &copy.old_agent_id,
                                  &copy.old_agent_arn,
                                  &copy.old_agent_name};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = arena_span(a, *texts[i]);
    return copy;
}

struct span person_label(const struct person *p)
{
    const struct span labels[] = {p->agent_user_name, span_trim(p->app_user_name),
                                  span_trim(p->login)};

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (labels[i].n > 0)
            return labels[i];
    return p->id;
}
