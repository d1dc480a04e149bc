/* From what is written to what it means: one key at a time. */
#ifndef ROSTER_CONFIG_APPLY_H
#define ROSTER_CONFIG_APPLY_H

#include "config/draft.h"
#include "config/given.h"

/* Understands the value that is in force for the key, or its default, and sets what the key stands
 * for in *d; a value that is wrong becomes a mistake. */
void apply_key(struct givens *g, const struct key *key, struct draft *d);
/* Makes the rules, once all keys have been applied: the [Mapping …] sections, and the plain keys
 * behind them. What is wrong in them, and what is missing, becomes a mistake. */
void apply_rules(struct givens *g, struct draft *d);

enum { APPLY_FORM_SIZE = 256 };
/* A form of the tables without the page's backquotes, for a message. Returns out. */
const char *apply_form(const char *form, char out[APPLY_FORM_SIZE]);

#endif
