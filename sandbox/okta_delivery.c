#include "okta_delivery.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "okta_events.h"

enum { MOST_KEPT = 100000, SHOWN_ANSWER = 300, ATTEMPTS = 2 };

enum state { WAITING, READY, FLYING, DELIVERED, FAILED, LOST };

static const char *const state_names[] = {"waiting",   "waiting", "flying",
                                          "delivered", "failed",  "lost"};

struct okta_delivery {
    struct okta_delivery *next, *next_ready;
    struct okta_side *side;
    uint64_t number;
    char hook_id[OKTA_ID];
    enum state state;
    char *body; /* until it is over */
    size_t n;
    json_t *event_id, *uuids, *attempts;
    struct loop_timer *timer;
    struct http_call *call;
    int64_t began_ms;
    void (*done)(void *arg, const json_t *delivery);
    void *arg;
};

static void delivery_free(struct okta_delivery *delivery)
{
    loop_timer_free(delivery->timer);
    http_cancel(delivery->call);
    json_decref(delivery->event_id);
    json_decref(delivery->uuids);
    json_decref(delivery->attempts);
    free(delivery->body);
    free(delivery);
}

void okta_deliveries_done(struct okta_side *side)
{
    struct okta_deliveries *d = &side->deliveries;

    while (d->first != NULL) {
        struct okta_delivery *delivery = d->first;

        d->first = delivery->next;
        delivery_free(delivery);
    }
    *d = (struct okta_deliveries){0};
}

static bool is_over(const struct okta_delivery *delivery)
{
    return delivery->state >= DELIVERED;
}

void okta_deliveries_forget(struct okta_side *side)
{
    struct okta_deliveries *d = &side->deliveries;
    struct okta_delivery **p = &d->first;

    d->last = NULL;
    while (*p != NULL) {
        struct okta_delivery *delivery = *p;

        if (!is_over(delivery)) {
            d->last = delivery;
            p = &delivery->next;
            continue;
        }
        *p = delivery->next;
        delivery_free(delivery);
        d->n_kept--;
    }
}

/* ---- what is remembered ---- */

static void read_body(struct okta_delivery *delivery)
{
    json_t *body = json_loadb(delivery->body, delivery->n, 0, NULL), *event;
    const json_t *events = json_object_get(json_object_get(body, "data"), "events");
    size_t i;

    delivery->uuids = json_array();
    delivery->event_id = json_incref(json_object_get(body, "eventId"));
    json_array_foreach(events, i, event)
    {
        const char *uuid = okta_member(event, "uuid");

        if (uuid != NULL)
            json_array_append_new(delivery->uuids, json_string(uuid));
    }
    json_decref(body);
}

static json_t *show(const struct okta_delivery *delivery)
{
    return json_pack("{s:I, s:s, s:s, s:O?, s:O, s:O}", "number", (json_int_t)delivery->number,
                     "hook", delivery->hook_id, "state", state_names[delivery->state], "eventId",
                     delivery->event_id, "events", delivery->uuids, "attempts", delivery->attempts);
}

json_t *okta_deliveries_show(struct okta_side *side)
{
    const struct okta_deliveries *d = &side->deliveries;
    json_t *all = json_array();

    for (const struct okta_delivery *delivery = d->first; delivery != NULL;
         delivery = delivery->next)
        json_array_append_new(all, show(delivery));
    return json_pack("{s:I, s:I, s:o}", "waiting", (json_int_t)d->n_waiting, "flying",
                     (json_int_t)d->n_flying, "deliveries", all);
}

/* Answers are kept as text where they are text. */
static json_t *shown_text(struct span text)
{
    json_t *value;

    if (text.n > SHOWN_ANSWER)
        text.n = SHOWN_ANSWER;
    value = text.n == 0 ? NULL : json_stringn(text.p, text.n);
    return value == NULL ? json_null() : value;
}

static void note(struct okta_delivery *delivery, const struct http_answer *answer)
{
    bool is_answer = answer->err == ERR_NONE;

    json_array_append_new(
        delivery->attempts,
        json_pack("{s:I, s:I, s:i, s:s?, s:o}", "at_ms", (json_int_t)delivery->began_ms, "took_ms",
                  (json_int_t)(answer->elapsed_us / 1000), "status", is_answer ? answer->status : 0,
                  "error", is_answer ? NULL : answer->text, "body", shown_text(answer->body)));
}

/* ---- the way ---- */

static struct okta_delivery *make(struct okta_side *side, const struct okta_hook *hook,
                                  struct span body)
{
    struct okta_deliveries *d = &side->deliveries;
    struct okta_delivery *delivery = mem_new(1, sizeof *delivery);

