/* Each class of failure, and what becomes of the person, of everybody else, and of the next call.
 */
#include "fake_world.h"

/* ---- one person ---- */

enum { SPAN_MS = 3 * MINUTE };

static const struct row {
    const char *name;
    struct fake_fault fault; /* on CreateUser */
    enum person_state state;
    const char *code;
    int n_create, n_search;
    const char *step; /* the outcome of the first step */
} rows[] = {
    {"no failure", {0}, PERSON_IN_STEP, "", 1, 0, "done"},
    {"throttled",
     {NULL, 1, ERR_BUSY, "ThrottlingException", 429, 0, false},
     PERSON_IN_STEP,
     "",
     2,
     0,
     "throttled"},
    {"throttled, with a time",
     {NULL, 1, ERR_BUSY, "TooManyRequestsException", 429, 20000, false},
     PERSON_IN_STEP,
     "",
     2,
     0,
     "throttled"},
    {"not sent", {NULL, 1, ERR_IO, "", 0, 0, false}, PERSON_IN_STEP, "", 2, 0, "failed"},
    {"unclear and not carried out",
     {NULL, 1, ERR_UNCLEAR, "InternalServiceException", 500, 0, false},
     PERSON_IN_STEP,
     "",
     2,
     1,
     "unclear"},
    {"unclear and carried out",
     {NULL, 1, ERR_UNCLEAR, "", 0, 0, true},
     PERSON_IN_STEP,
     "",
     1,
     1,
     "unclear"},
    {"bad input",
     {OP_CREATE_USER, 1, ERR_INPUT, "InvalidParameterException", 400, 0, false},
     PERSON_FAILED,
     "refused",
     1,
     0,
     "failed"},
    {"an unknown profile",
     {OP_CREATE_USER, 1, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
     PERSON_FAILED,
     "refused",
     1,
     0,
     "failed"},
    {"denied",
     {NULL, 999, ERR_DENIED, "AccessDeniedException", 403, 0, false},
     PERSON_DUE,
     "waiting",
     3,
     0,
     "failed"},
    {"full",
     {NULL, 999, ERR_DENIED, "LimitExceededException", 429, 0, false},
     PERSON_DUE,
     "waiting",
     1,
     0,
     "failed"},
    {"an unknown instance",
     {NULL, 999, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
     PERSON_DUE,
     "waiting",
     3,
     0,
     "failed"},
};

static void one_row(const struct row *row)
{
    struct world *w;
    void *state;
    struct fake_person *p;

    assert_int_equal(world_new(&state), 0);
    w = state;
    if (row->fault.count > 0)
        fake_connect_fail(row->fault);
    p = world_one(w, SPAN_MS - 1000);
    if (p->p.state != row->state || !span_eq(p->p.reason_code, span_of(row->code)))
        fail_msg("%s: %s '%.*s'", row->name, person_state_name(p->p.state),
                 SPAN_ARG(p->p.reason_code));
    if (fake_connect_count(OP_CREATE_USER) != row->n_create ||
        fake_connect_count(OP_SEARCH_USERS) != row->n_search)
        fail_msg("%s: %d CreateUser, %d SearchUsers", row->name, fake_connect_count(OP_CREATE_USER),
                 fake_connect_count(OP_SEARCH_USERS));
    if (!span_eq(w->roster->steps[0].outcome, span_of(row->step)))
        fail_msg("%s: the step is %.*s", row->name, SPAN_ARG(w->roster->steps[0].outcome));
    assert_true(fake.n_agents == (row->state == PERSON_IN_STEP));
    if (row->state == PERSON_IN_STEP)
        assert_made(p, "ada@x.org");
    if (row->state != PERSON_DUE)
        assert_int_equal(w->roster->n_pauses, 0);
    assert_int_equal(w->n_news[NEWS_FAILED], row->state == PERSON_FAILED);
    assert_int_equal(world_done(&state), 0);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        one_row(&rows[i]);
}

/* ---- pauses ---- */

static void add_people(struct world *w, int n)
{
    for (int i = 0; i < n; i++) {
        char id[16], login[32];

        (void)snprintf(id, sizeof(id), "00v%d", i);
        (void)snprintf(login, sizeof(login), "p%d@x.org", i);
        (void)fake_roster_add(w->roster, id, login);
    }
}

/* Everybody waits, nobody fails; one probe in `every_ms`, told once. */
static void pauses_for_all(struct world *w, const char *code, int64_t every_ms)
{
    int n_first, n_probes = 0;
    int64_t last_ms, since_ms;

    add_people(w, 40);
    w->rate = 2;
    w->burst = 5;
    world_start(w);
    sim_run(5000);
    n_first = fake_connect_count(OP_CREATE_USER);
    assert_in_range(n_first, 1, 5); /* those that were under way when the first answer came */
    assert_int_equal(w->roster->n_pauses, 1);
    assert_true(span_eq(w->roster->pauses[0].operation, SPAN(OP_CREATE_USER)));
    assert_true(span_eq(w->roster->pauses[0].code, span_of(code)));
    assert_true(w->roster->pauses[0].reason.n > 0);
    since_ms = w->roster->pauses[0].since_ms;
    assert_int_equal(w->roster->pauses[0].probe_ms - since_ms, every_ms);
    last_ms = fake_connect_at(OP_CREATE_USER, n_first - 1);
    sim_run(4 * every_ms);
    for (int i = n_first; i < fake_connect_count(OP_CREATE_USER); i++) {
        int64_t at_ms = fake_connect_at(OP_CREATE_USER, i);

        if (at_ms - last_ms < every_ms || at_ms - last_ms > every_ms + 3000)
            fail_msg("a probe after %lld ms", (long long)(at_ms - last_ms));
        last_ms = at_ms;
        n_probes++;
    }
    assert_in_range(n_probes, 3, 4);
    assert_int_equal(fake_roster_count(w->roster, PERSON_DUE), 40);
    assert_int_equal(w->n_news[NEWS_FAILED] + w->n_news[NEWS_HELD], 0);
}

static void then_all_come(struct world *w, int64_t every_ms)
{
    int before;

    fake_connect_heal();
    before = fake_connect_count(OP_CREATE_USER);
    sim_run(every_ms + MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 40);
    assert_int_equal(fake_connect_count(OP_CREATE_USER) - before, 40);
    assert_int_equal(w->roster->n_pauses, 0);
    assert_int_equal(w->n_news[NEWS_RESUMED], 1);
}

static void test_denied(void **state)
{
    struct world *w = *state;

    fake_connect_fail(
        (struct fake_fault){NULL, 9999, ERR_DENIED, "AccessDeniedException", 403, 0, false});
    pauses_for_all(w, "AccessDeniedException", MINUTE);
    assert_int_equal(w->n_news[NEWS_PAUSED], 1);
    then_all_come(w, MINUTE);
}

static void test_full(void **state)
{
    struct world *w = *state;

    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 9999, ERR_DENIED,
                                          "LimitExceededException", 429, 0, false});
    pauses_for_all(w, "LimitExceededException", 15 * MINUTE);
    assert_int_equal(w->n_news[NEWS_FULL], 1);
    assert_int_equal(w->n_news[NEWS_PAUSED], 0);
    then_all_come(w, 15 * MINUTE);
}

