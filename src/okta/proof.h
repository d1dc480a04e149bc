/* DPoP (RFC 9449): proofs that whoever presents an access token has the key that it was issued to.
 * The key is made for this process and never leaves it. On one thread.
 * https://developer.okta.com/docs/guides/dpop/ */
#ifndef ROSTER_OKTA_PROOF_H
#define ROSTER_OKTA_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/jwt.h"

/* Nonces are each server's own (RFC 9449 8.2): the token endpoint's, and the API's. */
enum proof_server { PROOF_TOKENS, PROOF_API, PROOF_SERVERS };

enum { PROOF_NONCE_MAX = 512 };

struct proof {
    struct jwt_key *key;
    char nonce[PROOF_SERVERS][PROOF_NONCE_MAX + 1]; /* "" = none yet */
};

/* Makes the key. p may be zeroed. */
void proof_init(struct proof *p);
void proof_done(struct proof *p);
/* Remembers the nonce that a server gave. False when it is absent, unusable, or the one that is
 * known already. */
bool proof_set_nonce(struct proof *p, enum proof_server server, struct span nonce);
/* Appends a proof for one request, never to be sent twice: method and the URL (whose query is left
 * out, RFC 9449 4.2), the access token that it goes with (empty = none), and now by Okta's clock.
 */
enum err proof_add(const struct proof *p, enum proof_server server, const char *method,
                   struct span url, struct span access_token, int64_t now_ms, struct buf *out,
                   struct fail *fail) WARN_UNUSED;

#endif
