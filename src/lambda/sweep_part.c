/* The function that compares: once on schedule, and whenever somebody asks. One at a time (the
 * template sees to that), since what is removed is judged as one set. A sweep for which there is no
 * time left stays in memory, and a message in a queue of its own has it gone on with; where that
 * process is gone by then, it begins anew. AWS stops functions that call themselves in a loop,
 * which it knows by the X-Ray header: none is sent on, and the template allows it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "crypt/digest.h"
#include "lambda/part.h"
#include "lambda/records.h"
#include "lambda/sweep.h"

enum {
    PUT_OFF_MS = 10 * 1000, /* before the deadline: the time for saying that it goes on */
    PUT_OFF_SHARE = 4,      /* … but of a short time no more than this part */
    SEND_MS = 5 * 1000,
    WORKERS = 2, /* half of the rate: `converge` works besides */
    OLD_MS = 6 * 3600 * 1000,
    ANSWER_LIMIT = 64 * 1024
};

struct sweeper {
    struct part_context context;
    struct invocation *invocation;
    struct sweep_order order;
    /* The sweep that is under way or was put off; all NULL: none. */
    struct both_sides *sides;
    struct aws *aws;
    struct sqs *queue, *own_queue;
    struct sweep *sweep;
    int64_t began_ms; /* clock_wall_ms */
    bool is_waiting;  /* for the settings */
    bool owes;        /* another one: something has changed since it began */
    struct loop_timer *put_off, *end;
    struct sqs_call *sending;
    bool is_over, has_failed; /* the sweep, and why */
    struct fail fail;
    /* from one to the next */
    char ended[SWEEP_ID + 1]; /* the last one that was put off and has ended; "" = none */
    struct sweep_past past;
    bool knows_identity;
    enum identity_type identity;
};

/* ---- the end ---- */

static void forget_sweep(struct sweeper *w)
{
    sweep_free(w->sweep);
    both_sides_free(w->sides);
    sqs_free(w->queue);
    sqs_free(w->own_queue);
    aws_free(w->aws);
    w->sweep = NULL;
    w->sides = NULL;
    w->queue = w->own_queue = NULL;
    w->aws = NULL;
}

/* To AWS's poller of queues only this says that nothing has failed. */
static void answer(struct sweeper *w, struct span json)
{
    struct invocation *invocation = w->invocation;
    bool is_queues = records_are(invocation->event);

    w->invocation = NULL;
    loop_timer_clear(w->put_off);
    invocation->answer(invocation, is_queues ? SPAN("{\"batchItemFailures\":[]}") : json);
}

static void fail_with(struct sweeper *w, const char *type, const char *text)
{
    struct invocation *invocation = w->invocation;

    w->invocation = NULL;
    loop_timer_clear(w->put_off);
    invocation->fail(invocation, type, text);
}

static void begin_anew(struct sweeper *w, const struct sweep_order *order);

static void end_with(struct sweeper *w, const struct fail *fail)
{
    const struct sweep_order plain = {.round = 0};
    struct buf json;

    if (w->sides != NULL && w->sides->options.knows_identity) {
        w->knows_identity = true;
        w->identity = w->sides->rules.identity;
    }
    if (fail != NULL) {
        fail_with(w, "Function.SweepFailed", fail->text);
        return; /* the sweep is kept: the next one may go on with it */
    }
    buf_init(&json, ANSWER_LIMIT);
    sweep_add_summary(w->sweep, &json);
    log_info("sweep ended", LOG_INT("ms", clock_wall_ms() - w->began_ms),
             LOG_SPAN("summary", buf_span(&json)));
    forget_sweep(w);
    if (w->order.round > 0) /* nobody else has its id */
        (void)snprintf(w->ended, sizeof(w->ended), "%s", w->order.id);
    if (w->owes) {
        log_info("something has changed since the sweep began: the next one begins", LOG_NOTHING);
        begin_anew(w, &plain);
    } else {
        answer(w, buf_span(&json));
    }
    buf_done(&json);
}

/* What is freed at the end must not be inside its callback. */
static void done(void *arg, const struct fail *fail)
{
    struct sweeper *w = arg;

    w->is_over = true;
    w->has_failed = fail != NULL;
    if (fail != NULL)
        w->fail = *fail;
    loop_timer_set(w->end, 0);
}

static void on_end(void *arg)
{
    struct sweeper *w = arg;

    w->is_over = false;
    end_with(w, w->has_failed ? &w->fail : NULL);
}

/* ---- putting off ---- */

