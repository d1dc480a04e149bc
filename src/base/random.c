#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *out, size_t n)
{
    char *at = out;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort(); /* only without a kernel that has it */
        at += got;
        n -= (size_t)got;
    }
}

uint64_t random_below(uint64_t bound)
{
    uint64_t value, limit;

    if (bound == 0)
        return 0;
    limit = UINT64_MAX - UINT64_MAX % bound;
    do
        random_bytes(&value, sizeof(value));
    while (value >= limit);
    return value % bound;
}
