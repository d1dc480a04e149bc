/* The roster over the store: reads on the loop's own connection, changes through the committer. */
#ifndef ROSTER_ENGINE_STORE_ROSTER_H
#define ROSTER_ENGINE_STORE_ROSTER_H

#include "engine/handback.h"
#include "engine/roster.h"

/* reader, handback and rules must outlive it. */
struct roster *store_roster_new(struct store *reader, struct handback *handback,
                                const struct rules *rules);
void store_roster_free(struct roster *roster);

#endif
