#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BLOCK_SIZE = 4096, KEPT_MAX = 256 * 1024 };

struct arena_block {
    struct arena_block *before;
    size_t used, room;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

void arena_done(struct arena *a)
{
    struct arena_block *block = a->last, *before;

    for (; block != NULL; block = before) {
        before = block->before;
        free(block);
    }
    a->last = NULL;
}

static struct arena_block *block_new(struct arena *a, size_t need)
{
    size_t room = need > BLOCK_SIZE ? need : BLOCK_SIZE;
    struct arena_block *block = mem_grow(NULL, 1, sizeof(*block) + room);

    *block = (struct arena_block){.before = a->last, .room = room};
    a->last = block;
    return block;
}

void arena_clear(struct arena *a)
{
    struct arena_block *block = a->last;
    size_t room = 0;

    if (block != NULL && block->before == NULL && block->room <= KEPT_MAX) {
        block->used = 0;
        return;
    }
    for (; block != NULL; block = block->before)
        room += block->room;
    arena_done(a);
    if (room > 0)
        (void)block_new(a, room < KEPT_MAX ? room : KEPT_MAX);
}

void *arena_new(struct arena *a, size_t n, size_t size)
{
    size_t need, at;
    struct arena_block *block = a->last;

    if (__builtin_mul_overflow(n, size, &need) || need > SIZE_MAX / 4)
        abort();
    need = (need + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (block == NULL || block->room - block->used < need)
        block = block_new(a, need);
    at = block->used;
    block->used += need;
    memset(block->bytes + at, 0, need);
    return block->bytes + at;
}

char *arena_dup(struct arena *a, struct span s)
{
    char *copy = arena_new(a, s.n + 1, 1);

    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    return copy;
}

struct span arena_span(struct arena *a, struct span s)
{
    if (s.p == NULL)
        return s;
    return (struct span){arena_dup(a, s), s.n};
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return arena_new(a, 1, 1);
    text = arena_new(a, (size_t)n + 1, 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}
