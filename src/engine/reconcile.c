/* A round: inspect → hand over, batch by batch → note what it was. While a batch is written the
 * scratch belongs to the committer's thread. */
#include "engine/reconcile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "engine/handover.h"
#include "engine/inspection.h"
#include "text/json.h"

enum {
    BATCH = 25,                 /* written in one job */
    AT_ONCE = 8,                /* people who are due for it at a time */
    PIECE = 100,                /* people compared before the loop goes on */
    LOOK_MS = 200,              /* how often it is looked whether more may be due */
    LAST = 100,                 /* priority in the pace */
    JITTER = 10,                /* percent */
    SOON_MS = 2000,             /* the least to the next round */
    FAILED_MS = 10 * 60 * 1000, /* the next try behind one that came to nothing */
    NOTE_LIMIT = 4096
};

/* In this order. Bounded ones are judged as a set by the engine's gates, so all of them come at
 * once; of the others few at a time. */
static const struct pass {
    enum drift_action action;
    bool is_bounded;
} passes[] = {{DRIFT_DELETE, true},  {DRIFT_PARK, true},   {DRIFT_UPDATE, true},
              {DRIFT_UPDATE, false}, {DRIFT_ADOPT, false}, {DRIFT_CREATE, false},
              {DRIFT_HELD, false}};
enum { PASSES = sizeof(passes) / sizeof(passes[0]) };

struct batch {
    struct handback_job job; /* first */
    struct reconcile *owner;
    bool is_under_way, is_last;
    struct arena arena;
    struct scan_change changes[BATCH];
    enum handover_verdict verdicts[BATCH];
    size_t n;
    struct drift_options drift;
};

struct reconcile {
    struct reconcile_options options;
    struct loop_timer *timer;
    bool is_stopping, is_running;

    /* the round */
    int64_t number, began_ms;
    char *cause;
    struct scan *scan;
    struct inspection *inspection;
    bool is_inspected;
    size_t pass;
    bool is_walking;
    struct batch batch;
    struct arena arena; /* of the ids below */
    struct span due[AT_ONCE];
    size_t n_due;
    int64_t handed_over;
};

/* ---- when ---- */

static int64_t jittered(int64_t ms)
{
    int64_t most = ms / 100 * 2 * JITTER;

    return ms - most / 2 + (int64_t)random_below((uint64_t)most + 1);
}

static int64_t read_note(struct reconcile *r, const char *member, int64_t otherwise)
{
    struct arena a = {0};
    struct json *json;
    struct span note;
    int64_t value = otherwise;

    if (store_note_get(r->options.reader, &a, RECONCILE_NOTE, &note, NULL) == ERR_NONE &&
        note.p != NULL && json_parse(note, &json, NULL) == ERR_NONE) {
        value = json_int(json, member, otherwise);
        json_free(json);
    }
    arena_done(&a);
    return value;
}

static void schedule(struct reconcile *r, int64_t in_ms)
{
    if (!r->is_stopping)
        loop_timer_set(r->timer, in_ms < SOON_MS ? SOON_MS : in_ms);
}

void reconcile_start(struct reconcile *r)
{
    int64_t every_ms = r->options.settings->reconcile_every_ms;
    int64_t ended_ms = read_note(r, "ended_ms", 0), now_ms = clock_wall_ms();
    int64_t since_ms = ended_ms == 0 || ended_ms > now_ms ? 0 : now_ms - ended_ms;

    schedule(r, jittered(every_ms) - since_ms);
}

/* ---- the end of a round ---- */

static void round_done(struct reconcile *r)
{
    inspection_free(r->inspection);
    scan_close(r->scan);
    arena_done(&r->batch.arena);
    arena_done(&r->arena);
    free(r->cause);
    r->inspection = NULL;
    r->scan = NULL;
    r->cause = NULL;
    r->n_due = 0;
    r->is_running = r->is_inspected = r->is_walking = false;
}

static void failed(struct reconcile *r, const struct fail *fail)
{
    int64_t every_ms = r->options.settings->reconcile_every_ms;

    log_warn("reconciling came to nothing; it is tried again", LOG_INT("round", r->number),
             LOG_STR("error", fail->text));
    round_done(r);
    schedule(r, jittered(every_ms < FAILED_MS ? every_ms : FAILED_MS));
}

