/* Converging over a fake roster and a fake Amazon Connect, in simulated time. */
#ifndef ROSTER_TESTS_ENGINE_FAKE_WORLD_H
#define ROSTER_TESTS_ENGINE_FAKE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/converge.h"
#include "fake_connect.h"
#include "fake_roster.h"
#include "sim.h"

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE };

struct world {
    struct loop *loop;
    struct pace *pace;
    struct fake_roster *roster;
    struct rules rules;
    struct rule rule;
    struct rule_test test;
    struct current_names names;
    struct converge *converge;
    struct loop_timer *gate_timer;
    bool holds_gates; /* the gates let nobody pass */
    double rate, burst;
    int n_news[NEWS_FULL + 1]; /* by kind */
    int n_lacking, n_at_gate;
    char last_code[64], resolved[64]; /* name=id, of the last name that was told */
};

static inline void world_ceiling(void *arg, const char *operation, double *out_rate,
                                 double *out_burst)
{
    const struct world *w = arg;

    (void)operation;
    *out_rate = w->rate;
    *out_burst = w->burst;
}

static inline void world_tell(void *arg, const struct converge_news *news)
{
    struct world *w = arg;

    w->n_news[news->kind]++;
    (void)snprintf(w->last_code, sizeof(w->last_code), "%s", news->code);
}

static inline void world_lacks_name(void *arg)
{
    ((struct world *)arg)->n_lacking++;
}

static inline void world_resolved(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct world *w = arg;

    (void)kind;
    (void)snprintf(w->resolved, sizeof(w->resolved), "%.*s=%.*s", SPAN_ARG(name), SPAN_ARG(id));
}

static inline void world_gate(void *arg)
{
    struct world *w = arg;

    fake_roster_gate(w->roster, !w->holds_gates);
    converge_kick(w->converge);
}

static inline void world_came_to_gate(void *arg, enum gate gate)
{
    struct world *w = arg;

    (void)gate;
    w->n_at_gate++;
    loop_timer_set(w->gate_timer, 1000);
}

/* One rule: the application gives a security and a routing profile. */
static inline void world_rules(struct world *w)
{
    static const struct span apps[] = {{"Amazon Connect", 14}}, profiles[] = {{"sp-1", 4}};

    w->test = (struct rule_test){.kind = TEST_APP, .values = apps, .n = 1};
    w->rule = (struct rule){.name = SPAN(""),
                            .tests = &w->test,
                            .n_tests = 1,
                            .is_any = true,
                            .has_ids = true,
                            .security_profiles = profiles,
                            .n_security_profiles = 1,
                            .routing_profile = SPAN("rp-1"),
                            .hierarchy_group = {NULL, 0}};
    w->rules = (struct rules){.rules = &w->rule,
                              .n = 1,
                              .user_name = SPAN(""),
                              .managed_by = SPAN("roster"),
                              .settle_ms = 3000,
                              .parked_security_profile = SPAN(""),
                              .parked_routing_profile = SPAN("")};
}

/* Everything but converging; people and stored pauses may be put in before world_start. */
static inline int world_new(void **state)
{
    struct world *w = mem_new(1, sizeof(*w));

    log_setup(LOG_ERROR, LOG_LOGFMT);
    *w = (struct world){.rate = 100, .burst = 50};
    world_rules(w);
    w->loop = sim_new();
    w->roster = fake_roster_new(w->loop, &w->rules);
    w->gate_timer = loop_timer_new(w->loop, world_gate, w);
    current_names_set(&w->names, &names_unread);
    w->pace = pace_new(w->loop, world_ceiling, w);
    fake_connect_reset(w->loop);
    *state = w;
    return 0;
}

static inline void world_start(struct world *w)
{
    struct converge_options options = {.loop = w->loop,
                                       .roster = &w->roster->roster,
                                       .pace = w->pace,
                                       .rules = &w->rules,
                                       .names = &w->names,
                                       .instance_id = SPAN("i-1"),
                                       .max_wait_ms = 4 * 60 * MINUTE,
                                       .tell = world_tell,
                                       .lacks_name = world_lacks_name,
                                       .resolved = world_resolved,
                                       .came_to_gate = world_came_to_gate,
                                       .arg = w};
    struct fail fail;

    if (converge_new(&options, &w->converge, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
    converge_open(w->converge);
}

static inline int world_done(void **state)
{
    struct world *w = *state;

    converge_free(w->converge);
    loop_timer_free(w->gate_timer);
    pace_free(w->pace);
    fake_roster_free(w->roster);
    sim_free(w->loop);
    free(w);
    return 0;
}

/* One person, converged for that long. */
static inline struct fake_person *world_one(struct world *w, int64_t ms)
{
    struct fake_person *p = fake_roster_add(w->roster, "00u1", "ada@x.org");

    world_start(w);
    sim_run(ms);
    return p;
}

static inline void assert_state(const struct fake_person *p, enum person_state state,
                                const char *code)
{
    if (p->p.state != state || !span_eq(p->p.reason_code, span_of(code)))
        fail_msg("the state is %s '%.*s' (%.*s), not %s '%s'", person_state_name(p->p.state),
                 SPAN_ARG(p->p.reason_code), SPAN_ARG(p->p.reason), person_state_name(state), code);
}

/* In step with the one agent of that name, made by one CreateUser that came through. */
static inline void assert_made(const struct fake_person *p, const char *name)
{
    const struct fake_agent *agent = fake_connect_agent(name);

    assert_state(p, PERSON_IN_STEP, "");
    assert_non_null(agent);
    assert_true(span_eq(p->p.agent_id, span_of(agent->id)));
    assert_true(span_eq(p->p.agent_arn, span_of(agent->arn)));
    assert_true(span_eq(p->p.agent_user_name, span_of(name)));
    assert_true(span_eq(p->p.id, span_of(agent->okta_id)));
    assert_string_equal(agent->managed_by, "roster");
    assert_int_equal(p->p.create_sent_ms, 0);
    assert_int_equal(p->p.name_taken_ms, 0);
    assert_int_equal(p->p.create_sent_name.n, 0);
}

#endif
