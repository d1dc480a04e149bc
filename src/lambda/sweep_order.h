/* What `sweep` is asked to do: by the schedule, by an operator, by `converge`, or by itself when it
 * could not end in time. Pure. */
#ifndef ROSTER_LAMBDA_SWEEP_ORDER_H
#define ROSTER_LAMBDA_SWEEP_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* The group of SQS in which orders stand: one behind the other. */
#define SWEEP_GROUP "sweep"

enum { SWEEP_ORDERS_MAX = 100, SWEEP_ROUNDS_MAX = 400, SWEEP_ID = 32 /* at most, without NUL */ };

/* {"kind": "sweep", "release_removals": 57, "release_changes": 120, "trust_listings": true,
 *  "changed": true, "round": 3, "id": "4a19…"}; all but the kind may be left out. */
struct sweep_order {
    /* What an operator has decided: a set that the bound holds passes when it has at most so many
     * people. */
    int64_t release_removals, release_changes;
    bool trusts_listings; /* a person has said that Okta's listings are whole, short as they are */
    /* Something has changed in Okta: a sweep that had begun before may not have seen it. A message
     * about a group, an application or everything says so, too. */
    bool has_changed;
    int64_t round;         /* so often it was put off for want of time */
    char id[SWEEP_ID + 1]; /* of the sweep that was put off; "" = a new one */
};

/* Is there anything in it that somebody has decided? */
bool sweep_order_decides(const struct sweep_order *order);
/* Reads the event: an order, EventBridge's scheduled event, or messages of SQS, each of which is an
 * order or a message about a group, an application or everything (lambda/message.h). Several count
 * as one. ERR_INPUT: it is none of these. */
enum err sweep_order_read(struct span event, struct sweep_order *out,
                          struct fail *fail) WARN_UNUSED;
/* Appends the order as JSON. */
void sweep_order_add(struct buf *out, const struct sweep_order *order);

#endif
