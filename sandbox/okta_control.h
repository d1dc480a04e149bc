/* The control interface of the Okta side, /sandbox/okta/…. */
#ifndef SANDBOX_OKTA_CONTROL_H
#define SANDBOX_OKTA_CONTROL_H

#include "okta_seed.h"

/* A control call. A handler that changes the org tells so in tx, and puts what it made into out. */
struct okta_order {
    struct okta_side *side;
    const json_t *body;
    struct okta_tx tx;
    json_t *out; /* the answer */
};

/* Handlers that change the org (okta_orders.c). */
enum err okta_order_user(struct okta_order *order, struct fail *fail);
enum err okta_order_users(struct okta_order *order, struct fail *fail);
enum err okta_order_profile(struct okta_order *order, struct fail *fail);
enum err okta_order_status(struct okta_order *order, struct fail *fail);
enum err okta_order_group(struct okta_order *order, struct fail *fail);
enum err okta_order_group_change(struct okta_order *order, struct fail *fail);
enum err okta_order_group_delete(struct okta_order *order, struct fail *fail);
enum err okta_order_app(struct okta_order *order, struct fail *fail);
enum err okta_order_app_change(struct okta_order *order, struct fail *fail);
enum err okta_order_member(struct okta_order *order, struct fail *fail);
enum err okta_order_member_remove(struct okta_order *order, struct fail *fail);
enum err okta_order_assign(struct okta_order *order, struct fail *fail);
enum err okta_order_unassign(struct okta_order *order, struct fail *fail);
enum err okta_order_app_user(struct okta_order *order, struct fail *fail);

/* What there is now (okta_look.c); new values. */
json_t *okta_look_state(struct okta_side *side);
json_t *okta_look_users(struct okta_side *side);
json_t *okta_look_user(const struct okta_user *user);
json_t *okta_look_groups(struct okta_side *side);
json_t *okta_look_apps(struct okta_side *side);
json_t *okta_look_log(struct okta_side *side);
json_t *okta_look_hooks(struct okta_side *side);

/* Forgets the calls that wait for an answer. */
void okta_control_drop(struct okta_side *side);
/* Answers when the hook is verified, or when the delivery is over (okta_replies.c). */
void okta_reply_hook(struct okta_side *side, struct http_exchange *x, const json_t *body);
void okta_reply_verify(struct okta_side *side, struct http_exchange *x, const json_t *body);
void okta_reply_deliver(struct okta_side *side, struct http_exchange *x, const json_t *body);
void okta_reply_fail(struct http_exchange *x, const struct fail *fail);

#endif
