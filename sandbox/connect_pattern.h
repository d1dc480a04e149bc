/* The patterns of the service model, as functions. C has no regular expressions of that kind, and
 * two of the model's own are written wrongly, so each gets its intended meaning. */
#ifndef SANDBOX_CONNECT_PATTERN_H
#define SANDBOX_CONNECT_PATTERN_H

#include <stdbool.h>

#include "base/span.h"

/* text keeps the pattern of the shape; true as well for a shape that has none here. */
bool pattern_fits(const char *shape, struct span text);
/* 2 to 64 of [A-Za-z0-9_.@-]: what Amazon Connect and SAML's RoleSessionName both accept. */
bool pattern_is_username(struct span text, size_t min, size_t max);
bool pattern_is_email(struct span text);
/* E.164: '+' and 2 to 15 digits, the first not 0. */
bool pattern_is_phone(struct span text);

#endif
