#include "serve/metrics.h"

#include <inttypes.h>

#include "base/clock.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP roster_%s %s\n# TYPE roster_%s %s\n", name, help, name, type);
}

/* A label's value; some come from the service. */
static void add_label(struct buf *out, const char *name, struct span value)
{
    buf_printf(out, "%s=\"", name);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];

        if (c == '\n')
            buf_add_str(out, "\\n");
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else
            buf_add_char(out, c);
    }
    buf_add_char(out, '"');
}

static void add_number(struct buf *out, const char *name, const char *label, struct span value,
                       int64_t number)
{
    buf_printf(out, "roster_%s{", name);
    add_label(out, label, value);
    buf_printf(out, "} %" PRId64 "\n", number);
}

static void add_people(struct buf *out, const struct store_counts *counts, int64_t now_ms)
{
    head(out, "people", "gauge", "People by state.");
    for (int i = 0; i < PERSON_STATES; i++)
        buf_printf(out, "roster_people{state=\"%s\"} %" PRId64 "\n",
                   person_state_name((enum person_state)i), counts->by_state[i]);
    head(out, "queue_age_seconds", "gauge", "How long the oldest person who is due has waited.");
    buf_printf(out, "roster_queue_age_seconds %.3f\n",
               counts->oldest_due_since_ms == 0
                   ? 0.0
                   : (double)(now_ms - counts->oldest_due_since_ms) / MS_PER_S);
    head(out, "events_stored", "gauge", "Events in the store.");
    buf_printf(out, "roster_events_stored %" PRId64 "\n", counts->events);
    head(out, "last_event_timestamp_seconds", "gauge",
         "When the last event was received; 0 = none yet.");
    buf_printf(out, "roster_last_event_timestamp_seconds %.3f\n",
               (double)counts->last_event_ms / MS_PER_S);
}

static void add_calls(struct buf *out, struct engine *engine, struct arena *a)
{
    struct call_count *calls = NULL;
    struct fail fail;
    size_t n = 0;

    if (store_call_counts(engine_reader(engine), a, &calls, &n, &fail) != ERR_NONE)
        n = 0;
    head(out, "calls_total", "counter", "Calls to Amazon Connect by operation.");
    for (size_t i = 0; i < n; i++)
        add_number(out, "calls_total", "operation", calls[i].operation, calls[i].sent);
    head(out, "calls_throttled_total", "counter", "Calls that Amazon Connect throttled.");
    for (size_t i = 0; i < n; i++)
        add_number(out, "calls_throttled_total", "operation", calls[i].operation,
                   calls[i].throttled);
    head(out, "calls_failed_total", "counter", "Calls that failed otherwise.");
    for (size_t i = 0; i < n; i++)
        add_number(out, "calls_failed_total", "operation", calls[i].operation, calls[i].failed);
    head(out, "calls_rate", "gauge", "Calls a second that are allowed at present.");
    for (size_t i = 0; i < n; i++) {
        buf_add_str(out, "roster_calls_rate{");
        add_label(out, "operation", calls[i].operation);
        buf_printf(out, "} %.3f\n", engine_rate(engine, arena_dup(a, calls[i].operation)));
    }
}

static void add_pauses_and_skips(struct buf *out, struct engine *engine, struct arena *a)
{
    struct pause *pauses = NULL;
    struct skip_count *skips = NULL;
    struct fail fail;
    size_t n = 0;

    if (store_pauses(engine_reader(engine), a, &pauses, &n, &fail) != ERR_NONE)
        n = 0;
    head(out, "paused", "gauge", "Operations that wait for a person, by cause.");
    for (size_t i = 0; i < n; i++) {
        buf_add_str(out, "roster_paused{");
        add_label(out, "operation", pauses[i].operation);
        buf_add_char(out, ',');
        add_label(out, "code", pauses[i].code);
        buf_add_str(out, "} 1\n");
    }
    if (store_skip_counts(engine_reader(engine), a, &skips, &n, &fail) != ERR_NONE)
        n = 0;
    head(out, "events_skipped_total", "counter", "Events that were skipped, by reason.");
    for (size_t i = 0; i < n; i++)
        add_number(out, "events_skipped_total", "reason", skips[i].reason, skips[i].n);
}

void metrics_add(struct buf *out, struct engine *engine, const struct metrics_http *http,
                 int64_t started_ms)
{
    int64_t now_ms = clock_wall_ms();
    struct store_counts counts;
    struct arena arena;
    struct fail fail;

    arena_init(&arena);
    if (store_counts(engine_reader(engine), now_ms, &counts, &fail) == ERR_NONE)
        add_people(out, &counts, now_ms);
    add_calls(out, engine, &arena);
    add_pauses_and_skips(out, engine, &arena);
    head(out, "events_received_total", "counter",
         "Events received since the start: new ones, and repetitions.");
    buf_printf(out,
               "roster_events_received_total{kind=\"new\"} %" PRIu64
               "\nroster_events_received_total{kind=\"repeated\"} %" PRIu64 "\n",
               http->events_new, http->events_repeated);
    head(out, "http_answers_total", "counter", "HTTP answers since the start by class of status.");
    for (int i = 2; i < 6; i++)
        buf_printf(out, "roster_http_answers_total{class=\"%dxx\"} %" PRIu64 "\n", i,
                   http->by_class[i]);
    head(out, "store_failing", "gauge", "1 while deliveries cannot be stored.");
    buf_printf(out, "roster_store_failing %d\n", engine_store_failing_since_ms(engine) != 0);
    head(out, "uptime_seconds", "gauge", "Time since the start.");
    buf_printf(out, "roster_uptime_seconds %.3f\n", (double)(now_ms - started_ms) / MS_PER_S);
    arena_done(&arena);
}
