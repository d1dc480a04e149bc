/* A small request to whoever hands out credentials on this host, tried again when it fails in
 * passing. On the loop only. */
#ifndef ROSTER_AWS_FETCH_H
#define ROSTER_AWS_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "net/http_client.h"
#include "net/loop.h"

enum { FETCH_ANSWER_LIMIT = 64 * 1024 };

struct fetch_ask {
    const char *method, *url;
    struct http_header header; /* name NULL = none */
    long connect_ms, total_ms; /* of each attempt */
    unsigned attempts;         /* at least 1 */
    int64_t wait_ms;           /* between them */
    bool repeats_unanswered; /* also when no answer came; else after an answer of 5xx or 429 only */
};

struct fetch;

/* done is called once, later, with the last attempt's answer; it may free the fetch. What ask
 * points to is copied. */
struct fetch *fetch_start(struct loop *loop, struct http_client *client,
                          const struct fetch_ask *ask,
                          void (*done)(void *arg, const struct http_answer *answer), void *arg);
/* No callback will come. NULL is fine. */
void fetch_free(struct fetch *fetch);

#endif
