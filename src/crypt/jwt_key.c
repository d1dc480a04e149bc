/* Keys: read from PEM, made, rebuilt from a JWK's members, and shown as a JWK. OpenSSL clears the
 * private numbers of a key when it frees it; of a PEM we keep nothing. */
#include "crypt/jwt.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "crypt/digest.h"
#include "crypt/jwt_private.h"

static bool has(struct span text, const char *what)
{
    return memmem(text.p, text.n, what, strlen(what)) != NULL;
}

/* Why a PEM holds no private key, for whoever put it there. */
static const char *pem_fault(struct span pem)
{
    if (span_trim(pem).n == 0)
        return "it is empty";
    if (has(pem, "BEGIN ENCRYPTED PRIVATE KEY") || has(pem, "Proc-Type: 4,ENCRYPTED"))
        return "it is encrypted; store it without a passphrase (openssl pkey -in FILE -out NEW), "
               "readable by Roster's user only";
    if (has(pem, "BEGIN OPENSSH PRIVATE KEY"))
        return "it is in OpenSSH's own form; convert it (ssh-keygen -p -m PEM -f FILE)";
    if (has(pem, "PRIVATE KEY-----"))
        return "it is damaged or of an unknown kind";
    if (has(pem, "BEGIN PUBLIC KEY") || has(pem, "BEGIN RSA PUBLIC KEY"))
        return "it is the public key; the private one is needed";
    if (has(pem, "BEGIN CERTIFICATE"))
        return "it is a certificate; the private key is needed";
    if (span_starts(span_trim(pem), SPAN("{")))
        return "it is a JWK; the PEM form is needed (Okta shows both when it makes the key)";
    return "it has no line '-----BEGIN PRIVATE KEY-----'";
}

/* A passphrase is never asked for: OpenSSL would read it from the terminal. */
static int no_passphrase(char *out, int size, int rwflag, void *arg)
{
    (void)out;
    (void)size;
    (void)rwflag;
    (void)arg;
    return -1;
}

/* NULL, or why this kind of key is not taken. */
static const char *kind_fault(const EVP_PKEY *pkey)
{
    char group[32] = "";

    if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA) {
        if (EVP_PKEY_get_bits(pkey) < JWT_RSA_BITS_MIN)
            return "it is an RSA key of less than 2048 bits, which RS256 does not allow";
        if (EVP_PKEY_get_bits(pkey) > JWT_RSA_BITS_MAX)
            return "it is an RSA key of more than 8192 bits";
        return NULL;
    }
    if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_EC)
        return "it is neither an RSA nor an EC key";
    if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1 ||
        strcmp(group, SN_X9_62_prime256v1) != 0)
        return "it is an EC key of another curve than P-256";
    return NULL;
}

static struct jwt_key *key_new(EVP_PKEY *pkey, bool is_private)
{
    struct jwt_key *key = mem_new(1, sizeof(*key));

    *key = (struct jwt_key){.pkey = pkey,
                            .is_rsa = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA,
                            .is_private = is_private};
    return key;
}

enum err jwt_key_read(struct span pem, struct jwt_key **out, struct fail *fail)
{
    EVP_PKEY *pkey = NULL;
    const char *fault = NULL;
    BIO *bio;

    if (pem.p == NULL)
        pem = SPAN("");
    if (pem.n > JWT_PEM_MAX)
        return fail_set(fail, ERR_INPUT, "the private key cannot be used: it is too long");
    bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    if (bio == NULL)
        abort(); /* no memory */
    pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    fault = pkey == NULL ? pem_fault(pem) : kind_fault(pkey);
    if (fault != NULL) {
        EVP_PKEY_free(pkey);
        return fail_set(fail, ERR_INPUT, "the private key cannot be used: %s", fault);
    }
    *out = key_new(pkey, true);
    return ERR_NONE;
}

struct jwt_key *jwt_key_new(void)
{
    EVP_PKEY *pkey = EVP_EC_gen(SN_X9_62_prime256v1);

    if (pkey == NULL)
        abort(); /* no memory, or no usable OpenSSL */
    return key_new(pkey, true);
}

