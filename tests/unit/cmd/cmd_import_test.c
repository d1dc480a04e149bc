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
    bulk_done(&s->bulk);
    arena_done(&s->o.arena);
}

static struct import judge(struct stage *s)
{
    struct import import;

    assert_ok(s->f, import_judge(&s->o, &s->bulk, &import, &s->f->fail));
    return import;
}

static void hand_over(struct stage *s, const struct import *import)
{
    assert_ok(s->f, store_begin(s->f->store, &s->f->fail));
    assert_ok(s->f, import_hand_over(&s->o, import, SPAN("operator jane"), 7000, &s->f->fail));
    assert_ok(s->f, store_commit(s->f->store, &s->f->fail));
}

static void test_handed_over_once(void **state)
{
    struct fixture *f = *state;
    struct person ada = {.source = SPAN("okta"),
                         .id = SPAN("00u1"),
                         .agent_id = SPAN("a-1"),
                         .agent_user_name = SPAN("ada")};
    struct audit_verdict verdict;
    struct import import;
    struct work *works;
    struct stage s;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_person_put(f->store, &ada, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    begin(&s, f, TITLES "ada,Ada,L,r-1,s-1,,\njane,Jane,Doe,r-1,s-2|s-1,team=A|a=1,\n");
    import = judge(&s);
    assert_int_equal(import.verdicts[0], IMPORT_KNOWN);
    assert_int_equal(import.verdicts[1], IMPORT_NEW);
    hand_over(&s, &import);
    assert_ok(f, store_work_open(f->store, &f->arena, 0, 10, &works, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(works[0].kind, WORK_IMPORT);
    assert_span(works[0].source, IMPORT_SOURCE);
    assert_span(works[0].cause, IMPORT_CAUSE);
    assert_span(works[0].payload,
                "{\"user_name\":\"jane\",\"first_name\":\"Jane\",\"last_name\":\"Doe\","
                "\"routing_profile\":\"r-1\",\"desk_phone\":false,\"persistent\":-1,"
                "\"per_channel\":false,\"auto_accept\":[-1],\"after_contact_work_s\":[-1],"
                "\"security_profiles\":[\"s-1\",\"s-2\"],\"tags\":[\"a\",\"1\","
                "\"roster:managed-by\",\"import\",\"team\",\"A\"],\"proficiencies\":[]}");
    import = judge(&s);
    assert_int_equal(import.verdicts[1], IMPORT_WAITING);
    assert_int_equal(import.count[IMPORT_NEW], 0);
    hand_over(&s, &import);
    assert_ok(f, store_work_open(f->store, &f->arena, 0, 10, &works, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_ok(f, store_audit_verify(f->store, NULL, NULL, NULL, &verdict, &f->fail));
    assert_int_equal(verdict.rows, 1);
    assert_int_equal(verdict.findings, 0);
    end(&s);
}

static void test_without_a_store(void **state)
{
    struct import import;
    struct stage s;

    begin(&s, *state, TITLES "ada,Ada,L,r-1,s-1,,\n");
    s.o.store = NULL;
    import = judge(&s);
    assert_int_equal(import.count[IMPORT_NEW], 1);
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
    import = judge(&s);
    assert_int_equal(import_calls(&import), 32);
    /* Twenty behind the burst of five, at two a second. */
    assert_int_equal(import_duration_ms(&import, &s.settings), 10000);
    s.burst.per_second = 100;
    assert_int_equal(import_duration_ms(&import, &s.settings), 0);
    end(&s);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_handed_over_once, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_without_a_store, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_what_it_takes, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
