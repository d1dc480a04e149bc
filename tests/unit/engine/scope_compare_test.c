/* Who of a listing is looked at, and what a listing never does. */
#include "../store/fixture.h"

#include "engine/container_state.h"
#include "engine/scope_compare.h"

static const struct span groups[] = {{"Agents", 6}}, values[] = {{"Claims*", 7}};
static const struct rule_test by_group = {.kind = TEST_GROUP, .values = groups, .n = 1},
                              by_department = {.kind = TEST_ATTRIBUTE,
                                               .attribute = {"department", 10},
                                               .values = values,
                                               .n = 1};
static const struct rule both[] = {{.tests = &by_group, .n_tests = 1},
                                   {.tests = &by_department, .n_tests = 1}};
static const struct rules rules = {.rules = both, .n = 2, .reads_okta = true};
static struct current_names names;
static const struct judge judge = {&rules, &names};

enum { NOW_MS = 2000000, READ_MS = 1000000 };
static const int64_t began_ns = 1900000 * (int64_t)1000000;

static struct comparison comparison(bool is_by_attribute, bool is_app)
{
    return (struct comparison){
        .judge = &judge,
        .is_by_attribute = is_by_attribute,
        .container = {is_app ? NAME_OKTA_APP : NAME_OKTA_GROUP, SPAN("00g1"), SPAN("Agents")},
        .is_only_app = is_app,
        .began_ns = began_ns,
        .now_ms = NOW_MS,
        .cause = SPAN("compared")};
}

/* Somebody who was read as a member of the group. */
static void put_known(struct fixture *f, const char *id, enum person_state state, bool is_member,
                      int64_t published_ms)
{
    const struct person p = {.source = SPAN("okta"),
                             .id = span_of(id),
                             .state = state,
                             .status = SPAN("ACTIVE"),
                             .login = SPAN("ada"),
                             .profile = SPAN("{\"a\":1}"),
                             .app_user_name = SPAN("ada-app"),
                             .read_ms = READ_MS};
    const struct membership m = {MEMBERSHIP_GROUP, SPAN("00g1"), SPAN("Agents"), is_member,
                                 published_ms * 1000000};
    bool is_changed;

    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    assert_ok(f, store_membership_put(f->store, p.source, p.id, &m, &is_changed, &f->fail));
}

static bool is_looked_at(struct fixture *f, const char *id)
{
    struct look look;
    bool is_there;

    assert_ok(f, store_look_get(f->store, &f->arena, SPAN("okta"), LOOK_USER, span_of(id),
                                &is_there, &look, &f->fail));
    return is_there;
}

static struct listed listed(const char *id, const char *status, const char *login,
                            const char *profile, bool is_member)
{
    return (struct listed){.id = span_of(id),
                           .status = span_of(status),
                           .login = span_of(login),
                           .profile = span_of(profile),
                           .has_user = status != NULL,
                           .is_member = is_member};
}

