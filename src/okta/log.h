/* Reading Okta's System Log from a cursor: the events that a hook delivers, with the same uuids,
 * and those that only the log has. A polling query, in the order in which Okta stored them. On the
 * loop only.
 * https://developer.okta.com/docs/reference/system-log-query/ */
#ifndef ROSTER_OKTA_LOG_H
#define ROSTER_OKTA_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "okta/api.h"
#include "okta/delivery.h"

struct okta_log_read;

enum {
    OKTA_LOG_PAGE = 1000, /* Okta's maximum */
    OKTA_LOG_RETENTION_DAYS = 90,
    OKTA_LOG_BYTES = 32 * 1024 * 1024,
};

/* One that Okta writes when it could not deliver to an event hook; it comes as a skipped event,
 * SKIP_HEALTH. */
#define OKTA_LOG_DELIVERY_FAILED "event_hook.delivery"

struct okta_log_page {
    enum err err;
    const struct fail *fail; /* NULL with ERR_NONE */
    bool is_cursor_lost;     /* Okta does not take the cursor any more: begin anew from an instant
                                before the last event seen */
    struct delivery events;  /* borrowed for the callback, like the cursor */
    struct span
        cursor;    /* where to go on; p == NULL: Okta gave none, and the old place still counts */
    bool has_more; /* the page was full: go on at once */
};

/* Reads one page from the cursor (as an earlier page gave it, kept as it was), or, when that is
 * empty, from since_ms on. done is called once, later. What `by` holds is borrowed until then. */
struct okta_log_read *okta_log_read(struct okta_api *api, const struct delivery_rules *by,
                                    struct span cursor, int64_t since_ms,
                                    void (*done)(void *arg, const struct okta_log_page *page),
                                    void *arg);
/* No callback will come; not from inside it. NULL is fine. */
void okta_log_cancel(struct okta_log_read *read);

#endif
