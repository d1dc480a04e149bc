/* Certificates and keys as operators have them, and as they should not be. Made for this test; they
 * guard nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypt/certificate.h"

static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBkTCCATegAwIBAgIUU8R6P8lOFzeKcxAXM4ihiSYnSVswCgYIKoZIzj0EAwIw\n"
    "HTEbMBkGA1UEAwwScm9zdGVyLmV4YW1wbGUuY29tMCAXDTI2MTEyNTE3MTAzN1oY\n"
    "DzIxMjYxMTAxMTcxMDM3WjAdMRswGQYDVQQDDBJyb3N0ZXIuZXhhbXBsZS5jb20w\n"
    "WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARzV/5FyfNbTp45EL3c4vhmJHNb4bfh\n"
    "PN0VGFUNgWdKvxhPT9ySmHZfCS7LckMMoVuulDhpFFx7Jz3wm2lUuELso1MwUTAd\n"
    "BgNVHQ4EFgQUbcs03ldhFMeLPNJUqjxhDFcII1wwHwYDVR0jBBgwFoAUbcs03ldh\n"
    "FMeLPNJUqjxhDFcII1wwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF\n"
    "AiAlW2B1W6pyGL1U5kCYD7IxV59kY0E8nXOPrtiZrEWOWgIhAO9dal1lev/4/A5Q\n"
    "fpzDf1efzFHjgnpucoDPBaMUqSAG\n"
    "-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglnIho7uRvVtJ09l2\n"
                          "5VTz+ZuFC5/0vhB3kBaXKmQ0VwehRANCAARzV/5FyfNbTp45EL3c4vhmJHNb4bfh\n"
                          "PN0VGFUNgWdKvxhPT9ySmHZfCS7LckMMoVuulDhpFFx7Jz3wm2lUuELs\n"
                          "-----END PRIVATE KEY-----\n";
static const char other_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7P8aCUIA86PebYBK\n"
                                "3qji7ZzQpUzVIqlOj4oyOB0fMqKhRANCAAT85eR5OL3ZvGsl8XmKjwozWITGdk+M\n"
                                "rn2SrQJGmpNbRJAz5Z/063RyKel8/q/r8TKNY/fxuums+J9xmNK21LgY\n"
                                "-----END PRIVATE KEY-----\n";
static const char encrypted_key[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhREnxaCTQfzQICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEJIrrL/U61hU5uhScijgiacEgZC+\n"
    "Rqo+kQh4pTNpVU3JMFL3QqF/A/qMnOJFzGQR7XqvhFxvILBCNh5fl3K44urlf5sM\n"
    "nG0vYgnDSSRc+6qJ/kBPNdakWz+x3e8LyScCMYcr+Te6g6rCozM132PBgLo9kAfG\n"
    "66Y3Yi/SBXvN/J4R8yqNVQFaoFIUa5DPGzD6BxBkYMhAlINpaHeBCdyFg3vtK/k=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

static void test_read(void **state)
{
    struct certificate out = {0};
    struct fail fail = {0};

    (void)state;
    assert_int_equal(certificate_read(span_of(certificate), span_of(key), &out, &fail), ERR_NONE);
    assert_true(out.not_before_ms == INT64_C(1795626637) * 1000);
    assert_true(out.not_after_ms == INT64_C(4949226637) * 1000);
}

static void test_faults(void **state)
{
    static const struct {
        const char *name, *certificate, *key, *word;
    } rows[] = {
        {"nothing", "", "", "no certificate"},
        {"exchanged", key, certificate, "no certificate"},
        {"no key", certificate, "", "no private key"},
        {"a certificate twice", certificate, certificate, "no private key"},
        {"an encrypted key", certificate, encrypted_key, "without a passphrase"},
        {"another key", certificate, other_key, "belongs to another"},
        {"cut", "-----BEGIN CERTIFICATE-----\nMIIB\n", key, "no certificate"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct certificate out = {1, 2};
        struct fail fail = {0};

        if (certificate_read(span_of(rows[i].certificate), span_of(rows[i].key), &out, &fail) !=
                ERR_INPUT ||
            strstr(fail.text, rows[i].word) == NULL)
            fail_msg("%s: %s", rows[i].name, fail.text);
        assert_true(out.not_before_ms == 1 && out.not_after_ms == 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
