/* Steps, counts of calls, skipped events, pauses and notes. */
#include "fixture.h"

static int64_t add_step(struct fixture *f, const char *user, const char *operation)
{
    struct step_record step = {.sent_ms = 10,
                               .source = SPAN("okta"),
                               .user_id = span_of(user),
                               .instance = SPAN("i-1"),
                               .operation = span_of(operation),
                               .cause = SPAN("event 1"),
                               .outcome = SPAN("sent")};
    int64_t id = 0;

    assert_ok(f, store_step_add(f->store, &step, &id, &f->fail));
    return id;
}

static void answer_step(struct fixture *f, int64_t id, const char *outcome)
{
    struct step_record answer = {.answered_ms = 20,
                                 .outcome = span_of(outcome),
                                 .status = 400,
                                 .code = SPAN("SomeException"),
                                 .request_id = SPAN("r-1"),
                                 .text = SPAN("why")};

    assert_ok(f, store_step_answer(f->store, id, &answer, &f->fail));
}

static void test_steps(void **state)
{
    static const char *const outcomes[] = {"done", "throttled", "failed", "unclear", "failed"};
    struct fixture *f = *state;
    struct step_record *steps;
    struct call_count *counts;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    for (size_t i = 0; i < 5; i++)
        answer_step(f, add_step(f, i < 3 ? "00u1" : "00u2", "CreateUser"), outcomes[i]);
    (void)add_step(f, "", "SearchUsers");
    assert_int_equal(store_step_answer(f->store, 99, &(struct step_record){0}, &f->fail),
                     ERR_NOT_FOUND);
    assert_ok(f, store_commit(f->store, &f->fail));

    assert_ok(
        f, store_steps(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), 2, &steps, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_span(steps[0].outcome, "failed");
    assert_int_equal(steps[0].sent_ms, 10);
    assert_int_equal(steps[0].answered_ms, 20);
    assert_int_equal(steps[0].status, 400);
    assert_span(steps[0].source, "okta");
    assert_span(steps[0].user_id, "00u1");
    assert_span(steps[0].instance, "i-1");
    assert_span(steps[0].operation, "CreateUser");
    assert_span(steps[0].cause, "event 1");
    assert_span(steps[0].code, "SomeException");
    assert_span(steps[0].request_id, "r-1");
    assert_span(steps[0].text, "why");
    assert_span(steps[1].outcome, "throttled");

    assert_ok(f,
              store_steps(f->store, &f->arena, SPAN("okta"), SPAN(""), 10, &steps, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_span(steps[0].user_id, "00u2");

    assert_ok(f, store_call_counts(f->store, &f->arena, &counts, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_span(counts[0].operation, "CreateUser");
    assert_int_equal(counts[0].sent, 5);
    assert_int_equal(counts[0].throttled, 1);
    assert_int_equal(counts[0].failed, 2);
    assert_int_equal(counts[1].sent, 1);
}

static void test_skips(void **state)
{
    struct fixture *f = *state;
    struct skip_count *counts;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_skip_count_add(f->store, "no_target", 2, &f->fail));
    assert_ok(f, store_skip_count_add(f->store, "foreign_group", 1, &f->fail));
    assert_ok(f, store_skip_count_add(f->store, "no_target", 3, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_skip_counts(f->store, &f->arena, &counts, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_span(counts[1].reason, "no_target");
    assert_int_equal(counts[1].n, 5);
}

static void test_pauses(void **state)
{
    struct fixture *f = *state;
    struct pause pause = {SPAN("CreateUser"), SPAN("AccessDenied"), SPAN("why"), 1, 2}, *pauses;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_pause_put(f->store, &pause, &f->fail));
    pause.probe_ms = 3;
    pause.since_ms = 99; /* it is the same pause, since 1 */
    assert_ok(f, store_pause_put(f->store, &pause, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_pauses(f->store, &f->arena, &pauses, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(pauses[0].code, "AccessDenied");
    assert_span(pauses[0].reason, "why");
    assert_int_equal(pauses[0].since_ms, 1);
    assert_int_equal(pauses[0].probe_ms, 3);
    pause.code = SPAN("LimitExceeded");
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_pause_put(f->store, &pause, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_pauses(f->store, &f->arena, &pauses, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_int_equal(pauses[0].since_ms, 99);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_pause_remove(f->store, SPAN("CreateUser"), &f->fail));
    assert_ok(f, store_pause_remove(f->store, SPAN("SearchUsers"), &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_pauses(f->store, &f->arena, &pauses, &n, &f->fail));
    assert_int_equal(n, 0);
}

static void test_notes(void **state)
{
    struct fixture *f = *state;
    struct span value = SPAN("x");

    assert_ok(f, store_note_get(f->store, &f->arena, "engine", &value, &f->fail));
    assert_null(value.p);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_note_put(f->store, "engine", SPAN("one"), &f->fail));
    assert_ok(f, store_note_put(f->store, "engine", SPAN("two\0three"), &f->fail));
    assert_ok(f, store_note_put(f->store, "empty", SPAN(""), &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_note_get(f->store, &f->arena, "engine", &value, &f->fail));
    assert_true(span_eq(value, SPAN("two\0three")));
    assert_ok(f, store_note_get(f->store, &f->arena, "empty", &value, &f->fail));
    assert_non_null(value.p);
    assert_int_equal(value.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steps, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_skips, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_pauses, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_notes, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