static void test_unknown_instance(void **state)
{
    struct world *w = *state;

    fake_connect_fail(
        (struct fake_fault){NULL, 9999, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false});
    pauses_for_all(w, "ResourceNotFoundException", MINUTE);
    assert_int_equal(w->n_news[NEWS_PAUSED], 1);
    then_all_come(w, MINUTE);
}

/* A full instance takes as many as it has room for; those that come through meanwhile do not end
 * the pause. */
static void test_fills_up(void **state)
{
    struct world *w = *state;

    fake.max_agents = 7;
    add_people(w, 20);
    world_start(w);
    sim_run(14 * MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 7);
    assert_int_equal(w->n_news[NEWS_FULL], 1);
    assert_int_equal(w->n_news[NEWS_RESUMED], 0);
    assert_int_equal(w->roster->n_pauses, 1);
    assert_in_range(fake_connect_count(OP_CREATE_USER), 8, 20); /* those under way then */
    fake.max_agents = 100;
    sim_run(2 * MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 20);
}

/* Nor do calls that were under way when it began. */
static void test_only_a_probe_ends_it(void **state)
{
    struct world *w = *state;

    fake_connect_fail(
        (struct fake_fault){NULL, 1, ERR_DENIED, "LimitExceededException", 429, 0, false});
    add_people(w, 8);
    world_start(w);
    sim_run(14 * MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 7);
    assert_int_equal(w->n_news[NEWS_RESUMED], 0);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 8);
    sim_run(2 * MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 8);
    assert_int_equal(w->n_news[NEWS_RESUMED], 1);
}

