#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/status.h"

#define MINUTES(n) ((int64_t)(n)*60 * 1000)

enum { NOW = 500 * 60 * 1000 };

static const struct row {
    const char *name;
    int64_t held, failed, due, waits_ms;
    size_t n_pauses, n_needs;
    const char *says; /* NULL = no person is needed */
} rows[] = {
    {"all is well", 0, 0, 0, 0, 0, 0, NULL},
    {"work to do", 0, 0, 5, MINUTES(1), 0, 0, NULL},
    {"a long queue that moves", 0, 0, 10000, MINUTES(170), 0, 0, NULL},
    {"a long queue that does not", 0, 0, 10000, MINUTES(180), 0, 1, "3 h"},
    {"one person for nine minutes", 0, 0, 1, MINUTES(9), 0, 0, NULL},
    {"one person for eleven minutes", 0, 0, 1, MINUTES(11), 0, 1, "roster serve"},
    {"held", 2, 0, 0, 0, 0, 1, "2 held"},
    {"failed", 0, 3, 0, 0, 0, 1, "3 failed"},
    {"paused", 0, 0, 1, MINUTES(1), 1, 1,
     "CreateUser is paused for everybody: AccessDenied: may not"},
    {"everything", 1, 1, 1, MINUTES(60), 1, 4, "1 held"},
};

static void a_person_is_needed(void **state)
{
    static const struct pause pauses[] = {
        {.operation = {"CreateUser", 10}, .code = {"AccessDenied", 12}, .reason = {"may not", 7}}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct arena arena = {0};
        struct status s = {.now_ms = NOW, .pauses = pauses, .n_pauses = row->n_pauses};

        s.counts.by_state[PERSON_HELD] = row->held;
        s.counts.by_state[PERSON_FAILED] = row->failed;
        s.counts.by_state[PERSON_DUE] = row->due;
        s.oldest_due_since_ms = row->due == 0 ? 0 : NOW - row->waits_ms;
        status_judge(&s, 2.0, &arena);
        if (s.n_needs != row->n_needs)
            fail_msg("%s: %zu lines", row->name, s.n_needs);
        if (row->says != NULL && strstr(s.needs[0], row->says) == NULL)
            fail_msg("%s: %s", row->name, s.needs[0]);
        arena_done(&arena);
    }
}

static const struct bound_row {
    const char *name;
    int64_t held, removals, changes, unsure;
    const char *removals_why;
    size_t n_needs;
    const char *says;
} bound_rows[] = {
    {"removals", 25, 25, 0, 0, "25 at once", 1, "MAX_REMOVALS, 25"},
    {"changes", 200, 0, 200, 0, "", 1, "MAX_CHANGES, 200"},
    {"unsure", 4, 0, 0, 4, "", 1, "4 fell out of scope"},
    {"a gate that is shut, and nobody there", 0, 0, 0, 0, "25 at once", 1, "MAX_REMOVALS, 0"},
    {"others besides", 7, 2, 0, 0, "2 at once", 2, "MAX_REMOVALS, 2"},
};

static void what_is_held_at_the_bounds_needs_a_person(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bound_rows) / sizeof(bound_rows[0]); i++) {
        const struct bound_row *row = &bound_rows[i];
        struct arena arena = {0};
        struct status s = {.now_ms = NOW,
                           .n_removals = row->removals,
                           .n_changes = row->changes,
                           .n_unsure = row->unsure,
                           .removals_why = span_of(row->removals_why)};

        s.counts.by_state[PERSON_HELD] = row->held;
        status_judge(&s, 2.0, &arena);
        if (s.n_needs != row->n_needs || strstr(s.needs[0], row->says) == NULL)
            fail_msg("%s: %zu lines, %s", row->name, s.n_needs, s.needs[0]);
        arena_done(&arena);
    }
}

static void a_renamed_profile_needs_a_person(void **state)
{
    static const struct pin pins[] = {{.kind = NAME_ROUTING_PROFILE,
                                       .name = {"Claims", 6},
                                       .id = {"r-1", 3},
                                       .name_now = {"Claims EU", 9}}};
    struct status s = {.now_ms = NOW, .pins = pins, .n_pins = 1};
    struct arena arena = {0};

    (void)state;
    status_judge(&s, 2.0, &arena);
    assert_int_equal(s.n_needs, 1);
    assert_non_null(strstr(s.needs[0], "routing profile 'Claims' is now called 'Claims EU'"));
    arena_done(&arena);
}

static void many_pauses_have_a_bound(void **state)
{
    static const struct pause pauses[20] = {{.operation = {"X", 1}}};
    struct status s = {.now_ms = NOW, .pauses = pauses, .n_pauses = 20};
    struct arena arena = {0};

    (void)state;
    s.counts.by_state[PERSON_DUE] = 1;
    s.oldest_due_since_ms = 1;
    status_judge(&s, 2.0, &arena);
    assert_int_equal(s.n_needs, STATUS_NEEDS);
    assert_non_null(strstr(s.needs[STATUS_NEEDS - 1], "the queue does not move"));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_needed),
        cmocka_unit_test(what_is_held_at_the_bounds_needs_a_person),
        cmocka_unit_test(a_renamed_profile_needs_a_person),
        cmocka_unit_test(many_pauses_have_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
