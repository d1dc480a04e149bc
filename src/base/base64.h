/* Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without. Pure and
 * thread-safe. */
#ifndef ROSTER_BASE_BASE64_H
#define ROSTER_BASE_BASE64_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

void base64_add(struct buf *out, struct span bytes);
void base64url_add(struct buf *out, struct span bytes);
/* Either alphabet, padding optional, no blanks; false (nothing appended) for anything else. */
bool base64_add_decoded(struct buf *out, struct span text);

#endif
