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
    struct converge *converge;
    double rate, burst;
    int n_news[5]; /* by kind */
    char last_code[64];
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

/* Everything but converging; people and stored pauses may be put in before world_start. */
static inline int world_new(void **state)
{
    struct world *w = mem_new(1, sizeof(*w));

    log_setup(LOG_ERROR, LOG_LOGFMT);
    *w = (struct world){.rate = 100, .burst = 50};
    w->rules = (struct rules){
        .app_name = SPAN("Amazon Connect"), .managed_by = SPAN("roster"), .settle_ms = 3000};
    w->loop = sim_new();
    w->roster = fake_roster_new(w->loop);
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
                                       .instance_id = SPAN("i-1"),
                                       .tell = world_tell,
                                       .arg = w};
    struct fail fail;

    if (converge_new(&options, &w->converge, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
}

static inline int world_done(void **state)
{
    struct world *w = *state;

    converge_free(w->converge);
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
