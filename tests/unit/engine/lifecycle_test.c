/* Movers, leavers and renames, step by step: what each answer of each operation leads to. */
#include "lifecycle.h"

/* ---- changes ---- */

static void test_changed_name(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    say(p);
    sim_run(5000);
    expect_calls("");
    assert_state(p, PERSON_IN_STEP, "");
    p->p.display_name = SPAN("Ada Byron");
    say(p);
    sim_run(5000);
    expect_calls("UpdateUserIdentityInfo");
    assert_true(span_eq(fake_connect_agent("ada@x.org")->has.last_name, SPAN("Byron")));
    assert_int_equal(now->n_at_gate, 0);
}

/* Each failure of an update, and what becomes of the person: an hour after the last write, and a
 * minute after it. */
static void test_update_fails(void **state)
{
    static const struct {
        const char *name;
        struct fake_fault fault;
        bool is_young;
        enum person_state state; /* three minutes later */
        const char *code, *calls;
    } rows[] = {
        {"throttled",
         {NULL, 1, ERR_BUSY, "ThrottlingException", 429, 0, false},
         false,
         PERSON_IN_STEP,
         "",
         "UpdateUserIdentityInfo UpdateUserIdentityInfo"},
        {"lost, and carried out",
         {NULL, 1, ERR_IO, "", 0, 0, true},
         false,
         PERSON_IN_STEP,
         "",
         "UpdateUserIdentityInfo UpdateUserIdentityInfo"},
        {"a conflict",
         {NULL, 1, ERR_CONFLICT, "ConditionalOperationFailedException", 409, 0, false},
         false,
         PERSON_IN_STEP,
         "",
         "UpdateUserIdentityInfo UpdateUserIdentityInfo"},
        {"refused",
         {NULL, 1, ERR_INPUT, "InvalidRequestException", 400, 0, false},
         false,
         PERSON_FAILED,
         "refused",
         "UpdateUserIdentityInfo"},
        {"refused, a minute after our own write",
         {NULL, 1, ERR_INPUT, "InvalidRequestException", 400, 0, false},
         true,
         PERSON_IN_STEP,
         "",
         "UpdateUserIdentityInfo UpdateUserIdentityInfo"},
        {"something else is not found",
         {"UpdateUserIdentityInfo", 1, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
         false,
         PERSON_FAILED,
         "refused",
         "UpdateUserIdentityInfo DescribeUser"},
        {"not found, a minute after our own write",
         {"UpdateUserIdentityInfo", 1, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
         true,
         PERSON_IN_STEP,
         "",
         "UpdateUserIdentityInfo UpdateUserIdentityInfo"},
        {"denied",
         {"UpdateUserIdentityInfo", 1, ERR_DENIED, "AccessDeniedException", 403, 0, false},
         false,
         PERSON_IN_STEP,
         "",
         "UpdateUserIdentityInfo UpdateUserIdentityInfo"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_person *p;
        void *inner;

        assert_int_equal(set_up(&inner), 0);
        p = settled();
        if (rows[i].is_young)
            p->p.applied_ms = clock_wall_ms() - MINUTE;
        fake_connect_fail(rows[i].fault);
        p->p.display_name = SPAN("Ada Byron");
        say(p);
        sim_run(3 * MINUTE);
        if (p->p.state != rows[i].state || !span_eq(p->p.reason_code, span_of(rows[i].code)))
            fail_msg("%s: %s '%.*s'", rows[i].name, person_state_name(p->p.state),
                     SPAN_ARG(p->p.reason_code));
        expect_calls(rows[i].calls);
        if (rows[i].state == PERSON_IN_STEP)
            assert_true(span_eq(fake_connect_agent("ada@x.org")->has.last_name, SPAN("Byron")));
        assert_int_equal(now->n_news[NEWS_PAUSED], strcmp(rows[i].name, "denied") == 0);
        assert_int_equal(now->roster->n_pauses, 0);
        assert_int_equal(world_done(&inner), 0);
    }
}

/* A change of profiles waits before its gate; what else there is to do comes after it. */
static void test_changed_profiles(void **state)
{
    static const struct span others[] = {{"sp-2", 4}};
    struct fake_person *p = settled();

    (void)state;
    now->rule.security_profiles = others;
    now->rule.routing_profile = SPAN("rp-2");
    now->holds_gates = true;
    say(p);
    sim_run(500);
    assert_true(p->p.needs_gate);
    expect_calls("");
    sim_run(5000);
    assert_state(p, PERSON_HELD, REASON_CHANGES);
    now->holds_gates = false;
    say(p);
    sim_run(5000);
    expect_calls("UpdateUserSecurityProfiles UpdateUserRoutingProfile");
    assert_state(p, PERSON_IN_STEP, "");
    assert_false(p->p.passed_changes);
}

/* Judged anew between planning and sending: what was planned is not sent. */
static void move_once(struct fake_person *p)
{
    now->roster->before_change = NULL;
    p->p.display_name = SPAN("Ada King");
    fake_roster_tell(now->roster, p);
}

static void test_moved_before_sending(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    p->p.display_name = SPAN("Ada Byron");
    now->roster->before_change = move_once;
    say(p);
    sim_run(5000);
    expect_calls("UpdateUserIdentityInfo");
    assert_true(span_eq(fake_connect_agent("ada@x.org")->has.last_name, SPAN("King")));
    assert_state(p, PERSON_IN_STEP, "");
}

/* ---- an agent that somebody else deleted ---- */

static void test_agent_gone(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_agent("ada@x.org")->is_gone = true;
    p->p.display_name = SPAN("Ada Byron");
    say(p);
    sim_run(2000);
    expect_calls("UpdateUserIdentityInfo DescribeUser DescribeInstance");
    assert_state(p, PERSON_DUE, REASON_AGENT_GONE);
    assert_int_equal(now->n_news[NEWS_FAILED], 1);
    sim_run(9 * MINUTE);
    assert_null(fake_connect_agent("ada@x.org")); /* it may come to light again */
    sim_run(3 * MINUTE);
    assert_made(p, "ada@x.org");
    assert_int_equal(now->n_news[NEWS_FAILED], 1);
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 1);
}

static void test_agent_gone_and_back(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_agent("ada@x.org")->is_gone = true;
    p->p.display_name = SPAN("Ada Byron");
    say(p);
    sim_run(5 * MINUTE);
    fake.agents[0].is_gone = false;
    sim_run(10 * MINUTE);
    assert_state(p, PERSON_IN_STEP, "");
    assert_int_equal(fake_connect_count(OP_CREATE_USER), 0);
}

static void test_instance_gone(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_fail(
        (struct fake_fault){NULL, 3, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false});
    p->p.display_name = SPAN("Ada Byron");
    say(p);
    sim_run(2000);
    expect_calls("UpdateUserIdentityInfo DescribeUser DescribeInstance");
    assert_int_equal(now->n_news[NEWS_PAUSED], 1);
    sim_run(2 * MINUTE);
    assert_state(p, PERSON_IN_STEP, "");
}

/* ---- held, looked at ---- */

static void test_held(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    now->holds_gates = true;
    leave(p);
    sim_run(HOUR);
    assert_state(p, PERSON_HELD, REASON_REMOVALS);
    expect_calls("");
    come_back(p);
    sim_run(5000);
    assert_state(p, PERSON_IN_STEP, "");
    expect_calls("");
}

/* Nobody is taken away while a look at them in Okta is outstanding. */
static void test_looked_at(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    p->is_looked_at = true;
    leave(p);
    sim_run(MINUTE);
    assert_state(p, PERSON_DUE, "waiting");
    assert_int_equal(now->n_at_gate, 0);
    expect_calls("");
    p->is_looked_at = false;
    sim_run(MINUTE);
    assert_state(p, PERSON_REMOVED, "");
}

static void test_grace(void **state)
{
    struct fake_person *p;

    (void)state;
    now->rules.removal_grace_ms = HOUR;
    p = settled();
    leave(p);
    sim_run(HOUR - MINUTE);
    assert_state(p, PERSON_DUE, REASON_GRACE);
    expect_calls("");
    sim_run(2 * MINUTE);
    assert_state(p, PERSON_REMOVED, "");
}

/* They leave while two updates are under way: the grace runs nevertheless. */
static void leave_at_first_call(const struct fake_call *call)
{
    struct fake_person *p = &now->roster->people[0];

    (void)call;
    fake.on_call = NULL;
    p->is_in_scope = false;
    fake_roster_tell(now->roster, p);
}

static void test_grace_in_the_middle(void **state)
{
    struct fake_person *p;

    (void)state;
    now->rules.removal_grace_ms = HOUR;
    p = settled();
    p->p.display_name = SPAN("Ada Byron");
    now->rule.hierarchy_group = SPAN("hg-1");
    fake.on_call = leave_at_first_call;
    say(p);
    sim_run(HOUR - MINUTE);
    expect_calls("UpdateUserHierarchy");
    assert_state(p, PERSON_DUE, REASON_GRACE);
    assert_int_equal(now->n_at_gate, 0);
    sim_run(2 * MINUTE);
    assert_state(p, PERSON_REMOVED, "");
}

/* ---- another user name ---- */

static void rename_to(struct fake_person *p, const char *name)
{
    p->p.app_user_name = span_of(name);
    p->p.app_user_name_ns++;
    say(p);
}

static void test_replaced(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    rename_to(p, "ada.new");
    sim_run(10000);
    expect_calls("CreateUser " DELETED);
    assert_made(p, "ada.new");
    assert_null(fake_connect_agent("ada@x.org"));
    assert_int_equal(p->p.old_agent_id.n, 0);
    assert_int_equal(now->n_at_gate, 1);
}

/* Its person has their new agent at once; the call under way is not cut off. */
static void test_replaced_on_contact_for_long(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    fake_connect_agent("ada@x.org")->is_on_contact = true;
    rename_to(p, "ada.new");
    sim_run(4 * 60 * MINUTE - MINUTE);
    assert_state(p, PERSON_DUE, REASON_ON_CONTACT);
    assert_non_null(fake_connect_agent("ada.new"));
    sim_run(30 * MINUTE);
    assert_state(p, PERSON_DUE, REASON_ON_CONTACT);
    assert_int_equal(now->n_news[NEWS_PARKED], 1);
    assert_int_equal(fake_connect_count(OP_DELETE_USER), 0);
    assert_int_equal(fake_connect_count("UpdateUserSecurityProfiles"), 1);
    assert_int_equal(fake_connect_count("UpdateUserRoutingProfile"), 1);
    assert_true(span_eq(fake_connect_agent("ada@x.org")->has.security_profile_ids[0],
                        now->rules.parked_security_profile));
    fake_connect_agent("ada@x.org")->is_on_contact = false;
    sim_run(2 * MINUTE);
    assert_made(p, "ada.new");
    assert_null(fake_connect_agent("ada@x.org"));
    assert_int_equal(p->p.old_agent_parked, 0);
    assert_int_equal(now->n_at_gate, 1);
}

static void test_replaced_unclear(void **state)
{
    static const bool is_carried_out[] = {true, false};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fake_person *p;
        void *inner;

        assert_int_equal(set_up(&inner), 0);
        p = settled();
        fake_connect_fail(
            (struct fake_fault){OP_CREATE_USER, 1, ERR_UNCLEAR, "", 0, 0, is_carried_out[i]});
        rename_to(p, "ada.new");
        sim_run(MINUTE);
        assert_made(p, "ada.new");
        assert_null(fake_connect_agent("ada@x.org"));
        assert_int_equal(fake.n_agents, 2);
        assert_int_equal(world_done(&inner), 0);
    }
}

/* The former agent may not go: the new one works, and the former one is told of. */
static void test_replaced_and_held(void **state)
{
    struct fake_person *p = settled();

    (void)state;
    now->holds_gates = true;
    rename_to(p, "ada.new");
    sim_run(10000);
    assert_state(p, PERSON_HELD, REASON_REMOVALS);
    assert_true(span_eq(p->p.agent_user_name, SPAN("ada.new")));
    assert_true(span_eq(p->p.old_agent_name, SPAN("ada@x.org")));
    assert_non_null(fake_connect_agent("ada@x.org"));
    /* They leave: both go, the former one first, each through the gate. */
    now->holds_gates = false;
    leave(p);
    sim_run(20000);
    assert_state(p, PERSON_REMOVED, "");
    assert_null(fake_connect_agent("ada@x.org"));
    assert_null(fake_connect_agent("ada.new"));
    assert_int_equal(now->n_at_gate, 3);
}

static void test_two_claim(void **state)
{
    struct fake_person *p = settled(), *other;

    (void)state;
    other = fake_roster_add(now->roster, "00u2", "bob@x.org");
    rename_to(other, "ada@x.org");
    sim_run(5000);
    assert_state(other, PERSON_HELD, REASON_TWO_CLAIM);
    assert_non_null(strstr(other->p.reason.p, "00u1"));
    assert_non_null(strstr(other->p.reason.p, "00u2"));
    expect_calls("");
    say(p); /* the roster over the store looks at them by itself */
    sim_run(5000);
    assert_state(p, PERSON_HELD, REASON_TWO_CLAIM);
}

/* ---- names ---- */

static void test_names_unread(void **state)
{
    struct fake_person *p;

    (void)state;
    now->rule.has_ids = false;
    p = world_one(now, 1000);
    assert_state(p, PERSON_DUE, REASON_NAMES_UNREAD);
    assert_int_equal(now->n_lacking, 1);
    expect_calls("");
}

static enum name_answer find_german(const struct names *names, enum name_kind kind, struct span ref,
                                    struct span *id)
{
    (void)names;
    *id = span_eq(ref, SPAN("German")) ? SPAN("rp-de") : ref;
    return kind == NAME_SECURITY_PROFILE || kind == NAME_ROUTING_PROFILE ? NAME_KNOWN
                                                                         : NAME_UNKNOWN;
}

/* What an attribute names is told when it is used, so that it is pinned. */
static void test_resolved(void **state)
{
    struct names german;
    struct fake_person *p;

    (void)state;
    german = names_unread;
    german.find = find_german;
    current_names_set(&now->names, &german);
    now->rule.has_ids = false;
    now->rule.routing_profile = SPAN("${user.language}");
    p = fake_roster_add(now->roster, "00u1", "ada@x.org");
    p->p.profile = SPAN("{\"language\":\"German\"}");
    world_start(now);
    sim_run(5000);
    assert_made(p, "ada@x.org");
    assert_true(span_eq(fake_connect_agent("ada@x.org")->has.routing_profile_id, SPAN("rp-de")));
    assert_string_equal(now->resolved, "German=rp-de");
}

/* ---- order ---- */

/* Access that is taken away comes before new agents and changes. */
static void test_priorities(void **state)
{
    struct fake_person *leaver;

    (void)state;
    now->rate = 1;
    now->burst = 2;
    leaver = settled();
    for (int i = 0; i < 30; i++) {
        char id[16], login[32];
        struct fake_person *p;

        (void)snprintf(id, sizeof(id), "00v%d", i);
        (void)snprintf(login, sizeof(login), "p%d@x.org", i);
        p = fake_roster_add(now->roster, id, login);
        (void)fake_connect_add(login, "roster", id);
        p->p.agent_id = span_of(arena_dup(&now->roster->arena, span_of(fake.agents[i + 1].id)));
        p->p.agent_user_name = p->p.login;
        p->p.agent_since_ms = 1;
        p->p.priority = PRIORITY_CHANGE; /* each needs DescribeUser */
    }
    converge_kick(now->converge);
    sim_run(3000);
    leaver->p.applied = SPAN(""); /* so does the leaver, first */
    leave(leaver);
    sim_run(8000);
    assert_state(leaver, PERSON_REMOVED, "");
    assert_in_range(fake_roster_count(now->roster, PERSON_IN_STEP), 5, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changed_name, set_up, world_done),
        cmocka_unit_test(test_update_fails),
        cmocka_unit_test_setup_teardown(test_changed_profiles, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_moved_before_sending, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_agent_gone, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_agent_gone_and_back, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_instance_gone, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_held, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_looked_at, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_grace, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_grace_in_the_middle, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_replaced, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_replaced_on_contact_for_long, set_up, world_done),
        cmocka_unit_test(test_replaced_unclear),
        cmocka_unit_test_setup_teardown(test_replaced_and_held, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_two_claim, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_names_unread, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_resolved, set_up, world_done),
        cmocka_unit_test_setup_teardown(test_priorities, set_up, world_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
