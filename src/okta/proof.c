#include "okta/proof.h"

#include <stdio.h>

#include "base/base64.h"
#include "crypt/digest.h"
#include "text/json.h"
#include "text/uuid.h"

enum {
    PROOF_MAX = 16 * 1024,
    BACKDATED_MS = 5000, /* Okta refuses a proof from its future; clocks are never quite equal */
};

void proof_init(struct proof *p)
{
    *p = (struct proof){.key = jwt_key_new()};
}

void proof_done(struct proof *p)
{
    jwt_key_free(p->key);
    *p = (struct proof){0};
}

bool proof_set_nonce(struct proof *p, enum proof_server server, struct span nonce)
{
    if (nonce.n == 0 || nonce.n > PROOF_NONCE_MAX || span_eq(nonce, span_of(p->nonce[server])))
        return false;
    /* RFC 9449 8.1: NQCHAR */
    for (size_t i = 0; i < nonce.n; i++)
        if (nonce.p[i] < 0x21 || nonce.p[i] > 0x7e || nonce.p[i] == '"' || nonce.p[i] == '\\')
            return false;
    (void)snprintf(p->nonce[server], sizeof(p->nonce[server]), "%.*s", SPAN_ARG(nonce));
    return true;
}

static void add_hash(struct json_out *o, struct span access_token)
{
    uint8_t digest[SHA256_BYTES];
    struct buf text;

    sha256(access_token, digest);
    buf_init(&text, 64);
    base64url_add(&text, span_n(digest, sizeof(digest)));
    json_put_str(o, "ath", buf_span(&text));
    buf_done(&text);
}

enum err proof_add(const struct proof *p, enum proof_server server, const char *method,
                   struct span url, struct span access_token, int64_t now_ms, struct buf *out,
                   struct fail *fail)
{
    struct span htu = {url.p, span_find(url, '?')};
    char jti[UUID_TEXT + 1];
    struct buf header, claims, jwk;
    struct json_out o;
    enum err err;

    buf_init(&header, PROOF_MAX);
    buf_init(&claims, PROOF_MAX);
    buf_init(&jwk, PROOF_MAX);
    uuid_random(jti);
    jwt_key_add_jwk(p->key, &jwk);
    o = json_out(&header);
    json_out_begin(&o, '{');
    json_put_str(&o, "typ", SPAN("dpop+jwt"));
    json_out_key(&o, "jwk");
    json_out_raw(&o, buf_span(&jwk));
    json_out_end(&o, '}');
    o = json_out(&claims);
    json_out_begin(&o, '{');
    json_put_str(&o, "htm", span_of(method));
    json_put_str(&o, "htu", htu);
    json_put_int(&o, "iat", (now_ms - BACKDATED_MS) / 1000);
    json_put_str(&o, "jti", span_of(jti));
    if (p->nonce[server][0] != '\0')
        json_put_str(&o, "nonce", span_of(p->nonce[server]));
    if (access_token.n > 0)
        add_hash(&o, access_token);
    json_out_end(&o, '}');
    err = jwt_sign(p->key, buf_span(&header), buf_span(&claims), out, fail);
    buf_done(&header);
    buf_done(&claims);
    buf_done(&jwk);
    return err;
}
