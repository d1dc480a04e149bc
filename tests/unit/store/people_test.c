#include "fixture.h"

static struct person some_person(const char *id)
{
    return (struct person){.source = SPAN("okta"), .id = span_of(id), .login = span_of(id)};
}

static void put(struct fixture *f, const struct person *p)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_person_put(f->store, p, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static void test_person_whole(void **state)
{
    static const struct person all = {
        .source = {"okta", 4},
        .id = {"00u1", 4},
        .login = {"ada@example.com", 15},
        .display_name = {"Ada \xc3\xa9", 6},
        .facts_ns = 1777881600000000001,
        .app_user_name = {"ada", 3},
        .app_user_name_ns = 2,
        .state = PERSON_HELD,
        .reason_code = {"exists", 6},
        .reason = {"an agent of that name exists", 28},
        .since_ms = 3,
        .due_ms = 4,
        .due_since_ms = 5,
        .attempts = 6,
        .cause = {"event 4a19", 10},
        .create_sent_ms = 7,
        .create_sent_name = {"ada.l", 5},
        .name_taken_ms = 8,
        .agent_id = {"a1", 2},
        .agent_arn = {"arn:aws:connect:eu-central-1:1:instance/i/agent/a1", 50},
        .agent_user_name = {"ada.lovelace", 12},
        .agent_since_ms = 9,
        .may_adopt = true,
    };
    struct fixture *f = *state;
    struct person p;

    put(f, &all);
    assert_ok(f, store_person_get(f->store, &f->arena, all.source, all.id, &p, &f->fail));
    assert_true(span_eq(p.source, all.source) && span_eq(p.id, all.id));
    assert_true(span_eq(p.login, all.login) && span_eq(p.display_name, all.display_name));
    assert_int_equal(p.facts_ns, all.facts_ns);
    assert_true(span_eq(p.app_user_name, all.app_user_name));
    assert_int_equal(p.app_user_name_ns, 2);
    assert_int_equal(p.state, PERSON_HELD);
    assert_true(span_eq(p.reason_code, all.reason_code) && span_eq(p.reason, all.reason));
    assert_int_equal(p.since_ms, 3);
    assert_int_equal(p.due_ms, 4);
    assert_int_equal(p.due_since_ms, 5);
    assert_int_equal(p.attempts, 6);
    assert_true(span_eq(p.cause, all.cause));
    assert_int_equal(p.create_sent_ms, 7);
    assert_true(span_eq(p.create_sent_name, all.create_sent_name));
    assert_int_equal(p.name_taken_ms, 8);
    assert_true(span_eq(p.agent_id, all.agent_id) && span_eq(p.agent_arn, all.agent_arn));
    assert_true(span_eq(p.agent_user_name, all.agent_user_name));
    assert_int_equal(p.agent_since_ms, 9);
    assert_true(p.may_adopt);

    /* The whole row is replaced. */
    p = some_person("00u1");
    put(f, &p);
    assert_ok(f, store_person_get(f->store, &f->arena, all.source, all.id, &p, &f->fail));
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.agent_id.n, 0);
    assert_false(p.may_adopt);
}

static void test_person_unknown(void **state)
{
    struct fixture *f = *state;
    struct membership m = {MEMBERSHIP_APP, SPAN("0oa1"), SPAN("x"), true, 1};
    struct store_counts counts;
    struct person p = {.attempts = 77}, *found;
    bool is_changed, is_mentioned;
    size_t n;

    assert_int_equal(
        store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail),
        ERR_NOT_FOUND);
    assert_string_equal(f->fail.text, "00u1 is not known");
    /* Somebody of whom only a membership is known is no person yet, inside the transaction and
     * after it. */
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(
        f, store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &m, &is_changed, &f->fail));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail),
            ERR_NOT_FOUND);
        if (i == 0)
            assert_ok(f, store_commit(f->store, &f->fail));
    }
    assert_int_equal(p.attempts, 77);
    assert_ok(f, store_counts(f->store, 0, &counts, &f->fail));
    for (int i = 0; i < PERSON_STATES; i++)
        assert_int_equal(counts.by_state[i], 0);
    assert_ok(f, store_people_find(f->store, &f->arena, SPAN("00u1"), &found, &n, &f->fail));
    assert_int_equal(n, 0);
    assert_ok(f, store_is_mentioned(f->store, SPAN("okta"), SPAN("00u1"), &is_mentioned, &f->fail));
    assert_true(is_mentioned);
    assert_ok(f, store_is_mentioned(f->store, SPAN("scim"), SPAN("00u1"), &is_mentioned, &f->fail));
    assert_false(is_mentioned);
    p = some_person("00u1");
    put(f, &p);
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail));
}

