#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void *checked(void *p)
{
    static const char text[] = "roster: out of memory\n";

    if (p != NULL)
        return p;
    (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
    abort();
}

void *mem_new(size_t n, size_t size)
{
    return checked(calloc(n == 0 ? 1 : n, size == 0 ? 1 : size));
}

void *mem_grow(void *p, size_t n, size_t size)
{
    return checked(reallocarray(p, n == 0 ? 1 : n, size == 0 ? 1 : size));
}

char *mem_dup(struct span s)
{
    char *copy = mem_new(s.n + 1, 1);

    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    return copy;
}

char *mem_dup_str(const char *text)
{
    return text == NULL ? NULL : mem_dup(span_of(text));
}

char *mem_printf(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    return checked(n < 0 ? NULL : text);
}

void mem_trim(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0); /* whether it gave anything back */
#endif
}
