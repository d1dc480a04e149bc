/* The rules: which membership or attribute puts a person in scope, and what it entitles them to.
 * One `struct rules` holds all `[Mapping …]` sections in their order and, last, the plain [OKTA]
 * and [Connect] keys of the AWS sample. Pure and thread-safe. docs/rules.md says it for operators.
 */
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
#include "model/names.h"
#include "model/person.h"

/* ---- what an operator has written; built by config/, immutable ---- */

enum test_kind { TEST_APP, TEST_GROUP, TEST_ATTRIBUTE };

struct rule_test {
    enum test_kind kind;
    struct span attribute;     /* TEST_ATTRIBUTE: its name, case kept */
    const struct span *values; /* alternatives: names or ids (APP, GROUP), patterns (ATTRIBUTE) */
    size_t n;
};

/* A setting for all channels, or for some of them. */
struct channel_setting {
    bool is_given, is_per_channel;
    int64_t of[CHANNELS]; /* CHANNEL_UNSET, else 0/1 (auto accept) or seconds (after contact work);
                             not per channel: of[0] is for all */
};

struct rule_proficiency {
    struct span attribute, value; /* value may use attributes */
    double level;                 /* 1 to 5 */
};

/* Texts: p == NULL = not given; those marked T may use attributes of the user. */
struct rule {
    struct span name; /* of its section; "" = the plain keys */
    const struct rule_test *tests;
    size_t n_tests;
    bool is_any;  /* one test is enough (the plain keys); else all must hold */
    bool has_ids; /* its profiles are ids as they stand (the plain keys), never names */
    const struct span *security_profiles; /* names, ids or ARNs */
    size_t n_security_profiles;
    struct span routing_profile; /* T: name, id or ARN */
    struct span hierarchy_group; /* T: path "Site/Team", id or ARN */
    /* UNSET: a desk phone where desk_phone has a value, else the rule says nothing of it. */
    enum { PHONE_UNSET, PHONE_SOFT_PHONE, PHONE_DESK_PHONE } phone_type;
    struct span desk_phone; /* T: see rules_desk_number */
    struct channel_setting auto_accept, after_contact_work;
    const struct tag *tags; /* values T */
    size_t n_tags;
    const struct rule_proficiency *proficiencies;
    size_t n_proficiencies;
};

enum on_remove { REMOVE_KEEP, REMOVE_DISABLE, REMOVE_DELETE };
enum on_rename { RENAME_HOLD, RENAME_KEEP, RENAME_REPLACE };
enum identity_type { IDENTITY_SAML, IDENTITY_MANAGED, IDENTITY_DIRECTORY };

struct rules {
    const struct rule *rules;
    size_t n;
    struct span user_name;  /* template of the agent's user name; empty = the application's user
                               name, else the login */
    struct span managed_by; /* [Roster] NAME */
    bool adopts_existing;   /* ON_EXISTING = adopt */
    int64_t settle_ms;
    enum on_remove on_remove;
    enum on_rename on_rename;
    int64_t removal_grace_ms;
    struct span parked_security_profile,
        parked_routing_profile; /* names, ids or ARNs; both or none */
    enum identity_type identity;
    bool reads_okta; /* the API tells memberships and profiles; else the events do */
};

/* Does a rule speak of that application or group, by id or by name (byte for byte after NFC)? With
 * `names`, a container whose id is pinned counts whatever it is called now, and one that merely
 * bears a pinned name does not. */
bool rules_name_container(const struct rules *rules, const struct names *names,
                          enum membership_kind kind, struct span id, struct span name);
/* Does any rule test that kind? */
bool rules_name_kind(const struct rules *rules, enum test_kind kind);
/* Does any rule test an attribute or fill one in? */
bool rules_use_profile(const struct rules *rules);

/* ---- what they give one person ---- */

struct scope {
    bool is_in;          /* a rule matches and the account is not switched off */
    bool is_by_app;      /* a membership of an application that the rules name is known */
    bool is_suspended;   /* in scope but for a suspension */
    bool is_unsure;      /* not in, and only because a name no longer resolves, the configuration
                            changed, or (without Okta's API) no event has told that they left:
                            never a removal by itself */
    struct span because; /* "application Amazon Connect", "group Agents", "rule Claims"; borrowed or
                            in the arena; empty when not in scope */
};
struct scope rules_scope(const struct rules *rules, const struct names *names,
                         const struct person *p, const struct membership *memberships, size_t n,
                         struct arena *a);

/* What the person should be. ERR_INPUT, with fail.code one of REASON_…, when the rules give nothing
 * that Amazon Connect would accept: a bad user name, a name that the instance does not have (the
 * text tells the closest ones), no or more than 10 security profiles, two rules' … Single values
 * are those of the first matching rule that gives them; security profiles, tags and proficiencies
 * of all matching rules are united (of two values of one tag or proficiency the first counts). */
enum err rules_entitlement(const struct rules *rules, const struct names *names,
                           const struct person *p, const struct membership *memberships, size_t n,
                           struct arena *a, struct entitlement *out, struct fail *fail) WARN_UNUSED;
/* Which rule gave which value, for `roster show` and `roster why`: calls fn for each value that
 * counts, rule by rule. key: as in docs/rules.md ("SECURITY_PROFILES" once for each, so with TAGS
 * and PROFICIENCIES); value: as it would be written there, attributes filled in, names not
 * resolved; rule: the section's name, "" for the plain keys. Texts are borrowed or in a. */
void rules_explain(const struct rules *rules, const struct names *names, const struct person *p,
                   const struct membership *memberships, size_t n, struct arena *a,
                   void (*fn)(void *arg, const char *key, struct span value, struct span rule),
                   void *arg);

/* The user name that the agent should have (trimmed); empty when nothing gives one. */
struct span rules_user_name(const struct rules *rules, const struct person *p, struct arena *a);
/* NULL when Amazon Connect (and SAML's RoleSessionName, which must be equal to it) would accept the
 * user name; else what is wrong with it: A-Z a-z 0-9 _ . @ - only; SAML 2 to 64, else 1 to 20.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateUser.html
 * https://docs.aws.amazon.com/connect/latest/adminguide/configure-saml.html */
const char *rules_user_name_fault(struct span user_name, enum identity_type identity);
/* Amazon Connect's own words: "SAML", "CONNECT_MANAGED", "EXISTING_DIRECTORY". */
bool rules_identity_parse(struct span text, enum identity_type *out);
/* "+49 (0)30 123-45" becomes "+493012345": blanks, dots, dashes, slashes, brackets and a "(0)" are
 * taken out; {NULL, 0} when what is left is no E.164 number. */
struct span rules_desk_number(struct arena *a, struct span text);
/* The first word and the rest, cleaned and cut to what Amazon Connect takes; of a single word both
 * are that word. False when nothing usable is left. */
bool rules_split_name(struct arena *a, struct span display_name, struct span *first,
                      struct span *last);

#endif
