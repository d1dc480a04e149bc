/* From a person who is due to an agent: in one call, on disk before it is sent, never a second
 * agent, and in whatever happens meanwhile. */
#include "fake_world.h"

static struct world *now; /* the world of the test, for callbacks that get none */

static int set_up(void **state)
{
    if (world_new(state) != 0)
        return -1;
    now = *state;
    return 0;
}

static struct fake_person *person(struct world *w, int i)
{
    return &w->roster->people[i];
}

/* ---- the ledger ---- */

static void check_ledger(const struct fake_call *call)
{
    const struct person *p = &now->roster->people[0].p;
    const struct step_record *step = &now->roster->steps[now->roster->n_steps - 1];

    assert_true(now->roster->n_steps > 0);
    assert_true(span_eq(step->outcome, SPAN("sent")));
    assert_true(span_eq(step->operation, span_of(call->operation)));
    assert_true(span_eq(step->cause, SPAN("event 1")));
    if (strcmp(call->operation, OP_CREATE_USER) != 0)
        return;
    assert_int_equal(p->create_sent_ms, clock_wall_ms());
    assert_true(span_eq(p->create_sent_name, span_of(call->name)));
}

static void test_on_disk_before_it_is_sent(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    fake.on_call = check_ledger;
    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 1, ERR_UNCLEAR, "", 500, 0, false});
    p = world_one(w, MINUTE);
    assert_made(p, "ada@x.org");
    assert_int_equal(fake.n_calls, 3);
    assert_int_equal(w->roster->n_steps, 3);
    assert_int_equal(fake_roster_steps(w->roster, "done"), 2);
    assert_int_equal(fake_roster_steps(w->roster, "unclear"), 1);
}

/* As long as the disk takes nothing, nothing is sent; and it is not tried all the time. */
static void test_disk_full(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    w->roster->n_failing = 20;
    p = world_one(w, 30 * 1000);
    assert_int_equal(fake.n_calls, 0);
    assert_in_range(w->roster->n_changes, 5, 20);
    sim_run(MINUTE);
    assert_made(p, "ada@x.org");
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
}

static void fail_next_change(const struct fake_call *call)
{
    (void)call;
    if (fake.n_calls == 1)
        now->roster->n_failing = 3;
}

/* The answer cannot be recorded: the ledger says that there may be an agent, so it is looked for.
 */
static void test_answer_is_lost(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    fake.on_call = fail_next_change;
    p = world_one(w, MINUTE);
    assert_made(p, "ada@x.org");
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
    assert_int_equal(fake_connect_count(OP_SEARCH_USERS), 1);
}

/* Killed after it was sent. */
static void test_starts_by_looking(void **state)
{
    struct world *w = *state;
    struct fake_person *p = fake_roster_add(w->roster, "00u1", "ada@x.org");

    (void)fake_connect_add("ada@x.org", "roster", "00u1");
    p->p.create_sent_ms = clock_wall_ms() - 500;
    p->p.create_sent_name = SPAN("ada@x.org");
    world_start(w);
    sim_run(1000);
    assert_made(p, "ada@x.org");
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 0);
}

/* ---- never a second agent ---- */

/* The search does not show the agent for minutes. */
static void test_search_lags(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    fake.search_lag_ms = 4 * MINUTE;
    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 1, ERR_UNCLEAR, "", 0, 0, true});
    p = world_one(w, 3 * MINUTE);
    assert_state(p, PERSON_DUE, "waiting");
    sim_run(2 * MINUTE);
    assert_made(p, "ada@x.org");
    assert_int_equal(fake.n_agents, 1);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 2); /* the second says that it is taken */
    assert_in_range(fake_connect_count(OP_SEARCH_USERS), 6, 20);
}

/* A name that is taken by an agent which is never shown. */
static void test_never_shown(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    fake.search_lag_ms = DAY;
    (void)fake_connect_add("ada@x.org", "", "");
    p = world_one(w, 9 * MINUTE);
    assert_state(p, PERSON_DUE, "waiting");
    sim_run(2 * MINUTE);
    assert_state(p, PERSON_HELD, REASON_EXISTS);
    assert_int_equal(w->n_news[NEWS_HELD], 1);
    assert_in_range(fake_connect_count(OP_SEARCH_USERS), 10, 40);
    sim_run(DAY);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
}

