/* Signed requests to AWS: credentials, endpoints, Signature Version 4, and what an answer means.
 * One call is one request (but for one repetition when the clock or the credentials turn out to be
 * wrong, before anything was done): who retries, and when, is decided above. On the loop only.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
#ifndef ROSTER_AWS_AWS_H
#define ROSTER_AWS_AWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "net/http_client.h"
#include "net/loop.h"

struct aws;

struct aws_options {
    struct span region; /* as configured; empty = AWS_REGION, AWS_DEFAULT_REGION, the profile's */
    struct span partition;          /* empty = by region */
    const char *const *environment; /* "NAME=value" texts that end with NULL; copied */
};

/* Reads environment and shared files (no request yet). ERR_INPUT: no region, a bad endpoint URL, an
 * unreadable profile, … */
enum err aws_new(struct loop *loop, struct http_client *client, const struct aws_options *options,
                 struct aws **out, struct fail *fail) WARN_UNUSED;
/* Drops what is under way without calling back. Not from inside a callback. NULL is fine. */
void aws_free(struct aws *aws);
const char *aws_region(const struct aws *aws);
/* The endpoint in force for one of the services that aws/endpoint.h lists:
 * "https://connect.eu-central-1.amazonaws.com". */
const char *aws_endpoint(struct aws *aws, const char *service);
/* Where the credentials come from, for people: "environment", "profile default", "web identity", …;
 * "none" before the first use. */
const char *aws_credentials_origin(const struct aws *aws);
/* How far AWS's clock is ahead of ours, as far as its answers have told: 0 while that is less than
 * SKEW_TOLERATED_MS (aws/skew.h). */
int64_t aws_clock_ahead_ms(const struct aws *aws);
/* The region that the environment and the shared files give, without anything else, in buffer;
 * p == NULL when none. For `check`. */
struct span aws_region_from_chain(const char *const *environment, char *buffer, size_t size);

struct aws_ask {
    const char *service; /* endpoint prefix and signing name: "connect", "sts", "sqs" */
    const char *method;
    struct span path;  /* percent-encoded once */
    struct span query; /* encoded, without '?' */
    struct span body;
    const char *content_type; /* NULL = no body */
    const char *target;       /* X-Amz-Target, or NULL */
    bool is_read;  /* repeating it does no harm: a lost answer is ERR_IO, else ERR_UNCLEAR */
    long total_ms; /* of one request; 0 = 30,000 */
};

struct aws_answer {
    enum err err; /* ERR_NONE for 2xx with a whole body: none, or JSON (XML from sts); else fail
                     says all */
    const struct fail *fail; /* .code = the service's error name, cut at ':' and behind '#', or
                                "NoCredentials"; .status; .request_id; .retry_ms with ERR_BUSY */
    int status;              /* 0 = there was no answer */
    struct span body;        /* borrowed for the callback */
    const char *request_id;  /* "" when none */
};

/* done is called once, later, on the loop. The call may be cancelled until then. What err means:
 *   ERR_BUSY      throttled (ThrottlingException, TooManyRequestsException, a bare 429; NOT
 *                 LimitExceededException)
 *   ERR_DENIED    access denied, credentials, signature, LimitExceededException,
 *                 ServiceQuotaExceededException
 *   ERR_NOT_FOUND, ERR_CONFLICT (409), ERR_INPUT (other 4xx with a service's error name)
 *   ERR_IO        nothing was sent, or a read failed in passing
 *   ERR_UNCLEAR   sent and no whole answer, 5xx, an HTML page, or another answer that is not the
 *                 service's own; ERR_IO for a read */
struct aws_call;
/* What ask points to is copied. */
struct aws_call *aws_ask(struct aws *aws, const struct aws_ask *ask,
                         void (*done)(void *arg, const struct aws_answer *answer), void *arg);
/* No callback will come. NULL is fine. */
void aws_cancel(struct aws_call *call);

#endif
