/* Works the queue off: a batch of messages, by the people whom they concern. Each of them is read
 * in Okta, their agent is found by its tags, and the engine does the rest, with a roster in memory.
 * Whoever has left only gets a tag; `sweep` removes, and is asked for where a change concerns no
 * single person. What could not be done comes again, and what never can be goes to the dead
 * letters. */
#include "engine/converge.h"

#include <stdlib.h>

#include "aws/sqs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "lambda/closing.h"
#include "lambda/part.h"
#include "lambda/worked.h"

enum {
    MARGIN_MS = 5000,    /* before the deadline nothing is begun any more, or, where the whole time
                            is short, in its last quarter */
    PAUSED_MS = 1500,    /* an operation waits for all: the others may end what they are at */
    IDLE_MS = 10 * 1000, /* nothing has moved for so long: better come again */
    AHEAD_MS = 2000,     /* who is due later than that comes again */
    DENIED_AGAIN_MS = 60 * 1000,
    NAMES_AGE_MS = 60 * 1000,
    ANSWER_LIMIT = 4 * 1024 * 1024,
};

struct converge_part {
    struct part_context context;
    struct aws *aws; /* of the queue */
    struct closing *closing;
    struct both_sides *sides;
    int64_t prepared_ms; /* clock_mono_ms: when the names were read; 0 = they are to be */
    bool doubts_okta, lacks_name;
    bool knows_sweep; /* its queue */
    struct memory_roster *roster;
    /* One invocation; NULL: there is none. */
    struct invocation *invocation;
    struct arena arena;
    struct batch batch;
    struct worked_batch common;
    struct worked *worked;
    struct converge *converge;
    bool is_refreshing, is_preparing, is_closing;
    struct loop_timer *stop_timer, *idle_timer, *end_timer;
    int64_t began_ms;
};

/* ---- the end of an invocation ---- */

static void answer(void *arg)
{
    struct converge_part *c = arg;
    struct invocation *invocation = c->invocation;
    int64_t n[BATCH_DEAD + 1] = {0};
    struct buf json;

    loop_timer_clear(c->stop_timer);
    loop_timer_clear(c->idle_timer);
    loop_timer_clear(c->end_timer);
    for (size_t i = 0; i < c->batch.n; i++)
        n[c->batch.items[i].end.fate]++;
    log_info("batch worked off", LOG_INT("messages", c->batch.n),
             LOG_INT("people", c->batch.n_people), LOG_INT("done", n[BATCH_DONE]),
             LOG_INT("again", n[BATCH_AGAIN]), LOG_INT("dead", n[BATCH_DEAD]),
             LOG_INT("ms", clock_mono_ms() - c->began_ms));
    buf_init(&json, ANSWER_LIMIT);
    batch_add_answer(&json, &c->batch);
    c->invocation = NULL;
    arena_done(&c->arena);
    invocation->answer(invocation, buf_span(&json));
    buf_done(&json);
}

/* Drops what is under way. Not from inside the engine. */
static void halt(struct converge_part *c)
{
    bool names_are_old = c->prepared_ms == 0 || clock_mono_ms() - c->prepared_ms > NAMES_AGE_MS;

    if (c->is_refreshing)
        configuration_forget(c->context.configuration);
    if (c->is_preparing)
        both_sides_forget(c->sides);
    c->is_refreshing = c->is_preparing = false;
    c->doubts_okta = c->doubts_okta || c->common.doubts_okta;
    if (c->converge == NULL)
        return;
    for (size_t i = 0; i < c->batch.n_people; i++) {
        worked_cancel(&c->worked[i]);
        worked_take_end(&c->worked[i], names_are_old);
    }
    converge_free(c->converge);
    c->converge = NULL;
    memory_roster_clear(c->roster, NULL, NULL);
    if (c->lacks_name && names_are_old) {
        both_sides_doubt(c->sides);
        c->prepared_ms = 0;
    }
    c->lacks_name = false;
}

static void finish(void *arg)
{
    struct converge_part *c = arg;

    halt(c);
    c->is_closing = true;
    closing_begin(c->closing, &c->batch, &c->arena, answer, c);
}

