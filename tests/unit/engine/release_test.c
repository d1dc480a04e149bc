#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/judge.h"
#include "engine/release.h"

enum { NOW = 100 * 60 * 1000, PEOPLE = 3 };

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        if ((call) != ERR_NONE)                                                                    \
            fail_msg("%s: %s", #call, failure.text);                                               \
    } while (0)

static struct fail failure;

/* ---- one person, as data ---- */

static const struct row {
    const char *name;
    enum person_state state;
    const char *code;
    enum removal removal;
    int64_t left_ms;
    enum gate gate;
    bool passes, is_rejected;
} rows[] = {
    {"removals", PERSON_HELD, REASON_REMOVALS, REMOVAL_HELD, 5, GATE_REMOVALS, true, true},
    {"unsure", PERSON_HELD, REASON_UNSURE, REMOVAL_HELD, 5, GATE_REMOVALS, true, true},
    {"parking", PERSON_HELD, REASON_REMOVALS, REMOVAL_HELD, 0, GATE_REMOVALS, true, true},
    {"changes", PERSON_HELD, REASON_CHANGES, REMOVAL_NONE, 0, GATE_CHANGES, true, true},
    {"held for another reason", PERSON_HELD, REASON_EXISTS, REMOVAL_NONE, 0, GATE_NONE, false,
     false},
    {"kept, though unsure", PERSON_IN_STEP, REASON_LEFT, REMOVAL_HELD, 5, GATE_NONE, false, false},
    {"in grace", PERSON_DUE, REASON_GRACE, REMOVAL_WAITS, 5, GATE_NONE, false, true},
    {"passed", PERSON_DUE, "", REMOVAL_PASSED, 5, GATE_NONE, false, false},
    {"in step", PERSON_IN_STEP, "", REMOVAL_NONE, 0, GATE_NONE, false, false},
    {"due", PERSON_DUE, "", REMOVAL_NONE, 0, GATE_NONE, false, false},
};

static struct person person_of(const struct row *row)
{
    return (struct person){.source = SPAN("okta"),
                           .id = SPAN("00uann"),
                           .state = row->state,
                           .reason_code = span_of(row->code),
                           .removal = row->removal,
                           .left_ms = row->left_ms,
                           .needs_gate = row->gate != GATE_NONE,
                           .since_ms = 5,
                           .attempts = 3};
}

static void who_is_held_at_a_bound_may_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = person_of(&rows[i]), before = p;

        if (release_gate_of(&p) != rows[i].gate || release_pass(&p, NOW) != rows[i].passes)
            fail_msg("%s", rows[i].name);
        if (!rows[i].passes) {
            assert_memory_equal(&p, &before, sizeof(p));
            continue;
        }
        assert_int_equal(p.state, PERSON_DUE);
        assert_int_equal(p.due_ms, NOW);
        assert_int_equal(p.attempts, 0);
        assert_false(p.needs_gate);
        assert_int_equal(p.reason_code.n, 0);
        assert_true(span_eq(p.cause, SPAN(RELEASE_CAUSE)));
        assert_int_equal(p.removal, rows[i].gate == GATE_REMOVALS ? REMOVAL_PASSED : REMOVAL_NONE);
        assert_int_equal(p.passed_changes, rows[i].gate == GATE_CHANGES);
        assert_int_equal(p.priority,
                         rows[i].gate == GATE_REMOVALS ? PRIORITY_REMOVAL : PRIORITY_CHANGE);
        assert_true(p.judged_n > before.judged_n);
    }
}

static void who_is_held_or_in_grace_may_be_rejected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = person_of(&rows[i]), before = p;

        if (release_reject(&p, NOW) != rows[i].is_rejected)
            fail_msg("%s", rows[i].name);
        if (!rows[i].is_rejected) {
            assert_memory_equal(&p, &before, sizeof(p));
            continue;
        }
        assert_int_equal(p.state, PERSON_IN_STEP);
        assert_true(span_eq(p.reason_code, SPAN(REASON_REJECTED)));
        assert_true(p.reason.n > 0);
        assert_false(p.needs_gate);
        assert_int_equal(p.removal, rows[i].gate == GATE_CHANGES ? REMOVAL_NONE : REMOVAL_REJECTED);
    }
}

