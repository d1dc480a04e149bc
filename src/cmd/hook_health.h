/* How Okta's event hook fares, from what came in: Okta tells of deliveries that failed in its
 * System Log alone. Pure. */
#ifndef ROSTER_CMD_HOOK_HEALTH_H
#define ROSTER_CMD_HOOK_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum { HOOK_HEALTH_EVENTS = 2000, HOOK_HEALTH_WINDOW_MS = 24 * 3600 * 1000 };

struct hook_health {
    int64_t n_failures;  /* told in the last 24 hours */
    int64_t failed_ms;   /* published; of the newest, 0 = none */
    struct span failure; /* its "HOOK: REASON" */
    int64_t by_hook_ms;  /* the newest event that the hook brought first; 0 = none */
    int64_t by_log_ms;   /* the same of the System Log */
    bool is_failing;     /* our hook failed, and has brought nothing since */
};

/* rows: the newest HOOK_HEALTH_EVENTS events, the newest first. name: of our hook in Okta; others'
 * failures are counted, but are not ours to mend. */
struct hook_health hook_health_of(const struct event_row *rows, size_t n, struct span name,
                                  int64_t now_ms);

#endif
