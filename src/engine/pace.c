#include "engine/pace.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

enum { OPERATIONS_MAX = 64, US_PER_MS = 1000, US_PER_S = 1000000 };

/* After a throttled answer the rate falls to that part of itself. Those that come while two more
 * calls could have been made answer calls of before, and count as the same one. As long as calls
 * succeed, the rate rises by that part of itself a call, but no faster than by that part a second:
 * at a high rate a few calls would undo the fall. */
static const double FALL = 0.7, RISE = 0.02, RISE_PER_S = 0.05, LOWEST = 0.05;
enum { SAME_FALL_CALLS = 2, SAME_FALL_LEAST_US = 100000, SAME_FALL_MOST_US = US_PER_S };

/* One token of the burst is left to the server: its bucket sees our calls with the network's
 * jitter, and a call that comes a moment early would be refused. */
static const double RESERVE = 1.0;

struct bucket {
    struct pace *pace;
    char operation[64];
    double rate, ceiling, burst, tokens;
    int64_t filled_us, fell_us, rose_us, closed_until_us;
    bool is_paused;
    int64_t probe_us, every_us; /* while paused: one call may go then, and the next so much later */
    struct pace_waiter *first, **last;
    struct loop_timer *timer;
};

struct pace {
    struct loop *loop;
    pace_ceiling *ceiling;
    void *arg;
    struct bucket buckets[OPERATIONS_MAX];
    size_t n;
};

static void bucket_pump(void *arg);

struct pace *pace_new(struct loop *loop, pace_ceiling *ceiling, void *arg)
{
    struct pace *pace = mem_new(1, sizeof(*pace));

    *pace = (struct pace){.loop = loop, .ceiling = ceiling, .arg = arg};
    return pace;
}

void pace_free(struct pace *pace)
{
    if (pace == NULL)
        return;
    for (size_t i = 0; i < pace->n; i++)
        loop_timer_free(pace->buckets[i].timer);
    free(pace);
}

static struct bucket *find_bucket(struct pace *pace, const char *operation)
{
    for (size_t i = 0; i < pace->n; i++)
        if (strcmp(pace->buckets[i].operation, operation) == 0)
            return &pace->buckets[i];
    return NULL;
}

static struct bucket *bucket_of(struct pace *pace, const char *operation)
{
    struct bucket *b = find_bucket(pace, operation);
    size_t n = strlen(operation);

    if (b != NULL)
        return b;
    if (pace->n == OPERATIONS_MAX || n >= sizeof(b->operation))
        abort(); /* operations are named by the program, not from outside */
    b = &pace->buckets[pace->n++];
    *b = (struct bucket){.pace = pace, .fell_us = INT64_MIN / 2};
    memcpy(b->operation, operation, n + 1);
    pace->ceiling(pace->arg, operation, &b->ceiling, &b->burst);
    b->burst = b->burst > RESERVE + 1 ? b->burst - RESERVE : 1;
    b->rate = b->ceiling;
    b->tokens = b->burst;
    b->filled_us = clock_mono_us();
    b->last = &b->first;
    b->timer = loop_timer_new(pace->loop, bucket_pump, b);
    return b;
}

static void refill(struct bucket *b, int64_t now_us)
{
    b->tokens += (double)(now_us - b->filled_us) * b->rate / US_PER_S;
    if (b->tokens > b->burst)
        b->tokens = b->burst;
    b->filled_us = now_us;
}

/* When the next call may go. */
static int64_t next_us(const struct bucket *b, int64_t now_us)
{
    int64_t at = now_us;

    if (b->is_paused)
        return b->probe_us;
    if (b->tokens < 1)
        at = now_us + (int64_t)((1 - b->tokens) * US_PER_S / b->rate) + 1;
    return at > b->closed_until_us ? at : b->closed_until_us;
}

static void bucket_pump(void *arg)
{
    struct bucket *b = arg;

    while (b->first != NULL) {
        struct pace_waiter *waiter = b->first;
        int64_t now_us = clock_mono_us(), at;

        refill(b, now_us);
        at = next_us(b, now_us);
        if (at > now_us) {
            loop_timer_set_at_us(b->timer, at);
            return;
        }
        /* The answer says more. Should none come, since the call was not made after all, or prove
         * nothing, there is a next one. */
        if (b->is_paused)
            b->probe_us = now_us + b->every_us;
        b->tokens -= 1;
        b->first = waiter->next;
        if (b->first == NULL)
            b->last = &b->first;
        waiter->is_waiting = false;
        waiter->grant(waiter->arg);
    }
}