/* What is remembered of the last lookup must not outlive what it says. */
static void test_memo(void **state)
{
    struct fixture *f = *state;
    struct person p = some_person("00u1");
    struct membership m = {MEMBERSHIP_APP, SPAN("0oa1"), SPAN("x"), true, 1}, *all;
    bool is_changed;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_membership_put(f->store, p.source, p.id, &m, &is_changed, &f->fail));
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    assert_ok(f, store_person_get(f->store, &f->arena, p.source, p.id, &p, &f->fail));
    store_rollback(f->store);
    assert_int_equal(store_person_get(f->store, &f->arena, p.source, p.id, &p, &f->fail),
                     ERR_NOT_FOUND);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_memberships(f->store, &f->arena, p.source, p.id, &all, &n, &f->fail));
    assert_int_equal(n, 0);
    assert_ok(f, store_membership_put(f->store, p.source, p.id, &m, &is_changed, &f->fail));
    assert_true(is_changed);
    assert_ok(f, store_membership_put(f->store, SPAN("scim"), p.id, &m, &is_changed, &f->fail));
    assert_true(is_changed);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_memberships(f->store, &f->arena, p.source, p.id, &all, &n, &f->fail));
    assert_int_equal(n, 1);
}

static void test_due(void **state)
{
    static const struct row {
        const char *id;
        enum person_state state;
        int64_t due_ms;
    } rows[] = {
        {"late", PERSON_DUE, 300},    {"first", PERSON_DUE, 100}, {"in step", PERSON_IN_STEP, 50},
        {"second", PERSON_DUE, 200},  {"held", PERSON_HELD, 0},   {"third", PERSON_DUE, 250},
        {"future", PERSON_DUE, 9000},
    };
    static const struct ask {
        int64_t now_ms;
        size_t skip, max, n;
        const char *first;
    } asks[] = {
        {99, 0, 10, 0, NULL},    {100, 0, 10, 1, "first"},   {299, 0, 10, 3, "first"},
        {300, 0, 2, 2, "first"}, {300, 1, 2, 2, "second"},   {300, 3, 2, 1, "late"},
        {300, 4, 2, 0, NULL},    {9000, 4, 10, 1, "future"},
    };
    struct fixture *f = *state;
    struct store_counts counts;
    int64_t next_ms = 0;

    assert_ok(f, store_next_due(f->store, &next_ms, &f->fail));
    assert_true(next_ms == INT64_MAX);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = some_person(rows[i].id);

        p.state = rows[i].state;
        p.due_ms = rows[i].due_ms;
        p.due_since_ms = 1000 - rows[i].due_ms;
        put(f, &p);
    }
    for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
        struct person *people;
        size_t n = 99;

        assert_ok(f, store_people_due(f->store, &f->arena, asks[i].now_ms, asks[i].skip,
                                      asks[i].max, &people, &n, &f->fail));
        assert_int_equal(n, asks[i].n);
        if (n > 0)
            assert_span(people[0].id, asks[i].first);
    }
    assert_ok(f, store_next_due(f->store, &next_ms, &f->fail));
    assert_int_equal(next_ms, 100);
    assert_ok(f, store_counts(f->store, 299, &counts, &f->fail));
    assert_int_equal(counts.by_state[PERSON_DUE], 5);
    assert_int_equal(counts.by_state[PERSON_HELD], 1);
    assert_int_equal(counts.oldest_due_since_ms, 750);
    assert_ok(f, store_counts(f->store, 99, &counts, &f->fail));
    assert_int_equal(counts.oldest_due_since_ms, 0);
}

