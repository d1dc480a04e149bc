#include "cmd/hook_health.h"

#include "okta/delivery.h"

static bool is_failure(const struct event_row *row)
{
    return span_eq(row->skip_reason, SPAN(SKIP_HEALTH)) &&
           (span_eq(row->type, SPAN("event_hook.delivery")) ||
            span_eq(row->type, SPAN("event_hook.deactivated")));
}

/* "NAME: REASON" */
static bool is_of_hook(const struct event_row *row, struct span name)
{
    struct span detail = row->skip_detail;

    return span_starts(detail, name) && (detail.n == name.n || detail.p[name.n] == ':');
}

static void take_failure(struct hook_health *h, const struct event_row *row, struct span name,
                         int64_t now_ms, int64_t *ours_ms)
{
    int64_t at_ms = row->published_ns / 1000000;

    if (at_ms < now_ms - HOOK_HEALTH_WINDOW_MS)
        return;
    h->n_failures++;
    if (at_ms > h->failed_ms) {
        h->failed_ms = at_ms;
        h->failure = row->skip_detail;
    }
    if (at_ms > *ours_ms && is_of_hook(row, name))
        *ours_ms = at_ms;
}

struct hook_health hook_health_of(const struct event_row *rows, size_t n, struct span name,
                                  int64_t now_ms)
{
    struct hook_health h = {.failure = SPAN("")};
    int64_t ours_ms = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t *by = span_eq(rows[i].via, SPAN("hook")) ? &h.by_hook_ms : &h.by_log_ms;

        if (rows[i].received_ms > *by)
            *by = rows[i].received_ms;
        if (is_failure(&rows[i]))
            take_failure(&h, &rows[i], name, now_ms, &ours_ms);
    }
    h.is_failing = ours_ms > 0 && ours_ms > h.by_hook_ms;
    return h;
}