static void rename_person(struct fake_person *p, const char *name)
{
    p->p.app_user_name = span_of(name);
    p->p.app_user_name_ns++;
    fake_roster_tell(now->roster, p);
}

static void rename_once(struct fake_person *p)
{
    now->roster->before_change = NULL;
    rename_person(p, "ada.new");
}

/* The user name changes while the outcome of the first CreateUser is not known. */
static void test_renamed_while_unclear(void **state)
{
    static const struct {
        const char *name;
        bool carried_out;
        int64_t lag_ms;
        const char *agent; /* the only one */
        enum person_state state;
        const char *code;
    } cases[] = {
        {"made, and shown", true, 0, "ada@x.org", PERSON_HELD, REASON_NAME_DIFFERS},
        {"made, and shown late", true, 3 * MINUTE, "ada@x.org", PERSON_HELD, REASON_NAME_DIFFERS},
        {"not made", false, 0, "ada.new", PERSON_IN_STEP, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_person *p;
        void *inner;

        assert_int_equal(set_up(&inner), 0);
        fake.search_lag_ms = cases[i].lag_ms;
        fake_connect_fail(
            (struct fake_fault){OP_CREATE_USER, 1, ERR_UNCLEAR, "", 0, 0, cases[i].carried_out});
        p = world_one(now, 20);
        assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
        rename_person(p, "ada.new");
        sim_run(15 * MINUTE);
        if (p->p.state != cases[i].state || !span_eq(p->p.reason_code, span_of(cases[i].code)))
            fail_msg("%s: %s '%.*s'", cases[i].name, person_state_name(p->p.state),
                     SPAN_ARG(p->p.reason_code));
        assert_int_equal(fake.n_agents, 1);
        assert_non_null(fake_connect_agent(cases[i].agent));
        assert_true(span_eq(p->p.agent_user_name, span_of(cases[i].agent)));
        assert_int_equal(world_done(&inner), 0);
    }
}

/* The former name turns out to be a stranger's: that says nothing against the new one. */
static void test_former_name_is_a_strangers(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    (void)fake_connect_add("ada@x.org", "", "");
    fake.search_lag_ms = 2000;
    p = world_one(w, 500); /* 409, and the search does not show it yet */
    rename_person(p, "ada.new");
    sim_run(MINUTE);
    assert_made(p, "ada.new");
    assert_int_equal(fake.n_agents, 2);
}

/* The user name changes between planning and sending: nothing is sent under the old one. */
static void test_renamed_before_sending(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    w->roster->before_change = rename_once;
    p = world_one(w, 2000);
    assert_made(p, "ada.new");
    assert_int_equal(fake.n_calls, 1);
    assert_int_equal(w->roster->n_steps, 1);
}

static void leave_once(struct fake_person *p)
{
    now->roster->before_change = NULL;
    p->is_in_scope = false;
    fake_roster_tell(now->roster, p);
}

static void test_left_before_sending(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    w->roster->before_change = leave_once;
    p = world_one(w, 2000);
    assert_state(p, PERSON_OUT_OF_SCOPE, "");
    assert_int_equal(fake.n_calls, 0);
}

/* Too late: the agent is made, and is recorded as theirs. */
static void test_left_while_under_way(void **state)
{
    static const bool is_clear[] = {true, false};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fake_person *p;
        void *inner;

        assert_int_equal(set_up(&inner), 0);
        fake.search_lag_ms = MINUTE;
        if (!is_clear[i])
            fake_connect_fail((struct fake_fault){OP_CREATE_USER, 1, ERR_UNCLEAR, "", 0, 0, true});
        p = world_one(now, 20);
        p->is_in_scope = false;
        fake_roster_tell(now->roster, p);
        sim_run(5 * MINUTE);
        assert_state(p, PERSON_IN_STEP, REASON_LEFT);
        assert_true(p->p.agent_id.n > 0);
        assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
        assert_int_equal(world_done(&inner), 0);
    }
}

/* ---- whose is the agent of that name? ---- */

