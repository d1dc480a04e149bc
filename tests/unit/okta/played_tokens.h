/* The authorization server of the played org. */
#ifndef ROSTER_TESTS_OKTA_PLAYED_TOKENS_H
#define ROSTER_TESTS_OKTA_PLAYED_TOKENS_H

#include "played.h"

#include <time.h>

#include "crypt/digest.h"
#include "crypt/jwt.h"
#include "base/base64.h"
#include "text/json.h"
#include "text/url.h"

/* The org's authorization server: checks what it is given as Okta does, with the checks of
 * crypt/jwt.h, which has its own test against OpenSSL. */
static struct {
    char pem[8192]; /* the service app's key */
    struct jwt_key *key;
    /* what the org wants */
    bool wants_proof, wants_api_nonce;
    const char *nonce; /* wanted in proofs; NULL = none */
    int64_t ahead_ms;  /* its clock */
    int life_s;
    unsigned n_broken; /* so many token requests are answered 500 */
    const char *refusal;
    bool rejects_tokens; /* every API call is 401 */
    /* what it saw */
    unsigned n_token_requests, n_tokens;
    char jtis[32][64];
    size_t n_jtis;
    char scope[512], kid[64], token[64], wrong[256];
    bool is_dpop;
} org;

static int64_t org_now_s(void)
{
    return time(NULL) + org.ahead_ms / 1000;
}

static void wrong(const char *what)
{
    if (org.wrong[0] == '\0')
        snprintf(org.wrong, sizeof(org.wrong), "%s", what);
}

static void copy(char *out, size_t size, struct span text)
{
    snprintf(out, size, "%.*s", SPAN_ARG(text));
}

/* Every jti is used once, whatever it is in. */
static void check_jti(struct span jti)
{
    if (jti.n < 16)
        wrong("no jti");
    for (size_t i = 0; i < org.n_jtis; i++)
        if (span_eq(jti, span_of(org.jtis[i])))
            wrong("a jti was used before");
    copy(org.jtis[org.n_jtis++], sizeof(org.jtis[0]), jti);
}

static struct json *part(struct span token, bool is_header)
{
    struct buf header, payload;
    struct json *root = NULL;
    struct fail fail;

    buf_init(&header, 65536);
    buf_init(&payload, 65536);
    if (jwt_split(token, &header, &payload, &fail) != ERR_NONE ||
        json_parse(buf_span(is_header ? &header : &payload), &root, &fail) != ERR_NONE)
        wrong("no token");
    buf_done(&header);
    buf_done(&payload);
    return root;
}

static void refuse(struct http_exchange *x, int status, const char *error, const char *text,
                   const char *header)
{
    char body[512], date[64] = "Date: ";
    const char *headers[3] = {date, header, NULL};
    time_t now = org_now_s();
    struct tm tm;

    strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
    snprintf(body, sizeof(body), "{\"error\":\"%s\",\"error_description\":\"%s\"}", error, text);
    http_reply(x, status, "application/json", span_of(body), headers);
}

/* NULL, or what Okta says of the assertion. */
static const char *assertion_fault(struct span body)
{
    struct buf assertion;
    struct json *header, *claims;
    const char *fault = NULL;
    char url[128];

    snprintf(url, sizeof(url), "%s/oauth2/v1/token", played.origin);
    buf_init(&assertion, 65536);
    assert_true(url_add_decoded(&assertion, url_query_get(body, SPAN("client_assertion"))));
    header = part(buf_span(&assertion), true);
    claims = part(buf_span(&assertion), false);
    copy(org.kid, sizeof(org.kid), json_str(header, "kid"));
    if (!jwt_verify(org.key, buf_span(&assertion)) ||
        !span_eq(json_str(header, "alg"), SPAN("RS256")))
        wrong("assertion: signature");
    if (!span_eq(json_str(claims, "iss"), SPAN("0oaclient")) ||
        !span_eq(json_str(claims, "sub"), SPAN("0oaclient")))
        wrong("assertion: iss or sub");
    if (!span_eq(json_str(claims, "aud"), span_of(url)))
        fault = "The audience claim for client_assertion must be the endpoint invoked for the "
                "request.";
    if (json_int(claims, "exp", 0) < org_now_s())
        fault = "The client_assertion token is expired.";
    if (json_int(claims, "exp", 0) > org_now_s() + 3600)
        fault = "The client_assertion token has an expiration too far into the future.";
    if (json_int(claims, "iat", 0) > org_now_s())
        fault = "The client_assertion token must be issued before the current time.";
    check_jti(json_str(claims, "jti"));
    json_free(header);
    json_free(claims);
    buf_done(&assertion);
    return fault;
}

static void check_hash(struct span ath, const char *token)
{
    uint8_t digest[SHA256_BYTES];
    struct buf text;

    sha256(span_of(token), digest);
    buf_init(&text, 64);
    base64url_add(&text, span_n(digest, sizeof(digest)));
    if (!span_eq(ath, buf_span(&text)))
        wrong("proof: ath");
    buf_done(&text);
}