/* A probe that meets passing trouble keeps the pause and its rhythm. */
static void test_probe_in_trouble(void **state)
{
    struct world *w = *state;

    fake_connect_fail(
        (struct fake_fault){NULL, 1, ERR_DENIED, "LimitExceededException", 429, 0, false});
    (void)world_one(w, 1000);
    fake_connect_fail((struct fake_fault){NULL, 1, ERR_IO, "", 0, 0, false});
    fake_connect_fail((struct fake_fault){NULL, 1, ERR_BUSY, "ThrottlingException", 429, 0, false});
    sim_run(46 * MINUTE);
    assert_int_equal(w->roster->n_pauses, 0);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 4);
    for (int i = 1; i < 4; i++)
        assert_in_range(fake_connect_at(OP_CREATE_USER, i) - fake_connect_at(OP_CREATE_USER, i - 1),
                        15 * MINUTE, 15 * MINUTE + 3000);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 1);
}

/* A probe that is not made after all, because its person has changed, is followed by another. */
static struct fake_roster *roster;

static void leave(struct fake_person *p)
{
    if (!span_eq(p->p.id, SPAN("00v1")) || !p->is_in_scope)
        return;
    p->is_in_scope = false;
    fake_roster_tell(roster, p);
}

static void test_probe_is_lost(void **state)
{
    struct world *w = *state;

    fake_connect_fail(
        (struct fake_fault){NULL, 1, ERR_DENIED, "AccessDeniedException", 403, 0, false});
    w->burst = 1;
    w->rate = 1;
    add_people(w, 2);
    world_start(w);
    sim_run(1000);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
    roster = w->roster;
    w->roster->before_change = leave; /* who waits longest, when the probe is about to be made */
    sim_run(3 * MINUTE);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 2);
    assert_int_equal(w->roster->n_pauses, 0);
    assert_state(&w->roster->people[0], PERSON_IN_STEP, "");
    assert_state(&w->roster->people[1], PERSON_OUT_OF_SCOPE, "");
}

/* After a start the stored pause goes on; the probe comes soon, as the start may be the repair. */
static void test_taken_up(void **state)
{
    static const struct {
        const char *code;
        int64_t probe_in_ms, first_ms, again_ms;
    } starts[] = {
        {"AccessDeniedException", 59000, 9000, MINUTE}, /* the last one was a second ago */
        {"AccessDeniedException", 30000, 0, MINUTE},
        {"AccessDeniedException", -5000, 0, MINUTE},
        {"LimitExceededException", 15 * MINUTE, 10000, 15 * MINUTE},
        {"LimitExceededException", 14 * MINUTE, 0, 15 * MINUTE},
        {"AccessDeniedException", DAY, MINUTE, MINUTE}, /* the clock was wrong */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        struct world *w;
        void *inner;

        assert_int_equal(world_new(&inner), 0);
        w = inner;
        fake_connect_fail((struct fake_fault){NULL, 99, ERR_DENIED, starts[i].code, 403, 0, false});
        w->roster->pauses[0] =
            (struct pause){SPAN(OP_CREATE_USER), span_of(starts[i].code), SPAN("why"), 1,
                           clock_wall_ms() + starts[i].probe_in_ms};
        w->roster->n_pauses = 1;
        add_people(w, 3);
        world_start(w);
        sim_run(40 * MINUTE);
        assert_in_range(fake_connect_at(OP_CREATE_USER, 0), starts[i].first_ms,
                        starts[i].first_ms + 3000);
        assert_in_range(fake_connect_at(OP_CREATE_USER, 1) - fake_connect_at(OP_CREATE_USER, 0),
                        starts[i].again_ms, starts[i].again_ms + 3000);
        assert_int_equal(w->n_news[NEWS_PAUSED] + w->n_news[NEWS_FULL], 0); /* it was told before */
        assert_int_equal(world_done(&inner), 0);
    }
}

