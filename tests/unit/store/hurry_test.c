/* A clock that was ahead and is right again: nobody waits until it is ahead once more. */
#include "fixture.h"

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE };

static const int64_t now_ms = 1777881600000, latest_ms = 1777881600000 + 2 * 60 * MINUTE;

static const struct row {
    const char *name;
    enum person_state state;
    const char *reason;
    int64_t due_ms, left_ms; /* after now */
    int64_t due_after_ms, left_after_ms;
} rows[] = {
    {"due now", PERSON_DUE, "", 0, 0, 0, 0},
    {"put off by minutes", PERSON_DUE, "waiting", 5 * MINUTE, 0, 5 * MINUTE, 0},
    {"put off by a clock a day ahead", PERSON_DUE, "", DAY, 0, 0, 0},
    {"the same after failures", PERSON_DUE, "waiting", DAY + MINUTE, 0, 0, 0},
    {"a grace", PERSON_DUE, REASON_GRACE, 7 * DAY, -DAY, 7 * DAY, -DAY},
    {"a grace that begins tomorrow", PERSON_DUE, REASON_GRACE, 8 * DAY, DAY, 7 * DAY, 0},
    {"left tomorrow, and waits for a look", PERSON_DUE, "waiting", 0, DAY, 0, 0},
    {"in step, and once due", PERSON_IN_STEP, "", DAY, 0, DAY, 0},
};

static struct person person_of(const struct row *row)
{
    return (struct person){.source = SPAN("okta"),
                           .id = span_of(row->name),
                           .state = row->state,
                           .reason_code = span_of(row->reason),
                           .due_ms = now_ms + row->due_ms,
                           .due_since_ms = row->state == PERSON_DUE ? now_ms + row->due_ms : 0,
                           .left_ms = row->left_ms == 0 ? 0 : now_ms + row->left_ms};
}

static void test_people(void **state)
{
    struct fixture *f = *state;
    int64_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = person_of(&rows[i]);

        assert_ok(f, store_person_put(f->store, &p, &f->fail));
    }
    assert_ok(f, store_hurry(f->store, now_ms, latest_ms, &n, &f->fail));
    assert_int_equal(n, 3);
    assert_ok(f, store_commit(f->store, &f->fail));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct person p;

        assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), span_of(row->name), &p,
                                      &f->fail));
        if (p.due_ms != now_ms + row->due_after_ms)
            fail_msg("%s: due %lld ms from now", row->name, (long long)(p.due_ms - now_ms));
        if (row->left_ms != 0 && p.left_ms != now_ms + row->left_after_ms)
            fail_msg("%s: left %lld ms from now", row->name, (long long)(p.left_ms - now_ms));
        if (p.state == PERSON_DUE && p.due_since_ms > p.due_ms)
            fail_msg("%s: due since later than due", row->name);
    }
}

static void test_looks(void **state)
{
    struct fixture *f = *state;
    struct look soon = {.source = SPAN("okta"),
                        .kind = LOOK_USER,
                        .id = SPAN("00u1"),
                        .due_ms = now_ms + MINUTE,
                        .cause = SPAN("event x")};
    struct look late = soon, *looks;
    int64_t n;
    size_t n_looks;

    late.id = SPAN("00u2");
    late.due_ms = now_ms + DAY;
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_look_put(f->store, &soon, &f->fail));
    assert_ok(f, store_look_put(f->store, &late, &f->fail));
    assert_ok(f, store_hurry(f->store, now_ms, latest_ms, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_looks_due(f->store, &f->arena, now_ms, 0, 10, &looks, &n_looks, &f->fail));
    assert_int_equal(n_looks, 1);
    assert_span(looks[0].id, "00u2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_people, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_looks, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
