#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lambda/gone_tag.h"

static void what_is_written_is_read(void **state)
{
    struct arena a = {0};
    struct tag tags[] = {{SPAN("Team"), SPAN("x")}, gone_tag(&a, 1777881601234)};
    const struct agent agent = {.tags = tags, .n_tags = 2};
    int64_t ms = 0;

    (void)state;
    assert_true(span_eq(tags[1].key, SPAN("roster:gone")));
    assert_true(span_eq(tags[1].value, SPAN("2026-05-04T08:00:01.234Z")));
    assert_true(gone_tag_read(&agent, &ms));
    assert_int_equal(ms, 1777881601234);
    arena_done(&a);
}

static void what_was_edited_says_that_it_is_there_and_no_time(void **state)
{
    static const struct {
        struct tag tag;
        bool is_there;
        int64_t ms;
    } rows[] = {{{{"roster:gone", 11}, {"yes", 3}}, true, 0},
                {{{"roster:gone", 11}, {"", 0}}, true, 0},
                {{{"roster:gone", 11}, {"2026-05-04", 10}}, true, 0},
                {{{"roster:gone", 11}, {"2026-05-04T10:00:01+02:00", 25}}, true, 1777881601000},
                {{{"Roster:gone", 11}, {"2026-05-04T08:00:01Z", 20}}, false, -1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct agent agent = {.tags = &rows[i].tag, .n_tags = 1};
        int64_t ms = -1;

        if (gone_tag_read(&agent, &ms) != rows[i].is_there || ms != rows[i].ms)
            fail_msg("row %zu: %lld", i, (long long)ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_was_edited_says_that_it_is_there_and_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
