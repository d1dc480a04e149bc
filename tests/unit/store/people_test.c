#include "fixture.h"

#include <assert.h>

#include "store/db.h"

enum { SLACK = 32 };

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

/* Every member of struct person that the store keeps. */
static struct span *texts_of(struct person *p, size_t i)
{
    struct span *const texts[] = {&p->source,
                                  &p->id,
                                  &p->login,
                                  &p->display_name,
                                  &p->app_user_name,
                                  &p->status,
                                  &p->profile,
                                  &p->reason_code,
                                  &p->reason,
                                  &p->cause,
                                  &p->create_sent_name,
                                  &p->create_sent,
                                  &p->agent_id,
                                  &p->agent_arn,
                                  &p->agent_user_name,
                                  &p->applied,
                                  &p->before_removal,
                                  &p->restore,
                                  &p->left_why,
                                  &p->old_agent_id,
                                  &p->old_agent_arn,
                                  &p->old_agent_name,
                                  NULL};

    return texts[i];
}

static int64_t *numbers_of(struct person *p, size_t i)
{
    int64_t *const numbers[] = {&p->facts_ns,      &p->display_name_ns,  &p->app_user_name_ns,
                                &p->read_ms,       &p->since_ms,         &p->due_ms,
                                &p->due_since_ms,  &p->attempts,         &p->create_sent_ms,
                                &p->name_taken_ms, &p->agent_since_ms,   &p->applied_ms,
                                &p->in_doubt,      &p->delete_sent_ms,   &p->agent_deleted_ms,
                                &p->left_ms,       &p->contact_since_ms, &p->priority,
                                &p->judged_n,      &p->old_agent_parked, NULL};

    return numbers[i];
}

static bool *flags_of(struct person *p, size_t i)
{
    bool *const flags[] = {&p->may_adopt, &p->passed_changes, &p->needs_gate, NULL};

    return flags[i];
}

/* Whoever adds a member adds it above, and to the store: what is not named there are two enums, the
 * flags and padding. */
static_assert(sizeof(struct person) <= 22 * sizeof(struct span) + 20 * sizeof(int64_t) + SLACK,
              "a member of struct person is not tested");

static void check_whole(struct fixture *f, struct person *all)
{
    struct person p;

    assert_ok(f, store_person_get(f->store, &f->arena, all->source, all->id, &p, &f->fail));
    for (size_t i = 0; texts_of(all, i) != NULL; i++)
        if (!span_eq(*texts_of(&p, i), *texts_of(all, i)))
            fail_msg("text %zu: '%.*s'", i, SPAN_ARG(*texts_of(&p, i)));
    for (size_t i = 0; numbers_of(all, i) != NULL; i++)
        if (*numbers_of(&p, i) != *numbers_of(all, i))
            fail_msg("number %zu: %lld", i, (long long)*numbers_of(&p, i));
    for (size_t i = 0; flags_of(all, i) != NULL; i++)
        if (!*flags_of(&p, i))
            fail_msg("flag %zu", i);
    assert_int_equal(p.state, PERSON_HELD);
    assert_int_equal(p.removal, REMOVAL_REJECTED);
}

static void test_person_whole(void **state)
{
    struct fixture *f = *state;
    struct person all = {.state = PERSON_HELD, .removal = REMOVAL_REJECTED}, p;

    for (size_t i = 0; texts_of(&all, i) != NULL; i++)
        *texts_of(&all, i) =
            arena_span(&f->arena, span_of(arena_printf(&f->arena, "t\xc3\xa9xt %zu", i)));
    for (size_t i = 0; numbers_of(&all, i) != NULL; i++)
        *numbers_of(&all, i) = 1777881600000000000 + (int64_t)i;
    for (size_t i = 0; flags_of(&all, i) != NULL; i++)
        *flags_of(&all, i) = true;
    put(f, &all);
    check_whole(f, &all);

    /* The whole row is replaced. */
    p = (struct person){.source = all.source, .id = all.id};
    put(f, &p);
    assert_ok(f, store_person_get(f->store, &f->arena, all.source, all.id, &p, &f->fail));
    for (size_t i = 0; texts_of(&p, i) != NULL; i++)
        if (texts_of(&p, i) != &p.source && texts_of(&p, i) != &p.id && texts_of(&p, i)->n != 0)
            fail_msg("text %zu stays", i);
    for (size_t i = 0; numbers_of(&p, i) != NULL; i++)
        if (*numbers_of(&p, i) != 0)
            fail_msg("number %zu stays", i);
    for (size_t i = 0; flags_of(&p, i) != NULL; i++)
        if (*flags_of(&p, i))
            fail_msg("flag %zu stays", i);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.removal, REMOVAL_NONE);
    put(f, &all);
    check_whole(f, &all);
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

