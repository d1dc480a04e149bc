#include "connect_keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "crypt/equal.h"
#include "crypt/sigv4.h"
#include "base/base64.h"
#include "text/time.h"

enum { MOST_SIGNED = 32, WINDOW_MS = 300000, SCOPE_PARTS = 5 };

void keys_done(struct keys *keys)
{
    while (keys->first != NULL) {
        struct key *key = keys->first;

        keys->first = key->next;
        free(key->id);
        free(key->secret);
        free(key->token);
        free(key);
    }
}

static struct key *find(const struct keys *keys, struct span id)
{
    for (struct key *key = keys->first; key != NULL; key = key->next)
        if (span_eq(span_of(key->id), id))
            return key;
    return NULL;
}

const struct key *keys_add(struct keys *keys, const char *id, const char *secret, const char *token,
                           int64_t expires_ms)
{
    struct key *key = find(keys, span_of(id));

    if (key == NULL) {
        key = mem_new(1, sizeof *key);
        key->id = mem_dup_str(id);
        key->next = keys->first;
        keys->first = key;
    }
    free(key->secret);
    free(key->token);
    key->secret = mem_dup_str(secret);
    key->token = mem_dup_str(token);
    key->expires_ms = expires_ms;
    return key;
}

const struct key *keys_make(struct keys *keys, int64_t now_ms)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char id[21] = "ASIA";
    uint8_t bytes[96];
    struct buf secret, token;
    const struct key *key;

    random_bytes(bytes, sizeof bytes);
    for (size_t i = 4; i < 20; i++)
        id[i] = letters[bytes[i] % 32];
    buf_init(&secret, 256);
    buf_init(&token, 256);
    random_bytes(bytes, sizeof bytes);
    base64_add(&secret, span_n(bytes, 30));
    base64_add(&token, span_n(bytes + 30, 64));
    key = keys_add(keys, id, secret.p, token.p, now_ms + keys->lifetime_s * 1000);
    buf_done(&secret);
    buf_done(&token);
    return key;
}

void keys_expire(struct keys *keys)
{
    for (struct key *key = keys->first; key != NULL; key = key->next)
        if (key->token != NULL)
            key->expires_ms = 1;
}

/* ---- checking ---- */

struct authorization {
    struct span scope[SCOPE_PARTS]; /* key id, date, region, service, aws4_request */
    struct span signature;
    size_t n;
    struct sigv4_header headers[MOST_SIGNED];
};

static bool parse_scope(struct span text, struct authorization *out)
{
    struct span part;
    size_t n = 0;

    while (span_split(&text, '/', &part)) {
        if (n == SCOPE_PARTS)
            return false;
        out->scope[n++] = part;
    }
    return n == SCOPE_PARTS && span_eq(out->scope[4], SPAN("aws4_request"));
}

static bool parse_names(struct span text, struct authorization *out)
{
    struct span name;

    out->n = 0;
    while (span_split(&text, ';', &name)) {
        /* The list is sorted and has no name twice. */
        if (name.n == 0 || out->n == MOST_SIGNED ||
            (out->n > 0 && span_cmp(out->headers[out->n - 1].name, name) >= 0))
            return false;
        out->headers[out->n++].name = name;
    }
    return out->n > 0;
}

static bool parse(struct span text, struct authorization *out)
{
    struct span part;
    unsigned seen = 0;

    if (!span_starts(text, SPAN("AWS4-HMAC-SHA256 ")))
        return false;
    text = span_n(text.p + 17, text.n - 17);
    while (span_split(&text, ',', &part)) {
        size_t equals;
        struct span name, value;

        part = span_trim(part);
        equals = span_find(part, '=');
        if (equals == part.n)
            return false;
        name = span_n(part.p, equals);
        value = span_n(part.p + equals + 1, part.n - equals - 1);
        if (span_eq(name, SPAN("Credential")) && parse_scope(value, out))
            seen |= 1;
        else if (span_eq(name, SPAN("SignedHeaders")) && parse_names(value, out))
            seen |= 2;
        else if (span_eq(name, SPAN("Signature")) && value.n == 64)
            seen |= 4, out->signature = value;
        else
            return false;
    }
    return seen == 7;
}

/* "20260102T030405Z" */
static bool parse_date(struct span text, int64_t *out_ms)
{
    char spread[32];
    int64_t ns;

    if (text.n != 16)
        return false;
    snprintf(spread, sizeof spread, "%.4s-%.2s-%.2s%c%.2s:%.2s:%.2s%c", text.p, text.p + 4,
             text.p + 6, text.p[8], text.p + 9, text.p + 11, text.p + 13, text.p[15]);
    if (text.p[8] != 'T' || text.p[15] != 'Z' || !time_parse(span_of(spread), &ns))
        return false;
    *out_ms = ns / 1000000;
    return true;
}

static bool is_signed(const struct authorization *a, struct span name)
{
    for (size_t i = 0; i < a->n; i++)
        if (span_eq(a->headers[i].name, name))
            return true;
    return false;
}

