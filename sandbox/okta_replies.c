/* Control calls that are answered later: when a hook was verified, when a delivery is over. */
#include <stdlib.h>

#include "base/mem.h"
#include "okta_control.h"

struct okta_reply {
    struct okta_reply *next, **link;
    struct http_exchange *x;
};

static struct okta_reply *okta_reply_new(struct okta_side *side, struct http_exchange *x)
{
    struct okta_reply *reply = mem_new(1, sizeof *reply);

    *reply = (struct okta_reply){.next = side->replying, .link = &side->replying, .x = x};
    if (reply->next != NULL)
        reply->next->link = &reply->next;
    side->replying = reply;
    return reply;
}

static struct http_exchange *reply_end(struct okta_reply *reply)
{
    struct http_exchange *x = reply->x;

    *reply->link = reply->next;
    if (reply->next != NULL)
        reply->next->link = reply->link;
    free(reply);
    return x;
}

void okta_control_drop(struct okta_side *side)
{
    while (side->replying != NULL)
        (void)reply_end(side->replying);
}

static void on_verified(void *arg, struct okta_hook *hook, bool is_verified, int status)
{
    struct http_exchange *x = reply_end(arg);
    char *message;

    if (is_verified) {
        sandbox_reply_json(x, 200, okta_hook_show(hook, ""), NULL);
        return;
    }
    message = mem_printf("the hook was not verified: %s%d",
                         status == 0 ? "no answer in time; status " : "it answered ", status);
    sandbox_reply_error(x, 400, "unverified", message);
    free(message);
}

/* Makes or replaces the hook, and verifies it unless it is to count as verified. */
void okta_reply_hook(struct okta_side *side, struct http_exchange *x, const json_t *body)
{
    struct okta_hook *hook;
    struct fail fail = {0};

    if (okta_seed_hook(side, body, &hook, &fail) != ERR_NONE)
        okta_reply_fail(x, &fail);
    else if (json_object_get(body, "verified") != NULL)
        sandbox_reply_json(x, 200, okta_hook_show(hook, ""), NULL);
    else
        okta_hook_verify(side, hook, on_verified, okta_reply_new(side, x));
}

/* By id or name; the only one when neither is given. */
static struct okta_hook *hook_of(struct okta_side *side, const json_t *body)
{
    const char *name = okta_member(body, "hook");
    struct okta_hook *hook = side->hooks.first;

    if (name == NULL)
        return hook;
    hook = okta_hooks_find(&side->hooks, name);
    return hook == NULL ? okta_hooks_named(&side->hooks, name) : hook;
}

void okta_reply_verify(struct okta_side *side, struct http_exchange *x, const json_t *body)
{
    const struct okta_hook *hook = hook_of(side, body);

    if (hook == NULL)
        sandbox_reply_error(x, 404, "not_found", "no such hook");
    else
        okta_hook_verify(side, hook, on_verified, okta_reply_new(side, x));
}

static void on_delivered(void *arg, const json_t *delivery)
{
    sandbox_reply_json(reply_end(arg), 200, json_copy(okta_unconst(delivery)), NULL);
}

/* {"payload": a JSON value} or {"text": bytes as they are}. */
void okta_reply_deliver(struct okta_side *side, struct http_exchange *x, const json_t *body)
{
    const struct okta_hook *hook = hook_of(side, body);
    const json_t *payload = json_object_get(body, "payload"), *text = json_object_get(body, "text");
    char *bytes;

    if (hook == NULL) {
        sandbox_reply_error(x, 404, "not_found", "no such hook");
        return;
    }
    if (payload == NULL && !json_is_string(text)) {
        sandbox_reply_error(x, 400, "input", "payload or text is what is delivered");
        return;
    }
    bytes = payload != NULL ? json_dumps(payload, JSON_COMPACT | JSON_ENCODE_ANY)
                            : mem_dup(span_n(json_string_value(text), json_string_length(text)));
    okta_deliveries_send(side, hook, span_of(bytes), on_delivered, okta_reply_new(side, x));
    free(bytes);
}