static void test_search_denied(void **state)
{
    struct world *w = *state;

    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 1, ERR_UNCLEAR, "", 0, 0, true});
    fake_connect_fail((struct fake_fault){OP_SEARCH_USERS, 2, ERR_DENIED, "AccessDeniedException",
                                          403, 0, false});
    (void)world_one(w, 1000);
    sim_run(10000);
    assert_int_equal(w->roster->n_pauses, 1);
    assert_true(span_eq(w->roster->pauses[0].operation, SPAN(OP_SEARCH_USERS)));
    add_people(w, 3); /* who need no search */
    converge_kick(w->converge);
    sim_run(1000);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 3);
    sim_run(3 * MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 4);
    assert_int_equal(fake_connect_count(OP_SEARCH_USERS), 3);
    assert_int_equal(fake.n_agents, 4);
}

/* SearchUsers names nothing but the instance. */
static void test_search_without_instance(void **state)
{
    struct world *w = *state;
    struct fake_person *p;

    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 1, ERR_UNCLEAR, "", 0, 0, true});
    fake_connect_fail((struct fake_fault){OP_SEARCH_USERS, 1, ERR_NOT_FOUND,
                                          "ResourceNotFoundException", 404, 0, false});
    p = world_one(w, 10000);
    assert_state(p, PERSON_DUE, "waiting");
    assert_int_equal(w->n_news[NEWS_PAUSED], 1);
    sim_run(2 * MINUTE);
    assert_made(p, "ada@x.org");
}

/* ---- "not found" of CreateUser: the instance, or what the person should have? ---- */

