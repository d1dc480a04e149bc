#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/decision.h"
#include "model/plan.h"

enum { NOW = 100 * 60 * 1000 };

static const struct span profiles[] = {{"sp", 2}};
static const struct rules rules = {.app_name = {"App", 3},
                                   .group_name = {"Group", 5},
                                   .security_profile_ids = profiles,
                                   .n_security_profile_ids = 1,
                                   .routing_profile_id = {"rp", 2},
                                   .managed_by = {"roster", 6},
                                   .settle_ms = 3000};
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
    struct arena arena = {0};
    bool is_changed = decision_retry(p, &rules, scope, NOW, &arena);

    arena_done(&arena); /* only constant texts are looked at */
    return is_changed;
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
        assert_int_equal(plan_actual(&p).kind, ACTUAL_ABSENT);
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

/* The agent may have been deleted, or not: only looking under its old name tells. */
static void a_changed_user_name_is_looked_into_under_the_old_one(void **state)
{
    struct person p = ann(PERSON_HELD, REASON_NAME_DIFFERS);

    (void)state;
    p.agent_id = SPAN("a-1");
    p.agent_arn = SPAN("arn");
    p.agent_user_name = SPAN("old@acme.com");
    p.agent_since_ms = NOW - 11 * 60 * 1000;
    assert_true(retry(&p, &in));
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(plan_actual(&p).kind, ACTUAL_UNKNOWN);
    assert_true(span_eq(p.create_sent_name, SPAN("old@acme.com")));
    assert_int_equal(p.create_sent_ms, NOW - 11 * 60 * 1000);
    assert_int_equal(p.agent_id.n, 0);
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
    assert_int_equal(plan_actual(&p).kind, ACTUAL_UNKNOWN);
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
        cmocka_unit_test(a_changed_user_name_is_looked_into_under_the_old_one),
        cmocka_unit_test(adopting_looks_first_and_is_allowed),
        cmocka_unit_test(only_who_is_held_for_an_agent_can_adopt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
