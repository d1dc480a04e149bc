/* What the store needs besides events and steps: a changed configuration, old events, a trial
 * write. */
#include "../store/fixture.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/housekeeping.h"

static struct {
    struct fixture *f;
    struct loop *loop;
    struct committer *committer;
    struct handback *handback;
    struct housekeeping *housekeeping;
    struct settings settings;
    struct rules rules;
    struct current_names names;
    struct judge judge;
} t;

static const struct span apps[] = {{"Amazon Connect", 14}}, profiles[] = {{"s-1", 3}};
static const struct rule_test app_test = {.kind = TEST_APP, .values = apps, .n = 1};
static struct rule rule;

static int begin(void **state)
{
    if (fixture_store(state) != 0)
        return -1;
    log_setup(LOG_ERROR, LOG_LOGFMT);
    memset(&t, 0, sizeof(t));
    t.f = *state;
    t.settings = (struct settings){.instance_id = SPAN("i-1"), .keep_events_ms = 60000};
    rule = (struct rule){.name = SPAN(""),
                         .tests = &app_test,
                         .n_tests = 1,
                         .is_any = true,
                         .has_ids = true,
                         .security_profiles = profiles,
                         .n_security_profiles = 1,
                         .routing_profile = SPAN("r-1")};
    t.rules = (struct rules){.rules = &rule, .n = 1, .managed_by = SPAN("roster")};
    current_names_set(&t.names, &names_unread);
    t.judge = (struct judge){&t.rules, &t.names};
    return loop_new(&t.loop, &t.f->fail) == ERR_NONE ? 0 : -1;
}

