#include "engine/gatekeeper.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/gate.h"

/* A set is judged when nobody came for a second and everybody who is due has been planned; after a
 * minute in any case, so that somebody who cannot be planned does not hold up the others. What is
 * judged later counts what has passed before. */
enum { QUIET_MS = 1000, AGAIN_MS = 100, LONGEST_MS = 60 * 1000, GATES = 3, WHY_MAX = 512 };

struct judging {
    struct handback_job job;
    struct gatekeeper *keeper;
    enum gate gate;
    bool is_under_way;
    int64_t passed, held;
    bool is_new;
    char why[WHY_MAX];
};

struct gatekeeper {
    struct gatekeeper_options options;
    struct loop_timer *timer;
    int64_t first_ms[GATES], last_ms[GATES]; /* first_ms 0 = nobody waits */
    struct judging judgings[GATES];
    bool is_stopping;
};

static enum err write_judging(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct judging *j = (struct judging *)job;
    const struct gatekeeper_options *options = &j->keeper->options;
    struct gate_verdict verdict;
    struct arena a = {0};
    enum err err = gate_judge(
        store, j->gate, j->gate == GATE_REMOVALS ? &options->max_removals : &options->max_changes,
        clock_wall_ms(), &a, &verdict, fail);

    if (err == ERR_NONE) {
        j->passed = verdict.passed;
        j->held = verdict.held;
        j->is_new = verdict.is_new;
        (void)snprintf(j->why, sizeof(j->why), "%s", verdict.reason); /* cut, as fail.text is */
    }
    arena_done(&a);
    return err;
}

static void judging_ended(struct handback_job *job)
{
    struct judging *j = (struct judging *)job;
    struct gatekeeper *g = j->keeper;

    j->is_under_way = false;
    if (job->err != ERR_NONE) {
        log_error("the store did not take the judgement at a gate; it is repeated",
                  LOG_STR("error", job->fail.text));
        gatekeeper_came(g, j->gate);
    } else if (j->passed + j->held > 0) {
        g->options.judged(g->options.arg, j->gate, j->passed, j->held, j->why, j->is_new);
    }
}

static bool is_ripe(struct gatekeeper *g, enum gate gate, int64_t now_ms)
{
    if (now_ms - g->first_ms[gate] >= LONGEST_MS)
        return true;
    return now_ms - g->last_ms[gate] >= QUIET_MS &&
           !g->options.has_unplanned(g->options.arg, gate, g->last_ms[gate]);
}

static void judge(struct gatekeeper *g, enum gate gate)
{
    struct judging *j = &g->judgings[gate];

    *j = (struct judging){.job = {.write = write_judging, .ended = judging_ended},
                          .keeper = g,
                          .gate = gate,
                          .is_under_way = true};
    if (handback_submit(g->options.handback, &j->job))
        g->first_ms[gate] = 0;
    else
        j->is_under_way = false;
}

static void look(void *arg)
{
    struct gatekeeper *g = arg;
    int64_t now_ms = clock_mono_ms();
    bool waits = false;

    for (int i = GATE_REMOVALS; i < GATES && !g->is_stopping; i++) {
        enum gate gate = (enum gate)i;

        if (g->first_ms[gate] != 0 && !g->judgings[gate].is_under_way && is_ripe(g, gate, now_ms))
            judge(g, gate);
        waits = waits || g->first_ms[gate] != 0;
    }
    if (waits && !g->is_stopping)
        loop_timer_set(g->timer, AGAIN_MS);
}

struct gatekeeper *gatekeeper_new(const struct gatekeeper_options *options)
{
    struct gatekeeper *g = mem_new(1, sizeof(*g));

    g->options = *options;
    g->timer = loop_timer_new(options->loop, look, g);
    gatekeeper_came(g, GATE_REMOVALS);
    gatekeeper_came(g, GATE_CHANGES);
    return g;
}

void gatekeeper_came(struct gatekeeper *g, enum gate gate)
{
    g->last_ms[gate] = clock_mono_ms();
    if (g->first_ms[gate] == 0)
        g->first_ms[gate] = g->last_ms[gate];
    if (!g->is_stopping && !loop_timer_is_set(g->timer))
        loop_timer_set(g->timer, QUIET_MS);
}

void gatekeeper_stop(struct gatekeeper *g)
{
    g->is_stopping = true;
    loop_timer_clear(g->timer);
}

void gatekeeper_free(struct gatekeeper *g)
{
    if (g == NULL)
        return;
    loop_timer_free(g->timer);
    free(g);
}
