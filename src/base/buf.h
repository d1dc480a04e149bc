/* A growing byte buffer with a ceiling, always NUL-terminated. An append that would pass the
 * ceiling changes nothing but sets full, so a run of appends needs one check at its end. Not
 * thread-safe. */
#ifndef ROSTER_BASE_BUF_H
#define ROSTER_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf {
    char *p;      /* "" until the first append; never NULL after buf_init */
    size_t n;     /* bytes in use, without the NUL */
    size_t room;  /* bytes allocated */
    size_t limit; /* n never passes it */
    bool full;    /* an append would have passed limit; the content is kept as it was */
};

void buf_init(struct buf *b, size_t limit);
/* Frees; b may be zeroed or NULL. b is unusable until the next buf_init. */
void buf_done(struct buf *b);
/* Empties, keeping memory and limit; clears full. */
void buf_clear(struct buf *b);
/* Cuts back to the first n bytes (at most what it holds) and clears full. */
void buf_cut(struct buf *b, size_t n);
/* s may not be a part of b: its bytes move when b grows. */
void buf_add(struct buf *b, struct span s);
void buf_add_str(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Makes sure that n more bytes fit (subject to the ceiling); returns where they begin, or NULL when
 * full. The caller writes and then adds to b->n by buf_wrote. */
char *buf_space(struct buf *b, size_t n);
void buf_wrote(struct buf *b, size_t n);
struct span buf_span(const struct buf *b);
/* Hands the content out; the caller frees it. b is as after buf_init. Never NULL. */
char *buf_take(struct buf *b);

#endif
