/* What is learned of the instance before anybody is made an agent there, and what follows when it
 * cannot be learned, or changes. */
#include "../store/fixture.h"

#include "base/log.h"
#include "engine/instance.h"
#include "fake_connect.h"
#include "sim.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static struct {
    struct fixture *f;
    struct loop *loop;
    struct pace *pace;
    struct rules rules;
    struct rule rule;
    struct current_names names;
    struct instance *instance;
    int n_ready, n_learned, n_told, n_paused, n_resumed;
    char told[512];
} t;

/* ---- before the real handback: what it is given is written at once, and ended soon ---- */

static void end_job(void *arg)
{
    struct handback_job *job = arg;

    job->ended(job);
}

bool handback_submit(struct handback *h, struct handback_job *job)
{
    (void)h;
    assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
    job->err = job->write(job, t.f->store, &job->fail);
    assert_int_equal(job->err, ERR_NONE);
    assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
    loop_post(t.loop, end_job, job);
    return true;
}

struct handback *handback_new(struct loop *loop, struct committer *committer)
{
    (void)loop;
    (void)committer;
    return NULL;
}

void handback_free(struct handback *h)
{
    (void)h;
}

/* ---- the fixture ---- */

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    (void)arg;
    (void)operation;
    *out_rate = 100;
    *out_burst = 100;
}

static int begin(void **state)
{
    static const struct span profiles[] = {{"Agent", 5}};

    if (fixture_store(state) != 0)
        return -1;
    log_setup(LOG_ERROR, LOG_LOGFMT);
    memset(&t, 0, sizeof(t));
    t.f = *state;
    t.loop = sim_new();
    fake_connect_reset(t.loop);
    fake_connect_add_name(NAME_SECURITY_PROFILE, "sp-1", "Agent");
    fake_connect_add_name(NAME_ROUTING_PROFILE, "rp-1", "Basic");
    fake_connect_add_name(NAME_HIERARCHY_GROUP, "hg-1", "Europe/Support");
    t.rule = (struct rule){.name = SPAN("Agents"),
                           .security_profiles = profiles,
                           .n_security_profiles = 1,
                           .routing_profile = SPAN("Basic"),
                           .hierarchy_group = SPAN("Europe/Support")};
    t.rules = (struct rules){.rules = &t.rule, .n = 1};
    return 0;
}

static int end(void **state)
{
    sim_free(t.loop);
    return fixture_done(state);
}

static void ready(void *arg)
{
    (void)arg;
    t.n_ready++;
}

static void learned(void *arg)
{
    (void)arg;
    t.n_learned++;
}

static void told(void *arg, const char *code, const char *text)
{
    (void)arg;
    t.n_told++;
    (void)snprintf(t.told, sizeof(t.told), "%s: %s", code, text);
}

static void paused(void *arg, const char *operation, const struct fail *fail)
{
    (void)arg;
    (void)operation;
    (void)fail;
    t.n_paused++;
}

static void resumed(void *arg, const char *operation)
{
    (void)arg;
    (void)operation;
    t.n_resumed++;
}

static void start(void)
{
    struct instance_options options = {.loop = t.loop,
                                       .rules = &t.rules,
                                       .names = &t.names,
                                       .instance_id = SPAN("i-1"),
                                       .ready = ready,
                                       .learned = learned,
                                       .told = told,
                                       .paused = paused,
                                       .resumed = resumed};

    options.pace = t.pace = pace_new(t.loop, ceiling, NULL);
    t.n_ready = t.n_learned = t.n_told = t.n_paused = t.n_resumed = 0;
    fake_connect_forget();
    assert_ok(t.f, instance_new(&options, t.f->store, &t.instance, &t.f->fail));
    instance_start(t.instance);
}

static void stop(void)
{
    instance_stop(t.instance);
    sim_run(1000);
    instance_free(t.instance);
    pace_free(t.pace);
}

static void put(const char *id, enum person_state state, const char *code)
{
    struct person p = {
        .source = SPAN("okta"), .id = span_of(id), .state = state, .reason_code = span_of(code)};

    assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
    assert_ok(t.f, store_person_put(t.f->store, &p, &t.f->fail));
    assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
}

