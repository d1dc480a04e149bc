/* Proofs of possession (RFC 9449), as Okta checks them. */
#ifndef SANDBOX_OKTA_DPOP_H
#define SANDBOX_OKTA_DPOP_H

#include "okta_ask.h"

enum okta_dpop {
    OKTA_DPOP_FINE,
    OKTA_DPOP_NONCE, /* a nonce is missing or too old */
    OKTA_DPOP_BAD,
};

struct okta_dpop_wants {
    const char *method, *url;
    struct span access_token; /* empty: none is there yet */
    bool needs_nonce, needs_jti;
};

/* Checks the header DPoP. *fault on OKTA_DPOP_BAD; jkt: the key's thumbprint. */
enum okta_dpop okta_dpop_check(struct okta_ask *ask, const struct okta_dpop_wants *wants,
                               char jkt[static JWT_THUMBPRINT + 1], const char **fault);
/* The same for a call with a bound access token. */
enum okta_dpop okta_dpop_check_call(struct okta_ask *ask, struct span access_token,
                                    const char **fault);

/* A public key from a JWK. */
enum err okta_jwk_read(const json_t *jwk, struct jwt_key **out, struct fail *fail) WARN_UNUSED;

#endif
