#include "sim.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { US_PER_MS = 1000 };

struct loop_timer {
    struct loop *loop;
    void (*fn)(void *arg);
    void *arg;
    int64_t at_us;
    uint64_t order;
    bool is_set;
    struct loop_timer *next;
};

struct post {
    void (*fn)(void *arg);
    void *arg;
    struct post *next;
};

struct loop {
    struct loop_timer *timers;
    struct post *first, **last;
    uint64_t order;
};

static int64_t now_us; /* since sim_new */
static struct loop *running;

struct loop *sim_new(void)
{
    running = mem_new(1, sizeof(*running));
    running->last = &running->first;
    now_us = 0;
    return running;
}

void sim_free(struct loop *loop)
{
    while (loop->first != NULL) {
        struct post *post = loop->first;

        loop->first = post->next;
        free(post);
    }
    while (loop->timers != NULL)
        loop_timer_free(loop->timers);
    free(loop);
    running = NULL;
}

int64_t sim_us(void)
{
    return now_us;
}

int64_t sim_ms(void)
{
    return now_us / US_PER_MS;
}

int64_t clock_mono_us(void)
{
    return 1000000 + now_us;
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / US_PER_MS;
}

int64_t clock_boot_ms(void)
{
    return clock_mono_ms();
}

int64_t clock_wall_ms(void)
{
    return (int64_t)SIM_START_S * MS_PER_S + now_us / US_PER_MS;
}

int64_t clock_wall_ns(void)
{
    return clock_wall_ms() * 1000000;
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct loop_timer *timer = mem_new(1, sizeof(*timer));

    *timer = (struct loop_timer){.loop = loop, .fn = fn, .arg = arg, .next = loop->timers};
    loop->timers = timer;
    return timer;
}

void loop_timer_set_at_us(struct loop_timer *timer, int64_t mono_us)
{
    timer->is_set = true;
    timer->at_us = mono_us;
    timer->order = ++timer->loop->order;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
    loop_timer_set_at_us(timer, clock_mono_us() + (delay_ms < 0 ? 0 : delay_ms) * US_PER_MS);
}

void loop_timer_clear(struct loop_timer *timer)
{
    timer->is_set = false;
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
    return timer->is_set;
}

void loop_timer_free(struct loop_timer *timer)
{
    struct loop_timer **at;

    if (timer == NULL)
        return;
    for (at = &timer->loop->timers; *at != timer;)
        at = &(*at)->next;
    *at = timer->next;
    free(timer);
}

void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct post *post = mem_new(1, sizeof(*post));

    *post = (struct post){.fn = fn, .arg = arg};
    *loop->last = post;
    loop->last = &post->next;
}

static void run_posts(void)
{
    while (running->first != NULL) {
        struct post post = *running->first;

        free(running->first);
        running->first = post.next;
        if (running->first == NULL)
            running->last = &running->first;
        post.fn(post.arg);
    }
}

static struct loop_timer *next_timer(void)
{
    struct loop_timer *next = NULL;

    for (struct loop_timer *t = running->timers; t != NULL; t = t->next)
        if (t->is_set && (next == NULL || t->at_us < next->at_us ||
                          (t->at_us == next->at_us && t->order < next->order)))
            next = t;
    return next;
}

void sim_run(int64_t ms)
{
    int64_t until_us = now_us + ms * US_PER_MS;
    struct loop_timer *next;

    for (;;) {
        run_posts();
        next = next_timer();
        if (next == NULL || next->at_us - clock_mono_us() > until_us - now_us)
            break;
        if (next->at_us > clock_mono_us())
            now_us += next->at_us - clock_mono_us();
        next->is_set = false;
        next->fn(next->arg);
    }
    now_us = until_us;
}
