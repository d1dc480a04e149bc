#include "okta_auth.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypt/equal.h"
#include "okta_ask.h"
#include "okta_dpop.h"

enum { LIFE_S = 3600, TOKEN_TEXT = 120, MOST_USED = 200000 };

static void client_free(struct okta_client *client)
{
    while (client->keys != NULL) {
        struct okta_key *key = client->keys;

        client->keys = key->next;
        free(key->kid);
        jwt_key_free(key->key);
        free(key);
    }
    json_decref(client->scopes);
    free(client->id);
    free(client);
}

static void token_free(struct okta_token *token)
{
    free(token->text);
    free(token->owner);
    free(token->scopes);
    free(token);
}

static void used_free(struct okta_auth *auth)
{
    for (size_t i = 0; i < auth->used.room; i++)
        free(auth->used.slots[i].item);
    okta_index_done(&auth->used);
}

void okta_auth_init(struct okta_auth *auth)
{
    json_t *usual = json_pack("{s:s}", "token", OKTA_DEFAULT_TOKEN);
    enum err err;

    *auth = (struct okta_auth){.life_s = LIFE_S};
    okta_auth_new_nonce(auth);
    err = okta_auth_add_token(auth, usual, 0, NULL);
    (void)err; /* it is well-formed */
    json_decref(usual);
}

void okta_auth_done(struct okta_auth *auth)
{
    while (auth->clients != NULL) {
        struct okta_client *client = auth->clients;

        auth->clients = client->next;
        client_free(client);
    }
    while (auth->tokens != NULL) {
        struct okta_token *token = auth->tokens;

        auth->tokens = token->next;
        token_free(token);
    }
    used_free(auth);
    *auth = (struct okta_auth){0};
}

void okta_auth_new_nonce(struct okta_auth *auth)
{
    memcpy(auth->last_nonce, auth->nonce, sizeof auth->nonce);
    okta_random_text(auth->nonce, sizeof auth->nonce - 1);
}

static bool is_text(const void *item, struct span text)
{
    return span_eq(span_of(item), text);
}

bool okta_auth_use(struct okta_auth *auth, const char *text)
{
    if (okta_index_find(&auth->used, span_of(text), is_text) != NULL)
        return false;
    if (auth->used.n == MOST_USED)
        used_free(auth);
    okta_index_add(&auth->used, span_of(text), mem_dup_str(text));
    return true;
}

/* ---- tokens and clients ---- */

static enum err read_role(const json_t *from, enum okta_role *out, struct fail *fail)
{
    static const char *const names[] = {"admin", "read", "empty", "none"};
    const char *name = okta_member(from, "role");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name != NULL && strcmp(names[i], name) == 0) {
            *out = (enum okta_role)i;
            return ERR_NONE;
        }
    if (json_object_get(from, "role") == NULL)
        return ERR_NONE;
    return fail_set(fail, ERR_INPUT, "role is admin, read, empty or none");
}

enum err okta_auth_add_token(struct okta_auth *auth, const json_t *from, int64_t now_ms,
                             struct fail *fail)
{
    static const char *const names[] = {"token", "role", "expires_in_s", NULL};
    const char *text = okta_member(from, "token");
    const json_t *expires = json_object_get(from, "expires_in_s");
    enum okta_role role = OKTA_ROLE_ADMIN;
    struct okta_token *token;

    if (sandbox_only(from, names, fail) != ERR_NONE || read_role(from, &role, fail) != ERR_NONE)
        return ERR_INPUT;
    if (text == NULL || *text == '\0')
        return fail_set(fail, ERR_INPUT, "an API token needs token");
    token = mem_new(1, sizeof *token);
    *token = (struct okta_token){
        .next = auth->tokens,
        .text = mem_dup_str(text),
        .owner = mem_dup_str(text),
        .is_ssws = true,
        .role = role,
        .expires_ms =
            expires == NULL ? 0 : now_ms + (int64_t)(json_number_value(expires) * MS_PER_S)};
    auth->tokens = token;
    return ERR_NONE;
}

struct okta_client *okta_auth_client(const struct okta_auth *auth, const char *id)
{
    struct okta_client *client = auth->clients;

    while (client != NULL && strcmp(client->id, id) != 0)
        client = client->next;
    return client;
}

