/* The types of Okta's events that Roster acts on, and what each of them says. Pure.
 * https://developer.okta.com/docs/reference/api/event-types/ */
#ifndef ROSTER_OKTA_EVENT_TYPES_H
#define ROSTER_OKTA_EVENT_TYPES_H

#include <stdbool.h>

#include "base/span.h"
#include "model/membership.h"

enum event_topic {
    TOPIC_MEMBERSHIP, /* a user's membership of an application or group begins or ends */
    TOPIC_ACCOUNT,    /* a user's account is switched on or off, suspended or not any more */
    TOPIC_PROFILE,    /* something else of a user has changed */
    TOPIC_APP_USER,   /* something else of a user's assignment to an application has */
    TOPIC_CONTAINER,  /* an application or group itself has changed */
    TOPIC_IMPORT,     /* an application's import has changed a group's members */
    TOPIC_SCOPE,      /* anything may have changed */
    TOPIC_HEALTH,     /* of event hooks or rate limits: nobody has changed */
};

struct event_type {
    struct span name; /* one that ends in '.' stands for all that begin so */
    enum event_topic topic;
    enum membership_kind kind; /* MEMBERSHIP, ACCOUNT, APP_USER, CONTAINER */
    bool is_member;            /* MEMBERSHIP, ACCOUNT */
    bool ends_suspension;      /* ACCOUNT: and whoever was suspended is not any more */
    const char *alarm;         /* what a person should hear of; NULL = nothing */
};

/* NULL: Roster does not act on that type. */
const struct event_type *event_type_find(struct span name);

#endif
