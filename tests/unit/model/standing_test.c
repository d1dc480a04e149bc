#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/standing.h"

static const struct span any_name[] = {{"App", 3}};
static const struct rule_test both_tests[] = {{TEST_APP, {NULL, 0}, any_name, 1},
                                              {TEST_GROUP, {NULL, 0}, any_name, 1}};
static const struct rule both_rule = {.tests = both_tests, .n_tests = 2, .is_any = true},
                         group_rule = {.tests = both_tests + 1, .n_tests = 1, .is_any = true};
static const struct scope by_app = {.is_in = true, .is_by_app = true}, by_group = {.is_in = true},
                          out = {0}, unsure = {.is_unsure = true},
                          suspended = {.is_in = true, .is_by_app = true, .is_suspended = true};

enum { NOW = 1000000, GRACE = 60000 };

static struct rules rules_of(enum on_remove on_remove)
{
    return (struct rules){.rules = &both_rule,
                          .n = 1,
                          .settle_ms = 3000,
                          .on_remove = on_remove,
                          .removal_grace_ms = GRACE};
}

static struct person with_agent(void)
{
    return (struct person){.state = PERSON_IN_STEP,
                           .since_ms = 5,
                           .login = SPAN("ann"),
                           .agent_id = SPAN("id"),
                           .agent_user_name = SPAN("ann")};
}

static struct person judged(struct person p, const struct rules *r, const struct scope *scope,
                            bool is_news, int64_t now_ms)
{
    int64_t before = p.judged_n;

    standing_judge(&p, r, scope, is_news, now_ms, SPAN("event 1"));
    assert_int_equal(p.judged_n, before + 1);
    return p;
}

static void people_in_scope_become_due(void **state)
{
    static const struct row {
        const char *name;
        const struct scope *scope;
        struct person before;
        bool is_news;
        int64_t due_ms, due_since_ms, attempts, priority;
    } rows[] = {
        {"new, by application", &by_app, {.attempts = 0}, true, NOW, NOW, 0, PRIORITY_NEW},
        {"new, by group: the application may follow",
         &by_group,
         {.attempts = 0},
         true,
         NOW + 3000,
         NOW,
         0,
         PRIORITY_NEW},
        {"by group, the application's name is known",
         &by_group,
         {.app_user_name = {"ann1", 4}},
         true,
         NOW,
         NOW,
         0,
         PRIORITY_NEW},
        {"the application follows",
         &by_app,
         {.state = PERSON_DUE, .due_ms = NOW + 2000, .due_since_ms = NOW - 1000, .since_ms = 1},
         true,
         NOW,
         NOW - 1000,
         0,
         PRIORITY_NEW},
        {"another group does not put it off",
         &by_group,
         {.state = PERSON_DUE, .due_ms = NOW + 2000, .due_since_ms = NOW - 1000, .since_ms = 1},
         true,
         NOW + 2000,
         NOW - 1000,
         0,
         PRIORITY_NEW},
        {"a wait after failures goes on",
         &by_app,
         {.state = PERSON_DUE,
          .due_ms = NOW + 9000,
          .due_since_ms = 7,
          .since_ms = 7,
          .attempts = 3},
         false,
         NOW + 9000,
         7,
         3,
         PRIORITY_NEW},
        {"no failures: due at once",
         &by_app,
         {.state = PERSON_DUE, .due_ms = NOW + 9000, .due_since_ms = 7, .since_ms = 7},
         false,
         NOW,
         7,
         0,
         PRIORITY_NEW},
        {"but for news",
         &by_app,
         {.state = PERSON_DUE,
          .due_ms = NOW + 9000,
          .due_since_ms = 7,
          .since_ms = 7,
          .attempts = 3},
         true,
         NOW,
         7,
         3,
         PRIORITY_NEW},
        {"failed before",
         &by_app,
         {.state = PERSON_FAILED, .since_ms = 5, .attempts = 9, .reason_code = {"refused", 7}},
         false,
         NOW,
         NOW,
         0,
         PRIORITY_NEW},
        {"held before",
         &by_app,
         {.state = PERSON_HELD, .since_ms = 5, .reason_code = {"exists", 6}},
         true,
         NOW,
         NOW,
         0,
         PRIORITY_NEW},
        {"was removed, and is back",
         &by_app,
         {.state = PERSON_REMOVED, .left_ms = 5, .removal = REMOVAL_PASSED},
         true,
         NOW,
         NOW,
         0,
         PRIORITY_NEW},
        {"has an agent", &by_app, {.agent_id = {"id", 2}}, true, NOW, NOW, 0, PRIORITY_CHANGE},
        {"suspended", &suspended, {.agent_id = {"id", 2}}, true, NOW, NOW, 0, PRIORITY_REMOVAL},
        {"parked, and no longer suspended",
         &by_app,
         {.state = PERSON_PARKED, .agent_id = {"id", 2}},
         true,
         NOW,
         NOW,
         0,
         PRIORITY_CHANGE},
        {"waits before a gate: planned anew",
         &by_app,
         {.state = PERSON_DUE,
          .due_since_ms = 7,
          .since_ms = 7,
          .agent_id = {"id", 2},
          .needs_gate = true},
         true,
         NOW,
         7,
         0,
         PRIORITY_CHANGE},
    };
    struct rules rules = rules_of(REMOVE_DELETE);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = judged(rows[i].before, &rules, rows[i].scope, rows[i].is_news, NOW);

        if (p.state != PERSON_DUE || p.due_ms != rows[i].due_ms ||
            p.due_since_ms != rows[i].due_since_ms || p.attempts != rows[i].attempts ||
            p.priority != rows[i].priority || p.reason_code.n != 0 || p.needs_gate ||
            p.removal != REMOVAL_NONE || p.left_ms != 0 || !span_eq(p.cause, SPAN("event 1")))
            fail_msg("%s: %s, due %lld since %lld, removal %d", rows[i].name,
                     person_state_name(p.state), (long long)p.due_ms, (long long)p.due_since_ms,
                     (int)p.removal);
    }
}

