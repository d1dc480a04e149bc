#include "engine/converge.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/task.h"
#include "model/profile.h"

enum {
    PROBE_GAP_MS = 10000,
    WATCH_MS = 1000,
    PUMP_MIN_MS = 5, /* under load each commit kicks; looking each time would cost more than taking
                        the deliveries in */
    PUMP_MAX_MS = 60000,
    PAGE = 64,
    SCAN_MAX = 1024,
    IDLE_PLANS_MAX = 64, /* planning takes a part of a millisecond: so many for nothing are enough
                            at once, */
    FUTILE_MS = 250,     /* and where none of those who are due could be started, none is sought for
                            so long */
};

static bool is_under_way(const struct converge *c, const struct person *p)
{
    for (size_t i = 0; i < TASKS_MAX; i++)
        if (c->tasks[i].is_used && span_eq(c->tasks[i].person.id, p->id) &&
            span_eq(c->tasks[i].person.source, p->source))
            return true;
    return false;
}

bool converge_has_room(const struct converge *c, const char *operation, int64_t priority)
{
    size_t n = 0;

    for (size_t i = 0; i < TASKS_MAX; i++)
        n += c->tasks[i].is_used && c->tasks[i].waiter.is_waiting &&
             c->tasks[i].waiter.priority == priority &&
             strcmp(c->tasks[i].operation, operation) == 0;
    return n < OP_TASKS_MAX;
}

/* What can be said without planning: who has no agent needs one of two operations. */
static bool is_closed(const struct converge *c, const struct person *p)
{
    bool is_unknown = p->create_sent_ms != 0 || p->name_taken_ms != 0;
    const char *operation = is_unknown ? OP_SEARCH_USERS : OP_CREATE_USER;

    if (p->agent_id.n > 0 || (p->left_ms != 0 && !is_unknown))
        return false;
    return pace_is_closed(c->options.pace, operation) ||
           !converge_has_room(c, operation,
                              person_is_import(p)             ? PRIORITY_CHANGE
                              : is_unknown && p->left_ms != 0 ? PRIORITY_REMOVAL
                                                              : PRIORITY_NEW);
}

static struct task *free_task(struct converge *c, int64_t priority)
{
    if (priority != PRIORITY_REMOVAL && c->n_tasks >= TASKS_MAX - TASKS_OF_REMOVALS)
        return NULL;
    for (size_t i = 0; i < TASKS_MAX; i++)
        if (!c->tasks[i].is_used)
            return &c->tasks[i];
    return NULL;
}

/* One search among the people of one priority. */
struct search {
    struct converge *c;
    int64_t priority;
    size_t n_idle, n_closed, n_started;
};

/* Starts whoever of this page can be; returns how many it has looked at: less than n when no task
 * is free any more, or enough was planned for nothing. */
static size_t start_page(struct search *s, const struct person *people, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct task *t;

        if (is_under_way(s->c, &people[i]))
            continue;
        if (is_closed(s->c, &people[i])) {
            s->n_closed++;
            continue;
        }
        t = free_task(s->c, s->priority);
        if (t == NULL || s->n_idle == IDLE_PLANS_MAX)
            return i;
        if (task_start(t, &people[i]))
            s->n_started++;
        else
            s->n_idle++;
    }
    return n;
}

static void search_priority(struct converge *c, int64_t priority, int64_t now_ms)
{
    struct search search = {.c = c, .priority = priority};
    struct roster *roster = c->options.roster;
    size_t skip = c->scan_from[priority], end = skip + SCAN_MAX, n, done;
    struct person *people;
    struct arena arena;
    struct fail fail;

    if (skip == 0)
        c->pass_began_ms[priority] = clock_mono_ms();
    arena_init(&arena);
    for (c->scan_from[priority] = 0; skip < end; skip += PAGE) {
        if (roster->due(roster, &arena, now_ms, priority, skip, PAGE, &people, &n, &fail) !=
            ERR_NONE) {
            log_error("the store could not be read", LOG_STR("error", fail.text));
            break;
        }
        done = start_page(&search, people, n);
        if (done < n) {
            /* Nobody up to there could be started; whoever stands further back may need another
             * operation. Without a free task everybody waits, and the first comes first. */
            if (search.n_idle == IDLE_PLANS_MAX)
                c->scan_from[priority] = skip + done;
            break;
        }
        if (n < PAGE) {
            c->passed_ms[priority] = c->pass_began_ms[priority];
            break;
        }
    }
    if (skip >= end)
        c->scan_from[priority] = end;
    if (search.n_started == 0 && search.n_idle + search.n_closed > 0)
        c->futile_until_ms[priority] = clock_mono_ms() + FUTILE_MS;
    arena_done(&arena);
}

