/* The configuration language: sections, keys and values with comments. Own code because libinih
 * cuts lines at 200 bytes and keeps the AWS sample's '#' comments in the value. Pure and
 * thread-safe.
 *
 * '#' or ';' begins a comment at the start of a line or after white space, except inside double
 * quotes. A value in double quotes keeps commas, '#', ';' and outer blanks; inside quotes \" and \\
 * are the only escapes (another backslash is itself). Quotes within a value that does not begin
 * with one are a part of it and come in pairs. Blanks around keys and values are cut. A UTF-8 BOM
 * and CRLF are understood. Lines must be valid UTF-8 without control characters but tab. */
#ifndef ROSTER_TEXT_INI_H
#define ROSTER_TEXT_INI_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

enum { INI_SIZE_LIMIT = 1024 * 1024 };

enum ini_kind { INI_END, INI_SECTION, INI_PAIR, INI_ERROR };

struct ini_item {
    enum ini_kind kind;
    unsigned line;       /* from 1 */
    struct span section; /* the section in force, "" before the first */
    struct span key;     /* INI_PAIR */
    struct span value;   /* INI_PAIR: as written, quotes kept: see ini_value and ini_list_next */
    const char *error;   /* INI_ERROR: what is wrong, a static text; reading can go on */
};

struct ini {
    struct span rest;
    struct span section;
    unsigned line;
};

/* text must live as long as the items; it may be anything. */
void ini_init(struct ini *ini, struct span text);
/* The next item; INI_END at the end, again and again. */
struct ini_item ini_next(struct ini *ini);
/* The value as one text: quotes and escapes resolved (a copy in a when there were escapes). False
 * when quotes are unbalanced, or text stands behind the closing quote of a value that begins with
 * one. */
bool ini_value(struct arena *a, struct span value, struct span *out);
/* The value as a list: cuts the next element off *rest at the next comma outside quotes, trimmed,
 * quotes resolved. False at the end, when rest->p is NULL: an empty value is one empty element, and
 * a trailing comma leaves one. *is_bad is set when the quoting is wrong, and never cleared. */
bool ini_list_next(struct arena *a, struct span *rest, struct span *out, bool *is_bad);

#endif
