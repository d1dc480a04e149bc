/* What is sent to Amazon Connect: the path and the JSON body of each operation, as the service
 * model of 2017-08-08 names their members. Pure and thread-safe.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_Operations.html */
#ifndef ROSTER_CONNECT_REQUEST_H
#define ROSTER_CONNECT_REQUEST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "model/agent.h"
#include "model/entitlement.h"

struct request {
    const char *method;
    struct buf path, body;
    bool has_body; /* without one there is no Content-Type, either */
    bool is_read;  /* repeating it does no harm */
};

/* Each fills a request, which the caller releases with request_done. */
struct request request_create_user(struct span instance_id, const struct entitlement *wanted);
/* token: where the page begins; empty for the first. */
struct request request_find_user(struct span instance_id, struct span user_name, struct span token);
/* The whole ARN is one segment of the path. */
struct request request_tag(struct span arn, const struct tag *tags, size_t n_tags);
struct request request_describe_instance(struct span instance_id);
void request_done(struct request *r);

#endif
