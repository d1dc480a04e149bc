#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/secret.h"

static void a_secret_is_kept_and_replaced(void **state)
{
    struct secret s = {0};
    char value[] = "sesame";

    (void)state;
    assert_false(secret_is_set(&s));
    secret_set(&s, span_of(value));
    value[0] = 'x';
    assert_true(secret_is_set(&s));
    assert_true(span_eq(secret_span(&s), SPAN("sesame")));
    assert_int_equal(s.p[s.n], 0);
    /* The new value may be a part of the old one. */
    secret_set(&s, (struct span){s.p + 2, 3});
    assert_true(span_eq(secret_span(&s), SPAN("sam")));
    secret_set(&s, SPAN(""));
    assert_false(secret_is_set(&s));
    secret_done(&s);
    assert_null(s.p);
    assert_int_equal(s.n, 0);
    secret_done(&s);
    secret_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_secret_is_kept_and_replaced)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
