/* The rules: which membership puts a person in scope, and what it entitles them to. Pure and
 * thread-safe. */
#ifndef ROSTER_MODEL_RULES_H
#define ROSTER_MODEL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "model/entitlement.h"
#include "model/membership.h"
#include "model/person.h"

/* The plain [OKTA] and [Connect] keys of the AWS sample: in scope is who is assigned to the
 * application or a member of the group. */
struct rules {
    struct span app_name, group_name; /* NFC; empty = not used */
    const struct span *security_profile_ids;
    size_t n_security_profile_ids;
    struct span routing_profile_id;
    bool has_desk_phone;
    struct span managed_by; /* [Roster] NAME */
    bool adopts_existing;   /* ON_EXISTING = adopt */
    int64_t
        settle_ms; /* who is known only from the group waits so long for the application's event */
};

/* Does the rule speak of an application or group of that name? Byte for byte after NFC. */
bool rules_name_container(const struct rules *rules, enum membership_kind kind, struct span name);

struct scope {
    bool is_in;          /* a membership that a rule names, and the account is not switched off */
    bool is_by_app;      /* the application's membership is known */
    struct span because; /* the membership's name, borrowed; empty when not in scope */
};
struct scope rules_scope(const struct rules *rules, const struct membership *memberships, size_t n);

/* What the person should be. ERR_INPUT, with fail.code one of REASON_…, when the rules give nothing
 * that Amazon Connect would accept. Texts are in a, or borrowed from rules and person. */
enum err rules_entitlement(const struct rules *rules, const struct person *p, struct arena *a,
                           struct entitlement *out, struct fail *fail) WARN_UNUSED;

/* NULL when Amazon Connect (and SAML's RoleSessionName, which must be equal to it) would accept the
 * user name: 2 to 64 of A-Z a-z 0-9 _ . @ -; else what is wrong with it.
 * https://docs.aws.amazon.com/connect/latest/adminguide/configure-saml.html */
const char *rules_user_name_fault(struct span user_name);
/* First word and rest of a display name, cleaned (utf8_add_clean_name), at most 255 and 300
 * characters; a single word is both, since Amazon Connect requires both. False when nothing is left
 * or it is not valid UTF-8. */
bool rules_split_name(struct arena *a, struct span display_name, struct span *first,
                      struct span *last);

#endif
