/* Alerts: runs [Alert] COMMAND with a JSON object on its input when a person should look. On the
 * loop only. */
#ifndef ROSTER_ENGINE_ALERT_H
#define ROSTER_ENGINE_ALERT_H

#include "base/span.h"
#include "net/loop.h"

struct alert;

struct alert_message {
    const char *event; /* "held", "failed", "parked", "paused", "resumed", "full",
                          "unhealthy" */
    const char *code, *text;
    const char *operation;     /* NULL = none */
    struct span okta_id, user; /* empty = nobody in particular */
};

/* command "" = alerts are logged only. name is [Roster] NAME. */
struct alert *alert_new(struct loop *loop, struct span command, struct span name);
/* Kills the command that runs. NULL is fine. */
void alert_free(struct alert *alert);
/* One command at a time, 64 wait at most; of equal messages within an hour only the first is sent,
 * unless their operation was "resumed" in between. */
void alert_send(struct alert *alert, const struct alert_message *message);

#endif
