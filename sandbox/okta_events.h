/* Events as the System Log has them and as event hooks get them; and transactions, which hold
 * together what one call causes. */
#ifndef SANDBOX_OKTA_EVENTS_H
#define SANDBOX_OKTA_EVENTS_H

#include "okta_side.h"

struct okta_tx {
    struct okta_side *side;
    char id[OKTA_ID];
    const char *uri; /* of the call that caused it; NULL: none */
    bool is_job;     /* Okta's own work rather than a call's */
    bool is_quiet;   /* nothing is told */
    json_t *uuids;   /* of the events so far, the first TX_UUIDS */
    size_t n_events;
};

enum { TX_UUIDS = 1000 };

struct okta_event_type {
    const char *type, *message, *legacy;
    bool is_for_hooks;
};

void okta_tx_begin(struct okta_tx *tx, struct okta_side *side, const char *uri);
/* Releases uuids. */
void okta_tx_end(struct okta_tx *tx);

/* NULL for a type that the sandbox does not know. */
const struct okta_event_type *okta_event_type(const char *type);
/* Tells that it happened: in the log, and to the hooks that asked for it. Takes targets and debug
 * (NULL: none). about (may be NULL): the person; no two events of one have the same time. */
void okta_emit(struct okta_tx *tx, const char *type, struct okta_user *about, json_t *targets,
               json_t *debug);
/* The same with another outcome than SUCCESS. */
void okta_emit_outcome(struct okta_tx *tx, const char *type, struct okta_user *about,
                       json_t *targets, json_t *debug, const char *result, const char *reason);
/* Puts an event of the caller's into the log, completed with what it lacks; and before the hooks
 * when is_delivered. Takes event. Returns its uuid, the caller's. */
char *okta_emit_raw(struct okta_side *side, json_t *event, bool is_delivered);

json_t *okta_target(const char *type, const char *id, const char *alternate, const char *display);
json_t *okta_target_user(const struct okta_user *user);
json_t *okta_target_container(const struct okta_container *c);
/* The AppUser, for its link. */
json_t *okta_target_app_user(const struct okta_link *link);
/* The event as a hook gets it: nothing that is null, ipChain with the client. A new value. */
json_t *okta_hook_form(const json_t *event);

#endif
