#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/decision.h"
#include "model/plan.h"

enum { NOW = 100 * 60 * 1000 };

static const struct span profiles[] = {{"sp", 2}}, apps[] = {{"App", 3}}, groups[] = {{"Group", 5}};
static const struct rule_test rule_tests[] = {{.kind = TEST_APP, .values = apps, .n = 1},
                                              {.kind = TEST_GROUP, .values = groups, .n = 1}};
static const struct rule plain = {.tests = rule_tests,
                                  .n_tests = 2,
                                  .is_any = true,
                                  .has_ids = true,
                                  .security_profiles = profiles,
                                  .n_security_profiles = 1,
                                  .routing_profile = {"rp", 2}};
static const struct rules rules = {.rules = &plain,
                                   .n = 1,
                                   .managed_by = {"roster", 6},
                                   .settle_ms = 3000,
                                   .on_remove = REMOVE_DELETE,
                                   .removal_grace_ms = 3600 * 1000};
static const struct scope in = {.is_in = true, .is_by_app = true}, by_group = {.is_in = true}, out;

static struct person ann(enum person_state state, const char *reason_code)
{
    return (struct person){.source = SPAN("okta"),
                           .id = SPAN("00uann"),
                           .login = SPAN("ann@acme.com"),
                           .state = state,
                           .reason_code = span_of(reason_code),
                           .reason = SPAN("because"),
                           .since_ms = 5};
}

static bool retry(struct person *p, const struct scope *scope)
{
    struct fail fail;
    bool is_changed;

    assert_int_equal(decision_retry(p, &rules, scope, NOW, &is_changed, &fail), ERR_NONE);
    return is_changed;
}

static enum actual_kind actual_kind(const struct person *p)
{
    struct arena arena = {0};
    enum actual_kind kind = plan_actual(p, &arena).kind;

    arena_done(&arena);
    return kind;
}

static void who_failed_is_held_or_waits_is_due_at_once(void **state)
{
    static const enum person_state states[] = {PERSON_FAILED, PERSON_HELD, PERSON_DUE};

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct person p = ann(states[i], states[i] == PERSON_HELD ? REASON_EXISTS : "");

        p.attempts = 7;
        p.due_ms = NOW + 300000;
        p.due_since_ms = states[i] == PERSON_DUE ? NOW - 60000 : 0;
        assert_true(retry(&p, &by_group));
        assert_int_equal(p.state, PERSON_DUE);
        assert_int_equal(p.due_ms, NOW);
        assert_int_equal(p.attempts, 0);
        assert_int_equal(p.due_since_ms, states[i] == PERSON_DUE ? NOW - 60000 : NOW);
        assert_true(span_eq(p.cause, SPAN(DECISION_RETRY_CAUSE)));
        assert_int_equal(p.reason_code.n, 0);
        assert_int_equal(actual_kind(&p), ACTUAL_ABSENT);
    }
}

static void who_is_well_is_left_alone(void **state)
{
    static const enum person_state states[] = {PERSON_IN_STEP, PERSON_PARKED, PERSON_REMOVED,
                                               PERSON_OUT_OF_SCOPE};

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct person p = ann(states[i], ""), before = p;

        assert_false(retry(&p, &in));
        assert_memory_equal(&p, &before, sizeof(p));
    }
}

static void who_left_meanwhile_is_out_of_scope(void **state)
{
    struct person p = ann(PERSON_FAILED, REASON_REFUSED);

    (void)state;
    assert_true(retry(&p, &out));
    assert_int_equal(p.state, PERSON_OUT_OF_SCOPE);
}

/* What a person decides about, or what only time does, is nothing to retry. */
static const struct waiting {
    const char *name;
    enum person_state state;
    const char *code, *says;
    enum removal removal;
    int64_t left_ms;
} waiting[] = {
    {"the bound on removals", PERSON_HELD, REASON_REMOVALS, "roster release", REMOVAL_HELD, 5},
    {"unsure", PERSON_HELD, REASON_UNSURE, "roster release", REMOVAL_HELD, 5},
    {"parking", PERSON_HELD, REASON_REMOVALS, "roster release", REMOVAL_HELD, 0},
    {"the bound on changes", PERSON_HELD, REASON_CHANGES, "roster release", REMOVAL_NONE, 0},
    {"the grace", PERSON_DUE, REASON_GRACE, "REMOVAL_GRACE", REMOVAL_WAITS, NOW - 5},
};

