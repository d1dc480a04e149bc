/* Scanning without building: the receiver must judge every delivery before it can say 200, and
 * needs six members of an event that may have hundreds. Runs of string bytes and of blanks are
 * passed eight at a time in a machine word. */
#include "text/json.h"

#include <endian.h>
#include <string.h>

#include "base/utf8.h"

#define EVERY_BYTE(byte) (0x0101010101010101ULL * (byte))

struct scanner {
    const char *p, *end;
    const char *expected; /* what should have stood at p */
    unsigned depth, max_depth;
    uint64_t is_object[JSON_DEPTH_MAX / 64]; /* one bit a level: object or array */
};

/* ---- words ---- */

/* The high bit of each byte of word that is below limit (at most 0x80). Above the lowest such byte,
 * others may be set wrongly by the borrow: only the lowest counts. */
static inline uint64_t bytes_below(uint64_t word, unsigned char limit)
{
    return (word - EVERY_BYTE(limit)) & ~word & EVERY_BYTE(0x80);
}

static inline uint64_t bytes_equal(uint64_t word, unsigned char byte)
{
    return bytes_below(word ^ EVERY_BYTE(byte), 1);
}

static inline uint64_t word_at(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return le64toh(word);
}

static inline size_t first_of(uint64_t found)
{
    return (size_t)__builtin_ctzll(found) / 8;
}

static inline bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/* The first byte in p … end that is not simply a part of a string. */
static inline const char *skip_plain(const char *p, const char *end)
{
    while (end - p >= 8) {
        uint64_t word = word_at(p);
        uint64_t found = bytes_below(word, 0x20) | bytes_equal(word, '"') | bytes_equal(word, '\\');

        if (found != 0)
            return p + first_of(found);
        p += 8;
    }
    while (p < end && is_plain(*p))
        p++;
    return p;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p)) {
        p++;
        while (end - p >= 8 && word_at(p) == EVERY_BYTE(' '))
            p += 8;
    }
    return p;
}

/* ---- validation: each returns false with s->p at the offence and s->expected set ---- */

static bool expected(struct scanner *s, const char *what)
{
    s->expected = what;
    return false;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* s->p is at the backslash. */
static bool scan_escape(struct scanner *s)
{
    if (s->end - s->p < 2 || memchr("\"\\/bfnrtu", s->p[1], 9) == NULL)
        return expected(s, "an escape of RFC 8259");
    if (s->p[1] != 'u') {
        s->p += 2;
        return true;
    }
    if (s->end - s->p < 6)
        return expected(s, "four hexadecimal digits after \\u");
    for (size_t i = 2; i < 6; i++)
        if (hex_digit(s->p[i]) < 0)
            return expected(s, "four hexadecimal digits after \\u");
    s->p += 6;
    return true;
}

/* s->p is at the opening quote. */
static inline bool scan_string(struct scanner *s)
{
    s->p++;
    for (;;) {
        s->p = skip_plain(s->p, s->end);
        if (s->p == s->end)
            return expected(s, "the closing quote of a string");
        if (*s->p == '"') {
            s->p++;
            return true;
        }
        if (*s->p != '\\')
            return expected(s, "an escape in place of a control character");
        if (!scan_escape(s))
            return false;
    }
}

static bool scan_digits(struct scanner *s)
{
    if (s->p == s->end || !is_digit(*s->p))
        return expected(s, "a digit");
    while (s->p < s->end && is_digit(*s->p))
        s->p++;
    return true;
}

static bool scan_number(struct scanner *s)
{
    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!scan_digits(s))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!scan_digits(s))
            return false;
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        if (!scan_digits(s))
            return false;
    }
    return true;
}

static bool scan_word(struct scanner *s, const char *word, size_t n)
{
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
        return expected(s, "a value");
    s->p += n;
    return true;
}

static inline bool scan_key(struct scanner *s)
{
    s->p = skip_blanks(s->p, s->end);
    if (s->p == s->end || *s->p != '"')
        return expected(s, "a key in double quotes");
    if (!scan_string(s))
        return false;
    s->p = skip_blanks(s->p, s->end);
    if (s->p == s->end || *s->p != ':')
        return expected(s, "':'");
    s->p++;
    return true;
}

static inline bool in_object(const struct scanner *s)
{
    return (s->is_object[(s->depth - 1) / 64] >> ((s->depth - 1) % 64) & 1) != 0;
}

