/* Borrowed bytes: a pointer and a length, not NUL-terminated. A span is valid as long as what it
 * points into; whoever keeps it copies. All functions are pure and thread-safe. */
#ifndef ROSTER_BASE_SPAN_H
#define ROSTER_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *p; /* may be NULL when n is 0 */
    size_t n;
};

/* A span over a string literal. */
#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})

/* printf arguments for "%.*s". */
#define SPAN_ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

static inline struct span span_of(const char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

static inline struct span span_n(const void *p, size_t n)
{
    return (struct span){p, n};
}

bool span_eq(struct span a, struct span b);
/* ASCII case is ignored; every other byte must be equal. */
bool span_eq_nocase(struct span a, struct span b);
/* Like memcmp over the common length, then the shorter one first. */
int span_cmp(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);
/* Without leading and trailing blanks, tabs, CR and LF. */
struct span span_trim(struct span s);
/* The offset of the first c, or s.n when there is none. */
size_t span_find(struct span s, char c);
/* Cuts the part before the first c off *rest (all of it when there is no c) and returns it; *rest
 * continues behind c. Returns false, with nothing changed, when *rest is used up (p is NULL).
 * "a,b," gives "a", "b" and "". */
bool span_split(struct span *rest, char c, struct span *part);

#endif
