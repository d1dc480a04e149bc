#include "okta_deliver.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "okta_delivery.h"
#include "okta_events.h"
#include "text/uuid.h"

enum { BATCH_MS = 50, BATCH_MAX = 100, REORDER_MS = 1000, PARALLEL = 8, MOST_PARALLEL = 256 };

/* Events that wait for company. */
struct okta_batch {
    struct okta_side *side;
    char hook_id[OKTA_ID];
    json_t *events;
    struct loop_timer *timer;
};

void okta_deliveries_init(struct okta_side *side)
{
    side->deliveries = (struct okta_deliveries){.batch_ms = BATCH_MS,
                                                .batch_max = BATCH_MAX,
                                                .reorder_ms = REORDER_MS,
                                                .parallel = PARALLEL,
                                                .random = random_below(UINT64_MAX)};
}

enum err okta_deliveries_set(struct okta_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {
        "delay_ms", "jitter_ms", "batch_ms", "batch_max",  "retry_ms", "loss", "duplicate",
        "reorder",  "seed",      "parallel", "reorder_ms", "paused",   NULL};
    struct okta_deliveries *d = &side->deliveries;
    struct {
        const char *name;
        int64_t *number;
        size_t *size;
        double *share;
    } fields[] = {
        {"delay_ms", &d->delay_ms, NULL, NULL},   {"jitter_ms", &d->jitter_ms, NULL, NULL},
        {"batch_ms", &d->batch_ms, NULL, NULL},   {"retry_ms", &d->retry_ms, NULL, NULL},
        {"loss", NULL, NULL, &d->loss},           {"duplicate", NULL, NULL, &d->duplicate},
        {"reorder", NULL, NULL, &d->reorder},     {"reorder_ms", &d->reorder_ms, NULL, NULL},
        {"batch_max", NULL, &d->batch_max, NULL}, {"parallel", NULL, &d->parallel, NULL},
    };
    const json_t *paused = json_object_get(from, "paused"), *seed = json_object_get(from, "seed");

    if (sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const json_t *value = json_object_get(from, fields[i].name);
        double n = json_number_value(value);

        if (value == NULL)
            continue;
        if (!json_is_number(value) || n < 0 || (fields[i].share != NULL && n > 1) ||
            (fields[i].size != NULL && n < 1))
            return fail_set(fail, ERR_INPUT, "%s is out of its range", fields[i].name);
        if (fields[i].share != NULL)
            *fields[i].share = n;
        else if (fields[i].size != NULL)
            *fields[i].size = (size_t)n;
        else
            *fields[i].number = (int64_t)n;
    }
    if (d->parallel > MOST_PARALLEL)
        d->parallel = MOST_PARALLEL;
    http_client_limit(side->sandbox->client, (long)d->parallel);
    if (seed != NULL)
        d->random = (uint64_t)json_integer_value(seed);
    if (paused != NULL) {
        d->is_paused = json_is_true(paused);
        okta_delivery_go_on(side);
    }
    return ERR_NONE;
}

/* ---- drawing lots ---- */

/* SplitMix64: the same seed gives the same lots. */
static uint64_t draw(struct okta_deliveries *d)
{
    uint64_t z = d->random += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static bool hits(struct okta_deliveries *d, double share)
{
    return share > 0 && (double)(draw(d) >> 11) / 9007199254740992.0 < share;
}

static int64_t at_most(struct okta_deliveries *d, int64_t ms)
{
    return ms <= 0 ? 0 : (int64_t)(draw(d) % ((uint64_t)ms + 1));
}

static void shuffle(struct okta_deliveries *d, json_t *events)
{
    for (size_t n = json_array_size(events); n > 1; n--) {
        size_t i = draw(d) % n;
        json_t *picked = json_incref(json_array_get(events, i));

        json_array_remove(events, i);
        json_array_append_new(events, picked);
    }
}

/* ---- batches ---- */

void okta_batch_free(struct okta_batch *batch)
{
    if (batch == NULL)
        return;
    loop_timer_free(batch->timer);
    json_decref(batch->events);
    free(batch);
}

static json_t *envelope(const struct okta_side *side, const struct okta_hook *hook, json_t *events)
{
    char uuid[UUID_TEXT + 1];

    uuid_random(uuid);
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:s, s:{s:O}, s:o, s:s}", "eventType", "com.okta.event_hook",
        "eventTypeVersion", "1.0", "cloudEventsVersion", "0.1", "source",
        json_sprintf("http://%s/api/v1/eventHooks/%s", side->sandbox->address, hook->id), "eventId",
        uuid, "data", "events", events, "eventTime", okta_time(okta_wall_ms(side)), "contentType",
        "application/json");
}

