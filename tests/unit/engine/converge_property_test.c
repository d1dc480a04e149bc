/* Random histories of joins, moves, leaves, renames and suspensions, with failures: in the end
 * Amazon Connect is what the rules say of the last state, and nothing is done twice. */
#include "fake_world.h"

#include <time.h>

#include "base/random.h"

enum { PEOPLE = 12, ROUNDS = 25, MOVES = 30 };

/* xorshift64 by George Marsaglia: the same run for the same seed, everywhere. */
static uint64_t seed;

static unsigned any_of(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

/* Before the real ones: the waits after failures are the same, too. */
uint64_t random_below(uint64_t bound)
{
    return bound == 0 ? 0 : any_of((unsigned)bound);
}

void random_bytes(void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)out)[i] = (unsigned char)any_of(256);
}

/* ---- rules over twelve groups, each of which gives something else ---- */

static struct span texts[FAKE_GROUPS][4];
static struct rule_test tests_of[FAKE_GROUPS][2]; /* the application, and the group */
static struct tag tags_of[FAKE_GROUPS];
static struct rule_proficiency proficiencies_of[FAKE_GROUPS];
static struct rule rules_of[FAKE_GROUPS + 1];

static void make_rule(struct world *w, int i)
{
    struct arena *a = &w->roster->arena;
    struct rule *rule = &rules_of[i];

    texts[i][0] = span_of(arena_printf(a, "Group %d", i));
    texts[i][1] = span_of(arena_printf(a, "00000000-0000-4000-8000-0000000000%02d", i));
    tests_of[i][0] = w->test;
    tests_of[i][1] = (struct rule_test){.kind = TEST_GROUP, .values = &texts[i][0], .n = 1};
    *rule = (struct rule){.name = SPAN("rule"), .tests = tests_of[i], .n_tests = 2};
    switch (i % 6) {
    case 0:
        rule->security_profiles = &texts[i][1];
        rule->n_security_profiles = 1;
        break;
    case 1:
        rule->routing_profile = texts[i][1];
        break;
    case 2:
        rule->hierarchy_group = texts[i][1];
        break;
    case 3:
        tags_of[i] = (struct tag){i < 6 ? SPAN("team") : SPAN("site"), texts[i][1]};
        rule->tags = &tags_of[i];
        rule->n_tags = 1;
        break;
    case 4:
        proficiencies_of[i] = (struct rule_proficiency){
            .attribute = SPAN("Language"), .value = SPAN("German"), .level = i};
        rule->proficiencies = &proficiencies_of[i];
        rule->n_proficiencies = 1;
        break;
    default:
        rule->auto_accept = (struct channel_setting){
            .is_given = true, .is_per_channel = i > 6, .of = {1, 0, CHANNEL_UNSET, CHANNEL_UNSET}};
        break;
    }
}

static void make_rules(struct world *w)
{
    for (int i = 0; i < FAKE_GROUPS; i++)
        make_rule(w, i);
    rules_of[FAKE_GROUPS] = w->rule; /* the application: the last */
    w->rules.rules = rules_of;
    w->rules.n = FAKE_GROUPS + 1;
    w->rules.on_remove = (enum on_remove)any_of(3);
    w->rules.on_rename = (enum on_rename)any_of(3);
    w->rules.removal_grace_ms = any_of(2) * 20000;
    w->rules.parked_security_profile = SPAN("00000000-0000-4000-8000-000000000091");
    w->rules.parked_routing_profile = SPAN("00000000-0000-4000-8000-000000000092");
}

/* ---- what happens in Okta ---- */

static void move(struct world *w, struct fake_person *p)
{
    struct arena *a = &w->roster->arena;
    unsigned group = any_of(FAKE_GROUPS);

    switch (any_of(8)) {
    case 0:
        p->is_in_scope = !p->is_in_scope;
        break;
    case 1:
        p->is_suspended = !p->is_suspended;
        break;
    case 2:
        p->p.display_name = span_of(arena_printf(a, "Ada %u", any_of(3)));
        break;
    case 3:
        p->p.app_user_name = span_of(arena_printf(a, "%.*s.%u", SPAN_ARG(p->p.id), any_of(3)));
        break;
    default:
        p->is_in[group] = !p->is_in[group];
        p->was_in[group] = p->was_in[group] || !p->is_in[group];
        break;
    }
    fake_roster_tell(w->roster, p);
    converge_kick(w->converge);
}

