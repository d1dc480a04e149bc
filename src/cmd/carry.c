#include "cmd/carry.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/carry_show.h"
#include "engine/release.h"
#include "engine/rules_digest.h"

enum {
    LOOK_MS = 100,
    READY_MS = 15 * 1000,   /* the engine has to take the store by then */
    FAR_MS = 30 * 1000,     /* who is due no sooner than that is not waited for */
    STALLED_MS = 45 * 1000, /* nobody has come to an end for so long, and something is paused */
    PAUSED_MS = 10 * 1000,  /* the same, when nobody is left to be begun with */
    STOP_MS = 9500
};

struct followed {
    struct span source, id; /* allocated together, at source.p */
};

struct carry {
    struct carry_options options;
    struct carry_result result;
    struct carry_show show;
    struct engine *engine; /* NULL = a daemon's */
    struct loop_timer *timer;
    struct followed people[CARRY_AT_ONCE];
    size_t n;
    bool is_ready, is_all, is_stopping, is_idle;
    int64_t began_ms, moved_ms, stop_ms; /* of clock_mono_ms */
    enum err err;
    struct fail fail;
};

void carry_add(struct carry *c, struct span source, struct span user_id)
{
    char *texts = mem_new(source.n + user_id.n + 1, 1);

    memcpy(texts, source.p, source.n);
    memcpy(texts + source.n, user_id.p, user_id.n);
    c->people[c->n++] =
        (struct followed){span_n(texts, source.n), span_n(texts + source.n, user_id.n)};
}

bool carry_is_alone(const struct carry *c)
{
    return c->engine != NULL;
}

static void forget(struct followed *f)
{
    free((void *)(uintptr_t)f->source.p);
}

/* ---- the end ---- */

static void end(struct carry *c, enum err err)
{
    c->err = err;
    loop_stop(c->options.around->loop);
}

static void idle(void *arg)
{
    struct carry *c = arg;

    c->is_idle = true;
    end(c, c->err);
}

static void stop(struct carry *c, enum err err)
{
    if (c->is_stopping)
        return;
    c->is_stopping = true;
    c->err = err;
    c->stop_ms = clock_mono_ms() + STOP_MS;
    if (c->engine == NULL)
        end(c, err);
    else
        engine_stop(c->engine, idle, c);
}

static void on_signal(void *arg, int number)
{
    struct carry *c = arg;

    (void)number;
    c->result.is_interrupted = true;
    stop(c, ERR_NONE);
}

/* ---- is there an engine, and is it one of this configuration? ---- */

static enum err is_engine_ours(struct carry *c, bool *out_is_ready, struct fail *fail)
{
    char digest[SHA256_HEX + 1], mine[32];
    struct arena a = {0};
    struct span rules, engine;
    enum err err = store_note_get(c->options.opened->store, &a, RULES_NOTE, &rules, fail);

    if (err == ERR_NONE)
        err = store_note_get(c->options.opened->store, &a, "engine", &engine, fail);
    if (err == ERR_NONE) {
        rules_digest(c->options.opened->settings, digest);
        (void)snprintf(mine, sizeof(mine), "pid %ld since ", (long)getpid());
        *out_is_ready = c->engine == NULL || span_starts(engine, span_of(mine));
        if (*out_is_ready && c->engine == NULL && !c->options.is_decided &&
            !span_eq(rules, span_of(digest)))
            err = fail_set(fail, ERR_CONFLICT,
                           "the running daemon works by another configuration than this; restart "
                           "it, then say this again");
    }
    arena_done(&a);
    return err;
}

static enum err begin(struct carry *c, struct fail *fail)
{
    const struct carry_options *o = &c->options;
    enum err err = engine_new_for(o->around->loop, o->opened->settings, o->around->aws, o->cause,
                                  &c->engine, fail);

    if (err == ERR_CONFLICT) { /* the lock is taken: by a daemon */
        c->engine = NULL;
        c->result.is_daemons = true;
        return ERR_NONE;
    }
    return err == ERR_NONE ? engine_start(c->engine, fail) : err;
}

/* ---- following ---- */

enum verdict { OPEN, DONE, FAILED, WAITS };