static void settling_needs_both_and_no_api(void **state)
{
    struct rules rules = rules_of(REMOVE_DELETE);

    (void)state;
    rules.rules = &group_rule;
    assert_int_equal(judged((struct person){0}, &rules, &by_group, true, NOW).due_ms, NOW);
    rules = rules_of(REMOVE_DELETE);
    rules.reads_okta = true;
    assert_int_equal(judged((struct person){0}, &rules, &by_group, true, NOW).due_ms, NOW);
}

/* ---- leaving ---- */

static void who_has_no_agent_just_leaves(void **state)
{
    struct rules rules = rules_of(REMOVE_DELETE);
    struct person p = judged((struct person){0}, &rules, &out, true, NOW);

    (void)state;
    assert_int_equal(p.state, PERSON_OUT_OF_SCOPE);
    assert_int_equal(p.left_ms, NOW);
    p = judged((struct person){.state = PERSON_DUE, .due_since_ms = 1, .attempts = 2}, &rules,
               &unsure, true, NOW);
    assert_int_equal(p.state, PERSON_OUT_OF_SCOPE);
    assert_int_equal(p.due_since_ms + p.attempts, 0);
    p = judged((struct person){.state = PERSON_REMOVED, .left_ms = 5}, &rules, &out, true, NOW);
    assert_int_equal(p.state, PERSON_REMOVED);
    assert_int_equal(p.left_ms, 5);
}

