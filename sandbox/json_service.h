/* A service of AWS's JSON protocols, played: X-Amz-Target names the operation, the body its input.
 * What SQS, Secrets Manager and Systems Manager share: the way of a request, errors, faults. */
#ifndef SANDBOX_JSON_SERVICE_H
#define SANDBOX_JSON_SERVICE_H

#include <jansson.h>
#include <stdbool.h>

#include "calls.h"
#include "faults.h"
#include "reply.h"
#include "sandbox.h"

struct json_call;

struct json_operation {
    const char *name; /* "SendMessage"; NULL ends a table */
    /* Ends with exactly one of json_call_ok and json_call_fail, or parks the call. */
    void (*run)(struct json_call *call);
};

struct json_service {
    struct sandbox *sandbox;
    const char *signing;  /* "sqs": the service that the signature names */
    const char *target;   /* "AmazonSQS." */
    const char *type;     /* of bodies: "application/x-amz-json-1.0" */
    const char *prefix;   /* of error names in bodies: "com.amazonaws.sqs#", or "" */
    bool has_query_error; /* tells errors in x-amzn-query-error, too */
    const struct json_operation *operations;
    void *owner;
    struct faults faults;
    struct calls calls;
    struct replies waiting;
};

enum { JSON_CALL_MESSAGE = 512 };

/* One request. */
struct json_call {
    struct json_service *service;
    struct http_exchange *x;
    const struct json_operation *op;
    json_t *input;
    const struct fault *fault;
    size_t entry; /* in the log of calls */
    int64_t delay_ms;
    bool is_parked; /* whoever parked it ends it later, by json_call_end */
    /* The answer. */
    int status;
    const char *code; /* NULL: fine */
    char message[JSON_CALL_MESSAGE];
    json_t *out;
};

/* Sets the kinds of faults. */
void json_service_init(struct json_service *service);
void json_service_done(struct json_service *service);
/* Is the request for this service? */
bool json_service_owns(const struct json_service *service, const struct http_exchange *x);
void json_service_request(struct json_service *service, struct http_exchange *x);

/* Takes out. */
void json_call_ok(struct json_call *call, json_t *out);
/* status 400, as nearly everything is in these protocols. */
void json_call_fail(struct json_call *call, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *json_call_text(const struct json_call *call, const char *member);
/* A copy on the heap that outlives the handler: it is answered, and released, by json_call_end. */
struct json_call *json_call_park(struct json_call *call);
void json_call_end(struct json_call *call);

/* GET and POST …/faults, GET …/calls[?log=1], POST …/calls/reset: true when path is one of them
 * (it begins behind the service's own part) and was answered. */
bool json_service_control(struct json_service *service, struct http_exchange *x, const char *path,
                          const json_t *body);
/* {"done": true}, or the error. */
void json_service_reply_done(struct http_exchange *x, enum err err, const struct fail *fail);

#endif
