#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "crypt/digest.h"
#include "crypt/equal.h"

/* FIPS 180-4's examples (csrc.nist.gov, "SHA256.pdf") and the digest of nothing. */
static void sha256_is_the_standards(void **state)
{
    static const struct row {
        const char *text, *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[SHA256_HEX];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sha256_hex(span_of(rows[i].text), hex);
        assert_memory_equal(hex, rows[i].hex, SHA256_HEX);
    }
    sha256_hex((struct span){NULL, 0}, hex);
    assert_memory_equal(hex, rows[0].hex, SHA256_HEX);
}

/* RFC 4231 4: cases 1, 2, 3, 6 and 7. */
static void hmac_is_the_standards(void **state)
{
    static const struct row {
        const char *key_text; /* NULL: key_n times key_byte */
        unsigned char key_byte;
        size_t key_n;
        const char *data_text; /* NULL: data_n times 0xdd */
        size_t data_n;
        const char *hex;
    } rows[] = {
        {NULL, 0x0b, 20, "Hi There", 0,
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", 0, 0, "what do ya want for nothing?", 0,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {NULL, 0xaa, 20, NULL, 50,
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {NULL, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 0,
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {NULL, 0xaa, 131,
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before "
         "being used by the HMAC algorithm.",
         0, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char key[200], data[200], hex[SHA256_HEX];
        uint8_t mac[SHA256_BYTES];

        memset(key, rows[i].key_byte, sizeof(key));
        memset(data, 0xdd, sizeof(data));
        hmac_sha256(
            rows[i].key_text != NULL ? span_of(rows[i].key_text) : span_n(key, rows[i].key_n),
            rows[i].data_text != NULL ? span_of(rows[i].data_text) : span_n(data, rows[i].data_n),
            mac);
        hex_encode(mac, sizeof(mac), hex);
        if (memcmp(hex, rows[i].hex, SHA256_HEX) != 0)
            fail_msg("case %zu", i);
    }
}

static void a_key_of_one_block_is_used_as_it_is(void **state)
{
    char block[64], longer[65];
    uint8_t of_block[SHA256_BYTES], of_longer[SHA256_BYTES], of_digest[SHA256_BYTES],
        digest[SHA256_BYTES], of_nothing[SHA256_BYTES];

    (void)state;
    memset(block, 'k', sizeof(block));
    memset(longer, 'k', sizeof(longer));
    sha256(span_n(block, sizeof(block)), digest);
    hmac_sha256(span_n(digest, sizeof(digest)), SPAN("x"), of_digest);
    hmac_sha256(span_n(block, sizeof(block)), SPAN("x"), of_block);
    assert_memory_not_equal(of_block, of_digest, SHA256_BYTES);
    /* RFC 2104 2: a longer one counts by its digest. */
    sha256(span_n(longer, sizeof(longer)), digest);
    hmac_sha256(span_n(digest, sizeof(digest)), SPAN("x"), of_digest);
    hmac_sha256(span_n(longer, sizeof(longer)), SPAN("x"), of_longer);
    assert_memory_equal(of_longer, of_digest, SHA256_BYTES);
    hmac_sha256((struct span){NULL, 0}, (struct span){NULL, 0}, of_nothing);
    hmac_sha256(SPAN(""), SPAN(""), of_block);
    assert_memory_equal(of_nothing, of_block, SHA256_BYTES);
}

static void secrets_are_compared(void **state)
{
    static const struct row {
        const char *secret, *given;
        bool is_equal;
    } rows[] = {
        {"sesame", "sesame", true},
        {"sesame", "Sesame", false},
        {"sesame", "sesam", false},
        {"sesame", "sesame ", false},
        {"sesame", "", false},
        {"", "sesame", false},
        {"", "", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (equal_constant_time(span_of(rows[i].secret), span_of(rows[i].given)) !=
            rows[i].is_equal)
            fail_msg("'%s' and '%s'", rows[i].secret, rows[i].given);
    assert_true(equal_constant_time(SPAN("a\0b"), SPAN("a\0b")));
    assert_false(equal_constant_time(SPAN("a\0b"), SPAN("a\0c")));
    assert_false(equal_constant_time(SPAN("a"), (struct span){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_is_the_standards),
        cmocka_unit_test(hmac_is_the_standards),
        cmocka_unit_test(a_key_of_one_block_is_used_as_it_is),
        cmocka_unit_test(secrets_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