static void only_who_differs_is_looked_at(void **state)
{
    static const struct row {
        const char *name, *id, *status, *login, *profile;
        bool is_member, is_looked_at;
    } rows_of[] = {
        {"as known", "00u1", "ACTIVE", "ada", "{\"a\":1}", true, false},
        {"another status", "00u1", "SUSPENDED", "ada", "{\"a\":1}", true, true},
        {"another login", "00u1", "ACTIVE", "eva", "{\"a\":1}", true, true},
        {"another profile", "00u1", "ACTIVE", "ada", "{\"a\":2}", true, true},
        {"no member", "00u1", "ACTIVE", "ada", "{\"a\":1}", false, true},
        {"nothing said but the membership", "00u1", NULL, NULL, NULL, true, false},
        {"a stranger", "00u2", "ACTIVE", "ada", "{\"a\":1}", true, true},
        {"a stranger who is no member", "00u2", "ACTIVE", "ada", "{\"a\":1}", false, false},
        {"never read", "00unread", "ACTIVE", "ada", "{\"a\":1}", true, true},
        {"an event has said something since", "00ulate", "ACTIVE", "ada", "{\"a\":1}", true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows_of) / sizeof(rows_of[0]); i++) {
        struct comparison c = comparison(false, false);
        struct fixture *f;
        int64_t asked;
        const struct row *row = &rows_of[i];
        struct listed user = listed(row->id, row->status, row->login, row->profile, row->is_member);
        void *made = NULL;

        assert_int_equal(fixture_store(&made), 0);
        f = made;
        assert_ok(f, store_begin(f->store, &f->fail));
        put_known(f, "00u1", PERSON_IN_STEP, true, READ_MS);
        put_known(f, "00ulate", PERSON_IN_STEP, false, 1950000);
        assert_ok(f, store_person_put(f->store,
                                      &(struct person){.source = SPAN("okta"),
                                                       .id = SPAN("00unread"),
                                                       .status = SPAN("ACTIVE"),
                                                       .login = SPAN("ada")},
                                      &f->fail));
        assert_ok(f, scope_compare_page(&c, f->store, &f->arena, &user, 1, &asked, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        if (asked != row->is_looked_at || is_looked_at(f, row->id) != row->is_looked_at)
            fail_msg("%s", row->name);
        (void)fixture_done(&made);
    }
}

static void an_applications_user_name_counts(void **state)
{
    struct fixture *f = *state;
    struct comparison c = comparison(false, true);
    struct listed user = listed("00u1", "ACTIVE", "ada", "{\"a\":1}", true);
    int64_t asked;
    const struct membership m = {MEMBERSHIP_APP, SPAN("00g1"), SPAN("App"), true, 1};
    bool is_changed;

    assert_ok(f, store_begin(f->store, &f->fail));
    put_known(f, "00u1", PERSON_IN_STEP, true, READ_MS);
    assert_ok(
        f, store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &m, &is_changed, &f->fail));
    assert_ok(f, scope_compare_page(&c, f->store, &f->arena, &user, 1, &asked, &f->fail));
    assert_int_equal(asked, 0);
    user.app_user_name = SPAN("another");
    assert_ok(f, scope_compare_page(&c, f->store, &f->arena, &user, 1, &asked, &f->fail));
    assert_int_equal(asked, 1);
    c.is_only_app = false;
    assert_ok(f, scope_compare_page(&c, f->store, &f->arena, &user, 1, &asked, &f->fail));
    assert_int_equal(asked, 0);
    assert_ok(f, store_commit(f->store, &f->fail));
}

static void who_is_missing_is_looked_at_and_stays(void **state)
{
    struct fixture *f = *state;
    struct comparison c = comparison(false, false);
    struct span seen[] = {SPAN("00u3"), SPAN("00u9"), SPAN("00u1")};
    struct comparison_end end;
    struct person p;

    assert_ok(f, store_begin(f->store, &f->fail));
    put_known(f, "00u1", PERSON_IN_STEP, true, READ_MS);
    put_known(f, "00u2", PERSON_IN_STEP, true, READ_MS);
    put_known(f, "00u3", PERSON_IN_STEP, true, READ_MS);
    put_known(f, "00u4", PERSON_IN_STEP, false, READ_MS);
    assert_ok(f, scope_compare_end(&c, f->store, &f->arena, seen, 0, &end, &f->fail));
    assert_int_equal(end.known, 3);
    assert_int_equal(end.missing, 3);
    assert_int_equal(end.asked, 0); /* an empty listing proves nothing */
    assert_ok(f, scope_compare_end(&c, f->store, &f->arena, seen, 3, &end, &f->fail));
    assert_int_equal(end.known, 3);
    assert_int_equal(end.missing, 1);
    assert_int_equal(end.asked, 1);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_true(is_looked_at(f, "00u2"));
    assert_false(is_looked_at(f, "00u1") || is_looked_at(f, "00u3") || is_looked_at(f, "00u4"));
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u2"), &p, &f->fail));
    assert_int_equal(p.state, PERSON_IN_STEP);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, scope_compare_gone(&c, f->store, &f->arena, &end, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_int_equal(end.asked, 3);
    assert_true(is_looked_at(f, "00u1") && is_looked_at(f, "00u3"));
}

static void a_search_finds_whom_the_rules_take_in(void **state)
{
    struct fixture *f = *state;
    struct comparison c = comparison(true, false);
    const struct listed found[] = {
        listed("00unew", "ACTIVE", "a", "{\"department\":\"Claims EMEA\"}", true),
        listed("00ucase", "ACTIVE", "b", "{\"department\":\"claims\"}", true),
        listed("00uoff", "DEPROVISIONED", "c", "{\"department\":\"Claims\"}", true),
    };
    struct span seen[] = {SPAN("00unew")};
    struct comparison_end end;
    int64_t asked;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, scope_compare_page(&c, f->store, &f->arena, found, 3, &asked, &f->fail));
    assert_int_equal(asked, 1);
    put_known(f, "00ugone", PERSON_IN_STEP, true, READ_MS);
    put_known(f, "00uout", PERSON_OUT_OF_SCOPE, false, READ_MS);
    assert_ok(f, scope_compare_end(&c, f->store, &f->arena, seen, 1, &end, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_true(is_looked_at(f, "00unew") && is_looked_at(f, "00ugone"));
    assert_false(is_looked_at(f, "00ucase") || is_looked_at(f, "00uoff") ||
                 is_looked_at(f, "00uout"));
}

static void what_is_wrong_with_a_container_is_remembered(void **state)
{
    static const struct {
        const char *id;
        enum container_state now, before;
        const char *note;
    } steps[] = {
        {"1", CONTAINER_WELL, CONTAINER_WELL, NULL},
        {"1", CONTAINER_INACTIVE, CONTAINER_WELL,
         "[{\"kind\":\"application\",\"id\":\"1\",\"name\":\"A \\\"b\\\"\",\"state\":\"inactive\","
         "\"since_ms\":7}]"},
        {"1", CONTAINER_INACTIVE, CONTAINER_INACTIVE, ""},
        {"2", CONTAINER_DELETED, CONTAINER_WELL, ""},
        {"1", CONTAINER_DELETED, CONTAINER_INACTIVE, ""},
        {"2", CONTAINER_WELL, CONTAINER_DELETED, ""},
        {"1", CONTAINER_WELL, CONTAINER_DELETED, "[]"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const struct container of = {NAME_OKTA_APP, span_of(steps[i].id), SPAN("A \"b\"")};
        enum container_state before;
        struct span note;

        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(
            f, container_state_set(f->store, &f->arena, &of, steps[i].now, 7, &before, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_int_equal(before, steps[i].before);
        assert_ok(f, store_note_get(f->store, &f->arena, CONTAINERS_NOTE, &note, &f->fail));
        if (steps[i].note == NULL)
            assert_null(note.p);
        else if (steps[i].note[0] != '\0')
            assert_span(note, steps[i].note);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_who_differs_is_looked_at),
        cmocka_unit_test_setup_teardown(an_applications_user_name_counts, fixture_store,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(who_is_missing_is_looked_at_and_stays, fixture_store,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(a_search_finds_whom_the_rules_take_in, fixture_store,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(what_is_wrong_with_a_container_is_remembered, fixture_store,
                                        fixture_done),
    };

    current_names_set(&names, &names_unread);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
