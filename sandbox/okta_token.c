/* POST /oauth2/v1/token: client credentials with private_key_jwt (RFC 7523), and DPoP for those
 * that need it. Error texts are Okta's where they are known. */
#include <stdlib.h>

#include "base/clock.h"
#include "okta_ask.h"
#include "okta_dpop.h"
#include "text/url.h"

enum { FORM = 256 * 1024, PART = 64 * 1024, LIFE_S = 3600, SCOPES = 4096 };

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* error is a literal: it is remembered with the call. */
static void refuse(struct okta_ask *ask, int status, const char *error, const char *text)
{
    ask->status = status;
    ask->code = error;
    okta_ask_json(ask, json_pack("{s:s, s:s}", "error", error, "error_description", text));
}

/* A field of the form, decoded; NULL when absent. */
static const char *field(struct okta_ask *ask, const char *name)
{
    struct span raw = url_query_get(http_body(ask->x), span_of(name));
    char *copy;
    struct buf text;

    if (raw.p == NULL)
        return NULL;
    copy = arena_dup(&ask->arena, raw);
    for (char *p = copy; *p != '\0'; p++)
        if (*p == '+')
            *p = ' ';
    buf_init(&text, FORM);
    if (!url_add_decoded(&text, span_of(copy)))
        buf_clear(&text);
    copy = arena_dup(&ask->arena, buf_span(&text));
    buf_done(&text);
    return copy;
}

/* ---- the assertion ---- */

static const char *check_claims(struct okta_ask *ask, const json_t *claims)
{
    const json_t *exp = json_object_get(claims, "exp"), *iat = json_object_get(claims, "iat");
    const char *aud = okta_member(claims, "aud"), *jti = okta_member(claims, "jti");
    const char *url = arena_printf(&ask->arena, "%s/oauth2/v1/token", ask->base);
    int64_t now_s = okta_wall_ms(ask->side) / MS_PER_S;

    if (aud == NULL || strcmp(aud, url) != 0)
        return "The audience claim for client_assertion must be the endpoint invoked for the "
               "request.";
    if (!json_is_integer(exp) || json_integer_value(exp) <= now_s)
        return "The client_assertion token is expired.";
    if (json_integer_value(exp) > now_s + LIFE_S)
        return "The client_assertion token has an expiration too far into the future.";
    if (iat != NULL && (!json_is_integer(iat) || json_integer_value(iat) > now_s))
        return "The client_assertion token must be issued before the current time.";
    if (jti != NULL && !okta_auth_use(&ask->side->auth, jti))
        return "The client_assertion token has already been used.";
    return NULL;
}

static const struct okta_key *key_of(const struct okta_client *client, const char *kid)
{
    const struct okta_key *key = client->keys;

    if (kid == NULL)
        return key != NULL && key->next == NULL ? key : NULL;
    /* A key that was given without a kid is known by any. */
    while (key != NULL && key->kid != NULL && strcmp(key->kid, kid) != 0)
        key = key->next;
    return key;
}

static const char *check_assertion(struct okta_ask *ask, const char *assertion,
                                   const json_t *header, const json_t *claims,
                                   const struct okta_client **out)
{
    const char *iss = okta_member(claims, "iss"), *sub = okta_member(claims, "sub"),
               *alg = okta_member(header, "alg");
    const struct okta_client *client;
    const struct okta_key *key;

    if (iss == NULL || sub == NULL || strcmp(iss, sub) != 0)
        return "The issuer and subject claims of client_assertion must be the client_id.";
    client = okta_auth_client(&ask->side->auth, iss);
    if (client == NULL)
        return "Invalid value for 'client_id' parameter.";
    if (client->keys == NULL)
        return "The client_assertion cannot be validated: the client does not have a JWKSet "
               "configured.";
    key = key_of(client, okta_member(header, "kid"));
    if (key == NULL)
        return "The client_assertion JWT kid is invalid.";
    if (alg == NULL || strcmp(alg, jwt_key_alg(key->key)) != 0 ||
        !jwt_verify(key->key, span_of(assertion)))
        return "The client_assertion signature is invalid.";
    *out = client;
    return check_claims(ask, claims);
}

