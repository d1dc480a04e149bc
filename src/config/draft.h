/* The settings while they are read: what will be handed out, and the plain keys of a rule, from
 * which a rule is made in the end. */
#ifndef ROSTER_CONFIG_DRAFT_H
#define ROSTER_CONFIG_DRAFT_H

#include "config/settings.h"

/* As PHONE_TYPE is written; enum { PHONE_… } of model/rules.h counts from PHONE_UNSET. */
enum { PHONE_CHOICE_SOFT, PHONE_CHOICE_DESK };

struct plain_keys {
    struct span app_name, group_name; /* NFC; empty = not set */
    struct span security_profile_ids[ENTITLEMENT_SECURITY_PROFILES];
    size_t n_security_profile_ids;
    struct span routing_profile_id;
    unsigned phone_type; /* PHONE_CHOICE_… */
};

struct draft {
    struct settings settings;
    struct plain_keys plain;
};

#endif
