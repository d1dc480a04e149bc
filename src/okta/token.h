/* Getting an OAuth 2.0 access token for a service app: client credentials with private_key_jwt
 * (RFC 7523), with DPoP (RFC 9449) from the moment that the org demands it. One token at a time. On
 * the loop only.
 * https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/ */
#ifndef ROSTER_OKTA_TOKEN_H
#define ROSTER_OKTA_TOKEN_H

#include "base/err.h"
#include "base/secret.h"
#include "base/span.h"
#include "crypt/jwt.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "okta/proof.h"

struct token_source;

struct token_options {
    struct loop *loop;
    struct http_client *client;
    struct span origin; /* of the org */
    struct span client_id, key_id;
    struct span private_key; /* PEM */
    const char *scopes;      /* with blanks between them; static */
    int64_t backoff_ms;
    int64_t *skew_ms; /* Okta's clock less ours: read, and set from the answers */
};

struct token {
    struct secret value;
    bool is_dpop;
    int64_t life_ms;
};

/* ERR_INPUT: the private key or an id is of no use. */
enum err token_source_new(const struct token_options *options, struct token_source **out,
                          struct fail *fail) WARN_UNUSED;
/* NULL is fine. */
void token_source_free(struct token_source *source);
/* Asks for a token; done is called once, later, with token == NULL and the failure, or with the
 * token, borrowed. Nothing when one is being asked for. */
void token_ask(struct token_source *source,
               void (*done)(void *arg, const struct token *token, const struct fail *fail),
               void *arg);
bool token_is_asked(const struct token_source *source);
/* What the proofs of the tokens' bearer are made with. */
struct proof *token_proof(struct token_source *source);

#endif
