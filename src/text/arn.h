/* Amazon Resource Names: arn:partition:service:region:account:resource. Pure and thread-safe.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
#ifndef ROSTER_TEXT_ARN_H
#define ROSTER_TEXT_ARN_H

#include "base/err.h"
#include "base/span.h"

/* Parts of the text that was parsed. */
struct arn {
    struct span partition, service, region, account, resource;
};

/* Spans of text. ERR_INPUT: a part is missing, or partition, service or resource is empty; region
 * and account may be. */
enum err arn_parse(struct span text, struct arn *out, struct fail *fail) WARN_UNUSED;

#endif
