#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/uuid.h"

static void both_ways(void **state)
{
    const char text[] = "01234567-89ab-cdef-fedc-ba9876543210";
    const uint8_t wanted[UUID_BYTES] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                        0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    uint8_t uuid[UUID_BYTES];
    char back[UUID_TEXT + 1];

    (void)state;
    assert_true(uuid_parse(SPAN("01234567-89ab-cdef-fedc-ba9876543210"), uuid));
    assert_memory_equal(uuid, wanted, sizeof(wanted));
    uuid_format(uuid, back);
    assert_string_equal(back, text);
}

static void refused(void **state)
{
    static const char *const texts[] = {
        "",
        "01234567-89AB-cdef-fedc-ba9876543210",
        "0123456789abcdeffedcba9876543210",
        "01234567-89ab-cdef-fedc-ba987654321",
        "01234567-89ab-cdef-fedc-ba98765432100",
        "01234567-89ab-cdef-fedc_ba9876543210",
        "012345678-9ab-cdef-fedc-ba9876543210",
        "0123456g-89ab-cdef-fedc-ba9876543210",
        "{1234567-89ab-cdef-fedc-ba987654321}",
    };
    uint8_t uuid[UUID_BYTES] = {7};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (uuid_parse(span_of(texts[i]), uuid) || uuid[0] != 7)
            fail_msg("'%s'", texts[i]);
}

static void random_ones_differ(void **state)
{
    char a[UUID_TEXT + 1], b[UUID_TEXT + 1];
    uint8_t uuid[UUID_BYTES];

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        uuid_random(a);
        uuid_random(b);
        assert_string_not_equal(a, b);
        assert_true(uuid_parse(span_of(a), uuid));
        assert_int_equal(uuid[6] >> 4, 4);
        assert_int_equal(uuid[8] >> 6, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(refused),
        cmocka_unit_test(random_ones_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
