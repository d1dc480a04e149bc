/* Small texts as Okta writes them: ids, times, JSON strings. */
#ifndef SANDBOX_OKTA_TEXT_H
#define SANDBOX_OKTA_TEXT_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    OKTA_ID = 28,       /* room for an id; made ones have 20 characters, a seed's up to 27 */
    OKTA_ID_MADE = 6,   /* where in a made one the digits of its number begin */
    OKTA_ID_DIGITS = 11 /* of 62: as many as 64 bits have at most */
};

/* An id of three letters and 17 more, the same for the same number, different for any other. */
void okta_id(char out[static OKTA_ID], const char *prefix, uint64_t number);
/* n characters of the alphabet of ids, at random. */
void okta_random_text(char *out, size_t n);
/* "2026-05-04T08:00:01.000Z" in quotes; null for 0. */
void okta_add_time(struct buf *out, uint32_t s);
/* The same as a JSON value with milliseconds. */
json_t *okta_time(int64_t ms);
/* A JSON string. */
void okta_add_string(struct buf *out, struct span text);
/* The string member, NULL when absent or no string. */
const char *okta_member(const json_t *object, const char *key);
/* from without its const, for jansson's functions that only read. */
json_t *okta_unconst(const json_t *from);

#endif
