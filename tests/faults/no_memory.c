/* Preloaded into Roster by the fault campaign: counts allocations and refuses those that were
 * chosen. Not together with a sanitizer, which allocates in its own way. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "control.h"

#define SHOWN __attribute__((visibility("default")))

/* glibc's own, under the names that it keeps for whoever lays himself between. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static struct control *control;

static void __attribute__((constructor)) begin(void)
{
    control = control_map();
}

static bool is_refused(void)
{
    long long number;

    if (control == NULL)
        return false;
    number = ++control->memory_n;
    if (number < control->memory_fails_from || number >= control->memory_fails_until)
        return false;
    control->struck_n++;
    errno = ENOMEM;
    return true;
}

SHOWN void *malloc(size_t n)
{
    return is_refused() ? NULL : __libc_malloc(n);
}

SHOWN void *calloc(size_t n, size_t size)
{
    return is_refused() ? NULL : __libc_calloc(n, size);
}

SHOWN void *realloc(void *p, size_t n)
{
    return is_refused() ? NULL : __libc_realloc(p, n);
}

SHOWN void *reallocarray(void *p, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, bytes);
}
