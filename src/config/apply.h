/* From what is written to what it means: one key at a time. */
#ifndef ROSTER_CONFIG_APPLY_H
#define ROSTER_CONFIG_APPLY_H

#include "config/given.h"
#include "config/settings.h"

/* Understands the value that is in force for the key, or its default, and sets what the key stands
 * for in *s; a value that is wrong becomes a mistake. */
void apply_key(struct givens *g, const struct key *key, struct settings *s);

#endif
