/* What of a user has to be read in Okta: the applications and groups that the rules name. Pure. */
#ifndef ROSTER_ENGINE_INTEREST_H
#define ROSTER_ENGINE_INTEREST_H

#include "base/arena.h"
#include "model/rules.h"
#include "okta/person.h"

/* For somebody with those memberships in the store: what the rules name and is known by its id, and
 * what of it events or readings have spoken of. Texts are borrowed from all of them, lists in a. */
struct okta_interest interest_of(const struct rules *rules, const struct names *names,
                                 const struct membership *memberships, size_t n, struct arena *a);

/* Calls fn for each application or group that the rules name: value as it is written, and its id,
 * or an empty one when it is not known. The same value may come several times. fn returns false to
 * stop. */
void interest_each(const struct rules *rules, const struct names *names,
                   bool (*fn)(void *arg, enum name_kind kind, struct span value, struct span id),
                   void *arg);
#endif
