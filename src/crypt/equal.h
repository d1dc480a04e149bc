/* Comparing secrets. Thread-safe. */
#ifndef ROSTER_CRYPT_EQUAL_H
#define ROSTER_CRYPT_EQUAL_H

#include <stdbool.h>

#include "base/span.h"

/* Equal length and bytes. The time taken depends on the length of `given` alone, so it tells
 * nothing about how much of the secret was guessed, its length included. */
bool equal_constant_time(struct span secret, struct span given);

#endif
