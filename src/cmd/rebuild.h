/* Rebuilding the store from Amazon Connect: each agent that bears this deployment's tag is bound
 * again to the person whose Okta id it bears. What is known already is never overwritten. */
#ifndef ROSTER_CMD_REBUILD_H
#define ROSTER_CMD_REBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/settings.h"
#include "model/agent.h"
#include "store/store.h"

#define REBUILD_CAUSE "operator rebuild"

enum rebuild_verdict {
    REBUILD_BIND,       /* nobody of that Okta id is known: they get this agent */
    REBUILD_KNOWN,      /* the store says so already */
    REBUILD_LEFT_ALONE, /* the person is known, without an agent: Roster looks for it when needed */
    REBUILD_DIFFERS,    /* the store binds another agent to that person */
    REBUILD_TWICE,      /* several agents bear this Okta id: none is bound */
    REBUILD_NO_ID,      /* it bears no Okta id that could be one */
    REBUILD_VERDICTS
};

struct rebuild_agent {
    struct span id, arn, user_name, okta_id;
    enum rebuild_verdict verdict;
};

struct rebuild {
    struct arena arena; /* owns the texts */
    struct rebuild_agent *agents;
    size_t n, room;
    size_t count[REBUILD_VERDICTS]; /* after rebuild_judge */
};

/* Keeps a copy; an agent that was added already is passed over. */
void rebuild_add(struct rebuild *r, const struct agent *agent);
/* Says of each agent what is to be done, in the order of Okta ids; store may be NULL: a new one. */
enum err rebuild_judge(struct rebuild *r, struct store *store, struct fail *fail) WARN_UNUSED;
/* Binds those with REBUILD_BIND, inside the caller's transaction, and has each read in Okta again
 * when its API is used. */
enum err rebuild_write(const struct rebuild *r, struct store *store, const struct settings *s,
                       int64_t now_ms, struct fail *fail) WARN_UNUSED;
void rebuild_done(struct rebuild *r);
/* Why an agent is not bound, for people; "" when it is, or was. */
const char *rebuild_why(enum rebuild_verdict verdict);
/* Of how many a person should hear. */
size_t rebuild_troubles(const struct rebuild *r);

/* Lists the agents in Amazon Connect, at the pace that the settings allow. Any failure is one of
 * the whole: what was added by then is not all. In rebuild_read.c. */
enum err rebuild_read(const struct settings *s, const char *const *environment, struct rebuild *out,
                      struct fail *fail) WARN_UNUSED;

#endif
