#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/hook_health.h"

#define HOURS(n) ((int64_t)(n)*3600 * 1000)

enum { NOW_H = 1000 };

enum kind { BY_HOOK, BY_LOG, FAILED, FAILED_OTHER, SWITCHED_OFF, RATE_LIMIT };

static struct event_row row_of(enum kind kind, int64_t at_ms)
{
    static const struct event_row kinds[] = {
        [BY_HOOK] = {.via = {"hook", 4}, .type = {"user.lifecycle.suspend", 22}},
        [BY_LOG] = {.via = {"log", 3}, .type = {"user.lifecycle.suspend", 22}},
        [FAILED] = {.via = {"log", 3},
                    .type = {"event_hook.delivery", 19},
                    .skip_reason = {"health", 6},
                    .skip_detail = {"Roster emea: timeout", 20}},
        [FAILED_OTHER] = {.via = {"log", 3},
                          .type = {"event_hook.delivery", 19},
                          .skip_reason = {"health", 6},
                          .skip_detail = {"Roster emea 2: 500", 18}},
        [SWITCHED_OFF] = {.via = {"log", 3},
                          .type = {"event_hook.deactivated", 22},
                          .skip_reason = {"health", 6},
                          .skip_detail = {"Roster emea", 11}},
        [RATE_LIMIT] = {.via = {"log", 3},
                        .type = {"system.org.rate_limit.warning", 29},
                        .skip_reason = {"health", 6},
                        .skip_detail = {"Roster emea", 11}},
    };
    struct event_row row = kinds[kind];

    row.received_ms = at_ms;
    row.published_ns = at_ms * 1000000;
    return row;
}

static const struct row {
    const char *name;
    size_t n;
    struct {
        enum kind kind;
        int hours_ago;
    } events[4]; /* newest first */
    int64_t n_failures;
    bool is_failing;
} rows[] = {
    {"nothing came in", 0, {{BY_HOOK, 0}}, 0, false},
    {"all is well", 2, {{BY_HOOK, 0}, {BY_LOG, 1}}, 0, false},
    {"it failed, and nothing came since", 2, {{FAILED, 1}, {BY_HOOK, 2}}, 1, true},
    {"the log goes on meanwhile", 3, {{BY_LOG, 0}, {FAILED, 1}, {BY_HOOK, 2}}, 1, true},
    {"it failed, and works again", 3, {{BY_HOOK, 0}, {FAILED, 1}, {FAILED, 2}}, 2, false},
    {"long ago", 1, {{FAILED, 25}}, 0, false},
    {"somebody else's", 2, {{FAILED_OTHER, 1}, {BY_HOOK, 2}}, 1, false},
    {"switched off", 2, {{SWITCHED_OFF, 1}, {BY_HOOK, 2}}, 1, true},
    {"a rate limit is another matter", 2, {{RATE_LIMIT, 1}, {BY_HOOK, 2}}, 0, false},
};

static void failed_deliveries_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_row events[4];
        struct hook_health h;

        for (size_t k = 0; k < rows[i].n; k++)
            events[k] = row_of(rows[i].events[k].kind, HOURS(NOW_H - rows[i].events[k].hours_ago));
        h = hook_health_of(events, rows[i].n, SPAN("Roster emea"), HOURS(NOW_H));
        if (h.n_failures != rows[i].n_failures || h.is_failing != rows[i].is_failing)
            fail_msg("%s: %d failures", rows[i].name, (int)h.n_failures);
    }
}

static void the_newest_counts(void **state)
{
    struct event_row events[] = {row_of(BY_LOG, HOURS(NOW_H)), row_of(FAILED, HOURS(NOW_H - 1)),
                                 row_of(BY_HOOK, HOURS(NOW_H - 2)),
                                 row_of(FAILED_OTHER, HOURS(NOW_H - 3))};
    struct hook_health h = hook_health_of(events, 4, SPAN("Roster emea"), HOURS(NOW_H));

    (void)state;
    assert_int_equal(h.failed_ms, HOURS(NOW_H - 1));
    assert_true(span_eq(h.failure, SPAN("Roster emea: timeout")));
    assert_int_equal(h.by_hook_ms, HOURS(NOW_H - 2));
    assert_int_equal(h.by_log_ms, HOURS(NOW_H));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_deliveries_are_told),
        cmocka_unit_test(the_newest_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
