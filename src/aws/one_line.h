/* Text of others within our own failures. Pure and thread-safe. */
#ifndef ROSTER_AWS_ONE_LINE_H
#define ROSTER_AWS_ONE_LINE_H

#include <stddef.h>

#include "base/span.h"

/* The first line of text that is not empty, NUL-terminated in out: what a refused signature's
 * message says further down repeats the request, session token included. Control characters become
 * blanks and bytes that are no UTF-8 '?'; what is longer than size - 1 bytes is cut between two
 * characters. */
void one_line(char *out, size_t size, struct span text);

#endif
