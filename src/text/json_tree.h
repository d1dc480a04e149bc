/* JSON as a tree: jansson behind a small interface. A header of its own, included by text/json.h,
 * because jansson's own names (JSON_OBJECT, json_real, …) must meet neither ours nor those of who
 * includes us. Thread-safe as long as each document is used by one thread. */
#ifndef ROSTER_TEXT_JSON_TREE_H
#define ROSTER_TEXT_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct json; /* a parsed document, or a borrowed part of one */

/* Repeated keys, trailing bytes, NUL and everything else outside RFC 8259 are refused with line and
 * column; integers beyond 64 bits become reals. Depth is bounded by jansson (2,048). The caller
 * frees with json_free (the root only). */
enum err json_parse(struct span text, struct json **out, struct fail *fail) WARN_UNUSED;
void json_free(struct json *root);
/* Members by a path with dots ("User.IdentityInfo"); NULL when a part is missing or null. part may
 * be NULL. */
const struct json *json_get(const struct json *part, const char *path);
/* The string at path ("" = part itself), borrowed from the document; p == NULL when absent or no
 * string. */
struct span json_str(const struct json *part, const char *path);
/* The number at path as an integer (a real is cut), or otherwise. */
int64_t json_int(const struct json *part, const char *path, int64_t otherwise);
double json_double(const struct json *part, const char *path, double otherwise);
bool json_bool(const struct json *part, const char *path, bool otherwise);
/* Items of the array at path; 0 when absent or no array. */
size_t json_count(const struct json *part, const char *path);
const struct json *json_item(const struct json *part, const char *path, size_t i);
/* Members of an object in their order; false at the end. *key is borrowed. Start with *state =
 * NULL. */
bool json_each(const struct json *object, void **state, const char **key,
               const struct json **value);
bool json_is_object(const struct json *part);
bool json_is_array(const struct json *part);

#endif
