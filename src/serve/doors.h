/* The daemon's doors: carries HTTP requests to okta/hook and the journal and back, and answers
 * health and metrics. On the loop only. */
#ifndef ROSTER_SERVE_DOORS_H
#define ROSTER_SERVE_DOORS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/aws.h"
#include "engine/engine.h"
#include "net/http_server.h"
#include "okta/hook.h"

struct doors;

struct doors_options {
    struct engine *engine;
    struct aws *aws;
    struct hook hook;
    bool is_hook_off; /* [OKTA] HOOK = off: there is nothing at the hook's paths */
    int64_t started_ms;
};

struct doors *doors_new(const struct doors_options *options);
/* After the server is gone and doors_pending is 0. NULL is fine. */
void doors_free(struct doors *d);
/* Deliveries that wait for the store. */
unsigned doors_pending(const struct doors *d);
/* For struct http_server_options; arg is the doors. */
int doors_on_head(void *arg, struct http_exchange *x);
void doors_on_request(void *arg, struct http_exchange *x);

#endif
