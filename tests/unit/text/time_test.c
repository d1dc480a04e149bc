#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "text/time.h"

static const int64_t ns_per_s = 1000000000;

static const struct row {
    const char *text;
    int64_t seconds, ns; /* seconds < 0: refused */
} rows[] = {
    {"1970-01-01T00:00:00Z", 0, 0},
    {"2026-05-04T08:00:01.000Z", 1777881601, 0},
    {"2026-05-04T08:00:01.234Z", 1777881601, 234000000},
    {"2026-05-04T08:00:01.123456789Z", 1777881601, 123456789},
    {"2026-05-04T08:00:01.5Z", 1777881601, 500000000},
    {"2026-05-04t08:00:01z", 1777881601, 0},
    {"2026-05-04 08:00:01", 1777881601, 0},
    {"2026-05-04T10:00:01+02:00", 1777881601, 0},
    {"2026-05-04T02:30:01.5-05:30", 1777881601, 500000000},
    {"2026-05-04T08:00:01-00:00", 1777881601, 0},
    {"2000-02-29T00:00:00Z", 951782400, 0},
    {"2024-02-29T23:59:59Z", 1709251199, 0},
    {"2016-12-31T23:59:60Z", 1483228800, 0},
    {"2017-01-01T00:59:60+01:00", 1483228800, 0},
    {"2200-12-31T23:59:59Z", 7289654399, 0},
    {"", -1, 0},
    {"2026-05-04", -1, 0},
    {"2026-05-04T08:00", -1, 0},
    {"2026-05-04T08:00:01.Z", -1, 0},
    {"2026-05-04T08:00:01.1234567890Z", -1, 0},
    {"2026-05-04T08:00:01,5Z", -1, 0},
    {"2026-05-04T08:00:01ZZ", -1, 0},
    {"2026-05-04T08:00:01Z ", -1, 0},
    {" 2026-05-04T08:00:01Z", -1, 0},
    {"2026-05-04T08:00:01+0200", -1, 0},
    {"2026-05-04T08:00:01+02", -1, 0},
    {"2026-05-04T08:00:01+24:00", -1, 0},
    {"2026-05-04T08:00:01+01:60", -1, 0},
    {"2026-05-04T24:00:00Z", -1, 0},
    {"2026-05-04T08:60:00Z", -1, 0},
    {"2026-05-04T08:00:61Z", -1, 0},
    {"2026-05-04T08:00:60Z", -1, 0},
    {"2026-00-04T08:00:01Z", -1, 0},
    {"2026-13-04T08:00:01Z", -1, 0},
    {"2026-05-00T08:00:01Z", -1, 0},
    {"2026-04-31T08:00:01Z", -1, 0},
    {"2026-02-29T08:00:01Z", -1, 0},
    {"2100-02-29T08:00:01Z", -1, 0},
    {"1969-12-31T23:59:59Z", -1, 0},
    {"2201-01-01T00:00:00Z", -1, 0},
    {"1970-01-01T00:00:00+01:00", -1, 0},
    {"26-05-04T08:00:01Z", -1, 0},
    {"+026-05-04T08:00:01Z", -1, 0},
    {"2026-5-4T08:00:01Z", -1, 0},
    {"1777881601", -1, 0},
};

static void instants_are_parsed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ns = -7;
        bool is_fine = time_parse(span_of(rows[i].text), &ns);

        if (is_fine != (rows[i].seconds >= 0) ||
            ns != (is_fine ? rows[i].seconds * ns_per_s + rows[i].ns : -7))
            fail_msg("'%s': %lld", rows[i].text, (long long)ns);
    }
}

/* A step of a day and some against the C library's calendar, over all the years that are allowed.
 */
static void the_calendar_is_right(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    for (int64_t seconds = 0; seconds < 7289654400; seconds += 86400 + 3607) {
        time_t t = (time_t)seconds;
        struct tm tm;
        char wanted[40];
        int64_t ns;

        buf_clear(&b);
        time_add_ms(&b, seconds * 1000 + 7);
        assert_non_null(gmtime_r(&t, &tm));
        assert_int_not_equal(strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.007Z", &tm), 0);
        assert_string_equal(b.p, wanted);
        assert_true(time_parse(buf_span(&b), &ns));
        assert_int_equal(ns, seconds * ns_per_s + 7000000);
    }
    buf_done(&b);
}

static void instants_are_written(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 200);
    time_add_ms(&b, 1777881601234);
    time_add_basic(&b, 1777881601234);
    time_add_ms(&b, -5);
    time_add_basic(&b, INT64_MAX);
    assert_string_equal(
        b.p, "2026-05-04T08:00:01.234Z20260504T080001Z1970-01-01T00:00:00.000Z99991231T235959Z");
    buf_done(&b);
}

static void http_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* < 0: refused */
    } dates[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777000},
        {"Mon, 04 May 2026 08:00:01 GMT", 1777881601000},
        {"Sunday, 06-Nov-94 08:49:37 GMT", -1},
        {"Sun Nov  6 08:49:37 1994", -1},
        {"Sun, 6 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 nov 1994 08:49:37 GMT", -1},
        {"Son, 06 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {"Sun, 31 Feb 1994 08:49:37 GMT", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        int64_t ms = -7;
        bool is_fine = time_parse_http(span_of(dates[i].text), &ms);

        if (is_fine != (dates[i].ms >= 0) || ms != (is_fine ? dates[i].ms : -7))
            fail_msg("'%s'", dates[i].text);
    }
}

static void durations_are_parsed(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* < 0: refused */
    } durations[] = {
        {"3s", 3000},
        {"0s", 0},
        {"15m", 900000},
        {"24h", 86400000},
        {"7d", 604800000},
        {"250ms", 250},
        {"007s", 7000},
        {"3653d", 315619200000},
        {"3654d", -1},
        {"3", -1},
        {"", -1},
        {"s", -1},
        {"-3s", -1},
        {"+3s", -1},
        {"3 s", -1},
        {" 3s", -1},
        {"3s ", -1},
        {"3S", -1},
        {"1.5h", -1},
        {"3min", -1},
        {"1h30m", -1},
        {"3w", -1},
        {"99999999999999999999999d", -1},
        {"9223372036854775807ms", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        int64_t ms = -7;
        bool is_fine = time_parse_duration(span_of(durations[i].text), &ms);

        if (is_fine != (durations[i].ms >= 0) || ms != (is_fine ? durations[i].ms : -7))
            fail_msg("'%s'", durations[i].text);
    }
}

static void durations_are_written(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } durations[] = {
        {0, "0 s"},
        {1, "1 ms"},
        {999, "999 ms"},
        {1000, "1 s"},
        {3999, "3 s"},
        {245000, "4 min 5 s"},
        {240000, "4 min"},
        {7380000, "2 h 3 min"},
        {7200500, "2 h"},
        {432000000, "5 d"},
        {90000000, "1 d 1 h"},
        {-3000, "-3 s"},
        {86400000 + 59000, "1 d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        struct buf b;

        buf_init(&b, 100);
        time_add_duration(&b, durations[i].ms);
        assert_string_equal(b.p, durations[i].text);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_parsed),  cmocka_unit_test(the_calendar_is_right),
        cmocka_unit_test(instants_are_written), cmocka_unit_test(http_dates),
        cmocka_unit_test(durations_are_parsed), cmocka_unit_test(durations_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
