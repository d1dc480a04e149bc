#include "okta_filter.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "text/time.h"

enum { DEEPEST = 64, TEXT = 65536 };

enum kind { COMPARE, AND, OR, NOT };

struct okta_filter {
    enum kind kind;
    const struct okta_filter *left, *right;
    const char *attribute;
    enum okta_compare compare;
    const char *text; /* the value: a string, or NULL */
    double number;    /* else */
    bool is_number, is_true, is_false;
};

struct reader {
    struct arena *a;
    const char *p;
    bool (*allows)(const char *attribute, enum okta_compare compare);
    unsigned depth;
};

static const char *const operators[] = {"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"};

static void skip(struct reader *r)
{
    while (*r->p == ' ')
        r->p++;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || strchr("_.-:$", c) != NULL;
}

/* The word that comes next, "" for none. */
static const char *word(struct reader *r)
{
    const char *from;

    skip(r);
    from = r->p;
    while (*r->p != '\0' && is_name(*r->p))
        r->p++;
    return arena_dup(r->a, span_n(from, (size_t)(r->p - from)));
}

static bool take(struct reader *r, const char *wanted)
{
    const char *before = r->p;

    if (span_eq_nocase(span_of(word(r)), span_of(wanted)))
        return true;
    r->p = before;
    return false;
}

static bool read_string(struct reader *r, struct okta_filter *out)
{
    struct buf text;

    buf_init(&text, TEXT);
    for (r->p++; *r->p != '"' && *r->p != '\0'; r->p++) {
        if (*r->p == '\\' && r->p[1] != '\0')
            r->p++;
        buf_add_char(&text, *r->p);
    }
    out->text = arena_dup(r->a, buf_span(&text));
    buf_done(&text);
    if (*r->p != '"')
        return false;
    r->p++;
    return true;
}

static bool read_value(struct reader *r, struct okta_filter *out)
{
    char *end;

    skip(r);
    if (*r->p == '"')
        return read_string(r, out);
    if (take(r, "true"))
        return out->is_true = true;
    if (take(r, "false"))
        return out->is_false = true;
    out->number = strtod(r->p, &end);
    if (end == r->p)
        return false;
    r->p = end;
    return out->is_number = true;
}

static const struct okta_filter *read_or(struct reader *r);

static const struct okta_filter *read_compare(struct reader *r)
{
    struct okta_filter *out = arena_new(r->a, 1, sizeof *out);
    const char *name;
    size_t i = 0;

    out->attribute = word(r);
    name = word(r);
    while (i <= OKTA_PR && !span_eq_nocase(span_of(operators[i]), span_of(name)))
        i++;
    if (*out->attribute == '\0' || i > OKTA_PR)
        return NULL;
    out->compare = (enum okta_compare)i;
    if (out->compare != OKTA_PR && !read_value(r, out))
        return NULL;
    return r->allows(out->attribute, out->compare) ? out : NULL;
}

static const struct okta_filter *read_brackets(struct reader *r)
{
    const struct okta_filter *inner;

    skip(r);
    if (*r->p != '(' || ++r->depth > DEEPEST)
        return NULL;
    r->p++;
    inner = read_or(r);
    skip(r);
    if (*r->p != ')')
        return NULL;
    r->p++;
    return inner;
}

static const struct okta_filter *read_one(struct reader *r)
{
    struct okta_filter *out;

    skip(r);
    if (*r->p == '(')
        return read_brackets(r);
    if (!take(r, "not"))
        return read_compare(r);
    out = arena_new(r->a, 1, sizeof *out);
    out->kind = NOT;
    out->left = read_brackets(r);
    return out->left == NULL ? NULL : out;
}

static const struct okta_filter *read_chain(struct reader *r, enum kind kind)
{
    const struct okta_filter *left = kind == OR ? read_chain(r, AND) : read_one(r);

    while (left != NULL && take(r, kind == OR ? "or" : "and")) {
        struct okta_filter *both = arena_new(r->a, 1, sizeof *both);

        both->kind = kind;
        both->left = left;
        both->right = kind == OR ? read_chain(r, AND) : read_one(r);
        left = both->right == NULL ? NULL : both;
    }
    return left;
}

static const struct okta_filter *read_or(struct reader *r)
{
    return read_chain(r, OR);
}