static void idle(void *arg)
{
    struct converge_part *c = arg;

    loop_timer_set(c->end_timer, 0);
}

/* Nothing more is begun; what is under way may end. */
static void stop(void *arg)
{
    struct converge_part *c = arg;

    if (c->common.is_stopping || c->is_closing || c->invocation == NULL)
        return;
    c->common.is_stopping = true;
    loop_timer_clear(c->idle_timer);
    if (c->converge == NULL) {
        loop_timer_set(c->end_timer, 0);
        return;
    }
    for (size_t i = 0; i < c->batch.n_people; i++)
        worked_stop(&c->worked[i]);
    converge_stop(c->converge, idle, c);
}

/* Is there anything that can still be done in this invocation? */
static void moved(void *arg)
{
    struct converge_part *c = arg;
    int64_t horizon_ms = clock_wall_ms() + AHEAD_MS;

    if (c->common.is_stopping || c->is_closing || c->converge == NULL)
        return;
    loop_timer_set(c->idle_timer, IDLE_MS);
    converge_kick(c->converge);
    if (c->common.n_open > 0)
        return;
    for (size_t i = 0; i < memory_roster_count(c->roster); i++) {
        const struct person *p = memory_roster_person(c->roster, i);

        if (p->state == PERSON_DUE && p->due_ms <= horizon_ms)
            return;
    }
    loop_timer_set(c->stop_timer, 0);
}

/* ---- the engine ---- */

static void lacks_name(void *arg)
{
    ((struct converge_part *)arg)->lacks_name = true;
}

static void resolved(void *arg, enum name_kind kind, struct span name, struct span id)
{
    (void)arg;
    (void)kind;
    (void)name;
    (void)id;
}

static void came_to_gate(void *arg, enum gate gate)
{
    (void)arg;
    (void)gate;
}

static void tell(void *arg, const struct converge_news *news)
{
    (void)arg;
    switch (news->kind) {
    case NEWS_PAUSED:
    case NEWS_FULL:
        log_error("an operation of Amazon Connect is refused to everybody; messages come again",
                  LOG_STR("operation", news->operation), LOG_STR("code", news->code),
                  LOG_STR("error", news->text));
        break;
    case NEWS_RESUMED:
        log_info("an operation of Amazon Connect works again",
                 LOG_STR("operation", news->operation));
        break;
    case NEWS_HELD:
    case NEWS_FAILED:
    case NEWS_PARKED: /* told with the dead letters */
        break;
    }
}

static void roster_changed(void *arg, bool paused)
{
    struct converge_part *c = arg;

    if (c->invocation == NULL || c->is_closing)
        return;
    if (paused)
        loop_timer_set(c->stop_timer, PAUSED_MS);
    moved(c);
}

static bool make_engine(struct converge_part *c)
{
    const struct settings *settings = configuration_settings(c->context.configuration);
    const struct converge_options options = {.loop = c->context.loop,
                                             .roster = memory_roster_of(c->roster),
                                             .pace = c->sides->pace,
                                             .connect = c->sides->connect,
                                             .rules = &c->sides->rules,
                                             .names = &c->sides->names,
                                             .instance_id = settings->instance_id,
                                             .max_wait_ms = settings->max_wait_ms,
                                             .tell = tell,
                                             .lacks_name = lacks_name,
                                             .resolved = resolved,
                                             .came_to_gate = came_to_gate,
                                             .arg = c};
    struct fail fail;

    memory_roster_clear(c->roster, &c->sides->rules, &c->sides->names);
    if (converge_new(&options, &c->converge, &fail) == ERR_NONE) {
        converge_open(c->converge);
        return true;
    }
    log_error("the engine cannot start", LOG_STR("error", fail.text));
    return false;
}

/* ---- the beginning ---- */