static void what_is_held_at_a_bound_stays_held(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
        struct person p = ann(waiting[i].state, waiting[i].code), before;
        bool is_changed;
        struct fail fail;

        p.removal = waiting[i].removal;
        p.left_ms = waiting[i].left_ms;
        p.agent_id = SPAN("a-1");
        before = p;
        if (decision_retry(&p, &rules, p.left_ms == 0 ? &in : &out, NOW, &is_changed, &fail) !=
                ERR_CONFLICT ||
            is_changed || memcmp(&p, &before, sizeof(p)) != 0 ||
            strstr(fail.text, waiting[i].says) == NULL)
            fail_msg("%s", waiting[i].name);
    }
}

/* Decided, and then refused by Amazon Connect: that is tried again, without another decision. */
static void a_removal_that_failed_is_tried_again(void **state)
{
    struct person p = ann(PERSON_FAILED, REASON_REFUSED);

    (void)state;
    p.agent_id = SPAN("a-1");
    p.left_ms = 5;
    p.removal = REMOVAL_PASSED;
    assert_true(retry(&p, &out));
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_PASSED);
    assert_int_equal(p.due_ms, NOW);
}

/* Out of scope since now: the retry does not take the grace away. */
static void who_left_with_an_agent_has_grace(void **state)
{
    struct person p = ann(PERSON_FAILED, REASON_REFUSED);

    (void)state;
    p.agent_id = SPAN("a-1");
    assert_true(retry(&p, &out));
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_WAITS);
    assert_int_equal(p.due_ms, NOW + rules.removal_grace_ms);
}

/* The agent may have been deleted, or not: only looking under its old name tells. */
static void a_changed_user_name_is_looked_into_under_the_old_one(void **state)
{
    struct person p = ann(PERSON_HELD, REASON_NAME_DIFFERS);

    (void)state;
    p.agent_id = SPAN("a-1");
    p.agent_arn = SPAN("arn");
    p.agent_user_name = SPAN("old@acme.com");
    p.agent_since_ms = NOW - 11 * 60 * 1000;
    p.applied = SPAN("{}");
    assert_true(retry(&p, &in));
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(actual_kind(&p), ACTUAL_UNKNOWN);
    assert_true(span_eq(p.create_sent_name, SPAN("old@acme.com")));
    assert_int_equal(p.create_sent_ms, NOW - 11 * 60 * 1000);
    assert_int_equal(p.agent_id.n, 0);
    assert_int_equal(p.applied.n, 0);
}

static void adopting_looks_first_and_is_allowed(void **state)
{
    struct person p = ann(PERSON_HELD, REASON_EXISTS);
    struct arena arena = {0};
    struct fail fail;

    (void)state;
    assert_int_equal(decision_adopt(&p, &rules, &in, NOW, &arena, &fail), ERR_NONE);
    assert_true(p.may_adopt);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.due_ms, NOW);
    assert_int_equal(actual_kind(&p), ACTUAL_UNKNOWN);
    assert_true(span_eq(p.create_sent_name, SPAN("ann@acme.com")));
    assert_true(span_eq(p.cause, SPAN(DECISION_ADOPT_CAUSE)));
    arena_done(&arena);
}

static const struct refused {
    const char *name;
    enum person_state state;
    const char *code;
    bool is_in;
} refused[] = {
    {"in step", PERSON_IN_STEP, "", true},
    {"due", PERSON_DUE, "", true},
    {"failed", PERSON_FAILED, REASON_REFUSED, true},
    {"held for another reason", PERSON_HELD, REASON_NAME_DIFFERS, true},
    {"left", PERSON_HELD, REASON_EXISTS, false},
};

static void only_who_is_held_for_an_agent_can_adopt(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct person p = ann(refused[i].state, refused[i].code), before = p;
        struct arena arena = {0};
        struct fail fail;

        if (decision_adopt(&p, &rules, refused[i].is_in ? &in : &out, NOW, &arena, &fail) !=
                ERR_CONFLICT ||
            memcmp(&p, &before, sizeof(p)) != 0 || fail.text[0] == '\0')
            fail_msg("%s", refused[i].name);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_failed_is_held_or_waits_is_due_at_once),
        cmocka_unit_test(who_is_well_is_left_alone),
        cmocka_unit_test(who_left_meanwhile_is_out_of_scope),
        cmocka_unit_test(what_is_held_at_a_bound_stays_held),
        cmocka_unit_test(a_removal_that_failed_is_tried_again),
        cmocka_unit_test(who_left_with_an_agent_has_grace),
        cmocka_unit_test(a_changed_user_name_is_looked_into_under_the_old_one),
        cmocka_unit_test(adopting_looks_first_and_is_allowed),
        cmocka_unit_test(only_who_is_held_for_an_agent_can_adopt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
