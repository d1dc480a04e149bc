/* HTTP requests in the forms in which AWS hands them to a function, and answers in the form that
 * each of them wants. Pure. Forms:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html (REST API, payload 1.0),
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * (HTTP API, payload 2.0; a Function URL has the same),
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
#ifndef ROSTER_LAMBDA_FRONT_DOOR_H
#define ROSTER_LAMBDA_FRONT_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum front_door {
    FRONT_REST,      /* API Gateway, payload format 1.0 */
    FRONT_HTTP,      /* API Gateway, payload format 2.0; Function URL */
    FRONT_ALB,       /* load balancer, a header has one value */
    FRONT_ALB_MULTI, /* load balancer whose target group has multi-value headers */
};

struct front_header {
    struct span name, value;
};

struct front_request {
    enum front_door door;
    struct span method;
    struct span path; /* perhaps with the name of a stage, or a base path, in front */
    const struct front_header *headers;
    size_t n_headers;
    struct span body; /* decoded, when it came in Base64; not NULL */
    bool is_body_bad; /* it is neither text nor Base64 of use: body is empty */
};

/* ERR_NOT_FOUND: the event is no HTTP request; ERR_INPUT: it is one, but has no method or path.
 * Texts are in a, or parts of event. */
enum err front_read(struct arena *a, struct span event, struct front_request *out,
                    struct fail *fail) WARN_UNUSED;
/* For struct hook_request; request is a struct front_request. */
struct span front_header(const void *request, struct span name, unsigned *n);
void front_each_header(const void *request,
                       void (*fn)(void *arg, struct span name, struct span value), void *arg);

struct front_answer {
    int status;
    const struct front_header *headers; /* names in their usual spelling, each once */
    size_t n_headers;
    struct span body; /* text */
};
/* Appends the answer in the form that the request's door wants. */
void front_add_answer(struct buf *out, enum front_door door, const struct front_answer *answer);

#endif
