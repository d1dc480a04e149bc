/* The scratch of a scan. */
#include "fixture.h"
#include "store/scan.h"

/* Every case holds in either way. */
static bool sorts_late;

static int open_scan(void **state)
{
    sorts_late = false;
    return fixture_folder(state);
}

static int open_late(void **state)
{
    sorts_late = true;
    return fixture_folder(state);
}

static struct scan *begin(struct fixture *f)
{
    struct scan *s = NULL;

    assert_ok(f, scan_open(f->file, &s, &f->fail));
    if (sorts_late)
        assert_ok(f, scan_sort_late(s, &f->fail));
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

/* What a description said replaces what a listing said, whoever the owner was, and whatever was
 * asked in between. */
static void a_description_replaces_what_a_listing_said(void **state)
{
    struct fixture *f = *state;
    struct scan *s = begin(f);
    struct scan_agent agent, row = {.id = SPAN("x"), .owner = SPAN("00u9"), .is_described = true};
    bool has;

    put_agent(f, s, "x", "ann", "00u1");
    put_agent(f, s, "y", "joe", "00u2");
    assert_ok(f, scan_agent_put(s, &row, &f->fail));
    put_agent(f, s, "w", "eve", "00u1");
    assert_ok(f, scan_agent_after(s, &f->arena, SPAN(""), SPAN(""), &agent, &has, &f->fail));
    assert_true(has);
    assert_span(agent.id, "w");
    assert_ok(f, scan_agent_after(s, &f->arena, SPAN("00u2"), SPAN("y"), &agent, &has, &f->fail));
    assert_true(has && agent.is_described);
    assert_span(agent.owner, "00u9");
    assert_ok(f, scan_agent_get(s, &f->arena, SPAN("x"), &agent, &has, &f->fail));
    assert_true(has && agent.is_described);
    scan_close(s);
}

/* More than SQLite sorts in memory, each shown three times, in no order. */
static void many_are_united_and_walked_in_order(void **state)
{
    enum { PEOPLE = 6000, STRIDE = 4001 }; /* without a common divisor */
    struct fixture *f = *state;
    struct scan *s = begin(f);
    char id[32], wide[1500];
    struct scan_user user;
    struct scan_agent agent;
    int64_t n;
    bool has;

    memset(wide, 'w', sizeof(wide) - 1);
    wide[sizeof(wide) - 1] = '\0';
    for (int i = 0; i < 3 * PEOPLE; i++) {
        snprintf(id, sizeof(id), "00u%05d", i * STRIDE % PEOPLE);
        put_user(f, s, id,
                 i < PEOPLE       ? wide
                 : i < 2 * PEOPLE ? "last"
                                  : "",
                 (uint16_t)(i / PEOPLE), false);
        put_agent(f, s, id, wide, id);
    }
    assert_ok(f, scan_users_count(s, &n, &f->fail));
    assert_int_equal(n, PEOPLE);
    assert_ok(f, scan_agents_count(s, &n, &f->fail));
    assert_int_equal(n, PEOPLE);
    assert_ok(f, scan_users_first(s, &f->fail));
    assert_ok(f, scan_agents_first(s, true, &f->fail));
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(id, sizeof(id), "00u%05d", i);
        arena_clear(&f->arena);
        assert_ok(f, scan_users_next(s, &f->arena, &user, &has, &f->fail));
        assert_true(has);
        assert_span(user.id, id);
        assert_span(user.login, "last");
        assert_int_equal(user.n_containers, 3);
        assert_ok(f, scan_agents_next(s, &f->arena, &agent, &has, &f->fail));
        assert_true(has);
        assert_span(agent.owner, id);
    }
    assert_ok(f, scan_users_next(s, &f->arena, &user, &has, &f->fail));
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
        {"users_are_united_and_walked_in_order", users_are_united_and_walked_in_order, open_scan,
         fixture_done, NULL},
        {"users_are_united_and_walked_in_order, sorted late", users_are_united_and_walked_in_order,
         open_late, fixture_done, NULL},
        {"who_is_read_by_themselves_replaces_what_listings_said",
         who_is_read_by_themselves_replaces_what_listings_said, open_scan, fixture_done, NULL},
        {"who_is_read_by_themselves_replaces_what_listings_said, sorted late",
         who_is_read_by_themselves_replaces_what_listings_said, open_late, fixture_done, NULL},
        {"agents_are_walked_by_owner_and_found_by_name",
         agents_are_walked_by_owner_and_found_by_name, open_scan, fixture_done, NULL},
        {"agents_are_walked_by_owner_and_found_by_name, sorted late",
         agents_are_walked_by_owner_and_found_by_name, open_late, fixture_done, NULL},
        {"a_description_replaces_what_a_listing_said", a_description_replaces_what_a_listing_said,
         open_scan, fixture_done, NULL},
        {"a_description_replaces_what_a_listing_said, sorted late",
         a_description_replaces_what_a_listing_said, open_late, fixture_done, NULL},
        {"many_are_united_and_walked_in_order", many_are_united_and_walked_in_order, open_scan,
         fixture_done, NULL},
        {"many_are_united_and_walked_in_order, sorted late", many_are_united_and_walked_in_order,
         open_late, fixture_done, NULL},
        {"changes_are_moved_one_by_one_and_as_a_set", changes_are_moved_one_by_one_and_as_a_set,
         open_scan, fixture_done, NULL},
        {"changes_are_moved_one_by_one_and_as_a_set, sorted late",
         changes_are_moved_one_by_one_and_as_a_set, open_late, fixture_done, NULL},
        {"nothing_is_left_behind", nothing_is_left_behind, open_scan, fixture_done, NULL},
        {"nothing_is_left_behind, sorted late", nothing_is_left_behind, open_late, fixture_done,
         NULL},
    };

    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
