/* Reading text that json_scan has accepted; the ends are checked all the same. Values that nobody
 * asked for are passed by their quotes and brackets alone. */
#include "text/json.h"

#include <string.h>

#include "base/utf8.h"
#include "text/json_bytes.h"

/* p is behind the opening quote; the result is at the closing one. */
static inline const char *string_end(const char *p, const char *end)
{
    for (;;) {
        p = skip_plain(p, end);
        if (p == end || *p == '"')
            return p;
        p = end - p >= 2 ? p + 2 : end;
    }
}

static inline const char *behind_container(const char *p, const char *end)
{
    size_t depth = 0;

    while (p < end) {
        char c = *p++;

        if (c == '"') {
            p = string_end(p, end);
            p += p < end;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (--depth == 0)
                return p;
        } else if (c == '\n') {
            p = skip_blanks(p, end);
        }
    }
    return p;
}

static inline const char *behind_scalar(const char *p, const char *end)
{
    while (p < end && !is_blank(*p) && *p != ',' && *p != '}' && *p != ']')
        p++;
    return p;
}

/* NULL when the container that begins at p has no mark. */
static const char *behind_mark(const struct json_marks *marks, const char *p)
{
    size_t low = 0, high = marks == NULL ? 0 : marks->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (marks->p[middle].begin < p)
            low = middle + 1;
        else
            high = middle;
    }
    return marks != NULL && low < marks->n && marks->p[low].begin == p ? marks->p[low].behind
                                                                       : NULL;
}

static struct json_value value_cut(struct json_iter *it)
{
    const char *p = it->rest.p, *end = it->rest.p + it->rest.n;
    enum json_kind kind = kind_of(*p);
    const char *behind;

    if (kind == JSON_STRING) {
        behind = string_end(p + 1, end);
        behind += behind < end;
    } else if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
        behind = behind_mark(it->marks, p);
        if (behind == NULL)
            behind = behind_container(p, end);
    } else {
        behind = behind_scalar(p, end);
    }
    it->rest = (struct span){behind, (size_t)(end - behind)};
    return (struct json_value){kind, {p, (size_t)(behind - p)}, it->marks};
}

struct json_iter json_iter(struct json_value container)
{
    if ((container.kind != JSON_OBJECT && container.kind != JSON_ARRAY) || container.text.n < 2)
        return (struct json_iter){{NULL, 0}, NULL};
    /* The closing bracket goes, so that the end of the rest is the end of the container. */
    return (struct json_iter){{container.text.p + 1, container.text.n - 2}, container.marks};
}

/* Passes blanks and separators. */
static inline bool iter_advance(struct json_iter *it)
{
    const char *p = it->rest.p, *end = p == NULL ? NULL : p + it->rest.n;

    while (p < end && (is_blank(*p) || *p == ',' || *p == ':'))
        p = is_blank(*p) ? skip_blanks(p, end) : p + 1;
    it->rest = (struct span){p, (size_t)(end - p)};
    return p < end;
}

bool json_next_member(struct json_iter *it, struct span *key, struct json_value *value)
{
    struct json_value name;

    if (!iter_advance(it) || *it->rest.p != '"')
        return false;
    name = value_cut(it);
    if (!iter_advance(it))
        return false;
    *key = (struct span){name.text.p + 1, name.text.n - 2};
    *value = value_cut(it);
    return true;
}

bool json_next_item(struct json_iter *it, struct json_value *value)
{
    if (!iter_advance(it))
        return false;
    *value = value_cut(it);
    return true;
}

struct json_value json_member(struct json_value object, struct span name, bool *is_repeated)
{
    struct json_value found = {0}, value;
    struct json_iter it = json_iter(object);
    struct span key;
    size_t n = 0;

    if (object.kind == JSON_OBJECT)
        while (json_next_member(&it, &key, &value))
            if (span_eq(key, name)) {
                found = value;
                n++;
            }
    if (is_repeated != NULL)
        *is_repeated = n > 1;
    return found;
}

/* ---- the text of a string ---- */

/* The four digits behind \u, or -1. */
static long unit_at(const char *p, const char *end)
{
    long unit = 0;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        if (hex_digit(p[i]) < 0)
            return -1;
        unit = unit * 16 + hex_digit(p[i]);
    }
    return unit;
}

static char *put_point(char *to, long point)
{
    if (point < 0x80) {
        *to++ = (char)point;
    } else if (point < 0x800) {
        *to++ = (char)(0xc0 | point >> 6);
        *to++ = (char)(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        *to++ = (char)(0xe0 | point >> 12);
        *to++ = (char)(0x80 | (point >> 6 & 0x3f));
        *to++ = (char)(0x80 | (point & 0x3f));
    } else {
        *to++ = (char)(0xf0 | point >> 18);
        *to++ = (char)(0x80 | (point >> 12 & 0x3f));
        *to++ = (char)(0x80 | (point >> 6 & 0x3f));
        *to++ = (char)(0x80 | (point & 0x3f));
    }
    return to;
}

/* Resolves the escape at *from, never into more bytes than it had. False for a lone surrogate and
 * U+0000. */
static bool resolve(const char **from, const char *end, char **to)
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    long unit = unit_at(*from, end), low;
    const char *letter;

    if (unit < 0) {
        letter = end - *from < 2 ? NULL : memchr(letters, (*from)[1], sizeof(letters) - 1);
        if (letter == NULL)
            return false;
        *(*to)++ = bytes[letter - letters];
        *from += 2;
        return true;
    }
    if (unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return false;
    *from += 6;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        low = unit_at(*from, end);
        if (low < 0xdc00 || low > 0xdfff)
            return false;
        *from += 6;
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    *to = put_point(*to, unit);
    return true;
}

bool json_text(struct arena *a, struct json_value value, struct span *out)
{
    struct span inner;
    const char *from, *end;
    char *copy, *to;

    if (value.kind != JSON_STRING || value.text.n < 2)
        return false;
    inner = (struct span){value.text.p + 1, value.text.n - 2};
    if (span_find(inner, '\\') == inner.n) {
        if (!utf8_is_valid(inner))
            return false;
        *out = inner;
        return true;
    }
    copy = to = arena_new(a, inner.n + 1, 1);
    for (from = inner.p, end = from + inner.n; from < end;) {
        const char *escape = memchr(from, '\\', (size_t)(end - from));
        size_t n = (size_t)((escape == NULL ? end : escape) - from);

        memcpy(to, from, n);
        to += n;
        from += n;
        if (escape != NULL && !resolve(&from, end, &to))
            return false;
    }
    if (!utf8_is_valid((struct span){copy, (size_t)(to - copy)}))
        return false;
    *out = (struct span){copy, (size_t)(to - copy)};
    return true;
}