static const struct okta_client *client_of(struct okta_ask *ask)
{
    const char *assertion = field(ask, "client_assertion");
    const struct okta_client *client = NULL;
    const char *fault = "The client_assertion is malformed.";
    struct buf header, claims;
    json_t *head = NULL, *body = NULL;

    buf_init(&header, PART);
    buf_init(&claims, PART);
    if (assertion != NULL && jwt_split(span_of(assertion), &header, &claims, NULL) == ERR_NONE) {
        head = json_loadb(header.p, header.n, 0, NULL);
        body = json_loadb(claims.p, claims.n, 0, NULL);
        fault = check_assertion(ask, assertion, head, body, &client);
    }
    json_decref(head);
    json_decref(body);
    buf_done(&header);
    buf_done(&claims);
    if (fault == NULL)
        return client;
    refuse(ask, 401, "invalid_client", fault);
    return NULL;
}

/* ---- the token ---- */

/* The scopes asked for, all of which must be granted; NULL after the refusal. */
static const char *scopes_of(struct okta_ask *ask, const struct okta_client *client)
{
    const char *text = field(ask, "scope");
    struct span rest = span_of(text == NULL ? "" : text), word;

    if (rest.n == 0) {
        refuse(ask, 400, "invalid_scope", "The scope parameter is required.");
        return NULL;
    }
    while (span_split(&rest, ' ', &word)) {
        size_t i = 0;

        while (i < json_array_size(client->scopes) &&
               !span_eq(span_of(json_string_value(json_array_get(client->scopes, i))), word))
            i++;
        if (i == json_array_size(client->scopes)) {
            refuse(ask, 400, "invalid_scope",
                   arena_printf(&ask->arena,
                                "One or more scopes are not configured for the authorization "
                                "server resource: '%.*s'.",
                                SPAN_ARG(word)));
            return NULL;
        }
    }
    return text;
}

/* "" when the client needs no proof and gives none. */
static bool check_proof(struct okta_ask *ask, const struct okta_client *client,
                        char jkt[static JWT_THUMBPRINT + 1])
{
    const struct okta_dpop_wants wants = {
        .method = "POST",
        .url = arena_printf(&ask->arena, "%s/oauth2/v1/token", ask->base),
        .needs_nonce = true,
        .needs_jti = true};
    const char *fault;

    jkt[0] = '\0';
    if (!client->needs_dpop && http_header(ask->x, SPAN("dpop"), NULL).p == NULL)
        return true;
    switch (okta_dpop_check(ask, &wants, jkt, &fault)) {
    case OKTA_DPOP_FINE:
        okta_ask_header(ask, "dpop-nonce: %s", ask->side->auth.nonce);
        return true;
    case OKTA_DPOP_NONCE:
        okta_ask_header(ask, "dpop-nonce: %s", ask->side->auth.nonce);
        refuse(ask, 400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof.");
        return false;
    case OKTA_DPOP_BAD:
        break;
    }
    refuse(ask, 400, "invalid_dpop_proof", fault);
    return false;
}

static bool is_form(struct okta_ask *ask)
{
    struct span type = http_header(ask->x, SPAN("content-type"), NULL);

    return span_eq_nocase(span_trim(span_n(type.p, span_find(type, ';'))),
                          SPAN("application/x-www-form-urlencoded"));
}

void okta_token_request(struct okta_ask *ask)
{
    const char *grant = field(ask, "grant_type"), *type = field(ask, "client_assertion_type");
    const struct okta_client *client;
    const struct okta_token *token;
    const char *scopes;
    char jkt[JWT_THUMBPRINT + 1];

    if (!is_form(ask)) {
        refuse(ask, 400, "invalid_request",
               "The content type must be "
               "application/x-www-form-urlencoded.");
        return;
    }
    if (grant == NULL || strcmp(grant, "client_credentials") != 0) {
        refuse(ask, 400, "unsupported_grant_type", "The grant type must be client_credentials.");
        return;
    }
    if (type == NULL || strcmp(type, ASSERTION_TYPE) != 0) {
        refuse(ask, 401, "invalid_client",
               "Client Credentials requests to the Org Authorization Server must use the "
               "private_key_jwt token_endpoint_auth_method.");
        return;
    }
    client = client_of(ask);
    scopes = client == NULL ? NULL : scopes_of(ask, client);
    if (scopes == NULL || !check_proof(ask, client, jkt))
        return;
    token = okta_auth_issue(&ask->side->auth, client, scopes, jkt, okta_wall_ms(ask->side));
    okta_ask_json(ask, json_pack("{s:s, s:I, s:s, s:s}", "token_type",
                                 jkt[0] == '\0' ? "Bearer" : "DPoP", "expires_in",
                                 (json_int_t)ask->side->auth.life_s, "access_token", token->text,
                                 "scope", scopes));
}