static void pause_all(struct sweeper *w)
{
    loop_timer_clear(w->end);
    if (w->is_waiting)
        configuration_forget(w->context.configuration);
    w->is_waiting = false;
    if (w->sweep != NULL)
        sweep_pause(w->sweep);
}

static void put_off(struct sweeper *w, const char *why)
{
    struct buf json;

    if (why != NULL) {
        log_error("the sweep did not end in time, and cannot be gone on with by itself",
                  LOG_STR("reason", why), LOG_INT("round", w->order.round));
        fail_with(w, "Function.SweepUnfinished", why);
        return;
    }
    log_info("the sweep goes on in another round", LOG_INT("round", w->order.round));
    buf_init(&json, ANSWER_LIMIT);
    sweep_order_add(&json, &w->order);
    answer(w, buf_span(&json));
    buf_done(&json);
}

static void sent(void *arg, const struct sqs_answer *answered)
{
    struct sweeper *w = arg;
    const struct sqs_fate *fate = answered->err == ERR_NONE ? &answered->fates[0] : NULL;

    w->sending = NULL;
    put_off(w, fate == NULL ? answered->fail->text : fate->err != ERR_NONE ? fate->text : NULL);
}

static void send_place(struct sweeper *w)
{
    char name[SHA256_HEX];
    struct buf json, text;
    struct sqs_sending message = {.group = SPAN(SWEEP_GROUP)};

    buf_init(&json, ANSWER_LIMIT);
    buf_init(&text, ANSWER_LIMIT);
    sweep_order_add(&json, &w->order);
    buf_printf(&text, "sweep\n%s", w->invocation->id);
    sha256_hex(buf_span(&text), name);
    message.body = buf_span(&json);
    message.deduplication = span_n(name, sizeof(name));
    w->sending = sqs_send(w->own_queue, &message, 1, SEND_MS, sent, w);
    buf_done(&json);
    buf_done(&text);
}

static void on_put_off(void *arg)
{
    struct sweeper *w = arg;

    pause_all(w);
    w->order.round++;
    if (w->order.round > SWEEP_ROUNDS_MAX)
        put_off(w, "it was put off too often");
    else if (w->own_queue == NULL)
        put_off(w, "there is no queue for going on with it: set ROSTER_QUEUE_SWEEP_URL");
    else
        send_place(w);
}

/* ---- beginning ---- */

static enum err make_queues(struct sweeper *w, const struct settings *settings, struct fail *fail)
{
    const struct aws_options options = {.region = sqs_region_of(settings->queue_url),
                                        .environment = w->context.environment};
    enum err err = aws_new(w->context.loop, w->context.client, &options, &w->aws, fail);

    if (err != ERR_NONE)
        return err;
    w->queue = sqs_new(w->aws, settings->queue_url);
    if (settings->sweep_queue_url.n > 0)
        w->own_queue = sqs_new(w->aws, settings->sweep_queue_url);
    return ERR_NONE;
}

static enum err make_sweep(struct sweeper *w, struct fail *fail)
{
    const struct settings *settings = configuration_settings(w->context.configuration);
    const struct both_sides_options sides = {.loop = w->context.loop,
                                             .client = w->context.client,
                                             .environment = w->context.environment,
                                             .settings = settings,
                                             .workers = WORKERS,
                                             .knows_identity = w->knows_identity,
                                             .identity = w->identity};
    struct sweep_options options = {.loop = w->context.loop,
                                    .settings = settings,
                                    .order = w->order,
                                    .past = &w->past,
                                    .now_ms = clock_wall_ms(),
                                    .done = done,
                                    .arg = w};
    enum err err = make_queues(w, settings, fail);

    if (err == ERR_NONE)
        err = both_sides_new(&sides, &w->sides, fail);
    if (err != ERR_NONE)
        return err;
    options.sides = w->sides;
    options.queue = w->queue;
    w->sweep = sweep_new(&options);
    w->began_ms = options.now_ms;
    return ERR_NONE;
}

static void begin_sweep(void *arg)
{
    struct sweeper *w = arg;
    struct fail fail;

    w->is_waiting = false;
    if (w->sweep == NULL && make_sweep(w, &fail) != ERR_NONE) {
        forget_sweep(w);
        fail_with(w, "Function.SweepFailed", fail.text);
        return;
    }
    if (w->is_over)
        loop_timer_set(w->end, 0);
    else
        sweep_begin(w->sweep);
}

