#include "crypt/equal.h"

#include <openssl/crypto.h>
#include <stdint.h>

#include "base/random.h"
#include "crypt/digest.h"

bool equal_constant_time(struct span secret, struct span given)
{
    uint8_t key[SHA256_BYTES], a[SHA256_BYTES], b[SHA256_BYTES];

    random_bytes(key, sizeof(key));
    hmac_sha256(span_n(key, sizeof(key)), secret, a);
    hmac_sha256(span_n(key, sizeof(key)), given, b);
    return CRYPTO_memcmp(a, b, sizeof(a)) == 0;
}
