#include "connect_validate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "connect_pattern.h"
#include "text/url.h"

enum { PATH_LIMIT = 256, VALUE_LIMIT = 16384 };

struct check {
    const json_t *shapes;
    struct buf path; /* "IdentityInfo.FirstName" */
    struct model_refusal *refusal;
};

__attribute__((format(printf, 3, 4))) static bool refuse(struct model_refusal *refusal,
                                                         const char *code, const char *format, ...)
{
    va_list args;

    refusal->code = code;
    va_start(args, format);
    (void)vsnprintf(refusal->message, sizeof refusal->message, format, args);
    va_end(args);
    return false;
}

#define BAD_REQUEST "InvalidRequestException"
#define BAD_PARAMETER "InvalidParameterException"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

/* ---- query ---- */

static const json_t *query_member(const json_t *input_shape, struct span name, const char **member)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(input_shape, "members"), key, value)
    {
        if (strcmp(text_of(value, "location"), "querystring") == 0 &&
            span_eq(span_of(text_of(value, "locationName")), name)) {
            *member = key;
            return value;
        }
    }
    return NULL;
}

/* A '+' that was not encoded is a blank here, as in forms: a client that sends a token as it came
 * loses it. */
static bool decode(struct buf *out, struct span text)
{
    size_t from = out->n;

    if (!url_add_decoded(out, text) || out->full)
        return false;
    for (size_t i = 0, raw = 0; raw < text.n; i++, raw += text.p[raw] == '%' ? 3 : 1)
        if (text.p[raw] == '+')
            out->p[from + i] = ' ';
    return true;
}

static json_t *query_value(const char *type, struct span text)
{
    char *end;
    long long number;

    if (strcmp(type, "integer") != 0 && strcmp(type, "long") != 0)
        return json_stringn(text.p, text.n);
    errno = 0;
    number = strtoll(text.p, &end, 10);
    if (text.n == 0 || *end != '\0' || errno != 0 || text.p[0] == '+' || text.p[0] == ' ')
        return NULL;
    return json_integer(number);
}

static bool add_query(const json_t *shapes, const json_t *shape, const char *name[2],
                      struct span text, json_t *input, struct model_refusal *refusal)
{
    const json_t *target = json_object_get(shapes, text_of(shape, "shape"));
    const char *type = text_of(target, "type");
    json_t *list, *value;

    if (strcmp(type, "list") != 0) {
        value = query_value(type, text);
        if (value == NULL)
            return refuse(refusal, BAD_PARAMETER, "%s is not a valid %s", name[1], type);
        if (json_object_get(input, name[0]) != NULL) {
            json_decref(value);
            return refuse(refusal, BAD_REQUEST, "%s is given more than once", name[1]);
        }
        return json_object_set_new(input, name[0], value) == 0;
    }
    list = json_object_get(input, name[0]);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(input, name[0], list);
    }
    value = json_stringn(text.p, text.n);
    if (value == NULL)
        return refuse(refusal, BAD_PARAMETER, "%s is not valid UTF-8", name[1]);
    return json_array_append_new(list, value) == 0;
}

bool validate_query(const json_t *shapes, const json_t *input_shape, struct span query,
                    json_t *input, struct model_refusal *refusal)
{
    struct span part;
    struct buf name, value;
    bool ok = true;

    buf_init(&name, PATH_LIMIT);
    buf_init(&value, VALUE_LIMIT);
    while (ok && query.n > 0 && span_split(&query, '&', &part)) {
        size_t equals = span_find(part, '=');
        const char *names[2] = {NULL, NULL};
        const json_t *member;

        buf_clear(&name);
        buf_clear(&value);
        if (!decode(&name, span_n(part.p, equals)) ||
            (equals < part.n &&
             !decode(&value, span_n(part.p + equals + 1, part.n - equals - 1)))) {
            ok = refuse(refusal, BAD_REQUEST, "the query string is not well encoded");
            continue;
        }
        names[1] = name.p;
        member = query_member(input_shape, buf_span(&name), &names[0]);
        ok = member == NULL ? refuse(refusal, BAD_REQUEST, "unknown query parameter '%s'", name.p)
                            : add_query(shapes, member, names, buf_span(&value), input, refusal);
    }
    buf_done(&name);
    buf_done(&value);
    return ok;
}

/* ---- body ---- */

static bool has_body_members(const struct model_operation *op)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(op->input, "members"), key, value)
    {
        if (json_object_get(value, "location") == NULL)
            return true;
    }
    return false;
}

bool validate_body(const struct model_operation *op, struct span body, json_t *input,
                   struct model_refusal *refusal)
{
    json_error_t error;
    json_t *root, *value;
    const char *key;
    bool ok = true;

    if (!has_body_members(op))
        return body.n == 0 || refuse(refusal, BAD_REQUEST, "%s takes no body", op->name);
    if (body.n == 0)
        return true;
    root = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        json_decref(root);
        return refuse(refusal, BAD_REQUEST, "the body is not a JSON object: %s",
                      root == NULL ? error.text : "another type");
    }
    json_object_foreach(root, key, value)
    {
        const json_t *member = json_object_get(json_object_get(op->input, "members"), key);

        if (member == NULL || json_object_get(member, "location") != NULL) {
            ok = refuse(refusal, BAD_REQUEST, "%s takes no body member '%s'", op->name, key);
            break;
        }
        if (!json_is_null(value))
            json_object_set(input, key, value);
    }
    json_decref(root);
    return ok;
}

/* ---- shapes ---- */

static bool check_value(struct check *c, const char *shape_name, json_t *value);

