/* Two people who claim one user name: who is looked at again, when one of them was held because of
 * the other. */
#include "../store/fixture.h"

#include "engine/judge.h"

static struct {
    struct fixture *f;
    struct rules rules;
    struct current_names names;
    struct judge judge;
} t;

static const struct span apps[] = {{"Amazon Connect", 14}}, profiles[] = {{"s-1", 3}};
static const struct rule_test app_test = {.kind = TEST_APP, .values = apps, .n = 1};
static const struct rule rule = {.tests = &app_test,
                                 .n_tests = 1,
                                 .is_any = true,
                                 .has_ids = true,
                                 .security_profiles = profiles,
                                 .n_security_profiles = 1};

static int begin(void **state)
{
    if (fixture_store(state) != 0)
        return -1;
    t.f = *state;
    t.rules = (struct rules){.rules = &rule, .n = 1, .managed_by = SPAN("roster")};
    current_names_set(&t.names, &names_unread);
    t.judge = (struct judge){&t.rules, &t.names};
    return 0;
}

struct row {
    const char *what;
    enum person_state rival_state;
    const char *rival_code, *rival_login, *rival_agent;
    enum person_state becomes, rival_becomes;
};

static const struct row rows[] = {
    {"the rival has the agent: both are looked at", PERSON_IN_STEP, "", "ada", "ada", PERSON_HELD,
     PERSON_DUE},
    {"the rival waits as well", PERSON_HELD, REASON_TWO_CLAIM, "ada", "", PERSON_HELD, PERSON_HELD},
    {"the rival's agent is being removed", PERSON_DUE, "", "ada", "ada", PERSON_HELD, PERSON_DUE},
    {"the rival's agent has gone meanwhile", PERSON_REMOVED, "", "ada", "", PERSON_DUE,
     PERSON_REMOVED},
    {"the rival has an agent of another name now", PERSON_IN_STEP, "", "eve", "eve", PERSON_DUE,
     PERSON_IN_STEP},
    {"the rival waits for another name now; whoever is held so looks again", PERSON_HELD,
     REASON_TWO_CLAIM, "eve", "", PERSON_DUE, PERSON_DUE},
    {"there is no such rival any more", PERSON_STATES, "", "", "", PERSON_DUE, PERSON_STATES},
};

static struct person put(const char *id, const char *login, enum person_state state,
                         const char *code, const char *agent)
{
    struct person p = {.source = SPAN("okta"),
                       .id = span_of(id),
                       .login = span_of(login),
                       .state = state,
                       .reason_code = span_of(code),
                       .agent_id = span_of(agent),
                       .agent_user_name = span_of(agent),
                       .cause = SPAN("event 1")};
    struct membership m = {MEMBERSHIP_APP, SPAN("0oa1"), SPAN("Amazon Connect"), true, 1};
    bool is_changed;

    assert_ok(t.f, store_person_put(t.f->store, &p, &t.f->fail));
    assert_ok(t.f, store_membership_put(t.f->store, p.source, p.id, &m, &is_changed, &t.f->fail));
    return p;
}

static enum person_state state_of(const char *id)
{
    struct person p;

    return store_person_get(t.f->store, &t.f->arena, SPAN("okta"), span_of(id), &p, &t.f->fail) ==
                   ERR_NONE
               ? p.state
               : PERSON_STATES;
}

static void test_rivals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        const char *rival = arena_printf(&t.f->arena, "rival %zu", i);
        const char *id = arena_printf(&t.f->arena, "held %zu", i);
        struct person p;

        assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
        p = put(id, "ada", PERSON_HELD, REASON_TWO_CLAIM, "");
        if (row->rival_state != PERSON_STATES)
            (void)put(rival, row->rival_login, row->rival_state, row->rival_code, row->rival_agent);
        assert_ok(t.f, judge_rivals(&t.judge, t.f->store, &t.f->arena, &p, span_of(rival), 1000,
                                    &t.f->fail));
        if (state_of(id) != row->becomes || state_of(rival) != row->rival_becomes)
            fail_msg("%s: %s, and the rival %s", row->what, person_state_name(state_of(id)),
                     person_state_name(state_of(rival)));
        store_rollback(t.f->store);
    }
}

/* ---- a name is given up ---- */

