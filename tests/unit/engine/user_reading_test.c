/* What a reading of one user in Okta changes in the store, and when it is not believed. */
#include "../store/fixture.h"

#include "engine/user_reading.h"
#include "model/profile.h"

static const int64_t now_ms = 1780000000000, ns_per_ms = 1000000;

static const struct span apps[] = {{"Amazon Connect", 14}}, groups[] = {{"Agents", 6}},
                         profiles[] = {{"s-1", 3}};
static const struct rule_test tests_of_rule[] = {{.kind = TEST_APP, .values = apps, .n = 1},
                                                 {.kind = TEST_GROUP, .values = groups, .n = 1}};
static const struct rule rule = {.tests = tests_of_rule,
                                 .n_tests = 2,
                                 .is_any = true,
                                 .has_ids = true,
                                 .security_profiles = profiles,
                                 .n_security_profiles = 1,
                                 .routing_profile = {"r-1", 3}};
static const struct rules rules = {
    .rules = &rule, .n = 1, .reads_okta = true, .on_remove = REMOVE_DELETE};
static struct current_names names;
static const struct judge judge = {&rules, &names};

enum { APP_ID_N = 20 };
static const struct span app_id = {"0oaAAAAAAAAAAAAAAAAA", APP_ID_N},
                         group_id = {"00gGGGGGGGGGGGGGGGGG", APP_ID_N};

/* Seconds from the reading on, as an instant of Okta's. */
static int64_t at(int seconds)
{
    return (now_ms + seconds * (int64_t)1000) * ns_per_ms;
}

/* What is in the store: memberships by their first letters ("a+ g- u- s+"), all of one instant. */
static void put_memberships(struct fixture *f, const char *said, int64_t published_ns)
{
    for (; *said != '\0'; said += said[2] == ' ' ? 3 : 2) {
        bool is_app = said[0] == 'a', is_group = said[0] == 'g', is_changed;
        const struct membership m = {(enum membership_kind)said[0],
                                     is_app     ? app_id
                                     : is_group ? group_id
                                                : SPAN(""),
                                     is_app     ? apps[0]
                                     : is_group ? groups[0]
                                                : SPAN(""),
                                     said[1] == '+', published_ns};

        assert_ok(f, store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &m, &is_changed,
                                          &f->fail));
    }
}

/* What Okta says: memberships "a g", of which "A" and "G" do not exist. */
static struct user_reading read_as(struct fixture *f, const char *status, const char *members,
                                   int64_t updated_ns)
{
    const struct okta_attribute attributes[] = {
        {SPAN("lastName"), SPAN("Lovelace"), false},
        {SPAN("login"), SPAN("ada@x.org"), false},
        {SPAN("firstName"), SPAN("Ada"), false},
    };
    struct okta_container app = {.id = app_id,
                                 .is_member = strchr(members, 'a') != NULL,
                                 .is_gone = strchr(members, 'A') != NULL,
                                 .user_name = SPAN("ada")};
    struct okta_container group = {.id = group_id, .is_gone = strchr(members, 'G') != NULL};
    struct okta_group in[] = {{.id = group_id, .name = groups[0]},
                              {.id = SPAN("00gOTHER"), .name = SPAN("Everyone")}};
    bool is_in_group = strchr(members, 'g') != NULL;
    struct okta_person person = {.is_gone = strcmp(status, "GONE") == 0,
                                 .user = {.id = SPAN("00u1"),
                                          .status_text = span_of(status),
                                          .login = SPAN("ada@x.org"),
                                          .updated_ns = updated_ns,
                                          .attributes = attributes,
                                          .n_attributes = 3},
                                 .apps = &app,
                                 .groups = &group,
                                 .all_groups = is_in_group ? in : in + 1,
                                 .n_all_groups = is_in_group ? 2 : 1};
    const struct okta_interest interest = {
        .app_ids = &app_id, .n_apps = 1, .group_ids = &group_id, .n_groups = 1};
    struct user_reading reading;

    user_reading_make(&f->arena, &rules, &names_unread, &person, &interest, SPAN("00u1"), now_ms,
                      &reading);
    return reading;
}

