#include "base/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

size_t utf8_point(struct span s, int32_t *out)
{
    utf8proc_int32_t point = -1;
    utf8proc_ssize_t n;

    if (s.n == 0)
        return 0;
    n = utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &point);
    if (n <= 0)
        return 0;
    *out = point;
    return (size_t)n;
}

/* Reads one code point at *at and moves it on; -1 for bytes that are no UTF-8. */
static int32_t next_point(struct span s, size_t *at)
{
    int32_t point = -1;

    *at += utf8_point((struct span){s.p + *at, s.n - *at}, &point);
    return point;
}

bool utf8_is_valid(struct span s)
{
    if (is_ascii(s))
        return true;
    for (size_t at = 0; at < s.n;)
        if (next_point(s, &at) < 0)
            return false;
    return true;
}

static bool add_whole(struct buf *out, struct span s)
{
    size_t before = out->n;

    buf_add(out, s);
    return out->n == before + s.n;
}

bool utf8_add_nfc(struct buf *out, struct span s)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t n;
    bool fits;

    if (is_ascii(s))
        return add_whole(out, s);
    n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &composed,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0)
        return false;
    fits = add_whole(out, (struct span){(const char *)composed, (size_t)n});
    free(composed);
    return fits;
}

bool utf8_eq_nfc(struct span a, struct span b)
{
    struct buf x, y;
    bool equal;

    if (is_ascii(a) && is_ascii(b))
        return span_eq(a, b);
    buf_init(&x, a.n * 4 + 16);
    buf_init(&y, b.n * 4 + 16);
    equal = utf8_add_nfc(&x, a) && utf8_add_nfc(&y, b) && span_eq(buf_span(&x), buf_span(&y));
    buf_done(&x);
    buf_done(&y);
    return equal;
}

static bool is_blank_point(int32_t point)
{
    return point == '\t' || point == '\n' || point == '\r' || point == 0x0b || point == 0x0c ||
           point == 0x85 || utf8proc_category(point) == UTF8PROC_CATEGORY_ZS ||
           utf8proc_category(point) == UTF8PROC_CATEGORY_ZL ||
           utf8proc_category(point) == UTF8PROC_CATEGORY_ZP;
}

static bool is_removed_point(int32_t point)
{
    return utf8proc_category(point) == UTF8PROC_CATEGORY_CC || point == 0x200b || point == 0xfeff ||
           point == 0x061c || point == 0x200e || point == 0x200f ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

static void add_point(struct buf *out, int32_t point)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char(point, bytes);

    buf_add(out, (struct span){(const char *)bytes, (size_t)n});
}

bool utf8_add_clean_name(struct buf *out, struct span s)
{
    struct buf clean;
    bool pending = false, fine = true;

    /* Removing first and composing afterwards: a removed character may have kept two others
     * apart. */
    buf_init(&clean, s.n + 8);
    for (size_t at = 0; at < s.n;) {
        int32_t point = next_point(s, &at);

        if (point < 0) {
            fine = false;
            break;
        }
        if (is_blank_point(point)) {
            pending = clean.n > 0;
        } else if (!is_removed_point(point)) {
            if (pending)
                buf_add_char(&clean, ' ');
            pending = false;
            add_point(&clean, point);
        }
    }
    fine = fine && utf8_add_nfc(out, buf_span(&clean));
    buf_done(&clean);
    return fine;
}

size_t utf8_length(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

struct span utf8_prefix(struct span s, size_t max)
{
    size_t at = 0;

    while (max > 0 && at < s.n) {
        at++;
        while (at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80)
            at++;
        max--;
    }
    return (struct span){s.p, at};
}