static enum person_state state_of(const char *id)
{
    struct person p;

    assert_ok(t.f,
              store_person_get(t.f->store, &t.f->arena, SPAN("okta"), span_of(id), &p, &t.f->fail));
    return p.state;
}

static enum name_answer find(enum name_kind kind, const char *name, const char *id)
{
    const struct names *names = current_names_get(&t.names);
    struct span found = SPAN("");
    enum name_answer answer = names->find(names, kind, span_of(name), &found);

    if (answer == NAME_KNOWN && !span_eq(found, span_of(id)))
        fail_msg("%s is %.*s", name, SPAN_ARG(found));
    return answer;
}

/* ---- how users sign in ---- */

static void test_read_once(void **state)
{
    static const struct {
        const char *text;
        enum identity_type identity;
        int n_calls_then;
    } rows[] = {{"SAML", IDENTITY_SAML, 0},
                {"CONNECT_MANAGED", IDENTITY_MANAGED, 0},
                {"EXISTING_DIRECTORY", IDENTITY_DIRECTORY, 0},
                {"SOMETHING_NEW", IDENTITY_SAML, 1}};

    (void)state;
    t.rule.has_ids = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fake.identity = rows[i].text;
        assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
        assert_ok(t.f, store_note_put(t.f->store, "identity", SPAN("i-0 SAML"), &t.f->fail));
        assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
        for (int again = 0; again < 2; again++) {
            t.rules.identity = IDENTITY_SAML;
            start();
            sim_run(1000);
            assert_int_equal(t.n_ready, 1);
            assert_int_equal(t.rules.identity, rows[i].identity);
            assert_int_equal(fake_connect_count(OP_DESCRIBE_INSTANCE),
                             again == 0 ? 1 : rows[i].n_calls_then);
            assert_int_equal(fake.n_calls, fake_connect_count(OP_DESCRIBE_INSTANCE));
            stop();
        }
    }
}

/* Without the right to know, or with trouble that does not end, SAML is supposed; what is learned
 * late counts from then on. */
static void test_cannot_be_read(void **state)
{
    static const struct {
        struct fake_fault fault;
        int64_t ready_ms; /* at the latest */
        enum identity_type then;
    } rows[] = {
        {{NULL, 99, ERR_DENIED, "AccessDeniedException", 403, 0, false}, 1000, IDENTITY_SAML},
        {{NULL, 99, ERR_NOT_FOUND, "ResourceNotFoundException", 404, 0, false},
         1000,
         IDENTITY_SAML},
        {{NULL, 2, ERR_IO, "", 0, 0, false}, 5000, IDENTITY_MANAGED},
        {{NULL, 2, ERR_BUSY, "ThrottlingException", 429, 0, false}, 5000, IDENTITY_MANAGED},
        {{NULL, 5, ERR_IO, "", 0, 0, false}, 20000, IDENTITY_MANAGED},
    };

    (void)state;
    t.rule.has_ids = true;
    fake.identity = "CONNECT_MANAGED";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t.rules.identity = IDENTITY_SAML;
        assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
        assert_ok(t.f, store_note_put(t.f->store, "identity", SPAN(""), &t.f->fail));
        assert_ok(t.f, store_commit(t.f->store, &t.f->fail));
        put("00u1", PERSON_FAILED, "refused");
        fake_connect_fail(rows[i].fault);
        start();
        sim_run(rows[i].ready_ms);
        assert_int_equal(t.n_ready, 1);
        sim_run(HOUR);
        assert_int_equal(t.rules.identity, rows[i].then);
        assert_int_equal(state_of("00u1"), i == 4 ? PERSON_DUE : PERSON_FAILED);
        fake_connect_heal();
        stop();
    }
}

/* ---- names ---- */

