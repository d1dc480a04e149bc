/* The secrets as they are now: those that the settings took from files are read again on demand and
 * every five minutes, so that they can be changed without a restart. On the loop only. */
#ifndef ROSTER_ENGINE_SECRETS_H
#define ROSTER_ENGINE_SECRETS_H

#include "base/secret.h"
#include "config/settings.h"
#include "net/loop.h"
#include "okta/api.h"

enum { SECRETS_EVERY_MS = 5 * 60 * 1000 };

struct secrets;

/* Those of the settings, which must outlive it. changed is called when the API token or the private
 * key is another one. */
struct secrets *secrets_new(struct loop *loop, const struct settings *settings,
                            void (*changed)(void *arg), void *arg);
/* Wipes. NULL is fine. */
void secrets_free(struct secrets *s);
/* Reads the files now. One that cannot be read, or holds no secret, leaves the old one. */
void secrets_renew(struct secrets *s);
/* What an event hook must bring; they stay where they are, and change. Either may be unset. */
const struct secret *secrets_hook(const struct secrets *s);
const struct secret *secrets_hook_previous(const struct secrets *s);
/* Borrowed until the next renewal. */
struct okta_credentials secrets_okta(const struct secrets *s);

#endif
