/* All people of a sweep, by their Okta ids: what Okta's listings show of them, and what Amazon
 * Connect's shows of the agent that bears their id. In memory: about a kilobyte and a half each.
 * Pure. */
#ifndef ROSTER_LAMBDA_SWEEP_PEOPLE_H
#define ROSTER_LAMBDA_SWEEP_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/agent.h"
#include "model/entitlement.h"

struct sweep_row {
    struct span id; /* in Okta */
    /* Okta; is_shown false: no listing shows them, and nothing else is set */
    bool is_shown;
    struct span status, login, display_name, app_user_name, profile;
    const uint16_t *containers; /* numbers of applications and groups: the caller's */
    uint32_t n_containers;
    /* Amazon Connect; agent_id empty: there is none */
    uint32_t n_agents; /* that bear the id; the first one is told here */
    struct span agent_id, agent_name;
    struct span found; /* what the listing shows: JSON (model/entitlement.h) */
    bool has_gone_tag;
    int64_t gone_ms; /* lambda/gone_tag.h */
    /* the caller's */
    uint8_t verdict;
    bool is_marked; /* for what is done next */
};

/* A security profile, and how many agents of the instance have it. */
struct sweep_holders {
    struct span profile_id;
    int64_t n;
};

struct sweep_people {
    struct arena arena; /* of the texts */
    struct sweep_row *rows;
    size_t n, room;
    uint32_t *places; /* in rows, by hash; 0 = free, else one more */
    size_t n_places;
    struct sweep_holders *holders;
    size_t n_holders;
    uint64_t *others; /* hashes of the names of agents that are nobody's; 0 = free */
    size_t n_others, n_other_places;
    int64_t agents, managed; /* all of the instance; this deployment's */
};

/* people may be zeroed before. */
void sweep_people_done(struct sweep_people *people);
/* What a listing shows of one user, in that container (NULL: a search found them). Somebody may
 * come several times: containers are united, of the rest what is not empty counts. All is copied.
 */
void sweep_people_show(struct sweep_people *people, const struct sweep_row *shown,
                       const uint16_t *container);
/* What a listing of agents shows; the same agent may come twice. owner empty: it is not this
 * deployment's, and is only counted. */
void sweep_people_take_agent(struct sweep_people *people, struct span owner,
                             const struct agent *agent, const struct entitlement *found);
/* NULL: nobody has that id. */
struct sweep_row *sweep_people_find(const struct sweep_people *people, struct span id);
/* Is there an agent of that user name that bears no deployment's tags, and was not imported? */
bool sweep_people_has_other(const struct sweep_people *people, struct span user_name);
/* How many agents have that security profile. */
int64_t sweep_people_holders(const struct sweep_people *people, struct span profile_id);

#endif
