/* Every key that config.ini may have, as one table: it drives parsing, the messages about mistakes,
 * and docs/configuration.md (a test holds the page to the table). Static and thread-safe. */
#ifndef ROSTER_CONFIG_KEYS_H
#define ROSTER_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

enum key_kind {
    KEY_NAME,             /* struct span: a name of Okta, in NFC */
    KEY_LABEL,            /* struct span: what may stand in a tag of AWS */
    KEY_ID,               /* struct span */
    KEY_IDS,              /* the plain security profiles */
    KEY_INSTANCE,         /* instance_id, partition, account, and a region */
    KEY_REGION,           /* struct span */
    KEY_DURATION,         /* int64_t, milliseconds */
    KEY_RATES,            /* struct rate_limits */
    KEY_CHOICE,           /* an enum, by its place in choices */
    KEY_SWITCH,           /* bool: the first choice is false, the second true */
    KEY_FIXED,            /* nothing: the one value that is accepted is the fallback */
    KEY_HEADER,           /* struct span: the name of an HTTP header */
    KEY_LISTEN,           /* struct span */
    KEY_PATH,             /* struct span: a file or folder, as written */
    KEY_COMMAND,          /* struct span */
    KEY_SECRET,           /* struct secret; NAME_FILE is accepted, too */
    KEY_PEM,              /* the same, but a private key of several lines */
    KEY_ORG_URL,          /* struct span */
    KEY_QUEUE_URL,        /* struct span */
    KEY_TEMPLATE,         /* struct span: a user name with attributes */
    KEY_BOUND,            /* struct guard_bound */
    KEY_COUNT,            /* int64_t, from 1 */
    KEY_SECURITY_PROFILE, /* struct span: a name, an id or an ARN */
    KEY_ROUTING_PROFILE,  /* the same */
};

/* Who cannot do without a key. */
enum key_need {
    NEED_NOBODY, /* without a value its field stays empty */
    NEED_ALL,
    NEED_PLAIN_RULE, /* the rule of the plain keys; without that rule, the key has no use */
};

struct key {
    const char *section, *name;
    enum key_kind kind;
    enum key_need need;
    size_t offset;               /* in struct draft */
    const char *fallback;        /* the default as it would be written; NULL = none */
    const char *otherwise;       /* without fallback: what holds then, in words */
    const char *sample_variable; /* the AWS sample's environment variable, or NULL */
    const char *min, *max;       /* of durations and numbers, as they would be written */
    const char *const *choices;  /* ends with NULL */
    const char *form;            /* completes "use …" */
    const char *example;
    const char *help; /* the meaning, as docs/configuration.md has it */
};

extern const struct key keys[];
extern const size_t n_keys;
extern const char *const key_phone_types[]; /* by PHONE_CHOICE_… (draft.h); ends with NULL */

static inline bool key_is_secret(const struct key *key)
{
    return key->kind == KEY_SECRET || key->kind == KEY_PEM;
}

/* A key as somebody wrote it. */
struct key_use {
    const struct key *key; /* NULL = there is no such key */
    bool is_file;          /* written as NAME_FILE: the value names a file that holds the secret */
};

/* Names ignore case. */
struct key_use key_find(struct span section, struct span name);
/* By the name of the environment variable: ROSTER_<SECTION>_<KEY>. */
struct key_use key_find_variable(struct span variable);
/* Is that its name, plain or with _FILE? */
bool key_is_named(const struct key *key, struct span name);
/* The first section that has a key of that name, plain or with _FILE; NULL = none. */
const char *key_home(struct span name);
/* The section as the table writes it; NULL = there is none of that name. */
const char *key_section(struct span name);

/* The names that come closest to a mistyped one; NULL = none is close. */
const char *key_closest_section(struct span name);
const char *key_closest(struct span section, struct span name);
/* "APP_NAME, GROUP_NAME, …": what the section can have. */
char *key_names(struct span section, struct arena *a);
/* Writes "ROSTER_CONNECT_RATE" or the like into out; false = none is close. */
bool key_closest_variable(struct span variable, char *out, size_t size);

#endif