    if (d->n_kept >= MOST_KEPT)
        okta_deliveries_forget(side);
    delivery->side = side;
    delivery->number = d->n_made++;
    memcpy(delivery->hook_id, hook->id, sizeof delivery->hook_id);
    delivery->body = mem_dup(body);
    delivery->n = body.n;
    delivery->attempts = json_array();
    read_body(delivery);
    if (d->last == NULL)
        d->first = delivery;
    else
        d->last->next = delivery;
    d->last = delivery;
    d->n_kept++;
    return delivery;
}

static void end(struct okta_delivery *delivery, enum state state)
{
    struct okta_hook *hook = okta_hooks_find(&delivery->side->hooks, delivery->hook_id);
    json_t *shown;

    delivery->state = state;
    free(delivery->body);
    delivery->body = NULL;
    delivery->n = 0;
    /* Only failures are told, and no hook can ask for them. */
    if (state == FAILED && hook != NULL)
        okta_hook_tell(delivery->side, hook, "event_hook.delivery", "FAILURE",
                       "Event hook delivery failed");
    if (delivery->done == NULL)
        return;
    shown = show(delivery);
    delivery->done(delivery->arg, shown);
    json_decref(shown);
    delivery->done = NULL;
}

static void send_out(struct okta_delivery *delivery);

static void on_retry_time(void *arg)
{
    send_out(arg);
}

static void on_answer(void *arg, const struct http_answer *answer)
{
    struct okta_delivery *delivery = arg;
    struct okta_side *side = delivery->side;
    int status = answer->err == ERR_NONE ? answer->status : 0;

    delivery->call = NULL;
    note(delivery, answer);
    if ((status == 0 || status >= 500) && json_array_size(delivery->attempts) < ATTEMPTS) {
        loop_timer_free(delivery->timer);
        delivery->timer = loop_timer_new(side->sandbox->loop, on_retry_time, delivery);
        loop_timer_set(delivery->timer, side->deliveries.retry_ms);
        return;
    }
    side->deliveries.n_flying--;
    end(delivery, status >= 200 && status < 300 ? DELIVERED : FAILED);
    okta_delivery_go_on(side);
}

static void send_out(struct okta_delivery *delivery)
{
    const struct okta_hook *hook = okta_hooks_find(&delivery->side->hooks, delivery->hook_id);
    struct okta_post post;
    struct http_ask ask = {.method = "POST",
                           .body = {delivery->body, delivery->n},
                           .has_body = true,
                           .connect_ms = OKTA_HOOK_MS,
                           .total_ms = OKTA_HOOK_MS};

    if (hook == NULL) {
        delivery->side->deliveries.n_flying--;
        end(delivery, LOST);
        return;
    }
    okta_post_init(&post, hook);
    okta_post_header(&post, "Content-Type", "application/json");
    ask.url = okta_member(json_object_get(json_object_get(hook->doc, "channel"), "config"), "uri");
    ask.headers = post.headers;
    ask.n_headers = post.n;
    delivery->state = FLYING;
    delivery->began_ms = clock_wall_ms();
    delivery->call = http_ask(delivery->side->sandbox->client, &ask, on_answer, delivery);
}

void okta_delivery_go_on(struct okta_side *side)
{
    struct okta_deliveries *d = &side->deliveries;

    while (!d->is_paused && d->ready != NULL && d->n_flying < d->parallel) {
        struct okta_delivery *delivery = d->ready;

        d->ready = delivery->next_ready;
        if (d->ready == NULL)
            d->last_ready = NULL;
        d->n_waiting--;
        d->n_flying++;
        send_out(delivery);
    }
}

static void on_time(void *arg)
{
    struct okta_delivery *delivery = arg;
    struct okta_deliveries *d = &delivery->side->deliveries;

    loop_timer_free(delivery->timer);
    delivery->timer = NULL;
    delivery->state = READY;
    if (d->last_ready == NULL)
        d->ready = delivery;
    else
        d->last_ready->next_ready = delivery;
    d->last_ready = delivery;
    okta_delivery_go_on(delivery->side);
}

void okta_delivery_add(struct okta_side *side, const struct okta_hook *hook, struct span body,
                       int64_t wait_ms, void (*done)(void *arg, const json_t *delivery), void *arg)
{
    struct okta_delivery *delivery = make(side, hook, body);

    delivery->done = done;
    delivery->arg = arg;
    side->deliveries.n_waiting++;
    delivery->timer = loop_timer_new(side->sandbox->loop, on_time, delivery);
    loop_timer_set(delivery->timer, wait_ms);
}

void okta_delivery_lose(struct okta_side *side, const struct okta_hook *hook, struct span body)
{
    end(make(side, hook, body), LOST);
}

void okta_delivery_hurry(struct okta_side *side)
{
    for (struct okta_delivery *delivery = side->deliveries.first; delivery != NULL;
         delivery = delivery->next)
        if (delivery->state == WAITING && delivery->timer != NULL)
            loop_timer_set(delivery->timer, 0);
}
