#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypt/jwt.h"

enum { PEM = 16384 };

static struct fail fail;

/* Keys are made here, by OpenSSL alone. */

enum form { PKCS8, TRADITIONAL, ENCRYPTED, TRADITIONAL_ENCRYPTED, PUBLIC };

static void write_pem(EVP_PKEY *pkey, enum form form, char out[static PEM])
{
    BIO *bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER *cipher =
        form == ENCRYPTED || form == TRADITIONAL_ENCRYPTED ? EVP_aes_128_cbc() : NULL;
    const unsigned char *word = cipher == NULL ? NULL : (const unsigned char *)"secret";
    int n = cipher == NULL ? 0 : 6, done;

    if (form == PUBLIC)
        done = PEM_write_bio_PUBKEY(bio, pkey);
    else if (form == PKCS8 || form == ENCRYPTED)
        done = PEM_write_bio_PKCS8PrivateKey(bio, pkey, cipher, (const char *)word, n, NULL, NULL);
    else
        done = PEM_write_bio_PrivateKey_traditional(bio, pkey, cipher, word, n, NULL, NULL);
    assert_int_equal(done, 1);
    n = BIO_read(bio, out, PEM - 1);
    assert_true(n > 0);
    out[n] = '\0';
    BIO_free(bio);
}

static EVP_PKEY *rsa_2048, *p256;

static int make_keys(void **state)
{
    (void)state;
    rsa_2048 = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    return rsa_2048 == NULL || p256 == NULL;
}

static int drop_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa_2048);
    EVP_PKEY_free(p256);
    return 0;
}

static struct jwt_key *read_key(EVP_PKEY *pkey, enum form form)
{
    char pem[PEM];
    struct jwt_key *key = NULL;

    write_pem(pkey, form, pem);
    if (jwt_key_read(span_of(pem), &key, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
    return key;
}

/* base64url as RFC 7515 appendix C writes it, by OpenSSL's decoder of the other alphabet. */
static size_t decode(struct span text, unsigned char *out, size_t room)
{
    char copy[8192];
    size_t n = text.n, padding = (4 - n % 4) % 4;
    int got;

    assert_true(n + 4 < sizeof(copy) && n <= room);
    for (size_t i = 0; i < n; i++) {
        assert_null(memchr("+/=", text.p[i], 3));
        copy[i] = text.p[i];
        copy[i] = copy[i] == '-' ? '+' : copy[i] == '_' ? '/' : copy[i];
    }
    memset(copy + n, '=', padding);
    got = EVP_DecodeBlock(out, (unsigned char *)copy, (int)(n + padding));
    assert_true(got >= 0);
    return (size_t)got - padding;
}

/* The token's signature, verified by OpenSSL with the key that it was made from. */
static bool openssl_verifies(EVP_PKEY *pkey, struct span token)
{
    unsigned char signature[2048], der[100], *end = der;
    size_t n = token.n, length;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok;

    while (n > 0 && token.p[n - 1] != '.')
        n--;
    length = decode((struct span){token.p + n, token.n - n}, signature, sizeof(signature));
    if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC) {
        ECDSA_SIG *sig = ECDSA_SIG_new();

        assert_int_equal(length, 64);
        ECDSA_SIG_set0(sig, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL));
        length = (size_t)i2d_ECDSA_SIG(sig, &end);
        memcpy(signature, der, length);
        ECDSA_SIG_free(sig);
    }
    ok = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pkey) == 1 &&
         EVP_DigestVerify(context, signature, length, (const unsigned char *)token.p, n - 1) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

static void openssl_verifies_what_is_signed(void **state)
{
    const struct {
        EVP_PKEY *pkey;
        enum form form;
        const char *alg;
    } rows[] = {{rsa_2048, PKCS8, "RS256"},
                {rsa_2048, TRADITIONAL, "RS256"},
                {p256, PKCS8, "ES256"},
                {p256, TRADITIONAL, "ES256"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct jwt_key *key = read_key(rows[i].pkey, rows[i].form);

        assert_string_equal(jwt_key_alg(key), rows[i].alg);
        /* Often enough that an r or s with leading zeros comes about. */
        for (int k = 0; k < (i < 2 ? 2 : 600); k++) {
            char claims[64], header[64];
            struct buf token, head, payload;

            buf_init(&token, 4096);
            buf_init(&head, 4096);
            buf_init(&payload, 4096);
            snprintf(claims, sizeof(claims), "{\"n\":%d,\"s\":\"\xc3\xa4?>~\"}", k);
            assert_int_equal(jwt_sign(key, SPAN("{\"kid\":\"k\"}"), span_of(claims), &token, &fail),
                             ERR_NONE);
            if (!openssl_verifies(rows[i].pkey, buf_span(&token)))
                fail_msg("%s, %d: %s", rows[i].alg, k, token.p);
            assert_true(jwt_verify(key, buf_span(&token)));
            assert_int_equal(jwt_split(buf_span(&token), &head, &payload, &fail), ERR_NONE);
            snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"k\"}", rows[i].alg);
            assert_string_equal(head.p, header);
            assert_string_equal(payload.p, claims);
            buf_done(&token);
            buf_done(&head);
            buf_done(&payload);
        }
        jwt_key_free(key);
    }
}

