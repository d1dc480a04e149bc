/* Setting event hooks up in Okta by its API: what an administrator would click. On the loop only.
 * https://developer.okta.com/docs/api/openapi/okta-management/management/tags/eventhook/ */
#ifndef ROSTER_OKTA_EVENT_HOOKS_H
#define ROSTER_OKTA_EVENT_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "okta/api.h"

struct okta_event_hook {
    struct span id, name, url;
    struct span header; /* the one that carries the secret; Okta never gives the secret back */
    bool is_active;     /* events are delivered when it is active and verified */
    bool is_verified;
    const struct span *types; /* of the events, in no order */
    size_t n_types;
};

struct okta_event_hook_wanted {
    struct span name; /* 1 to 255 characters, unique in the org */
    struct span url;  /* https */
    struct span header, secret;
    const char *const *types; /* ends with NULL */
};

/* The types that Roster acts on and Okta delivers to hooks; ends with NULL. */
extern const char *const okta_event_hook_types[];

/* All is borrowed for the callback. */
struct okta_event_hooks {
    enum err err;            /* okta/api.h; ERR_INPUT with E0000001 when Okta could not verify */
    const struct fail *fail; /* NULL with ERR_NONE */
    const struct okta_event_hook *hooks; /* the one that was asked for, or all; none once removed */
    size_t n;
};
typedef void okta_event_hooks_done(void *arg, const struct okta_event_hooks *answer);

/* Each makes one request and calls done once, later; the call may be cancelled by
 * okta_event_hooks_cancel until then. */
struct okta_event_hooks_call *okta_event_hooks_list(struct okta_api *api,
                                                    okta_event_hooks_done *done, void *arg);
/* A new hook is active and not verified. */
struct okta_event_hooks_call *okta_event_hooks_create(struct okta_api *api,
                                                      const struct okta_event_hook_wanted *wanted,
                                                      okta_event_hooks_done *done, void *arg);
/* Replaces all of it, the secret included; another URL, header or secret has to be verified anew.
 */
struct okta_event_hooks_call *okta_event_hooks_replace(struct okta_api *api, struct span id,
                                                       const struct okta_event_hook_wanted *wanted,
                                                       okta_event_hooks_done *done, void *arg);
/* DELETE removes it, when it is inactive. */
enum okta_event_hook_deed {
    EVENT_HOOK_VERIFY, /* Okta asks the hook's URL while this call waits: 3 seconds, twice */
    EVENT_HOOK_ACTIVATE,
    EVENT_HOOK_DEACTIVATE,
    EVENT_HOOK_DELETE,
};
struct okta_event_hooks_call *okta_event_hooks_do(struct okta_api *api, struct span id,
                                                  enum okta_event_hook_deed deed,
                                                  okta_event_hooks_done *done, void *arg);

/* Decodes an answer, one hook or an array of them. Pure. */
enum err okta_event_hooks_decode(struct arena *a, struct span body, struct okta_event_hooks *out,
                                 struct fail *fail) WARN_UNUSED;

#endif
