/* How Okta fares: its event hook, its System Log, and the applications and groups that the rules
 * name, as the daemon has noted it. Pure. */
#ifndef ROSTER_CMD_OKTA_HEALTH_H
#define ROSTER_CMD_OKTA_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

enum { OKTA_HEALTH_WINDOW_MS = 24 * 3600 * 1000 };

/* An application or group that is not as it should be. */
struct okta_health_thing {
    struct span kind, id, name, state; /* "application", "inactive" */
    int64_t since_ms;
};

/* Times are in milliseconds, 0 = never; counts are since the store was made. */
struct okta_health {
    bool is_known; /* a daemon has noted something of the hook */
    bool has_hook; /* deliveries are taken */
    int64_t delivered_ms;
    int64_t missed, missed_ms; /* events that the System Log alone brought */
    int64_t failed, failed_ms; /* deliveries that failed, as Okta says */
    int64_t limited_ms;        /* Okta warned of a rate limit */
    struct span missed_type, failed_reason, limited_reason;
    int64_t log_read_ms, log_event_ms; /* the System Log: when it was read; its newest event */
    const struct okta_health_thing *things;
    size_t n_things;
};

/* The notes of engine/hook_health.h, engine/catch_up.h and engine/container_state.h; an empty one,
 * or one that cannot be read, tells nothing. Texts are copied to a. */
struct okta_health okta_health_read(struct arena *a, struct span hook, struct span log,
                                    struct span things);
/* Has the hook failed in the last day, and delivered nothing since? */
bool okta_health_hook_fails(const struct okta_health *h, int64_t now_ms);

#endif