static void headers_may_be_empty_and_must_be_objects(void **state)
{
    static const char *const bad[] = {"", "[]", "x", "{"};
    struct jwt_key *key = jwt_key_new();
    struct buf token, head, payload;

    (void)state;
    buf_init(&token, 4096);
    buf_init(&head, 4096);
    buf_init(&payload, 4096);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(jwt_sign(key, span_of(bad[i]), SPAN("{}"), &token, &fail), ERR_INPUT);
        assert_int_equal(token.n, 0);
    }
    assert_int_equal(jwt_sign(key, SPAN("{}"), SPAN("{}"), &token, &fail), ERR_NONE);
    assert_int_equal(jwt_split(buf_span(&token), &head, &payload, &fail), ERR_NONE);
    assert_string_equal(head.p, "{\"alg\":\"ES256\"}");
    buf_done(&token);
    buf_init(&token, 40); /* too small: nothing is appended */
    assert_int_equal(jwt_sign(key, SPAN("{}"), SPAN("{}"), &token, &fail), ERR_INPUT);
    assert_int_equal(token.n, 0);
    buf_done(&token);
    buf_done(&head);
    buf_done(&payload);
    jwt_key_free(key);
}

/* What is no usable private key is named, and none of it repeated. */
static void other_keys_are_refused(void **state)
{
    EVP_PKEY *rsa_1024 = EVP_RSA_gen(1024), *p384 = EVP_EC_gen("P-384");
    EVP_PKEY *ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    const struct {
        const char *name;
        EVP_PKEY *pkey;
        enum form form;
        const char *text; /* instead of pkey */
        const char *says;
    } rows[] = {
        {"empty", NULL, PKCS8, " \n", "empty"},
        {"text", NULL, PKCS8, "hello", "BEGIN PRIVATE KEY"},
        {"a JWK", NULL, PKCS8, "{\"kty\":\"RSA\",\"d\":\"verysecret\"}", "JWK"},
        {"cut", NULL, PKCS8, "-----BEGIN PRIVATE KEY-----\nverysecret\n", "damaged"},
        {"OpenSSH", NULL, PKCS8, "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", "ssh-keygen"},
        {"certificate", NULL, PKCS8, "-----BEGIN CERTIFICATE-----\nx\n", "certificate"},
        {"encrypted PKCS#8", rsa_2048, ENCRYPTED, NULL, "encrypted"},
        {"encrypted PKCS#1", rsa_2048, TRADITIONAL_ENCRYPTED, NULL, "encrypted"},
        {"encrypted EC", p256, TRADITIONAL_ENCRYPTED, NULL, "encrypted"},
        {"public", rsa_2048, PUBLIC, NULL, "public"},
        {"RSA 1024", rsa_1024, PKCS8, NULL, "2048"},
        {"P-384", p384, PKCS8, NULL, "P-256"},
        {"Ed25519", ed25519, PKCS8, NULL, "neither"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct jwt_key *key = NULL;
        char pem[PEM];

        if (rows[i].text == NULL)
            write_pem(rows[i].pkey, rows[i].form, pem);
        else
            snprintf(pem, sizeof(pem), "%s", rows[i].text);
        if (jwt_key_read(span_of(pem), &key, &fail) != ERR_INPUT ||
            strstr(fail.text, rows[i].says) == NULL || strstr(fail.text, "verysecret") != NULL)
            fail_msg("%s: %s", rows[i].name, fail.text);
    }
    EVP_PKEY_free(rsa_1024);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(ed25519);
}

static void text_around_a_key_is_passed_over(void **state)
{
    char pem[PEM], text[PEM + 100];
    struct jwt_key *key = NULL;

    (void)state;
    write_pem(p256, PKCS8, pem);
    snprintf(text, sizeof(text), "key of roster\r\n\n%s\n\ntrailing", pem);
    assert_int_equal(jwt_key_read(span_of(text), &key, &fail), ERR_NONE);
    jwt_key_free(key);
}

/* RFC 7638 3.1: the key and its thumbprint. */
static void thumbprint_is_rfc_7638s(void **state)
{
    static const char n[] =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
        "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-"
        "65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
        "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    char print[JWT_THUMBPRINT + 1];
    struct jwt_key *key = NULL;
    struct buf jwk;

    (void)state;
    assert_int_equal(jwt_key_from_rsa(span_of(n), SPAN("AQAB"), &key, &fail), ERR_NONE);
    jwt_key_thumbprint(key, print);
    assert_string_equal(print, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    buf_init(&jwk, 4096);
    assert_int_equal(jwt_sign(key, SPAN("{}"), SPAN("{}"), &jwk, &fail), ERR_INPUT);
    jwt_key_add_jwk(key, &jwk);
    assert_true(span_starts(buf_span(&jwk), SPAN("{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"0vx7")));
    buf_done(&jwk);
    jwt_key_free(key);
}

/* RFC 7515 A.3: a token of another implementation. */
static void a_foreign_token_is_verified(void **state)
{
    static const char token[] =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    char changed[sizeof(token)];
    struct jwt_key *key = NULL;

    (void)state;
    assert_int_equal(jwt_key_from_p256(SPAN("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                       SPAN("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"), &key,
                                       &fail),
                     ERR_NONE);
    assert_true(jwt_verify(key, span_of(token)));
    for (size_t i = 0; i < sizeof(token) - 1; i += 7) {
        memcpy(changed, token, sizeof(token));
        changed[i] = changed[i] == 'Q' ? 'A' : 'Q';
        if (jwt_verify(key, span_of(changed)))
            fail_msg("changed at %zu", i);
    }
    jwt_key_free(key);
}

static void public_keys_that_are_none_are_refused(void **state)
{
    static const char x[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    struct jwt_key *key = NULL;

    (void)state;
    assert_int_equal(jwt_key_from_p256(span_of(x), span_of(x), &key, &fail), ERR_INPUT);
    assert_int_equal(jwt_key_from_p256(span_of(x), SPAN(""), &key, &fail), ERR_INPUT);
    assert_int_equal(jwt_key_from_p256(span_of(x), SPAN("!"), &key, &fail), ERR_INPUT);
    assert_int_equal(jwt_key_from_rsa(SPAN("AQAB"), SPAN("AQAB"), &key, &fail), ERR_INPUT);
    assert_int_equal(jwt_key_from_rsa(SPAN(""), SPAN("AQAB"), &key, &fail), ERR_INPUT);
}

/* What goes into a proof: the public numbers come back as the same key. */
static void a_jwk_makes_the_key_that_verifies(void **state)
{
    struct jwt_key *key = jwt_key_new(), *other = NULL;
    char print[JWT_THUMBPRINT + 1], other_print[JWT_THUMBPRINT + 1];
    struct buf jwk, token;
    const char *x, *y;

    (void)state;
    buf_init(&jwk, 4096);
    buf_init(&token, 4096);
    jwt_key_add_jwk(key, &jwk);
    assert_null(strstr(jwk.p, "\"d\""));
    x = strstr(jwk.p, "\"x\":\"") + 5;
    y = strstr(jwk.p, "\"y\":\"") + 5;
    assert_int_equal(jwt_key_from_p256((struct span){x, 43}, (struct span){y, 43}, &other, &fail),
                     ERR_NONE);
    assert_int_equal(jwt_sign(key, SPAN("{}"), SPAN("{}"), &token, &fail), ERR_NONE);
    assert_true(jwt_verify(other, buf_span(&token)));
    jwt_key_thumbprint(key, print);
    jwt_key_thumbprint(other, other_print);
    assert_string_equal(print, other_print);
    jwt_key_free(other);
    jwt_key_free(key);
    key = jwt_key_new();
    assert_false(jwt_verify(key, buf_span(&token))); /* another key's */
    jwt_key_free(key);
    buf_done(&jwk);
    buf_done(&token);
}

static void no_token_is_no_token(void **state)
{
    static const char *const rows[] = {"",
                                       ".",
                                       "..",
                                       "a.b",
                                       "e30.e30.",
                                       ".e30.e",
                                       "e30..e30",
                                       "e30.e30.e30.e30",
                                       "e3=.e30.e30",
                                       "e+0.e30.e30",
                                       "e.e30.e30",
                                       "e31.e30.e30"};
    struct jwt_key *key = jwt_key_new();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf header, payload;

        buf_init(&header, 100);
        buf_init(&payload, 100);
        if (jwt_split(span_of(rows[i]), &header, &payload, &fail) != ERR_INPUT ||
            jwt_verify(key, span_of(rows[i])))
            fail_msg("'%s' is taken", rows[i]);
        buf_done(&header);
        buf_done(&payload);
    }
    jwt_key_free(key);
    jwt_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_verifies_what_is_signed),
        cmocka_unit_test(headers_may_be_empty_and_must_be_objects),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(text_around_a_key_is_passed_over),
        cmocka_unit_test(thumbprint_is_rfc_7638s),
        cmocka_unit_test(a_foreign_token_is_verified),
        cmocka_unit_test(public_keys_that_are_none_are_refused),
        cmocka_unit_test(a_jwk_makes_the_key_that_verifies),
        cmocka_unit_test(no_token_is_no_token),
    };

    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
