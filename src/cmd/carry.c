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
#include "engine/rules_digest.h"

enum {
    LOOK_MS = 100,
    READY_MS = 15 * 1000,   /* the engine has to take the store by then */
    FAR_MS = 30 * 1000,     /* who is due no sooner than that is not waited for */
    STALLED_MS = 45 * 1000, /* nobody has come to an end for so long, and something is paused */
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
        if (*out_is_ready && c->engine == NULL && !span_eq(rules, span_of(digest)))
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
        return ERR_NONE;
    }
    return err == ERR_NONE ? engine_start(c->engine, fail) : err;
}

/* ---- following ---- */

enum verdict { OPEN, DONE, FAILED, WAITS };

static enum verdict verdict_of(const struct carry *c, const struct person *p, int64_t now_ms)
{
    switch (p->state) {
    case PERSON_DUE:
        break;
    case PERSON_HELD:
        return span_eq(p->reason_code, SPAN(REASON_UNDONE)) ? DONE : FAILED;
    case PERSON_FAILED:
        return FAILED;
    default:
        return DONE;
    }
    if (p->needs_gate)
        return OPEN;
    if (span_eq(p->reason_code, SPAN(REASON_GRACE)) || p->due_ms > now_ms + FAR_MS)
        return WAITS;
    /* Somebody has said something new of them: they are no longer part of this. */
    if (c->engine != NULL && !span_eq(p->cause, c->options.cause))
        return WAITS;
    return OPEN;
}

static void ended(struct carry *c, const struct person *p, enum verdict verdict)
{
    c->moved_ms = clock_mono_ms();
    c->result.done += verdict == DONE;
    c->result.failed += verdict == FAILED;
    c->result.waits += verdict == WAITS;
    carry_show_person(&c->show, p, verdict == FAILED, verdict == WAITS);
}

static enum err look_at(struct carry *c, size_t i, bool is_stalled, bool *out_is_over,
                        struct fail *fail)
{
    struct arena a = {0};
    struct person p;
    enum verdict verdict;
    enum err err = store_person_get(c->options.opened->store, &a, c->people[i].source,
                                    c->people[i].id, &p, fail);
    bool is_forgotten = err == ERR_NOT_FOUND;

    if (is_forgotten) { /* an import whose agent is made */
        p = (struct person){.source = c->people[i].source, .id = c->people[i].id};
        p.login = person_imported_name(&p);
        err = ERR_NONE;
    }
    if (err == ERR_NONE) {
        verdict = is_forgotten ? DONE : verdict_of(c, &p, clock_wall_ms());
        if (verdict == OPEN && is_stalled)
            verdict = WAITS;
        *out_is_over = verdict != OPEN;
        if (*out_is_over)
            ended(c, &p, verdict);
    }
    arena_done(&a);
    return err;
}

/* Operations that are paused for everybody keep people waiting for as long as that takes. */
static enum err is_stalled(struct carry *c, bool *out, struct fail *fail)
{
    struct arena a = {0};
    struct pause *pauses;
    size_t n = 0;
    enum err err = ERR_NONE;

    *out = false;
    if (c->n == 0 || clock_mono_ms() - c->moved_ms < STALLED_MS)
        return ERR_NONE;
    err = store_pauses(c->options.opened->store, &a, &pauses, &n, fail);
    *out = err == ERR_NONE && n > 0;
    for (size_t i = 0; err == ERR_NONE && i < n; i++)
        carry_show_pause(&c->show, &pauses[i]);
    arena_done(&a);
    return err;
}

static enum err follow(struct carry *c, struct fail *fail)
{
    bool stalled;
    size_t kept = 0;
    enum err err = is_stalled(c, &stalled, fail);

    for (size_t i = 0; i < c->n; i++) {
        bool is_over = false;

        if (err == ERR_NONE)
            err = look_at(c, i, stalled, &is_over, fail);
        if (is_over)
            forget(&c->people[i]);
        else
            c->people[kept++] = c->people[i];
    }
    c->n = kept;
    if (stalled)
        c->is_all = true; /* nobody else is begun with */
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
