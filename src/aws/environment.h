/* The environment variables that AWS SDKs read, copied when the program starts: the copy may hold
 * keys, so it is wiped when it is freed. Read-only, hence thread-safe. */
#ifndef ROSTER_AWS_ENVIRONMENT_H
#define ROSTER_AWS_ENVIRONMENT_H

#include <stdbool.h>

#include "base/span.h"

struct environment;

/* Takes HOME and what begins with AWS_ from "NAME=value" texts, the last of which is NULL; NULL
 * itself is an empty environment. Blanks and line breaks around a value are cut: they come from
 * files and never belong to it. */
struct environment *environment_new(const char *const *texts);
/* NULL is fine. */
void environment_free(struct environment *e);
/* The value, NUL-terminated and borrowed; p == NULL when it is not set or empty, which is the same
 * to every SDK. */
struct span environment_get(const struct environment *e, const char *name);
/* "true" in any case. */
bool environment_is_true(const struct environment *e, const char *name);

#endif