/* Nobody can be worked on now. */
static void put_off(struct converge_part *c, const char *operation, const struct fail *fail)
{
    struct batch_end end = {.fate = BATCH_AGAIN,
                            .wait_ms = fail->err == ERR_DENIED ? DENIED_AGAIN_MS : 0,
                            .code = SPAN("waiting"),
                            .reason =
                                span_of(arena_printf(&c->arena, "%s: %s", operation, fail->text))};

    log_error("nobody can be worked on now; the messages come again",
              LOG_STR("operation", operation), LOG_STR("error", fail->text));
    for (size_t i = 0; i < c->batch.n_people; i++)
        c->batch.people[i].end = end;
    c->doubts_okta = c->doubts_okta || fail->err == ERR_DENIED;
    loop_timer_set(c->end_timer, 0);
}

static void begin_people(struct converge_part *c)
{
    if (!make_engine(c)) {
        stop(c);
        return;
    }
    c->common.sides = c->sides;
    loop_timer_set(c->idle_timer, IDLE_MS);
    for (size_t i = 0; i < c->batch.n_people; i++)
        worked_begin(&c->worked[i], &c->common, &c->batch.people[i]);
    moved(c);
}

static void prepared(void *arg, const struct fail *fail)
{
    struct converge_part *c = arg;

    c->is_preparing = false;
    if (fail != NULL) {
        put_off(c, "reading what the rules name", fail);
        return;
    }
    if (c->prepared_ms == 0)
        c->prepared_ms = clock_mono_ms();
    begin_people(c);
}

static enum err make_sides(struct converge_part *c, struct fail *fail)
{
    const struct settings *settings = configuration_settings(c->context.configuration);
    struct both_sides_options options = {.loop = c->context.loop,
                                         .client = c->context.client,
                                         .environment = c->context.environment,
                                         .settings = settings,
                                         .workers = settings->queue_concurrency};

    if (c->sides != NULL && c->sides->options.knows_identity) {
        options.knows_identity = true;
        options.identity = c->sides->rules.identity;
    }
    both_sides_free(c->sides);
    c->sides = NULL;
    c->prepared_ms = 0;
    return both_sides_new(&options, &c->sides, fail);
}

static void prepare(struct converge_part *c)
{
    c->is_preparing = true;
    both_sides_prepare(c->sides, prepared, c);
}

static void refreshed(void *arg)
{
    struct converge_part *c = arg;
    struct fail fail;

    c->is_refreshing = false;
    if (make_sides(c, &fail) == ERR_NONE)
        prepare(c);
    else
        put_off(c, "the settings", &fail);
}

/* Why no sweep is asked for; NULL: one is. */
static const char *why_no_request(const struct converge_part *c)
{
    const struct settings *settings = configuration_settings(c->context.configuration);

    if (settings->org_url.n == 0)
        return "without Okta's API ([OKTA] ORG_URL) nothing can be compared";
    if (!c->knows_sweep)
        return "the schedule's next sweep finds whom that concerns; set ROSTER_QUEUE_SWEEP_URL to "
               "have one at once";
    return NULL;
}

static void settle_others(struct converge_part *c)
{
    const char *why_not = why_no_request(c);

    for (size_t i = 0; i < c->batch.n; i++) {
        struct batch_item *item = &c->batch.items[i];

        if (item->person != NULL || item->end.fate != BATCH_OPEN)
            continue;
        item->end.fate = why_not == NULL ? BATCH_SWEEP : BATCH_DONE;
        if (why_not != NULL)
            log_info("a group, an application or the whole scope has changed, and no sweep is "
                     "asked for",
                     LOG_STR("reason", why_not), LOG_SPAN("group", item->record->group),
                     LOG_SPAN("type", item->event.type), LOG_SPAN("event", item->event.uuid));
    }
}

static void set_stop(struct converge_part *c)
{
    int64_t left_ms = c->invocation->deadline_ms - clock_wall_ms();
    int64_t margin_ms = left_ms / 4 < MARGIN_MS ? left_ms / 4 : MARGIN_MS;

    loop_timer_set(c->stop_timer, left_ms > margin_ms ? left_ms - margin_ms : 0);
}