static void test_ownership(void **state)
{
    static const struct {
        const char *managed_by, *okta_id;
        bool adopts;
        enum person_state state;
        const char *code;
        int n_tag;
    } rows[] = {
        {"roster", "00u1", false, PERSON_IN_STEP, "", 0},
        {"roster", "00u1", true, PERSON_IN_STEP, "", 0},
        {"", "", false, PERSON_HELD, REASON_EXISTS, 0},
        {"", "", true, PERSON_IN_STEP, "", 1},
        {"roster", "00u2", true, PERSON_HELD, REASON_EXISTS, 0},
        {"elsewhere", "00u1", true, PERSON_HELD, REASON_EXISTS, 0},
        {"elsewhere", "", true, PERSON_HELD, REASON_EXISTS, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_agent before;
        struct fake_person *p;
        void *inner;

        assert_int_equal(set_up(&inner), 0);
        now->rules.adopts_existing = rows[i].adopts;
        before = *fake_connect_add("ada@x.org", rows[i].managed_by, rows[i].okta_id);
        p = world_one(now, MINUTE);
        if (p->p.state != rows[i].state || !span_eq(p->p.reason_code, span_of(rows[i].code)))
            fail_msg("row %zu: %s", i, person_state_name(p->p.state));
        assert_int_equal(fake_connect_count(OP_TAG_RESOURCE), rows[i].n_tag);
        assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
        assert_int_equal(fake.n_agents, 1);
        if (rows[i].state == PERSON_IN_STEP)
            assert_made(p, "ada@x.org");
        else
            assert_memory_equal(&before, &fake.agents[0], sizeof(before));
        assert_int_equal(now->n_news[NEWS_HELD], rows[i].state == PERSON_HELD);
        assert_int_equal(world_done(&inner), 0);
    }
}

/* Refused before a token is spent. */
static void test_bad_names(void **state)
{
    struct world *w = *state;

    (void)fake_roster_add(w->roster, "00u1", "x");
    (void)fake_roster_add(w->roster, "00u2", "ada lovelace");
    (void)fake_roster_add(w->roster, "00u3", "ada");
    world_start(w);
    sim_run(1000);
    assert_state(person(w, 0), PERSON_FAILED, REASON_BAD_USER_NAME);
    assert_state(person(w, 1), PERSON_FAILED, REASON_BAD_USER_NAME);
    assert_made(person(w, 2), "ada");
    assert_int_equal(fake.n_calls, 1);
    assert_int_equal(w->n_news[NEWS_FAILED], 2);
}

/* ---- many ---- */

static void add_people(struct world *w, int n)
{
    for (int i = 0; i < n; i++) {
        char id[16], login[32];

        (void)snprintf(id, sizeof(id), "00v%d", i);
        (void)snprintf(login, sizeof(login), "p%d@x.org", i);
        (void)fake_roster_add(w->roster, id, login);
    }
}

/* 200 people at the default throttle: a call each, in the order of waiting, and no time is lost. */
static void test_two_hundred(void **state)
{
    struct world *w = *state;
    int64_t first_ms, last_ms;

    w->rate = 2;
    w->burst = 5;
    add_people(w, 200);
    world_start(w);
    sim_run(100 * 1000);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 200);
    assert_int_equal(fake.n_calls, 200);
    first_ms = fake_connect_at(OP_CREATE_USER, 0);
    last_ms = fake_connect_at(OP_CREATE_USER, 199);
    assert_true((double)(last_ms - first_ms) <= 1.03 * 1000 * (200 - 5) / 2);
    for (int i = 0; i < 200; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "p%d@x.org", i);
        assert_string_equal(fake.calls[i].name, name);
    }
}

/* Behind more people than are looked through at once, who wait for CreateUser, stands one who needs
 * only a search. */
static void test_behind_the_paused(void **state)
{
    struct world *w = *state;
    struct fake_person *last;

    add_people(w, 1500);
    last = fake_roster_add(w->roster, "00u1", "ada@x.org");
    last->p.create_sent_ms = clock_wall_ms();
    last->p.create_sent_name = SPAN("ada@x.org");
    (void)fake_connect_add("ada@x.org", "roster", "00u1");
    w->roster->pauses[0] = (struct pause){SPAN(OP_CREATE_USER), SPAN("AccessDeniedException"),
                                          SPAN("why"), 1, clock_wall_ms() + 59000};
    w->roster->n_pauses = 1;
    world_start(w);
    sim_run(5000);
    assert_made(last, "ada@x.org");
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 0);
    sim_run(2 * MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 1501);
}

/* Whose CreateUser may have been carried out is sought, and not over and over again while another
 * one cannot be sent. */
