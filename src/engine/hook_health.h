/* How Okta's event hook does: what it delivered, what only the System Log brought, and what Okta
 * itself tells of deliveries that failed. On the loop only. */
#ifndef ROSTER_ENGINE_HOOK_HEALTH_H
#define ROSTER_ENGINE_HOOK_HEALTH_H

#include <stdbool.h>

#include "engine/handback.h"
#include "engine/journal.h"

/* The note: a JSON object, times are clock_wall_ms, 0 = never, counts are since the store was made:
 *   "is_on"          deliveries are taken ([OKTA] HOOK)
 *   "delivered_ms"   the hook delivered last
 *   "missed"         events that only the System Log brought; "missed_ms", "missed_type": the last
 *   "failed"         deliveries that Okta says have failed; "failed_ms", "failed_reason": the last
 *   "limited_ms", "limited_reason"  Okta warned last of a rate limit */
#define HOOK_HEALTH_NOTE "hook_health"

enum {
    HOOK_PATIENCE_MS = 5 * 60 * 1000, /* so much later a delivery counts as missed; Okta promises
                                         nothing, and mostly needs ten seconds */
};

struct hook_health;

struct hook_health_options {
    struct handback *handback;
    bool is_on;
    /* A person should hear of it: "hook_missed", "hook_failed", "rate_limit". */
    void (*told)(void *arg, const char *code, const char *text);
    void *arg;
};

/* Reads the note. */
enum err hook_health_new(const struct hook_health_options *options, struct store *reader,
                         struct hook_health **out, struct fail *fail) WARN_UNUSED;
/* After the committer has stopped. NULL is fine. */
void hook_health_free(struct hook_health *h);
/* An entry of the hook's has become durable. */
void hook_health_delivered(struct hook_health *h, const struct journal_entry *entry,
                           int64_t now_ms);
/* An entry of the System Log's has, whose is_new is set. */
void hook_health_logged(struct hook_health *h, const struct journal_entry *entry, int64_t now_ms);
/* From time to time: what has been waited for long enough is missed, and the note is written. */
void hook_health_tick(struct hook_health *h, int64_t now_ms);

#endif
