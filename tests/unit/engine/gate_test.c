/* A set passes whole or is held whole, with what has passed before; and nothing passes after a hold
 * until a person decides. */
#include "../store/fixture.h"

#include "engine/gate.h"
#include "engine/release.h"

enum { NOW_MS = 10 * 3600 * 1000, HOUR_MS = 3600 * 1000 };

static void put(struct fixture *f, const struct person *p)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_person_put(f->store, p, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static void add(struct fixture *f, const char *prefix, int n, bool waits, bool is_removal)
{
    for (int i = 0; i < n; i++) {
        char id[32];
        struct person p = {.source = SPAN("okta"),
                           .agent_user_name = SPAN("x"),
                           .state = waits ? PERSON_DUE : PERSON_IN_STEP,
                           .due_since_ms = 5,
                           .needs_gate = waits,
                           .judged_n = 3,
                           .removal = waits && is_removal ? REMOVAL_WAITS : REMOVAL_NONE};

        (void)snprintf(id, sizeof(id), "%s%d", prefix, i);
        p.id = span_of(id);
        put(f, &p);
    }
}

static struct gate_verdict judge(struct fixture *f, enum gate gate, struct guard_bound bound,
                                 int64_t now_ms)
{
    struct gate_verdict verdict;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, gate_judge(f->store, gate, &bound, now_ms, &f->arena, &verdict, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    return verdict;
}

static struct person person(struct fixture *f, const char *id)
{
    struct person p;

    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), span_of(id), &p, &f->fail));
    return p;
}

static const struct guard_bound five = {5, GUARD_UNSET, 3};

static void test_passes(void **state)
{
    struct fixture *f = *state;
    struct gate_verdict verdict;
    struct person p;

    add(f, "p", 5, true, true);
    add(f, "c", 2, true, false); /* at the other gate */
    verdict = judge(f, GATE_REMOVALS, five, NOW_MS);
    assert_int_equal(verdict.passed, 5);
    assert_int_equal(verdict.held, 0);
    p = person(f, "p4");
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_PASSED);
    assert_int_equal(p.due_ms, NOW_MS);
    assert_int_equal(p.judged_n, 4);
    assert_false(p.needs_gate);
    assert_true(person(f, "c0").needs_gate);
    assert_int_equal(judge(f, GATE_REMOVALS, five, NOW_MS).passed, 0);
    assert_int_equal(judge(f, GATE_CHANGES, five, NOW_MS).passed, 2);
    assert_true(person(f, "c0").passed_changes);
    assert_int_equal(person(f, "c0").removal, REMOVAL_NONE);
}

static void test_held(void **state)
{
    struct fixture *f = *state;
    struct gate_verdict verdict;
    struct person p;

    add(f, "p", 6, true, true);
    verdict = judge(f, GATE_REMOVALS, five, NOW_MS);
    assert_int_equal(verdict.passed, 0);
    assert_int_equal(verdict.held, 6);
    assert_true(verdict.is_new);
    assert_non_null(strstr(verdict.reason, "MAX_REMOVALS"));
    p = person(f, "p0");
    assert_int_equal(p.state, PERSON_HELD);
    assert_int_equal(p.removal, REMOVAL_HELD);
    assert_span(p.reason_code, REASON_REMOVALS);
    /* One more, far below the bound, and days later: nobody has decided. */
    add(f, "q", 1, true, true);
    verdict = judge(f, GATE_REMOVALS, five, NOW_MS + 48 * HOUR_MS);
    assert_int_equal(verdict.held, 1);
    assert_false(verdict.is_new);
}

/* What passed within the hour counts, as people. */
static void test_window(void **state)
{
    struct fixture *f = *state;

    add(f, "p", 3, true, true);
    assert_int_equal(judge(f, GATE_REMOVALS, five, NOW_MS).passed, 3);
    add(f, "q", 2, true, true);
    assert_int_equal(judge(f, GATE_REMOVALS, five, NOW_MS + HOUR_MS - 1).passed, 2);
    add(f, "r", 4, true, true);
    assert_int_equal(judge(f, GATE_REMOVALS, five, NOW_MS + HOUR_MS + 1).held, 4);
}

static void test_percentage(void **state)
{
    static const struct guard_bound bound = {20, 10, 3};
    struct fixture *f = *state;

    add(f, "p", 5, true, true);
    add(f, "agent", 45, false, false); /* 50 agents: five are ten per cent */
    assert_int_equal(judge(f, GATE_REMOVALS, bound, NOW_MS).passed, 5);
    add(f, "q", 1, true, true);
    assert_int_equal(judge(f, GATE_REMOVALS, bound, NOW_MS).held, 1);
}

static void test_decided(void **state)
{
    struct fixture *f = *state;
    struct person p;
    bool is_changed;
    int64_t n;

    add(f, "p", 6, true, true);
    (void)judge(f, GATE_REMOVALS, five, NOW_MS);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, release_one(f->store, &f->arena, SPAN("okta"), SPAN("p0"), RELEASE_PASS, NOW_MS,
                             &p, &is_changed, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    add(f, "q", 1, true, true);
    assert_int_equal(judge(f, GATE_REMOVALS, five, NOW_MS).held, 1); /* five wait still */
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, release_all(f->store, RELEASE_REJECT, NOW_MS, &n, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_int_equal(n, 6);
    add(f, "r", 4, true, true);
    assert_int_equal(judge(f, GATE_REMOVALS, five, NOW_MS).passed, 4); /* with the one released */
    add(f, "s", 1, true, true);
    assert_int_equal(judge(f, GATE_REMOVALS, five, NOW_MS).held, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_passes, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_held, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_window, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_percentage, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_decided, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
