/* Patterns for the many: "{n}" is the number of the one, "{n:6}" the same with leading zeros,
 * "{n:id}" 11 letters and digits that are another number's for none, and in no order. */
#ifndef SANDBOX_FILL_H
#define SANDBOX_FILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { FILL_MOST = 5000000 }; /* so many of a kind at once */

void fill_add(struct buf *out, const char *pattern, uint32_t n);
/* Does it give another text for each number? */
bool fill_is_pattern(const char *text);

#endif
