/* Leavers: deleted, parked, on a contact, and back again in between. */
#include "lifecycle.h"

/* ---- deleting ---- */

static void test_deleted(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    leave(p);
    sim_run(5000);
    expect_calls(DELETED);
    assert_state(p, PERSON_REMOVED, "");
    assert_null(fake_connect_agent("ada@x.org"));
    assert_int_equal(p->p.agent_id.n + p->p.agent_user_name.n + p->p.applied.n, 0);
    assert_non_null(strstr(p->p.before_removal.p, "sp-1"));
    come_back(p);
    sim_run(5000);
    assert_made(p, "ada@x.org");
    assert_int_equal(p->p.before_removal.n, 0);
}

static void test_deletion_fails(void **state)
{
    static const struct {
        const char *name;
        struct fake_fault fault;
        const char *calls;
    } rows[] = {
        {"throttled",
         {"DeleteUser", 1, ERR_BUSY, "ThrottlingException", 429, 0, false},
         "GetCurrentUserData DeleteUser GetCurrentUserData DeleteUser ListQuickConnects"},
        {"lost, and carried out",
         {"DeleteUser", 1, ERR_IO, "", 0, 0, true},
         "GetCurrentUserData DeleteUser DescribeUser DescribeInstance ListQuickConnects"},
        {"lost, and not carried out",
         {"DeleteUser", 1, ERR_IO, "", 0, 0, false},
         "GetCurrentUserData DeleteUser DescribeUser GetCurrentUserData DeleteUser "
         "ListQuickConnects"},
        {"not found, though it is there",
         {"DeleteUser", 1, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
         "GetCurrentUserData DeleteUser DescribeUser GetCurrentUserData DeleteUser "
         "ListQuickConnects"},
        {"contacts cannot be read",
         {"GetCurrentUserData", 1, ERR_IO, "", 0, 0, false},
         "GetCurrentUserData GetCurrentUserData DeleteUser ListQuickConnects"},
        {"it has no current data",
         {"GetCurrentUserData", 1, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
         "GetCurrentUserData DescribeUser DeleteUser ListQuickConnects"},
        {"quick connects cannot be read",
         {"ListQuickConnects", 1, ERR_IO, "", 0, 0, false},
         "GetCurrentUserData DeleteUser ListQuickConnects ListQuickConnects"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_person *p;
        void *inner;

        assert_int_equal(set_up(&inner), 0);
        p = settled();
        fake_connect_fail(rows[i].fault);
        leave(p);
        sim_run(MINUTE);
        if (p->p.state != PERSON_REMOVED)
            fail_msg("%s: %s '%.*s'", rows[i].name, person_state_name(p->p.state),
                     SPAN_ARG(p->p.reason));
        expect_calls(rows[i].calls);
        assert_int_equal(now->n_at_gate, 1); /* what passed once may be repeated */
        assert_int_equal(world_done(&inner), 0);
    }
}

/* Somebody else was faster. */
static void test_deleted_already(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_agent("ada@x.org")->is_gone = true;
    leave(p);
    sim_run(MINUTE);
    assert_state(p, PERSON_REMOVED, "");
}

/* A deletion whose answer was lost, and they are back: only what is certain counts. */
static void test_back_after_lost_deletion(void **state)
{
    static const bool is_carried_out[] = {true, false};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fake_person *p;
        void *inner;

        assert_int_equal(set_up(&inner), 0);
        p = settled();
        fake_connect_fail(
            (struct fake_fault){"DeleteUser", 1, ERR_IO, "", 0, 0, is_carried_out[i]});
        leave(p);
        sim_run(1120); /* the gate has let it pass, and DeleteUser was answered */
        assert_int_equal(fake_connect_count(OP_DELETE_USER), 1);
        come_back(p);
        sim_run(30 * MINUTE);
        assert_state(p, PERSON_IN_STEP, "");
        assert_non_null(fake_connect_agent("ada@x.org"));
        assert_int_equal(fake_connect_count(OP_CREATE_USER), is_carried_out[i]);
        assert_int_equal(world_done(&inner), 0);
    }
}

static void test_quick_connects(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_add_quick("agent-1");
    fake_connect_add_quick("agent-7");
    fake_connect_add_quick("agent-1");
    leave(p);
    sim_run(5000);
    assert_int_equal(fake_connect_count(OP_LIST_QUICK_CONNECTS), 1);
    assert_int_equal(fake_connect_count(OP_DESCRIBE_QUICK_CONNECT), 3);
    assert_int_equal(fake_connect_count(OP_DELETE_QUICK_CONNECT), 2);
    assert_true(fake.quicks[0].is_gone && !fake.quicks[1].is_gone && fake.quicks[2].is_gone);
    assert_state(p, PERSON_REMOVED, "");
}

/* Back in scope while the last request before the end is being recorded, which only reads. */
static void come_back_once(struct fake_person *p)
{
    if (p->p.agent_deleted_ms == 0)
        return;
    now->roster->before_change = NULL;
    p->is_in_scope = true;
    fake_roster_tell(now->roster, p);
}

static void test_back_at_the_end(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    now->roster->before_change = come_back_once;
    leave(p);
    sim_run(5000);
    assert_made(p, "ada@x.org");
    assert_state(p, PERSON_IN_STEP, "");
    expect_calls(DELETED " CreateUser");
}

/* Killed between the deletion and the quick connects. */
static void test_goes_on_with_quick_connects(void **state)
{
    struct fake_person *p;

    (void)state;
    fake_connect_add_quick("agent-9");
    p = fake_roster_add(now->roster, "00u1", "ada@x.org");
    p->is_in_scope = false;
    p->p.left_ms = 1;
    p->p.priority = PRIORITY_REMOVAL;
    p->p.removal = REMOVAL_PASSED;
    p->p.agent_id = SPAN("agent-9");
    p->p.agent_user_name = SPAN("ada@x.org");
    p->p.agent_deleted_ms = clock_wall_ms();
    world_start(now);
    sim_run(5000);
    expect_calls("ListQuickConnects DescribeQuickConnect DeleteQuickConnect");
    assert_state(p, PERSON_REMOVED, "");
}

/* ---- contacts ---- */

static void test_on_contact(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_agent("ada@x.org")->is_on_contact = true;
    leave(p);
    sim_run(3 * MINUTE);
    assert_state(p, PERSON_DUE, REASON_ON_CONTACT);
    assert_in_range(fake_connect_count(OP_CURRENT_USER_DATA), 3, 4);
    assert_int_equal(fake_connect_count(OP_DELETE_USER), 0);
    fake_connect_agent("ada@x.org")->is_on_contact = false;
    sim_run(2 * MINUTE);
    assert_state(p, PERSON_REMOVED, "");
    assert_int_equal(p->p.contact_since_ms, 0);
}

/* While DeleteUser is paused, nobody is asked over and over whether the agent is on a contact. */
static void test_deletion_paused(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_fail(
        (struct fake_fault){OP_DELETE_USER, 1, ERR_DENIED, "AccessDeniedException", 403, 0, false});
    leave(p);
    sim_run(58 * 1000);
    assert_int_equal(fake_connect_count(OP_DELETE_USER), 1);
    assert_in_range(fake_connect_count(OP_CURRENT_USER_DATA), 2, 4);
    sim_run(2 * MINUTE);
    assert_state(p, PERSON_REMOVED, "");
    assert_int_equal(fake_connect_count(OP_DELETE_USER), 2);
}

static void test_on_contact_for_long(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_agent("ada@x.org")->is_on_contact = true;
    leave(p);
    sim_run(4 * HOUR - MINUTE);
    assert_state(p, PERSON_DUE, REASON_ON_CONTACT);
    sim_run(3 * MINUTE);
    assert_state(p, PERSON_PARKED, REASON_ON_CONTACT);
    assert_int_equal(now->n_news[NEWS_PARKED], 1);
    assert_int_equal(fake_connect_count(OP_DELETE_USER), 0);
    assert_true(span_eq(fake_connect_agent("ada@x.org")->has.security_profile_ids[0],
                        now->rules.parked_security_profile));
    assert_int_equal(now->n_at_gate, 1);
}

static void test_on_contact_and_no_place(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    now->rules.parked_security_profile = now->rules.parked_routing_profile = SPAN("");
    fake_connect_agent("ada@x.org")->is_on_contact = true;
    leave(p);
    sim_run(5 * HOUR);
    assert_state(p, PERSON_DUE, REASON_ON_CONTACT);
    assert_non_null(strstr(p->p.reason.p, "PARKED_SECURITY_PROFILE"));
    assert_int_equal(now->n_news[NEWS_HELD], 1);
    fake_connect_agent("ada@x.org")->is_on_contact = false;
    sim_run(2 * MINUTE);
    assert_state(p, PERSON_REMOVED, "");
}

/* ---- parking ---- */

static void test_parked(void **state)
{
    struct fake_person *p;

    (void)state;
    now->rules.on_remove = REMOVE_DISABLE;
    p = settled();
    leave(p);
    sim_run(5000);
    expect_calls("UpdateUserSecurityProfiles UpdateUserRoutingProfile");
    assert_state(p, PERSON_PARKED, REASON_LEFT);
    assert_non_null(strstr(p->p.before_removal.p, "sp-1"));
    assert_non_null(strstr(p->p.before_removal.p, "rp-1"));
    come_back(p);
    sim_run(5000);
    assert_state(p, PERSON_IN_STEP, "");
    assert_int_equal(fake_connect_writes(), 4);
    assert_int_equal(now->n_at_gate, 1); /* coming back is no change that is bounded */
    assert_int_equal(p->p.before_removal.n, 0);
}

static void test_suspended(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    p->is_suspended = true;
    say(p);
    sim_run(5000);
    assert_state(p, PERSON_PARKED, REASON_SUSPENDED);
    assert_int_equal(now->n_at_gate, 1);
    p->is_suspended = false;
    say(p);
    sim_run(5000);
    assert_state(p, PERSON_IN_STEP, "");
    assert_true(span_eq(fake_connect_agent("ada@x.org")->has.routing_profile_id, SPAN("rp-1")));
    assert_int_equal(fake_connect_count(OP_DELETE_USER), 0);
}

/* Suspended, parked, and then deactivated: the deletion is judged by itself. */
static void test_suspended_and_left(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    p->is_suspended = true;
    say(p);
    sim_run(5000);
    assert_state(p, PERSON_PARKED, REASON_SUSPENDED);
    leave(p);
    sim_run(5000);
    assert_state(p, PERSON_REMOVED, "");
    assert_int_equal(now->n_at_gate, 2);
    assert_non_null(strstr(p->p.before_removal.p, "sp-1")); /* before it was parked */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_deleted, set_up, world_done),
        cmocka_unit_test(test_deletion_fails),
        cmocka_unit_test_setup_teardown(test_deleted_already, set_up, world_done),
        cmocka_unit_test(test_back_after_lost_deletion),
        cmocka_unit_test_setup_teardown(test_quick_connects, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_back_at_the_end, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_goes_on_with_quick_connects, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_on_contact, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_on_contact_for_long, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_deletion_paused, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_on_contact_and_no_place, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_parked, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_suspended, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_suspended_and_left, set_up, world_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
