/* One delivery on its way: waits for its time, is sent, perhaps once more, and is remembered. */
#ifndef SANDBOX_OKTA_DELIVERY_H
#define SANDBOX_OKTA_DELIVERY_H

#include "okta_deliver.h"

/* Sent in wait_ms, or as soon as fewer than `parallel` are under way. done may be NULL. */
void okta_delivery_add(struct okta_side *side, const struct okta_hook *hook, struct span body,
                       int64_t wait_ms, void (*done)(void *arg, const json_t *delivery), void *arg);
/* Remembered, but never sent. */
void okta_delivery_lose(struct okta_side *side, const struct okta_hook *hook, struct span body);
/* Those that wait for their time are due now. */
void okta_delivery_hurry(struct okta_side *side);
/* Starts what may start: a pause is over, or there is room. */
void okta_delivery_go_on(struct okta_side *side);

#endif
