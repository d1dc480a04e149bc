#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/standing.h"

static const struct rules rules = {
    .app_name = {"App", 3}, .group_name = {"Group", 5}, .settle_ms = 3000};
static const struct scope by_app = {true, true, {"App", 3}}, by_group = {true, false, {"Group", 5}},
                          out = {0};

static struct event_subject said(int64_t published_ns, const char *login, const char *display_name,
                                 const char *app_user_name)
{
    return (struct event_subject){
        .user_id = SPAN("00u1"),
        .login = span_of(login),
        .display_name = span_of(display_name),
        .app_user_name = span_of(app_user_name),
        .membership = {.kind = MEMBERSHIP_APP, .is_member = true, .published_ns = published_ns}};
}

static void check_facts(const struct person *p, const char *login, const char *display_name,
                        const char *app_user_name)
{
    if (!span_eq(p->login, span_of(login)) || !span_eq(p->display_name, span_of(display_name)) ||
        !span_eq(p->app_user_name, span_of(app_user_name)))
        fail_msg("'%.*s' '%.*s' '%.*s'", SPAN_ARG(p->login), SPAN_ARG(p->display_name),
                 SPAN_ARG(p->app_user_name));
}

static void newer_facts_count(void **state)
{
    const struct event_subject first = said(10, "ann", "Ann A", "ann1"),
                               second = said(20, "anna", "Ann B", "ann2");
    const struct event_subject silent = said(30, "", "", "");
    struct person p = {0};

    (void)state;
    standing_take_facts(&p, &first);
    check_facts(&p, "ann", "Ann A", "ann1");
    standing_take_facts(&p, &second);
    check_facts(&p, "anna", "Ann B", "ann2");
    standing_take_facts(&p, &first);
    check_facts(&p, "anna", "Ann B", "ann2");
    standing_take_facts(&p, &silent);
    check_facts(&p, "anna", "Ann B", "ann2");
    assert_int_equal(p.facts_ns, 30);
    assert_int_equal(p.app_user_name_ns, 20);
}

static void the_order_of_arrival_decides_nothing(void **state)
{
    const struct event_subject all[] = {said(10, "ann", "Ann A", "ann1"), said(20, "anna", "", ""),
                                        said(20, "annb", "", "ann2")};
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct person p = {0};

        for (size_t k = 0; k < 3; k++)
            standing_take_facts(&p, &all[orders[i][k]]);
        check_facts(&p, "annb", "Ann A", "ann2");
        assert_int_equal(p.facts_ns, 20);
    }
}

static void a_deleted_user_is_not_renamed(void **state)
{
    const struct event_subject before = said(10, "ann", "Ann A", ""),
                               deleted = said(20, "00u1@deleted.invalid", "Ann A", "");
    struct person p = {0};

    (void)state;
    standing_take_facts(&p, &before);
    standing_take_facts(&p, &deleted);
    check_facts(&p, "ann", "Ann A", "");
}

static void a_removal_names_no_application_user(void **state)
{
    struct event_subject removal = said(20, "ann", "Ann A", "ann2");
    struct person p = {.app_user_name = SPAN("ann1"), .app_user_name_ns = 10};

    (void)state;
    removal.membership.is_member = false;
    standing_take_facts(&p, &removal);
    check_facts(&p, "ann", "Ann A", "ann1");
}

static struct person judged(struct person p, const struct rules *r, const struct scope *scope,
                            struct arena *a)
{
    standing_judge(&p, r, scope, 100000, SPAN("event 1"), a);
    return p;
}

