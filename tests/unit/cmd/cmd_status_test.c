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
        cmocka_unit_test(many_pauses_have_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
