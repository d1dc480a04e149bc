#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "okta/rate.h"

enum { NOW = 1000000, SHARE = 50 };

static const int64_t DATE_MS = 1780000000000;

/* An answer whose window ends in_s seconds later by Okta's clock, which is not ours. */
static struct rate_headers says(int64_t limit, int64_t remaining, int64_t in_s)
{
    return (struct rate_headers){limit, remaining, DATE_MS / 1000 + in_s, DATE_MS, false};
}

static void paths_have_buckets(void **state)
{
    static const struct {
        const char *path;
        enum rate_bucket bucket;
    } rows[] = {
        {"/api/v1/users", RATE_USERS},
        {"/api/v1/users?limit=1", RATE_USERS},
        {"/api/v1/users/00u1", RATE_USER},
        {"/api/v1/users/00u1?fields=id", RATE_USER},
        {"/api/v1/users/00u1/groups", RATE_USER_PARTS},
        {"/api/v1/groups?q=a", RATE_GROUPS},
        {"/api/v1/groups/00g1", RATE_GROUP},
        {"/api/v1/groups/00g1/users?limit=200", RATE_GROUPS},
        {"/api/v1/apps?q=a/b/c", RATE_APPS},
        {"/api/v1/apps/0oa1", RATE_APP},
        {"/api/v1/apps/0oa1/users/00u1", RATE_APPS},
        {"/api/v1/apps/0oa1/users", RATE_APPS},
        {"/api/v1/logs?since=x", RATE_LOGS},
        {"/api/v1/eventHooks", RATE_OTHER},
        {"/oauth2/v1/token", RATE_TOKEN},
        {"/", RATE_OTHER},
        {"", RATE_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rate_bucket_of(span_of(rows[i].path)) != rows[i].bucket)
            fail_msg("%s: %d", rows[i].path, (int)rate_bucket_of(span_of(rows[i].path)));
}

static void numbers_are_numbers(void **state)
{
    (void)state;
    assert_int_equal(rate_number(SPAN("600")), 600);
    assert_int_equal(rate_number(SPAN(" 0 ")), 0);
    assert_int_equal(rate_number(SPAN("")), -1);
    assert_int_equal(rate_number(SPAN("-1")), -1);
    assert_int_equal(rate_number(SPAN("1.5")), -1);
    assert_int_equal(rate_number(SPAN("9999999999999999")), -1);
    assert_int_equal(rate_number((struct span){0}), -1);
}

static void the_first_request_goes_alone(void **state)
{
    struct rate r = {0};
    struct rate_headers h = says(10, 9, 30);

    (void)state;
    assert_int_equal(rate_wait(&r, SHARE, NOW), 0);
    rate_sent(&r);
    assert_int_equal(rate_wait(&r, SHARE, NOW), -1);
    rate_answered(&r, &h, NOW);
    assert_int_equal(rate_wait(&r, SHARE, NOW), 0);
}

/* As many requests as are sent at once, and no more than the share; then it waits for the reset. */
static void half_of_the_bucket_is_left(void **state)
{
    static const struct {
        int64_t limit;
        unsigned share, sent;
    } rows[] = {{10, 50, 5}, {100, 50, 50}, {600, 25, 150}, {10, 100, 10}, {3, 50, 1}, {1, 1, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rate r = {0};
        struct rate_headers h = says(rows[i].limit, rows[i].limit - 1, 30);
        unsigned sent = 1;
        int64_t wait_ms;

        rate_sent(&r);
        rate_answered(&r, &h, NOW);
        while ((wait_ms = rate_wait(&r, rows[i].share, NOW + sent)) == 0) {
            rate_sent(&r);
            sent++;
            if (sent % 2 == 0) {
                h = says(rows[i].limit, rows[i].limit - sent, 30);
                rate_answered(&r, &h, NOW + sent);
            }
        }
        if (sent != rows[i].sent || wait_ms < 30000 || wait_ms > 32000)
            fail_msg("limit %d, share %u: %u sent, then waits %d ms", (int)rows[i].limit,
                     rows[i].share, sent, (int)wait_ms);
    }
}

static void others_use_of_the_bucket_counts(void **state)
{
    struct rate r = {0};
    struct rate_headers h = says(100, 51, 20);

    (void)state;
    rate_sent(&r);
    rate_answered(&r, &h, NOW);
    assert_int_equal(rate_wait(&r, SHARE, NOW), 0);
    rate_sent(&r);
    h.remaining = 20; /* somebody else was busy */
    rate_answered(&r, &h, NOW);
    assert_in_range(rate_wait(&r, SHARE, NOW), 20000, 22000);
    /* An older answer that comes later does not make more of it. */
    rate_sent(&r);
    h.remaining = 90;
    rate_answered(&r, &h, NOW);
    assert_in_range(rate_wait(&r, SHARE, NOW), 20000, 22000);
}

static void a_new_window_is_tried_with_one(void **state)
{
    struct rate r = {0};
    struct rate_headers h = says(10, 2, 10);

    (void)state;
    rate_sent(&r);
    rate_answered(&r, &h, NOW);
    assert_in_range(rate_wait(&r, SHARE, NOW), 10000, 12000);
    assert_int_equal(rate_wait(&r, SHARE, NOW + 12000), 0);
    rate_sent(&r);
    assert_int_equal(rate_wait(&r, SHARE, NOW + 12000), -1);
    h = says(10, 9, 60);
    rate_answered(&r, &h, NOW + 12100);
    assert_int_equal(rate_wait(&r, SHARE, NOW + 12100), 0);
}

static void throttled_waits_for_the_reset(void **state)
{
    static const struct {
        const char *name;
        int64_t limit, in_s;
        int64_t least_ms, most_ms;
    } rows[] = {
        {"as Okta says", 600, 20, 20000, 22000},
        {"concurrency: the reset means nothing", 0, 20, 2500, 8000},
        {"no reset", -1, -DATE_MS, 2500, 8000},
        {"reset in the past", 600, -5, 2500, 8000},
        {"reset far off", 600, 86400, 2500, 8000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rate r = {0};
        struct rate_headers h = says(rows[i].limit, 0, rows[i].in_s);
        int64_t wait_ms;

        h.is_throttled = true;
        rate_sent(&r);
        rate_answered(&r, &h, NOW);
        wait_ms = rate_wait(&r, SHARE, NOW);
        if (wait_ms < rows[i].least_ms || wait_ms > rows[i].most_ms)
            fail_msg("%s: waits %d ms", rows[i].name, (int)wait_ms);
        assert_int_equal(rate_wait(&r, SHARE, NOW + wait_ms), 0);
    }
}

static void without_headers_there_is_no_limit(void **state)
{
    struct rate r = {0};
    struct rate_headers h = {-1, -1, -1, DATE_MS, false};

    (void)state;
    rate_sent(&r);
    rate_answered(&r, &h, NOW);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(rate_wait(&r, SHARE, NOW), 0);
        rate_sent(&r);
    }
}

static void what_came_to_nothing_is_not_under_way(void **state)
{
    struct rate r = {0};

    (void)state;
    rate_sent(&r);
    rate_answered(&r, NULL, NOW);
    assert_int_equal(rate_wait(&r, SHARE, NOW), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_have_buckets),
        cmocka_unit_test(numbers_are_numbers),
        cmocka_unit_test(the_first_request_goes_alone),
        cmocka_unit_test(half_of_the_bucket_is_left),
        cmocka_unit_test(others_use_of_the_bucket_counts),
        cmocka_unit_test(a_new_window_is_tried_with_one),
        cmocka_unit_test(throttled_waits_for_the_reset),
        cmocka_unit_test(without_headers_there_is_no_limit),
        cmocka_unit_test(what_came_to_nothing_is_not_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