#define RESTORED "{\"user_name\":\"ada\"}"

struct rival {
    enum person_state state;
    const char *code, *agent, *old_agent;
};

struct freed_row {
    const char *what;
    struct rival before, after;
    const char *code, *login, *restore; /* of who is held */
    enum person_state becomes;
};

static const struct freed_row freed_rows[] = {
    {"the agent is gone",
     {PERSON_DUE, "", "ada", ""},
     {PERSON_REMOVED, "", "", ""},
     REASON_TWO_CLAIM,
     "ada",
     "",
     PERSON_DUE},
    {"the agent is gone, which was in the way of another one",
     {PERSON_DUE, "", "ada", ""},
     {PERSON_REMOVED, "", "", ""},
     REASON_EXISTS,
     "ada",
     "",
     PERSON_DUE},
    {"an agent of another name is gone",
     {PERSON_DUE, "", "eve", ""},
     {PERSON_REMOVED, "", "", ""},
     REASON_TWO_CLAIM,
     "ada",
     "",
     PERSON_HELD},
    {"the agent is the former one now",
     {PERSON_DUE, "", "ada", ""},
     {PERSON_DUE, "", "eve", "ada"},
     REASON_TWO_CLAIM,
     "ada",
     "",
     PERSON_HELD},
    {"the former agent is gone",
     {PERSON_DUE, "", "eve", "ada"},
     {PERSON_IN_STEP, "", "eve", ""},
     REASON_TWO_CLAIM,
     "ada",
     "",
     PERSON_DUE},
    {"the agent is still there",
     {PERSON_DUE, "", "ada", ""},
     {PERSON_HELD, REASON_NAME_DIFFERS, "ada", ""},
     REASON_TWO_CLAIM,
     "ada",
     "",
     PERSON_HELD},
    {"the other one does not wait any more",
     {PERSON_HELD, REASON_TWO_CLAIM, "", ""},
     {PERSON_DUE, "", "", ""},
     REASON_TWO_CLAIM,
     "ada",
     "",
     PERSON_DUE},
    {"the other one still waits",
     {PERSON_HELD, REASON_TWO_CLAIM, "", ""},
     {PERSON_HELD, REASON_TWO_CLAIM, "", ""},
     REASON_TWO_CLAIM,
     "ada",
     "",
     PERSON_HELD},
    {"the name is the one that an operator restores",
     {PERSON_DUE, "", "ada", ""},
     {PERSON_REMOVED, "", "", ""},
     REASON_TWO_CLAIM,
     "eve",
     RESTORED,
     PERSON_DUE},
    {"the name is the one that the rules would give, and not the restored one",
     {PERSON_DUE, "", "eve", ""},
     {PERSON_REMOVED, "", "", ""},
     REASON_TWO_CLAIM,
     "eve",
     RESTORED,
     PERSON_HELD},
};

static struct person rival_of(const struct rival *r)
{
    return (struct person){.source = SPAN("okta"),
                           .id = SPAN("rival"),
                           .state = r->state,
                           .reason_code = span_of(r->code),
                           .agent_user_name = span_of(r->agent),
                           .old_agent_name = span_of(r->old_agent)};
}

static void test_freed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(freed_rows) / sizeof(freed_rows[0]); i++) {
        const struct freed_row *row = &freed_rows[i];
        struct person before = rival_of(&row->before), after = rival_of(&row->after), p;

        assert_ok(t.f, store_begin(t.f->store, &t.f->fail));
        p = put("held", row->login, PERSON_HELD, row->code, "");
        p.restore = span_of(row->restore);
        assert_ok(t.f, store_person_put(t.f->store, &p, &t.f->fail));
        assert_ok(t.f, judge_free_names(&t.judge, t.f->store, &t.f->arena, &before, &after, 1000,
                                        &t.f->fail));
        if (state_of("held") != row->becomes)
            fail_msg("%s: %s", row->what, person_state_name(state_of("held")));
        assert_ok(t.f, store_person_get(t.f->store, &t.f->arena, p.source, p.id, &p, &t.f->fail));
        assert_true(span_eq(p.restore, span_of(row->restore)));
        store_rollback(t.f->store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rivals, begin, fixture_done),
        cmocka_unit_test_setup_teardown(test_freed, begin, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
