/* Allocation that cannot fail: when there is no memory the process says so and aborts. That is
 * sound because all that was acknowledged is on disk, the service manager starts the process again,
 * and the size of everything from outside is bounded before it is allocated. Thread-safe. Release
 * with free(). */
#ifndef ROSTER_BASE_MEM_H
#define ROSTER_BASE_MEM_H

#include <stddef.h>

#include "base/span.h"

/* Zeroed. */
void *mem_new(size_t n, size_t size);
/* Like reallocarray; p may be NULL. */
void *mem_grow(void *p, size_t n, size_t size);
/* A NUL-terminated copy. */
char *mem_dup(struct span s);
/* A copy of text, or NULL for NULL. */
char *mem_dup_str(const char *text);
/* A new formatted string. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Hands what was freed back to the system, where that is possible. For whoever has been busy and is
 * idle now. */
void mem_trim(void);

#endif