static void grace_runs_from_leaving(void **state)
{
    struct rules rules = rules_of(REMOVE_DELETE);
    struct person p = with_agent();

    (void)state;
    p.priority = PRIORITY_CHANGE;
    p.needs_gate = true;
    p.contact_since_ms = 3;
    p = judged(p, &rules, &out, true, NOW);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.needs_gate + p.contact_since_ms, 0);
    assert_true(span_eq(p.reason_code, SPAN(REASON_GRACE)));
    assert_int_equal(p.due_ms, NOW + GRACE);
    assert_int_equal(p.due_since_ms, NOW + GRACE); /* no work waits until then */
    assert_int_equal(p.removal, REMOVAL_WAITS);
    assert_int_equal(p.priority, PRIORITY_REMOVAL);
    assert_int_equal(p.left_ms, NOW);
    assert_true(span_eq(p.left_why, SPAN("event 1")));
    assert_int_equal(p.since_ms, NOW);
    /* Another event while it runs neither prolongs nor ends it. */
    standing_judge(&p, &rules, &out, true, NOW + 1000, SPAN("event 2"));
    assert_int_equal(p.due_ms, NOW + GRACE);
    assert_int_equal(p.left_ms, NOW);
    assert_int_equal(p.since_ms, NOW);
    assert_true(span_eq(p.left_why, SPAN("event 1")));
    p.needs_gate = true;
    assert_false(judged(p, &rules, &out, true, NOW + 1500).needs_gate);
    /* Back within it: due for a look at the differences, and nothing of it is left. */
    p.contact_since_ms = 3;
    p = judged(p, &rules, &by_app, true, NOW + 2000);
    assert_int_equal(p.contact_since_ms, 0);
    assert_int_equal(p.removal, REMOVAL_NONE);
    assert_int_equal(p.left_ms, 0);
    assert_int_equal(p.left_why.n, 0);
    assert_int_equal(p.due_ms, NOW + 2000);
    assert_int_equal(p.due_since_ms, NOW + 2000);
    assert_int_equal(p.reason_code.n, 0);
    assert_int_equal(p.priority, PRIORITY_CHANGE);
    /* Gone again: it runs anew. */
    p = judged(p, &rules, &out, true, NOW + 3000);
    assert_int_equal(p.due_ms, NOW + 3000 + GRACE);
}

static void after_grace_the_removal_is_due(void **state)
{
    struct rules rules = rules_of(REMOVE_DELETE);
    struct person p = judged(with_agent(), &rules, &out, true, NOW);

    (void)state;
    p = judged(p, &rules, &out, false, NOW + GRACE);
    assert_int_equal(p.due_ms, NOW + GRACE);
    assert_int_equal(p.removal, REMOVAL_WAITS);
    assert_int_equal(p.reason_code.n, 0);
    rules.removal_grace_ms = 0;
    p = judged(with_agent(), &rules, &out, true, NOW);
    assert_int_equal(p.due_ms, NOW);
    assert_int_equal(p.removal, REMOVAL_WAITS);
    /* Perhaps there is an agent. */
    p = judged((struct person){.create_sent_ms = 1}, &rules, &out, true, NOW);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_WAITS);
    p = judged((struct person){.old_agent_id = SPAN("old")}, &rules, &out, true, NOW);
    assert_int_equal(p.state, PERSON_DUE);
}

static void keeping_needs_no_grace(void **state)
{
    struct rules rules = rules_of(REMOVE_KEEP);
    struct person p = judged(with_agent(), &rules, &out, true, NOW);

    (void)state;
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.due_ms, NOW);
    assert_int_equal(p.reason_code.n, 0);
}

static void who_leaves_unsure_is_held(void **state)
{
    struct rules rules = rules_of(REMOVE_DELETE);
    struct person p = judged(with_agent(), &rules, &unsure, false, NOW);

    (void)state;
    assert_int_equal(p.state, PERSON_HELD);
    assert_true(span_eq(p.reason_code, SPAN(REASON_UNSURE)));
    assert_non_null(p.reason.p);
    assert_int_equal(p.removal, REMOVAL_HELD);
    /* It stays so whatever is said of them, as long as they are not back. */
    p = judged(p, &rules, &out, true, NOW + 1);
    assert_int_equal(p.state, PERSON_HELD);
    assert_int_equal(p.removal, REMOVAL_HELD);
    p = judged(p, &rules, &by_app, true, NOW + 2);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_NONE);
    /* Without a grace, too, and for disabling. */
    rules.removal_grace_ms = 0;
    rules.on_remove = REMOVE_DISABLE;
    p = judged(with_agent(), &rules, &unsure, true, NOW);
    assert_int_equal(p.state, PERSON_HELD);
}

