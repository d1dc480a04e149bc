/* JSON (RFC 8259). Two readers and one writer:
 *  - scan: finds the extents of values in bytes that arrive, builds nothing, copies nothing. It is strict about the
 *    grammar and leaves the content of strings to json_text, so that one bad string spoils itself only.
 *  - tree: jansson behind a small interface, for answers of services (unknown members are ignored by not asking).
 *  - out: writes into a buf.
 * Everything is bounded by depth and by the size of what is given. Thread-safe as long as each object is used by one
 * thread. */
#ifndef ROSTER_TEXT_JSON_H
#define ROSTER_TEXT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* ---- scan ---- */

enum json_kind { JSON_NONE, JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL };

struct json_value {
    enum json_kind kind; /* JSON_NONE = absent */
    struct span text;    /* the bytes of the value, quotes or brackets included */
};

/* Checks that text is exactly one JSON value (blanks around it allowed), nested at most max_depth deep, and gives its
 * extent. ERR_INPUT with the byte offset and what was expected. String contents: control bytes below 0x20 and unknown
 * escapes are refused here; invalid UTF-8, lone surrogates and \u0000 are not (json_text refuses them). */
enum err json_scan(struct span text, unsigned max_depth, struct json_value *out, struct fail *fail) WARN_UNUSED;

/* Walks the members of an object or the items of an array that json_scan has accepted. */
struct json_iter {
    struct span rest;
};
struct json_iter json_iter(struct json_value container);
/* key: the raw key without quotes, escapes not resolved (a key with escapes equals no plain name). False at the end. */
bool json_next_member(struct json_iter *it, struct span *key, struct json_value *value);
bool json_next_item(struct json_iter *it, struct json_value *value);
/* The last member of that name, or kind JSON_NONE; *is_repeated (may be NULL) tells that there were several. */
struct json_value json_member(struct json_value object, struct span name, bool *is_repeated);
/* A string's text with its escapes resolved: a part of the input when it has none, else a copy in a. False for what is
 * no string, invalid UTF-8, a lone surrogate or \u0000. */
bool json_text(struct arena *a, struct json_value value, struct span *out);

/* ---- tree ---- */

struct json; /* a parsed document, or a borrowed part of one */

/* Repeated keys, trailing bytes, NUL and everything else outside RFC 8259 are refused with line and column. Depth is
 * bounded by jansson (2,048). The caller frees with json_free (the root only). */
enum err json_parse(struct span text, struct json **out, struct fail *fail) WARN_UNUSED;
void json_free(struct json *root);
/* Members by a path with dots ("User.IdentityInfo"); NULL when a part is missing or null. part may be NULL. */
const struct json *json_get(const struct json *part, const char *path);
/* The string at path ("" = part itself), borrowed from the document; p == NULL when absent or no string. */
struct span json_str(const struct json *part, const char *path);
/* The number at path as an integer (a real is cut), or otherwise. */
int64_t json_int(const struct json *part, const char *path, int64_t otherwise);
double json_real(const struct json *part, const char *path, double otherwise);
bool json_bool(const struct json *part, const char *path, bool otherwise);
/* Items of the array at path; 0 when absent or no array. */
size_t json_count(const struct json *part, const char *path);
const struct json *json_item(const struct json *part, const char *path, size_t i);
/* Members of an object in their order; false at the end. *key is borrowed. Start with *state = NULL. */
bool json_each(const struct json *object, void **state, const char **key, const struct json **value);
bool json_is_object(const struct json *part);
bool json_is_array(const struct json *part);

/* ---- out ---- */

/* Writes compact JSON into a buf, setting commas by itself. Strings must be UTF-8; bytes that are not become U+FFFD. */
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