static void test_sought_while_paused(void **state)
{
    struct world *w = *state;
    struct fake_person *p = fake_roster_add(w->roster, "00u1", "ada@x.org");

    p->p.create_sent_ms = clock_wall_ms();
    p->p.create_sent_name = SPAN("ada@x.org");
    fake_connect_fail(
        (struct fake_fault){OP_CREATE_USER, 1, ERR_DENIED, "AccessDeniedException", 403, 0, false});
    world_start(w);
    sim_run(58 * 1000);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
    assert_in_range(fake_connect_count(OP_SEARCH_USERS), 2, 4);
    sim_run(MINUTE);
    assert_made(p, "ada@x.org");
    assert_in_range(fake_connect_count(OP_SEARCH_USERS), 3, 5);
}

/* Who settles is not due yet; a kick makes somebody be looked at at once, and what the command line
 * changes is noticed within a second. */
static void test_in_time(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    add_people(w, 1);
    person(w, 0)->p.due_ms += 3000;
    world_start(w);
    sim_run(2999);
    assert_int_equal(fake.n_calls, 0);
    sim_run(100);
    assert_state(person(w, 0), PERSON_IN_STEP, "");
    assert_in_range(fake.calls[0].at_ms, 3000, 3001);
    p = fake_roster_add(w->roster, "00u1", "ada@x.org");
    converge_kick(w->converge);
    sim_run(60);
    assert_made(p, "ada@x.org");
    p = fake_roster_add(w->roster, "00u2", "bob@x.org");
    w->roster->has_moved = true;
    sim_run(1100);
    assert_made(p, "bob@x.org");
}

/* ---- the end ---- */

static int n_idle;

static void idle(void *arg)
{
    assert_ptr_equal(arg, now);
    n_idle++;
}

static void test_stop(void **state)
{
    struct world *w = *state;

    n_idle = 0;
    w->rate = 2;
    w->burst = 5;
    fake.latency_ms = 5000;
    add_people(w, 20);
    world_start(w);
    sim_run(1000);
    assert_int_equal(fake.n_calls, 5);
    converge_stop(w->converge, idle, w);
    assert_int_equal(n_idle, 0);
    sim_run(10 * 1000);
    assert_int_equal(n_idle, 1);
    assert_int_equal(fake.n_calls, 5); /* nothing new */
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 5);
    assert_int_equal(fake_roster_count(w->roster, PERSON_DUE), 15);
    converge_kick(w->converge);
    sim_run(MINUTE);
    assert_int_equal(fake.n_calls, 5);
}

/* A failure that wants more to be done is not followed up any more, and still comes to an end. */
static void test_stop_in_the_middle(void **state)
{
    struct world *w = *state;

    n_idle = 0;
    (void)fake_connect_add("ada@x.org", "roster", "00u1");
    (void)world_one(w, 10);
    converge_stop(w->converge, idle, w);
    sim_run(1000);
    assert_int_equal(n_idle, 1);
    assert_int_equal(fake.n_calls, 1);
    assert_int_not_equal(person(w, 0)->p.name_taken_ms, 0); /* the next start goes on from there */
    assert_state(person(w, 0), PERSON_DUE, "");
}

static void test_stop_when_idle(void **state)
{
    struct world *w = *state;

    n_idle = 0;
    world_start(w);
    sim_run(1000);
    converge_stop(w->converge, idle, w);
    assert_int_equal(n_idle, 1);
}

/* Freed with calls under way, changes under way, and people who wait: the fixture's end does it. */
static void test_freed_in_the_middle(void **state)
{
    struct world *w = *state;

    fake.latency_ms = 5000;
    w->burst = 5;
    w->rate = 1;
    add_people(w, 20);
    world_start(w);
    sim_run(3000);
    assert_true(fake.n_calls > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_on_disk_before_it_is_sent, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_disk_full, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_answer_is_lost, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_starts_by_looking, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_search_lags, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_never_shown, set_up, world_done),
        cmocka_unit_test(test_renamed_while_unclear),
        cmocka_unit_test_setup_teardown(test_former_name_is_a_strangers, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_renamed_before_sending, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_left_before_sending, set_up, world_done),
        cmocka_unit_test(test_left_while_under_way),
        cmocka_unit_test(test_ownership),
        cmocka_unit_test_setup_teardown(test_bad_names, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_two_hundred, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_sought_while_paused, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_behind_the_paused, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_in_time, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_stop, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_stop_in_the_middle, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_stop_when_idle, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_freed_in_the_middle, set_up, world_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