static void break_something(void)
{
    static const struct fake_fault faults[] = {
        {NULL, 3, ERR_IO, "", 0, 0, false},
        {NULL, 3, ERR_IO, "", 0, 0, true},
        {NULL, 2, ERR_BUSY, "ThrottlingException", 429, 0, false},
        {OP_CREATE_USER, 1, ERR_UNCLEAR, "", 500, 0, true},
        {OP_CREATE_USER, 1, ERR_UNCLEAR, "", 500, 0, false},
        {OP_DELETE_USER, 1, ERR_IO, "", 0, 0, true},
    };

    fake_connect_fail(faults[any_of(sizeof(faults) / sizeof(faults[0]))]);
}

/* Nobody's agent is deleted while they are in scope, or suspended, or without leave of the gate;
 * but for the former one of a rename. */
static struct world *now;

static void check_call(const struct fake_call *call)
{
    for (int i = 0; strcmp(call->operation, OP_DELETE_USER) == 0 && i < PEOPLE; i++) {
        const struct fake_person *p = &now->roster->people[i];

        if (span_eq(p->p.agent_id, span_of(call->name)))
            assert_true(!p->is_in_scope && p->p.removal == REMOVAL_PASSED);
        if (span_eq(p->p.old_agent_id, span_of(call->name)))
            assert_int_equal(p->p.removal, REMOVAL_PASSED);
    }
}

/* ---- what must be so in the end ---- */

static struct roster_facts facts_of(struct world *w, const struct fake_person *p)
{
    struct roster_facts facts;

    if (w->roster->roster.facts(&w->roster->roster, &w->roster->arena, &p->p, &facts, NULL) !=
        ERR_NONE)
        fail_msg("no facts");
    return facts;
}

static struct entitlement wanted_of(struct world *w, const struct fake_person *p)
{
    struct roster_facts facts = facts_of(w, p);
    struct entitlement wanted;
    struct fail fail;

