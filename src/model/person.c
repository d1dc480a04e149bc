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

struct person person_copy(struct arena *a, const struct person *p)
{
    struct person copy = *p;
    struct span *const texts[] = {
        &copy.source,           &copy.id,          &copy.login,     &copy.display_name,
        &copy.app_user_name,    &copy.reason_code, &copy.reason,    &copy.cause,
        &copy.create_sent_name, &copy.agent_id,    &copy.agent_arn, &copy.agent_user_name};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = arena_span(a, *texts[i]);
    return copy;
}

struct span person_user_name(const struct person *p)
{
    struct span name = span_trim(p->app_user_name);

    return name.n > 0 ? name : span_trim(p->login);
}
