#include "crypt/certificate.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

/* A passphrase is never asked for: OpenSSL would read it from the terminal. */
static int no_passphrase(char *out, int size, int rwflag, void *arg)
{
    (void)out;
    (void)size;
    (void)rwflag;
    (void)arg;
    return -1;
}

static BIO *bio_of(struct span pem)
{
    return pem.n > INT_MAX ? NULL : BIO_new_mem_buf(pem.p == NULL ? "" : pem.p, (int)pem.n);
}

static int64_t milliseconds(const ASN1_TIME *time)
{
    struct tm parts;

    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * 1000 : 0;
}

static enum err compare(X509 *certificate, EVP_PKEY *key, struct certificate *out,
                        struct fail *fail)
{
    if (certificate == NULL)
        return fail_set(fail, ERR_INPUT,
                        "it holds no certificate as PEM (-----BEGIN CERTIFICATE-----)");
    if (key == NULL)
        return fail_set(fail, ERR_INPUT, "its key is no private key as PEM without a passphrase");
    if (X509_check_private_key(certificate, key) != 1)
        return fail_set(fail, ERR_INPUT, "its key belongs to another certificate");
    out->not_before_ms = milliseconds(X509_get0_notBefore(certificate));
    out->not_after_ms = milliseconds(X509_get0_notAfter(certificate));
    return ERR_NONE;
}

enum err certificate_read(struct span certificate_pem, struct span key_pem, struct certificate *out,
                          struct fail *fail)
{
    BIO *certificate_bio = bio_of(certificate_pem), *key_bio = bio_of(key_pem);
    X509 *certificate = certificate_bio == NULL
                            ? NULL
                            : PEM_read_bio_X509(certificate_bio, NULL, no_passphrase, NULL);
    EVP_PKEY *key =
        key_bio == NULL ? NULL : PEM_read_bio_PrivateKey(key_bio, NULL, no_passphrase, NULL);
    enum err err = compare(certificate, key, out, fail);

    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free_all(certificate_bio);
    BIO_free_all(key_bio);
    ERR_clear_error(); /* what was wrong is told already */
    return err;
}
