/* A digest of everything in the configuration that decides who is in scope and what they are to be:
 * whoever keeps it sees that the configuration is another one. Pure. */
#ifndef ROSTER_ENGINE_RULES_DIGEST_H
#define ROSTER_ENGINE_RULES_DIGEST_H

#include "config/settings.h"
#include "crypt/digest.h"

/* The note of the store that holds the digest by which people were judged last. */
#define RULES_NOTE "rules_digest"

void rules_digest(const struct settings *settings, char out[static SHA256_HEX + 1]);
/* The same with the bounds: everything that decides what a plan may do. */
void plan_digest(const struct settings *settings, char out[static SHA256_HEX + 1]);

#endif
