/* The roster over the store: reads on the loop's own connection, changes through the committer. */
#ifndef ROSTER_ENGINE_STORE_ROSTER_H
#define ROSTER_ENGINE_STORE_ROSTER_H

#include "engine/handback.h"
#include "engine/judge.h"
#include "engine/roster.h"

/* All must outlive it. */
struct roster *store_roster_new(struct store *reader, struct handback *handback,
                                const struct judge *judge);
/* From now on only people of that cause are due. */
void store_roster_only(struct roster *roster, struct span cause);
/* After the committer has stopped; changes not handed back yet are dropped. NULL is fine. */
void store_roster_free(struct roster *roster);

#endif