static void enter(struct converge_part *c)
{
    enum configuration_need need = c->doubts_okta ? CONFIGURATION_BY_DOUBT : CONFIGURATION_BY_AGE;

    c->doubts_okta = false;
    c->is_refreshing =
        configuration_refresh(c->context.configuration, need, clock_wall_ms(), refreshed, c);
    if (!c->is_refreshing && c->sides == NULL)
        refreshed(c);
    else if (!c->is_refreshing)
        prepare(c);
}

static void begin(void *arg, struct invocation *invocation)
{
    struct converge_part *c = arg;
    struct fail fail;

    if (!records_are(invocation->event) ||
        batch_read(&c->arena, invocation->event, &c->batch, &fail) != ERR_NONE) {
        arena_done(&c->arena);
        invocation->fail(invocation, "Function.UnknownEvent",
                         "the event is none of SQS's: converge works the queue off");
        return;
    }
    c->invocation = invocation;
    c->began_ms = clock_mono_ms();
    c->is_closing = false;
    c->common =
        (struct worked_batch){.roster = c->roster, .arena = &c->arena, .moved = moved, .arg = c};
    c->worked = arena_new(&c->arena, c->batch.n_people, sizeof(*c->worked));
    settle_others(c);
    set_stop(c);
    enter(c);
}

static void expire(void *arg, struct invocation *invocation)
{
    struct converge_part *c = arg;

    (void)invocation;
    halt(c);
    closing_cut(c->closing, &c->batch);
    answer(c);
}

/* ---- the part ---- */

static enum err check_settings(const struct settings *settings, struct fail *fail)
{
    if (settings->queue_url.n == 0)
        return fail_set(fail, ERR_INPUT,
                        "there is no queue: set ROSTER_QUEUE_URL to the URL of the FIFO queue");
    if (settings->org_url.n == 0)
        log_warn("without Okta's API ([OKTA] ORG_URL) agents are only made: nobody is changed, and "
                 "nobody is removed",
                 LOG_NOTHING);
    if (settings->rules.on_rename == RENAME_REPLACE)
        log_warn("[Connect] ON_RENAME = replace needs the daemon's store; here it is hold",
                 LOG_NOTHING);
    return ERR_NONE;
}

static void converge_part_free(void *arg)
{
    struct converge_part *c = arg;

    if (c == NULL)
        return;
    if (c->invocation != NULL)
        halt(c);
    memory_roster_free(c->roster);
    both_sides_free(c->sides);
    closing_free(c->closing);
    aws_free(c->aws);
    loop_timer_free(c->stop_timer);
    loop_timer_free(c->idle_timer);
    loop_timer_free(c->end_timer);
    arena_done(&c->arena);
    free(c);
}

static void make_timers(struct converge_part *c)
{
    struct loop *loop = c->context.loop;
    const struct memory_roster_options roster = {.loop = loop, .changed = roster_changed, .arg = c};

    c->roster = memory_roster_new(&roster);
    c->stop_timer = loop_timer_new(loop, stop, c);
    c->idle_timer = loop_timer_new(loop, stop, c);
    c->end_timer = loop_timer_new(loop, finish, c);
}

static enum err converge_part_new(const struct part_context *context, struct worker *out,
                                  struct fail *fail)
{
    const struct settings *settings = configuration_settings(context->configuration);
    struct aws_options options = {.region = sqs_region_of(settings->queue_url),
                                  .environment = context->environment};
    enum err err = check_settings(settings, fail);
    struct converge_part *c;

    if (err != ERR_NONE)
        return err;
    c = mem_new(1, sizeof(*c));
    c->context = *context;
    make_timers(c);
    err = aws_new(context->loop, context->client, &options, &c->aws, fail);
    if (err == ERR_NONE)
        err = make_sides(c, fail);
    if (err != ERR_NONE) {
        converge_part_free(c);
        return err;
    }
    c->knows_sweep = settings->sweep_queue_url.n > 0;
    c->closing = closing_new(c->aws, settings->queue_url, settings->sweep_queue_url);
    *out = (struct worker){begin, expire, c};
    return ERR_NONE;
}

const struct part part_converge = {"converge", converge_part_new, converge_part_free};
