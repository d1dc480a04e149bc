/* What is to be asked next for an agent's quick connects to go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/quick_connects.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static const struct named first_page[] = {{.id = {"q1", 2}}, {.id = {"q2", 2}}},
                          second_page[] = {{.id = {"q3", 2}}};

static void expect(struct quick_connects *q, const char *agent, int64_t now_ms, enum quick_ask ask,
                   const char *what)
{
    struct span got = SPAN("");

    assert_int_equal(quick_connects_next(q, span_of(agent), now_ms, &got), ask);
    assert_true(span_eq(got, span_of(what)));
}

static struct quick_connects *listed(int64_t now_ms)
{
    struct quick_connects *q = quick_connects_new();

    expect(q, "ann", now_ms, QUICK_LIST, "");
    quick_connects_listed(q, first_page, 2, SPAN("t"), now_ms);
    expect(q, "ann", now_ms, QUICK_LIST, "t");
    quick_connects_listed(q, second_page, 1, (struct span){NULL, 0}, now_ms);
    return q;
}

static void test_one_agent(void **state)
{
    struct quick_connects *q = listed(1000);

    (void)state;
    expect(q, "ann", 1000, QUICK_DESCRIBE, "q1");
    quick_connects_described(q, SPAN("q1"), SPAN("bob"));
    expect(q, "ann", 1000, QUICK_DESCRIBE, "q2");
    quick_connects_described(q, SPAN("q2"), SPAN("ann"));
    expect(q, "ann", 1000, QUICK_DELETE, "q2");
    quick_connects_gone(q, SPAN("q2"));
    expect(q, "ann", 1000, QUICK_DESCRIBE, "q3");
    quick_connects_described(q, SPAN("q3"), SPAN(""));
    expect(q, "ann", 1000, QUICK_NONE, "");
    /* What is known serves the next one. */
    expect(q, "bob", 2000, QUICK_DELETE, "q1");
    quick_connects_gone(q, SPAN("q1"));
    expect(q, "bob", 2000, QUICK_NONE, "");
    quick_connects_free(q);
    quick_connects_free(NULL);
}

/* What one asks, another does not ask as well; what came to nothing may be asked again. */
static void test_two_at_once(void **state)
{
    struct quick_connects *q = quick_connects_new();

    (void)state;
    expect(q, "ann", 1000, QUICK_LIST, "");
    expect(q, "bob", 1000, QUICK_WAIT, "");
    quick_connects_failed(q, QUICK_LIST, SPAN(""));
    expect(q, "bob", 1000, QUICK_LIST, "");
    quick_connects_listed(q, first_page, 2, (struct span){NULL, 0}, 1000);
    expect(q, "ann", 1000, QUICK_DESCRIBE, "q1");
    expect(q, "bob", 1000, QUICK_DESCRIBE, "q2");
    expect(q, "bob", 1000, QUICK_WAIT, "");
    quick_connects_described(q, SPAN("q2"), SPAN("carl"));
    quick_connects_failed(q, QUICK_DESCRIBE, SPAN("q1"));
    expect(q, "bob", 1000, QUICK_DESCRIBE, "q1");
    expect(q, "ann", 1000, QUICK_WAIT, "");
    expect(q, "ann", 1000 + MINUTE - 1, QUICK_WAIT, ""); /* whoever asked may be gone */
    quick_connects_free(q);
}

/* A list that broke off is read from its start: its token may have gone stale. */
static void test_broken_off(void **state)
{
    struct quick_connects *q = quick_connects_new();

    (void)state;
    expect(q, "ann", 1000, QUICK_LIST, "");
    quick_connects_listed(q, first_page, 2, SPAN("t"), 1000);
    expect(q, "ann", 1000, QUICK_LIST, "t");
    quick_connects_failed(q, QUICK_LIST, SPAN("t"));
    expect(q, "ann", 1000, QUICK_LIST, "");
    quick_connects_free(q);
}

/* The list is read anew after a minute; whose one is, after an hour; what is gone from the list is
 * forgotten. */
static void test_ages(void **state)
{
    struct quick_connects *q = listed(1000);

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct span id;

        assert_int_equal(quick_connects_next(q, SPAN("ann"), 1000, &id), QUICK_DESCRIBE);
        quick_connects_described(q, id, SPAN("bob"));
    }
    expect(q, "ann", 1000 + MINUTE, QUICK_LIST, "");
    quick_connects_listed(q, first_page, 2, (struct span){NULL, 0}, 1000 + MINUTE);
    expect(q, "ann", 1000 + MINUTE, QUICK_NONE, "");
    expect(q, "bob", 1000 + MINUTE, QUICK_DELETE, "q1");
    expect(q, "ann", 1000 + HOUR, QUICK_LIST, "");
    quick_connects_listed(q, first_page, 2, (struct span){NULL, 0}, 1000 + HOUR);
    expect(q, "ann", 1000 + HOUR, QUICK_DESCRIBE, "q1");
    quick_connects_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_agent),
        cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_broken_off),
        cmocka_unit_test(test_ages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
