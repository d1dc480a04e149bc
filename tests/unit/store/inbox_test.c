#include "fixture.h"

static const char uuid_1[] = "b1d5a3c0-6e5b-4b8f-9d7a-2f0c1e9a7d31";
static const char uuid_2[] = "b1d5a3c0-6e5b-4b8f-9d7a-2f0c1e9a7d32";

/* ---- events ---- */

static void test_event_once(void **state)
{
    static const struct row {
        const char *name, *source, *uuid;
        bool is_new;
    } rows[] = {
        {"a first one", "okta", uuid_1, true},
        {"the same again", "okta", uuid_1, false},
        {"another", "okta", uuid_2, true},
        {"another source's", "scim", uuid_1, true},
        {"no uuid", "okta", "sha256:00ff", true},
        {"no uuid, again", "okta", "sha256:00ff", false},
        {"a uuid in capitals is another text", "okta", "B1D5A3C0-6E5B-4B8F-9D7A-2F0C1E9A7D31",
         true},
        {"16 bytes of text are no uuid", "okta", "0123456789abcdef", true},
    };
    struct fixture *f = *state;
    struct store_counts counts;
    int64_t last_ms = -1;

    assert_ok(f, store_last_event(f->store, &last_ms, &f->fail));
    assert_int_equal(last_ms, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_subject subject;
        struct event e = fixture_event(rows[i].uuid, &subject, "00u1");
        bool is_new = !rows[i].is_new;

        e.source = span_of(rows[i].source);
        e.received_ms = 1000 + (int64_t)i;
        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        if (is_new != rows[i].is_new)
            fail_msg("%s", rows[i].name);
    }
    assert_ok(f, store_counts(f->store, 2000, &counts, &f->fail));
    assert_int_equal(counts.events, 6);
    assert_int_equal(counts.last_event_ms, 1007);
    assert_ok(f, store_last_event(f->store, &last_ms, &f->fail));
    assert_int_equal(last_ms, 1007);
}

static void test_event_rolled_back(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = fixture_event(uuid_1, &subject, "00u1");
    struct store_counts counts;
    bool is_new = false;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
    store_rollback(f->store);
    assert_ok(f, store_counts(f->store, 0, &counts, &f->fail));
    assert_int_equal(counts.events, 0);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_true(is_new);
}

static void test_event_skipped(void **state)
{
    struct fixture *f = *state;
    struct event e = {.source = SPAN("okta"),
                      .uuid = span_of(uuid_1),
                      .skip_reason = "foreign_group",
                      .skip_detail = SPAN("group 'x'")};
    bool is_new = false;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
    assert_true(is_new);
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
    assert_false(is_new);
    assert_ok(f, store_commit(f->store, &f->fail));
}

/* ---- memberships ---- */

static void test_membership_newest_wins(void **state)
{
    static const struct row {
        const char *name;
        bool is_member;
        int64_t published_ns;
        bool changes, then_member;
    } rows[] = {
        {"first", true, 100, true, true},
        {"repeated", true, 100, false, true},
        {"a remove of the same instant", false, 100, false, true},
        {"an older remove", false, 99, false, true},
        {"a newer remove", false, 101, true, false},
        {"an add of the same instant", true, 101, true, true},
        {"a newer add", true, 102, true, true},
        {"before 1970", false, -1, false, true},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct membership m = {MEMBERSHIP_GROUP, SPAN("00g1"), SPAN("amazon_connect"),
                               rows[i].is_member, rows[i].published_ns};
        struct membership *all;
        bool is_changed = !rows[i].changes;
        size_t n;

        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &m, &is_changed,
                                          &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_ok(f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &all, &n,
                                       &f->fail));
        if (is_changed != rows[i].changes || n != 1 || all[0].is_member != rows[i].then_member)
            fail_msg("%s", rows[i].name);
    }
}

