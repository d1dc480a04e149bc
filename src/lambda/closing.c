#include "lambda/closing.h"

#include <stdlib.h>

#include "aws/sqs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "lambda/dead_letters.h"
#include "lambda/sweep_request.h"

struct closing {
    struct sqs *sqs;
    struct dead_letters *dead_letters;
    struct sweep_request *sweep; /* NULL: its queue is not known */
    struct batch *batch;         /* NULL: nothing is under way */
    struct arena *arena;
    bool is_asking; /* for a sweep: nothing is buried yet */
    struct dead_letter *letters;
    size_t *places; /* of the letters among the items */
    size_t n;
    struct sqs_call *hiding;
    size_t hide_at;
    void (*done)(void *arg);
    void *arg;
};

/* ---- hiding ---- */

static void hide_next(struct closing *c);

static void hidden(void *arg, const struct sqs_answer *answer)
{
    struct closing *c = arg;

    c->hiding = NULL;
    if (answer->err != ERR_NONE)
        log_warn("messages that come again could not be hidden; they come when the queue's own "
                 "time-out is over",
                 LOG_STR("error", answer->fail->text));
    hide_next(c);
}

static void hide_next(struct closing *c)
{
    struct sqs_hiding of[SQS_BATCH];
    size_t n = 0;

    for (; c->hide_at < c->batch->n && n < SQS_BATCH; c->hide_at++) {
        const struct batch_item *item = &c->batch->items[c->hide_at];
        unsigned seconds = batch_hide_s(item, random_below(UINT32_MAX));

        if (item->end.fate != BATCH_AGAIN || item->record->receipt.n == 0)
            continue;
        of[n++] = (struct sqs_hiding){item->record->receipt, seconds};
        log_info("message comes again", LOG_SPAN("group", item->record->group),
                 LOG_SPAN("code", item->end.code), LOG_SPAN("reason", item->end.reason),
                 LOG_INT("received", item->record->n_received), LOG_INT("hidden_s", seconds));
    }
    if (n > 0) {
        c->hiding = sqs_hide(c->sqs, of, n, hidden, c);
        return;
    }
    c->batch = NULL;
    c->done(c->arg);
}

/* ---- burying ---- */

/* What is not buried comes again, and what stands behind it as well. */
static void take_back(struct closing *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!c->letters[i].is_buried)
            c->batch->items[c->places[i]].end.fate = BATCH_AGAIN;
    batch_close(c->batch);
}

static void buried(void *arg, const struct fail *fail)
{
    struct closing *c = arg;

    if (fail != NULL) {
        log_error("dead letters could not be put into their queue; they come again",
                  LOG_STR("error", fail->text));
        take_back(c);
    }
    c->n = 0;
    hide_next(c);
}

static void log_dead(const struct batch_item *item)
{
    log_error("this never will be; the message goes to the dead letters",
              LOG_SPAN("group", item->record->group), LOG_SPAN("code", item->end.code),
              LOG_SPAN("reason", item->end.reason), LOG_SPAN("event", item->event.uuid));
}

static void bury(struct closing *c)
{
    int64_t now_ms = clock_wall_ms();
    struct batch *batch = c->batch;

    c->letters = arena_new(c->arena, batch->n, sizeof(*c->letters));
    c->places = arena_new(c->arena, batch->n, sizeof(*c->places));
    for (size_t i = 0; i < batch->n; i++) {
        const struct batch_item *item = &batch->items[i];

        if (item->end.fate != BATCH_DEAD)
            continue;
        log_dead(item);
        c->places[c->n] = i;
        c->letters[c->n++] = (struct dead_letter){
            .record = item->record, .death = {item->end.code, item->end.reason, now_ms}};
    }
    if (c->n > 0)
        dead_letters_bury(c->dead_letters, c->letters, c->n, buried, c);
    else
        hide_next(c);
}

/* ---- asking for a sweep ---- */

static void settle(struct closing *c, struct batch_item *item, const struct fail *fail)
{
    if (fail != NULL) {
        item->end = (struct batch_end){.fate = BATCH_AGAIN,
                                       .code = SPAN("waiting"),
                                       .reason = span_of(arena_dup(c->arena, span_of(fail->text)))};
        return;
    }
    item->end.fate = BATCH_DONE;
    log_info("a group, an application or the whole scope has changed: a sweep is asked for, which "
             "finds whom that concerns",
             LOG_SPAN("group", item->record->group), LOG_SPAN("type", item->event.type),
             LOG_SPAN("event", item->event.uuid));
}

static void asked(void *arg, const struct fail *fail)
{
    struct closing *c = arg;

    c->is_asking = false;
    if (fail != NULL)
        log_error("a sweep could not be asked for; the messages that need it come again",
                  LOG_STR("error", fail->text));
    for (size_t i = 0; i < c->batch->n; i++)
        if (c->batch->items[i].end.fate == BATCH_SWEEP)
            settle(c, &c->batch->items[i], fail);
    batch_close(c->batch);
    bury(c);
}

/* ---- the whole ---- */

static bool needs_sweep(const struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        if (batch->items[i].end.fate == BATCH_SWEEP)
            return true;
    return false;
}

void closing_begin(struct closing *c, struct batch *batch, struct arena *a, void (*done)(void *arg),
                   void *arg)
{
    c->batch = batch;
    c->arena = a;
    c->done = done;
    c->arg = arg;
    c->hide_at = c->n = 0;
    batch_close(batch);
    c->is_asking = needs_sweep(batch);
    if (c->is_asking)
        sweep_request_send(c->sweep, asked, c);
    else
        bury(c);
}

void closing_cut(struct closing *c, struct batch *batch)
{
    bool has_begun = c->batch != NULL && !c->is_asking;

    sweep_request_forget(c->sweep);
    dead_letters_forget(c->dead_letters);
    sqs_cancel(c->hiding);
    c->hiding = NULL;
    batch_close(batch);
    if (has_begun && c->n > 0)
        take_back(c);
    for (size_t i = 0; i < batch->n && !has_begun; i++)
        if (batch->items[i].end.fate == BATCH_DEAD || batch->items[i].end.fate == BATCH_SWEEP)
            batch->items[i].end.fate = BATCH_AGAIN;
    batch_close(batch);
    c->batch = NULL;
    c->is_asking = false;
    c->n = 0;
}

/* ---- life ---- */

struct closing *closing_new(struct aws *aws, struct span queue_url, struct span sweep_queue_url)
{
    struct closing *c = mem_new(1, sizeof(*c));

    c->sqs = sqs_new(aws, queue_url);
    c->dead_letters = dead_letters_new(aws, c->sqs, queue_url);
    if (sweep_queue_url.n > 0)
        c->sweep = sweep_request_new(aws, sweep_queue_url);
    return c;
}

void closing_free(struct closing *c)
{
    if (c == NULL)
        return;
    sweep_request_free(c->sweep);
    dead_letters_free(c->dead_letters);
    sqs_free(c->sqs);
    free(c);
}