static void test_names(void **state)
{
    struct pin *pins;
    size_t n;

    (void)state;
    start();
    assert_int_equal(find(NAME_SECURITY_PROFILE, "Agent", ""), NAME_NOT_READ);
    assert_int_equal(t.n_ready, 0);
    sim_run(1000);
    assert_int_equal(t.n_ready, 1);
    assert_int_equal(fake.n_calls, 4);
    assert_int_equal(find(NAME_SECURITY_PROFILE, "Agent", "sp-1"), NAME_KNOWN);
    assert_int_equal(find(NAME_HIERARCHY_GROUP, "Europe/Support", "hg-1"), NAME_KNOWN);
    assert_int_equal(t.n_told, 0);
    assert_ok(t.f, store_pins(t.f->store, &t.f->arena, &pins, &n, &t.f->fail));
    assert_int_equal(n, 3);
    assert_span(pins[0].name, "Agent");
    assert_span(pins[0].id, "sp-1");
    sim_run(HOUR + MINUTE);
    assert_int_equal(fake.n_calls, 7); /* read again every hour */
    stop();
}

/* A rule names what is not there: told once, with the closest; read again a minute later at the
 * earliest, and people become due when it is there. */
static void test_unknown_name(void **state)
{
    (void)state;
    t.rule.routing_profile = SPAN("Basik");
    start();
    sim_run(1000);
    assert_int_equal(t.n_told, 1);
    assert_string_equal(t.told, "unknown_name: [Mapping Agents] ROUTING_PROFILE: the instance has "
                                "no routing profile 'Basik'; did you mean 'Basic'?; people who "
                                "need it wait as failed");
    put("00u1", PERSON_FAILED, REASON_UNKNOWN_NAME);
    put("00u2", PERSON_DUE, REASON_NAMES_UNREAD);
    put("00u3", PERSON_FAILED, "refused");
    fake_connect_forget();
    for (int i = 0; i < 5; i++)
        instance_lacks_name(t.instance);
    sim_run(50 * 1000);
    assert_int_equal(fake.n_calls, 0);
    sim_run(15 * 1000);
    assert_int_equal(fake.n_calls, 3);
    assert_int_equal(state_of("00u1"), PERSON_FAILED); /* it is as before */
    assert_int_equal(t.n_told, 1);
    fake_connect_add_name(NAME_ROUTING_PROFILE, "rp-2", "Basik");
    sim_run(2 * MINUTE);
    instance_lacks_name(t.instance);
    t.n_learned = 0;
    sim_run(1000);
    assert_int_equal(find(NAME_ROUTING_PROFILE, "Basik", "rp-2"), NAME_KNOWN);
    assert_int_equal(state_of("00u1"), PERSON_DUE);
    assert_int_equal(state_of("00u3"), PERSON_FAILED);
    assert_int_equal(t.n_learned, 1);
    stop();
}

/* Renamed, gone, or its name given to another: told once, and not obeyed. */
static void test_pinned(void **state)
{
    (void)state;
    start();
    sim_run(1000);
    stop();
    fake.names[NAME_SECURITY_PROFILE][0].name = SPAN("Agent (old)");
    fake_connect_add_name(NAME_SECURITY_PROFILE, "sp-2", "Agent");
    start();
    assert_int_equal(find(NAME_SECURITY_PROFILE, "Agent", "sp-1"), NAME_KNOWN); /* at once */
    sim_run(1000);
    assert_int_equal(find(NAME_SECURITY_PROFILE, "Agent", "sp-1"), NAME_KNOWN);
    assert_int_equal(t.n_told, 2); /* it is called otherwise, and another one bears its name */
    assert_int_equal(strncmp(t.told, "taken_name: ", 12), 0);
    sim_run(3 * HOUR);
    assert_int_equal(t.n_told, 2);
    fake.names[NAME_ROUTING_PROFILE][0].id = SPAN("rp-9");
    sim_run(HOUR);
    assert_int_equal(t.n_told, 5); /* gone, its name taken, and so a rule names nothing */
    assert_int_equal(find(NAME_ROUTING_PROFILE, "Basic", ""), NAME_UNKNOWN);
    stop();
}

