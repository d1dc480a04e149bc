/* What the service demands of a user beyond its model: API_CreateUser, API_UserIdentityInfo,
 * API_UserPhoneConfig, API_UpdateUserConfig and the admin guide's page on access-control tags. Each
 * returns false after call_fail. */
#ifndef SANDBOX_CONNECT_RULES_H
#define SANDBOX_CONNECT_RULES_H

#include "connect_side.h"

bool rules_login(struct call *call);
/* identity may be NULL. is_new: names may be given where a directory owns them, and are demanded
 * where none does. */
bool rules_identity(struct call *call, const json_t *identity, bool is_new);
/* phone may be NULL. */
bool rules_phone(struct call *call, const json_t *phone);
/* The lists of settings per channel in the input. */
bool rules_channels(struct call *call);
/* phone and the lists must not set the same thing. */
bool rules_either(struct call *call, const json_t *phone);
bool rules_security_profiles(struct call *call, const json_t *ids);
bool rules_routing_profile(struct call *call, const char *id);
/* id may be NULL. */
bool rules_group(struct call *call, const char *id);
/* The element of a list of objects whose member `key` is `value`, or NULL. */
const json_t *thing_find(const json_t *things, const char *key, const char *value);

extern const char *const rules_lists[]; /* the members with settings per channel, ended by NULL */

#endif