/* What counts for all at one look. */
struct moment {
    struct arena arena;
    struct pause *pauses;
    size_t n_pauses;
    int64_t now_ms;    /* of clock_wall_ms */
    const char *stall; /* why nobody is waited for any longer; NULL = they are */
};

/* Is it this operation that somebody has met paused, and for long? */
static bool is_met(const struct person *p, const struct pause *pause, int64_t now_ms)
{
    size_t n = pause->operation.n;

    return pause->probe_ms > now_ms + FAR_MS && span_starts(p->reason, pause->operation) &&
           p->reason.n > n && p->reason.p[n] == ':';
}

/* Whoever is due, and for what they wait although nobody here can change it; *out_until_ms: that
 * long at least, 0 = not known. */
static const char *wait_of(const struct carry *c, const struct person *p, const struct moment *m,
                           int64_t *out_until_ms)
{
    *out_until_ms = p->due_ms > m->now_ms ? p->due_ms : 0;
    if (!p->needs_gate) {
        if (span_eq(p->reason_code, SPAN(REASON_GRACE)) ||
            span_eq(p->reason_code, SPAN(REASON_ON_CONTACT)) || p->due_ms > m->now_ms + FAR_MS)
            return "for the next try";
        for (size_t i = 0; c->options.patience_ms > 0 && i < m->n_pauses; i++)
            if (is_met(p, &m->pauses[i], m->now_ms)) {
                *out_until_ms = m->pauses[i].probe_ms;
                return "for an operation that is paused";
            }
        if (c->engine != NULL && !span_eq(p->cause, c->options.cause))
            return "for a daemon: something new has been said of them";
    }
    return m->stall;
}

static enum verdict verdict_of(const struct person *p)
{
    switch (p->state) {
    case PERSON_DUE:
        return OPEN;
    case PERSON_HELD:
        return span_eq(p->reason_code, SPAN(REASON_UNDONE)) ? DONE : FAILED;
    case PERSON_FAILED:
        return FAILED;
    default:
        return DONE;
    }
}

/* True when they have come to an end, which is told then. */
static bool judge(struct carry *c, const struct person *p, bool is_forgotten,
                  const struct moment *m)
{
    struct carry_trouble trouble = {.state = NULL};
    enum verdict verdict = is_forgotten ? DONE : verdict_of(p);

    if (verdict == OPEN) {
        trouble.why = wait_of(c, p, m, &trouble.until_ms);
        if (trouble.why == NULL)
            return false;
        verdict = WAITS;
    }
    if (verdict != DONE)
        trouble.state = verdict == WAITS ? "waits" : person_state_name(p->state);
    c->moved_ms = clock_mono_ms();
    c->result.done += verdict == DONE;
    c->result.failed += verdict == FAILED;
    c->result.at_bound += verdict == FAILED && release_gate_of(p) != GATE_NONE;
    c->result.waits += verdict == WAITS;
    carry_show_person(&c->show, p, &trouble);
    return true;
}

static enum err look_at(struct carry *c, size_t i, const struct moment *m, bool *out_is_over,
                        struct fail *fail)
{
    struct arena a = {0};
    struct person p;
    enum err err = store_person_get(c->options.opened->store, &a, c->people[i].source,
                                    c->people[i].id, &p, fail);
    bool is_forgotten = err == ERR_NOT_FOUND;

    if (is_forgotten) { /* an import whose agent is made */
        p = (struct person){.source = c->people[i].source, .id = c->people[i].id};
        p.login = person_imported_name(&p);
        err = ERR_NONE;
    }
    if (err == ERR_NONE)
        *out_is_over = judge(c, &p, is_forgotten, m);
    arena_done(&a);
    return err;
}