/* ---- the store ---- */

struct fixture {
    char folder[64], file[80];
    struct store *store;
    struct arena arena;
};

static void put(struct fixture *f, const char *id, const char *code)
{
    bool is_change = strcmp(code, REASON_CHANGES) == 0;
    struct person p = {.source = SPAN("okta"),
                       .id = span_of(id),
                       .state = PERSON_HELD,
                       .reason_code = span_of(code),
                       .removal = is_change ? REMOVAL_NONE : REMOVAL_HELD,
                       .agent_id = SPAN("a")};

    assert_ok(store_person_put(f->store, &p, &failure));
}

/* Two removals and one change are held, one person is unsure, one held for something else. */
static int set_up(void **state)
{
    struct fixture *f = mem_new(1, sizeof(*f));

    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/roster-release-XXXXXX");
    if (mkdtemp(f->folder) == NULL)
        return -1;
    (void)snprintf(f->file, sizeof(f->file), "%s/db", f->folder);
    assert_ok(store_open(f->file, STORE_CREATE, &f->store, &failure));
    assert_ok(store_begin(f->store, &failure));
    put(f, "00uann", REASON_REMOVALS);
    put(f, "00ubob", REASON_REMOVALS);
    put(f, "00ucid", REASON_CHANGES);
    put(f, "00udan", REASON_UNSURE);
    put(f, "00ueve", REASON_EXISTS);
    assert_ok(store_note_put(f->store, NOTE_REMOVALS_HELD, SPAN("2 at once"), &failure));
    assert_ok(store_note_put(f->store, NOTE_CHANGES_HELD, SPAN("1 at once"), &failure));
    assert_ok(store_commit(f->store, &failure));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    (void)unlink(f->file);
    (void)rmdir(f->folder);
    arena_done(&f->arena);
    free(f);
    return 0;
}

static bool is_shut(struct fixture *f, enum gate gate)
{
    struct span note;

    assert_ok(store_note_get(f->store, &f->arena, release_note_name(gate), &note, &failure));
    return note.n > 0;
}

static int64_t passages(struct fixture *f, enum gate gate)
{
    int64_t n;

    assert_ok(store_passages(f->store, gate, 0, &n, &failure));
    return n;
}

static struct person decide(struct fixture *f, const char *id, enum release_decision decision,
                            bool *is_changed)
{
    struct person p;

    assert_ok(store_begin(f->store, &failure));
    assert_ok(release_one(f->store, &f->arena, SPAN("okta"), span_of(id), decision, NOW, &p,
                          is_changed, &failure));
    assert_ok(store_commit(f->store, &failure));
    return p;
}

static void the_gate_opens_with_the_last_one(void **state)
{
    struct fixture *f = *state;
    bool is_changed;

    assert_int_equal(decide(f, "00uann", RELEASE_PASS, &is_changed).state, PERSON_DUE);
    assert_true(is_changed && is_shut(f, GATE_REMOVALS));
    assert_int_equal(passages(f, GATE_REMOVALS), 1);
    assert_int_equal(decide(f, "00ubob", RELEASE_REJECT, &is_changed).state, PERSON_IN_STEP);
    assert_true(is_changed);
    assert_false(is_shut(f, GATE_REMOVALS)); /* who is unsure is held by no bound */
    assert_true(is_shut(f, GATE_CHANGES));
    assert_int_equal(passages(f, GATE_REMOVALS), 1);
}

static void a_change_is_its_own_gate_s(void **state)
{
    struct fixture *f = *state;
    bool is_changed;

    (void)decide(f, "00ucid", RELEASE_PASS, &is_changed);
    assert_true(is_changed && is_shut(f, GATE_REMOVALS) && !is_shut(f, GATE_CHANGES));
    assert_int_equal(passages(f, GATE_CHANGES), 1);
    assert_int_equal(passages(f, GATE_REMOVALS), 0);
}