static const char *refuse(char message[static KEYS_MESSAGE], const char *code, const char *text)
{
    snprintf(message, KEYS_MESSAGE, "%s", text);
    return code;
}

static const char *refuse_key(const struct key *key, const struct http_exchange *x, int64_t now_ms,
                              char message[static KEYS_MESSAGE])
{
    struct span token = http_header(x, SPAN("x-amz-security-token"), NULL);

    if (key == NULL || !span_eq(token, span_of(key->token)))
        return refuse(message, "UnrecognizedClientException",
                      "The security token included in the request is invalid.");
    if (key->expires_ms != 0 && key->expires_ms <= now_ms)
        return refuse(message, "ExpiredTokenException",
                      "The security token included in the request is expired");
    return NULL;
}

static const char *refuse_date(const struct authorization *a, const struct http_exchange *x,
                               int64_t now_ms, int64_t *signed_ms,
                               char message[static KEYS_MESSAGE])
{
    struct span text = http_header(x, SPAN("x-amz-date"), NULL);
    struct buf now, edge;
    bool early, late;

    if (!parse_date(text, signed_ms) || !span_eq(a->scope[1], span_n(text.p, 8)))
        return refuse(
            message, "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format', and the credential's date must be its day.");
    late = *signed_ms < now_ms - WINDOW_MS;
    early = *signed_ms > now_ms + WINDOW_MS;
    if (!late && !early)
        return NULL;
    buf_init(&now, 64);
    buf_init(&edge, 64);
    time_add_basic(&now, now_ms);
    time_add_basic(&edge, late ? now_ms - WINDOW_MS : now_ms + WINDOW_MS);
    snprintf(message, KEYS_MESSAGE, "Signature %s: %.*s is now %s than %s (%s %c 5 min.)",
             late ? "expired" : "not yet current", SPAN_ARG(text), late ? "earlier" : "later",
             edge.p, now.p, late ? '-' : '+');
    buf_done(&now);
    buf_done(&edge);
    return "InvalidSignatureException";
}

static const char *refuse_scope(const struct authorization *a, const struct keys_check *check,
                                const struct http_exchange *x, char message[static KEYS_MESSAGE])
{
    if (!span_eq(a->scope[2], span_of(check->region)))
        return refuse(message, "InvalidSignatureException",
                      "Credential should be scoped to a valid region.");
    if (!span_eq(a->scope[3], span_of(check->service))) {
        snprintf(message, KEYS_MESSAGE, "Credential should be scoped to correct service: '%s'.",
                 check->service);
        return "InvalidSignatureException";
    }
    if (!is_signed(a, SPAN("host")) || !is_signed(a, SPAN("x-amz-date")) ||
        (http_header(x, SPAN("x-amz-security-token"), NULL).p != NULL &&
         !is_signed(a, SPAN("x-amz-security-token"))) ||
        (http_header(x, SPAN("content-type"), NULL).p != NULL &&
         !is_signed(a, SPAN("content-type"))))
        return refuse(message, "InvalidSignatureException",
                      "host, x-amz-date, x-amz-security-token and content-type must be among the "
                      "signed headers.");
    return NULL;
}

static bool signature_fits(struct authorization *a, const struct http_exchange *x,
                           const struct key *key, int64_t signed_ms)
{
    char expected[64];
    const struct sigv4_request request = {.method = http_method(x),
                                          .path = http_path(x),
                                          .query = http_query(x),
                                          .body = http_body(x),
                                          .headers = a->headers,
                                          .n_headers = a->n};
    const struct sigv4_scope scope = {.access_key = a->scope[0],
                                      .secret_key = span_of(key->secret),
                                      .region = a->scope[2],
                                      .service = a->scope[3],
                                      .now_ms = signed_ms};

    for (size_t i = 0; i < a->n; i++) {
        unsigned times = 0;

        a->headers[i].value = http_header(x, a->headers[i].name, &times);
        if (times != 1)
            return false;
    }
    sigv4_signature(&request, &scope, expected);
    return equal_constant_time(span_n(expected, sizeof expected), a->signature);
}

const char *keys_refuse(const struct keys *keys, const struct http_exchange *x,
                        const struct keys_check *check, char message[static KEYS_MESSAGE])
{
    struct span text = http_header(x, SPAN("authorization"), NULL);
    struct authorization a = {0};
    const struct key *key;
    const char *code;
    int64_t signed_ms = 0;

    if (text.p == NULL)
        return refuse(message, "MissingAuthenticationTokenException",
                      "Missing Authentication Token");
    if (!parse(text, &a))
        return refuse(message, "IncompleteSignatureException",
                      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' "
                      "parameters.");
    key = find(keys, a.scope[0]);
    if ((code = refuse_key(key, x, check->now_ms, message)) != NULL ||
        (code = refuse_date(&a, x, check->now_ms, &signed_ms, message)) != NULL ||
        (code = refuse_scope(&a, check, x, message)) != NULL)
        return code;
    if (!signature_fits(&a, x, key, signed_ms))
        return refuse(
            message, "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS "
            "Secret Access Key and signing method. Consult the service documentation for details.");
    return NULL;
}
