/* The org's event hooks: what they listen for, where they live, and whether they were verified. */
#ifndef SANDBOX_OKTA_HOOKS_H
#define SANDBOX_OKTA_HOOKS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "okta_text.h"

struct okta_side;
struct okta_ask;
struct okta_hook;
struct okta_verification;

struct okta_hook {
    struct okta_hook *next;
    char id[OKTA_ID];
    json_t *doc; /* as the API shows it, but for _links */
    char *secret;
    bool is_active, is_verified;
    struct okta_batch *batch; /* events that wait for company (okta_deliver.c) */
};

struct okta_hooks {
    struct okta_hook *first; /* oldest first */
    uint64_t n_made;
    struct okta_verification *verifying;
};

void okta_hooks_done(struct okta_hooks *hooks);
struct okta_hook *okta_hooks_find(const struct okta_hooks *hooks, const char *id);
struct okta_hook *okta_hooks_named(const struct okta_hooks *hooks, const char *name);
/* Would it get events of that type now? */
bool okta_hook_asks(const struct okta_hook *hook, const char *type);
/* The ids of those that would, parted by commas; the caller's. NULL: none. */
char *okta_hooks_asking(const struct okta_hooks *hooks, const char *type);
/* Makes one (hook NULL) or replaces it by what body says, as POST and PUT do. ERR_INPUT with the
 * cause in fail, ERR_CONFLICT for a name that is there. */
enum err okta_hook_set(struct okta_side *side, struct okta_hook **hook, const json_t *body,
                       struct fail *fail) WARN_UNUSED;
void okta_hook_activate(struct okta_side *side, struct okta_hook *hook, bool is_active);
void okta_hook_delete(struct okta_side *side, struct okta_hook *hook);
/* As the API shows it; a new value. */
json_t *okta_hook_show(const struct okta_hook *hook, const char *base);
/* A row for the log: an event about the hook itself. */
void okta_hook_tell(struct okta_side *side, const struct okta_hook *hook, const char *type,
                    const char *result, const char *reason);

/* Asks the hook for its one-time verification, once more after an error; then calls done, later.
 * status: of the last answer, 0 for none. */
void okta_hook_verify(struct okta_side *side, const struct okta_hook *hook,
                      void (*done)(void *arg, struct okta_hook *hook, bool is_verified, int status),
                      void *arg);
/* No one will be called. */
void okta_hooks_drop_verifying(struct okta_hooks *hooks);

#endif
