/* URLs and percent-encoding (RFC 3986). Pure and thread-safe. */
#ifndef ROSTER_TEXT_URL_H
#define ROSTER_TEXT_URL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct url {
    struct span scheme; /* "https" or "http", as written */
    struct span host;   /* without brackets for IPv6 */
    bool is_ipv6;
    unsigned port;     /* the scheme's default when none is written */
    bool has_port;     /* a port was written */
    struct span path;  /* with its leading '/', or empty */
    struct span query; /* without '?', or empty */
};

/* Absolute http and https URLs without user information and fragment; spans point into text.
 * ERR_INPUT else (also for control bytes, blanks and anything above 0x7e). */
enum err url_parse(struct span text, struct url *out, struct fail *fail) WARN_UNUSED;
/* 127.0.0.0/8, ::1 and "localhost". */
bool url_is_loopback(const struct url *u);
/* Appends s with every byte but A-Z a-z 0-9 - . _ ~ as %XX (upper case). */
void url_add_encoded(struct buf *out, struct span s);
/* Appends s with %XX resolved; false on a bad escape or %00. */
bool url_add_decoded(struct buf *out, struct span s);
/* The value of name in a query string, still encoded; p == NULL when absent. */
struct span url_query_get(struct span query, struct span name);

#endif
