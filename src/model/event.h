/* An event as it is kept: the fields that are needed, not the body. Plain data. */
#ifndef ROSTER_MODEL_EVENT_H
#define ROSTER_MODEL_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "model/membership.h"

/* What one event says of one user. */
struct event_subject {
    struct span user_id, login, display_name;
    struct span app_user_name; /* of the AppUser target, when the event is about an application */
    struct membership membership;
};

struct event {
    struct span source;   /* "okta" */
    struct span uuid;     /* or "sha256:" and 64 hexadecimal characters of the event's bytes */
    struct span type;     /* "application.user_membership.add"; cut at 100 bytes */
    struct span via;      /* "hook" or "log" */
    int64_t published_ns; /* already judged: replaced or bounded where it had to be */
    int64_t received_ms;
    const char *skip_reason; /* NULL = taken; else a word: "no_target", … (okta/delivery.h) */
    struct span skip_detail; /* for people; may be empty */
    const struct event_subject *subjects; /* empty when skipped */
    size_t n_subjects;
};

#endif
