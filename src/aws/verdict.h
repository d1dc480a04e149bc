/* What an answer of an AWS service means. Pure and thread-safe.
 * https://docs.aws.amazon.com/connect/latest/APIReference/CommonErrors.html; the forms are those
 * that botocore's parsers read (rest-json, json and query protocols). */
#ifndef ROSTER_AWS_VERDICT_H
#define ROSTER_AWS_VERDICT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"

struct verdict_ask {
    int status;
    struct span body;
    struct span error_type;     /* x-amzn-errortype */
    struct span request_id;     /* x-amzn-requestid or x-amz-request-id */
    struct span retry_after;    /* Retry-After */
    struct span retry_after_ms; /* x-amz-retry-after */
    bool is_read;
    bool is_xml;        /* a service that answers in XML: STS */
    const char *what;   /* "PUT /users/1 of connect", for people */
    const char *origin; /* where the credentials came from, for people, or NULL */
};

struct verdict {
    struct fail fail;        /* .err is as in aws.h; request_id and status are set in any case */
    bool blames_clock;       /* refused, and the clock may be the reason */
    bool blames_credentials; /* refused because the credentials are expired or not known */
};

/* Whatever has a service's error name and a status below 500 was refused: nothing was done. */
void verdict_read(const struct verdict_ask *ask, struct verdict *out);

#endif
