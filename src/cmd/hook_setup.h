/* This deployment's event hook in Okta: what an administrator would click, step by step, each
 * waited for. Not thread-safe. */
#ifndef ROSTER_CMD_HOOK_SETUP_H
#define ROSTER_CMD_HOOK_SETUP_H

#include "base/arena.h"
#include "cmd/surroundings.h"
#include "config/settings.h"
#include "okta/event_hooks.h"

struct hook_setup {
    struct surroundings around;
    struct okta_api *api;
    struct arena arena;                  /* owns the answers */
    const struct okta_event_hook *hooks; /* of the last answer */
    size_t n;
    enum err err;
    struct fail *fail;
};

/* to: where long waits for Okta are told. ERR_INPUT: Okta's API is not set up. Released by
 * hook_setup_done in any case. */
enum err hook_setup_open(const struct settings *s, const char *const *environment, FILE *to,
                         struct hook_setup *out, struct fail *fail) WARN_UNUSED;
void hook_setup_done(struct hook_setup *h);
/* All event hooks of the org, in h->hooks. */
enum err hook_setup_list(struct hook_setup *h, struct fail *fail) WARN_UNUSED;
/* Replaces the hook of that id, or (id empty) makes one; it is h->hooks[0]. */
enum err hook_setup_put(struct hook_setup *h, struct span id,
                        const struct okta_event_hook_wanted *wanted, struct fail *fail) WARN_UNUSED;
enum err hook_setup_do(struct hook_setup *h, struct span id, enum okta_event_hook_deed deed,
                       struct fail *fail) WARN_UNUSED;

/* ---- pure ---- */

/* "Roster emea": the name that this deployment's hook has in Okta. In a. */
struct span hook_setup_name(const struct settings *s, struct arena *a);
/* The hook of that name, else the one of that URL (when not empty); NULL = there is none. */
const struct okta_event_hook *hook_setup_find(const struct okta_event_hook *hooks, size_t n,
                                              struct span name, struct span url);
/* The address for Okta: https, or http on loopback; without a path it goes to /okta/events. In a.
 * ERR_INPUT: it is none. */
enum err hook_setup_url(struct span text, struct arena *a, struct span *out,
                        struct fail *fail) WARN_UNUSED;
/* How many of the event types that Roster acts on the hook does not deliver. */
size_t hook_setup_lacks(const struct okta_event_hook *hook);

#endif
