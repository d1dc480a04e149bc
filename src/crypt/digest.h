/* SHA-256, HMAC-SHA-256 and hexadecimal, on OpenSSL. Thread-safe. */
#ifndef ROSTER_CRYPT_DIGEST_H
#define ROSTER_CRYPT_DIGEST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

void sha256(struct span data, uint8_t out[static SHA256_BYTES]);
void hmac_sha256(struct span key, struct span data, uint8_t out[static SHA256_BYTES]);
/* Lower-case hexadecimal, without a NUL. */
void hex_encode(const uint8_t *bytes, size_t n, char *out);
/* SHA-256 as 64 hexadecimal characters, without a NUL. */
void sha256_hex(struct span data, char out[static SHA256_HEX]);

#endif
