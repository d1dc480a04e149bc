/* An event as it is kept: the fields that are needed, not the body. Plain data. */
#ifndef ROSTER_MODEL_EVENT_H
#define ROSTER_MODEL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "model/membership.h"

enum subject_kind {
    SUBJECT_USER,  /* a user's membership, account or profile has changed */
    SUBJECT_GROUP, /* a group: renamed, deleted, assigned to an application … */
    SUBJECT_APP,   /* an application: switched off, deleted, renamed … */
    SUBJECT_SCOPE, /* nobody in particular: anything may have changed */
};

/* What one event says of one user, of one group or application, or of everything. One event may
 * say two things of one user. */
struct event_subject {
    enum subject_kind kind;
    /* SUBJECT_USER */
    struct span user_id, login, display_name;
    struct span app_user_name; /* of the AppUser target, when the event is about an application */
    bool has_membership;       /* else only: look at this user again */
    /* published_ns is always set. SUBJECT_USER with has_membership: all of it; GROUP and APP: kind,
     * container and name, too. */
    struct membership membership;
    const char
        *alarm; /* what a person should hear of, as "the application was deactivated"; NULL */
};

struct event {
    struct span source;   /* "okta" */
    struct span uuid;     /* or "sha256:" and 64 hexadecimal characters of the event's bytes */
    struct span type;     /* "application.user_membership.add"; cut at 100 bytes */
    struct span via;      /* "hook", "log" (the System Log) */
    int64_t published_ns; /* already judged: replaced or bounded where it had to be */
    int64_t received_ms;
    const char *skip_reason; /* NULL = taken; else a word: "no_target", … (okta/delivery.h) */
    struct span skip_detail; /* for people; may be empty */
    const struct event_subject *subjects; /* empty when skipped */
    size_t n_subjects;
};

#endif
