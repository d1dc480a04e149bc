#include "model/agent.h"

struct span agent_tag(const struct agent *agent, struct span key)
{
    for (size_t i = 0; i < agent->n_tags; i++)
        if (span_eq(agent->tags[i].key, key))
            return agent->tags[i].value.p == NULL ? SPAN("") : agent->tags[i].value;
    return (struct span){NULL, 0};
}
