/* A first config.ini: answers to a few questions, and every other key as a comment with its
 * default. Pure. */
#ifndef ROSTER_CMD_INIT_TEXT_H
#define ROSTER_CMD_INIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

enum { INIT_PROFILES = 10 };

/* Empty = not said. */
struct init_answers {
    struct span instance, region;
    struct span app, group;                                        /* one of them at least */
    struct span security_profiles[INIT_PROFILES], routing_profile; /* names, ids or ARNs */
    size_t n_security_profiles;
    struct span org_url, client_id, private_key_file, api_token_file;
    struct span on_remove; /* keep, disable, delete */
    struct span parked_security_profile, parked_routing_profile;
    struct span hook_secret_file;
};

/* Appends the file. Profiles that are ids stand in the plain keys, names in [Mapping …] sections.
 */
void init_add_text(struct buf *out, const struct init_answers *answers);
/* Appends a value as it must stand in the file: in quotes where a comma, a quote or a comment sign
 * is in it. */
void init_add_value(struct buf *out, struct span value);

#endif
