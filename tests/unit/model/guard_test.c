#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/guard.h"

static const struct row {
    const char *name;
    int64_t count;
    double percent;
    int64_t always, managed;
    int64_t most; /* that many pass in a window, one more does not; INT64_MAX = any number */
} rows[] = {
    {"both: the count is smaller", 20, 10, 3, 1000, 20},
    {"both: the percentage is smaller", 20, 10, 3, 100, 10},
    {"both are equal", 20, 10, 3, 200, 20},
    {"the percentage is rounded down", 20, 10, 3, 109, 10},
    {"a part of a percent", 20, 0.5, 3, 1000, 5},
    {"three always pass", 20, 10, 3, 20, 3},
    {"three of three", 20, 10, 3, 3, 3},
    {"nobody is managed", 20, 10, 3, 0, 3},
    {"count alone", 20, GUARD_UNSET, 3, 5, 20},
    {"percentage alone", GUARD_UNSET, 10, 3, 1000, 100},
    {"a count of none", 0, 10, 3, 1000, 3},
    {"no percent", 20, 0, 3, 1000, 3},
    {"everything", GUARD_UNSET, 100, 3, 1000, 1000},
    {"changes", 100, 20, 10, 1000, 100},
    {"ten changes always pass", 100, 20, 10, 12, 10},
    {"without a bound", GUARD_UNSET, GUARD_UNSET, 3, 10, INT64_MAX},
};

static bool passes(const struct row *row, int64_t waiting, int64_t passed)
{
    struct guard_ask ask = {.bound = {row->count, row->percent, row->always},
                            .waiting = waiting,
                            .passed = passed,
                            .managed = row->managed};
    struct arena a = {0};
    struct guard_verdict verdict = guard_judge("MAX_REMOVALS", &ask, &a);

    if (!verdict.passes &&
        (verdict.reason == NULL || strstr(verdict.reason, "MAX_REMOVALS") == NULL))
        fail_msg("%s: no reason", row->name);
    arena_done(&a);
    return verdict.passes;
}

static void the_smaller_bound_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        if (row->most == INT64_MAX) {
            if (!passes(row, 1000000, 1000000))
                fail_msg("%s", row->name);
            continue;
        }
        for (int64_t passed = 0; passed <= row->most + 2; passed++) {
            int64_t left = row->most - passed;

            if (left > 0 && !passes(row, left, passed))
                fail_msg("%s: %d after %d", row->name, (int)left, (int)passed);
            if (passes(row, left < 0 ? 1 : left + 1, passed))
                fail_msg("%s: one too many after %d", row->name, (int)passed);
        }
    }
}

static void huge_numbers_do_no_harm(void **state)
{
    (void)state;
    assert_false(passes(&rows[0], INT64_MAX, INT64_MAX));
    assert_false(passes(&rows[0], 1, INT64_MAX));
}

static void after_a_hold_nothing_passes(void **state)
{
    struct guard_ask ask = {.bound = {20, 10, 3}, .waiting = 1, .managed = 1000, .is_held = true};
    struct arena a = {0};
    struct guard_verdict verdict = guard_judge("MAX_CHANGES", &ask, &a);

    (void)state;
    assert_false(verdict.passes);
    assert_non_null(strstr(verdict.reason, "MAX_CHANGES"));
    assert_non_null(strstr(verdict.reason, "roster release"));
    ask.bound = (struct guard_bound){GUARD_UNSET, GUARD_UNSET, 3};
    assert_false(guard_judge("MAX_CHANGES", &ask, &a).passes);
    arena_done(&a);
}

static void the_reason_tells_the_numbers(void **state)
{
    struct guard_ask ask = {.bound = {20, 10, 3}, .waiting = 57, .passed = 2, .managed = 148};
    struct arena a = {0};
    struct guard_verdict verdict = guard_judge("MAX_REMOVALS", &ask, &a);
    static const char *const parts[] = {
        "57", "2", "14", "148", "roster held", "roster release", "roster reject"};

    (void)state;
    assert_false(verdict.passes);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(verdict.reason, parts[i]) == NULL)
            fail_msg("%s is not in: %s", parts[i], verdict.reason);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smaller_bound_counts),
        cmocka_unit_test(huge_numbers_do_no_harm),
        cmocka_unit_test(after_a_hold_nothing_passes),
        cmocka_unit_test(the_reason_tells_the_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
