#include "engine/converge.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/task.h"

/* Under load each commit kicks; looking each time would cost more than taking the deliveries in. */
enum {
    PROBE_GAP_MS = 10000,
    WATCH_MS = 1000,
    PUMP_MIN_MS = 5,
    PUMP_MAX_MS = 60000,
    PAGE = 64,
    SCAN_MAX = 1024
};

static bool is_under_way(const struct converge *c, const struct person *p)
{
    for (size_t i = 0; i < TASKS_MAX; i++)
        if (c->tasks[i].is_used && span_eq(c->tasks[i].person.id, p->id) &&
            span_eq(c->tasks[i].person.source, p->source))
            return true;
    return false;
}

static bool is_closed(const struct converge *c, const struct person *p)
{
    switch (plan_actual(p).kind) {
    case ACTUAL_ABSENT:
        return pace_is_closed(c->options.pace, OP_CREATE_USER);
    case ACTUAL_UNKNOWN:
        return pace_is_closed(c->options.pace, OP_SEARCH_USERS);
    default:
        return false;
    }
}

static struct task *free_task(struct converge *c)
{
    for (size_t i = 0; i < TASKS_MAX; i++)
        if (!c->tasks[i].is_used)
            return &c->tasks[i];
    return NULL;
}

/* Starts whoever of this page can be; returns false when no task is free any more. */
static bool start_page(struct converge *c, const struct person *people, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct task *t = free_task(c);

        if (t == NULL)
            return false;
        if (!is_under_way(c, &people[i]) && !is_closed(c, &people[i]))
            task_start(t, &people[i]);
    }
    return true;
}

static void set_pump(struct converge *c, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX, wait_ms;
    struct fail fail;

    if (c->options.roster->next_due(c->options.roster, &next_ms, &fail) != ERR_NONE)
        next_ms = now_ms + WATCH_MS;
    if (next_ms == INT64_MAX)
        return;
    /* Whoever is due already and was not started is under way, or waits for an operation that is
     * closed. */
    wait_ms = next_ms <= now_ms ? WATCH_MS : next_ms - now_ms;
    loop_timer_set(c->pump_timer, wait_ms < PUMP_MAX_MS ? wait_ms : PUMP_MAX_MS);
}

static void pump(void *arg)
{
    struct converge *c = arg;
    struct roster *roster = c->options.roster;
    int64_t now_ms = clock_wall_ms();
    struct person *people;
    struct arena arena;
    struct fail fail;
    size_t n, skip = c->scan_from, end = skip + SCAN_MAX;

    /* The first of them who ends looks again. */
    if (c->is_stopping || c->n_tasks == TASKS_MAX)
        return;
    c->pumped_ms = clock_mono_ms();
    arena_init(&arena);
    for (c->scan_from = 0; skip < end; skip += PAGE) {
        if (roster->due(roster, &arena, now_ms, skip, PAGE, &people, &n, &fail) != ERR_NONE) {
            log_error("the store could not be read", LOG_STR("error", fail.text));
            break;
        }
        if (!start_page(c, people, n) || n < PAGE)
            break;
    }
    /* Nobody there could be started; whoever stands further back may need another operation. */
    if (skip >= end)
        c->scan_from = end;
    arena_done(&arena);
    set_pump(c, now_ms);
}

static void watch(void *arg)
{
    struct converge *c = arg;

    if (c->options.roster->has_moved(c->options.roster))
        converge_kick(c);
    loop_timer_set(c->watch_timer, WATCH_MS);
}

void converge_kick(struct converge *c)
{
    int64_t now_ms = clock_mono_ms();
    int64_t at_ms = c->pumped_ms + PUMP_MIN_MS > c->quiet_until_ms ? c->pumped_ms + PUMP_MIN_MS
                                                                   : c->quiet_until_ms;

    if (!c->is_stopping)
        loop_timer_set(c->pump_timer, at_ms > now_ms ? at_ms - now_ms : 0);
}

void converge_task_ended(struct converge *c)
{
    converge_kick(c);
    if (c->is_stopping && c->n_tasks == 0 && c->idle != NULL)
        c->idle(c->idle_arg);
}

/* Tasks that wait for a token hold no ledger entry yet: they make room for people who need another
 * operation. */
void converge_op_paused(struct converge *c, const char *operation)
{
    for (size_t i = 0; i < TASKS_MAX; i++)
        if (c->tasks[i].is_used && c->tasks[i].waiter.is_waiting &&
            strcmp(c->tasks[i].operation, operation) == 0)
            task_drop(&c->tasks[i]);
}

void converge_tell(struct converge *c, const struct converge_news *news)
{
    c->options.tell(c->options.arg, news);
}

static enum err take_up_pauses(struct converge *c, struct fail *fail)
{
    int64_t now_ms = clock_wall_ms(), in_ms, every_ms;
    struct pause *pauses;
    struct arena arena;
    enum err err;
    size_t n;

    arena_init(&arena);
    err = c->options.roster->pauses(c->options.roster, &arena, &pauses, &n, fail);
    for (size_t i = 0; err == ERR_NONE && i < n; i++) {
        /* A new start may well be the repair, so the probe comes soon; but several quick starts
         * must not become a storm of them. */
        every_ms = outcome_probe_ms(arena_dup(&arena, pauses[i].code));
        in_ms = pauses[i].probe_ms - every_ms + PROBE_GAP_MS - now_ms;
        in_ms = in_ms < 0 ? 0 : in_ms > every_ms ? every_ms : in_ms;
        pace_pause(c->options.pace, arena_dup(&arena, pauses[i].operation), in_ms, every_ms);
    }
    arena_done(&arena);
    return err;
}

enum err converge_new(const struct converge_options *options, struct converge **out,
                      struct fail *fail)
{
    struct converge *c = mem_new(1, sizeof(*c));
    enum err err;

    c->options = *options;
    c->pumped_ms = INT64_MIN / 2;
    for (size_t i = 0; i < TASKS_MAX; i++)
        c->tasks[i].converge = c;
    err = take_up_pauses(c, fail);
    if (err != ERR_NONE) {
        free(c);
        return err;
    }
    c->pump_timer = loop_timer_new(options->loop, pump, c);
    c->watch_timer = loop_timer_new(options->loop, watch, c);
    loop_timer_set(c->watch_timer, WATCH_MS);
    converge_kick(c);
    *out = c;
    return ERR_NONE;
}

void converge_stop(struct converge *c, void (*idle)(void *arg), void *arg)
{
    c->is_stopping = true;
    c->idle = NULL;
    for (size_t i = 0; i < TASKS_MAX; i++)
        if (c->tasks[i].is_used && c->tasks[i].waiter.is_waiting)
            task_drop(&c->tasks[i]);
    c->idle = idle;
    c->idle_arg = arg;
    if (c->n_tasks == 0)
        idle(arg);
}

void converge_free(struct converge *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < TASKS_MAX; i++) {
        struct task *t = &c->tasks[i];

        if (!t->is_used)
            continue;
        if (t->waiter.is_waiting)
            pace_give_up(c->options.pace, t->operation, &t->waiter);
        connect_cancel(t->call);
        if (t->is_changing)
            arena_done(&t->change.arena);
        arena_done(&t->arena);
    }
    loop_timer_free(c->pump_timer);
    loop_timer_free(c->watch_timer);
    free(c);
}