static void unsure_is_remembered_while_agents_are_kept(void **state)
{
    struct rules rules = rules_of(REMOVE_KEEP);
    struct person p = judged(with_agent(), &rules, &unsure, false, NOW);

    (void)state;
    assert_int_equal(p.state, PERSON_IN_STEP);
    assert_true(span_eq(p.reason_code, SPAN(REASON_LEFT)));
    assert_int_equal(p.removal, REMOVAL_HELD);
    /* ON_REMOVE has become delete: everybody is judged anew. */
    rules.on_remove = REMOVE_DELETE;
    assert_int_equal(judged(p, &rules, &out, false, NOW + 1).state, PERSON_HELD);
    /* Unless Okta has said it since. */
    p = judged(p, &rules, &out, true, NOW + GRACE);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_WAITS);
}

static void what_was_said_once_stays_said(void **state)
{
    struct rules rules = rules_of(REMOVE_DELETE);
    struct person p = judged(with_agent(), &rules, &out, true, NOW);

    (void)state;
    p = judged(p, &rules, &unsure, false, NOW + 1);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_WAITS);
    assert_int_equal(p.due_ms, NOW + GRACE);
}

static void a_rejection_stands_until_there_is_news(void **state)
{
    struct rules rules = rules_of(REMOVE_DELETE);
    struct person p = judged(with_agent(), &rules, &out, true, NOW);

    (void)state;
    p.removal = REMOVAL_REJECTED;
    standing_set(&p, PERSON_IN_STEP, SPAN(REASON_REJECTED), SPAN("no"), NOW + 1);
    p = judged(p, &rules, &out, false, NOW + 2);
    assert_int_equal(p.state, PERSON_IN_STEP);
    assert_int_equal(p.removal, REMOVAL_REJECTED);
    p = judged(p, &rules, &out, true, NOW + GRACE + 3);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_WAITS);
    /* Of somebody who is back nothing is rejected. */
    p.removal = REMOVAL_REJECTED;
    assert_int_equal(judged(p, &rules, &by_app, false, NOW + 4).removal, REMOVAL_NONE);
}

static void what_passed_is_carried_out_once(void **state)
{
    struct rules rules = rules_of(REMOVE_DISABLE);
    struct person p = judged(with_agent(), &rules, &out, true, NOW);

    (void)state;
    p.removal = REMOVAL_PASSED;
    p.due_ms = NOW + 5;
    p = judged(p, &rules, &out, true, NOW + 6); /* under way */
    assert_int_equal(p.removal, REMOVAL_PASSED);
    assert_int_equal(p.due_ms, NOW + 5);
    standing_set(&p, PERSON_FAILED, SPAN(REASON_REFUSED), SPAN("x"), NOW + 7);
    assert_int_equal(p.removal, REMOVAL_PASSED);
    p = judged(p, &rules, &out, false, NOW + 8);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_PASSED);
    standing_set(&p, PERSON_PARKED, SPAN(REASON_LEFT), SPAN("x"), NOW + 9);
    assert_int_equal(p.removal, REMOVAL_NONE);
    /* A later ON_REMOVE = delete is a removal of its own, which has to pass. */
    rules.on_remove = REMOVE_DELETE;
    p = judged(p, &rules, &out, false, NOW + GRACE + 10);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_WAITS);
    /* So is leaving after a suspension that was let pass. */
    p = with_agent();
    p.state = PERSON_DUE;
    p.removal = REMOVAL_PASSED;
    p = judged(p, &rules, &out, true, NOW);
    assert_int_equal(p.removal, REMOVAL_WAITS);
}