/* The batch is whole: one delivery comes of it, or two, or none. */
static void close_batch(struct okta_side *side, struct okta_hook *hook)
{
    struct okta_deliveries *d = &side->deliveries;
    struct okta_batch *batch = hook->batch;
    bool is_reordered = hits(d, d->reorder);
    json_t *body;
    char *text;
    int64_t wait_ms = d->delay_ms + at_most(d, d->jitter_ms);

    hook->batch = NULL;
    if (is_reordered) {
        shuffle(d, batch->events);
        wait_ms += at_most(d, d->reorder_ms);
    }
    body = envelope(side, hook, batch->events);
    text = json_dumps(body, JSON_COMPACT);
    if (hits(d, d->loss)) {
        okta_delivery_lose(side, hook, span_of(text));
    } else {
        okta_delivery_add(side, hook, span_of(text), wait_ms, NULL, NULL);
        if (hits(d, d->duplicate))
            okta_delivery_add(side, hook, span_of(text), wait_ms + at_most(d, d->reorder_ms), NULL,
                              NULL);
    }
    free(text);
    json_decref(body);
    okta_batch_free(batch);
}

static void on_batch_time(void *arg)
{
    struct okta_batch *batch = arg;
    struct okta_hook *hook = okta_hooks_find(&batch->side->hooks, batch->hook_id);

    close_batch(batch->side, hook); /* the batch goes with its hook */
}

static void put(struct okta_side *side, struct okta_hook *hook, const json_t *event)
{
    struct okta_batch *batch = hook->batch;

    if (batch == NULL) {
        batch = mem_new(1, sizeof *batch);
        batch->side = side;
        memcpy(batch->hook_id, hook->id, sizeof batch->hook_id);
        batch->events = json_array();
        batch->timer = loop_timer_new(side->sandbox->loop, on_batch_time, batch);
        loop_timer_set(batch->timer, side->deliveries.batch_ms);
        hook->batch = batch;
    }
    json_array_append_new(batch->events, okta_hook_form(event));
    if (json_array_size(batch->events) >= side->deliveries.batch_max ||
        side->deliveries.batch_ms == 0)
        close_batch(side, hook);
}

void okta_deliveries_offer(struct okta_side *side, const json_t *event)
{
    const char *type = okta_member(event, "eventType");

    for (struct okta_hook *hook = side->hooks.first; type != NULL && hook != NULL;
         hook = hook->next)
        if (okta_hook_asks(hook, type))
            put(side, hook, event);
}

void okta_deliveries_flush(struct okta_side *side)
{
    for (struct okta_hook *hook = side->hooks.first; hook != NULL; hook = hook->next)
        if (hook->batch != NULL)
            close_batch(side, hook);
    okta_delivery_hurry(side);
}

void okta_deliveries_send(struct okta_side *side, const struct okta_hook *hook, struct span body,
                          void (*done)(void *arg, const json_t *delivery), void *arg)
{
    okta_delivery_add(side, hook, body, 0, done, arg);
}

/* ---- headers ---- */

void okta_post_header(struct okta_post *post, const char *name, const char *value)
{
    if (post->n < OKTA_POST_HEADERS)
        post->headers[post->n++] = (struct http_header){name, value};
}

void okta_post_init(struct okta_post *post, const struct okta_hook *hook)
{
    const json_t *config = json_object_get(json_object_get(hook->doc, "channel"), "config"),
                 *headers = json_object_get(config, "headers");
    const char *key = okta_member(json_object_get(config, "authScheme"), "key");

    post->n = 0;
    okta_post_header(post, "User-Agent", "Okta-Integrations");
    okta_post_header(post, "Accept", "application/json");
    if (key != NULL && hook->secret != NULL)
        okta_post_header(post, key, hook->secret);
    for (size_t i = 0; i < json_array_size(headers); i++)
        okta_post_header(post, okta_member(json_array_get(headers, i), "key"),
                         okta_member(json_array_get(headers, i), "value"));
}