static int end(void **state)
{
    loop_free(t.loop);
    return fixture_done(state);
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static void run_ms(int64_t ms)
{
    struct loop_timer *timer = loop_timer_new(t.loop, stop_loop, t.loop);

    loop_timer_set(timer, ms);
    loop_run(t.loop);
    loop_timer_free(timer);
}

/* A start of the daemon, as far as housekeeping goes, that lives so long. */
static void live(int64_t ms)
{
    struct span engine = {0};

    t.settings.rules = t.rules;
    assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
    assert_ok(t.f, store_note_put(t.f->store, "engine", SPAN("none"), &t.f->fail));
    assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
    assert_ok(t.f, committer_start(t.f->file, &t.committer, &t.f->fail));
    t.handback = handback_new(t.loop, t.committer);
    t.housekeeping = housekeeping_new(t.loop, t.handback, &t.settings, &t.judge);
    assert_ok(t.f, housekeeping_start(t.housekeeping, &t.f->fail));
    for (int i = 0; i < 2000 && (engine.p == NULL || span_eq(engine, SPAN("none"))); i++) {
        run_ms(2);
        assert_ok(t.f, store_note_get(t.f->store, &t.f->arena, "engine", &engine, &t.f->fail));
    }
    assert_true(span_starts(engine, SPAN("pid ")));
    run_ms(ms);
    housekeeping_stop(t.housekeeping);
    committer_stop(t.committer);
    housekeeping_free(t.housekeeping);
    handback_free(t.handback);
    loop_free(t.loop); /* what the committer has posted last is for those that are gone */
    assert_ok(t.f, loop_new(&t.loop, &t.f->fail));
}

/* ---- a changed configuration ---- */

static void put(const char *id, enum person_state state, const char *code, const char *agent,
                bool is_member)
{
    struct person p = {.source = SPAN("okta"),
                       .id = span_of(id),
                       .login = SPAN("ada"),
                       .state = state,
                       .reason_code = span_of(code),
                       .agent_id = span_of(agent),
                       .agent_user_name = agent[0] == '\0' ? SPAN("") : SPAN("ada"),
                       .left_ms = is_member ? 0 : 1,
                       .cause = SPAN("event 1")};
    struct membership m = {MEMBERSHIP_APP, SPAN("0oa1"), SPAN("Amazon Connect"), is_member, 1};
    bool is_changed;

    assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
    assert_ok(t.f, store_person_put(t.f->store, &p, &t.f->fail));
    assert_ok(t.f, store_membership_put(t.f->store, p.source, p.id, &m, &is_changed, &t.f->fail));
    assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
}

static void put_all(void)
{
    put("failed", PERSON_FAILED, REASON_REFUSED, "", true);
    put("held", PERSON_HELD, REASON_EXISTS, "", true);
    put("in step", PERSON_IN_STEP, "", "a1", true);
    put("left", PERSON_IN_STEP, REASON_LEFT, "a2", false);
    put("out", PERSON_OUT_OF_SCOPE, "", "", false);
    put("was out", PERSON_OUT_OF_SCOPE, "", "", true); /* the rule named another application */
    put("due", PERSON_DUE, "", "", true);
}

static void expect(const char *id, enum person_state state, const char *cause)
{
    struct person p;

    assert_ok(t.f,
              store_person_get(t.f->store, &t.f->arena, SPAN("okta"), span_of(id), &p, &t.f->fail));
    if (p.state != state || !span_eq(p.cause, span_of(cause)))
        fail_msg("%s is %s by '%.*s'", id, person_state_name(p.state), SPAN_ARG(p.cause));
}

static void expect_untouched(void)
{
    expect("failed", PERSON_FAILED, "event 1");
    expect("held", PERSON_HELD, "event 1");
    expect("in step", PERSON_IN_STEP, "event 1");
    expect("left", PERSON_IN_STEP, "event 1");
    expect("out", PERSON_OUT_OF_SCOPE, "event 1");
    expect("was out", PERSON_OUT_OF_SCOPE, "event 1");
    expect("due", PERSON_DUE, "event 1");
}

static void test_same_configuration(void **state)
{
    (void)state;
    put_all();
    live(0); /* the first start knows of no other configuration */
    expect_untouched();
    live(0);
    t.rules.settle_ms = 99; /* decides nothing about who is refused */
    live(0);
    expect_untouched();
}

static void test_changed_rules(void **state)
{
    (void)state;
    live(0);
    put_all();
    rule.routing_profile = SPAN("r-2");
    live(0);
    expect("failed", PERSON_DUE, "configuration changed");
    expect("held", PERSON_DUE, "configuration changed");
    expect("in step", PERSON_DUE, "configuration changed");
    expect("left", PERSON_DUE, "configuration changed");
    expect("out", PERSON_OUT_OF_SCOPE, "event 1");
    expect("was out", PERSON_DUE, "configuration changed");
    expect("due", PERSON_DUE, "configuration changed");
}

/* Who falls out of scope by that is held, whatever the number; and it is remembered where agents
 * are kept, so that a later ON_REMOVE does not take it for said. */
static void test_falls_out(void **state)
{
    static const struct span others[] = {{"Another", 7}};
    static const struct rule_test other_test = {.kind = TEST_APP, .values = others, .n = 1};
    struct person p;

    (void)state;
    live(0);
    put("in step", PERSON_IN_STEP, "", "a1", true);
    put("due", PERSON_DUE, "", "a2", true);
    put("no agent", PERSON_FAILED, REASON_REFUSED, "", true);
    rule.tests = &other_test;
    live(0);
    expect("in step", PERSON_IN_STEP, "event 1");
    expect("no agent", PERSON_OUT_OF_SCOPE, "event 1");
    t.rules.on_remove = REMOVE_DELETE;
    live(0);
    expect("in step", PERSON_HELD, "event 1");
    expect("due", PERSON_HELD, "event 1");
    assert_ok(t.f,
              store_person_get(t.f->store, &t.f->arena, SPAN("okta"), SPAN("due"), &p, &t.f->fail));
    assert_span(p.reason_code, REASON_UNSURE);
    assert_int_equal(p.removal, REMOVAL_HELD);
    rule.tests = &app_test; /* and back */
    live(0);
    expect("in step", PERSON_DUE, "configuration changed");
    expect("no agent", PERSON_DUE, "configuration changed");
}

/* Agents of another instance are nobody's here. */
static void test_changed_instance(void **state)
{
    struct person p;

    (void)state;
    live(0);
    put_all();
    t.settings.instance_id = SPAN("i-2");
    live(0);
    expect("in step", PERSON_DUE, "configuration changed");
    expect("failed", PERSON_DUE, "configuration changed");
    expect("out", PERSON_OUT_OF_SCOPE, "event 1");
    expect("left", PERSON_OUT_OF_SCOPE, "event 1");
    assert_ok(t.f, store_person_get(t.f->store, &t.f->arena, SPAN("okta"), SPAN("in step"), &p,
                                    &t.f->fail));
    assert_int_equal(p.agent_id.n + p.agent_user_name.n, 0);
    live(0);
    expect("left", PERSON_OUT_OF_SCOPE, "event 1");
}

/* Rules do not concern what a file asks for; profiles of another instance do. */
static void test_imports(void **state)
{
    struct person p = {.source = SPAN(SOURCE_IMPORT),
                       .id = SPAN("import:jane"),
                       .state = PERSON_DUE,
                       .due_ms = 5,
                       .cause = SPAN("import 1"),
                       .agent_id = SPAN("a-1"),
                       .restore = SPAN("{}")};

    (void)state;
    live(0);
    assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
    assert_ok(t.f, store_person_put(t.f->store, &p, &t.f->fail));
    assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
    rule.routing_profile = SPAN("r-2");
    live(0);
    assert_ok(t.f, store_person_get(t.f->store, &t.f->arena, p.source, p.id, &p, &t.f->fail));
    assert_int_equal(p.state, PERSON_DUE);
    assert_span(p.cause, "import 1");
    assert_span(p.agent_id, "a-1");
    t.settings.instance_id = SPAN("i-2");
    live(0);
    assert_ok(t.f, store_person_get(t.f->store, &t.f->arena, p.source, p.id, &p, &t.f->fail));
    assert_int_equal(p.state, PERSON_FAILED);
    assert_int_equal(p.agent_id.n, 0);
}

/* ---- pruning ---- */

static void test_prunes(void **state)
{
    enum { OLD = 1200 };
    struct event_subject subject;
    struct store_counts counts;
    bool is_new;

    (void)state;
    assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
    for (int i = 0; i < OLD + 5; i++) {
        char uuid[32];
        struct event e = fixture_event(uuid, &subject, i == 0 ? "00due" : "00u1");

        (void)snprintf(uuid, sizeof(uuid), "event %d", i);
        e.uuid = span_of(uuid);
        e.received_ms = clock_wall_ms() - (i < OLD ? 61000 : 0);
        assert_ok(t.f, store_event_add(t.f->store, &e, &is_new, &t.f->fail));
    }
    assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
    put("00due", PERSON_DUE, "", "", true);
    live(100);
    assert_ok(t.f, store_counts(t.f->store, 0, &counts, &t.f->fail));
    assert_int_equal(counts.events, OLD + 5); /* not in the first moments */
    live(1800);
    assert_ok(t.f, store_counts(t.f->store, 0, &counts, &t.f->fail));
    assert_int_equal(counts.events, 6);
}

/* ---- trial writes ---- */

static char probe_text[FAIL_TEXT];
static int n_probes;

static void probed(void *arg, const struct fail *fail)
{
    (void)snprintf(probe_text, sizeof(probe_text), "%s", fail == NULL ? "" : fail->text);
    n_probes++;
    loop_stop(arg);
}

static void test_probe(void **state)
{
    char aside[128];

    (void)state;
    n_probes = 0;
    fixture_path(t.f, "aside", aside);
    assert_ok(t.f, committer_start(t.f->file, &t.committer, &t.f->fail));
    t.handback = handback_new(t.loop, t.committer);
    t.housekeeping = housekeeping_new(t.loop, t.handback, &t.settings, &t.judge);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(i == 1   ? rename(t.f->file, aside)
                         : i == 2 ? rename(aside, t.f->file)
                                  : 0,
                         0);
        housekeeping_probe(t.housekeeping, probed, t.loop);
        loop_run(t.loop);
        assert_int_equal(n_probes, i + 1);
        assert_true((probe_text[0] != '\0') == (i == 1));
    }
    committer_stop(t.committer);
    housekeeping_free(t.housekeeping);
    housekeeping_free(NULL);
    handback_free(t.handback);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_configuration, begin, end),
        cmocka_unit_test_setup_teardown(test_changed_rules, begin, end),
        cmocka_unit_test_setup_teardown(test_falls_out, begin, end),
        cmocka_unit_test_setup_teardown(test_changed_instance, begin, end),
        cmocka_unit_test_setup_teardown(test_imports, begin, end),
        cmocka_unit_test_setup_teardown(test_prunes, begin, end),
        cmocka_unit_test_setup_teardown(test_probe, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
