/* JSON (RFC 8259). Two readers and one writer:
 *  - scan: finds the extents of values in bytes that arrive, builds nothing, copies nothing. It is
 *    strict about the grammar and leaves the content of strings to json_text, so that one bad
 *    string spoils itself only.
 *  - tree (text/json_tree.h): jansson behind a small interface, for answers of services (unknown
 *    members are ignored by not asking).
 *  - out: writes into a buf.
 *
 * Everything is bounded by depth and by the size of what is given. Thread-safe as long as each
 * object is used by one thread. */
#ifndef ROSTER_TEXT_JSON_H
#define ROSTER_TEXT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "text/json_tree.h"

/* ---- scan ---- */

enum json_kind {
    JSON_NONE,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

struct json_marks;

struct json_value {
    enum json_kind kind;            /* JSON_NONE = absent */
    struct span text;               /* the bytes of the value, quotes or brackets included */
    const struct json_marks *marks; /* of the document, or NULL */
};

/* No document is nested deeper, whatever max_depth says. */
enum { JSON_DEPTH_MAX = 1024 };

/* Checks that text is exactly one JSON value (blanks around it allowed), nested at most max_depth
 * deep, and gives its extent. ERR_INPUT with the byte offset and what was expected. String
 * contents: control bytes below 0x20 and unknown escapes are refused here; invalid UTF-8, lone
 * surrogates and \u0000 are not (json_text refuses them). */
enum err json_scan(struct span text, unsigned max_depth, struct json_value *out,
                   struct fail *fail) WARN_UNUSED;
/* The same, and notes in a (an eighth of text's size at most) where the larger containers end, so
 * that walking the values does not read again what it passes. For documents that are walked more
 * than once. */
enum err json_scan_marked(struct arena *a, struct span text, unsigned max_depth,
                          struct json_value *out, struct fail *fail) WARN_UNUSED;

/* Walks the members of an object or the items of an array that json_scan has accepted. */
struct json_iter {
    struct span rest;
    const struct json_marks *marks;
};
struct json_iter json_iter(struct json_value container);
/* key: the raw key without quotes, escapes not resolved (a key with escapes equals no plain name).
 * False at the end. */
bool json_next_member(struct json_iter *it, struct span *key, struct json_value *value);
bool json_next_item(struct json_iter *it, struct json_value *value);
/* The last member of that name, or kind JSON_NONE; *is_repeated (may be NULL) tells that there were
 * several. */
struct json_value json_member(struct json_value object, struct span name, bool *is_repeated);
/* A string's text with its escapes resolved: a part of the input when it has none, else a copy in
 * a. False for what is no string, invalid UTF-8, a lone surrogate or \u0000. */
bool json_text(struct arena *a, struct json_value value, struct span *out);

/* ---- out ---- */

/* Writes compact JSON into a buf, setting commas by itself. Strings must be UTF-8; bytes that are
 * not become U+FFFD. */
struct json_out {
    struct buf *b;
    bool needs_comma;
};
struct json_out json_out(struct buf *b);
void json_out_begin(struct json_out *o, char bracket); /* '{' or '[' */
void json_out_end(struct json_out *o, char bracket);   /* '}' or ']' */
void json_out_key(struct json_out *o, const char *key);
void json_out_str(struct json_out *o, struct span s);
void json_out_int(struct json_out *o, int64_t n);
void json_out_real(struct json_out *o, double x);
void json_out_bool(struct json_out *o, bool b);
void json_out_null(struct json_out *o);
void json_out_raw(struct json_out *o, struct span json); /* a finished value */
/* key and value in one; the string form writes null for p == NULL. */
void json_put_str(struct json_out *o, const char *key, struct span s);
void json_put_int(struct json_out *o, const char *key, int64_t n);
void json_put_bool(struct json_out *o, const char *key, bool b);

#endif