static bool check_step(struct check *c, const char *shape_name, json_t *value, const char *step)
{
    size_t n = c->path.n;
    bool ok;

    buf_printf(&c->path, "%s%s", n == 0 || *step == '[' ? "" : ".", step);
    ok = check_value(c, shape_name, value);
    c->path.n = n;
    c->path.p[n] = '\0';
    return ok;
}

static bool check_bounds(struct check *c, const json_t *shape, double n, const char *what)
{
    const json_t *min = json_object_get(shape, "min"), *max = json_object_get(shape, "max");

    if (min != NULL && n < json_number_value(min))
        return refuse(c->refusal, BAD_PARAMETER, "%s: %s must be at least %g", c->path.p, what,
                      json_number_value(min));
    if (max != NULL && n > json_number_value(max))
        return refuse(c->refusal, BAD_PARAMETER, "%s: %s must be at most %g", c->path.p, what,
                      json_number_value(max));
    return true;
}

static bool check_string(struct check *c, const char *shape_name, const json_t *shape,
                         const json_t *value)
{
    struct span text = span_n(json_string_value(value), json_string_length(value));
    const json_t *choices = json_object_get(shape, "enum");
    bool is_sensitive = json_is_true(json_object_get(shape, "sensitive"));
    size_t i;
    json_t *choice;

    if (!check_bounds(c, shape, (double)utf8_length(text), "length"))
        return false;
    if (!pattern_fits(shape_name, text))
        return refuse(c->refusal, BAD_PARAMETER, "%s: '%s' does not satisfy the pattern %s",
                      c->path.p, is_sensitive ? "***" : json_string_value(value),
                      text_of(shape, "pattern"));
    if (choices == NULL)
        return true;
    json_array_foreach(choices, i, choice)
    {
        if (json_equal(choice, value))
            return true;
    }
    return refuse(c->refusal, BAD_PARAMETER, "%s: '%s' is none of the values allowed", c->path.p,
                  json_string_value(value));
}

static bool check_structure(struct check *c, const json_t *shape, json_t *value)
{
    const json_t *members = json_object_get(shape, "members");
    const char *key;
    json_t *item;
    void *next;
    size_t i;

    json_object_foreach_safe(value, next, key, item)
    {
        const json_t *member = json_object_get(members, key);

        if (json_is_null(item)) {
            json_object_del(value, key);
            continue;
        }
        if (member == NULL)
            return refuse(c->refusal, BAD_REQUEST, "%s%sunknown member '%s'", c->path.p,
                          c->path.n == 0 ? "" : ": ", key);
        if (!check_step(c, text_of(member, "shape"), item, key))
            return false;
    }
    json_array_foreach(json_object_get(shape, "required"), i, item)
    {
        if (json_object_get(value, json_string_value(item)) == NULL)
            return refuse(c->refusal, BAD_REQUEST, "%s%smissing required member '%s'", c->path.p,
                          c->path.n == 0 ? "" : ": ", json_string_value(item));
    }
    return true;
}

static bool check_list(struct check *c, const json_t *shape, json_t *value)
{
    const char *of = text_of(json_object_get(shape, "member"), "shape");
    size_t i;
    json_t *item;

    if (!check_bounds(c, shape, (double)json_array_size(value), "the number of items"))
        return false;
    json_array_foreach(value, i, item)
    {
        char step[32];

        snprintf(step, sizeof step, "[%zu]", i);
        if (!check_step(c, of, item, step))
            return false;
    }
    return true;
}

static bool check_map(struct check *c, const json_t *shape, json_t *value)
{
    const char *key_shape = text_of(json_object_get(shape, "key"), "shape");
    const char *value_shape = text_of(json_object_get(shape, "value"), "shape");
    const char *key;
    json_t *item;

    if (!check_bounds(c, shape, (double)json_object_size(value), "the number of entries"))
        return false;
    json_object_foreach(value, key, item)
    {
        json_t *name = json_string(key);
        bool ok = check_step(c, key_shape, name, "key") && check_step(c, value_shape, item, key);

        json_decref(name);
        if (!ok)
            return false;
    }
    return true;
}

static bool type_fits(const char *type, const json_t *value)
{
    if (strcmp(type, "string") == 0)
        return json_is_string(value);
    if (strcmp(type, "integer") == 0 || strcmp(type, "long") == 0)
        return json_is_integer(value);
    if (strcmp(type, "float") == 0 || strcmp(type, "double") == 0 || strcmp(type, "timestamp") == 0)
        return json_is_number(value);
    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    if (strcmp(type, "list") == 0)
        return json_is_array(value);
    return json_is_object(value);
}

static bool check_value(struct check *c, const char *shape_name, json_t *value)
{
    const json_t *shape = json_object_get(c->shapes, shape_name);
    const char *type = text_of(shape, "type");

    if (!type_fits(type, value))
        return refuse(c->refusal, BAD_REQUEST, "%s must be of type %s", c->path.p, type);
    if (json_is_string(value))
        return check_string(c, shape_name, shape, value);
    if (json_is_number(value))
        return check_bounds(c, shape, json_number_value(value), "the value");
    if (json_is_array(value))
        return check_list(c, shape, value);
    if (strcmp(type, "structure") == 0)
        return check_structure(c, shape, value);
    return !json_is_object(value) || check_map(c, shape, value);
}

bool validate_shape(const json_t *shapes, const char *shape_name, json_t *value,
                    struct model_refusal *refusal)
{
    struct check c = {.shapes = shapes, .refusal = refusal};
    bool ok;

    buf_init(&c.path, VALUE_LIMIT);
    ok = check_value(&c, shape_name, value);
    buf_done(&c.path);
    return ok;
}