/* The memberships as they are now: "a+ g-", in the order of kinds. */
static void say_memberships(struct fixture *f, char out[64])
{
    struct membership *m;
    size_t n, used = 0;

    assert_ok(f,
              store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &m, &n, &f->fail));
    out[0] = '\0';
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(out + used, 64 - used, "%s%c%c", used > 0 ? " " : "", m[i].kind,
                                 m[i].is_member ? '+' : '-');
}

static void set_up(struct fixture *f, const char *known, const char *events, int event_s,
                   const char *status, const struct look *look)
{
    struct person p = {.source = SPAN("okta"),
                       .id = SPAN("00u1"),
                       .state = PERSON_IN_STEP,
                       .status = span_of(status),
                       .read_ms = now_ms - 3600 * 1000,
                       .agent_id = SPAN("agent-1"),
                       .agent_user_name = SPAN("ada")};

    assert_ok(f, store_begin(f->store, &f->fail));
    if (known != NULL) {
        assert_ok(f, store_person_put(f->store, &p, &f->fail));
        put_memberships(f, known, (now_ms - 3600 * 1000) * ns_per_ms);
    }
    put_memberships(f, events, at(event_s));
    assert_ok(f, store_look_put(f->store, look, &f->fail));
    /* As often as it was put off. */
    for (int64_t i = 0; i < look->tries; i++)
        assert_ok(f, store_look_done(f->store, look, look->due_ms, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static const struct row {
    const char *name;
    const char *known; /* since the reading before; NULL: nobody is known */
    const char *events;
    int event_s; /* when they were published */
    int64_t tries;
    const char *status, *members; /* what Okta says now */
    /* Afterwards: */
    int64_t again_s; /* 0: the look is over */
    const char *memberships;
    enum person_state state;
} rows[] = {
    {"added, and so it is", "", "a+", -5, 0, "ACTIVE", "a", 0, "a+", PERSON_DUE},
    {"added, and not to be seen yet", "", "a+", -5, 0, "ACTIVE", "", 10, "a+", PERSON_IN_STEP},
    {"the second time", "", "a+", -20, 1, "ACTIVE", "", 60, "a+", PERSON_IN_STEP},
    {"the third time", "", "a+", -80, 2, "ACTIVE", "", 600, "a+", PERSON_IN_STEP},
    {"then it is believed", "", "a+", -700, 3, "ACTIVE", "", 0, "", PERSON_DUE},
    {"an event of long ago, read once", "", "a+", -1000, 0, "ACTIVE", "", 10, "a+", PERSON_IN_STEP},
    {"and once more", "", "a+", -1000, 1, "ACTIVE", "", 0, "", PERSON_DUE},
    {"removed, and so it is", "g+", "g-", -5, 0, "ACTIVE", "", 0, "", PERSON_DUE},
    {"removed, and still to be seen", "g+", "g-", -5, 0, "ACTIVE", "g", 10, "g-", PERSON_IN_STEP},
    {"moved from the group to the application", "g+", "g- a+", -5, 0, "ACTIVE", "a", 0, "a+",
     PERSON_DUE},
    {"of which one half is to be seen", "g+", "g- a+", -5, 0, "ACTIVE", "ag", 10, "a+ g-",
     PERSON_IN_STEP},
    {"deactivated", "a+", "u-", -5, 0, "DEPROVISIONED", "", 0, "", PERSON_DUE},
    {"deactivated, and still active", "a+", "u-", -5, 0, "ACTIVE", "a", 10, "a+ u-",
     PERSON_IN_STEP},
    {"activated, and not yet", "", "u+ a+", -5, 0, "DEPROVISIONED", "", 10, "a+ u+",
     PERSON_IN_STEP},
    {"suspended", "a+", "s+", -5, 0, "SUSPENDED", "a", 0, "a+", PERSON_DUE},
    {"suspended, and not yet", "a+", "s+", -5, 0, "ACTIVE", "a", 10, "a+ s+", PERSON_IN_STEP},
    {"no longer suspended", "a+", "s-", -5, 0, "ACTIVE", "a", 0, "a+", PERSON_DUE},
    {"what no event has said is read twice", "a+", "", -5, 0, "ACTIVE", "", 10, "a+",
     PERSON_IN_STEP},
    {"and then believed", "a+", "", -5, 1, "ACTIVE", "", 0, "", PERSON_DUE},
    {"gone, and no event has said so", "a+", "", -5, 0, "GONE", "", 10, "a+", PERSON_IN_STEP},
    {"gone after the events", "a+", "u-", -5, 0, "GONE", "", 0, "", PERSON_DUE},
    {"the group does not exist any more", "g+", "", -5, 0, "ACTIVE", "G", 0, "", PERSON_HELD},
    {"but there is the application", "g+ a+", "", -5, 0, "ACTIVE", "aG", 0, "a+", PERSON_DUE},
    {"somebody new", NULL, "a+", -5, 0, "ACTIVE", "ag", 0, "a+ g+", PERSON_DUE},
};

static void a_reading_is_believed_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct look look = {.source = SPAN("okta"),
                            .kind = LOOK_USER,
                            .id = SPAN("00u1"),
                            .due_ms = now_ms,
                            .tries = row->tries,
                            .asked_ns = at(row->event_s),
                            .cause = SPAN("event e-1")},
                    left = {0};
        struct fixture *f;
        struct user_reading reading;
        struct person p;
        char memberships[64];
        bool is_due, is_there;
        void *made = NULL;

        assert_int_equal(fixture_store(&made), 0);
        f = made;
        set_up(f, row->known, row->events, row->event_s, "ACTIVE", &look);
        reading = read_as(f, row->status, row->members, at(0));
        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, user_reading_write(&judge, f->store, &f->arena, &look, &reading, now_ms,
                                        &is_due, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_ok(f, store_look_get(f->store, &f->arena, SPAN("okta"), LOOK_USER, SPAN("00u1"),
                                    &is_there, &left, &f->fail));
        say_memberships(f, memberships);
        if (is_there != (row->again_s != 0) ||
            (is_there && left.due_ms != now_ms + row->again_s * 1000) ||
            strcmp(memberships, row->memberships) != 0)
            fail_msg("%s: look %d at %lld, '%s'", row->name, is_there,
                     (long long)(left.due_ms - now_ms), memberships);
        assert_ok(f,
                  store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail));
        if (p.state != row->state || (is_there && is_due))
            fail_msg("%s: %s", row->name, person_state_name(p.state));
        if (!is_there) {
            assert_span(p.status, row->status);
            assert_int_equal(p.read_ms, now_ms);
        }
        (void)fixture_done(&made);
    }
}

/* A look that no event asked for goes back to a listing: what is absent was absent there, too. */
static void after_a_listing_absence_counts_at_once(void **state)
{
    struct fixture *f = *state;
    struct look look = {.source = SPAN("okta"),
                        .kind = LOOK_USER,
                        .id = SPAN("00u1"),
                        .due_ms = now_ms,
                        .cause = SPAN("compared")};
    struct user_reading reading;
    bool is_due;

    set_up(f, "a+", "", 0, "ACTIVE", &look);
    reading = read_as(f, "ACTIVE", "", at(-100));
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, user_reading_write(&judge, f->store, &f->arena, &look, &reading, now_ms, &is_due,
                                    &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_true(is_due);
}

/* The event was about the profile, and the user's object is older: it is written, and read again.
 */
static void a_profile_may_be_stale(void **state)
{
    static const struct {
        int asked_s, updated_s;
        bool is_again;
    } stale_rows[] = {{-5, -100, true}, {-5, -5, false}, {-5, 0, false}, {-1000, -2000, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(stale_rows) / sizeof(stale_rows[0]); i++) {
        struct look look = {.source = SPAN("okta"),
                            .kind = LOOK_USER,
                            .id = SPAN("00u1"),
                            .due_ms = now_ms,
                            .asked_ns = at(stale_rows[i].asked_s),
                            .cause = SPAN("event e-1")};
        struct user_reading reading;
        struct fixture *f;
        struct look left;
        struct person p;
        bool is_due, is_there;
        void *made = NULL;

        assert_int_equal(fixture_store(&made), 0);
        f = made;
        set_up(f, "a+", "", 0, "ACTIVE", &look);
        reading = read_as(f, "ACTIVE", "a", at(stale_rows[i].updated_s));
        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, user_reading_write(&judge, f->store, &f->arena, &look, &reading, now_ms,
                                        &is_due, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_ok(f, store_look_get(f->store, &f->arena, SPAN("okta"), LOOK_USER, SPAN("00u1"),
                                    &is_there, &left, &f->fail));
        assert_int_equal(is_there, stale_rows[i].is_again);
        assert_ok(f,
                  store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail));
        assert_span(p.login, "ada@x.org");
        assert_span(p.display_name, "Ada Lovelace");
        assert_span(p.profile,
                    "{\"firstName\":\"Ada\",\"lastName\":\"Lovelace\",\"login\":\"ada@x.org\"}");
        (void)fixture_done(&made);
    }
}

/* Okta tells its clock in whole seconds: one reading after the other counts, whatever it says. */
static void a_later_reading_counts(void **state)
{
    struct fixture *f = *state;
    struct look look = {.source = SPAN("okta"),
                        .kind = LOOK_USER,
                        .id = SPAN("00u1"),
                        .due_ms = now_ms,
                        .cause = SPAN("compared")};
    struct user_reading first, second;
    struct person p;
    char memberships[64];
    bool is_due;

    set_up(f, "", "", 0, "ACTIVE", &look);
    first = read_as(f, "ACTIVE", "ag", at(0));
    second = read_as(f, "ACTIVE", "g", at(0));
    second.reading.read_ms -= 700;
    second.reading.read_ns -= 700 * ns_per_ms;
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, user_reading_write(&judge, f->store, &f->arena, &look, &first, now_ms, &is_due,
                                    &f->fail));
    assert_ok(f, user_reading_write(&judge, f->store, &f->arena, &look, &second, now_ms, &is_due,
                                    &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    say_memberships(f, memberships);
    assert_string_equal(memberships, "g+");
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail));
    assert_true(p.read_ms > now_ms);
}

static void strangers_leave_nothing_behind(void **state)
{
    struct fixture *f = *state;
    struct look look = {.source = SPAN("okta"),
                        .kind = LOOK_USER,
                        .id = SPAN("00u1"),
                        .due_ms = now_ms,
                        .cause = SPAN("x")};
    struct user_reading reading;
    struct person p;
    bool is_due, is_there;

    set_up(f, NULL, "", 0, "ACTIVE", &look);
    reading = read_as(f, "ACTIVE", "", at(0));
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, user_reading_write(&judge, f->store, &f->arena, &look, &reading, now_ms, &is_due,
                                    &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_int_equal(
        store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail),
        ERR_NOT_FOUND);
    assert_ok(f, store_look_get(f->store, &f->arena, SPAN("okta"), LOOK_USER, SPAN("00u1"),
                                &is_there, &look, &f->fail));
    assert_false(is_there);
}

static void profiles_are_sorted_and_fit(void **state)
{
    struct fixture *f = *state;
    struct okta_attribute attributes[40] = {{SPAN("b"), SPAN("2"), false},
                                            {SPAN("list"), SPAN("x"), true},
                                            {SPAN("a"), SPAN("\"1\""), false},
                                            {SPAN("list"), SPAN("y"), true}};
    struct okta_user user = {.attributes = attributes, .n_attributes = 4};
    static char large[OKTA_VALUE_MAX];
    struct span profile;

    assert_span(user_profile(&f->arena, &user),
                "{\"a\":\"\\\"1\\\"\",\"b\":\"2\",\"list\":[\"x\",\"y\"]}");
    memset(large, 'l', sizeof(large));
    for (int i = 4; i < 40; i++)
        attributes[i] = (struct okta_attribute){SPAN("large"), span_n(large, sizeof(large)), false};
    user.n_attributes = 40;
    profile = user_profile(&f->arena, &user);
    assert_true(profile_is_readable(profile));
    assert_span(profile_text(&f->arena, profile, SPAN("b")), "2");
    user.n_attributes = 0;
    assert_span(user_profile(&f->arena, &user), "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_is_believed_or_not),
        cmocka_unit_test_setup_teardown(after_a_listing_absence_counts_at_once, fixture_store,
                                        fixture_done),
        cmocka_unit_test(a_profile_may_be_stale),
        cmocka_unit_test_setup_teardown(a_later_reading_counts, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(strangers_leave_nothing_behind, fixture_store,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(profiles_are_sorted_and_fit, fixture_store, fixture_done),
    };

    current_names_set(&names, &names_unread);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