static bool is_worth_a_search(struct converge *c, int64_t priority)
{
    if (c->n_tasks == TASKS_MAX ||
        (priority != PRIORITY_REMOVAL && c->n_tasks >= TASKS_MAX - TASKS_OF_REMOVALS))
        return false; /* the first of them who ends looks again */
    return clock_mono_ms() >= c->futile_until_ms[priority];
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
     * closed or has enough who wait for it. */
    wait_ms = next_ms <= now_ms ? FUTILE_MS : next_ms - now_ms;
    loop_timer_set(c->pump_timer, wait_ms < PUMP_MAX_MS ? wait_ms : PUMP_MAX_MS);
}

static void pump(void *arg)
{
    struct converge *c = arg;
    int64_t now_ms = clock_wall_ms();

    if (c->is_stopping || !c->is_open)
        return;
    c->pumped_ms = clock_mono_ms();
    for (int64_t priority = 0; priority < PERSON_PRIORITIES; priority++)
        if (is_worth_a_search(c, priority))
            search_priority(c, priority, now_ms);
    set_pump(c, now_ms);
}

static void watch(void *arg)
{
    struct converge *c = arg;

    if (c->options.roster->has_moved(c->options.roster))
        converge_kick(c);
    loop_timer_set(c->watch_timer, WATCH_MS);
}

void converge_open(struct converge *c)
{
    c->is_open = true;
    memset(c->futile_until_ms, 0, sizeof(c->futile_until_ms));
    converge_kick(c);
}

void converge_kick(struct converge *c)
{
    int64_t now_ms = clock_mono_ms();
    int64_t at_ms = c->pumped_ms + PUMP_MIN_MS > c->quiet_until_ms ? c->pumped_ms + PUMP_MIN_MS
                                                                   : c->quiet_until_ms;

    if (!c->is_stopping && c->is_open)
        loop_timer_set(c->pump_timer, at_ms > now_ms ? at_ms - now_ms : 0);
}

static bool is_looking(const struct task *t)
{
    return t->is_used &&
           (t->op == STEP_FIND_USER || t->op == STEP_DESCRIBE_USER || t->asks == ASK_PROFICIENCIES);
}

bool converge_has_unplanned(struct converge *c, enum gate gate, int64_t since_ms)
{
    int64_t priority = gate == GATE_REMOVALS ? PRIORITY_REMOVAL : PRIORITY_CHANGE;

    for (size_t i = 0; i < TASKS_MAX; i++)
        if (is_looking(&c->tasks[i]) &&
            (c->tasks[i].plan.priority == PRIORITY_REMOVAL) == (gate == GATE_REMOVALS))
            return true;
    if (c->passed_ms[priority] >= since_ms)
        return false;
    c->futile_until_ms[priority] = 0;
    converge_kick(c);
    return true;
}

void converge_task_ended(struct converge *c)
{
    memset(c->futile_until_ms, 0, sizeof(c->futile_until_ms));
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

static bool have_templates(const struct rules *rules)
{
    for (size_t i = 0; i < rules->n; i++)
        if (template_has_attributes(rules->rules[i].routing_profile) ||
            template_has_attributes(rules->rules[i].hierarchy_group))
            return true;
    return false;
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
    for (size_t i = 0; i < PERSON_PRIORITIES; i++)
        c->passed_ms[i] = -1;
    err = take_up_pauses(c, fail);
    if (err != ERR_NONE) {
        free(c);
        return err;
    }
    c->quick_connects = quick_connects_new();
    c->admins = admins_new();
    c->has_templates = have_templates(options->rules);
    c->pump_timer = loop_timer_new(options->loop, pump, c);
    c->watch_timer = loop_timer_new(options->loop, watch, c);
    loop_timer_set(c->watch_timer, WATCH_MS);
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
    quick_connects_free(c->quick_connects);
    admins_free(c->admins);
    loop_timer_free(c->pump_timer);
    loop_timer_free(c->watch_timer);
    free(c);
}
