/* Decoding a delivery of an Okta event hook, or a page of the System Log, into events: both hold
 * events of one form. Pure. Every event stands for itself: what
 * one of them lacks or spoils is its own skip reason and nobody else's.
 * https://developer.okta.com/docs/concepts/event-hooks/ */
#ifndef ROSTER_OKTA_DELIVERY_H
#define ROSTER_OKTA_DELIVERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "model/event.h"
#include "model/names.h"
#include "model/rules.h"

enum {
    DELIVERY_EVENTS = 20000, /* 10 MiB hold fewer real ones */
    DELIVERY_DEPTH = 64,
    DELIVERY_AHEAD_S = 300, /* published further ahead than that counts as published now */
};

/* Why an event was skipped; these words are counted, logged and shown. */
#define SKIP_NOT_AN_OBJECT "not_an_object" /* null or a bare value among the events */
#define SKIP_REPEATED_KEY "repeated_key"   /* a needed member is there twice: which one counts? */
#define SKIP_BAD_TEXT "bad_text" /* a needed text is no string, too long, or has bad Unicode */
#define SKIP_TOO_MANY "too_many_targets"       /* more than TARGETS_MAX (okta/targets.h) */
#define SKIP_OTHER_TYPE "other_type"           /* not an event type that Roster acts on */
#define SKIP_NOT_SUCCESS "not_success"         /* the outcome is not SUCCESS: it did not happen */
#define SKIP_NO_TARGET "no_target"             /* target is null or empty, as in Okta's previews */
#define SKIP_NO_USER "no_user"                 /* no User among the targets */
#define SKIP_NO_CONTAINER "no_container"       /* no AppInstance or UserGroup among the targets */
#define SKIP_FOREIGN_APP "foreign_application" /* an application that no rule names */
#define SKIP_FOREIGN_GROUP "foreign_group"     /* a group that no rule names */
#define SKIP_HEALTH                                                                                \
    "health" /* of an event hook or a rate limit: nobody has changed; skip_detail: "HOOK: REASON"  \
              */

struct delivery {
    struct event *events;
    size_t n;
};

/* By which an event is taken or foreign, and what is ahead. Rules and names are borrowed for the
 * call, and by the events. */
struct delivery_rules {
    const struct rules *rules;
    const struct names *names; /* names_unread when nothing is known of them */
    int64_t okta_now_ms;       /* the time by Okta's clock; 0 = not known: received_ms counts */
};

/* ERR_INPUT: the body is no JSON object with one array data.events, or holds more than
 * DELIVERY_EVENTS events. Texts of the events are in a, or borrowed from body and rules. */
enum err delivery_decode(struct arena *a, struct span body, const struct delivery_rules *by,
                         int64_t received_ms, struct delivery *out, struct fail *fail) WARN_UNUSED;
/* The same for a page of the System Log: an array of events, whose `via` is "log". */
enum err delivery_decode_log(struct arena *a, struct span body, const struct delivery_rules *by,
                             int64_t received_ms, struct delivery *out,
                             struct fail *fail) WARN_UNUSED;

#endif