static bool count_one(void *arg, const struct person *p)
{
    (void)p;
    return ++*(int *)arg > 0;
}

/* Somebody who was only mentioned has no row yet; whoever looks must not miss it. */
static void test_mention(void **state)
{
    static const struct membership m = {MEMBERSHIP_APP, {"0oa1", 4}, {"x", 1}, true, 1};
    struct fixture *f = *state;
    char long_id[100];
    struct membership *all;
    struct person p = some_person("00u1");
    bool is_changed;
    int n = 0;
    size_t n_all;

    assert_ok(f, store_begin(f->store, &f->fail));
    for (int i = 0; i < 3; i++) {
        static const char *const ids[] = {"00u1", "00u2", "00u3"};

        assert_ok(f, store_membership_put(f->store, SPAN("okta"), span_of(ids[i]), &m, &is_changed,
                                          &f->fail));
        assert_true(is_changed);
    }
    assert_ok(f, store_people_each(f->store, PERSON_STATES, count_one, &n, &f->fail));
    assert_int_equal(n, 0);
    /* The first is written after others were mentioned, the last at once. */
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    p = some_person("00u4");
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    p.agent_id = SPAN("a1");
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    assert_ok(f, store_people_each(f->store, PERSON_STATES, count_one, &n, &f->fail));
    assert_int_equal(n, 2);
    /* An id that is longer than what is remembered. */
    memset(long_id, 'x', sizeof(long_id));
    assert_ok(f, store_membership_put(f->store, SPAN("okta"), span_n(long_id, sizeof(long_id)), &m,
                                      &is_changed, &f->fail));
    p = some_person("");
    p.id = span_n(long_id, sizeof(long_id));
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    assert_ok(
        f, store_membership_put(f->store, SPAN("okta"), SPAN("00u5"), &m, &is_changed, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail)); /* with one that is only mentioned */
    assert_ok(f, store_begin(f->store, &f->fail));
    p = some_person("00u6");
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    for (int i = 0; i < 6; i++) {
        static const char *const ids[] = {"00u1", "00u2", "00u3", "00u4", "00u5", "00u6"};

        assert_ok(f, store_memberships(f->store, &f->arena, SPAN("okta"), span_of(ids[i]), &all,
                                       &n_all, &f->fail));
        if (n_all != (i == 3 || i == 5 ? 0U : 1U))
            fail_msg("%s: %zu", ids[i], n_all);
    }
    assert_ok(f,
              store_memberships(f->store, &f->arena, SPAN("okta"), p.id, &all, &n_all, &f->fail));
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u4"), &p, &f->fail));
    assert_span(p.agent_id, "a1");
    assert_ok(f, store_check(f->store, &f->fail));
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

        assert_ok(f, store_people_due(f->store, &f->arena, asks[i].now_ms, PRIORITY_REMOVAL,
                                      asks[i].skip, asks[i].max, &people, &n, &f->fail));
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
    assert_int_equal(p.judged_n, 1);
}

