/* Who is to be looked at again, and what a reading says. */
#include "fixture.h"

static void ask(struct fixture *f, const struct look *look)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_look_put(f->store, look, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static struct look look_at(const char *id, int64_t due_ms, int64_t asked_ns, const char *cause)
{
    return (struct look){.source = SPAN("okta"),
                         .id = span_of(id),
                         .kind = LOOK_USER,
                         .due_ms = due_ms,
                         .asked_ns = asked_ns,
                         .cause = span_of(cause)};
}

static bool get(struct fixture *f, const char *id, struct look *out)
{
    bool is_there = false;

    assert_ok(f, store_look_get(f->store, &f->arena, SPAN("okta"), LOOK_USER, span_of(id),
                                &is_there, out, &f->fail));
    return is_there;
}

static void done(struct fixture *f, const struct look *look, int64_t again_ms)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_look_done(f->store, look, again_ms, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static void test_coalesced(void **state)
{
    static const struct row {
        const char *name;
        int64_t due_ms, asked_ns;
        int64_t then_due_ms, then_asked_ns;
        const char *then_cause;
    } rows[] = {
        {"first", 1000, 20, 1000, 20, "first"},
        {"a newer event does not put it off", 1500, 30, 1000, 30,
         "a newer event does not put it off"},
        {"an older event changes nothing", 1600, 10, 1000, 30, "a newer event does not put it off"},
        {"an older event that is more urgent", 900, 10, 900, 30,
         "a newer event does not put it off"},
        {"the same instant", 2000, 30, 900, 30, "a newer event does not put it off"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct look look = look_at("00u1", rows[i].due_ms, rows[i].asked_ns, rows[i].name), now;

        ask(f, &look);
        assert_true(get(f, "00u1", &now));
        if (now.due_ms != rows[i].then_due_ms || now.asked_ns != rows[i].then_asked_ns ||
            now.tries != 0 || !span_eq(now.cause, span_of(rows[i].then_cause)))
            fail_msg("%s: due %lld, asked %lld, '%.*s'", rows[i].name, (long long)now.due_ms,
                     (long long)now.asked_ns, SPAN_ARG(now.cause));
    }
}

static void test_put_off(void **state)
{
    struct fixture *f = *state;
    struct look look = look_at("00u1", 1000, 20, "event 1"), now;

    ask(f, &look);
    done(f, &look, 11000);
    assert_true(get(f, "00u1", &now));
    assert_int_equal(now.due_ms, 11000);
    assert_int_equal(now.tries, 1);
    done(f, &look, 60000);
    /* What is older than what was read asks for nothing new. */
    look = look_at("00u1", 1200, 20, "event 1 again");
    ask(f, &look);
    assert_true(get(f, "00u1", &now));
    assert_int_equal(now.due_ms, 60000);
    assert_int_equal(now.tries, 2);
    /* A newer event does, and the tries begin anew. */
    look = look_at("00u1", 1300, 21, "event 2");
    ask(f, &look);
    assert_true(get(f, "00u1", &now));
    assert_int_equal(now.due_ms, 1300);
    assert_int_equal(now.tries, 0);
    assert_span(now.cause, "event 2");
}

static void test_done(void **state)
{
    struct fixture *f = *state;
    struct look look = look_at("00u1", 1000, 20, "event 1"), newer, now;

    ask(f, &look);
    /* Asked for again while it was carried out: the new question stays. */
    newer = look_at("00u1", 1500, 25, "event 2");
    ask(f, &newer);
    done(f, &look, 0);
    assert_true(get(f, "00u1", &now));
    done(f, &look, 9000);
    assert_true(get(f, "00u1", &now));
    assert_int_equal(now.tries, 0);
    assert_int_equal(now.due_ms, 1000);
    done(f, &newer, 0);
    assert_false(get(f, "00u1", &now));
    done(f, &newer, 0); /* nothing is there any more */
}

static void test_due(void **state)
{
    static const struct {
        const char *id;
        enum look_kind kind;
        int64_t due_ms, asked_ns;
    } put[] = {
        {"00u1", LOOK_USER, 300, 5}, {"00g1", LOOK_GROUP, 100, 5}, {"0oa1", LOOK_APP, 200, 5},
        {"", LOOK_SCOPE, 50, 0},     {"00u2", LOOK_USER, 400, 5},  {"00g1", LOOK_USER, 9000, 5},
    };
    static const struct row {
        int64_t now_ms;
        size_t skip, max;
        const char *ids;
    } rows[] = {
        {49, 0, 10, ""},
        {50, 0, 10, "s:"},
        {400, 0, 10, "g:00g1 a:0oa1 u:00u1 u:00u2 s:"}, /* what no event asked for comes last */
        {400, 1, 2, "a:0oa1 u:00u1"},
        {400, 5, 2, ""},
    };
    struct fixture *f = *state;
    int64_t next_ms = 0;

    assert_ok(f, store_next_look(f->store, &next_ms, &f->fail));
    assert_true(next_ms == INT64_MAX);
    for (size_t i = 0; i < sizeof(put) / sizeof(put[0]); i++) {
        struct look look = look_at(put[i].id, put[i].due_ms, put[i].asked_ns, "x");

        look.kind = put[i].kind;
        ask(f, &look);
    }
    assert_ok(f, store_next_look(f->store, &next_ms, &f->fail));
    assert_int_equal(next_ms, 50);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct look *looks;
        char ids[128] = "";
        size_t n;

        assert_ok(f, store_looks_due(f->store, &f->arena, rows[i].now_ms, rows[i].skip, rows[i].max,
                                     &looks, &n, &f->fail));
        for (size_t k = 0; k < n; k++)
            (void)snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s%c:%.*s",
                           k == 0 ? "" : " ", (char)looks[k].kind, SPAN_ARG(looks[k].id));
        if (strcmp(ids, rows[i].ids) != 0)
            fail_msg("row %zu: '%s'", i, ids);
    }
}

/* ---- readings ---- */

static void test_reading(void **state)
{
    static const struct membership before[] = {
        {MEMBERSHIP_APP, {"0oa1", 4}, {"App", 3}, true, 10},
        {MEMBERSHIP_GROUP, {"00g1", 4}, {"One", 3}, true, 10},
        {MEMBERSHIP_GROUP, {"00g2", 4}, {"Two", 3}, false, 10},
        {MEMBERSHIP_ACCOUNT, {"", 0}, {"", 0}, false, 10},
        {MEMBERSHIP_SUSPENSION, {"", 0}, {"", 0}, true, 10},
        {MEMBERSHIP_GROUP, {"00g4", 4}, {"Four", 4}, true, 30}, /* published since */
    };
    static const struct membership read[] = {
        {MEMBERSHIP_APP, {"0oa1", 4}, {"App", 3}, true, 20},
        {MEMBERSHIP_GROUP, {"00g2", 4}, {"Two", 3}, true, 20},
        {MEMBERSHIP_GROUP, {"00g4", 4}, {"Four", 4}, true, 20},
    };
    const struct reading reading = {.source = SPAN("okta"),
                                    .user_id = SPAN("00u1"),
                                    .read_ns = 20,
                                    .memberships = read,
                                    .n_memberships = 3};
    struct fixture *f = *state;
    struct membership *all;
    bool is_changed;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        assert_ok(f, store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &before[i],
                                          &is_changed, &f->fail));
        assert_ok(f, store_membership_put(f->store, SPAN("okta"), SPAN("00u2"), &before[i],
                                          &is_changed, &f->fail));
    }
    assert_ok(f, store_reading_put(f->store, &reading, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(
        f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &all, &n, &f->fail));
    assert_int_equal(n, 3);
    assert_span(all[0].container, "0oa1");
    assert_int_equal(all[0].published_ns, 20);
    assert_span(all[1].container, "00g2");
    assert_true(all[1].is_member);
    assert_span(all[2].container, "00g4");
    assert_int_equal(all[2].published_ns, 30);
    /* Nobody else's. */
    assert_ok(
        f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u2"), &all, &n, &f->fail));
    assert_int_equal(n, 6);
}

static void test_reading_of_somebody_new(void **state)
{
    static const struct membership read = {MEMBERSHIP_APP, {"0oa1", 4}, {"App", 3}, true, 20};
    const struct reading reading = {.source = SPAN("okta"),
                                    .user_id = SPAN("00u1"),
                                    .read_ns = 20,
                                    .memberships = &read,
                                    .n_memberships = 1};
    struct fixture *f = *state;
    struct membership *all;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_reading_put(f->store, &reading, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(
        f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &all, &n, &f->fail));
    assert_int_equal(n, 1);
}

struct members {
    char ids[64];
    size_t n, limit;
};

static bool add_member(void *arg, struct span user_id)
{
    struct members *m = arg;
    size_t n = strlen(m->ids);

    (void)snprintf(m->ids + n, sizeof(m->ids) - n, "%.*s ", SPAN_ARG(user_id));
    return ++m->n != m->limit;
}

static void test_members(void **state)
{
    static const struct {
        const char *source, *user_id, *container;
        enum membership_kind kind;
        bool is_member;
    } put[] = {
        {"okta", "00u3", "00g1", MEMBERSHIP_GROUP, true},
        {"okta", "00u1", "00g1", MEMBERSHIP_GROUP, true},
        {"okta", "00u2", "00g1", MEMBERSHIP_GROUP, false},
        {"okta", "00u4", "00g2", MEMBERSHIP_GROUP, true},
        {"okta", "00u5", "00g1", MEMBERSHIP_APP, true}, /* an application of a group's id */
        {"scim", "00u6", "00g1", MEMBERSHIP_GROUP, true},
        {"okta", "00u1", "", MEMBERSHIP_ACCOUNT, true},
    };
    static const struct row {
        const char *source, *container;
        enum membership_kind kind;
        size_t limit;
        const char *ids;
    } rows[] = {
        {"okta", "00g1", MEMBERSHIP_GROUP, 0, "00u1 00u3 "},
        {"okta", "00g1", MEMBERSHIP_GROUP, 1, "00u1 "},
        {"okta", "00g1", MEMBERSHIP_GROUP, 0, "00u1 00u3 "}, /* after one that was stopped */
        {"okta", "00g1", MEMBERSHIP_APP, 0, "00u5 "},
        {"scim", "00g1", MEMBERSHIP_GROUP, 0, "00u6 "},
        {"okta", "00g3", MEMBERSHIP_GROUP, 0, ""},
        {"okta", "", MEMBERSHIP_ACCOUNT, 0, ""},
    };
    struct fixture *f = *state;

    assert_ok(f, store_begin(f->store, &f->fail));
    for (size_t i = 0; i < sizeof(put) / sizeof(put[0]); i++) {
        struct membership m = {put[i].kind, span_of(put[i].container), SPAN("x"), put[i].is_member,
                               1};
        bool is_changed;

        assert_ok(f, store_membership_put(f->store, span_of(put[i].source), span_of(put[i].user_id),
                                          &m, &is_changed, &f->fail));
    }
    /* Inside the transaction, in which the last row is not written yet, as well as after it. */
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            struct members m = {.limit = rows[i].limit};

            assert_ok(f, store_members_each(f->store, span_of(rows[i].source), rows[i].kind,
                                            span_of(rows[i].container), add_member, &m, &f->fail));
            if (strcmp(m.ids, rows[i].ids) != 0)
                fail_msg("row %zu: '%s'", i, m.ids);
        }
        if (round == 0)
            assert_ok(f, store_commit(f->store, &f->fail));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_coalesced, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_put_off, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_done, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_due, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_reading, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_reading_of_somebody_new, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_members, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
