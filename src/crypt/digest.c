/* These functions fail only for want of memory or of a usable OpenSSL, where no caller could go on:
 * the process ends, as base/mem.h explains. */
#include "crypt/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

void sha256(struct span data, uint8_t out[static SHA256_BYTES])
{
    if (EVP_Digest(data.p == NULL ? "" : data.p, data.n, out, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

void hmac_sha256(struct span key, struct span data, uint8_t out[static SHA256_BYTES])
{
    /* OpenSSL takes the length of the key as an int; RFC 2104 2 replaces a long key by its digest
     * anyway. */
    uint8_t short_key[SHA256_BYTES];

    if (key.n > 64) {
        sha256(key, short_key);
        key = span_n(short_key, sizeof(short_key));
    }
    if (HMAC(EVP_sha256(), key.p == NULL ? "" : key.p, (int)key.n,
             (const unsigned char *)(data.p == NULL ? "" : data.p), data.n, out, NULL) == NULL)
        abort();
    explicit_bzero(short_key, sizeof(short_key));
}

void hex_encode(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

void sha256_hex(struct span data, char out[static SHA256_HEX])
{
    uint8_t digest[SHA256_BYTES];

    sha256(data, digest);
    hex_encode(digest, sizeof(digest), out);
}
