/* What Okta's directory holds, as its API says it: users, groups, applications and their users. The
 * decoders are pure; an object without an id is refused, and members that are not needed are not
 * looked at.
 * https://developer.okta.com/docs/api/openapi/okta-management/management/tags/user/ */
#ifndef ROSTER_OKTA_DIRECTORY_H
#define ROSTER_OKTA_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "text/json.h"

enum {
    OKTA_ID_MAX = 100,
    OKTA_ATTRIBUTES_MAX = 2000, /* of one user */
    OKTA_VALUE_MAX = 32 * 1024, /* bytes; postalAddress may have 4,096 characters */
    OKTA_DEPTH = 32,
};

enum okta_status {
    OKTA_OTHER, /* one that is not known here: says nothing against the user */
    OKTA_STAGED,
    OKTA_PROVISIONED,
    OKTA_ACTIVE,
    OKTA_RECOVERY,
    OKTA_PASSWORD_EXPIRED,
    OKTA_LOCKED_OUT,
    OKTA_SUSPENDED,
    OKTA_DEPROVISIONED,
};

/* One attribute of a profile: a text, a number as it is written, "true" or "false". An array of
 * such is several attributes of one name, in its order. */
struct okta_attribute {
    struct span name, value;
    bool is_item; /* of an array */
};

struct okta_user {
    struct span id;
    enum okta_status status;
    struct span status_text;
    struct span login;
    int64_t updated_ns;                      /* lastUpdated; 0 = not said */
    const struct okta_attribute *attributes; /* the profile's, login and email among them; those
                                                that are null or objects are left out */
    size_t n_attributes;
    const char *fault; /* NULL; else why the profile cannot be used: the rest may be missing */
};

struct okta_group {
    struct span id, name, type; /* type: "OKTA_GROUP", "APP_GROUP", "BUILT_IN" */
    int64_t members_updated_ns; /* lastMembershipUpdated; 0 = not said */
};

struct okta_app {
    struct span id, label, name; /* name: the kind, "amazon_aws" */
    bool is_active;
};

struct okta_app_user {
    struct span user_id;
    struct span user_name; /* credentials.userName: what SAML sends; empty when there is none */
    struct span scope;     /* "USER" or "GROUP" */
    struct span status;
    bool is_assigned;             /* by the status: not one that was taken away or never given */
    const struct okta_user *user; /* with expand=user; else NULL */
};

/* Letters, digits, '-' and '_', at most OKTA_ID_MAX: what may stand in a path. */
bool okta_is_id(struct span text);
enum okta_status okta_status_parse(struct span text);
/* The first value of an attribute, by its exact name; p == NULL when the user has none. */
struct span okta_user_attribute(const struct okta_user *user, struct span name);

/* Each decodes one object that json_scan has accepted; texts are in a, or borrowed from it.
 * ERR_INPUT: it is none of the kind. */
enum err okta_user_decode(struct arena *a, struct json_value object, struct okta_user *out,
                          struct fail *fail) WARN_UNUSED;
enum err okta_group_decode(struct arena *a, struct json_value object, struct okta_group *out,
                           struct fail *fail) WARN_UNUSED;
enum err okta_app_decode(struct arena *a, struct json_value object, struct okta_app *out,
                         struct fail *fail) WARN_UNUSED;
enum err okta_app_user_decode(struct arena *a, struct json_value object, struct okta_app_user *out,
                              struct fail *fail) WARN_UNUSED;

#endif