void jwt_key_free(struct jwt_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

static enum err from_params(const char *type, OSSL_PARAM_BLD *build, struct jwt_key **out,
                            struct fail *fail)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *pkey = NULL;
    const char *fault = "it is no such key";

    if (params == NULL || context == NULL)
        abort(); /* no memory */
    if (EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1)
        fault = kind_fault(pkey);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    ERR_clear_error();
    if (fault != NULL) {
        EVP_PKEY_free(pkey);
        return fail_set(fail, ERR_INPUT, "the JWK cannot be used: %s", fault);
    }
    *out = key_new(pkey, false);
    return ERR_NONE;
}

static BIGNUM *number(struct span text)
{
    struct buf bytes;
    BIGNUM *n = NULL;

    buf_init(&bytes, JWT_RSA_BITS_MAX / 8 + 1);
    if (jwt_add_decoded(&bytes, text) && bytes.n > 0)
        n = BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);
    buf_done(&bytes);
    return n;
}

enum err jwt_key_from_rsa(struct span n, struct span e, struct jwt_key **out, struct fail *fail)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = number(n), *exponent = number(e);
    enum err err;

    if (build == NULL)
        abort(); /* no memory */
    if (modulus == NULL || exponent == NULL ||
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
        err = fail_set(fail, ERR_INPUT, "the JWK cannot be used: its n or e is no number");
    else
        err = from_params("RSA", build, out, fail);
    OSSL_PARAM_BLD_free(build);
    BN_free(modulus);
    BN_free(exponent);
    return err;
}

enum err jwt_key_from_p256(struct span x, struct span y, struct jwt_key **out, struct fail *fail)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    struct buf point;
    enum err err;

    if (build == NULL)
        abort(); /* no memory */
    buf_init(&point, 1 + 2 * P256_BYTES);
    buf_add_char(&point, POINT_CONVERSION_UNCOMPRESSED);
    if (!jwt_add_decoded(&point, x) || point.n != 1 + P256_BYTES || !jwt_add_decoded(&point, y) ||
        point.n != 1 + 2 * P256_BYTES ||
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1,
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) != 1)
        err = fail_set(fail, ERR_INPUT, "the JWK cannot be used: its x or y is no coordinate");
    else
        err = from_params("EC", build, out, fail);
    OSSL_PARAM_BLD_free(build);
    buf_done(&point);
    return err;
}

const char *jwt_key_alg(const struct jwt_key *key)
{
    return key->is_rsa ? "RS256" : "ES256";
}

/* Appends ,"name":"value"; an EC coordinate has its full length (RFC 7518 6.2.1.2), an RSA number
 * no leading zeros (6.3.1). */
static void add_number(const struct jwt_key *key, const char *param, const char *name,
                       struct buf *out)
{
    unsigned char bytes[JWT_RSA_BITS_MAX / 8];
    BIGNUM *n = NULL;
    int length;

    if (EVP_PKEY_get_bn_param(key->pkey, param, &n) != 1)
        abort(); /* no memory: both kinds of key have these */
    length = key->is_rsa ? BN_num_bytes(n) : P256_BYTES;
    if (BN_bn2binpad(n, bytes, length) != length)
        abort(); /* the bounds were checked when the key came */
    BN_free(n);
    buf_printf(out, "\"%s\":\"", name);
    base64url_add(out, span_n(bytes, (size_t)length));
    buf_add_char(out, '"');
}

void jwt_key_add_jwk(const struct jwt_key *key, struct buf *out)
{
    if (key->is_rsa) {
        buf_add_char(out, '{');
        add_number(key, OSSL_PKEY_PARAM_RSA_E, "e", out);
        buf_add_str(out, ",\"kty\":\"RSA\",");
        add_number(key, OSSL_PKEY_PARAM_RSA_N, "n", out);
    } else {
        buf_add_str(out, "{\"crv\":\"P-256\",\"kty\":\"EC\",");
        add_number(key, OSSL_PKEY_PARAM_EC_PUB_X, "x", out);
        buf_add_char(out, ',');
        add_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, "y", out);
    }
    buf_add_char(out, '}');
}

void jwt_key_thumbprint(const struct jwt_key *key, char out[static JWT_THUMBPRINT + 1])
{
    uint8_t digest[SHA256_BYTES];
    struct buf text;

    buf_init(&text, JWT_PEM_MAX);
    jwt_key_add_jwk(key, &text);
    sha256(buf_span(&text), digest);
    buf_clear(&text);
    base64url_add(&text, span_n(digest, sizeof(digest)));
    memcpy(out, text.p, JWT_THUMBPRINT + 1);
    buf_done(&text);
}
