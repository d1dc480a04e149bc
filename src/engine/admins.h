/* Administrators: of the agents that have the instance's security profile "Admin", one stays, so
 * that somebody can still sign in to repair what was wrong. Who has it is read at most once a
 * minute, and only while somebody's access is taken away. On the loop only; no I/O.
 * https://docs.aws.amazon.com/connect/latest/adminguide/default-security-profiles.html */
#ifndef ROSTER_ENGINE_ADMINS_H
#define ROSTER_ENGINE_ADMINS_H

#include <stdbool.h>
#include <stdint.h>

#include "connect/connect.h"
#include "model/names.h"

#define ADMIN_PROFILE "Admin"

enum {
    ADMINS_PAGE = 100,              /* so many are asked for: more are enough in any case */
    ADMINS_FRESH_MS = 60 * 1000,    /* a reading counts for so long; */
    ADMINS_SURE_MS = 2 * 1000,      /* nobody is held by one that is older than that */
    ADMINS_ASKING_MS = 2 * 1000,    /* whoever was told to ask is waited for so long */
    ADMINS_LAG_MS = 10 * 60 * 1000, /* searches may show for so long what was before */
};

struct admins;

enum admins_verdict {
    ADMINS_ASK_PROFILE, /* which one it is, by ListSecurityProfiles */
    ADMINS_ASK_HOLDERS, /* who has it, by SearchUsers */
    ADMINS_WAIT,        /* somebody else has been told to ask, a moment ago */
    ADMINS_SPARE,       /* no administrator, or not the last one */
    ADMINS_LAST,        /* nobody else would be one */
};

struct admins *admins_new(void);
/* NULL is fine. */
void admins_free(struct admins *a);
/* May this agent be taken away, or lose that profile? now_ms: of clock_mono_ms. is_taken: it is
 * next; then, with ADMINS_SPARE, it counts as none any more. */
enum admins_verdict admins_judge(struct admins *a, const struct names *names, struct span agent_id,
                                 bool is_taken, int64_t now_ms);
/* Is that the profile, as far as is known? */
bool admins_is_profile(const struct admins *a, const struct names *names, struct span id);
/* What ADMINS_ASK_PROFILE asks for, page by page: the token of the next one, "" for the first. */
struct span admins_token(const struct admins *a);
struct span admins_profile(const struct admins *a);
/* Whoever was told to ask got nothing. */
void admins_failed(struct admins *a);
/* A page of it. err ERR_DENIED: it may not be read, and nobody is held from now on. */
void admins_named(struct admins *a, const struct connect_answer *answer);
/* What ADMINS_ASK_HOLDERS asks for. */
void admins_held(struct admins *a, const struct connect_answer *answer, int64_t now_ms);

#endif