/* Beginning a suspension takes access away: at one instant its end counts. */
static void test_suspension(void **state)
{
    static const struct row {
        const char *name;
        bool is_suspended;
        int64_t published_ns;
        bool changes, then_suspended;
    } rows[] = {
        {"suspended", true, 100, true, true},
        {"its end at the same instant", false, 100, true, false},
        {"suspended at the same instant", true, 100, false, false},
        {"suspended later", true, 101, true, true},
        {"an older end", false, 100, false, true},
        {"a newer end", false, 102, true, false},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct membership m = {MEMBERSHIP_SUSPENSION, SPAN(""), SPAN(""), rows[i].is_suspended,
                               rows[i].published_ns};
        struct membership *all;
        bool is_changed = !rows[i].changes;
        size_t n;

        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &m, &is_changed,
                                          &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_ok(f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &all, &n,
                                       &f->fail));
        if (is_changed != rows[i].changes || n != 1 || all[0].is_member != rows[i].then_suspended)
            fail_msg("%s", rows[i].name);
    }
}

static void test_memberships_of_one(void **state)
{
    static const struct membership put[] = {
        {MEMBERSHIP_GROUP, {"g1", 2}, {"one", 3}, true, 1},
        {MEMBERSHIP_APP, {"g1", 2}, {"an application with a group's id", 32}, true, 2},
        {MEMBERSHIP_GROUP, {"g2", 2}, {"two", 3}, false, 3},
        {MEMBERSHIP_ACCOUNT, {"", 0}, {"", 0}, true, 4},
    };
    struct fixture *f = *state;
    struct membership *all;
    bool is_changed;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    for (size_t i = 0; i < 4; i++) {
        assert_ok(f, store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &put[i],
                                          &is_changed, &f->fail));
        assert_ok(f, store_membership_put(f->store, SPAN("scim"), SPAN("00u1"), &put[0],
                                          &is_changed, &f->fail));
        assert_ok(f, store_membership_put(f->store, SPAN("okta"), SPAN("00u2"), &put[1],
                                          &is_changed, &f->fail));
    }
    /* Inside the transaction as well as after it. */
    for (int i = 0; i < 2; i++) {
        assert_ok(f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &all, &n,
                                       &f->fail));
        assert_int_equal(n, 4);
        assert_int_equal(all[0].kind, MEMBERSHIP_APP);
        assert_span(all[1].name, "one");
        assert_span(all[2].container, "g2");
        assert_false(all[2].is_member);
        assert_int_equal(all[3].published_ns, 4);
        if (i == 0)
            assert_ok(f, store_commit(f->store, &f->fail));
    }
    assert_ok(
        f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u3"), &all, &n, &f->fail));
    assert_int_equal(n, 0);
}

/* ---- bodies ---- */

