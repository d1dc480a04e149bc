/* Pace: how often an operation may be called. A token bucket for each operation of one account and
 * region, that gives way when Amazon Connect throttles and finds its way back up to the ceiling;
 * and the pauses of operations that wait for all. On the loop only. Limits:
 * https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html (2 a
 * second, burst 5). */
#ifndef ROSTER_ENGINE_PACE_H
#define ROSTER_ENGINE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "net/loop.h"

struct pace;

/* Ceilings by operation: tokens a second, and the most that are saved up. */
typedef void pace_ceiling(void *arg, const char *operation, double *out_rate, double *out_burst);

struct pace *pace_new(struct loop *loop, pace_ceiling *ceiling, void *arg);
/* Whoever waits is forgotten. NULL is fine. */
void pace_free(struct pace *pace);

/* Waits for a token; grant(arg) is called on the loop when the call may be made, in the order of
 * asking among those of one priority; the smallest priority comes first. */
struct pace_waiter {
    void (*grant)(void *arg);
    void *arg;
    int64_t priority;
    struct pace_waiter *next; /* the pace's */
    bool is_waiting;          /* the pace's */
};
void pace_wait(struct pace *pace, const char *operation, struct pace_waiter *waiter);
/* Gives the place up; nothing when it does not wait. */
void pace_give_up(struct pace *pace, const char *operation, struct pace_waiter *waiter);

/* What the answer taught. A throttled one takes all that was saved up, closes the operation for
 * retry_ms and lowers its rate; several that come close together count as one. As long as calls
 * succeed it rises again. */
void pace_succeeded(struct pace *pace, const char *operation);
void pace_throttled(struct pace *pace, const char *operation, long retry_ms);

/* While paused nobody is granted but one probe when probe_in_ms have passed, and one every every_ms
 * after that, until it is paused anew or resumed. */
void pace_pause(struct pace *pace, const char *operation, int64_t probe_in_ms, int64_t every_ms);
void pace_resume(struct pace *pace, const char *operation);
/* A call came through that was nobody's step: whoever waits next is the probe, at once. For those
 * who cannot resume, because they do not keep the pauses of the store. */
void pace_proved(struct pace *pace, const char *operation);
bool pace_is_paused(struct pace *pace, const char *operation);
/* Is it paused, and no probe to be granted now or another one waiting for that? Then there is no
 * sense in preparing a call. */
bool pace_is_closed(struct pace *pace, const char *operation);

/* For /metrics and the status: the rate in force. */
double pace_rate(struct pace *pace, const char *operation);

#endif
