#include "text/closest.h"

enum { LONGEST = 127 }; /* longer names are close to nothing */

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(struct span a, struct span b)
{
    /* The rows of the table for a[i - 2], a[i - 1] and a[i]. */
    unsigned rows[3][LONGEST + 1];
    unsigned *before = rows[0], *last = rows[1], *now = rows[2], *swap;

    for (size_t j = 0; j <= b.n; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned char x = lower(a.p[i - 1]), y = lower(b.p[j - 1]);

            now[j] = least(last[j - 1] + (x != y), least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && x == lower(b.p[j - 2]) && y == lower(a.p[i - 2]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        swap = before;
        before = last;
        last = now;
        now = swap;
    }
    return last[b.n];
}

void closest_init(struct closest *c, struct span wanted)
{
    *c = (struct closest){.wanted = wanted, .distance = (unsigned)(wanted.n / 4 + 2)};
}

bool closest_offer(struct closest *c, const char *candidate)
{
    struct span name = span_of(candidate);
    unsigned found;

    if (c->wanted.n == 0 || c->wanted.n > LONGEST || name.n == 0 || name.n > LONGEST)
        return false;
    found = distance(c->wanted, name);
    if (found >= c->distance || found >= name.n)
        return false;
    c->distance = found;
    c->best = candidate;
    return true;
}