/* Operations that are paused for everybody keep people waiting for as long as that takes. */
static void find_stall(struct carry *c, struct moment *m)
{
    int64_t quiet_ms = clock_mono_ms() - c->moved_ms, patience_ms = c->options.patience_ms;
    bool is_paused = quiet_ms >= STALLED_MS && m->n_pauses > 0;

    for (size_t i = 0; i < m->n_pauses && patience_ms > 0 && quiet_ms >= PAUSED_MS; i++)
        is_paused |= m->pauses[i].probe_ms > m->now_ms + FAR_MS;
    if (c->n == 0)
        return;
    if (is_paused)
        m->stall = "while an operation is paused";
    else if (patience_ms > 0 && quiet_ms >= patience_ms)
        m->stall = "for its turn; 'roster status' tells what is ahead, and whether a daemon runs";
    for (size_t i = 0; is_paused && i < m->n_pauses; i++)
        carry_show_pause(&c->show, &m->pauses[i]);
}

static enum err follow(struct carry *c, struct fail *fail)
{
    struct moment m = {.now_ms = clock_wall_ms()};
    size_t kept = 0;
    enum err err = store_pauses(c->options.opened->store, &m.arena, &m.pauses, &m.n_pauses, fail);

    if (err == ERR_NONE)
        find_stall(c, &m);
    for (size_t i = 0; i < c->n; i++) {
        bool is_over = false;

        if (err == ERR_NONE)
            err = look_at(c, i, &m, &is_over, fail);
        if (is_over)
            forget(&c->people[i]);
        else
            c->people[kept++] = c->people[i];
    }
    c->n = kept;
    if (m.stall != NULL)
        c->is_all = true; /* nobody else is begun with */
    arena_done(&m.arena);
    return err;
}

static void look(void *arg)
{
    struct carry *c = arg;
    enum err err = ERR_NONE;

    if (c->is_stopping) {
        if (clock_mono_ms() >= c->stop_ms)
            end(c, c->err);
        else
            loop_timer_set(c->timer, LOOK_MS);
        return;
    }
    if (!c->is_ready) {
        err = is_engine_ours(c, &c->is_ready, &c->fail);
        if (err == ERR_NONE && !c->is_ready && clock_mono_ms() - c->began_ms > READY_MS)
            err = fail_set(&c->fail, ERR_IO, "the engine did not take the store");
        c->moved_ms = clock_mono_ms();
    } else {
        err = follow(c, &c->fail);
        if (err == ERR_NONE && !c->is_all && c->n < CARRY_AT_ONCE / 2)
            err = c->options.feed(c->options.arg, c, CARRY_AT_ONCE - c->n, &c->is_all, &c->fail);
        if (c->engine != NULL)
            engine_kick(c->engine);
        carry_show_progress(&c->show, &c->result);
    }
    if (err != ERR_NONE && err != ERR_BUSY)
        stop(c, err);
    else if (c->is_all && c->n == 0)
        stop(c, ERR_NONE);
    loop_timer_set(c->timer, LOOK_MS);
}

/* ---- the whole ---- */

static void quiet_log(const struct invocation *i)
{
    const char *format = options_value(&i->options, "log-format");

    if (options_value(&i->options, "log-level") == NULL)
        log_setup(LOG_ERROR, format != NULL && format[0] == 'j' ? LOG_JSON : LOG_LOGFMT);
}

enum err carry_out(const struct carry_options *options, struct carry_result *out, struct fail *fail)
{
    struct carry *c = mem_new(1, sizeof(*c));
    struct loop *loop = options->around->loop;
    enum err err;

    c->options = *options;
    quiet_log(options->invocation);
    carry_show_init(&c->show, options);
    c->timer = loop_timer_new(loop, look, c);
    c->began_ms = c->moved_ms = clock_mono_ms();
    err = loop_signal(loop, SIGINT, on_signal, c, fail);
    if (err == ERR_NONE)
        err = loop_signal(loop, SIGTERM, on_signal, c, fail);
    if (err == ERR_NONE)
        err = begin(c, fail);
    if (err == ERR_NONE) {
        loop_timer_set(c->timer, 0);
        loop_run(loop);
        err = c->err;
        if (err != ERR_NONE)
            *fail = c->fail;
    }
    engine_free(c->engine);
    loop_timer_free(c->timer);
    for (size_t i = 0; i < c->n; i++)
        forget(&c->people[i]);
    carry_show_end(&c->show, &c->result, err == ERR_NONE);
    *out = c->result;
    free(c);
    return err;
}
