/* UUIDs (RFC 9562) in their canonical form of 36 characters. Pure but for uuid_random;
 * thread-safe. */
#ifndef ROSTER_TEXT_UUID_H
#define ROSTER_TEXT_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum { UUID_BYTES = 16, UUID_TEXT = 36 };

/* Lower-case 8-4-4-4-12 only: another spelling would not come out again as it went in. */
bool uuid_parse(struct span text, uint8_t out[static UUID_BYTES]);
/* Writes 36 characters and a NUL. */
void uuid_format(const uint8_t uuid[static UUID_BYTES], char out[static UUID_TEXT + 1]);
/* A random one (version 4), as text with a NUL. */
void uuid_random(char out[static UUID_TEXT + 1]);

#endif
