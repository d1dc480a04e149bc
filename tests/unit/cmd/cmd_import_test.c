/* What an import comes to, beside a store and without one, and how it is handed over. */
#include "../store/fixture.h"

#include "cmd/import.h"
#include "store/audit.h"

#define TITLES                                                                                     \
    "user login,first name,last name,routing profile,security profiles,tags,proficiencies\n"

struct stage {
    struct fixture *f;
    struct settings settings;
    struct rate_limit rate, burst;
    struct opened o;
    struct bulk bulk;
    struct import_agents agents;
};

/* All names are ids. */
static enum name_answer find(const struct names *names, enum name_kind kind, struct span ref,
                             struct span *id)
{
    (void)names;
    (void)kind;
    *id = ref;
    return NAME_KNOWN;
}

static void begin(struct stage *s, struct fixture *f, const char *text)
{
    const struct names names = {find, NULL, NULL};

    *s = (struct stage){.f = f, .rate = {SPAN(""), 2}, .burst = {SPAN(""), 5}};
    s->settings.instance_id = SPAN("i-1");
    s->settings.rate = (struct rate_limits){&s->rate, 1};
    s->settings.burst = (struct rate_limits){&s->burst, 1};
    s->o = (struct opened){.settings = &s->settings, .store = f->store};
    bulk_read(span_of(text), IDENTITY_SAML, &s->bulk);
    bulk_resolve(&s->bulk, &names);
    assert_int_equal(s->bulk.n_faults, 0);
}

static void end(struct stage *s)
{
    import_agents_done(&s->agents);
    bulk_done(&s->bulk);
    arena_done(&s->o.arena);
}

static struct import judge(struct stage *s)
{
    struct import import = {.bulk = &s->bulk,
                            .agents = &s->agents,
                            .cause = SPAN("import 1"),
                            .actor = SPAN("operator jane")};

    import_agents_sort(&s->agents);
    assert_ok(s->f, import_judge(&s->o, &import, &s->f->fail));
    return import;
}

static enum import_verdict hand_over(struct stage *s, const struct import *import, size_t row)
{
    enum import_verdict verdict;

    assert_ok(s->f, store_begin(s->f->store, &s->f->fail));
    assert_ok(s->f, import_hand_over(&s->o, import, row, 7000, &verdict, &s->f->fail));
    assert_ok(s->f, store_commit(s->f->store, &s->f->fail));
    return verdict;
}

static void put(struct fixture *f, const struct person *p)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_person_put(f->store, p, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static struct person get(struct fixture *f, const char *id)
{
    struct person p;

    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("import"), span_of(id), &p, &f->fail));
    return p;
}

static void test_handed_over(void **state)
{
    struct fixture *f = *state;
    struct person ada = {.source = SPAN("okta"),
                         .id = SPAN("00u1"),
                         .agent_id = SPAN("a-1"),
                         .agent_user_name = SPAN("ada")};
    struct audit_verdict verdict;
    struct import import;
    struct person jane;
    struct stage s;

    put(f, &ada);
    begin(&s, f,
          TITLES "ada,Ada,L,r-1,s-1,,\njane,Jane,Doe,r-1,s-2|s-1,team=A|a=1,\n"
                 "kim,Kim,K,r-1,s-1,,\n");
    import_agents_add(&s.agents, SPAN("zoe"));
    import_agents_add(&s.agents, SPAN("Kim"));
    import_agents_add(&s.agents, SPAN("ada"));
    import = judge(&s);
    assert_int_equal(import.verdicts[0], IMPORT_KNOWN);
    assert_int_equal(import.verdicts[1], IMPORT_NEW);
    assert_int_equal(import.verdicts[2], IMPORT_EXISTS);
    assert_int_equal(hand_over(&s, &import, 0), IMPORT_KNOWN);
    assert_int_equal(hand_over(&s, &import, 1), IMPORT_NEW);
    assert_int_equal(hand_over(&s, &import, 2), IMPORT_EXISTS);
    jane = get(f, "import:jane");
    assert_true(person_is_import(&jane));
    assert_int_equal(jane.state, PERSON_DUE);
    assert_int_equal(jane.due_ms, 7000);
    assert_span(jane.cause, "import 1");
    assert_span(jane.login, "jane");
    assert_span(jane.restore,
                "{\"user_name\":\"jane\",\"first_name\":\"Jane\",\"last_name\":\"Doe\","
                "\"routing_profile\":\"r-1\",\"desk_phone\":false,\"persistent\":-1,"
                "\"per_channel\":false,\"auto_accept\":[-1],\"after_contact_work_s\":[-1],"
                "\"security_profiles\":[\"s-1\",\"s-2\"],\"tags\":[\"a\",\"1\","
                "\"roster:managed-by\",\"import\",\"team\",\"A\"],\"proficiencies\":[]}");
    assert_ok(f, store_audit_verify(f->store, NULL, NULL, NULL, &verdict, &f->fail));
    assert_int_equal(verdict.rows, 1);
    assert_int_equal(verdict.findings, 0);
    end(&s);
}