static enum err write_end(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct reconcile *r = ((struct batch *)job)->owner;
    const struct survey_result *survey = inspection_survey(r->inspection);
    struct json_out out;
    struct buf note;
    enum err err;

    buf_init(&note, NOTE_LIMIT);
    out = json_out(&note);
    json_out_begin(&out, '{');
    json_put_int(&out, "n", r->number);
    json_put_int(&out, "began_ms", r->began_ms);
    json_put_int(&out, "ended_ms", clock_wall_ms());
    json_put_int(&out, "users", survey->users);
    json_put_int(&out, "agents", survey->agents);
    json_put_int(&out, "handed_over", r->handed_over);
    json_out_end(&out, '}');
    err = store_note_put(store, RECONCILE_NOTE, buf_span(&note), fail);
    buf_done(&note);
    return err == ERR_NONE ? survey_sizes_write(store, survey, fail) : err;
}

static void end_written(struct handback_job *job)
{
    struct reconcile *r = ((struct batch *)job)->owner;
    const struct survey_result *survey = inspection_survey(r->inspection);

    r->batch.is_under_way = false;
    if (job->err != ERR_NONE)
        log_warn("the store did not take the end of reconciling", LOG_STR("error", job->fail.text));
    log_info("reconciled", LOG_INT("round", r->number), LOG_INT("users", survey->users),
             LOG_INT("agents", survey->agents), LOG_INT("handed_over", r->handed_over),
             LOG_INT("took_s", (clock_wall_ms() - r->began_ms) / MS_PER_S));
    round_done(r);
    schedule(r, jittered(r->options.settings->reconcile_every_ms));
}

static bool submit(struct reconcile *r,
                   enum err (*write)(struct handback_job *, struct store *, struct fail *),
                   void (*ended)(struct handback_job *))
{
    r->batch.job = (struct handback_job){.write = write, .ended = ended};
    r->batch.owner = r;
    r->batch.is_under_way = handback_submit(r->options.handback, &r->batch.job);
    return r->batch.is_under_way;
}

/* ---- handing over ---- */

static enum err write_batch(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct batch *b = (struct batch *)job;
    struct handover handover = {.drift = &b->drift,
                                .proposal = inspection_proposal(b->owner->inspection),
                                .store = store,
                                .takes_held = true};
    enum err err = ERR_NONE;

    for (size_t i = 0; err == ERR_NONE && i < b->n; i++) {
        struct arena a = {0};

        handover.digest = b->changes[i].digest;
        err = handover_person(&handover, b->changes[i].user_id, &a, &b->verdicts[i], fail);
        arena_done(&a);
    }
    return err;
}

static void batch_written(struct handback_job *job)
{
    struct batch *b = (struct batch *)job;
    struct reconcile *r = b->owner;
    bool is_bounded = passes[r->pass].is_bounded;
    size_t n = 0;

    b->is_under_way = false;
    if (r->is_stopping)
        return;
    if (job->err != ERR_NONE) {
        failed(r, &job->fail);
        return;
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->verdicts[i] != HANDOVER_DUE)
            continue;
        n++;
        if (!is_bounded && r->n_due < AT_ONCE)
            r->due[r->n_due++] = arena_span(&r->arena, b->changes[i].user_id);
    }
    r->handed_over += (int64_t)n;
    if (n > 0)
        r->options.due(r->options.arg);
    if (b->is_last) {
        r->pass++;
        r->is_walking = false;
    }
    loop_timer_set(r->timer, 0);
}

static bool is_of_pass(const struct reconcile *r, const struct scan_change *change)
{
    return passes[r->pass].action != DRIFT_UPDATE ||
           passes[r->pass].is_bounded == (change->bound != BOUND_NONE);
}

/* Fills the batch with what comes next of this pass. */
static enum err gather(struct reconcile *r, size_t most, struct fail *fail)
{
    struct batch *b = &r->batch;
    bool has = true;
    enum err err = ERR_NONE;

    arena_done(&b->arena);
    b->n = 0;
    b->is_last = false;
    if (!r->is_walking)
        err = scan_changes_first(r->scan, passes[r->pass].action, fail);
    r->is_walking = true;
    while (err == ERR_NONE && b->n < most && has) {
        err = scan_changes_next(r->scan, &b->arena, &b->changes[b->n], &has, fail);
        if (err == ERR_NONE && has && is_of_pass(r, &b->changes[b->n]))
            b->n++;
    }
    b->is_last = err == ERR_NONE && !has;
    return err;
}

