/* One request to AWS, signed for one service in one region, or not at all. On the loop only. */
#ifndef ROSTER_AWS_SIGNED_H
#define ROSTER_AWS_SIGNED_H

#include <stdint.h>

#include "aws/credentials.h"
#include "net/http_client.h"

struct signed_ask {
    const char *endpoint; /* as endpoint_find gives it; a path in it goes before the request's */
    const char *method;
    struct span path;  /* begins with '/', percent-encoded once */
    struct span query; /* encoded, without '?' */
    struct span body;
    const char *content_type; /* NULL = no body */
    const char *target;       /* X-Amz-Target, or NULL */
    long total_ms;            /* 0 = the client's usual one */
    size_t answer_limit;      /* 0 = the client's usual one */

    const struct credentials *credentials; /* NULL = not signed */
    struct span region, service;
    int64_t now_ms; /* AWS's time */
};

/* Like http_ask; nothing of ask is needed afterwards. */
struct http_call *signed_send(struct http_client *client, const struct signed_ask *ask,
                              void (*done)(void *arg, const struct http_answer *answer), void *arg);

#endif
