#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/mem.h"
#include "lambda/memory_roster.h"

struct world {
    struct loop *loop;
    struct memory_roster *roster;
    struct current_names names;
    struct rules rules;
    struct roster_change change;
    int n_done, n_changed;
    enum err err;
    bool paused;
};

static void changed(void *arg, bool paused)
{
    struct world *w = arg;

    w->n_changed++;
    w->paused = paused;
    loop_stop(w->loop);
}

static int set_up(void **state)
{
    struct world *w = mem_new(1, sizeof(*w));
    struct fail fail;

    if (loop_new(&w->loop, &fail) != ERR_NONE)
        return 1;
    current_names_set(&w->names, &names_unread);
    w->roster = memory_roster_new(
        &(struct memory_roster_options){.loop = w->loop, .changed = changed, .arg = w});
    memory_roster_clear(w->roster, &w->rules, &w->names);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    memory_roster_free(w->roster);
    loop_free(w->loop);
    free(w);
    return 0;
}

static void add(struct world *w, const char *id, int64_t priority, int64_t due_ms)
{
    const struct person p = {.source = SPAN("okta"),
                             .id = span_of(id),
                             .state = PERSON_DUE,
                             .priority = priority,
                             .due_ms = due_ms,
                             .due_since_ms = due_ms};
    const struct membership m = {MEMBERSHIP_GROUP, SPAN("g"), SPAN("Agents"), true, 0};

    (void)memory_roster_add(w->roster, &p, &m, 1);
}

static void who_is_due_comes_by_priority_the_longest_first(void **state)
{
    struct world *w = *state;
    struct roster *r = memory_roster_of(w->roster);
    struct arena a = {0};
    struct person *people;
    struct roster_facts facts;
    int64_t next_ms;
    size_t n;

    add(w, "a", PRIORITY_NEW, 30);
    add(w, "b", PRIORITY_NEW, 20);
    add(w, "c", PRIORITY_CHANGE, 10);
    add(w, "d", PRIORITY_NEW, 99);
    assert_int_equal(r->due(r, &a, 50, PRIORITY_NEW, 0, 10, &people, &n, NULL), ERR_NONE);
    assert_int_equal(n, 2);
    assert_true(span_eq(people[0].id, SPAN("b")) && span_eq(people[1].id, SPAN("a")));
    assert_int_equal(r->due(r, &a, 50, PRIORITY_NEW, 1, 10, &people, &n, NULL), ERR_NONE);
    assert_int_equal(n, 1);
    assert_int_equal(r->due(r, &a, 50, PRIORITY_NEW, 7, 10, &people, &n, NULL), ERR_NONE);
    assert_int_equal(n, 0);
    assert_int_equal(r->due(r, &a, 50, PRIORITY_REMOVAL, 0, 10, &people, &n, NULL), ERR_NONE);
    assert_int_equal(n, 0);
    assert_int_equal(r->next_due(r, &next_ms, NULL), ERR_NONE);
    assert_int_equal(next_ms, 10);
    assert_int_equal(r->facts(r, &a, memory_roster_person(w->roster, 2), &facts, NULL), ERR_NONE);
    assert_int_equal(facts.n_memberships, 1);
    assert_false(facts.is_looked_at);
    memory_roster_clear(w->roster, &w->rules, &w->names);
    assert_int_equal(r->next_due(r, &next_ms, NULL), ERR_NONE);
    assert_true(next_ms == INT64_MAX);
    arena_done(&a);
}

static void done(struct roster_change *change, enum err err, const struct fail *fail)
{
    struct world *w = change->owner;

    (void)fail;
    w->n_done++;
    w->err = err;
}

static void settle(struct person *p, const struct scope *scope, struct roster_change *change)
{
    (void)scope;
    p->state = PERSON_IN_STEP;
    p->reason = arena_span(&change->arena, SPAN("because"));
}

static void change_of(struct world *w, const char *id)
{
    struct roster *r = memory_roster_of(w->roster);

    w->change =
        (struct roster_change){.source = SPAN("okta"),
                               .user_id = span_of(id),
                               .apply = settle,
                               .done = done,
                               .owner = w,
                               .pause_change = PAUSE_PUT,
                               .pause = {.operation = SPAN("CreateUser"), .code = SPAN("x")}};
    r->change(r, &w->change);
    assert_int_equal(w->n_done, 0); /* never from inside */
    loop_run(w->loop);
    assert_int_equal(w->n_done, 1);
    arena_done(&w->change.arena);
}

static void a_change_is_written_later_and_outlives_who_asked_for_it(void **state)
{
    struct world *w = *state;
    struct roster *r = memory_roster_of(w->roster);
    struct arena a = {0};
    struct pause *pauses;
    size_t n;

    add(w, "a", PRIORITY_NEW, 30);
    change_of(w, "a");
    assert_int_equal(w->err, ERR_NONE);
    assert_true(w->paused);
    assert_int_equal(memory_roster_person(w->roster, 0)->state, PERSON_IN_STEP);
    assert_true(span_eq(memory_roster_person(w->roster, 0)->reason, SPAN("because")));
    memory_roster_clear(w->roster, &w->rules, &w->names); /* pauses stay */
    assert_int_equal(r->pauses(r, &a, &pauses, &n, NULL), ERR_NONE);
    assert_int_equal(n, 1);
    assert_true(span_eq(pauses[0].operation, SPAN("CreateUser")));
    arena_done(&a);
}

static void a_change_of_nobody_fails(void **state)
{
    struct world *w = *state;

    change_of(w, "z");
    assert_int_equal(w->err, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_due_comes_by_priority_the_longest_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_change_is_written_later_and_outlives_who_asked_for_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_of_nobody_fails, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