struct seen {
    char ids[64];
    int n, limit;
};

static bool see(void *arg, const struct person *p)
{
    struct seen *seen = arg;
    size_t n = strlen(seen->ids);

    (void)snprintf(seen->ids + n, sizeof(seen->ids) - n, "%.*s ", SPAN_ARG(p->id));
    return ++seen->n != seen->limit;
}

static void test_each(void **state)
{
    static const struct row {
        enum person_state state;
        int limit;
        const char *ids;
    } rows[] =
        {
            {PERSON_STATES, 0, "b c a d "}, {PERSON_STATES, 2, "b c "},
            {PERSON_HELD, 0, "c d "},       {PERSON_FAILED, 0, ""},
            {PERSON_STATES, 0, "b c a d "}, /* after one that was stopped */
        };
    static const struct {
        const char *id, *login;
        enum person_state state;
    } people[] = {{"a", "n@x", PERSON_DUE},
                  {"b", "", PERSON_IN_STEP},
                  {"c", "k@x", PERSON_HELD},
                  {"d", "z@x", PERSON_HELD}};
    struct fixture *f = *state;

    for (size_t i = 0; i < 4; i++) {
        struct person p = some_person(people[i].id);

        p.login = span_of(people[i].login);
        p.state = people[i].state;
        put(f, &p);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen seen = {.limit = rows[i].limit};

        assert_ok(f, store_people_each(f->store, rows[i].state, see, &seen, &f->fail));
        assert_string_equal(seen.ids, rows[i].ids);
    }
}

static void test_find(void **state)
{
    static const struct row {
        const char *word;
        size_t n;
    } rows[] = {
        {"00u1", 1}, {"00U1", 0},        {"ADA@example.com", 1}, {"ada", 1}, {"Ada.Agent", 1},
        {"", 0},     {"bob@example", 0}, {"twice", 2},           {"'", 0},
    };
    struct fixture *f = *state;
    struct person p = some_person("00u1");

    p.login = SPAN("ada@example.com");
    p.app_user_name = SPAN("ada");
    p.agent_user_name = SPAN("ada.agent");
    put(f, &p);
    p = some_person("00u2");
    p.login = SPAN("twice");
    put(f, &p);
    p = some_person("00u3");
    p.agent_user_name = SPAN("Twice");
    put(f, &p);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person *people;
        size_t n = 99;

        assert_ok(f, store_people_find(f->store, &f->arena, span_of(rows[i].word), &people, &n,
                                       &f->fail));
        if (n != rows[i].n)
            fail_msg("%s: %zu", rows[i].word, n);
    }
}

static void test_make_due(void **state)
{
    struct fixture *f = *state;
    struct person p = some_person("00u1");
    int64_t n = -1;

    p.state = PERSON_FAILED;
    p.reason_code = SPAN("refused");
    p.reason = SPAN("no");
    p.attempts = 3;
    p.agent_id = SPAN("a1");
    put(f, &p);
    p = some_person("00u2");
    p.due_ms = 900;
    p.due_since_ms = 10;
    p.since_ms = 10;
    put(f, &p);
    for (int i = 0; i < 2; i++) {
        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, store_people_make_due(f->store, i == 0 ? PERSON_FAILED : PERSON_DUE, 500,
                                           SPAN("operator retry"), &n, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_int_equal(n, i + 1);
    }
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail));
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.due_ms, 500);
    assert_int_equal(p.due_since_ms, 500);
    assert_int_equal(p.since_ms, 500);
    assert_int_equal(p.attempts, 0);
    assert_int_equal(p.reason.n + p.reason_code.n, 0);
    assert_span(p.cause, "operator retry");
    assert_span(p.agent_id, "a1");
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u2"), &p, &f->fail));
    assert_int_equal(p.due_ms, 500);
    assert_int_equal(p.due_since_ms, 10);
    assert_int_equal(p.since_ms, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_person_whole, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_person_unknown, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_memo, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_due, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_each, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_find, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_make_due, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
