#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"

/* The first seven are those of RFC 4648 10. */
static const struct row {
    struct span bytes;
    const char *standard, *for_urls;
} rows[] = {
    {{"", 0}, "", ""},
    {{"f", 1}, "Zg==", "Zg"},
    {{"fo", 2}, "Zm8=", "Zm8"},
    {{"foo", 3}, "Zm9v", "Zm9v"},
    {{"foob", 4}, "Zm9vYg==", "Zm9vYg"},
    {{"fooba", 5}, "Zm9vYmE=", "Zm9vYmE"},
    {{"foobar", 6}, "Zm9vYmFy", "Zm9vYmFy"},
    {{"\0\xff\xfe", 3}, "AP/+", "AP_-"},
    {{"\xfb\xff", 2}, "+/8=", "-_8"},
};

static void both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf a, b, back;

        buf_init(&a, 100);
        buf_init(&b, 100);
        buf_init(&back, 100);
        base64_add(&a, rows[i].bytes);
        base64url_add(&b, rows[i].bytes);
        assert_string_equal(a.p, rows[i].standard);
        assert_string_equal(b.p, rows[i].for_urls);
        assert_true(base64_add_decoded(&back, buf_span(&a)));
        assert_true(span_eq(buf_span(&back), rows[i].bytes));
        buf_clear(&back);
        assert_true(base64_add_decoded(&back, buf_span(&b)));
        assert_true(span_eq(buf_span(&back), rows[i].bytes));
        buf_done(&back);
        buf_done(&b);
        buf_done(&a);
    }
}

static void refused(void **state)
{
    static const char *const texts[] = {
        "Z",      "Zg=",  "Zg===", "=",    "==",   "Zm9v=", "Zm8==",      "Zg==Zg==", "Zm 9v",
        "Zm9v\n", "Zm9*", "Zh==",  "Zm9=", "+_8=", "-/8=",  "\xc3\xa9==", "Zm9vY",    "====",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct buf b;

        buf_init(&b, 100);
        if (base64_add_decoded(&b, span_of(texts[i])) || b.n != 0)
            fail_msg("'%s'", texts[i]);
        buf_done(&b);
    }
}

static void a_full_buffer_stays_as_it_was(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 3);
    base64_add(&b, SPAN("f"));
    assert_true(b.full && b.n == 0);
    buf_clear(&b);
    assert_false(base64_add_decoded(&b, SPAN("Zm9vYg")));
    assert_true(b.full && b.n == 0);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(refused),
        cmocka_unit_test(a_full_buffer_stays_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
