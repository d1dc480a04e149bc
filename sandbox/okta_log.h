/* The System Log: events in the order in which they were written down, which need not be that in
 * which they happened. */
#ifndef SANDBOX_OKTA_LOG_H
#define SANDBOX_OKTA_LOG_H

#include <jansson.h>
#include <stdint.h>

struct okta_event {
    int64_t published_ms; /* when it happened */
    int64_t written_ms;   /* when the log has it; both by the org's clock */
    int64_t due_ms;       /* the same, monotonic */
    const char *type;
    char *text; /* as the API shows it, compact JSON */
};

struct okta_log {
    struct okta_event *events, *coming; /* the second by due_ms */
    size_t n, room, n_coming, room_coming;
    uint64_t first; /* how many were forgotten before events[0] */
    uint64_t epoch; /* of the cursors that are good */
    int64_t delay_ms, jitter_ms;
    int64_t retention_s;
};

void okta_log_init(struct okta_log *log);
void okta_log_done(struct okta_log *log);
/* Borrows event, in the API's form with a readable published. */
void okta_log_add(struct okta_log *log, const json_t *event, int64_t wall_ms);
/* Writes down what is due by now. Before each reading. */
void okta_log_settle(struct okta_log *log, int64_t wall_ms);
/* Forgets all that is written so far. */
void okta_log_forget(struct okta_log *log);

#endif
