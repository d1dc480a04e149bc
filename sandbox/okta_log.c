#include "okta_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "okta_text.h"
#include "text/time.h"

enum { MOST_EVENTS = 400000, FIRST_ROOM = 256, DAY_S = 86400, RETENTION_DAYS = 90 };

void okta_log_init(struct okta_log *log)
{
    *log = (struct okta_log){.retention_s = (int64_t)DAY_S * RETENTION_DAYS, .epoch = 1};
}

/* The type and the text are one piece of memory, which the type begins. */
static void event_free(struct okta_event *event)
{
    free((void *)(uintptr_t)event->type);
}

void okta_log_done(struct okta_log *log)
{
    for (size_t i = 0; i < log->n; i++)
        event_free(&log->events[i]);
    for (size_t i = 0; i < log->n_coming; i++)
        event_free(&log->coming[i]);
    free(log->events);
    free(log->coming);
    *log = (struct okta_log){0};
}

static void forget(struct okta_log *log, size_t n)
{
    for (size_t i = 0; i < n; i++)
        event_free(&log->events[i]);
    log->n -= n;
    log->first += n;
    memmove(log->events, log->events + n, log->n * sizeof *log->events);
}

void okta_log_forget(struct okta_log *log)
{
    if (log->n > 0)
        forget(log, log->n);
}

static void write_down(struct okta_log *log, const struct okta_event *event)
{
    if (log->n == MOST_EVENTS)
        forget(log, MOST_EVENTS / 4);
    if (log->n == log->room) {
        log->room = log->room == 0 ? FIRST_ROOM : log->room * 2;
        log->events = mem_grow(log->events, log->room, sizeof *log->events);
    }
    log->events[log->n++] = *event;
}

static void wait_for(struct okta_log *log, const struct okta_event *event)
{
    size_t i = log->n_coming;

    if (log->n_coming == log->room_coming) {
        log->room_coming = log->room_coming == 0 ? FIRST_ROOM : log->room_coming * 2;
        log->coming = mem_grow(log->coming, log->room_coming, sizeof *log->coming);
    }
    while (i > 0 && log->coming[i - 1].due_ms > event->due_ms)
        i--;
    memmove(log->coming + i + 1, log->coming + i, (log->n_coming - i) * sizeof *log->coming);
    log->coming[i] = *event;
    log->n_coming++;
}

void okta_log_settle(struct okta_log *log, int64_t wall_ms)
{
    int64_t now_ms = clock_mono_ms();
    size_t n = 0;

    for (; n < log->n_coming && log->coming[n].due_ms <= now_ms; n++) {
        log->coming[n].written_ms = wall_ms - (now_ms - log->coming[n].due_ms);
        write_down(log, &log->coming[n]);
    }
    if (n == 0)
        return;
    log->n_coming -= n;
    memmove(log->coming, log->coming + n, log->n_coming * sizeof *log->coming);
}

void okta_log_add(struct okta_log *log, const json_t *event, int64_t wall_ms)
{
    struct okta_event row = {.written_ms = wall_ms, .published_ms = wall_ms};
    const char *published = okta_member(event, "published"),
               *type = okta_member(event, "eventType");
    size_t type_size = (type == NULL ? 0 : strlen(type)) + 1;
    char *text = json_dumps(event, JSON_COMPACT), *both;
    int64_t ns, wait_ms = log->delay_ms;

    both = mem_new(type_size + strlen(text) + 1, 1);
    memcpy(both, type == NULL ? "" : type, type_size);
    memcpy(both + type_size, text, strlen(text) + 1);
    free(text);
    row.type = both;
    row.text = both + type_size;
    if (published != NULL && time_parse(span_of(published), &ns))
        row.published_ms = ns / 1000000;
    if (log->jitter_ms > 0)
        wait_ms += (int64_t)random_below((uint64_t)log->jitter_ms + 1);
    row.due_ms = clock_mono_ms() + wait_ms;
    okta_log_settle(log, wall_ms);
    if (wait_ms == 0 && log->n_coming == 0)
        write_down(log, &row);
    else
        wait_for(log, &row);
}