/* What an import before has begun with, and how it stands there. */
static void test_begun_before(void **state)
{
    static const struct {
        const char *name;
        enum person_state state;
        bool is_sent, is_bound, is_listed;
        enum import_verdict verdict;
    } rows[] = {
        {"waits", PERSON_DUE, false, false, false, IMPORT_GOES_ON},
        {"sent, and not shown", PERSON_DUE, true, false, false, IMPORT_GOES_ON},
        {"sent, and one is there", PERSON_DUE, true, false, true, IMPORT_GOES_ON},
        {"made, and not all of it", PERSON_FAILED, false, true, true, IMPORT_GOES_ON},
        {"waits, and somebody made one", PERSON_DUE, false, false, true, IMPORT_EXISTS},
        {"held for one that is there", PERSON_HELD, false, false, true, IMPORT_EXISTS},
        {"failed, and may be tried again", PERSON_FAILED, false, false, false, IMPORT_NEW},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = *state;
        struct person p = {.source = SPAN("import"),
                           .id = SPAN("import:jane"),
                           .state = rows[i].state,
                           .create_sent_ms = rows[i].is_sent ? 5 : 0,
                           .agent_id = rows[i].is_bound ? SPAN("a-1") : SPAN(""),
                           .reason_code = SPAN("refused"),
                           .attempts = 3};
        struct import import;
        struct stage s;

        put(f, &p);
        begin(&s, f, TITLES "jane,Jane,Doe,r-1,s-1,,\n");
        if (rows[i].is_listed)
            import_agents_add(&s.agents, SPAN("jane"));
        import = judge(&s);
        if (import.verdicts[0] != rows[i].verdict)
            fail_msg("%s: %d", rows[i].name, (int)import.verdicts[0]);
        assert_int_equal(hand_over(&s, &import, 0), rows[i].verdict);
        p = get(f, "import:jane");
        assert_int_equal(p.create_sent_ms, rows[i].is_sent ? 5 : 0);
        assert_int_equal(p.attempts, rows[i].verdict == IMPORT_EXISTS ? 3 : 0);
        if (rows[i].verdict != IMPORT_EXISTS)
            assert_int_equal(p.state, PERSON_DUE);
        end(&s);
    }
}

static void test_without_a_store(void **state)
{
    struct import import;
    struct stage s;

    begin(&s, *state, TITLES "ada,Ada,L,r-1,s-1,,\nben,Ben,L,r-1,s-1,,\n");
    s.o.store = NULL;
    import_agents_add(&s.agents, SPAN("ben"));
    import = judge(&s);
    assert_int_equal(import.count[IMPORT_NEW], 1);
    assert_int_equal(import.count[IMPORT_EXISTS], 1);
    end(&s);
}

static void test_what_it_takes(void **state)
{
    struct import import;
    struct stage s;
    struct buf text;

    buf_init(&text, 64 * 1024);
    buf_add_str(&text, TITLES);
    for (int i = 0; i < 25; i++)
        buf_printf(&text, "user%d,A,B,r-1,s-1,,%s\n", i, i < 7 ? "Skill:x=1" : "");
    begin(&s, *state, text.p);
    import_agents_add(&s.agents, SPAN("other"));
    import = judge(&s);
    assert_int_equal(import_n(&import), 25);
    assert_int_equal(import_calls(&import), 32);
    /* 21 behind the four of the burst that are taken, at two a second. */
    assert_float_equal(import_seconds(&import, &s.settings), 10.5, 1e-9);
    s.burst.per_second = 100;
    assert_float_equal(import_seconds(&import, &s.settings), 0, 1e-9);
    assert_int_equal(import_beyond(&import, &s.settings), 0);
    s.settings.max_agents = 26;
    assert_int_equal(import_beyond(&import, &s.settings), 0);
    s.settings.max_agents = 20;
    assert_int_equal(import_beyond(&import, &s.settings), 6);
    s.settings.max_agents = 1;
    assert_int_equal(import_beyond(&import, &s.settings), 25);
    end(&s);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_handed_over, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_begun_before, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_without_a_store, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_what_it_takes, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
