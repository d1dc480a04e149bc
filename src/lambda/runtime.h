/* AWS Lambda's Runtime API: fetches one event after the other, hands it to the worker, and gives
 * its answer back. While it waits for the next one the process is frozen: nothing else may be under
 * way then. On the loop only.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html (version 2018-06-01) */
#ifndef ROSTER_LAMBDA_RUNTIME_H
#define ROSTER_LAMBDA_RUNTIME_H

#include "base/err.h"
#include "lambda/invocation.h"
#include "net/http_client.h"
#include "net/loop.h"

enum {
    RUNTIME_ANSWER_MAX = 6291556, /* 6 MiB and 100 bytes; more is refused with 413 */
    RUNTIME_MARGIN_MS = 200,      /* before the deadline, for the way of an answer back */
    RUNTIME_STANDSTILL_MS = 2000, /* after a longer wait, the connections to others are not used */
};

struct runtime_options {
    struct loop *loop;
    const char *address; /* AWS_LAMBDA_RUNTIME_API: "HOST:PORT" */
    /* Whose kept connections are dropped after a standstill. */
    struct http_client *others;
};

struct runtime;

enum err runtime_new(const struct runtime_options *options, struct runtime **out,
                     struct fail *fail) WARN_UNUSED;
/* NULL is fine. */
void runtime_free(struct runtime *r);
/* Begins to fetch. When it cannot go on, it logs why and stops the loop. */
void runtime_start(struct runtime *r, const struct worker *worker);
/* Instead of runtime_start: tells that the function cannot work, then stops the loop. type as in
 * invocation.h: "Runtime.ConfigInvalid". */
void runtime_refuse(struct runtime *r, const char *type, const char *message);

#endif
