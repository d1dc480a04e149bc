/* Comparing secrets. Thread-safe. */
#ifndef ROSTER_CRYPT_EQUAL_H
#define ROSTER_CRYPT_EQUAL_H

#include <stdbool.h>

#include "base/span.h"

/* Equal length and bytes; the time taken depends on neither content nor the secret's length (both
 * sides are hashed under a random key first). */
bool equal_constant_time(struct span secret, struct span given);

#endif
