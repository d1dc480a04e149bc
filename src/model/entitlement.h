/* What an agent should be, or was last seen or made to be: identity and entitlement by aspects,
 * each of which one call of Amazon Connect's changes. Plain data and pure functions. */
#ifndef ROSTER_MODEL_ENTITLEMENT_H
#define ROSTER_MODEL_ENTITLEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "model/agent.h"

enum channel { CHANNEL_VOICE, CHANNEL_CHAT, CHANNEL_TASK, CHANNEL_EMAIL, CHANNELS };
enum { CHANNEL_UNSET = -1 };
const char *channel_name(enum channel channel); /* "VOICE" … as Amazon Connect writes them */

struct proficiency {
    struct span attribute, value;
    double level;
};

enum {
    ENTITLEMENT_SECURITY_PROFILES = 10,
    ENTITLEMENT_TAGS = 50,
    ENTITLEMENT_PROFICIENCIES = 10,
    ENTITLEMENT_JSON_LIMIT = 64 * 1024
};

struct phone {
    int64_t persistent_connection; /* CHANNEL_UNSET, 0, 1: only carried along */
    bool has_desk_phone;           /* DESK_PHONE, else SOFT_PHONE */
    struct span desk_number;
    bool is_per_channel;           /* UpdateUserConfig's form, else PhoneConfig */
    int64_t auto_accept[CHANNELS]; /* CHANNEL_UNSET, 0, 1; [0] alone when not per channel */
    int64_t after_contact_work_s[CHANNELS]; /* CHANNEL_UNSET, else seconds; the same */
};

enum aspect {
    ASPECT_IDENTITY,
    ASPECT_SECURITY_PROFILES,
    ASPECT_ROUTING_PROFILE,
    ASPECT_HIERARCHY,
    ASPECT_PHONE,
    ASPECT_TAGS,
    ASPECT_PROFICIENCIES,
    ASPECTS
};
const char *aspect_name(enum aspect aspect);

struct entitlement {
    struct span user_name;                      /* not an aspect: it cannot be changed */
    struct span first_name, last_name;          /* IDENTITY */
    struct span email, secondary_email, mobile; /* IDENTITY; email only where the instance keeps its
                                           own passwords; the other two are only carried along */
    const struct span *security_profile_ids;    /* sorted, unique */
    size_t n_security_profile_ids;
    struct span routing_profile_id;
    struct span hierarchy_group_id; /* empty = none of ours */
    struct phone phone;
    const struct tag *tags; /* sorted by key: managed-by, okta-id, and the rules' */
    size_t n_tags;
    const struct proficiency *proficiencies; /* sorted by attribute, value */
    size_t n_proficiencies;
};

bool entitlement_aspect_eq(const struct entitlement *a, const struct entitlement *b,
                           enum aspect aspect);
/* The aspects that differ, as bits 1 << ASPECT_…. */
unsigned entitlement_diff(const struct entitlement *wanted, const struct entitlement *actual);
/* Copies one aspect's members (borrowed) from one to the other: what was applied is now known. */
void entitlement_take_aspect(struct entitlement *to, const struct entitlement *from,
                             enum aspect aspect);
/* A deep copy in a. */
struct entitlement entitlement_copy(struct arena *a, const struct entitlement *e);
/* As compact JSON and back, the form in which the store keeps what was applied; unknown members are
 * ignored, absent ones empty. */
void entitlement_add_json(struct buf *out, const struct entitlement *e);
enum err entitlement_parse(struct arena *a, struct span json, struct entitlement *out,
                           struct fail *fail) WARN_UNUSED;

#endif