enum err okta_jwk_read(const json_t *jwk, struct jwt_key **out, struct fail *fail)
{
    const char *type = okta_member(jwk, "kty");
    struct span part[4] = {span_of(okta_member(jwk, "n")), span_of(okta_member(jwk, "e")),
                           span_of(okta_member(jwk, "x")), span_of(okta_member(jwk, "y"))};

    if (type != NULL && strcmp(type, "RSA") == 0)
        return jwt_key_from_rsa(part[0], part[1], out, fail);
    if (type != NULL && strcmp(type, "EC") == 0)
        return jwt_key_from_p256(part[2], part[3], out, fail);
    return fail_set(fail, ERR_INPUT, "a JWK has kty RSA or EC");
}

static enum err add_key(struct okta_client *client, const char *kid, struct jwt_key *key)
{
    struct okta_key *row = mem_new(1, sizeof *row);

    *row = (struct okta_key){.next = client->keys, .kid = mem_dup_str(kid), .key = key};
    client->keys = row;
    return ERR_NONE;
}

static enum err read_keys(struct okta_client *client, const json_t *from, struct fail *fail)
{
    const json_t *keys = json_object_get(from, "keys");
    const char *pem = okta_member(from, "pem");
    struct jwt_key *key;
    enum err err = ERR_NONE;

    for (size_t i = 0; i < json_array_size(keys) && err == ERR_NONE; i++) {
        const json_t *jwk = json_array_get(keys, i);

        if ((err = okta_jwk_read(jwk, &key, fail)) == ERR_NONE)
            err = add_key(client, okta_member(jwk, "kid"), key);
    }
    if (err == ERR_NONE && pem != NULL &&
        (err = jwt_key_read(span_of(pem), &key, fail)) == ERR_NONE)
        err = add_key(client, okta_member(from, "kid"), key);
    return err;
}

static void take_out(struct okta_auth *auth, const char *id)
{
    struct okta_client **p = &auth->clients;

    while (*p != NULL && strcmp((*p)->id, id) != 0)
        p = &(*p)->next;
    if (*p != NULL) {
        struct okta_client *client = *p;

        *p = client->next;
        client_free(client);
    }
}

enum err okta_auth_add_client(struct okta_auth *auth, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"client_id", "keys", "pem",  "kid",
                                        "scopes",    "role", "dpop", NULL};
    const char *id = okta_member(from, "client_id");
    enum okta_role role = OKTA_ROLE_ADMIN;
    struct okta_client *client;
    json_t *scopes = json_object_get(from, "scopes");

    if (sandbox_only(from, names, fail) != ERR_NONE || read_role(from, &role, fail) != ERR_NONE)
        return ERR_INPUT;
    if (id == NULL)
        return fail_set(fail, ERR_INPUT, "a client needs client_id");
    client = mem_new(1, sizeof *client);
    *client = (struct okta_client){
        .id = mem_dup_str(id),
        .role = role,
        .needs_dpop = json_is_true(json_object_get(from, "dpop")),
        .scopes = scopes != NULL ? json_incref(scopes)
                                 : json_pack("[s, s, s, s, s, s]", "okta.users.read",
                                             "okta.groups.read", "okta.apps.read", "okta.logs.read",
                                             "okta.eventHooks.read", "okta.eventHooks.manage")};
    if (read_keys(client, from, fail) != ERR_NONE) {
        client_free(client);
        return ERR_INPUT;
    }
    take_out(auth, id);
    client->next = auth->clients;
    auth->clients = client;
    return ERR_NONE;
}

const struct okta_token *okta_auth_issue(struct okta_auth *auth, const struct okta_client *client,
                                         const char *scopes, const char *jkt, int64_t now_ms)
{
    struct okta_token *token = mem_new(1, sizeof *token);
    char text[TOKEN_TEXT + 1] = "eyJ";

    okta_random_text(text + 3, TOKEN_TEXT - 3);
    *token = (struct okta_token){.next = auth->tokens,
                                 .text = mem_dup_str(text),
                                 .owner = mem_dup_str(client->id),
                                 .scopes = mem_dup_str(scopes),
                                 .role = client->role,
                                 .expires_ms = now_ms + auth->life_s * MS_PER_S};
    memcpy(token->jkt, jkt, strlen(jkt) + 1);
    auth->tokens = token;
    return token;
}

void okta_auth_expire(struct okta_auth *auth, bool is_all)
{
    for (struct okta_token *token = auth->tokens; token != NULL; token = token->next)
        if (is_all || !token->is_ssws)
            token->expires_ms = 1;
}

/* ---- checking ---- */

