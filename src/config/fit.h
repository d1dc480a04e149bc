/* What keys have to do with each other: which one needs another, or rules it out. */
#ifndef ROSTER_CONFIG_FIT_H
#define ROSTER_CONFIG_FIT_H

#include "config/draft.h"
#include "config/given.h"

/* What is missing, or does not go together, becomes a mistake; after all has been applied. */
void fit_check(struct givens *g, const struct draft *d);
/* What stands before a message about something that is nowhere. */
const char *fit_origin(const struct givens *g);

#endif
