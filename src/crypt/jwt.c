#include "crypt/jwt.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "crypt/jwt_private.h"

enum { SIGNATURE_MAX = JWT_RSA_BITS_MAX / 8, DER_MAX = 80 };

bool jwt_add_decoded(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '+' || text.p[i] == '/' || text.p[i] == '=')
            return false;
    return base64_add_decoded(out, text);
}

/* ECDSA's (r, s) in DER as the 64 bytes that RFC 7518 3.4 wants. */
static void raw_from_der(const unsigned char *der, size_t n, unsigned char out[2 * P256_BYTES])
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)n);

    if (signature == NULL ||
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, P256_BYTES) != P256_BYTES ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + P256_BYTES, P256_BYTES) != P256_BYTES)
        abort(); /* OpenSSL made it a moment ago */
    ECDSA_SIG_free(signature);
}

static int der_from_raw(const unsigned char raw[2 * P256_BYTES], unsigned char out[DER_MAX])
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, P256_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(raw + P256_BYTES, P256_BYTES, NULL);
    int n;

    if (signature == NULL || ECDSA_SIG_set0(signature, r, s) != 1)
        abort(); /* no memory */
    n = i2d_ECDSA_SIG(signature, &out);
    ECDSA_SIG_free(signature);
    return n;
}

static bool sign(const struct jwt_key *key, struct span text, unsigned char *out, size_t *n)
{
    unsigned char signature[SIGNATURE_MAX];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_done;

    *n = sizeof(signature);
    is_done = context != NULL &&
              EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
              EVP_DigestSign(context, signature, n, (const unsigned char *)text.p, text.n) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    if (!is_done)
        return false;
    if (key->is_rsa) {
        memcpy(out, signature, *n);
    } else {
        raw_from_der(signature, *n, out);
        *n = 2 * P256_BYTES;
    }
    return true;
}

enum err jwt_sign(const struct jwt_key *key, struct span header, struct span claims,
                  struct buf *out, struct fail *fail)
{
    unsigned char signature[SIGNATURE_MAX];
    struct buf whole_header, token;
    size_t n;
    enum err err = ERR_NONE;

    if (!span_starts(header, SPAN("{")) || header.n < 2 || header.n + claims.n > JWT_TOKEN_MAX)
        return fail_set(fail, ERR_INPUT, "a token's header is a JSON object, and both are short");
    buf_init(&whole_header, JWT_TOKEN_MAX + 64);
    buf_init(&token, 4 * JWT_TOKEN_MAX);
    buf_printf(&whole_header, "{\"alg\":\"%s\"%s", jwt_key_alg(key), header.p[1] == '}' ? "" : ",");
    buf_add(&whole_header, (struct span){header.p + 1, header.n - 1});
    base64url_add(&token, buf_span(&whole_header));
    buf_add_char(&token, '.');
    base64url_add(&token, claims);
    if (!key->is_private || !sign(key, buf_span(&token), signature, &n)) {
        err = fail_set(fail, ERR_INPUT, "this key cannot sign");
        goto out;
    }
    buf_add_char(&token, '.');
    base64url_add(&token, span_n(signature, n));
    if (token.full || token.n > out->limit - out->n)
        err = fail_set(fail, ERR_INPUT, "the token is too long");
    else
        buf_add(out, buf_span(&token));
out:
    buf_done(&whole_header);
    buf_done(&token);
    return err;
}

/* The three parts, and what is signed: the first two with the dot between them. */
static bool split(struct span token, struct span part[static 3], struct span *signed_text)
{
    struct span rest = token;

    if (token.n > JWT_TOKEN_MAX)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!span_split(&rest, '.', &part[i]) || part[i].n == 0)
            return false;
    if (rest.p != NULL)
        return false;
    *signed_text = (struct span){token.p, part[0].n + 1 + part[1].n};
    return true;
}

enum err jwt_split(struct span token, struct buf *header, struct buf *payload, struct fail *fail)
{
    struct span part[3], signed_text;

    if (!split(token, part, &signed_text) || !jwt_add_decoded(header, part[0]) ||
        !jwt_add_decoded(payload, part[1]))
        return fail_set(fail, ERR_INPUT, "it is no signed token of three parts in base64url");
    return ERR_NONE;
}

bool jwt_verify(const struct jwt_key *key, struct span token)
{
    struct span part[3], signed_text;
    unsigned char der[DER_MAX];
    const unsigned char *signature;
    EVP_MD_CTX *context;
    struct buf raw;
    bool is_valid = false;
    size_t n;

    if (!split(token, part, &signed_text))
        return false;
    buf_init(&raw, SIGNATURE_MAX);
    if (!jwt_add_decoded(&raw, part[2]) || (!key->is_rsa && raw.n != 2 * P256_BYTES)) {
        buf_done(&raw);
        return false;
    }
    signature = (const unsigned char *)raw.p;
    n = raw.n;
    if (!key->is_rsa) {
        n = (size_t)der_from_raw(signature, der);
        signature = der;
    }
    context = EVP_MD_CTX_new();
    is_valid = context != NULL &&
               EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
               EVP_DigestVerify(context, signature, n, (const unsigned char *)signed_text.p,
                                signed_text.n) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    buf_done(&raw);
    return is_valid;
}