/* The nonce of a proof, whose rest is checked: of method and URL, and with the token's hash. */
static void check_proof(const char *proof, const char *method, const char *path, const char *token,
                        char nonce[static 64])
{
    struct json *header = part(span_of(proof), true), *claims = part(span_of(proof), false);
    struct jwt_key *key = NULL;
    struct fail fail;
    char url[256];

    snprintf(url, sizeof(url), "%s%s", played.origin, path);
    if (jwt_key_from_p256(json_str(header, "jwk.x"), json_str(header, "jwk.y"), &key, &fail) !=
            ERR_NONE ||
        !jwt_verify(key, span_of(proof)))
        wrong("proof: signature");
    if (!span_eq(json_str(header, "typ"), SPAN("dpop+jwt")) ||
        json_str(header, "jwk.d").p != NULL || !span_eq(json_str(header, "alg"), SPAN("ES256")))
        wrong("proof: header");
    if (!span_eq(json_str(claims, "htm"), span_of(method)))
        wrong("proof: htm");
    if (!span_eq(json_str(claims, "htu"), span_of(url)))
        wrong("proof: htu");
    if (json_int(claims, "iat", 0) > org_now_s() || json_int(claims, "iat", 0) < org_now_s() - 300)
        wrong("proof: iat");
    if (token == NULL && json_str(claims, "ath").p != NULL)
        wrong("proof: ath where there is no token");
    if (token != NULL)
        check_hash(json_str(claims, "ath"), token);
    check_jti(json_str(claims, "jti"));
    copy(nonce, 64, json_str(claims, "nonce"));
    jwt_key_free(key);
    json_free(header);
    json_free(claims);
}

static void give_token(struct http_exchange *x, bool is_dpop)
{
    static const char *const headers[] = {"DPoP-Nonce: n-next", NULL};
    char body[256];

    org.is_dpop = is_dpop;
    snprintf(org.token, sizeof(org.token), "eyJ.secret-%u", ++org.n_tokens);
    snprintf(body, sizeof(body),
             "{\"token_type\":\"%s\",\"expires_in\":%d,\"access_token\":\"%s\",\"scope\":\"x\"}",
             is_dpop ? "DPoP" : "Bearer", org.life_s, org.token);
    http_reply(x, 200, "application/json", span_of(body), is_dpop ? headers : NULL);
}

static void on_token_request(struct http_exchange *x, const struct played_request *r)
{
    const char *fault = assertion_fault(span_of(r->body));
    char nonce[64] = "", header[128];
    struct buf scope;

    org.n_token_requests++;
    buf_init(&scope, 512);
    (void)url_add_decoded(&scope, url_query_get(span_of(r->body), SPAN("scope")));
    copy(org.scope, sizeof(org.scope), buf_span(&scope));
    buf_done(&scope);
    if (!span_starts(span_of(r->body), SPAN("grant_type=client_credentials&")) ||
        strcmp(r->type, "application/x-www-form-urlencoded") != 0 || r->authorization[0] != '\0')
        wrong("form of the token request");
    if (r->dpop[0] != '\0')
        check_proof(r->dpop, "POST", "/oauth2/v1/token", NULL, nonce);
    snprintf(header, sizeof(header), "DPoP-Nonce: %s", org.nonce == NULL ? "" : org.nonce);
    if (org.n_broken > 0) {
        org.n_broken--;
        http_reply(x, 500, "text/html", SPAN("<html>"), NULL);
    } else if (org.refusal != NULL)
        refuse(x, 401, org.refusal, "it is refused", NULL);
    else if (fault != NULL)
        refuse(x, 401, "invalid_client", fault, NULL);
    else if (org.wants_proof && r->dpop[0] == '\0')
        refuse(x, 400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.", NULL);
    else if (org.wants_proof && org.nonce != NULL && strcmp(nonce, org.nonce) != 0)
        refuse(x, 400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof.",
               header);
    else
        give_token(x, r->dpop[0] != '\0');
}

static bool before(struct http_exchange *x, const struct played_request *r)
{
    char want[128], path[256], nonce[64] = "";

    if (strcmp(r->line, "POST /oauth2/v1/token") == 0) {
        on_token_request(x, r);
        return true;
    }
    snprintf(want, sizeof(want), "%s %s", org.is_dpop ? "DPoP" : "Bearer", org.token);
    copy(path, sizeof(path), http_path(x));
    if (org.is_dpop)
        check_proof(r->dpop, "GET", path, org.token, nonce);
    if (strcmp(r->authorization, want) != 0 || org.rejects_tokens) {
        http_reply(x, 401, "application/json", SPAN("{\"errorCode\":\"E0000011\"}"), NULL);
        return true;
    }
    if (org.wants_api_nonce && strcmp(nonce, "api-nonce") != 0) {
        static const char *const headers[] = {"WWW-Authenticate: DPoP error=\"use_dpop_nonce\"",
                                              "DPoP-Nonce: api-nonce", NULL};

        http_reply(x, 401, "application/json", SPAN(""), headers);
        return true;
    }
    return false;
}

#endif