void pace_wait(struct pace *pace, const char *operation, struct pace_waiter *waiter)
{
    struct bucket *b = bucket_of(pace, operation);
    struct pace_waiter **at = &b->first;

    while (*at != NULL && (*at)->priority <= waiter->priority)
        at = &(*at)->next;
    waiter->next = *at;
    waiter->is_waiting = true;
    *at = waiter;
    if (waiter->next == NULL)
        b->last = &waiter->next;
    /* In the next round at the earliest: nobody is called back from inside their own call. */
    if (b->first == waiter)
        loop_timer_set(b->timer, 0);
}

void pace_give_up(struct pace *pace, const char *operation, struct pace_waiter *waiter)
{
    struct bucket *b = bucket_of(pace, operation);

    if (!waiter->is_waiting)
        return;
    for (struct pace_waiter **at = &b->first; *at != NULL; at = &(*at)->next) {
        if (*at != waiter)
            continue;
        *at = waiter->next;
        if (b->last == &waiter->next)
            b->last = at;
        break;
    }
    waiter->is_waiting = false;
}

void pace_succeeded(struct pace *pace, const char *operation)
{
    struct bucket *b = bucket_of(pace, operation);
    int64_t now_us = clock_mono_us();
    double rise = RISE_PER_S * (double)(now_us - b->rose_us) / US_PER_S;

    refill(b, now_us);
    b->rose_us = now_us;
    b->rate += b->rate * (rise < RISE ? rise : RISE);
    if (b->rate > b->ceiling)
        b->rate = b->ceiling;
}

static int64_t same_fall_us(const struct bucket *b)
{
    double us = SAME_FALL_CALLS * US_PER_S / b->rate;

    return us < SAME_FALL_LEAST_US  ? SAME_FALL_LEAST_US
           : us > SAME_FALL_MOST_US ? SAME_FALL_MOST_US
                                    : (int64_t)us;
}

void pace_throttled(struct pace *pace, const char *operation, long retry_ms)
{
    struct bucket *b = bucket_of(pace, operation);
    int64_t now_us = clock_mono_us(), until = now_us + (int64_t)retry_ms * US_PER_MS;

    refill(b, now_us);
    if (b->tokens > 0)
        b->tokens = 0;
    if (now_us - b->fell_us >= same_fall_us(b)) {
        b->fell_us = b->rose_us = now_us;
        b->rate *= FALL;
        if (b->rate < b->ceiling * LOWEST)
            b->rate = b->ceiling * LOWEST;
    }
    if (until > b->closed_until_us)
        b->closed_until_us = until;
}

void pace_pause(struct pace *pace, const char *operation, int64_t probe_in_ms, int64_t every_ms)
{
    struct bucket *b = bucket_of(pace, operation);

    b->is_paused = true;
    b->probe_us = clock_mono_us() + probe_in_ms * US_PER_MS;
    b->every_us = every_ms * US_PER_MS;
    if (b->first != NULL)
        loop_timer_set_at_us(b->timer, b->probe_us);
}

void pace_resume(struct pace *pace, const char *operation)
{
    struct bucket *b = bucket_of(pace, operation);

    b->is_paused = false;
    if (b->first != NULL)
        loop_timer_set(b->timer, 0);
}

void pace_proved(struct pace *pace, const char *operation)
{
    struct bucket *b = bucket_of(pace, operation);

    b->probe_us = clock_mono_us();
    if (b->is_paused && b->first != NULL)
        loop_timer_set(b->timer, 0);
}

bool pace_is_paused(struct pace *pace, const char *operation)
{
    return bucket_of(pace, operation)->is_paused;
}

bool pace_is_closed(struct pace *pace, const char *operation)
{
    const struct bucket *b = bucket_of(pace, operation);

    return b->is_paused && (b->first != NULL || b->probe_us > clock_mono_us());
}

double pace_rate(struct pace *pace, const char *operation)
{
    const struct bucket *b = find_bucket(pace, operation);
    double rate, burst;

    if (b != NULL)
        return b->rate;
    pace->ceiling(pace->arg, operation, &rate, &burst);
    return rate;
}