static const struct look_row {
    const char *name;
    struct fake_fault describe, search;
    enum person_state state;
    int n_describe, n_search;
} looks[] = {
    {"it is there", {0}, {0}, PERSON_FAILED, 1, 0},
    {"it is not",
     {OP_DESCRIBE_INSTANCE, 9, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
     {0},
     PERSON_DUE,
     1,
     0},
    {"may not look, the search finds it",
     {OP_DESCRIBE_INSTANCE, 9, ERR_DENIED, "AccessDeniedException", 403, 0, false},
     {0},
     PERSON_FAILED,
     1,
     1},
    {"may not look, the search does not find it",
     {OP_DESCRIBE_INSTANCE, 9, ERR_DENIED, "AccessDeniedException", 403, 0, false},
     {OP_SEARCH_USERS, 9, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
     PERSON_DUE,
     1,
     1},
    {"may do neither",
     {OP_DESCRIBE_INSTANCE, 9, ERR_DENIED, "AccessDeniedException", 403, 0, false},
     {OP_SEARCH_USERS, 9, ERR_DENIED, "AccessDeniedException", 403, 0, false},
     PERSON_FAILED,
     1,
     1},
    {"passing trouble",
     {OP_DESCRIBE_INSTANCE, 1, ERR_IO, "", 0, 0, false},
     {0},
     PERSON_FAILED,
     2,
     0},
};

static void test_looks_for_instance(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        struct world *w;
        void *inner;
        struct fake_person *p;

        assert_int_equal(world_new(&inner), 0);
        w = inner;
        fake_connect_fail((struct fake_fault){OP_CREATE_USER, 99, ERR_NOT_FOUND,
                                              "ResourceNotFoundException", 404, 0, false});
        fake_connect_fail(looks[i].describe);
        if (looks[i].search.count > 0)
            fake_connect_fail(looks[i].search);
        p = world_one(w, 10000);
        if (p->p.state != looks[i].state ||
            fake_connect_count(OP_DESCRIBE_INSTANCE) != looks[i].n_describe ||
            fake_connect_count(OP_SEARCH_USERS) != looks[i].n_search)
            fail_msg("%s: %s, %d, %d", looks[i].name, person_state_name(p->p.state),
                     fake_connect_count(OP_DESCRIBE_INSTANCE), fake_connect_count(OP_SEARCH_USERS));
        if (looks[i].state == PERSON_FAILED && strstr(p->p.reason.p, "CreateUser: it says") == NULL)
            fail_msg("%s: '%s' is not what CreateUser said", looks[i].name, p->p.reason.p);
        assert_int_equal(w->roster->n_pauses, looks[i].state == PERSON_DUE);
        assert_int_equal(world_done(&inner), 0);
    }
}

/* ---- ten minutes after our own write ---- */

static void test_own_write(void **state)
{
    static const struct {
        enum err err;
        int64_t sent_before_ms;
        enum person_state state;
    } writes[] = {
        {ERR_NOT_FOUND, 1000, PERSON_IN_STEP},
        {ERR_INPUT, 9 * MINUTE, PERSON_IN_STEP},
        {ERR_NOT_FOUND, 11 * MINUTE, PERSON_FAILED},
        {ERR_INPUT, 11 * MINUTE, PERSON_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        struct world *w;
        void *inner;
        struct fake_person *p;

        assert_int_equal(world_new(&inner), 0);
        w = inner;
        w->rules.adopts_existing = true;
        (void)fake_connect_add("ada@x.org", "", "");
        fake_connect_fail(
            (struct fake_fault){OP_TAG_RESOURCE, 2, writes[i].err, "SomeException", 400, 0, false});
        p = fake_roster_add(w->roster, "00u1", "ada@x.org");
        p->p.create_sent_ms = clock_wall_ms() - writes[i].sent_before_ms;
        p->p.create_sent_name = SPAN("ada@x.org");
        world_start(w);
        sim_run(30000);
        if (p->p.state != writes[i].state)
            fail_msg("row %zu: %s", i, person_state_name(p->p.state));
        assert_int_equal(world_done(&inner), 0);
    }
}

/* ---- passing trouble ---- */

/* For as long as it takes, ever more slowly, and nobody else waits for it. */
static void test_for_as_long_as_it_takes(void **state)
{
    struct world *w = *state;
    struct fake_person *p;
    int n;

    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 2000, ERR_IO, "", 0, 0, false});
    p = world_one(w, DAY);
    assert_state(p, PERSON_DUE, "waiting");
    assert_non_null(strstr(p->p.reason.p, "CreateUser"));
    n = fake_connect_count(OP_CREATE_USER);
    assert_in_range(n, DAY / (5 * MINUTE),
                    3 * DAY / (5 * MINUTE)); /* full jitter halves the wait */
    for (int i = 1; i < n; i++) {
        int64_t wait_ms =
            fake_connect_at(OP_CREATE_USER, i) - fake_connect_at(OP_CREATE_USER, i - 1);
        int64_t most_ms = i > 9 ? 5 * MINUTE : 1000LL << (i - 1);

        if (wait_ms > most_ms + 200)
            fail_msg("wait %d is %lld ms", i, (long long)wait_ms);
    }
    fake_connect_heal();
    sim_run(6 * MINUTE);
    assert_made(p, "ada@x.org");
    assert_int_equal(p->p.attempts, 0);
}

static void test_blocks_nobody(void **state)
{
    struct world *w = *state;

    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 3, ERR_IO, "", 0, 0, false});
    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 3, ERR_UNCLEAR, "", 500, 0, false});
    fake_connect_fail((struct fake_fault){OP_CREATE_USER, 3, ERR_INPUT, "InvalidRequestException",
                                          400, 0, false});
    add_people(w, 30);
    world_start(w);
    sim_run(110); /* sooner than anybody tries again */
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 21);
    assert_int_equal(fake_roster_count(w->roster, PERSON_FAILED), 3);
    sim_run(MINUTE);
    assert_int_equal(fake_roster_count(w->roster, PERSON_IN_STEP), 27);
    assert_int_equal(fake.n_agents, 27);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test_setup_teardown(test_denied, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_full, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_unknown_instance, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_fills_up, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_only_a_probe_ends_it, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_probe_in_trouble, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_probe_is_lost, world_new, world_done),
        cmocka_unit_test(test_taken_up),
        cmocka_unit_test_setup_teardown(test_search_denied, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_search_without_instance, world_new, world_done),
        cmocka_unit_test(test_looks_for_instance),
        cmocka_unit_test(test_own_write),
        cmocka_unit_test_setup_teardown(test_for_as_long_as_it_takes, world_new, world_done),
        cmocka_unit_test_setup_teardown(test_blocks_nobody, world_new, world_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
