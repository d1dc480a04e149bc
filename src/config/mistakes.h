/* The mistakes of a configuration, collected while it is read and then told all at once. */
#ifndef ROSTER_CONFIG_MISTAKES_H
#define ROSTER_CONFIG_MISTAKES_H

#include <limits.h>
#include <stddef.h>

#include "config/settings.h"

/* Of further ones it is only said that they are there: the file may be anything. */
enum { MISTAKES_KEPT = 100 };

/* Where mistakes without a line stand among those that have one. */
enum { LINE_BEFORE = 0, LINE_BEHIND = INT_MAX };

struct mistake {
    unsigned line;
    size_t number; /* in order of arrival */
    char *text;
};

struct mistakes {
    struct mistake of[MISTAKES_KEPT];
    size_t n; /* of all, also those that are not kept */
};

/* A line of the file, LINE_BEFORE or LINE_BEHIND; the text is one line, and holds no secret. */
void mistakes_add(struct mistakes *m, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Hands them out, sorted by line; m is empty then. */
void mistakes_take(struct mistakes *m, struct settings_mistakes *out);

enum { SHOWN_SIZE = 256 };
/* What somebody wrote, fit for a message of one line: without control characters, and cut, with
 * "..." behind, when it is long. Returns out. Not for what may be a secret. */
const char *shown(struct span text, char out[SHOWN_SIZE]);

#endif
