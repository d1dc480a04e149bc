/* The org's address, and what is on it: credentials go nowhere else. Pure. */
#ifndef ROSTER_OKTA_ORIGIN_H
#define ROSTER_OKTA_ORIGIN_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "text/url.h"

struct origin {
    char *text;     /* "https://example.okta.com" */
    struct url url; /* its parts, in text */
};

/* Reads [OKTA] ORG_URL: https, or http for loopback; no path but "/". ERR_INPUT says what is wrong.
 * *out is released by origin_done. */
enum err origin_parse(struct span text, struct origin *out, struct fail *fail) WARN_UNUSED;
/* origin may be zeroed. */
void origin_done(struct origin *origin);
/* Is that URL on the org (scheme, host and port), below /api/v1/? Then *parts are its parts. */
bool origin_owns(const struct origin *origin, struct span url, struct url *parts);

#endif
