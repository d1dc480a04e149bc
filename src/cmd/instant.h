/* Instants as people write them in options. Pure and thread-safe. */
#ifndef ROSTER_CMD_INSTANT_H
#define ROSTER_CMD_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define INSTANT_FORM "a day (2026-05-04), an instant (2026-05-04T08:00:00Z) or an age (12h, 7d)"

/* In milliseconds since 1970; days and instants without an offset are UTC. False: it is none. */
bool instant_parse(struct span text, int64_t now_ms, int64_t *out_ms);

#endif
