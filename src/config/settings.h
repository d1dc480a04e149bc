/* Everything that an operator can set: read from config.ini, the environment and the command line,
 * checked as a whole, then immutable. Facts (names, defaults, precedence): docs/configuration.md.
 * The functions share nothing; a loaded struct settings may be read from any thread. */
#ifndef ROSTER_CONFIG_SETTINGS_H
#define ROSTER_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/span.h"
#include "model/guard.h"
#include "model/rules.h"

/* One operation's ceiling, or the general one. */
struct rate_limit {
    struct span operation; /* "" = all that are not named */
    double per_second;     /* > 0; of a burst: calls, >= 1 */
};

struct rate_limits {
    struct rate_limit *of; /* the general one first; it is always there */
    size_t n;
};

struct settings {
    struct arena arena; /* owns the texts below, which end with a NUL as well */

    struct span name; /* [Roster] NAME */

    /* All [Mapping …] sections in their order and, when APP_NAME or GROUP_NAME is set, the plain
     * keys as the last rule; and what else of the keys decides who becomes what. Its identity is
     * what Okta's users have most often, SAML, until somebody has asked the instance. */
    struct rules rules;

    bool has_hook;                                   /* HOOK: deliveries are taken */
    struct secret hook_secret, hook_secret_previous; /* either may be unset; the second alone not */
    /* Of a secret that stood in a file, its path: whoever runs long reads it again; else empty. */
    struct span hook_secret_file, hook_secret_previous_file, api_token_file, private_key_file;
    struct span hook_header;

    /* Okta's API: empty = not used, and then none of the others is set. */
    struct span org_url;           /* "https://acme.okta.com": no '/' behind it */
    struct secret api_token;       /* either this … */
    struct span client_id, key_id; /* … or the first of these two, and the private key */
    struct secret private_key;     /* PEM, as jwt_key_read takes it */
    int64_t catch_up_every_ms;     /* > 0 */

    struct span instance_id;        /* the bare id, also when an ARN was given */
    struct span partition, account; /* from the ARN, else empty */
    struct span region;             /* as set, or from the ARN; empty = the AWS chain decides */
    struct rate_limits rate, burst;
    struct guard_bound max_removals, max_changes;
    int64_t max_wait_ms;        /* for an agent who is on a contact */
    int64_t max_agents;         /* 0 = not said */
    int64_t reconcile_every_ms; /* > 0 */

    struct span listen;            /* "127.0.0.1:8080", "[::1]:8080", "unix:/path" */
    struct span tls_cert, tls_key; /* paths, both or none */

    struct span queue_url;       /* on AWS Lambda; empty = none */
    int64_t queue_concurrency;   /* > 0: so many functions share the rate */
    struct span sweep_queue_url; /* empty = none */

    /* The database file: "roster.db" in the folder [Store] PATH. Empty when there is a queue and no
     * PATH. */
    struct span store_file;
    int64_t keep_events_ms, keep_audit_ms;

    struct span alert_command; /* empty = none */

    struct span origin; /* the file that was read, "ROSTER_CONFIG" or "the environment" */
};

/* Where the values come from. All texts are borrowed for the call. */
struct settings_sources {
    const char *path; /* --config, or NULL: ROSTER_CONFIG, ./config.ini, /etc/roster/config.ini */
    /* "Section.KEY=value" of --set, ends with NULL; may be NULL. Secrets are refused here. */
    const char *const *overrides;
    const char *const *environment; /* like environ; may be NULL */
};

/* One mistake, as one line: "config.ini:4: [Connect] RATE: '0' is not between 0.001 and 1000000;
 * use a number above 0 …". No line holds a secret. */
struct settings_mistakes {
    char **lines;
    size_t n;
};

/* Reads and checks everything; besides the configuration, it reads the files of secrets and looks
 * at the modes of those and of TLS_KEY. ERR_INPUT: the mistakes (all of them) are in *mistakes,
 * which the caller releases with settings_mistakes_done in any case. On success *out is the
 * caller's, released by settings_free. */
enum err settings_load(const struct settings_sources *sources, struct settings **out,
                       struct settings_mistakes *mistakes) WARN_UNUSED;
/* NULL is fine. */
void settings_free(struct settings *s);
void settings_mistakes_done(struct settings_mistakes *m);
/* The rule of the plain keys; NULL when neither APP_NAME nor GROUP_NAME is set. Its tests have one
 * value each, the application's first. */
const struct rule *settings_plain_rule(const struct settings *s);
/* Everything that decides who is in scope and what they are to be, as a text: whoever keeps a
 * digest of it sees at the next start that the configuration has changed. Holds no secret. */
void settings_add_rules_text(const struct settings *s, struct buf *out);
/* The ceiling for an operation. */
double rate_limits_for(const struct rate_limits *limits, struct span operation);

#endif
