/* The time, as a value: whatever needs the time takes it as a parameter, and only the outermost
 * floors ask here. Thread-safe. */
#ifndef ROSTER_BASE_CLOCK_H
#define ROSTER_BASE_CLOCK_H

#include <stdint.h>

enum { MS_PER_S = 1000 };

/* Milliseconds since 1970-01-01T00:00:00Z. May jump when the clock is set. */
int64_t clock_wall_ms(void);
/* Nanoseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ns(void);
/* Milliseconds that only go forward, since an unspecified start: for time-outs and pace. */
int64_t clock_mono_ms(void);
/* The same, and it goes on while the machine sleeps. */
int64_t clock_boot_ms(void);
/* clock_mono_ms in microseconds. */
int64_t clock_mono_us(void);

/* Processor time that this process has used so far, in microseconds. */
int64_t clock_cpu_us(void);

#endif