/* Who of those that are due for this has come to an end? */
static void count_due(struct reconcile *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->n_due; i++) {
        struct arena a = {0};
        struct person p;

        if (store_person_get(r->options.reader, &a, SPAN("okta"), r->due[i], &p, NULL) ==
                ERR_NONE &&
            p.state == PERSON_DUE && p.attempts == 0 && !p.needs_gate &&
            span_eq(p.cause, span_of(r->cause)))
            r->due[kept++] = r->due[i];
        arena_done(&a);
    }
    r->n_due = kept;
    if (kept == 0)
        arena_done(&r->arena);
}

static void hand_over(struct reconcile *r)
{
    size_t most = BATCH;
    struct fail fail;

    if (r->pass == PASSES) {
        if (!submit(r, write_end, end_written))
            loop_timer_set(r->timer, LOOK_MS);
        return;
    }
    if (!passes[r->pass].is_bounded) {
        count_due(r);
        most = AT_ONCE - r->n_due;
    }
    if (most == 0) {
        loop_timer_set(r->timer, LOOK_MS);
    } else if (gather(r, most, &fail) != ERR_NONE) {
        failed(r, &fail);
    } else {
        r->batch.drift = *inspection_drift(r->inspection);
        r->batch.drift.now_ms = clock_wall_ms();
        if (!submit(r, write_batch, batch_written)) {
            (void)fail_set(&fail, ERR_BUSY, "the store takes no work");
            failed(r, &fail);
        }
    }
}

/* ---- the beginning ---- */

static double rate(void *arg, const char *operation)
{
    return pace_rate(((const struct reconcile *)arg)->options.pace, operation);
}

static void inspected(void *arg, const struct fail *fail)
{
    struct reconcile *r = arg;
    const struct proposal *p = inspection_proposal(r->inspection);

    if (fail != NULL) {
        struct fail copy = *fail;

        failed(r, &copy);
        return;
    }
    for (size_t i = 0; i < p->n_guards; i++)
        r->options.told(r->options.arg, p->guards[i].name, p->guards[i].message.p);
    r->is_inspected = true;
    r->pass = 0;
    loop_timer_set(r->timer, 0);
}

static void found(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct reconcile *r = arg;

    r->options.seen(r->options.arg, kind, name, id);
}

static void begin(struct reconcile *r)
{
    const struct reconcile_options *o = &r->options;
    struct inspection_options options = {.survey = {.loop = o->loop,
                                                    .okta = o->okta,
                                                    .connect = o->connect,
                                                    .pace = o->pace,
                                                    .priority = LAST,
                                                    .judge = o->judge,
                                                    .store = o->reader},
                                         .settings = o->settings,
                                         .piece = PIECE,
                                         .leaves_bounds = true,
                                         .rate = rate,
                                         .rate_arg = r,
                                         .found = found,
                                         .done = inspected,
                                         .arg = r};
    char *file = mem_dup(o->settings->store_file);
    struct fail fail;

    r->is_running = true;
    r->number = read_note(r, "n", 0) + 1;
    r->began_ms = clock_wall_ms();
    r->handed_over = 0;
    r->cause = mem_printf("reconcile %" PRId64, r->number);
    if (scan_open(file, &r->scan, &fail) == ERR_NONE) {
        options.survey.scan = r->scan;
        options.cause = span_of(r->cause);
        r->inspection = inspection_new(&options);
        log_info("reconciling", LOG_INT("round", r->number));
        inspection_begin(r->inspection);
    } else {
        failed(r, &fail);
    }
    free(file);
}

static void on_timer(void *arg)
{
    struct reconcile *r = arg;

    if (r->is_stopping || r->batch.is_under_way)
        return;
    if (!r->is_running)
        begin(r);
    else if (r->is_inspected)
        hand_over(r);
}

/* ---- life ---- */

struct reconcile *reconcile_new(const struct reconcile_options *options)
{
    struct reconcile *r = mem_new(1, sizeof(*r));

    r->options = *options;
    r->timer = loop_timer_new(options->loop, on_timer, r);
    return r;
}

void reconcile_stop(struct reconcile *r)
{
    r->is_stopping = true;
    loop_timer_clear(r->timer);
    if (r->batch.is_under_way)
        return;
    round_done(r);
}

bool reconcile_is_idle(const struct reconcile *r)
{
    return !r->batch.is_under_way;
}

void reconcile_free(struct reconcile *r)
{
    if (r == NULL)
        return;
    round_done(r);
    loop_timer_free(r->timer);
    free(r);
}
