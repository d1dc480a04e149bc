/* Scanning without building: the receiver must judge every delivery before it can say 200, and
 * needs six members of an event that may have hundreds. Runs of string bytes and of blanks are
 * passed eight at a time in a machine word. */
#include "text/json.h"

#include <string.h>

#include "text/json_bytes.h"

struct scanner {
    const char *p, *end;
    const char *expected; /* what should have stood at p */
    unsigned depth, max_depth;
    uint64_t is_object[JSON_DEPTH_MAX / 64]; /* one bit a level: object or array */
    struct json_marks *marks;                /* NULL = not wanted */
    size_t mark[JSON_DEPTH_MAX];             /* of the container open at that level, or NO_MARK */
};

#define NO_MARK SIZE_MAX

/* Each scan_… returns false with s->p at the offence and s->expected set. */

static bool expected(struct scanner *s, const char *what)
{
    s->expected = what;
    return false;
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

/* A container begins at p, one level below s->depth. */
static inline void mark_begin(struct scanner *s, const char *p)
{
    struct json_marks *m = s->marks;

    if (m == NULL)
        return;
    s->mark[s->depth] = NO_MARK;
    if (m->n < m->room) {
        s->mark[s->depth] = m->n;
        m->p[m->n++] = (struct json_mark){p, NULL};
    }
}

/* It ends before s->p. A small one gives its place up; those inside it were smaller and have. */
static inline void mark_end(struct scanner *s)
{
    size_t i = s->marks == NULL ? NO_MARK : s->mark[s->depth];

    if (i == NO_MARK)
        return;
    s->marks->p[i].behind = s->p;
    if (s->p - s->marks->p[i].begin < MARK_LEAST)
        s->marks->n = i;
}

/* Opens a container; *is_open stays false when it is empty and closed again at once. */
static inline bool scan_open(struct scanner *s, bool is_object, bool *is_open)
{
    uint64_t bit = 1ULL << (s->depth % 64);

    if (s->depth >= s->max_depth)
        return expected(s, "less nesting");
    mark_begin(s, s->p);
    s->p = skip_blanks(s->p + 1, s->end);
    if (s->p < s->end && *s->p == (is_object ? '}' : ']')) {
        s->p++;
        mark_end(s);
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
        mark_end(s);
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

static enum err scan(struct span text, unsigned max_depth, struct json_marks *marks,
                     struct json_value *out, struct fail *fail)
{
    struct scanner s;
    const char *begin, *behind;

    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "no JSON: nothing was given");
    s.p = begin = skip_blanks(text.p, text.p + text.n);
    s.end = text.p + text.n;
    s.depth = 0;
    memset(s.is_object, 0, sizeof(s.is_object));
    s.marks = marks;
    s.max_depth = max_depth < JSON_DEPTH_MAX ? max_depth : JSON_DEPTH_MAX;
    if (!scan_document(&s))
        goto refused;
    behind = s.p;
    s.p = skip_blanks(s.p, s.end);
    s.expected = "nothing behind the value";
    if (s.p != s.end)
        goto refused;
    *out = (struct json_value){kind_of(*begin), {begin, (size_t)(behind - begin)}, marks};
    return ERR_NONE;
refused:
    return fail_set(fail, ERR_INPUT, "no JSON: %s expected at byte %zu", s.expected,
                    (size_t)(s.p - text.p));
}

enum err json_scan(struct span text, unsigned max_depth, struct json_value *out, struct fail *fail)
{
    return scan(text, max_depth, NULL, out, fail);
}

enum err json_scan_marked(struct arena *a, struct span text, unsigned max_depth,
                          struct json_value *out, struct fail *fail)
{
    struct json_marks *marks = arena_new(a, 1, sizeof(*marks));

    /* More than that many can only come of deep nesting; those that find no room are just read
     * again. */
    marks->room = text.n / MARK_LEAST + 1;
    marks->p = arena_new(a, marks->room, sizeof(*marks->p));
    return scan(text, max_depth, marks, out, fail);
}
