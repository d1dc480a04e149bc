#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/okta_health.h"

#define HOURS(n) ((int64_t)(n)*3600 * 1000)

static void the_daemon_s_notes_are_read(void **state)
{
    struct arena a = {0};
    struct okta_health h = okta_health_read(
        &a,
        SPAN(
            "{\"is_on\":true,\"delivered_ms\":5,\"missed\":2,\"missed_ms\":4,\"missed_type\":\"t\","
            "\"failed\":3,\"failed_ms\":6,\"failed_reason\":\"500\",\"limited_ms\":7,"
            "\"limited_reason\":\"near\"}"),
        SPAN("{\"cursor\":\"c\",\"published_ms\":8,\"read_ms\":9}"),
        SPAN("[{\"kind\":\"application\",\"id\":\"0oa1\",\"name\":\"App\",\"state\":\"inactive\","
             "\"since_ms\":10}]"));

    (void)state;
    assert_true(h.is_known && h.has_hook);
    assert_int_equal(h.delivered_ms, 5);
    assert_int_equal(h.missed, 2);
    assert_int_equal(h.failed, 3);
    assert_true(span_eq(h.failed_reason, SPAN("500")));
    assert_int_equal(h.limited_ms, 7);
    assert_int_equal(h.log_read_ms, 9);
    assert_int_equal(h.log_event_ms, 8);
    assert_int_equal(h.n_things, 1);
    assert_true(span_eq(h.things[0].state, SPAN("inactive")));
    assert_int_equal(h.things[0].since_ms, 10);
    arena_done(&a);
}

static void what_cannot_be_read_tells_nothing(void **state)
{
    static const char *const notes[] = {
        "", "{", "[]", "7", "{\"is_on\":7,\"failed_ms\":\"x\"}", "[7,null,{}]"};

    (void)state;
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        struct arena a = {0};
        struct okta_health h =
            okta_health_read(&a, span_of(notes[i]), span_of(notes[i]), span_of(notes[i]));

        assert_false(okta_health_hook_fails(&h, HOURS(1)));
        assert_int_equal(h.failed_ms + h.log_read_ms, 0);
        arena_done(&a);
    }
}

static const struct row {
    const char *name;
    bool has_hook;
    int delivered_ago, missed_ago, failed_ago; /* hours; 0 = never */
    bool fails;
} rows[] = {
    {"all is well", true, 1, 0, 0, false},
    {"nothing came in yet", true, 0, 0, 0, false},
    {"it failed, and nothing came since", true, 2, 0, 1, true},
    {"the log alone brought something", true, 2, 1, 0, true},
    {"it failed, and works again", true, 1, 3, 2, false},
    {"it failed long ago", true, 30, 0, 25, false},
    {"there is no hook", false, 0, 1, 1, false},
};

static void a_hook_that_fails_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        struct okta_health h = {.is_known = true,
                                .has_hook = r->has_hook,
                                .delivered_ms =
                                    r->delivered_ago == 0 ? 0 : HOURS(1000 - r->delivered_ago),
                                .missed_ms = r->missed_ago == 0 ? 0 : HOURS(1000 - r->missed_ago),
                                .failed_ms = r->failed_ago == 0 ? 0 : HOURS(1000 - r->failed_ago)};

        if (okta_health_hook_fails(&h, HOURS(1000)) != r->fails)
            fail_msg("%s", r->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_daemon_s_notes_are_read),
        cmocka_unit_test(what_cannot_be_read_tells_nothing),
        cmocka_unit_test(a_hook_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
