/* What is in order and what is not, for `roster doctor`: each check tells one line, a wrong one
 * with what is to be done. Nothing that is tried changes anything. Not thread-safe. */
#ifndef ROSTER_CMD_DOCTOR_H
#define ROSTER_CMD_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/connect_line.h"
#include "cmd/open.h"

enum doctor_verdict {
    DOCTOR_GOOD,
    DOCTOR_NOTE,  /* nothing is wrong, and somebody may want to know */
    DOCTOR_WRONG, /* a person has to act */
};

struct doctor {
    const struct invocation *i;
    FILE *to;
    struct style style;
    bool is_json;
    struct opened o; /* store NULL: there is none, or none that can be read */
    struct connect_line line;
    struct span account, instance_arn; /* as DescribeInstance said, else as configured */
    int64_t managed;                   /* agents, as the store says; -1 = not known */
    size_t n_wrong;
};

/* Prints one line. what: "credentials", "permission", … */
void doctor_tell(struct doctor *d, enum doctor_verdict verdict, const char *what,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Secrets, store and audit log, TLS, the daemon: doctor_local.c. */
void doctor_look_here(struct doctor *d);
/* Credentials, instance, clock, names and quotas: doctor_aws.c. */
void doctor_look_at_aws(struct doctor *d);
/* Each operation that the configuration leads to, tried so that nothing can come of it:
 * doctor_tries.c. */
void doctor_try_permissions(struct doctor *d);
/* Credentials, scopes, applications and groups by name, clock, the event hook: doctor_okta.c. */
void doctor_look_at_okta(struct doctor *d);

/* ---- pure ---- */

/* What an answer says about the right to an operation. */
enum doctor_right { RIGHT_GIVEN, RIGHT_DENIED, RIGHT_UNKNOWN };
enum doctor_right doctor_right_of(enum err err, const char *code);

#endif