static void test_kept_bodies(void **state)
{
    struct fixture *f = *state;
    struct kept_body *bodies;
    char *large = mem_new(1, 100000);
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    for (int i = 0; i < 25; i++)
        assert_ok(f, store_kept_body_add(f->store, i, span_n(large, i == 24 ? 100000 : (size_t)i),
                                         "no JSON", &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    free(large);
    assert_ok(f, store_kept_bodies(f->store, &f->arena, &bodies, &n, &f->fail));
    assert_int_equal(n, 20);
    assert_int_equal(bodies[0].received_ms, 24);
    assert_int_equal(bodies[0].size, 100000);
    assert_int_equal(bodies[0].body.n, 65536);
    assert_span(bodies[0].why, "no JSON");
    assert_int_equal(bodies[19].received_ms, 5);
    assert_int_equal(bodies[19].body.n, 5);
}

/* ---- pruning ---- */

static void put_event(struct fixture *f, int number, int64_t received_ms, const char *users)
{
    struct event_subject subjects[4];
    struct span rest = span_of(users), id;
    char uuid[40] = "";
    struct event e = fixture_event(uuid, &subjects[0], "");
    bool is_new;

    (void)snprintf(uuid, sizeof(uuid), "event %d", number);
    e.uuid = span_of(uuid);
    e.received_ms = received_ms;
    e.n_subjects = 0;
    while (rest.n > 0 && span_split(&rest, ' ', &id))
        subjects[e.n_subjects++] = (struct event_subject){.user_id = id};
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
}

static void put_person(struct fixture *f, const char *id, enum person_state person_state)
{
    struct person p = {.source = SPAN("okta"), .id = span_of(id), .state = person_state};

    assert_ok(f, store_person_put(f->store, &p, &f->fail));
}

static void test_prune(void **state)
{
    static const struct row {
        const char *name;
        int64_t before_ms, max, removed, left;
    } rows[] = {
        {"nothing is that old", 100, 100, 0, 6},
        {"two at most", 400, 2, 2, 4},
        {"the rest of them, but for the one about somebody due", 400, 100, 0, 4},
        {"a young one does not hide an older one behind it", 500, 100, 1, 3},
        {"all but the one about somebody due", 10000, 100, 2, 1},
        {"again", 10000, 100, 0, 1},
    };
    struct fixture *f = *state;

    assert_ok(f, store_begin(f->store, &f->fail));
    put_event(f, 1, 100, "00u1");
    put_event(f, 2, 200, "00u1 00due 00u2");
    put_event(f, 3, 300, "");
    put_event(f, 4, 5000, "00u1"); /* the clock was wrong */
    put_event(f, 5, 400, "00u1 00nobody");
    put_event(f, 6, 600, "00u2");
    put_person(f, "00u1", PERSON_IN_STEP);
    put_person(f, "00due", PERSON_DUE);
    put_person(f, "00u2", PERSON_HELD);
    assert_ok(f, store_commit(f->store, &f->fail));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_counts counts;
        int64_t removed = -1;

        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f,
                  store_prune_events(f->store, rows[i].before_ms, rows[i].max, &removed, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_ok(f, store_counts(f->store, 0, &counts, &f->fail));
        if (removed != rows[i].removed || counts.events != rows[i].left)
            fail_msg("%s: %lld, %lld", rows[i].name, (long long)removed, (long long)counts.events);
    }
}

static void put_look(struct fixture *f, enum look_kind kind, const char *id)
{
    const struct look look = {.source = SPAN("okta"), .kind = kind, .id = span_of(id)};

    assert_ok(f, store_look_put(f->store, &look, &f->fail));
}

/* What asked for a look that is outstanding stays until it was carried out. */
static void test_prune_with_looks(void **state)
{
    static const struct event_subject group = {.kind = SUBJECT_GROUP,
                                               .membership = {.kind = MEMBERSHIP_GROUP,
                                                              .container = {"00g1", 4}}},
                                      scope = {.kind = SUBJECT_SCOPE};
    static const struct row {
        const char *name, *id;
        enum look_kind kind;
        const char *left; /* the events that are left, newest first */
    } rows[] = {
        {"none", NULL, 0, ""},
        {"at a user", "00u1", LOOK_USER, "event 1"},
        {"at a user whom nothing else tells of", "00new", LOOK_USER, "event 2"},
        {"at a group", "00g1", LOOK_GROUP, "group"},
        {"at another group", "00g2", LOOK_GROUP, ""},
        {"at an application of that id", "0oa9", LOOK_APP, ""},
        {"at everything", "", LOOK_SCOPE, "scope group event 2"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event e = {.source = SPAN("okta"), .n_subjects = 1};
        struct event_row *events;
        char left[128] = "";
        int64_t removed;
        bool is_new;
        size_t n;

        assert_ok(f, store_begin(f->store, &f->fail));
        put_person(f, "00u1", PERSON_IN_STEP);
        put_event(f, 1, 100, "00u1");
        put_event(f, 2, 100, "00new");
        e.uuid = SPAN("group");
        e.subjects = &group;
        assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
        e.uuid = SPAN("scope");
        e.subjects = &scope;
        assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
        e = (struct event){
            .source = SPAN("okta"), .uuid = SPAN("skipped"), .skip_reason = "other_type"};
        assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
        if (rows[i].id != NULL)
            put_look(f, rows[i].kind, rows[i].id);
        assert_ok(f, store_prune_events(f->store, 1000, 100, &removed, &f->fail));
        assert_ok(f,
                  store_events(f->store, &f->arena, SPAN(""), false, 100, &events, &n, &f->fail));
        for (size_t k = 0; k < n; k++)
            (void)snprintf(left + strlen(left), sizeof(left) - strlen(left), "%s%.*s",
                           k == 0 ? "" : " ", SPAN_ARG(events[k].uuid));
        if (strcmp(left, rows[i].left) != 0 || removed != 5 - (int64_t)n)
            fail_msg("%s: '%s'", rows[i].name, left);
        store_rollback(f->store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_event_once, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_event_rolled_back, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_event_skipped, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_membership_newest_wins, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_suspension, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_memberships_of_one, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_kept_bodies, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_prune, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_prune_with_looks, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
