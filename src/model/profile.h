/* A user's profile as a source tells it: one JSON object of attributes, kept as it came; and values
 * of the configuration that are filled in from it. Pure and thread-safe. */
#ifndef ROSTER_MODEL_PROFILE_H
#define ROSTER_MODEL_PROFILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

enum { PROFILE_LIMIT = 64 * 1024, PROFILE_DEPTH = 8, PROFILE_VALUES = 100 };

/* The values of one attribute as texts: a string as it is, a number or boolean as written, an array
 * item by item. Names keep their case. fn returns false to stop. Absent, null and empty values are
 * passed over. profile may be empty. */
void profile_each(struct arena *a, struct span profile, struct span attribute,
                  bool (*fn)(void *arg, struct span value), void *arg);
/* Is it one JSON object within the bounds above? Of any other no attribute has a value. */
bool profile_is_readable(struct span profile);
/* The first value, or {NULL, 0}. */
struct span profile_text(struct arena *a, struct span profile, struct span attribute);

/* A value with `${user.ATTRIBUTE}`, `${user.ATTRIBUTE:-otherwise}` and, where it makes sense,
 * `${app.userName}`; `$$` is a dollar sign. ERR_INPUT says what is wrong and where. */
enum err template_check(struct span text, bool may_name_app, struct fail *fail) WARN_UNUSED;
bool template_has_attributes(struct span text);
/* Fills it in. {NULL, 0} when an attribute without `:-` has no value, or one of blanks only, and
 * when nothing but blanks comes out: then the whole value counts as not given. Of what is filled
 * in, control characters are taken out and runs of blanks become one; the result is trimmed and
 * NFC. */
struct span template_fill(struct arena *a, struct span text, struct span profile,
                          struct span app_user_name);

/* Does value match pattern? `*` stands for any run of characters, everything else for itself, both
 * compared after NFC, case counts. */
bool pattern_matches(struct span pattern, struct span value);

#endif
