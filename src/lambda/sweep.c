#include "lambda/sweep.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "lambda/sweep_reading.h"
#include "lambda/sweep_take.h"
#include "lambda/sweep_tell.h"
#include "model/guard.h"
#include "model/plausible.h"
#include "text/json.h"

enum { PIECE = 1000, HELD_LOGGED_MAX = 50 };

enum stage { STAGE_PREPARING, STAGE_READING, STAGE_JUDGING, STAGE_TELLING, STAGE_TAKING };

struct sweep {
    struct sweep_options options;
    enum stage stage;
    struct sweep_people people;
    struct sweep_reading *reading;
    struct sweep_tell *tell;
    struct sweep_take *take;
    struct loop_timer *timer;
    size_t at; /* the next row to be judged */
    int64_t count[SWEEP_VERDICTS];
    int64_t told, held_logged;
    bool is_source_well, may_remove, may_change;
    struct arena arena;
};

static void begin_stage(struct sweep *s);

static void end(struct sweep *s, const struct fail *fail)
{
    s->options.done(s->options.arg, fail);
}

static void next_stage(struct sweep *s)
{
    s->stage++;
    begin_stage(s);
}

/* ---- the bounds ---- */

static struct sweep_past *past_now(struct sweep *s)
{
    struct sweep_past *past = s->options.past;
    int64_t age_ms = s->options.now_ms - past->since_ms;

    if (age_ms < 0 || age_ms >= GUARD_WINDOW_MS)
        *past = (struct sweep_past){.since_ms = s->options.now_ms};
    return past;
}

static bool passes(struct sweep *s, const struct guard_bound *bound, int64_t waiting,
                   int64_t passed, int64_t released, const char *what, const char *setting,
                   const char *member)
{
    const struct guard_ask ask = {
        .bound = *bound, .waiting = waiting, .passed = passed, .managed = s->people.managed};
    char *decide;

    if (waiting == 0 || guard_judge(setting, &ask, &s->arena).passes)
        return true;
    if (waiting <= released) {
        log_warn("a set beyond the bound was released", LOG_STR("what", what),
                 LOG_INT("people", waiting), LOG_INT("released", released));
        return true;
    }
    decide = arena_printf(&s->arena, "{\"kind\": \"sweep\", \"%s\": %" PRId64 "}", member, waiting);
    log_error("a set is held at its bound, as a whole", LOG_STR("what", what),
              LOG_INT("people", waiting), LOG_INT("in_the_hour_before", passed),
              LOG_INT("allowed", guard_allowed(bound, s->people.managed)),
              LOG_INT("agents", s->people.managed), LOG_STR("setting", setting),
              LOG_STR("to_release_it_invoke_sweep_with", decide));
    return false;
}

/* ---- is Okta's reading to be believed? ---- */

static void look_at_source(struct sweep *s)
{
    const struct sweep_readings *r = sweep_reading_result(s->reading);
    const struct plausible unknown = {.n = 0};
    int64_t known = 0, lost = 0;
    const char *fault;

    s->is_source_well = r->n_troubles == 0;
    for (size_t i = 0; i < r->n_troubles; i++)
        log_error("Okta was not read as a whole; nobody is taken away because of it",
                  LOG_STR("reason", r->troubles[i]));
    for (size_t i = 0; i < s->people.n; i++) {
        const struct sweep_row *row = &s->people.rows[i];
        bool was_there = row->n_agents > 0 && !row->has_gone_tag;

        known += was_there;
        lost += was_there && row->verdict == SWEEP_LEAVER;
    }
    fault = plausible_fault(&unknown, known, known - lost, &s->arena);
    if (fault == NULL)
        return;
    if (s->options.order.trusts_listings) {
        log_warn("a reading of Okta is believed because an operator has said so",
                 LOG_STR("reason", fault));
        return;
    }
    s->is_source_well = false;
    log_error("what Okta shows is not plausible; nobody is taken away because of it",
              LOG_STR("reason", fault),
              LOG_STR("to_believe_it_invoke_sweep_with",
                      "{\"kind\": \"sweep\", \"trust_listings\": true}"));
}

