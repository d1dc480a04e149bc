/* Okta's management API on the loop: requests are authenticated, paced below the org's rate limits,
 * and repeated where that does no harm; errors say what to do. On the loop only.
 * https://developer.okta.com/docs/reference/core-okta-api/ */
#ifndef ROSTER_OKTA_API_H
#define ROSTER_OKTA_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "net/http_client.h"
#include "net/loop.h"

struct okta_api; /* one org */
struct okta_call;

enum {
    OKTA_TRIES = 5,        /* of a request that fails in passing */
    OKTA_BACKOFF_MS = 500, /* the first pause is random below this, each further one below the */
    OKTA_BACKOFF_MAX_MS = 30000, /* double, and below this */
    OKTA_WAIT_TOLD_MS = 3000,
    OKTA_CONCURRENT = 4, /* requests at a time; an org allows 35 to 75 to all its clients */
    OKTA_ANSWER_LIMIT = 16 * 1024 * 1024,
    OKTA_ANSWER_DEPTH = 64,
};

/* One of the two: an API token (SSWS), or a service app's client id and private key. */
struct okta_credentials {
    struct span api_token;
    struct span client_id;
    struct span private_key; /* PEM (crypt/jwt.h) */
    struct span key_id;      /* the key's kid in Okta; empty = none is sent */
};

struct okta_api_options {
    struct span org_url; /* "https://example.okta.com"; http for loopback only */
    struct okta_credentials credentials;
    bool manages_event_hooks; /* also ask for the scopes okta.eventHooks.read and .manage */
    unsigned share;           /* percent of each rate limit that may be used, 0 = RATE_SHARE */
    int64_t backoff_ms;       /* 0 = OKTA_BACKOFF_MS */
    /* Nothing is under way, and the next request may go in wait_ms (OKTA_WAIT_TOLD_MS or more): a
     * rate limit is used up, or Okta has failed. Once for each such wait. NULL is fine. */
    void (*waits)(void *arg, int64_t wait_ms);
    void *waits_arg;
};

/* Copies what it keeps; makes no request yet. ERR_INPUT: the URL, the token or the key is of no
 * use. */
enum err okta_api_new(struct loop *loop, struct http_client *client,
                      const struct okta_api_options *options, struct okta_api **out,
                      struct fail *fail) WARN_UNUSED;
/* Drops what is under way without calling back; not from inside a callback. NULL is fine. */
void okta_api_free(struct okta_api *api);
/* From now on these; on ERR_INPUT the old ones stay. */
enum err okta_api_set_credentials(struct okta_api *api, const struct okta_credentials *credentials,
                                  struct fail *fail) WARN_UNUSED;
/* The org's address without a path: "https://example.okta.com". */
const char *okta_api_origin(const struct okta_api *api);
/* Is that URL on the org (scheme, host and port), below /api/v1/? */
bool okta_api_owns(const struct okta_api *api, struct span url);
/* Was a GET of that path (with its query) answered in the last within_ms, with success and more
 * than an empty list, and not with a 404 since? */
bool okta_api_has_seen(const struct okta_api *api, struct span path, int64_t within_ms);

/* The time by Okta's clock, as its answers tell it (to a second); by ours before the first one. */
int64_t okta_api_now_ms(const struct okta_api *api);

struct okta_api_health {
    int64_t good_ms;     /* clock_wall_ms() of the last success, 0 = none yet */
    int64_t bad_ms;      /* of the last failure that was handed out, 0 = none */
    struct fail failure; /* that one; a 404 is none */
    uint64_t sent, throttled, repeated;
    uint64_t broken; /* answers of 5xx, and requests without an answer, repeated or not */
};
const struct okta_api_health *okta_api_health(const struct okta_api *api);

struct okta_ask {
    const char *method;
    struct span path;    /* percent-encoded, with its query: "/api/v1/users?limit=1"; or a whole URL
                            of the org, sent as it is: a next link */
    struct span body;    /* JSON; anything but a GET has one, if an empty one */
    size_t answer_limit; /* 0 = OKTA_ANSWER_LIMIT */
    bool is_lean;        /* users without credentials and their links */
    long total_ms;       /* of one try, 0 = 30,000 */
};

struct okta_answer {
    enum err err;            /* ERR_NONE: 2xx, and for a GET a body of JSON */
    const struct fail *fail; /* okta/answer.h; NULL with ERR_NONE */
    int status;
    struct span body; /* borrowed for the callback */
    struct span next; /* the next page's URL, on this org; p == NULL: there is none */
};

/* done is called once, later, on the loop. A GET is repeated here after a failure in passing;
 * anything else only when it is certain that nothing was done. What a failure means:
 *   ERR_BUSY    throttled, again and again; fail.retry_ms
 *   ERR_DENIED  credentials, scopes, roles, or an answer that leads to another host
 *   ERR_NOT_FOUND, ERR_CONFLICT, ERR_INPUT
 *   ERR_IO      a read failed several times, or nothing was sent
 *   ERR_UNCLEAR a write's outcome is not known */
struct okta_call *okta_ask(struct okta_api *api, const struct okta_ask *ask,
                           void (*done)(void *arg, const struct okta_answer *answer), void *arg);
/* No callback will come; not from inside its own. NULL is fine. */
void okta_cancel(struct okta_call *call);

#endif
