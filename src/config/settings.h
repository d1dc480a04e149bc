/* Everything that an operator can set: read from config.ini, the environment and the command line,
 * checked as a whole, then immutable. Facts (names, defaults, precedence): docs/configuration.md.
 * The functions share nothing; a loaded struct settings may be read from any thread. */
#ifndef ROSTER_CONFIG_SETTINGS_H
#define ROSTER_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/span.h"

enum { SETTINGS_SECURITY_PROFILES = 10 }; /* CreateUser takes 1 to 10 */

enum phone_type { PHONE_SOFT, PHONE_DESK };
enum on_existing { EXISTING_HOLD, EXISTING_ADOPT };

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

    struct span app_name, group_name;                /* NFC; empty = not set; at least one is */
    struct secret hook_secret, hook_secret_previous; /* either may be unset; the second alone not */
    struct span hook_header;
    int64_t settle_ms;

    struct span security_profile_ids[SETTINGS_SECURITY_PROFILES];
    size_t n_security_profile_ids;
    struct span routing_profile_id;
    struct span instance_id;        /* the bare id, also when an ARN was given */
    struct span partition, account; /* from the ARN, else empty */
    struct span region;             /* as set, or from the ARN; empty = the AWS chain decides */
    enum phone_type phone_type;
    struct rate_limits rate, burst;
    enum on_existing on_existing;

    struct span listen;            /* "127.0.0.1:8080", "[::1]:8080", "unix:/path" */
    struct span tls_cert, tls_key; /* paths, both or none */

    struct span store_file; /* the database file: "roster.db" in the folder [Store] PATH */
    int64_t keep_events_ms;

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
/* The ceiling for an operation. */
double rate_limits_for(const struct rate_limits *limits, struct span operation);

#endif
