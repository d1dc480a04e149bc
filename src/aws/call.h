/* One call: waits for credentials, signs, sends, reads the answer, and does so once more when only
 * the clock or the credentials were wrong. On the loop only. */
#ifndef ROSTER_AWS_CALL_H
#define ROSTER_AWS_CALL_H

#include "aws/aws.h"
#include "aws/keyring.h"

/* What the calls of one struct aws share. */
struct call_context {
    struct http_client *client;
    struct keyring *keyring;
    struct skew *skew;
    const char *region;
    struct aws_call *first; /* those under way */
};

/* As aws_ask. context and endpoint must outlive the call. */
struct aws_call *call_start(struct call_context *context, const char *endpoint,
                            const struct aws_ask *ask,
                            void (*done)(void *arg, const struct aws_answer *answer), void *arg);

#endif
