/* Who may call the org's API: API tokens, service apps with their keys, and the access tokens that
 * these got; and the memory of what may be used once only. */
#ifndef SANDBOX_OKTA_AUTH_H
#define SANDBOX_OKTA_AUTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/jwt.h"
#include "okta_index.h"

struct okta_ask;

/* The admin role of the token's owner or of the service app. */
enum okta_role {
    OKTA_ROLE_ADMIN,
    OKTA_ROLE_READ,  /* no event hooks */
    OKTA_ROLE_EMPTY, /* sees nothing: lists are empty, all else is 404 */
    OKTA_ROLE_NONE,  /* 403 */
};

struct okta_key {
    struct okta_key *next;
    char *kid; /* NULL: it has none */
    struct jwt_key *key;
};

struct okta_client {
    struct okta_client *next;
    char *id;
    struct okta_key *keys;
    json_t *scopes; /* those granted */
    enum okta_role role;
    bool needs_dpop;
};

struct okta_token {
    struct okta_token *next;
    char *text;
    char *owner;                  /* whose share of the rate limits it uses */
    bool is_ssws;                 /* else an access token */
    char *scopes;                 /* parted by blanks */
    char jkt[JWT_THUMBPRINT + 1]; /* "": not bound to a key */
    int64_t expires_ms;           /* 0: never */
    enum okta_role role;
};

struct okta_auth {
    struct okta_client *clients;
    struct okta_token *tokens;
    struct okta_index used; /* texts that were used: jti of assertions and proofs */
    char nonce[33], last_nonce[33];
    bool needs_nonce; /* for calls, too, not only for tokens */
    int64_t life_s;   /* of access tokens */
};

#define OKTA_DEFAULT_TOKEN "00sandbox-api-token"

void okta_auth_init(struct okta_auth *auth);
void okta_auth_done(struct okta_auth *auth);
/* {"token", "role", "expires_in_s"}: an API token. */
enum err okta_auth_add_token(struct okta_auth *auth, const json_t *from, int64_t now_ms,
                             struct fail *fail) WARN_UNUSED;
/* {"client_id", "keys": [JWK], "pem", "scopes", "role", "dpop"}; replaces one of the same id. */
enum err okta_auth_add_client(struct okta_auth *auth, const json_t *from,
                              struct fail *fail) WARN_UNUSED;
struct okta_client *okta_auth_client(const struct okta_auth *auth, const char *id);
/* Takes neither; the new access token is borrowed. */
const struct okta_token *okta_auth_issue(struct okta_auth *auth, const struct okta_client *client,
                                         const char *scopes, const char *jkt, int64_t now_ms);
/* All access tokens are expired from now on; API tokens too when is_all. */
void okta_auth_expire(struct okta_auth *auth, bool is_all);
/* False when it was used before. */
bool okta_auth_use(struct okta_auth *auth, const char *text);
void okta_auth_new_nonce(struct okta_auth *auth);

/* Sets ask->token; false after the refusal. */
bool okta_auth_check(struct okta_ask *ask);
/* May the token do what the route does? False after the refusal. */
bool okta_auth_allows(struct okta_ask *ask);
/* 401 with a nonce. */
void okta_auth_ask_nonce(struct okta_ask *ask);

/* POST /oauth2/v1/token */
void okta_token_request(struct okta_ask *ask);

#endif
