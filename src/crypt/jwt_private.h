/* What jwt_key.c and jwt.c share. */
#ifndef ROSTER_CRYPT_JWT_PRIVATE_H
#define ROSTER_CRYPT_JWT_PRIVATE_H

#include <openssl/evp.h>

#include "crypt/jwt.h"

enum { P256_BYTES = 32 };

struct jwt_key {
    EVP_PKEY *pkey;
    bool is_rsa, is_private;
};

/* Base64 for URLs without padding (RFC 7515 2): false (nothing appended) for another alphabet,
 * padding, or bits left over that are not zero. */
bool jwt_add_decoded(struct buf *out, struct span text);

#endif
