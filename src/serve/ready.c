#include "serve/ready.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "text/json.h"
#include "text/time.h"

enum { FRESH_MS = 1000, BODY_LIMIT = 256 * 1024 };

struct waiting {
    struct http_exchange *exchange;
    struct waiting *next;
};

struct ready {
    struct engine *engine;
    struct aws *aws;
    int64_t worked_ms;       /* of clock_mono_ms */
    struct waiting *waiting; /* for the trial under way */
};

struct ready *ready_new(struct engine *engine, struct aws *aws)
{
    struct ready *r = mem_new(1, sizeof(*r));

    *r = (struct ready){engine, aws, INT64_MIN / 2, NULL};
    return r;
}

void ready_free(struct ready *r)
{
    while (r != NULL && r->waiting != NULL) {
        struct waiting *w = r->waiting;

        r->waiting = w->next;
        free(w);
    }
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
    int64_t last_event_ms = 0;
    struct arena arena;
    struct fail fail;

    arena_init(&arena);
    if (store_last_event(engine_reader(r->engine), &last_event_ms, &fail) != ERR_NONE)
        last_event_ms = 0; /* the store's own trouble is told elsewhere */
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
    put_time(&out, "last_event", last_event_ms);
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

static void probed(void *arg, const struct fail *fail)
{
    struct ready *r = arg;
    struct waiting *w = r->waiting, *next;

    r->waiting = NULL;
    if (fail == NULL)
        r->worked_ms = clock_mono_ms();
    engine_store_worked(r->engine, fail == NULL, fail == NULL ? "" : fail->text);
    for (; w != NULL; w = next) {
        next = w->next;
        reply(r, w->exchange, fail == NULL);
        free(w);
    }
}

void ready_reply(struct ready *r, struct http_exchange *x)
{
    struct waiting *w;
    bool is_first = r->waiting == NULL;

    if (engine_store_failing_since_ms(r->engine) == 0 &&
        clock_mono_ms() - r->worked_ms < FRESH_MS) {
        reply(r, x, true);
        return;
    }
    w = mem_new(1, sizeof(*w));
    *w = (struct waiting){x, r->waiting};
    r->waiting = w;
    if (is_first)
        engine_probe_store(r->engine, probed, r);
}
