/* Every key that a [Mapping …] section may have, as one table: it drives parsing, the messages
 * about mistakes, and docs/rules.md (a test holds the page to the table). Static, thread-safe. */
#ifndef ROSTER_CONFIG_RULE_KEYS_H
#define ROSTER_CONFIG_RULE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

enum rule_key_kind {
    /* when */
    RULE_GROUP,
    RULE_APP,
    RULE_USER, /* the name goes on with the attribute's */
    /* what */
    RULE_SECURITY_PROFILES,
    RULE_ROUTING_PROFILE,
    RULE_HIERARCHY_GROUP,
    RULE_PHONE_TYPE,
    RULE_DESK_PHONE,
    RULE_AUTO_ACCEPT,
    RULE_AFTER_CONTACT_WORK,
    RULE_TAGS,
    RULE_PROFICIENCIES,
};

struct rule_key {
    const char *name; /* "USER." for RULE_USER */
    enum rule_key_kind kind;
    bool may_use_attributes; /* ${user.…} may stand in its values */
    const char *form;        /* completes "use …" */
    const char *example;
    const char *help; /* the meaning, as docs/rules.md has it */
};

extern const struct rule_key rule_keys[];
extern const size_t n_rule_keys;

static inline bool rule_key_is_test(const struct rule_key *key)
{
    return key->kind <= RULE_USER;
}

/* A key as somebody wrote it. */
struct rule_key_use {
    const struct rule_key *key; /* NULL = there is no such key */
    struct span attribute;      /* RULE_USER: as written, its case kept; may be empty */
};

/* Names ignore case, but for the attribute's. */
struct rule_key_use rule_key_find(struct span name);
/* Of the table, the name that comes closest to a mistyped one; NULL = none is close. */
const char *rule_key_closest(struct span name, struct arena *a);
/* "GROUP, APP, USER.<attribute>, …": all, or only what a rule gives. */
char *rule_key_names(bool with_tests, struct arena *a);
/* Is the section a rule's? *name is what stands behind "Mapping", trimmed; it may be empty. */
bool rule_section(struct span section, struct span *name);
/* "Maping Sales" is close to "Mapping Sales". */
bool rule_section_is_close(struct span section, struct span *name);

#endif