/* What the attributes of users name is pinned when it is first used. */
static void test_resolved(void **state)
{
    (void)state;
    fake_connect_add_name(NAME_ROUTING_PROFILE, "rp-de", "German");
    start();
    sim_run(1000);
    instance_resolved(t.instance, NAME_ROUTING_PROFILE, SPAN("German"), SPAN("rp-de"));
    instance_resolved(t.instance, NAME_ROUTING_PROFILE, SPAN("German"), SPAN("rp-de"));
    assert_int_equal(t.n_told, 0);
    stop();
    fake_connect_add_name(NAME_ROUTING_PROFILE, "rp-fr", "German");
    fake.names[NAME_ROUTING_PROFILE][1].name = SPAN("German (old)");
    start();
    assert_int_equal(find(NAME_ROUTING_PROFILE, "German", "rp-de"), NAME_KNOWN);
    instance_resolved(t.instance, NAME_ROUTING_PROFILE, SPAN("German"), SPAN("rp-de"));
    sim_run(1000);
    assert_int_equal(find(NAME_ROUTING_PROFILE, "German", "rp-de"), NAME_KNOWN);
    assert_int_equal(t.n_told, 2); /* it is called otherwise, and another one bears its name */
    stop();
}

static void test_reading_denied(void **state)
{
    struct pause *pauses;
    size_t n;

    (void)state;
    fake_connect_fail((struct fake_fault){OP_LIST_ROUTING_PROFILES, 2, ERR_DENIED,
                                          "AccessDeniedException", 403, 0, false});
    start();
    sim_run(5000);
    assert_int_equal(t.n_ready, 1); /* whoever needs no names may go on */
    assert_int_equal(find(NAME_ROUTING_PROFILE, "Basic", ""), NAME_NOT_READ);
    assert_int_equal(t.n_paused, 1);
    assert_ok(t.f, store_pauses(t.f->store, &t.f->arena, &pauses, &n, &t.f->fail));
    assert_int_equal(n, 1);
    assert_span(pauses[0].operation, OP_LIST_ROUTING_PROFILES);
    sim_run(3 * MINUTE);
    assert_int_equal(t.n_resumed, 1);
    assert_int_equal(find(NAME_ROUTING_PROFILE, "Basic", "rp-1"), NAME_KNOWN);
    assert_ok(t.f, store_pauses(t.f->store, &t.f->arena, &pauses, &n, &t.f->fail));
    assert_int_equal(n, 0);
    stop();
}

/* Groups and applications of Okta: events tell the ids of their names. */
static void test_containers(void **state)
{
    (void)state;
    start();
    sim_run(1000);
    instance_container_seen(t.instance, NAME_OKTA_GROUP, SPAN("Agents"), SPAN("g1"));
    assert_int_equal(find(NAME_OKTA_GROUP, "Agents", "g1"), NAME_KNOWN);
    assert_int_equal(t.n_told, 0);
    instance_container_seen(t.instance, NAME_OKTA_GROUP, SPAN("Agents EMEA"), SPAN("g1"));
    assert_int_equal(t.n_told, 1);
    assert_int_equal(strncmp(t.told, "renamed_name: ", 14), 0);
    instance_container_seen(t.instance, NAME_OKTA_GROUP, SPAN("Agents"), SPAN("g2"));
    assert_int_equal(t.n_told, 2);
    assert_int_equal(strncmp(t.told, "taken_name: ", 12), 0);
    assert_int_equal(find(NAME_OKTA_GROUP, "Agents", "g1"), NAME_KNOWN);
    stop();
    start();
    assert_int_equal(find(NAME_OKTA_GROUP, "Agents", "g1"), NAME_KNOWN);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_once, begin, end),
        cmocka_unit_test_setup_teardown(test_cannot_be_read, begin, end),
        cmocka_unit_test_setup_teardown(test_names, begin, end),
        cmocka_unit_test_setup_teardown(test_unknown_name, begin, end),
        cmocka_unit_test_setup_teardown(test_pinned, begin, end),
        cmocka_unit_test_setup_teardown(test_resolved, begin, end),
        cmocka_unit_test_setup_teardown(test_reading_denied, begin, end),
        cmocka_unit_test_setup_teardown(test_containers, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
