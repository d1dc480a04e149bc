/* Fills the played instance from JSON: its defaults, a seed file, and what the control interface
 * adds. The forms are described in README.md. */
#ifndef SANDBOX_CONNECT_SEED_H
#define SANDBOX_CONNECT_SEED_H

#include "connect_side.h"

void seed_defaults(struct connect_side *side);
/* {"id", "alias", "account", "region", "identity", "exists"}, each optional. */
enum err seed_instance(struct connect_side *side, const json_t *from,
                       struct fail *fail) WARN_UNUSED;
enum err seed_agent(struct connect_side *side, const json_t *from, struct fail *fail) WARN_UNUSED;
/* {"agents": n, "from", and the form of an agent, with patterns (fill.h)} */
enum err seed_generate(struct connect_side *side, const json_t *from,
                       struct fail *fail) WARN_UNUSED;
/* {"agents": […], "generate": {…}}: many at once. */
enum err seed_agents(struct connect_side *side, const json_t *from, struct fail *fail) WARN_UNUSED;
/* {"name", …}: of an agent that is there, what is given. */
enum err seed_agent_change(struct connect_side *side, const json_t *from,
                           struct fail *fail) WARN_UNUSED;
/* kind: "security_profiles", "routing_profiles", "hierarchy_groups", "agent_statuses",
 * "predefined_attributes" or "quick_connects". A thing of the same id is replaced. */
enum err seed_thing(struct connect_side *side, const char *kind, const json_t *from,
                    struct fail *fail) WARN_UNUSED;
/* {"id", "secret", "token", "expires_in_s"} */
enum err seed_key(struct connect_side *side, const json_t *from, struct fail *fail) WARN_UNUSED;
/* {"operation", "rate", "burst"} */
enum err seed_throttle(struct connect_side *side, const json_t *from,
                       struct fail *fail) WARN_UNUSED;
/* {"search_ms", "list_ms", "read_ms"} */
enum err seed_delays(struct connect_side *side, const json_t *from, struct fail *fail) WARN_UNUSED;

/* The side's list of that kind, NULL for an unknown one. */
json_t **seed_list(struct connect_side *side, const char *kind);

#endif
