/* Text as people write it: strict UTF-8 and Unicode normal form C. Pure and thread-safe. Facts:
 * Unicode 15, UAX #15 (normal forms), UAX #9 (bidirectional controls). */
#ifndef ROSTER_BASE_UTF8_H
#define ROSTER_BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* Valid UTF-8 without surrogates, overlong forms and code points above U+10FFFF. */
bool utf8_is_valid(struct span s);
/* The length of the code point that s begins with, and itself in *out; 0 when s is empty or begins
 * with no valid UTF-8. */
size_t utf8_point(struct span s, int32_t *out);
/* Appends s in normal form C; false, with nothing appended, when s is not valid UTF-8 or out would
 * be full. */
bool utf8_add_nfc(struct buf *out, struct span s);
/* Both sides equal after NFC; false when one is not valid UTF-8. */
bool utf8_eq_nfc(struct span a, struct span b);
/* Appends s as a name for people: NFC; every run of tabs, no-break and other Unicode blanks becomes
 * one blank, none at the ends; other control characters, bidirectional controls, U+200B and U+FEFF
 * are removed; joiners (U+200C, U+200D) stay. False when s is not valid UTF-8 or out would be
 * full. */
bool utf8_add_clean_name(struct buf *out, struct span s);
/* The number of code points of valid UTF-8. */
size_t utf8_length(struct span s);
/* The longest prefix of at most max code points. s must be valid UTF-8. */
struct span utf8_prefix(struct span s, size_t max);

#endif
