#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static char nothing[1];

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.p = nothing, .limit = limit};
}

void buf_done(struct buf *b)
{
    if (b == NULL)
        return;
    if (b->p != nothing)
        free(b->p);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    buf_cut(b, 0);
}

void buf_cut(struct buf *b, size_t n)
{
    b->full = false;
    if (n >= b->n)
        return;
    b->n = n;
    b->p[n] = '\0';
}

char *buf_space(struct buf *b, size_t n)
{
    size_t room;

    assert(b->p != NULL);
    if (n > b->limit || b->n > b->limit - n) {
        b->full = true;
        return NULL;
    }
    if (b->room < b->n + n + 1) {
        room = b->room < 32 ? 64 : b->room * 2;
        if (room < b->n + n + 1)
            room = b->n + n + 1;
        b->p = mem_grow(b->p == nothing ? NULL : b->p, room, 1);
        b->room = room;
    }
    return b->p + b->n;
}

void buf_wrote(struct buf *b, size_t n)
{
    assert(b->n + n < b->room);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_add(struct buf *b, struct span s)
{
    char *at = buf_space(b, s.n);

    if (at == NULL)
        return;
    if (s.n > 0)
        memcpy(at, s.p, s.n);
    buf_wrote(b, s.n);
}

void buf_add_str(struct buf *b, const char *text)
{
    buf_add(b, span_of(text));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, (struct span){&c, 1});
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    char *at;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0) {
        b->full = true;
        return;
    }
    at = buf_space(b, (size_t)n);
    if (at == NULL)
        return;
    (void)vsnprintf(at, (size_t)n + 1, format, args);
    buf_wrote(b, (size_t)n);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

struct span buf_span(const struct buf *b)
{
    return (struct span){b->p, b->n};
}

char *buf_take(struct buf *b)
{
    char *content = b->p == nothing ? mem_dup((struct span){0}) : b->p;

    buf_init(b, b->limit);
    return content;
}