static void decisions_about_suspended_agents_stand(void **state)
{
    static const struct row {
        enum removal before;
        enum person_state state;
        bool is_news;
        enum removal after;
        enum person_state state_after;
    } rows[] = {
        {REMOVAL_NONE, PERSON_IN_STEP, true, REMOVAL_NONE, PERSON_DUE},
        {REMOVAL_WAITS, PERSON_DUE, true, REMOVAL_NONE, PERSON_DUE},
        {REMOVAL_PASSED, PERSON_DUE, true, REMOVAL_PASSED, PERSON_DUE},
        {REMOVAL_PASSED, PERSON_DUE, false, REMOVAL_PASSED, PERSON_DUE},
        {REMOVAL_HELD, PERSON_HELD, false, REMOVAL_HELD, PERSON_HELD},
        {REMOVAL_HELD, PERSON_HELD, true, REMOVAL_NONE, PERSON_DUE},
        {REMOVAL_REJECTED, PERSON_IN_STEP, false, REMOVAL_REJECTED, PERSON_DUE},
        {REMOVAL_REJECTED, PERSON_IN_STEP, true, REMOVAL_NONE, PERSON_DUE},
    };
    struct rules rules = rules_of(REMOVE_KEEP);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int is_old = 0; is_old < 2; is_old++) {
            struct person p = with_agent();

            p.state = rows[i].state;
            p.removal = rows[i].before;
            if (is_old)
                p.old_agent_id = SPAN("old"); /* the same for the former agent of a rename */
            p = judged(p, &rules, is_old ? &by_app : &suspended, rows[i].is_news, NOW);
            if (p.removal != rows[i].after || p.state != rows[i].state_after)
                fail_msg("row %zu: %d %s", i, (int)p.removal, person_state_name(p.state));
        }
}

static void a_pass_for_changes_covers_one_change(void **state)
{
    struct rules rules = rules_of(REMOVE_KEEP);
    struct person p = with_agent();

    (void)state;
    p.state = PERSON_DUE;
    p.passed_changes = true;
    assert_true(judged(p, &rules, &by_app, false, NOW).passed_changes);
    assert_false(judged(p, &rules, &by_app, true, NOW).passed_changes);
    assert_false(judged(p, &rules, &out, false, NOW).passed_changes);
    standing_set(&p, PERSON_IN_STEP, SPAN(""), SPAN(""), NOW);
    assert_false(p.passed_changes);
}

static void since_changes_with_the_state(void **state)
{
    struct person p = {0};

    (void)state;
    standing_set(&p, PERSON_DUE, SPAN(""), SPAN(""), 10);
    assert_int_equal(p.since_ms, 10);
    standing_set(&p, PERSON_DUE, SPAN(""), SPAN(""), 20);
    assert_int_equal(p.since_ms, 10);
    p.needs_gate = true;
    p.attempts = p.due_since_ms = 7;
    standing_set(&p, PERSON_HELD, SPAN("exists"), SPAN("there is one"), 30);
    assert_int_equal(p.since_ms, 30);
    assert_int_equal(p.attempts + p.due_since_ms + p.needs_gate, 0);
    standing_set(&p, PERSON_HELD, SPAN("exists"), SPAN("in other words"), 40);
    assert_int_equal(p.since_ms, 30);
    assert_true(span_eq(p.reason, SPAN("in other words")));
    standing_set(&p, PERSON_HELD, SPAN("refused"), SPAN(""), 50);
    assert_int_equal(p.since_ms, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_in_scope_become_due),
        cmocka_unit_test(settling_needs_both_and_no_api),
        cmocka_unit_test(who_has_no_agent_just_leaves),
        cmocka_unit_test(grace_runs_from_leaving),
        cmocka_unit_test(after_grace_the_removal_is_due),
        cmocka_unit_test(keeping_needs_no_grace),
        cmocka_unit_test(who_leaves_unsure_is_held),
        cmocka_unit_test(unsure_is_remembered_while_agents_are_kept),
        cmocka_unit_test(what_was_said_once_stays_said),
        cmocka_unit_test(a_rejection_stands_until_there_is_news),
        cmocka_unit_test(what_passed_is_carried_out_once),
        cmocka_unit_test(decisions_about_suspended_agents_stand),
        cmocka_unit_test(a_pass_for_changes_covers_one_change),
        cmocka_unit_test(since_changes_with_the_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