static void judge_sets(struct sweep *s)
{
    const struct settings *settings = s->options.settings;
    const struct sweep_order *order = &s->options.order;
    struct sweep_past *past = past_now(s);

    look_at_source(s);
    s->may_change =
        passes(s, &settings->max_changes, s->count[SWEEP_CHANGE], past->changed,
               order->release_changes, "changes of profiles", "MAX_CHANGES", "release_changes");
    if (s->may_change)
        past->changed += s->count[SWEEP_CHANGE];
    s->may_remove = s->is_source_well &&
                    passes(s, &settings->max_removals, s->count[SWEEP_TAKE] + s->count[SWEEP_SOON],
                           past->removed, order->release_removals, "removals", "MAX_REMOVALS",
                           "release_removals");
    if (s->may_remove)
        past->removed += s->count[SWEEP_TAKE];
    log_info("compared", LOG_INT("people", s->people.n), LOG_INT("agents", s->people.agents),
             LOG_INT("managed", s->people.managed), LOG_INT("in_step", s->count[SWEEP_IN_STEP]),
             LOG_INT("differ", s->count[SWEEP_TELL]),
             LOG_INT("change_profiles", s->count[SWEEP_CHANGE]),
             LOG_INT("left", s->count[SWEEP_LEAVER]), LOG_INT("remove", s->count[SWEEP_TAKE]),
             LOG_INT("remove_soon", s->count[SWEEP_SOON]), LOG_INT("grace", s->count[SWEEP_GRACE]),
             LOG_INT("held", s->count[SWEEP_HELD]));
}

/* ---- judging, in pieces ---- */

static void judge_row(struct sweep *s, const struct sweep_judge *j, struct sweep_row *row)
{
    struct arena a = {0};
    const char *why;

    row->verdict = (uint8_t)sweep_judge(j, row, &a, &why);
    s->count[row->verdict]++;
    if (row->verdict == SWEEP_HELD && s->held_logged++ < HELD_LOGGED_MAX)
        log_warn("held: a person has to look", LOG_SPAN("okta_id", row->id),
                 LOG_SPAN("agent", row->agent_id), LOG_STR("reason", why));
    arena_done(&a);
}

static void judge_piece(void *arg)
{
    struct sweep *s = arg;
    const struct sweep_readings *r = sweep_reading_result(s->reading);
    const struct both_sides *sides = s->options.sides;
    const struct sweep_judge j = {.people = &s->people,
                                  .rules = &sides->rules,
                                  .names = current_names_get(sides->judge.names),
                                  .containers = r->containers,
                                  .n_containers = r->n_containers,
                                  .read_ms = r->read_ms,
                                  .now_ms = s->options.now_ms,
                                  .max_wait_ms = s->options.settings->max_wait_ms};

    for (size_t i = 0; i < PIECE && s->at < s->people.n; i++)
        judge_row(s, &j, &s->people.rows[s->at++]);
    if (s->at < s->people.n) {
        loop_timer_set(s->timer, 0);
        return;
    }
    judge_sets(s);
    next_stage(s);
}

/* ---- telling and taking ---- */

static bool is_told(const struct sweep *s, enum sweep_verdict verdict)
{
    return verdict == SWEEP_TELL || (verdict == SWEEP_CHANGE && s->may_change) ||
           (verdict == SWEEP_LEAVER && s->is_source_well);
}

static void told(void *arg, const struct fail *fail)
{
    struct sweep *s = arg;

    if (fail == NULL) {
        s->told = sweep_tell_count(s->tell);
        next_stage(s);
        return;
    }
    sweep_tell_free(s->tell); /* from the start: what is there already does no harm */
    s->tell = NULL;
    end(s, fail);
}

static void begin_telling(struct sweep *s)
{
    const struct sweep_tell_options options = {.loop = s->options.loop,
                                               .sqs = s->options.queue,
                                               .people = &s->people,
                                               .now_ms = s->options.now_ms,
                                               .done = told,
                                               .arg = s};

    for (size_t i = 0; s->tell == NULL && i < s->people.n; i++)
        s->people.rows[i].is_marked = is_told(s, s->people.rows[i].verdict);
    if (s->tell == NULL)
        s->tell = sweep_tell_new(&options);
    sweep_tell_begin(s->tell);
}

static void took(void *arg, const struct fail *fail)
{
    struct sweep *s = arg;

    if (fail == NULL) {
        end(s, NULL);
        return;
    }
    sweep_take_free(s->take);
    s->take = NULL;
    end(s, fail);
}