static bool refuse(struct okta_ask *ask)
{
    okta_fail(ask, 401, OKTA_BAD_TOKEN, "Invalid token provided", NULL);
    return false;
}

static bool refuse_bearer(struct okta_ask *ask, const char *scheme, const char *error,
                          const char *text)
{
    okta_ask_header(ask,
                    "WWW-Authenticate: %s authorization_uri=\"%s/oauth2/v1/authorize\", "
                    "realm=\"%s\", error=\"%s\", error_description=\"%s\"",
                    scheme, ask->base, ask->base, error, text);
    return refuse(ask);
}

static const struct okta_token *find(const struct okta_ask *ask, struct span text, bool is_ssws)
{
    int64_t now_ms = okta_wall_ms(ask->side);

    for (const struct okta_token *token = ask->side->auth.tokens; token != NULL;
         token = token->next)
        if (token->is_ssws == is_ssws && equal_constant_time(span_of(token->text), text))
            return token->expires_ms != 0 && token->expires_ms <= now_ms ? NULL : token;
    return NULL;
}

static struct span behind(struct span text, struct span prefix)
{
    return span_trim(span_n(text.p + prefix.n, text.n - prefix.n));
}

static bool check_dpop(struct okta_ask *ask, struct span text)
{
    const char *fault = NULL;

    ask->token = find(ask, text, false);
    if (ask->token == NULL)
        return refuse_bearer(ask, "DPoP", "invalid_token", "The token is invalid.");
    if (ask->token->jkt[0] == '\0')
        return refuse_bearer(ask, "DPoP", "invalid_token",
                             "The presented access_token is not DPoP bound.");
    switch (okta_dpop_check_call(ask, text, &fault)) {
    case OKTA_DPOP_FINE:
        return true;
    case OKTA_DPOP_NONCE:
        okta_auth_ask_nonce(ask);
        return false;
    case OKTA_DPOP_BAD:
        break;
    }
    return refuse_bearer(ask, "DPoP", "invalid_dpop_proof", fault);
}

bool okta_auth_check(struct okta_ask *ask)
{
    struct span value = http_header(ask->x, SPAN("authorization"), NULL);

    if (span_starts(value, SPAN("SSWS "))) {
        ask->token = find(ask, behind(value, SPAN("SSWS ")), true);
        return ask->token != NULL || refuse(ask);
    }
    if (span_starts(value, SPAN("DPoP ")))
        return check_dpop(ask, behind(value, SPAN("DPoP ")));
    if (!span_starts(value, SPAN("Bearer ")))
        return refuse(ask);
    ask->token = find(ask, behind(value, SPAN("Bearer ")), false);
    if (ask->token == NULL)
        return refuse_bearer(ask, "Bearer", "invalid_token", "The token is invalid.");
    if (ask->token->jkt[0] != '\0')
        return refuse_bearer(ask, "DPoP", "invalid_request",
                             "The authorization scheme must be DPoP: the resource request must "
                             "use the DPoP authentication scheme when using a DPoP bound token.");
    return true;
}

void okta_auth_ask_nonce(struct okta_ask *ask)
{
    okta_ask_header(ask, "dpop-nonce: %s", ask->side->auth.nonce);
    refuse_bearer(ask, "DPoP", "use_dpop_nonce", "Resource server requires nonce in DPoP proof.");
}

static bool has_scope(const char *scopes, const char *scope)
{
    struct span rest = span_of(scopes), word;

    while (span_split(&rest, ' ', &word))
        if (span_eq(word, span_of(scope)))
            return true;
    return false;
}

bool okta_auth_allows(struct okta_ask *ask)
{
    const struct okta_token *token = ask->token;
    const char *scope = ask->route->scope;
    bool is_hook = scope != NULL && strncmp(scope, "okta.eventHooks", 15) == 0;
    bool is_write = ask->route->is_write;

    if (token->scopes != NULL && scope != NULL && !has_scope(token->scopes, scope)) {
        okta_ask_header(ask,
                        "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"%s\", "
                        "error_description=\"The access token provided does not contain the "
                        "required scopes.\"",
                        scope);
    } else if (token->role == OKTA_ROLE_ADMIN ||
               (token->role == OKTA_ROLE_READ && !is_hook && !is_write) ||
               token->role == OKTA_ROLE_EMPTY) {
        return true;
    }
    okta_fail(ask, 403, OKTA_FORBIDDEN,
              "You do not have permission to perform the requested action", NULL);
    return false;
}