static void others_are_left_alone(void **state)
{
    struct fixture *f = *state;
    bool is_changed = true;
    struct person p;

    assert_int_equal(decide(f, "00ueve", RELEASE_PASS, &is_changed).state, PERSON_HELD);
    assert_false(is_changed);
    assert_true(is_shut(f, GATE_REMOVALS));
    assert_ok(store_begin(f->store, &failure));
    assert_int_equal(release_one(f->store, &f->arena, SPAN("okta"), SPAN("00unobody"), RELEASE_PASS,
                                 NOW, &p, &is_changed, &failure),
                     ERR_NOT_FOUND);
    store_rollback(f->store);
}

static void all_are_decided_at_once(void **state)
{
    struct fixture *f = *state;
    struct store_counts counts;
    int64_t n;

    assert_ok(store_begin(f->store, &failure));
    assert_ok(release_all(f->store, RELEASE_PASS, NOW, &n, &failure));
    assert_ok(store_commit(f->store, &failure));
    assert_int_equal(n, 4);
    assert_false(is_shut(f, GATE_REMOVALS) || is_shut(f, GATE_CHANGES));
    assert_int_equal(passages(f, GATE_REMOVALS), 3);
    assert_int_equal(passages(f, GATE_CHANGES), 1);
    assert_ok(store_counts(f->store, NOW, &counts, &failure));
    assert_int_equal(counts.by_state[PERSON_DUE], 4);
    assert_int_equal(counts.by_state[PERSON_HELD], 1);
    /* Everybody has come back by themselves: the same word opens the gate. */
    assert_ok(store_begin(f->store, &failure));
    assert_ok(store_note_put(f->store, NOTE_REMOVALS_HELD, SPAN("2 at once"), &failure));
    assert_ok(release_all(f->store, RELEASE_REJECT, NOW, &n, &failure));
    assert_ok(store_commit(f->store, &failure));
    assert_int_equal(n, 0);
    assert_false(is_shut(f, GATE_REMOVALS));
}

/* ---- afterwards ---- */

static const struct span apps[] = {{"App", 3}};
static const struct rule_test by_app = {.kind = TEST_APP, .values = apps, .n = 1};
static const struct rule plain = {.tests = &by_app, .n_tests = 1, .is_any = true, .has_ids = true};
static const struct rules rules = {.rules = &plain, .n = 1};

static const struct later {
    const char *name;
    bool is_news, is_other_rules;
    enum person_state state;
} later[] = {
    {"read again", false, false, PERSON_IN_STEP},
    {"news", true, false, PERSON_DUE},
    {"other rules", false, true, PERSON_DUE},
};

static void a_rejected_change_is_asked_for_again_by_something_new(void **state)
{
    struct membership m = {.kind = MEMBERSHIP_APP,
                           .container = SPAN("0oa1"),
                           .name = SPAN("App"),
                           .is_member = true,
                           .published_ns = 1};
    struct current_names names;
    struct judge judge = {&rules, &names};
    struct fixture *f = *state;
    bool is_changed;

    current_names_set(&names, &names_unread);
    assert_ok(store_begin(f->store, &failure));
    assert_ok(
        store_membership_put(f->store, SPAN("okta"), SPAN("00ucid"), &m, &is_changed, &failure));
    assert_ok(store_commit(f->store, &failure));
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        struct judge_ask ask = {.is_news = later[i].is_news,
                                .is_unsure = later[i].is_other_rules,
                                .now_ms = NOW,
                                .cause = SPAN("event 1")};
        struct person p;

        assert_ok(store_begin(f->store, &failure));
        put(f, "00ucid", REASON_CHANGES);
        assert_ok(release_one(f->store, &f->arena, SPAN("okta"), SPAN("00ucid"), RELEASE_REJECT,
                              NOW, &p, &is_changed, &failure));
        assert_ok(judge_person(&judge, f->store, &f->arena, &p, &ask, &failure));
        assert_ok(store_commit(f->store, &failure));
        assert_ok(
            store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00ucid"), &p, &failure));
        if (p.state != later[i].state)
            fail_msg("%s: %s", later[i].name, person_state_name(p.state));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_held_at_a_bound_may_pass),
        cmocka_unit_test(who_is_held_or_in_grace_may_be_rejected),
        cmocka_unit_test_setup_teardown(the_gate_opens_with_the_last_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_is_its_own_gate_s, set_up, tear_down),
        cmocka_unit_test_setup_teardown(others_are_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_are_decided_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rejected_change_is_asked_for_again_by_something_new,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