/* One reason alone; and nobody whose removal is held. */
static void test_make_due_for(void **state)
{
    static const struct {
        const char *id, *code;
        enum removal removal;
    } rows[] = {{"00u1", REASON_UNKNOWN_NAME, REMOVAL_NONE},
                {"00u2", REASON_REFUSED, REMOVAL_NONE},
                {"00u3", REASON_UNKNOWN_NAME, REMOVAL_HELD},
                {"00u4", REASON_UNKNOWN_NAME, REMOVAL_PASSED}};
    struct fixture *f = *state;
    struct person *people;
    int64_t n_due = -1;
    size_t n;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = some_person(rows[i].id);

        p.state = PERSON_FAILED;
        p.reason_code = span_of(rows[i].code);
        p.removal = rows[i].removal;
        put(f, &p);
    }
    assert_ok(f, store_people_by_reason(f->store, &f->arena, PERSON_FAILED,
                                        SPAN(REASON_UNKNOWN_NAME), 2, &people, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_span(people[0].id, "00u1");
    assert_span(people[1].id, "00u3");
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_people_make_due_for(f->store, PERSON_FAILED, SPAN(REASON_UNKNOWN_NAME), 500,
                                           SPAN("read"), &n_due, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_int_equal(n_due, 2);
    assert_ok(f, store_people_by_reason(f->store, &f->arena, PERSON_FAILED,
                                        SPAN(REASON_UNKNOWN_NAME), 9, &people, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(people[0].id, "00u3");
}

/* By priority; and who waits before a gate is taken by the gate alone. */
static void test_priorities_and_gates(void **state)
{
    static const struct {
        const char *id;
        int64_t priority;
        bool needs_gate;
        enum removal removal;
    } rows[] = {{"removal", PRIORITY_REMOVAL, false, REMOVAL_WAITS},
                {"new", PRIORITY_NEW, false, REMOVAL_NONE},
                {"change", PRIORITY_CHANGE, false, REMOVAL_NONE},
                {"removal at its gate", PRIORITY_REMOVAL, true, REMOVAL_WAITS},
                {"change at its gate", PRIORITY_CHANGE, true, REMOVAL_NONE}};
    struct fixture *f = *state;
    struct person *people;
    size_t n;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = some_person(rows[i].id);

        p.priority = rows[i].priority;
        p.needs_gate = rows[i].needs_gate;
        p.removal = rows[i].removal;
        put(f, &p);
    }
    for (int64_t i = 0; i < PERSON_PRIORITIES; i++) {
        assert_ok(f, store_people_due(f->store, &f->arena, 1, i, 0, 9, &people, &n, &f->fail));
        assert_int_equal(n, 1);
        assert_span(people[0].id, rows[i].id);
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(f, store_gate_waiting(f->store, &f->arena, i == 0, 9, &people, &n, &f->fail));
        assert_int_equal(n, 1);
        assert_span(people[0].id, rows[3 + i].id);
    }
}

static void test_agents(void **state)
{
    struct fixture *f = *state;
    struct person p = some_person("00u1");
    int64_t n = -1;

    p.agent_user_name = SPAN("ada");
    put(f, &p);
    p = some_person("ada"); /* no agent */
    put(f, &p);
    assert_ok(f, store_managed_count(f->store, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_ok(f, store_person_of_name(f->store, &f->arena, SPAN("okta"), SPAN("ada"), SPAN("00u2"),
                                      &p, &f->fail));
    assert_span(p.id, "00u1");
    assert_int_equal(store_person_of_name(f->store, &f->arena, SPAN("okta"), SPAN("ada"),
                                          SPAN("00u1"), &p, &f->fail),
                     ERR_NOT_FOUND);
    assert_int_equal(store_person_of_name(f->store, &f->arena, SPAN("okta"), SPAN("Ada"),
                                          SPAN("00u2"), &p, &f->fail),
                     ERR_NOT_FOUND);
    assert_int_equal(store_person_of_name(f->store, &f->arena, SPAN("okta"), SPAN(""), SPAN("00u2"),
                                          &p, &f->fail),
                     ERR_NOT_FOUND);
}

/* What is asked for each person must not look at everybody. */
static void test_nobody_is_scanned(void **state)
{
    static const enum db_slot slots[] = {DB_PERSON_OF_NAME, DB_PEOPLE_DUE, DB_NEXT_DUE,
                                         DB_GATE_WAITING, DB_PERSON_GET};
    struct fixture *f = *state;
    struct person p = some_person("00u1"), *people;
    int64_t next_ms;
    size_t n;

    for (int i = 0; i < 20; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "p%d", i);
        p = some_person(id);
        p.state = PERSON_IN_STEP;
        p.agent_user_name = p.id;
        put(f, &p);
    }
    assert_ok(f, store_person_of_name(f->store, &f->arena, SPAN("okta"), SPAN("p7"), SPAN("p1"), &p,
                                      &f->fail));
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("p3"), &p, &f->fail));
    assert_ok(f, store_people_due(f->store, &f->arena, 9, 0, 0, 9, &people, &n, &f->fail));
    assert_ok(f, store_gate_waiting(f->store, &f->arena, true, 9, &people, &n, &f->fail));
    assert_ok(f, store_next_due(f->store, &next_ms, &f->fail));
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        int n_steps =
            sqlite3_stmt_status(f->store->statements[slots[i]], SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);

        if (n_steps != 0)
            fail_msg("statement %d looked at %d rows", (int)slots[i], n_steps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_person_whole, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_person_unknown, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_memo, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_mention, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_due, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_each, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_find, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_make_due, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_make_due_for, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_priorities_and_gates, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_agents, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_nobody_is_scanned, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
