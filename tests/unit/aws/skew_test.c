#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/skew.h"
#include "base/clock.h"

/* The date below. */
static const int64_t date_ms = 1792567680000;

static const struct row {
    const char *name, *date;
    int64_t believed_ms, ours_ms; /* what was learned before; our clock less the date */
    bool is_corrected;
    int64_t ahead_ms;
} rows[] = {
#define DATE "Wed, 21 Oct 2026 07:28:00 GMT"
    {"right", DATE, 0, 0, false, 0},
    {"four minutes behind are tolerated", DATE, 0, -240000, false, 0},
    {"four minutes ahead are tolerated", DATE, 0, 240000, false, 0},
    {"more behind", DATE, 0, -240001, true, 240001},
    {"more ahead", DATE, 0, 240001, true, -240001},
    {"years", DATE, 0, 1000000000000, true, -1000000000000},
    {"known already", DATE, 3600000, -3600000, false, 3600000},
    {"known nearly", DATE, 3600000, -3700000, false, 3600000},
    {"our clock was set right", DATE, 3600000, 0, true, 0},
    {"our clock was set nearly right", DATE, 3600000, -60000, true, 0},
    {"no date", NULL, 3600000, 0, false, 3600000},
    {"no such date", "2026-10-21T07:28:00Z", 3600000, 0, false, 3600000},
};

static void dates_are_learned_from(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct skew skew = {rows[i].believed_ms};
        bool is_corrected = skew_learn(&skew, span_of(rows[i].date), date_ms + rows[i].ours_ms);

        if (is_corrected != rows[i].is_corrected || skew.ahead_ms != rows[i].ahead_ms)
            fail_msg("%s: %d, %lld ms", rows[i].name, is_corrected, (long long)skew.ahead_ms);
    }
}

static void the_time_is_theirs(void **state)
{
    struct skew skew = {-7000000};
    int64_t before_ms = clock_wall_ms(), now_ms = skew_now_ms(&skew);

    (void)state;
    assert_true(now_ms >= before_ms - 7000000 && now_ms <= clock_wall_ms() - 7000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_learned_from),
        cmocka_unit_test(the_time_is_theirs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