static void set_id(struct sweep_order *order)
{
    uint8_t bytes[SWEEP_ID / 2];

    if (order->id[0] != '\0')
        return;
    random_bytes(bytes, sizeof(bytes));
    hex_encode(bytes, sizeof(bytes), order->id);
    order->id[SWEEP_ID] = '\0';
}

static void begin_anew(struct sweeper *w, const struct sweep_order *order)
{
    forget_sweep(w);
    w->order = *order;
    w->order.has_changed = false; /* it is seen from now on */
    set_id(&w->order);
    w->owes = w->is_over = false;
    w->is_waiting = configuration_refresh(w->context.configuration, CONFIGURATION_BY_AGE,
                                          clock_wall_ms(), begin_sweep, w);
    if (!w->is_waiting)
        begin_sweep(w);
}

/* An order by itself has what was put off gone on with; one in which somebody has decided something
 * is none of that one's, unless it is its own. */
static bool goes_on(const struct sweeper *w, const struct sweep_order *order)
{
    int64_t age_ms = clock_wall_ms() - w->began_ms;

    return w->sweep != NULL && age_ms >= 0 && age_ms < OLD_MS &&
           (order->id[0] == '\0' ? !sweep_order_decides(order)
                                 : strcmp(order->id, w->order.id) == 0);
}

static void set_put_off(struct sweeper *w)
{
    int64_t left_ms = w->invocation->deadline_ms - clock_wall_ms();
    int64_t margin_ms = left_ms / PUT_OFF_SHARE < PUT_OFF_MS ? left_ms / PUT_OFF_SHARE : PUT_OFF_MS;

    loop_timer_set(w->put_off, left_ms > margin_ms ? left_ms - margin_ms : 0);
}

static void begin(void *arg, struct invocation *invocation)
{
    struct sweeper *w = arg;
    const struct settings *settings = configuration_settings(w->context.configuration);
    struct sweep_order order;
    struct fail fail;

    if (sweep_order_read(invocation->event, &order, &fail) != ERR_NONE) {
        invocation->fail(invocation, "Function.UnknownEvent", fail.text);
        return;
    }
    w->invocation = invocation;
    if (settings->org_url.n == 0) {
        log_warn("nothing is compared: Okta's API is not set up ([OKTA] ORG_URL)", LOG_NOTHING);
        answer(w, SPAN("{\"kind\":\"sweep\",\"done\":true,\"compared\":false}"));
        return;
    }
    if (order.id[0] != '\0' && strcmp(order.id, w->ended) == 0) {
        /* The schedule's order has had it gone on with before its own message came. */
        if (!order.has_changed) {
            answer(w, SPAN("{\"kind\":\"sweep\",\"done\":true,\"compared\":false}"));
            return;
        }
        order = (struct sweep_order){.has_changed = true};
    }
    set_put_off(w);
    if (goes_on(w, &order)) {
        w->order.round = order.round > w->order.round ? order.round : w->order.round;
        w->owes = w->owes || order.has_changed;
        begin_sweep(w);
    } else {
        begin_anew(w, &order);
    }
}

static void expire(void *arg, struct invocation *invocation)
{
    struct sweeper *w = arg;

    (void)invocation;
    sqs_cancel(w->sending);
    w->sending = NULL;
    pause_all(w);
    put_off(w, "there was no time left for putting it off");
}

/* ---- the part ---- */

static void sweep_part_free(void *arg)
{
    struct sweeper *w = arg;

    if (w == NULL)
        return;
    sqs_cancel(w->sending);
    forget_sweep(w);
    loop_timer_free(w->put_off);
    loop_timer_free(w->end);
    free(w);
}

static enum err sweep_part_new(const struct part_context *context, struct worker *out,
                               struct fail *fail)
{
    const struct settings *settings = configuration_settings(context->configuration);
    struct sweeper *w;

    if (settings->queue_url.n == 0)
        return fail_set(fail, ERR_INPUT,
                        "there is no queue: set ROSTER_QUEUE_URL to the URL of the FIFO queue");
    if (settings->org_url.n == 0)
        log_warn("'sweep' has nothing to do without Okta's API ([OKTA] ORG_URL): Roster only "
                 "creates agents",
                 LOG_NOTHING);
    w = mem_new(1, sizeof(*w));
    w->context = *context;
    w->put_off = loop_timer_new(context->loop, on_put_off, w);
    w->end = loop_timer_new(context->loop, on_end, w);
    *out = (struct worker){begin, expire, w};
    return ERR_NONE;
}

const struct part part_sweep = {"sweep", sweep_part_new, sweep_part_free};
