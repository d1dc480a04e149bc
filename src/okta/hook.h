/* The door for Okta's event hooks, whatever carries it: (method, path, headers, body) in, (status,
 * body, events) out, authentication included. Pure.
 * https://developer.okta.com/docs/concepts/event-hooks/ */
#ifndef ROSTER_OKTA_HOOK_H
#define ROSTER_OKTA_HOOK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/span.h"
#include "okta/delivery.h"

enum { HOOK_BODY_LIMIT = 10 * 1024 * 1024, HOOK_CHALLENGE_LIMIT = 1024 };

struct hook {
    const struct secret *secret, *secret_previous; /* the second may be unset */
    struct span header;                            /* the header that carries the secret */
    bool allows_no_secret; /* --allow-no-secret: whoever is not behind a proxy may come in */
};

struct hook_request {
    struct span method, path;
    /* The value of a header (name in any case), p == NULL when absent; *n = how often it was
     * given. */
    struct span (*header)(const void *request, struct span name, unsigned *n);
    /* Calls fn for each header. */
    void (*each_header)(const void *request,
                        void (*fn)(void *arg, struct span name, struct span value), void *arg);
    const void *request;
};

struct hook_answer {
    int status;
    const char *code, *message; /* of an error; NULL = no error */
    struct span body;           /* of a success: JSON, or empty */
    const char *allow;          /* 405: the value of the Allow header */
};

/* 503: what was delivered could not be made durable. Okta sends it once more. */
extern const struct hook_answer hook_not_stored;

/* With a 401: the value of the header WWW-Authenticate. */
#define HOOK_AUTHENTICATE "Bearer realm=\"roster\""

/* Appends the body that the answer has on the wire: {"error": {"code", "message"}}, or what a
 * success has; both are JSON. */
void hook_add_body(struct buf *out, const struct hook_answer *answer);
/* Is that path the event hook's? "/okta/events", or "/create_user" as the AWS sample names it. */
bool hook_owns(struct span path);
/* Before the body is read: true when the answer is settled (a verification, or a refusal); false:
 * read the body and decode it. */
bool hook_head(const struct hook *hook, const struct hook_request *request, struct arena *a,
               struct hook_answer *out);
/* With the body: decodes it. ERR_INPUT when it is no delivery: *out is the 400 then. */
enum err hook_body(const struct delivery_rules *by, struct span body, int64_t received_ms,
                   struct arena *a, struct delivery *delivery, struct hook_answer *out,
                   struct fail *fail) WARN_UNUSED;

#endif