    if (rules_entitlement(&w->rules, &names_unread, &p->p, facts.memberships, facts.n_memberships,
                          &w->roster->arena, &wanted, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
    return wanted;
}

/* What there is to be done for somebody who has an agent. */
static struct plan plan_of(struct world *w, const struct fake_person *p)
{
    struct entitlement *wanted = arena_new(&w->roster->arena, 1, sizeof(*wanted));
    struct plan_ask ask = {.wanted = wanted,
                           .managed_by = w->rules.managed_by,
                           .okta_id = p->p.id,
                           .on_rename = RENAME_KEEP};

    *wanted = wanted_of(w, p);
    ask.actual = plan_actual(&p->p, &w->roster->arena);
    return plan_make(&ask, &w->roster->arena);
}

/* What was applied is what the agent has, but for what is known to be in doubt. */
static bool is_known(struct world *w, const struct fake_person *p, const struct fake_agent *agent)
{
    struct actual actual = plan_actual(&p->p, &w->roster->arena);

    return actual.seen == NULL || (p->p.in_doubt & 1 << ASPECTS) != 0 ||
           (entitlement_diff(actual.seen, &agent->has) & ~(unsigned)p->p.in_doubt) == 0;
}

static struct fake_agent *agent_of(const struct fake_person *p)
{
    for (int i = 0; i < fake.n_agents; i++)
        if (span_eq(span_of(fake.agents[i].id), p->p.agent_id))
            return &fake.agents[i];
    return NULL;
}

static bool is_parked(struct world *w, const struct fake_agent *agent)
{
    return agent->has.n_security_profile_ids == 1 &&
           span_eq(agent->has.security_profile_ids[0], w->rules.parked_security_profile) &&
           span_eq(agent->has.routing_profile_id, w->rules.parked_routing_profile);
}

/* NULL = as it must be. */
static const char *fault_of(struct world *w, const struct fake_person *p)
{
    struct scope scope = facts_of(w, p).scope;
    const struct fake_agent *agent = agent_of(p);

    if (agent != NULL && agent->is_gone)
        return "bound to an agent that does not exist";
    if (agent != NULL && !is_known(w, p, agent))
        return "bound to an agent that is not what is known of it";
    if (p->p.state == PERSON_DUE || p->p.state == PERSON_FAILED)
        return "not settled";
    if (!scope.is_in || scope.is_suspended) {
        if (agent == NULL)
            return NULL;
        if (!scope.is_in && w->rules.on_remove == REMOVE_KEEP)
            return NULL;
        if (!scope.is_in && w->rules.on_remove == REMOVE_DELETE)
            return "not deleted";
        return is_parked(w, agent) ? NULL : "not parked";
    }
    if (agent == NULL)
        return "no agent";
    if (plan_of(w, p).n > 0)
        return "not what the rules say";
    if (w->rules.on_rename == RENAME_REPLACE &&
        !span_eq(p->p.agent_user_name, wanted_of(w, p).user_name))
        return "not renamed";
    return NULL;
}

/* Each agent is somebody's, and nobody has two. */
static void check_agents(struct world *w, unsigned long long at)
{
    for (int i = 0; i < fake.n_agents; i++) {
        bool is_bound = fake.agents[i].is_gone;

        for (int k = 0; k < PEOPLE; k++) {
            const struct person *p = &w->roster->people[k].p;

            is_bound = is_bound || span_eq(p->agent_id, span_of(fake.agents[i].id)) ||
                       span_eq(p->old_agent_id, span_of(fake.agents[i].id));
        }
        if (!is_bound)
            fail_msg("ROSTER_SEED=%llu: the agent %s is nobody's", at, fake.agents[i].name);
    }
}

static void check_all(struct world *w, unsigned long long at)
{
    for (int i = 0; i < PEOPLE; i++) {
        const struct fake_person *p = &w->roster->people[i];
        const char *fault = fault_of(w, p);

        if (fault != NULL)
            fail_msg("ROSTER_SEED=%llu: %.*s: %s (%s '%.*s', %s, %s)", at, SPAN_ARG(p->p.id), fault,
                     person_state_name(p->p.state), SPAN_ARG(p->p.reason),
                     p->is_in_scope ? "in" : "out",
                     p->is_suspended ? "suspended" : "not suspended");
    }
    check_agents(w, at);
}

static void add_people(struct world *w)
{
    for (int i = 0; i < PEOPLE; i++) {
        char id[16];

        (void)snprintf(id, sizeof(id), "00u%d", i);
        fake_roster_add(w->roster, id, id)->is_in_scope = any_of(2) == 0;
        fake_roster_tell(w->roster, &w->roster->people[i]);
    }
}

static void one_history(void)
{
    unsigned long long at = seed;
    struct world *w;
    void *state;

    assert_int_equal(world_new(&state), 0);
    w = state;
    make_rules(w);
    fake.search_lag_ms = any_of(2) * 20000;
    fake.on_call = check_call;
    now = w;
    add_people(w);
    world_start(w);
    for (int i = 0; i < MOVES; i++) {
        move(w, &w->roster->people[any_of(PEOPLE)]);
        if (any_of(4) == 0)
            break_something();
        if (any_of(5) == 0)
            fake_connect_heal();
        sim_run(any_of(3) == 0 ? 5000 : any_of(300));
    }
    fake_connect_heal();
    sim_run(60 * MINUTE);
    check_all(w, at);
    /* Nothing is left to do, also when everybody is looked at anew. */
    fake_connect_forget();
    for (int i = 0; i < PEOPLE; i++)
        fake_roster_tell(w->roster, &w->roster->people[i]);
    converge_kick(w->converge);
    sim_run(60 * MINUTE);
    if (fake.n_calls != 0)
        fail_msg("ROSTER_SEED=%llu: %d calls for nothing, the first is %s", at, fake.n_calls,
                 fake.calls[0].operation);
    check_all(w, at);
    assert_int_equal(world_done(&state), 0);
}

static void test_histories(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++)
        one_history();
}

/* ---- no more steps than the difference needs ---- */

static void test_fewest_calls(void **state)
{
    for (int round = 0; round < ROUNDS; round++) {
        unsigned long long at = seed;
        struct fake_person *p;
        struct world *w;
        void *inner;

        (void)state;
        assert_int_equal(world_new(&inner), 0);
        w = inner;
        make_rules(w);
        p = world_one(w, 10000);
        for (int i = 0; i < MOVES; i++) {
            unsigned group = any_of(FAKE_GROUPS);
            const struct fake_agent *agent = agent_of(p);
            struct plan plan;

            p->is_in[group] = !p->is_in[group];
            plan = plan_of(w, p);
            fake_connect_forget();
            fake_roster_tell(w->roster, p);
            converge_kick(w->converge);
            sim_run(10000);
            if (fake.n_calls != (int)plan.n ||
                (plan.n > 0 && entitlement_diff(&plan.target, &agent->has) != 0))
                fail_msg("ROSTER_SEED=%llu: %d calls where %zu aspects differ", at, fake.n_calls,
                         plan.n);
        }
        assert_int_equal(world_done(&inner), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histories),
        cmocka_unit_test(test_fewest_calls),
    };
    const char *given = getenv("ROSTER_SEED");

    seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761U + 1;
    printf("# ROSTER_SEED=%llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
