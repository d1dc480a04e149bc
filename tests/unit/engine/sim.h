/* Time that passes only when the test says so: the clock and the timers and posts of net/loop.h,
 * for one thread. Linked into a test, it stands before the real ones. */
#ifndef ROSTER_TESTS_ENGINE_SIM_H
#define ROSTER_TESTS_ENGINE_SIM_H

#include <stdint.h>

#include "net/loop.h"

enum { SIM_START_S = 1777881600 }; /* 2026-05-04T08:00:00Z */

/* A new beginning: no timers, no posts, the clock at SIM_START_S. */
struct loop *sim_new(void);
void sim_free(struct loop *loop);
/* Milliseconds since sim_new. */
int64_t sim_ms(void);
int64_t sim_us(void);
/* Runs what is posted and due in the next ms, each at its time. */
void sim_run(int64_t ms);

#endif
