/* The IAM policy that a configuration needs, and nothing besides. Pure.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnect.html
 * https://docs.aws.amazon.com/connect/latest/adminguide/security_iam_resource-level-policy-examples.html
 */
#ifndef ROSTER_CMD_POLICY_H
#define ROSTER_CMD_POLICY_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/settings.h"
#include "model/names.h"

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: of a managed policy,
 * blanks not counted. */
enum { POLICY_SIZE_MAX = 6144 };

struct policy_ask {
    const struct settings *settings;
    const struct names *names;              /* what is known of names without asking: pins */
    struct span partition, region, account; /* account "*" = not known */
    struct span admin_profile; /* id of the profile that nobody may ever be given; empty = none */
    bool has_tools;            /* also what `import`, `export`, `plan` and `doctor` need */
};

struct policy_about {
    bool names_all_profiles; /* else a "*" stands for profiles that are not known by id */
    size_t size;             /* as IAM counts */
};

/* Appends the policy as JSON, with line ends. */
void policy_add(struct buf *out, const struct policy_ask *ask, struct policy_about *about);

/* The operations that are needed, by their action's name without "connect:"; ends with NULL; in a.
 * For whoever tries them. */
const char *const *policy_operations(const struct policy_ask *ask, struct arena *a);

#endif
