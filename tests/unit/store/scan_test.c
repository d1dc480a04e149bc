/* The scratch of a scan. */
#include "fixture.h"
#include "store/scan.h"

static int open_scan(void **state)
{
    return fixture_folder(state);
}

static struct scan *begin(struct fixture *f)
{
    struct scan *s = NULL;

    assert_ok(f, scan_open(f->file, &s, &f->fail));
    return s;
}

static void put_user(struct fixture *f, struct scan *s, const char *id, const char *login,
                     uint16_t container, bool is_read)
{
    struct scan_user user = {.id = span_of(id),
                             .status = SPAN("ACTIVE"),
                             .login = span_of(login),
                             .containers = &container,
                             .n_containers = container == 999 ? 0 : 1,
                             .is_read = is_read};

    assert_ok(f, scan_user_put(s, &user, &f->fail));
}

static void users_are_united_and_walked_in_order(void **state)
{
    struct fixture *f = *state;
    struct scan *s = begin(f);
    struct scan_user user;
    int64_t n;
    bool has;

    put_user(f, s, "00u3", "c", 1, false);
    put_user(f, s, "00u1", "a", 1, false);
    put_user(f, s, "00u1", "", 4095, false);
    put_user(f, s, "00u1", "a2", 1, false); /* shown twice by one listing */
    assert_ok(f, scan_users_count(s, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_ok(f, scan_users_first(s, &f->fail));
    assert_ok(f, scan_users_next(s, &f->arena, &user, &has, &f->fail));
    assert_true(has);
    assert_span(user.id, "00u1");
    assert_span(user.login, "a2");
    assert_span(user.status, "ACTIVE");
    assert_int_equal(user.n_containers, 2);
    assert_int_equal(user.containers[0], 1);
    assert_int_equal(user.containers[1], 4095);
    assert_ok(f, scan_users_next(s, &f->arena, &user, &has, &f->fail));
    assert_span(user.id, "00u3");
    assert_ok(f, scan_users_next(s, &f->arena, &user, &has, &f->fail));
    assert_false(has);
    scan_close(s);
}

static void who_is_read_by_themselves_replaces_what_listings_said(void **state)
{
    struct fixture *f = *state;
    struct scan *s = begin(f);
    struct scan_user user;
    bool has;

    put_user(f, s, "00u1", "a", 7, false);
    put_user(f, s, "00u1", "b", 999, true);
    put_user(f, s, "00u1", "c", 7, false);
    assert_ok(f, scan_user_get(s, &f->arena, SPAN("00u1"), &user, &has, &f->fail));
    assert_true(has && user.is_read);
    assert_int_equal(user.n_containers, 0);
    assert_span(user.login, "b");
    assert_ok(f, scan_user_get(s, &f->arena, SPAN("00u2"), &user, &has, &f->fail));
    assert_false(has);
    scan_close(s);
}

static void put_agent(struct fixture *f, struct scan *s, const char *id, const char *name,
                      const char *owner)
{
    struct scan_agent agent = {.id = span_of(id),
                               .arn = SPAN("arn"),
                               .user_name = span_of(name),
                               .owner = span_of(owner),
                               .entitlement = SPAN("{}")};

    assert_ok(f, scan_agent_put(s, &agent, &f->fail));
}

static void agents_are_walked_by_owner_and_found_by_name(void **state)
{
    struct fixture *f = *state;
    struct scan *s = begin(f);
    struct scan_agent agent;
    int64_t n;
    bool has;

    put_agent(f, s, "z", "jane", "00u2");
    put_agent(f, s, "y", "joe", "");
    put_agent(f, s, "x", "ann", "00u1");
    put_agent(f, s, "x", "ann", "00u1"); /* shown twice */
    assert_ok(f, scan_agents_count(s, &n, &f->fail));
    assert_int_equal(n, 3);
    assert_ok(f, scan_agents_first(s, true, &f->fail));
    assert_ok(f, scan_agents_next(s, &f->arena, &agent, &has, &f->fail));
    assert_span(agent.id, "x");
    /* Other questions in between leave the walk where it is. */
    assert_ok(f, scan_agent_of_name(s, &f->arena, SPAN("joe"), &agent, &has, &f->fail));
    assert_true(has);
    assert_span(agent.id, "y");
    assert_ok(f, scan_agent_take(s, SPAN("y"), &f->fail));
    assert_ok(f, scan_agents_next(s, &f->arena, &agent, &has, &f->fail));
    assert_span(agent.owner, "00u2");
    assert_ok(f, scan_agents_next(s, &f->arena, &agent, &has, &f->fail));
    assert_false(has);
    assert_ok(f, scan_agents_first(s, false, &f->fail));
    assert_ok(f, scan_agents_next(s, &f->arena, &agent, &has, &f->fail));
    assert_span(agent.id, "y");
    assert_true(agent.is_taken);
    assert_ok(f, scan_agent_get(s, &f->arena, SPAN("z"), &agent, &has, &f->fail));
    assert_true(has && !agent.is_taken);
    assert_ok(f, scan_agent_of_name(s, &f->arena, SPAN("JOE"), &agent, &has, &f->fail));
    assert_false(has);
    scan_close(s);
}

static int64_t add_change(struct fixture *f, struct scan *s, int64_t action, int64_t bound,
                          const char *user_id, const char *claim)
{
    struct scan_change c = {.action = action,
                            .bound = bound,
                            .user_id = span_of(user_id),
                            .claim = span_of(claim),
                            .body = SPAN("{}")};
    int64_t rival;

    assert_ok(f, scan_change_add(s, &c, &rival, &f->fail));
    return rival;
}

static void changes_are_moved_one_by_one_and_as_a_set(void **state)
{
    struct fixture *f = *state;
    struct scan *s = begin(f);
    struct scan_change c;
    int64_t n;
    bool has;

    assert_int_equal(add_change(f, s, 0, 0, "00u1", "jane"), 0);
    assert_int_equal(add_change(f, s, 3, 1, "00u2", ""), 0);
    assert_int_equal(add_change(f, s, 3, 1, "00u3", ""), 0);
    assert_int_equal(add_change(f, s, 3, 0, "00u4", ""), 0);
    assert_int_equal(add_change(f, s, 0, 0, "00u5", "jane"), 1); /* the first one's number */
    assert_ok(f, scan_change_move(s, 1, 5, SPAN("two claim it"), &f->fail));
    assert_ok(f, scan_changes_move(s, 3, 1, 5, SPAN("too many"), &f->fail));
    assert_ok(f, scan_changes_count(s, 5, -1, &n, &f->fail));
    assert_int_equal(n, 3);
    assert_ok(f, scan_changes_count(s, 3, 1, &n, &f->fail));
    assert_int_equal(n, 0);
    assert_ok(f, scan_changes_first(s, 5, &f->fail));
    for (int i = 0; i < 3; i++) {
        assert_ok(f, scan_changes_next(s, &f->arena, &c, &has, &f->fail));
        assert_true(has);
        assert_span(c.because, i == 0 ? "two claim it" : "too many");
        assert_ok(f, scan_change_move(s, c.number, 6, SPAN(""), &f->fail)); /* during the walk */
    }
    assert_ok(f, scan_changes_next(s, &f->arena, &c, &has, &f->fail));
    assert_false(has);
    assert_ok(f, scan_change_get(s, &f->arena, SPAN("00u4"), &c, &has, &f->fail));
    assert_true(has);
    assert_int_equal(c.action, 3);
    scan_close(s);
}

static void nothing_is_left_behind(void **state)
{
    struct fixture *f = *state;
    struct scan *s = begin(f);
    struct dirent *entry;
    size_t n = 0;
    DIR *folder;

    put_user(f, s, "00u1", "a", 1, false);
    folder = opendir(f->folder);
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        n += entry->d_name[0] != '.';
    closedir(folder);
    assert_int_equal(n, 0);
    scan_close(s);
    /* A folder that is not there is no reason to fail. */
    assert_ok(f, scan_open("/nowhere/at/all/roster.db", &s, &f->fail));
    scan_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(users_are_united_and_walked_in_order, open_scan,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(who_is_read_by_themselves_replaces_what_listings_said,
                                        open_scan, fixture_done),
        cmocka_unit_test_setup_teardown(agents_are_walked_by_owner_and_found_by_name, open_scan,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(changes_are_moved_one_by_one_and_as_a_set, open_scan,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(nothing_is_left_behind, open_scan, fixture_done),
    };

    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