const struct okta_filter *okta_filter_read(struct arena *a, const char *text,
                                           bool (*allows)(const char *attribute,
                                                          enum okta_compare compare))
{
    struct reader r = {.a = a, .p = text, .allows = allows};
    const struct okta_filter *filter = read_or(&r);

    skip(&r);
    return *r.p == '\0' ? filter : NULL;
}

/* ---- fitting ---- */

static int sign(double x)
{
    return x < 0 ? -1 : x > 0;
}

static int order_nocase(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;

    for (size_t i = 0; i < n; i++) {
        int x = tolower((unsigned char)a.p[i]), y = tolower((unsigned char)b.p[i]);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

/* Times are compared as instants, other texts without regard to ASCII case. */
static int order_of(struct span value, struct span wanted)
{
    int64_t x, y;

    if (time_parse(value, &x) && time_parse(wanted, &y))
        return x < y ? -1 : x > y;
    return order_nocase(value, wanted);
}

static bool has_part(struct span value, struct span wanted, enum okta_compare compare)
{
    size_t from = compare == OKTA_EW && value.n >= wanted.n ? value.n - wanted.n : 0;
    size_t last = compare == OKTA_SW ? 0 : value.n >= wanted.n ? value.n - wanted.n : 0;

    if (value.n < wanted.n)
        return false;
    for (size_t i = from; i <= last; i++)
        if (span_eq_nocase(span_n(value.p + i, wanted.n), wanted))
            return true;
    return false;
}

static bool fits_order(enum okta_compare compare, int order)
{
    switch (compare) {
    case OKTA_EQ:
        return order == 0;
    case OKTA_NE:
        return order != 0;
    case OKTA_GT:
        return order > 0;
    case OKTA_GE:
        return order >= 0;
    case OKTA_LT:
        return order < 0;
    case OKTA_LE:
        return order <= 0;
    case OKTA_CO:
    case OKTA_SW:
    case OKTA_EW:
    case OKTA_PR:
        break;
    }
    return false;
}

static bool fits_value(const struct okta_filter *f, const json_t *value)
{
    struct span text = span_of(json_string_value(value)), wanted = span_of(f->text);

    if (f->compare == OKTA_PR)
        return !json_is_null(value);
    if (f->is_true || f->is_false)
        return json_is_boolean(value) &&
               fits_order(f->compare, json_is_true(value) == f->is_true ? 0 : 1);
    if (f->is_number)
        return json_is_number(value) &&
               fits_order(f->compare, sign(json_number_value(value) - f->number));
    if (!json_is_string(value))
        return f->compare == OKTA_NE;
    if (f->compare == OKTA_CO || f->compare == OKTA_SW || f->compare == OKTA_EW)
        return has_part(text, wanted, f->compare);
    return fits_order(f->compare, order_of(text, wanted));
}

static bool fits_one(const struct okta_filter *f, json_t *(*get)(void *arg, const char *attribute),
                     void *arg)
{
    json_t *value = get(arg, f->attribute);
    bool fits = false;

    if (value == NULL)
        return f->compare == OKTA_NE;
    for (size_t i = 0; i < json_array_size(value) && !fits; i++)
        fits = fits_value(f, json_array_get(value, i));
    if (!json_is_array(value))
        fits = fits_value(f, value);
    json_decref(value);
    return fits;
}

bool okta_filter_fits(const struct okta_filter *filter,
                      json_t *(*get)(void *arg, const char *attribute), void *arg)
{
    switch (filter->kind) {
    case AND:
        return okta_filter_fits(filter->left, get, arg) &&
               okta_filter_fits(filter->right, get, arg);
    case OR:
        return okta_filter_fits(filter->left, get, arg) ||
               okta_filter_fits(filter->right, get, arg);
    case NOT:
        return !okta_filter_fits(filter->left, get, arg);
    case COMPARE:
        break;
    }
    return fits_one(filter, get, arg);
}

json_t *okta_filter_at(const json_t *object, const char *path)
{
    const char *dot = strchr(path, '.');
    json_t *all, *value;

    if (json_is_array(object)) {
        all = json_array();
        for (size_t i = 0; i < json_array_size(object); i++) {
            value = okta_filter_at(json_array_get(object, i), path);
            if (value != NULL && json_array_append_new(all, value) != 0)
                break;
        }
        return all;
    }
    if (dot == NULL)
        return json_incref(json_object_get(object, path));
    value = json_object_getn(object, path, (size_t)(dot - path));
    return value == NULL ? NULL : okta_filter_at(value, dot + 1);
}
