/* What a request to Okta is authenticated with: an API token, or an access token that is got,
 * kept and renewed here, with a proof of possession when it asks for one. On the loop only. */
#ifndef ROSTER_OKTA_AUTH_H
#define ROSTER_OKTA_AUTH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "okta/api.h"

enum {
    AUTH_RENEW_PERCENT = 80,  /* of a token's life */
    AUTH_HOLD_OFF_MS = 10000, /* after a refusal, before the token endpoint is asked again */
    AUTH_HEADER_MAX = 32 * 1024,
};

struct auth;

struct auth_options {
    struct loop *loop;
    struct http_client *client;
    struct span origin;
    const struct okta_credentials *credentials;
    bool manages_event_hooks;
    int64_t backoff_ms;
    int64_t *skew_ms;           /* Okta's clock less ours */
    void (*changed)(void *arg); /* a token has come, or did not; from the loop */
    void *arg;
};

/* ERR_INPUT says what is wrong with the credentials. */
enum err auth_new(const struct auth_options *options, struct auth **out,
                  struct fail *fail) WARN_UNUSED;
/* NULL is fine. */
void auth_free(struct auth *auth);
/* Is it an API token, which cannot be renewed? */
bool auth_is_api_token(const struct auth *auth);

/* The values of the headers of one request; proof is empty when none is needed. */
struct auth_headers {
    struct buf authorization, proof;
    unsigned token_number; /* which token it was, for auth_reject */
};
void auth_headers_done(struct auth_headers *headers);
enum auth_state {
    AUTH_READY,
    AUTH_AWAITED, /* a token is being asked for: again when `changed` was called */
    AUTH_REFUSED, /* there is none to be had, which stays so for AUTH_HOLD_OFF_MS */
};
/* Authenticates one request, for one sending. AUTH_READY: *out is the caller's to release;
 * AUTH_REFUSED: *fail says why. */
enum auth_state auth_sign(struct auth *auth, const char *method, struct span url,
                          struct auth_headers *out, struct fail *fail) WARN_UNUSED;
/* The org answered 401 to that token: it is not used again. False when it cannot be renewed. */
bool auth_reject(struct auth *auth, unsigned token_number);
/* A nonce of the org's for the next proofs. False when it brings nothing new. */
bool auth_set_nonce(struct auth *auth, struct span nonce);

#endif
