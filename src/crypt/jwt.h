/* Signed tokens in the compact form (JWS, RFC 7515) by RS256 or ES256 (RFC 7518 3.3, 3.4), and the
 * public half of their keys as a JWK (RFC 7517) with its thumbprint (RFC 7638). Signs with a
 * private key; checks with a public one. Keys are wiped when freed. Thread-safe as long as each key
 * is used by one thread. */
#ifndef ROSTER_CRYPT_JWT_H
#define ROSTER_CRYPT_JWT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum {
    JWT_RSA_BITS_MIN = 2048, /* RFC 7518 3.3 */
    JWT_RSA_BITS_MAX = 8192, /* larger ones only cost time */
    JWT_PEM_MAX = 64 * 1024,
    JWT_TOKEN_MAX = 64 * 1024,
    JWT_THUMBPRINT = 43, /* SHA-256 in base64url without padding */
};

struct jwt_key;

/* Reads a private key: RSA (PKCS#8 or PKCS#1) or EC P-256 (PKCS#8 or SEC 1) as PEM, not encrypted;
 * text around it is passed over. ERR_INPUT says what it is instead; no byte of pem is repeated. */
enum err jwt_key_read(struct span pem, struct jwt_key **out, struct fail *fail) WARN_UNUSED;
/* Makes a new EC P-256 key, for proofs of possession (RFC 9449). */
struct jwt_key *jwt_key_new(void);
/* A public key from the members of a JWK, each as it stands there (base64url). ERR_INPUT for
 * anything but RSA within the bounds above and a point of P-256. */
enum err jwt_key_from_rsa(struct span n, struct span e, struct jwt_key **out,
                          struct fail *fail) WARN_UNUSED;
enum err jwt_key_from_p256(struct span x, struct span y, struct jwt_key **out,
                           struct fail *fail) WARN_UNUSED;
/* NULL is fine. */
void jwt_key_free(struct jwt_key *key);

/* "RS256" or "ES256". */
const char *jwt_key_alg(const struct jwt_key *key);
/* Appends the public JWK with the members that a thumbprint needs, in its order, and no others. */
void jwt_key_add_jwk(const struct jwt_key *key, struct buf *out);
/* Writes the thumbprint of the public JWK and a NUL. */
void jwt_key_thumbprint(const struct jwt_key *key, char out[static JWT_THUMBPRINT + 1]);

/* Appends the signed token. header is a JSON object without "alg", which is added as its first
 * member; claims is the payload, signed as it is. ERR_INPUT when out becomes full or the key is a
 * public one. */
enum err jwt_sign(const struct jwt_key *key, struct span header, struct span claims,
                  struct buf *out, struct fail *fail) WARN_UNUSED;

/* Parts a token and appends its header and payload, decoded; nothing is verified yet. ERR_INPUT
 * when it has no three parts in base64url, or is longer than JWT_TOKEN_MAX; what was appended then
 * is of no use. */
enum err jwt_split(struct span token, struct buf *header, struct buf *payload,
                   struct fail *fail) WARN_UNUSED;
/* Is the token's signature this key's, by this key's algorithm? The caller has seen to it that the
 * header names that algorithm. */
bool jwt_verify(const struct jwt_key *key, struct span token);

#endif