/* Opens a container; *is_open stays false when it is empty and closed again at once. */
static inline bool scan_open(struct scanner *s, bool is_object, bool *is_open)
{
    uint64_t bit = 1ULL << (s->depth % 64);

    if (s->depth >= s->max_depth)
        return expected(s, "less nesting");
    s->p = skip_blanks(s->p + 1, s->end);
    if (s->p < s->end && *s->p == (is_object ? '}' : ']')) {
        s->p++;
        return true;
    }
    if (is_object)
        s->is_object[s->depth / 64] |= bit;
    else
        s->is_object[s->depth / 64] &= ~bit;
    s->depth++;
    *is_open = true;
    return !is_object || scan_key(s);
}

/* One scalar, or the beginning of a container up to where its first value must stand (*is_open). */
static inline bool scan_value(struct scanner *s, bool *is_open)
{
    *is_open = false;
    s->p = skip_blanks(s->p, s->end);
    if (s->p == s->end)
        return expected(s, "a value");
    switch (*s->p) {
    case '"':
        return scan_string(s);
    case '{':
        return scan_open(s, true, is_open);
    case '[':
        return scan_open(s, false, is_open);
    case 't':
        return scan_word(s, "true", 4);
    case 'f':
        return scan_word(s, "false", 5);
    case 'n':
        return scan_word(s, "null", 4);
    default:
        if (*s->p != '-' && !is_digit(*s->p))
            return expected(s, "a value");
        return scan_number(s);
    }
}

/* Behind a value: closes what ends there and goes on to where the next value must stand
 * (*has_next). */
static inline bool scan_behind(struct scanner *s, bool *has_next)
{
    *has_next = false;
    while (s->depth > 0) {
        bool is_object = in_object(s);

        s->p = skip_blanks(s->p, s->end);
        if (s->p == s->end)
            return expected(s, is_object ? "',' or '}'" : "',' or ']'");
        if (*s->p == ',') {
            s->p++;
            *has_next = true;
            return !is_object || scan_key(s);
        }
        if (*s->p != (is_object ? '}' : ']'))
            return expected(s, is_object ? "',' or '}'" : "',' or ']'");
        s->p++;
        s->depth--;
    }
    return true;
}

static bool scan_document(struct scanner *s)
{
    bool is_open, has_next = true;

    while (has_next) {
        do {
            if (!scan_value(s, &is_open))
                return false;
        } while (is_open);
        if (!scan_behind(s, &has_next))
            return false;
    }
    return true;
}

static enum json_kind kind_of(char c)
{
    switch (c) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

enum err json_scan(struct span text, unsigned max_depth, struct json_value *out, struct fail *fail)
{
    struct scanner s;
    const char *begin, *behind;

    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "no JSON: nothing was given");
    s.p = begin = skip_blanks(text.p, text.p + text.n);
    s.end = text.p + text.n;
    s.depth = 0;
    s.max_depth = max_depth < JSON_DEPTH_MAX ? max_depth : JSON_DEPTH_MAX;
    if (!scan_document(&s))
        goto refused;
    behind = s.p;
    s.p = skip_blanks(s.p, s.end);
    s.expected = "nothing behind the value";
    if (s.p != s.end)
        goto refused;
    *out = (struct json_value){kind_of(*begin), {begin, (size_t)(behind - begin)}};
    return ERR_NONE;
refused:
    return fail_set(fail, ERR_INPUT, "no JSON: %s expected at byte %zu", s.expected,
                    (size_t)(s.p - text.p));
}

/* ---- iteration over text that json_scan has accepted; the ends are checked all the same ---- */

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

static struct json_value value_cut(struct span *rest)
{
    const char *p = rest->p, *end = rest->p + rest->n;
    enum json_kind kind = kind_of(*p);
    const char *behind;

    if (kind == JSON_STRING) {
        behind = string_end(p + 1, end);
        behind += behind < end;
    } else if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
        behind = behind_container(p, end);
    } else {
        behind = behind_scalar(p, end);
    }
    *rest = (struct span){behind, (size_t)(end - behind)};
    return (struct json_value){kind, {p, (size_t)(behind - p)}};
}

struct json_iter json_iter(struct json_value container)
{
    if ((container.kind != JSON_OBJECT && container.kind != JSON_ARRAY) || container.text.n < 2)
        return (struct json_iter){{NULL, 0}};
    /* The closing bracket goes, so that the end of the rest is the end of the container. */
    return (struct json_iter){{container.text.p + 1, container.text.n - 2}};
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
    name = value_cut(&it->rest);
    if (!iter_advance(it))
        return false;
    *key = (struct span){name.text.p + 1, name.text.n - 2};
    *value = value_cut(&it->rest);
    return true;
}

bool json_next_item(struct json_iter *it, struct json_value *value)
{
    if (!iter_advance(it))
        return false;
    *value = value_cut(&it->rest);
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
