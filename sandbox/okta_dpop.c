#include "okta_dpop.h"

#include <stdlib.h>

#include "base/clock.h"
#include "crypt/digest.h"
#include "base/base64.h"

enum { PART = 64 * 1024, OLD_S = 300 };

/* The proof, taken apart. */
struct proof {
    json_t *header, *claims;
    struct jwt_key *key;
};

static void proof_done(struct proof *proof)
{
    json_decref(proof->header);
    json_decref(proof->claims);
    jwt_key_free(proof->key);
}

static json_t *object_of(const struct buf *text)
{
    json_t *value = json_loadb(text->p, text->n, JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

static bool is_text(const json_t *object, const char *member, const char *wanted)
{
    const char *text = okta_member(object, member);

    return text != NULL && strcmp(text, wanted) == 0;
}

static const char *check_key(struct proof *proof, struct span token)
{
    const json_t *jwk = json_object_get(proof->header, "jwk");

    if (!is_text(proof->header, "typ", "dpop+jwt"))
        return "The DPoP proof JWT 'typ' header is invalid.";
    if (json_object_get(jwk, "d") != NULL || json_object_get(jwk, "p") != NULL)
        return "The DPoP proof JWT 'jwk' header must not contain a private key.";
    if (okta_jwk_read(jwk, &proof->key, NULL) != ERR_NONE)
        return "The DPoP proof JWT 'jwk' header is invalid.";
    if (!is_text(proof->header, "alg", jwt_key_alg(proof->key)))
        return "The DPoP proof JWT 'alg' header is invalid.";
    if (!jwt_verify(proof->key, token))
        return "The DPoP proof JWT signature is invalid.";
    return NULL;
}

static const char *read_proof(struct proof *proof, struct span token)
{
    struct buf header, claims;
    bool ok;

    buf_init(&header, PART);
    buf_init(&claims, PART);
    ok = jwt_split(token, &header, &claims, NULL) == ERR_NONE;
    if (ok) {
        proof->header = object_of(&header);
        proof->claims = object_of(&claims);
        ok = proof->header != NULL && proof->claims != NULL;
    }
    buf_done(&header);
    buf_done(&claims);
    return ok ? check_key(proof, token) : "The DPoP proof JWT is malformed.";
}

static const char *check_time(const struct okta_ask *ask, const json_t *claims)
{
    const json_t *iat = json_object_get(claims, "iat");
    int64_t now_s = okta_wall_ms(ask->side) / MS_PER_S;

    if (!json_is_integer(iat))
        return "The DPoP proof JWT 'iat' claim is invalid.";
    if (json_integer_value(iat) < now_s - OLD_S)
        return "The DPoP proof JWT must have been issued no more than five minutes in the past.";
    if (json_integer_value(iat) > now_s + 1)
        return "The DPoP proof JWT must be issued before the current time.";
    return NULL;
}

static bool fits_ath(const json_t *claims, struct span access_token)
{
    uint8_t digest[SHA256_BYTES];
    struct buf text;
    bool is;

    sha256(access_token, digest);
    buf_init(&text, PART);
    base64url_add(&text, span_n(digest, sizeof digest));
    is = is_text(claims, "ath", text.p);
    buf_done(&text);
    return is;
}

static const char *check_claims(struct okta_ask *ask, const json_t *claims,
                                const struct okta_dpop_wants *wants)
{
    const char *jti = okta_member(claims, "jti"), *fault = check_time(ask, claims);

    if (fault != NULL)
        return fault;
    if (!is_text(claims, "htm", wants->method))
        return "The DPoP proof JWT 'htm' claim is invalid.";
    if (!is_text(claims, "htu", wants->url))
        return "The DPoP proof JWT 'htu' claim is invalid.";
    if (wants->needs_jti && jti == NULL)
        return "The DPoP proof JWT 'jti' claim is invalid.";
    if (wants->access_token.n > 0 && !fits_ath(claims, wants->access_token))
        return "The DPoP proof JWT 'ath' claim does not match the presented access token.";
    if (jti != NULL && !okta_auth_use(&ask->side->auth, jti))
        return "The DPoP proof JWT has already been used.";
    return NULL;
}

static bool has_nonce(const struct okta_auth *auth, const json_t *claims)
{
    return is_text(claims, "nonce", auth->nonce) ||
           (auth->last_nonce[0] != '\0' && is_text(claims, "nonce", auth->last_nonce));
}

enum okta_dpop okta_dpop_check(struct okta_ask *ask, const struct okta_dpop_wants *wants,
                               char jkt[static JWT_THUMBPRINT + 1], const char **fault)
{
    struct span token = http_header(ask->x, SPAN("dpop"), NULL);
    struct proof proof = {0};
    enum okta_dpop result = OKTA_DPOP_BAD;

    *fault = token.p == NULL ? "The DPoP proof JWT header is missing." : read_proof(&proof, token);
    /* Without a nonce the rest, and so whether the jti is new, is not looked at. */
    if (*fault == NULL && wants->needs_nonce && !has_nonce(&ask->side->auth, proof.claims)) {
        result = OKTA_DPOP_NONCE;
        goto out;
    }
    if (*fault == NULL)
        *fault = check_claims(ask, proof.claims, wants);
    if (*fault == NULL) {
        jwt_key_thumbprint(proof.key, jkt);
        result = OKTA_DPOP_FINE;
    }
out:
    proof_done(&proof);
    return result;
}

enum okta_dpop okta_dpop_check_call(struct okta_ask *ask, struct span access_token,
                                    const char **fault)
{
    char jkt[JWT_THUMBPRINT + 1];
    struct span path = http_path(ask->x);
    const struct okta_dpop_wants wants = {
        .method = ask->route->method,
        .url = arena_printf(&ask->arena, "%s%.*s", ask->base, SPAN_ARG(path)),
        .access_token = access_token,
        .needs_nonce = ask->side->auth.needs_nonce,
        .needs_jti = true};
    enum okta_dpop result = okta_dpop_check(ask, &wants, jkt, fault);

    if (result == OKTA_DPOP_FINE && strcmp(jkt, ask->token->jkt) != 0) {
        *fault = "The DPoP proof is not signed with the key that the token is bound to.";
        result = OKTA_DPOP_BAD;
    }
    return result;
}