static void people_become_due(void **state)
{
    static const struct row {
        const char *name;
        const struct scope *scope;
        struct person before;
        enum person_state state;
        int64_t due_ms, due_since_ms;
        const char *code;
    } rows[] = {
        {"new, by application", &by_app, {.attempts = 0}, PERSON_DUE, 100000, 100000, ""},
        {"new, by group: the application may follow",
         &by_group,
         {.attempts = 0},
         PERSON_DUE,
         103000,
         100000,
         ""},
        {"by group, the application's name is known",
         &by_group,
         {.app_user_name = {"ann1", 4}},
         PERSON_DUE,
         100000,
         100000,
         ""},
        {"not in scope", &out, {.attempts = 0}, PERSON_OUT_OF_SCOPE, 0, 0, ""},
        {"the application follows",
         &by_app,
         {.state = PERSON_DUE, .due_ms = 102000, .due_since_ms = 99000, .since_ms = 99000},
         PERSON_DUE,
         100000,
         99000,
         ""},
        {"a wait after failures goes on",
         &by_app,
         {.state = PERSON_DUE,
          .due_ms = 500000,
          .due_since_ms = 99000,
          .since_ms = 99000,
          .attempts = 3},
         PERSON_DUE,
         500000,
         99000,
         ""},
        {"failed, and something new is said",
         &by_app,
         {.state = PERSON_FAILED, .since_ms = 5, .attempts = 9, .reason_code = {"refused", 7}},
         PERSON_DUE,
         100000,
         100000,
         ""},
        {"held, and something new is said",
         &by_app,
         {.state = PERSON_HELD, .since_ms = 5, .reason_code = {"exists", 6}},
         PERSON_DUE,
         100000,
         100000,
         ""},
        {"left before it was made",
         &out,
         {.state = PERSON_DUE, .due_ms = 1, .due_since_ms = 1, .since_ms = 1, .attempts = 2},
         PERSON_OUT_OF_SCOPE,
         1,
         0,
         ""},
        {"left while the outcome is unclear",
         &out,
         {.create_sent_ms = 1, .create_sent_name = {"ann", 3}},
         PERSON_DUE,
         100000,
         100000,
         ""},
        {"has an agent",
         &by_app,
         {.login = {"ann", 3}, .agent_id = {"id", 2}, .agent_user_name = {"ann", 3}},
         PERSON_IN_STEP,
         0,
         0,
         ""},
        {"has an agent, and left",
         &out,
         {.login = {"ann", 3}, .agent_id = {"id", 2}, .agent_user_name = {"ann", 3}},
         PERSON_IN_STEP,
         0,
         0,
         REASON_LEFT},
        {"has an agent of another name",
         &by_app,
         {.login = {"ann2", 4}, .agent_id = {"id", 2}, .agent_user_name = {"ann", 3}},
         PERSON_HELD,
         0,
         0,
         REASON_NAME_DIFFERS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct person p = judged(rows[i].before, &rules, rows[i].scope, &a);

        if (p.state != rows[i].state || p.due_ms != rows[i].due_ms ||
            p.due_since_ms != rows[i].due_since_ms ||
            !span_eq(p.reason_code, span_of(rows[i].code)))
            fail_msg("%s: %s, due %lld since %lld, '%.*s'", rows[i].name,
                     person_state_name(p.state), (long long)p.due_ms, (long long)p.due_since_ms,
                     SPAN_ARG(p.reason_code));
        if (p.state == PERSON_DUE && !span_eq(p.cause, SPAN("event 1")))
            fail_msg("%s: no cause", rows[i].name);
        if (p.state == PERSON_HELD && p.reason.n == 0)
            fail_msg("%s: no reason", rows[i].name);
        arena_done(&a);
    }
}

static void settling_needs_both(void **state)
{
    const struct rules group_only = {.group_name = SPAN("Group"), .settle_ms = 3000};
    struct arena a = {0};

    (void)state;
    assert_int_equal(judged((struct person){0}, &group_only, &by_group, &a).due_ms, 100000);
    arena_done(&a);
}

static void since_changes_with_the_state(void **state)
{
    struct person p = {0};

    (void)state;
    standing_set(&p, PERSON_DUE, SPAN(""), SPAN(""), 10);
    assert_int_equal(p.since_ms, 10);
    standing_set(&p, PERSON_DUE, SPAN(""), SPAN(""), 20);
    assert_int_equal(p.since_ms, 10);
    standing_set(&p, PERSON_HELD, SPAN("exists"), SPAN("there is one"), 30);
    assert_int_equal(p.since_ms, 30);
    standing_set(&p, PERSON_HELD, SPAN("exists"), SPAN("in other words"), 40);
    assert_int_equal(p.since_ms, 30);
    assert_true(span_eq(p.reason, SPAN("in other words")));
    standing_set(&p, PERSON_HELD, SPAN("refused"), SPAN(""), 50);
    assert_int_equal(p.since_ms, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newer_facts_count),
        cmocka_unit_test(the_order_of_arrival_decides_nothing),
        cmocka_unit_test(a_deleted_user_is_not_renamed),
        cmocka_unit_test(a_removal_names_no_application_user),
        cmocka_unit_test(people_become_due),
        cmocka_unit_test(settling_needs_both),
        cmocka_unit_test(since_changes_with_the_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
