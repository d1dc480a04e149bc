/* References to secrets: settings whose value is the ARN of a secret of Secrets Manager or of a
 * parameter of Systems Manager, and reading what stands behind one. Asking is on the loop only; the
 * rest is pure.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
#ifndef ROSTER_AWS_REFERENCE_H
#define ROSTER_AWS_REFERENCE_H

#include <stdbool.h>

#include "aws/aws.h"
#include "base/secret.h"

enum { REFERENCE_VALUE_MAX = 64 * 1024 }; /* Secrets Manager's own limit */

struct reference {
    struct span arn; /* what the service is asked for; a part of the text, like the others */
    struct span key; /* of one member, when the secret is a JSON object; empty = the whole value */
    struct span region;
    bool is_parameter;
};

/* "arn:…:secretsmanager:…:secret:NAME-AbCdEf", which may have ":KEY" behind it (as ECS writes it,
 * also with "::" behind that), or "arn:…:ssm:…:parameter/NAME". False for anything else. */
bool reference_read(struct span text, struct reference *out);

struct reference_answer {
    enum err err; /* as aws.h says, ERR_NOT_FOUND: there is no such secret; ERR_INPUT also: there is
                     one, but it cannot be a value. For people: fail, which never has the value */
    const struct fail *fail;
    struct span current, previous; /* previous.p == NULL: there is none */
};

struct reference_call;

/* Reads the current version and, when wants_previous, the one before it. aws must be of the
 * reference's region. done is called once, later, on the loop; the answer is wiped after it. */
struct reference_call *reference_ask(struct aws *aws, const struct reference *reference,
                                     bool wants_previous,
                                     void (*done)(void *arg, const struct reference_answer *answer),
                                     void *arg);
/* No callback will come. NULL is fine. */
void reference_cancel(struct reference_call *call);

/* The value in the body of a 200, without line ends behind it; for tests. out is set anew.
 * *out_version: of a parameter. */
enum err reference_value(const struct reference *reference, struct span body, struct secret *out,
                         int64_t *out_version, struct fail *fail) WARN_UNUSED;

#endif
