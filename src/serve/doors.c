#include "serve/doors.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/skipped.h"
#include "serve/metrics.h"
#include "serve/ready.h"

enum { ERROR_LIMIT = 4096 };

static const char json_type[] = "application/json";

struct doors {
    struct doors_options options;
    struct ready *ready;
    struct metrics_http counts;
    unsigned pending;
};

/* One delivery on its way to the disk; it borrows from the request's body until it is answered. */
struct passage {
    struct journal_entry entry;
    struct doors *doors;
    struct http_exchange *exchange;
    struct hook_answer answer; /* once it is stored */
};

struct doors *doors_new(const struct doors_options *options)
{
    struct doors *d = mem_new(1, sizeof(*d));

    d->options = *options;
    d->ready = ready_new(options->engine, options->aws);
    return d;
}

void doors_free(struct doors *d)
{
    if (d == NULL)
        return;
    ready_free(d->ready);
    free(d);
}

unsigned doors_pending(const struct doors *d)
{
    return d->pending;
}

static void count(struct doors *d, int status)
{
    d->counts.by_class[status / 100 < 6 ? status / 100 : 0]++;
}

static void reply_error(struct doors *d, struct http_exchange *x, const struct hook_answer *answer)
{
    const char *headers[2] = {NULL, NULL};
    char *allow = NULL;
    struct buf body;

    if (answer->status == 401)
        headers[0] = "WWW-Authenticate: " HOOK_AUTHENTICATE;
    if (answer->allow != NULL)
        headers[0] = allow = mem_printf("Allow: %s", answer->allow);
    buf_init(&body, ERROR_LIMIT);
    hook_add_body(&body, answer);
    count(d, answer->status);
    http_reply(x, answer->status, json_type, buf_span(&body), headers);
    buf_done(&body);
    free(allow);
}

static void reply(struct doors *d, struct http_exchange *x, const struct hook_answer *answer)
{
    if (answer->code != NULL) {
        reply_error(d, x, answer);
        return;
    }
    count(d, answer->status);
    http_reply(x, answer->status, answer->body.n > 0 ? json_type : NULL, answer->body, NULL);
}

static struct span get_header(const void *request, struct span name, unsigned *n)
{
    return http_header(request, name, n);
}

static void each_header(const void *request,
                        void (*fn)(void *arg, struct span name, struct span value), void *arg)
{
    http_each_header(request, fn, arg);
}

static int hook_door(struct doors *d, struct http_exchange *x)
{
    struct hook_request request = {.method = http_method(x),
                                   .path = http_path(x),
                                   .header = get_header,
                                   .each_header = each_header,
                                   .request = x};
    struct hook_answer answer;
    struct arena arena;
    bool is_settled;

    arena_init(&arena);
    is_settled = hook_head(&d->options.hook, &request, &arena, &answer);
    if (is_settled) {
        if (answer.code != NULL)
            log_warn("request to the event hook refused", LOG_INT("status", answer.status),
                     LOG_STR("code", answer.code), LOG_SPAN("method", http_method(x)));
        else
            log_info("event hook verification answered", LOG_INT("status", answer.status));
        reply(d, x, &answer);
    }
    arena_done(&arena);
    return is_settled ? answer.status : 0;
}

static bool is_own_page(struct span path)
{
    return span_eq(path, SPAN("/healthz")) || span_eq(path, SPAN("/readyz")) ||
           span_eq(path, SPAN("/metrics"));
}

int doors_on_head(void *arg, struct http_exchange *x)
{
    static const struct hook_answer unknown = {
        .status = 404, .code = "not_found", .message = "There is nothing at this path."};
    static const struct hook_answer not_allowed = {.status = 405,
                                                   .code = "method_not_allowed",
                                                   .message = "This page is read with GET.",
                                                   .allow = "GET, HEAD"};
    struct doors *d = arg;
    struct span path = http_path(x);

    if (hook_owns(path) && !d->options.is_hook_off)
        return hook_door(d, x);
    if (!is_own_page(path)) {
        reply_error(d, x, &unknown);
        return unknown.status;
    }
    if (span_eq(http_method(x), SPAN("GET")) || span_eq(http_method(x), SPAN("HEAD")))
        return 0;
    reply_error(d, x, &not_allowed);
    return not_allowed.status;
}

static void log_skipped(const struct journal_entry *entry)
{
    for (size_t i = 0; i < entry->n; i++)
        log_if_skipped(&entry->events[i]);
}

static void stored(struct journal_entry *entry, enum err err, const struct fail *fail)
{
    struct passage *p = (struct passage *)entry;
    struct doors *d = p->doors;

    engine_store_worked(d->options.engine, err == ERR_NONE, err == ERR_NONE ? "" : fail->text);
    d->pending--;
    if (err != ERR_NONE) {
        reply_error(d, p->exchange, &hook_not_stored);
    } else {
        if (entry->n_skipped > 0)
            log_skipped(entry);
        d->counts.events_new += (uint64_t)entry->n_new;
        d->counts.events_repeated += (uint64_t)((int64_t)entry->n - entry->n_new);
        if (entry->n_due > 0)
            engine_kick(d->options.engine);
        reply(d, p->exchange, &p->answer);
    }
    arena_done(&entry->arena);
    free(p);
}

static void deliver(struct doors *d, struct http_exchange *x)
{
    static const struct hook_answer busy = {
        .status = 503,
        .code = "busy",
        .message = "Too many deliveries wait for the disk; deliver it again."};
    struct passage *p = mem_new(1, sizeof(*p));
    struct delivery_rules by = {.rules = engine_rules(d->options.engine),
                                .names = engine_names(d->options.engine),
                                .okta_now_ms = engine_okta_now_ms(d->options.engine)};
    struct delivery delivery = {0};
    struct fail fail;

    *p = (struct passage){.doors = d, .exchange = x};
    p->entry.received_ms = clock_wall_ms();
    p->entry.done = stored;
    if (hook_body(&by, http_body(x), p->entry.received_ms, &p->entry.arena, &delivery, &p->answer,
                  &fail) != ERR_NONE) {
        log_warn("delivery refused, its body is kept aside", LOG_STR("error", fail.text),
                 LOG_INT("bytes", http_body(x).n));
        p->entry.kept_body = http_body(x);
        p->entry.kept_why = arena_dup(&p->entry.arena, span_of(fail.text));
    }
    p->entry.events = delivery.events;
    p->entry.n = delivery.n;
    if (engine_journal(d->options.engine)->append(engine_journal(d->options.engine), &p->entry)) {
        d->pending++;
        return;
    }
    reply_error(d, x, &busy);
    arena_done(&p->entry.arena);
    free(p);
}

static void reply_metrics(struct doors *d, struct http_exchange *x)
{
    struct buf body;

    buf_init(&body, METRICS_LIMIT);
    metrics_add(&body, d->options.engine, &d->counts, d->options.started_ms);
    count(d, 200);
    http_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", buf_span(&body), NULL);
    buf_done(&body);
}

void doors_on_request(void *arg, struct http_exchange *x)
{
    struct doors *d = arg;
    struct span path = http_path(x);

    if (hook_owns(path)) {
        deliver(d, x);
    } else if (span_eq(path, SPAN("/metrics"))) {
        reply_metrics(d, x);
    } else if (span_eq(path, SPAN("/readyz"))) {
        ready_reply(d->ready, x);
    } else {
        count(d, 200);
        http_reply(x, 200, json_type, SPAN("{\"status\":\"alive\"}"), NULL);
    }
}
