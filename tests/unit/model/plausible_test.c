/* Is a listing plausible as the whole? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "model/plausible.h"

static void listings_are_judged_by_what_was_before(void **state)
{
    static const struct row {
        const char *name, *history;
        int64_t known, shown;
        bool is_plausible;
    } rows[] = {
        {"nothing is known yet", "", 0, 0, true},
        {"all are there", "", 100, 100, true},
        {"more than before", "100", 100, 250, true},
        {"ten of a hundred are missing", "", 100, 90, true},
        {"eleven of a hundred are missing", "", 100, 89, false},
        {"a few of a few are missing", "", 4, 1, true},
        {"nobody is left", "", 1, 0, false},
        {"nobody is left of many", "5,400,300", 400, 0, false},
        {"it has lost as many before", "88,100", 88, 70, true},
        {"it has lost many, but never so many", "88,100", 88, 60, false},
        {"whatever it has lost: a quarter is the most", "10,100,10", 1000, 750, true},
        {"30 % are missing, and it has lost more before", "10,100,10", 1000, 700, false},
        {"growing says nothing of losing", "400,100", 400, 350, false},
    };
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct plausible p;
        char *fault;

        plausible_parse(span_of(rows[i].history), &p);
        fault = plausible_fault(&p, rows[i].known, rows[i].shown, &a);
        if ((fault == NULL) != rows[i].is_plausible)
            fail_msg("%s: %s", rows[i].name, fault == NULL ? "plausible" : fault);
    }
    arena_done(&a);
}

static void sizes_are_kept_the_newest_first(void **state)
{
    struct plausible p = {.n = 0};
    struct buf text;

    (void)state;
    for (int64_t i = 1; i <= PLAUSIBLE_SIZES + 3; i++)
        plausible_push(&p, i);
    assert_int_equal(p.n, PLAUSIBLE_SIZES);
    assert_int_equal(p.sizes[0], PLAUSIBLE_SIZES + 3);
    assert_int_equal(p.sizes[PLAUSIBLE_SIZES - 1], 4);
    buf_init(&text, 1000);
    plausible_add(&text, &p);
    assert_true(span_starts(buf_span(&text), SPAN("19,18,17,")));
    plausible_parse(buf_span(&text), &p);
    assert_int_equal(p.n, PLAUSIBLE_SIZES);
    plausible_parse(SPAN("7,x,,99999999999999999999,-1,5"), &p);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.sizes[1], 5);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listings_are_judged_by_what_was_before),
        cmocka_unit_test(sizes_are_kept_the_newest_first),
    };

    return cmocka_run_group_tests_name("plausible", tests, NULL, NULL);
}
