/* The event loop: one thread, epoll, timers, signals. Everything in net/ and above that is called
 * "on the loop" runs on the thread that calls loop_run; only loop_post may be called from other
 * threads. */
#ifndef ROSTER_NET_LOOP_H
#define ROSTER_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
struct loop_watch;
struct loop_timer;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/* Also has SIGPIPE ignored by the process, unless it has a handler: a peer that has gone is an
 * error of write(2). */
enum err loop_new(struct loop **out, struct fail *fail) WARN_UNUSED;
/* Everything that was made from the loop must be gone before. NULL is fine. */
void loop_free(struct loop *loop);
/* Runs until loop_stop; callbacks may stop it. A loop_stop before it makes it return at once. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Calls fn(arg, events) whenever fd is ready for one of events (level-triggered; errors and
 * hang-ups count as both). The fd stays the caller's, who gives up the watch before closing it. One
 * watch per fd. */
struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned events,
                              void (*fn)(void *arg, unsigned events), void *arg);
void loop_watch_set(struct loop_watch *watch, unsigned events);
/* Safe inside any callback, also for a watch whose event is pending. NULL is fine. */
void loop_unwatch(struct loop_watch *watch);

/* A timer that is not set; fn is called once each time that it is due. */
struct loop_timer *loop_timer_new(struct loop *loop, void (*fn)(void *arg), void *arg);
/* Due at clock_mono_ms() + delay_ms (0 = in the next round); replaces the earlier setting. */
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms);
/* Due at a point of clock_mono_us(), with the kernel's precision: for pace. */
void loop_timer_set_at_us(struct loop_timer *timer, int64_t mono_us);
void loop_timer_clear(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/* Calls fn(arg) on the loop once, soon. From any thread; ordered. What is posted and not run when
 * the loop is freed is dropped. */
void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg);
/* Calls fn(arg) before each wait of the loop, after the round's events: for batching. At most 4 of
 * them. */
void loop_on_round(struct loop *loop, void (*fn)(void *arg), void *arg);
/* Takes back what loop_on_round was given. */
void loop_off_round(struct loop *loop, void (*fn)(void *arg), void *arg);

/* Blocks the signal for the process (call before threads start) and calls fn(arg, signal) on the
 * loop instead. A signal has one handler; the last one given counts. */
enum err loop_signal(struct loop *loop, int signal_number, void (*fn)(void *arg, int signal_number),
                     void *arg, struct fail *fail) WARN_UNUSED;

#endif
