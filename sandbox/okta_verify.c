/* The one-time verification of an event hook: a GET with a challenge, to be sent back. Three
 * seconds, one more attempt after a timeout or an error. */
#include <stdlib.h>

#include "base/mem.h"
#include "okta_events.h"

enum { CHALLENGE = 43, ATTEMPTS = 2 };

struct okta_verification {
    struct okta_verification *next, **link;
    struct okta_side *side;
    char hook_id[OKTA_ID], challenge[CHALLENGE + 1];
    unsigned n;
    struct http_call *call;
    void (*done)(void *arg, struct okta_hook *hook, bool is_verified, int status);
    void *arg;
};

static void verification_free(struct okta_verification *v)
{
    *v->link = v->next;
    if (v->next != NULL)
        v->next->link = v->link;
    http_cancel(v->call);
    free(v);
}

void okta_hooks_drop_verifying(struct okta_hooks *hooks)
{
    while (hooks->verifying != NULL)
        verification_free(hooks->verifying);
}

static bool is_echoed(const struct okta_verification *v, const struct http_answer *answer)
{
    json_t *body;
    const char *text;
    bool is;

    if (answer->err != ERR_NONE || answer->status != 200)
        return false;
    body = json_loadb(answer->body.p, answer->body.n, 0, NULL);
    text = okta_member(body, "verification");
    is = text != NULL && strcmp(text, v->challenge) == 0;
    json_decref(body);
    return is;
}

static void attempt(struct okta_verification *v, const struct okta_hook *hook);

static void on_answer(void *arg, const struct http_answer *answer)
{
    struct okta_verification *v = arg;
    struct okta_side *side = v->side;
    struct okta_hook *hook = okta_hooks_find(&side->hooks, v->hook_id);
    bool is_verified = hook != NULL && is_echoed(v, answer);
    int status = answer->err == ERR_NONE ? answer->status : 0;

    v->call = NULL;
    if (hook != NULL && !is_verified && v->n < ATTEMPTS && (status < 200 || status > 299)) {
        attempt(v, hook);
        return;
    }
    if (hook != NULL) {
        hook->is_verified = is_verified;
        okta_hook_tell(side, hook, "event_hook.verified", is_verified ? "SUCCESS" : "FAILURE",
                       is_verified ? NULL : "Event hook verification failed");
    }
    v->done(v->arg, hook, is_verified, status);
    verification_free(v);
}

static void attempt(struct okta_verification *v, const struct okta_hook *hook)
{
    struct okta_post post;
    struct http_ask ask = {.method = "GET", .connect_ms = OKTA_HOOK_MS, .total_ms = OKTA_HOOK_MS};

    okta_post_init(&post, hook);
    okta_post_header(&post, "X-Okta-Verification-Challenge", v->challenge);
    ask.url = okta_member(json_object_get(json_object_get(hook->doc, "channel"), "config"), "uri");
    ask.headers = post.headers;
    ask.n_headers = post.n;
    v->n++;
    v->call = http_ask(v->side->sandbox->client, &ask, on_answer, v);
}

void okta_hook_verify(struct okta_side *side, const struct okta_hook *hook,
                      void (*done)(void *arg, struct okta_hook *hook, bool is_verified, int status),
                      void *arg)
{
    struct okta_verification *v = mem_new(1, sizeof *v);

    *v = (struct okta_verification){.next = side->hooks.verifying,
                                    .link = &side->hooks.verifying,
                                    .side = side,
                                    .done = done,
                                    .arg = arg};
    if (v->next != NULL)
        v->next->link = &v->next;
    side->hooks.verifying = v;
    memcpy(v->hook_id, hook->id, sizeof v->hook_id);
    okta_random_text(v->challenge, CHALLENGE);
    attempt(v, hook);
}
