/* One pass over the bytes, after the grammar of RFC 8288 appendix B.2 but strict: its lenient
 * parsing would take a broken header for the end of a listing. */
#include "text/link.h"

#include <stdbool.h>

/* What is left of the header. */
struct reader {
    const char *p, *end;
};

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static struct span token(struct reader *r)
{
    const char *from;

    skip_blanks(r);
    from = r->p;
    while (r->p < r->end && is_token_char(*r->p))
        r->p++;
    return (struct span){from, (size_t)(r->p - from)};
}

/* A value in quotes, without them; its escapes are not resolved: no registered relation has one. */
static bool quoted(struct reader *r, struct span *out)
{
    const char *from = r->p;

    for (; r->p < r->end && *r->p != '"'; r->p++)
        if (*r->p == '\\' && ++r->p == r->end)
            return false;
    if (r->p == r->end)
        return false;
    *out = (struct span){from, (size_t)(r->p - from)};
    r->p++;
    return true;
}

static bool has_relation(struct span list, struct span relation)
{
    struct span word;

    while (span_split(&list, ' ', &word))
        if (span_eq_nocase(word, relation))
            return true;
    return false;
}

struct params {
    bool has_rel, is_wanted, has_anchor;
};

static bool param(struct reader *r, struct span relation, struct params *seen)
{
    struct span name = token(r), value = SPAN("");

    /* An empty parameter, as in "<x>; ; rel=next", is passed over (appendix B.3). */
    if (name.n == 0)
        return true;
    if (take(r, '=')) {
        if (take(r, '"')) {
            if (!quoted(r, &value))
                return false;
        } else {
            value = token(r);
            if (value.n == 0)
                return false;
        }
    }
    if (span_eq_nocase(name, SPAN("anchor")))
        seen->has_anchor = true;
    if (span_eq_nocase(name, SPAN("rel")) && !seen->has_rel) {
        seen->has_rel = true;
        seen->is_wanted = has_relation(value, relation);
    }
    return true;
}

static bool target(struct reader *r, struct span *out)
{
    const char *from;

    if (!take(r, '<'))
        return false;
    from = r->p;
    while (r->p < r->end && *r->p != '>')
        r->p++;
    if (r->p == r->end || r->p == from || r->p - from > LINK_TARGET_MAX)
        return false;
    *out = (struct span){from, (size_t)(r->p - from)};
    r->p++;
    return true;
}

enum link_found link_find(struct span header, struct span relation, struct span *out)
{
    struct reader r = {header.p, header.p + header.n};
    struct span url;

    if (header.p == NULL)
        return LINK_NONE;
    for (;;) {
        struct params seen = {0};

        /* Empty elements of a list are passed over (RFC 9110 5.6.1.2). */
        while (take(&r, ','))
            ;
        if (r.p == r.end)
            return LINK_NONE;
        if (!target(&r, &url))
            return LINK_BROKEN;
        while (take(&r, ';'))
            if (!param(&r, relation, &seen))
                return LINK_BROKEN;
        skip_blanks(&r);
        if (r.p < r.end && *r.p != ',')
            return LINK_BROKEN;
        if (seen.is_wanted && !seen.has_anchor) {
            *out = url;
            return LINK_FOUND;
        }
    }
}