static void begin_taking(struct sweep *s)
{
    const struct sweep_readings *r = sweep_reading_result(s->reading);
    const struct sweep_take_options options = {.loop = s->options.loop,
                                               .sides = s->options.sides,
                                               .people = &s->people,
                                               .containers = r->containers,
                                               .n_containers = r->n_containers,
                                               .now_ms = s->options.now_ms,
                                               .max_wait_ms = s->options.settings->max_wait_ms,
                                               .done = took,
                                               .arg = s};

    for (size_t i = 0; s->take == NULL && i < s->people.n; i++)
        s->people.rows[i].is_marked = s->people.rows[i].verdict == SWEEP_TAKE;
    if (!s->may_remove || s->count[SWEEP_TAKE] == 0) {
        end(s, NULL);
        return;
    }
    if (s->take == NULL)
        s->take = sweep_take_new(&options);
    sweep_take_begin(s->take);
}

/* ---- preparing and reading ---- */

static void prepared(void *arg, const struct fail *fail)
{
    struct sweep *s = arg;

    if (fail == NULL)
        next_stage(s);
    else
        end(s, fail);
}

static void have_read(void *arg, const struct fail *fail)
{
    struct sweep *s = arg;

    if (fail == NULL)
        next_stage(s);
    else
        end(s, fail);
}

static void begin_reading(struct sweep *s)
{
    const struct sweep_reading_options options = {.loop = s->options.loop,
                                                  .sides = s->options.sides,
                                                  .people = &s->people,
                                                  .done = have_read,
                                                  .arg = s};

    if (s->reading == NULL)
        s->reading = sweep_reading_new(&options);
    sweep_reading_begin(s->reading);
}

static void begin_stage(struct sweep *s)
{
    switch (s->stage) {
    case STAGE_PREPARING:
        both_sides_prepare(s->options.sides, prepared, s);
        break;
    case STAGE_READING:
        begin_reading(s);
        break;
    case STAGE_JUDGING:
        loop_timer_set(s->timer, 0);
        break;
    case STAGE_TELLING:
        begin_telling(s);
        break;
    case STAGE_TAKING:
        begin_taking(s);
        break;
    }
}

/* ---- life ---- */

struct sweep *sweep_new(const struct sweep_options *options)
{
    struct sweep *s = mem_new(1, sizeof(*s));

    s->options = *options;
    s->timer = loop_timer_new(options->loop, judge_piece, s);
    return s;
}

void sweep_free(struct sweep *s)
{
    if (s == NULL)
        return;
    sweep_take_free(s->take);
    sweep_tell_free(s->tell);
    sweep_reading_free(s->reading);
    loop_timer_free(s->timer);
    sweep_people_done(&s->people);
    arena_done(&s->arena);
    free(s);
}

void sweep_begin(struct sweep *s)
{
    begin_stage(s);
}

void sweep_pause(struct sweep *s)
{
    both_sides_forget(s->options.sides);
    loop_timer_clear(s->timer);
    if (s->reading != NULL)
        sweep_reading_pause(s->reading);
    if (s->tell != NULL)
        sweep_tell_pause(s->tell);
    if (s->take != NULL)
        sweep_take_pause(s->take);
}

void sweep_add_summary(const struct sweep *s, struct buf *out)
{
    static const struct sweep_takings none = {.deleted = 0};
    const struct sweep_takings *t = s->take == NULL ? &none : sweep_take_result(s->take);
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_put_str(&o, "kind", SPAN("sweep"));
    json_put_bool(&o, "done", true);
    json_put_bool(&o, "source_well", s->is_source_well);
    json_put_bool(&o, "removals_held",
                  !s->may_remove && s->count[SWEEP_TAKE] + s->count[SWEEP_SOON] > 0);
    json_put_bool(&o, "changes_held", !s->may_change);
    json_put_int(&o, "people", (int64_t)s->people.n);
    json_put_int(&o, "agents", s->people.agents);
    json_put_int(&o, "managed", s->people.managed);
    for (int i = 0; i < SWEEP_VERDICTS; i++)
        json_put_int(&o, sweep_verdict_name((enum sweep_verdict)i), s->count[i]);
    json_put_int(&o, "told", s->told);
    json_put_int(&o, "deleted", t->deleted);
    json_put_int(&o, "parked", t->parked);
    json_put_int(&o, "on_contact", t->on_contact);
    json_put_int(&o, "not_any_more", t->not_any_more);
    json_put_int(&o, "last_administrators", t->last_administrators);
    json_put_int(&o, "failed", t->failed);
    json_out_end(&o, '}');
}
