/* Randomness from the system (getrandom(2)), good for keys; where there is none, the process
 * aborts. Thread-safe. */
#ifndef ROSTER_BASE_RANDOM_H
#define ROSTER_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *out, size_t n);
/* Uniform in 0 … bound - 1; 0 for bound 0. */
uint64_t random_below(uint64_t bound);

#endif
