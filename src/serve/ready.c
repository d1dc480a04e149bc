#include "serve/ready.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "text/json.h"
#include "text/time.h"

enum { FRESH_MS = 1000, BODY_LIMIT = 256 * 1024 };

struct ready {
    struct engine *engine;
    struct aws *aws;
    int64_t worked_ms; /* of clock_mono_ms */
};

struct waiting {
    struct ready *ready;
    struct http_exchange *exchange;
};

struct ready *ready_new(struct engine *engine, struct aws *aws)
{
    struct ready *r = mem_new(1, sizeof(*r));

    *r = (struct ready){engine, aws, INT64_MIN / 2};
    return r;
}

void ready_free(struct ready *r)
{
    free(r);
}

static void put_time(struct json_out *out, const char *key, int64_t ms)
{
    struct buf text;

    if (ms == 0) {
        json_put_str(out, key, (struct span){0});
        return;
    }
    buf_init(&text, 64);
    time_add_ms(&text, ms);
    json_put_str(out, key, buf_span(&text));
    buf_done(&text);
}

static void put_pauses(struct json_out *out, struct engine *engine, struct arena *a)
{
    struct pause *pauses = NULL;
    struct fail fail;
    size_t n = 0;

    if (store_pauses(engine_reader(engine), a, &pauses, &n, &fail) != ERR_NONE)
        n = 0; /* the store's own trouble is told elsewhere */
    json_out_key(out, "connect");
    json_out_begin(out, '{');
    json_put_bool(out, "ok", n == 0);
    json_out_key(out, "paused");
    json_out_begin(out, '[');
    for (size_t i = 0; i < n; i++) {
        json_out_begin(out, '{');
        json_put_str(out, "operation", pauses[i].operation);
        json_put_str(out, "code", pauses[i].code);
        json_put_str(out, "reason", pauses[i].reason);
        put_time(out, "since", pauses[i].since_ms);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
    json_out_end(out, '}');
}

static void add_body(struct buf *body, struct ready *r, bool works)
{
    struct json_out out = json_out(body);
    struct store_counts counts = {0};
    struct arena arena;
    struct fail fail;

    arena_init(&arena);
    if (store_counts(engine_reader(r->engine), clock_wall_ms(), &counts, &fail) != ERR_NONE)
        counts = (struct store_counts){0};
    json_out_begin(&out, '{');
    json_put_bool(&out, "ready", works);
    json_out_key(&out, "store");
    json_out_begin(&out, '{');
    json_put_bool(&out, "ok", works);
    put_time(&out, "failing_since", engine_store_failing_since_ms(r->engine));
    json_out_end(&out, '}');
    json_out_key(&out, "credentials");
    json_out_begin(&out, '{');
    json_put_str(&out, "origin", span_of(aws_credentials_origin(r->aws)));
    json_out_end(&out, '}');
    put_pauses(&out, r->engine, &arena);
    json_out_key(&out, "okta");
    json_out_begin(&out, '{');
    put_time(&out, "last_event", counts.last_event_ms);
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    arena_done(&arena);
}

static void reply(struct ready *r, struct http_exchange *x, bool works)
{
    struct buf body;

    buf_init(&body, BODY_LIMIT);
    add_body(&body, r, works);
    http_reply(x, works ? 200 : 503, "application/json", buf_span(&body), NULL);
    buf_done(&body);
}

static void probed(void *arg, bool works)
{
    struct waiting *w = arg;

    if (works)
        w->ready->worked_ms = clock_mono_ms();
    engine_store_worked(w->ready->engine, works, "a trial write failed");
    reply(w->ready, w->exchange, works);
    free(w);
}

void ready_reply(struct ready *r, struct http_exchange *x)
{
    struct waiting *w;

    if (engine_store_failing_since_ms(r->engine) == 0 &&
        clock_mono_ms() - r->worked_ms < FRESH_MS) {
        reply(r, x, true);
        return;
    }
    w = mem_new(1, sizeof(*w));
    *w = (struct waiting){r, x};
    engine_probe_store(r->engine, probed, w);
}
