/* What is planned for an agent that a file asks for: it is made, and no other is ever touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/plan_facts.h"
#include "model/standing.h"

#define JANE_WITH(tags)                                                                            \
    "{\"user_name\":\"jane\",\"first_name\":\"Jane\",\"last_name\":\"Doe\","                       \
    "\"routing_profile\":\"r-1\",\"desk_phone\":false,\"persistent\":-1,"                          \
    "\"per_channel\":false,\"auto_accept\":[-1],\"after_contact_work_s\":[-1],"                    \
    "\"security_profiles\":[\"s-1\",\"s-2\"],\"tags\":[" tags "],\"proficiencies\":[]}"
#define JANE JANE_WITH("\"roster:managed-by\",\"import\"")

static struct person import_of(const char *create_sent)
{
    struct person p = {.source = SPAN("import"),
                       .id = SPAN("import:jane"),
                       .login = SPAN("jane"),
                       .restore = SPAN(JANE)};

    if (create_sent != NULL) {
        p.create_sent_ms = 5;
        p.create_sent = span_of(create_sent);
        p.create_sent_name = SPAN("jane");
    }
    return p;
}

/* The rules adopt whatever exists: an import must not. */
static struct plan plan_of(const struct person *p, const struct actual *actual, struct arena *a)
{
    static const struct rules rules = {.managed_by = {"roster", 6}, .adopts_existing = true};
    static const struct scope scope = {.is_in = true};
    struct plan_wants *wants = arena_new(a, 1, sizeof(*wants));
    struct plan_facts facts = {.rules = &rules, .person = p, .scope = &scope, .actual = *actual};
    struct plan_ask ask;
    struct fail fail;

    assert_int_equal(plan_facts_ask(&facts, wants, a, &ask, &fail), ERR_NONE);
    return plan_make(&ask, a);
}

static void it_is_made_behind_all_others(void **state)
{
    struct person p = import_of(NULL);
    struct actual actual = {.kind = ACTUAL_ABSENT};
    struct arena a = {0};
    struct plan plan = plan_of(&p, &actual, &a);

    (void)state;
    assert_int_equal(plan.n, 1);
    assert_int_equal(plan.steps[0], STEP_CREATE_USER);
    assert_int_equal(plan.priority, PRIORITY_CHANGE);
    assert_int_equal(plan.target.n_tags, 1);
    assert_string_equal(plan.target.tags[0].value.p, "import");
    arena_done(&a);
}

static void only_what_it_may_have_made_is_its_own(void **state)
{
    static const struct {
        const char *name;
        bool is_sent;
        const char *manager, *owner, *last_name, *routing, *profile;
        bool binds;
    } rows[] = {
        {"as it was sent", true, "import", NULL, "Doe", "r-1", "s-1", true},
        {"nothing was sent", false, "import", NULL, "Doe", "r-1", "s-1", false},
        {"another name", true, "import", NULL, "Dee", "r-1", "s-1", false},
        {"another routing profile", true, "import", NULL, "Doe", "r-2", "s-1", false},
        {"another security profile", true, "import", NULL, "Doe", "r-1", "s-3", false},
        {"made by hand", true, NULL, NULL, "Doe", "r-1", "s-1", false},
        {"adopted since", true, "roster", "00u1", "Doe", "r-1", "s-1", false},
        {"of another deployment", true, "emea", "00u1", "Doe", "r-1", "s-1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = import_of(rows[i].is_sent ? JANE : NULL);
        struct span profiles[2] = {SPAN("s-2"), span_of(rows[i].profile)};
        struct tag tags[2];
        struct agent agent = {.id = SPAN("a-1"),
                              .user_name = SPAN("jane"),
                              .first_name = SPAN("Jane"),
                              .last_name = span_of(rows[i].last_name),
                              .routing_profile_id = span_of(rows[i].routing),
                              .security_profile_ids = profiles,
                              .n_security_profile_ids = 2,
                              .tags = tags};
        struct actual actual;
        struct arena a = {0};
        struct plan plan;

        if (rows[i].manager != NULL)
            tags[agent.n_tags++] = (struct tag){SPAN(TAG_MANAGED_BY), span_of(rows[i].manager)};
        if (rows[i].owner != NULL)
            tags[agent.n_tags++] = (struct tag){SPAN(TAG_OKTA_ID), span_of(rows[i].owner)};
        actual = (struct actual){.kind = ACTUAL_FOUND, .agent = agent};
        plan = plan_of(&p, &actual, &a);
        if (plan.n != 0 || plan.binds != rows[i].binds ||
            (plan.state == PERSON_HELD) == rows[i].binds)
            fail_msg("%s: %zu steps, %d, %s", rows[i].name, plan.n, plan.binds,
                     person_state_name(plan.state));
        if (!rows[i].binds)
            assert_string_equal(plan.reason_code, REASON_EXISTS);
        arena_done(&a);
    }
}

static void an_agent_that_is_no_longer_its_own_is_left(void **state)
{
    struct person p = import_of(NULL);
    struct actual actual;
    struct arena a = {0};
    struct plan plan;

    (void)state;
    p.agent_id = SPAN("a-1");
    p.agent_user_name = SPAN("jane");
    p.applied = SPAN(JANE);
    actual = plan_actual(&p, &a);
    plan = plan_of(&p, &actual, &a);
    assert_int_equal(plan.n, 0);
    assert_int_equal(plan.state, PERSON_IN_STEP);
    p.applied = SPAN(JANE_WITH("\"roster:managed-by\",\"roster\",\"roster:okta-id\",\"00u1\""));
    actual = plan_actual(&p, &a);
    plan = plan_of(&p, &actual, &a);
    assert_int_equal(plan.n, 0);
    assert_int_equal(plan.state, PERSON_HELD);
    arena_done(&a);
}

static void nobody_but_an_operator_judges_it(void **state)
{
    static const struct scope out = {.is_in = false};
    static const struct rules rules = {.on_remove = REMOVE_DELETE};
    struct person p = import_of(NULL), before;

    (void)state;
    p.state = PERSON_FAILED;
    p.agent_id = SPAN("a-1");
    before = p;
    standing_judge(&p, &rules, &out, true, 9, SPAN("event"));
    assert_memory_equal(&p, &before, sizeof(p));
    standing_import(&p, 9, SPAN("import 2"));
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.due_ms, 9);
    assert_int_equal(p.judged_n, before.judged_n + 1);
    assert_int_equal(person_imported_name(&p).n, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_behind_all_others),
        cmocka_unit_test(only_what_it_may_have_made_is_its_own),
        cmocka_unit_test(an_agent_that_is_no_longer_its_own_is_left),
        cmocka_unit_test(nobody_but_an_operator_judges_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
