/* Does a request conform to the service model that the sandbox plays? Method, path, query, members
 * of the body with their types, required ones, enumerations and lengths. */
#ifndef ROSTER_TESTS_CONNECT_SERVICE_MODEL_H
#define ROSTER_TESTS_CONNECT_SERVICE_MODEL_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "connect/request.h"
#include "text/json.h"

struct service_model {
    struct json *root;
    char why[256]; /* it does not conform */
};

static inline const struct json *model_shape(const struct service_model *m, struct span name)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "shapes.%.*s", SPAN_ARG(name));
    return json_get(m->root, path);
}

static inline bool model_refuse(struct service_model *m, const char *where, const char *what)
{
    (void)snprintf(m->why, sizeof(m->why), "%s: %s", where, what);
    return false;
}

static inline bool model_in_bounds(const struct json *shape, double n)
{
    return n >= json_double(shape, "min", -1e300) && n <= json_double(shape, "max", 1e300);
}

static inline bool model_fits(struct service_model *m, struct span shape_name,
                              const struct json *value, const char *where);

static inline bool model_has_required(struct service_model *m, const struct json *shape,
                                      const struct json *value)
{
    for (size_t i = 0; i < json_count(shape, "required"); i++) {
        struct span name = json_str(json_item(shape, "required", i), "");
        char path[160], key[128];

        (void)snprintf(path, sizeof(path), "members.%.*s.location", SPAN_ARG(name));
        (void)snprintf(key, sizeof(key), "%.*s", SPAN_ARG(name));
        if (json_get(shape, path) == NULL && json_get(value, key) == NULL)
            return model_refuse(m, key, "is required");
    }
    return true;
}

static inline bool model_structure(struct service_model *m, const struct json *shape,
                                   const struct json *value, const char *where)
{
    const struct json *member_value;
    void *state = NULL;
    const char *key;

    if (!json_is_object(value))
        return model_refuse(m, where, "is no object");
    while (json_each(value, &state, &key, &member_value)) {
        const struct json *member;
        char path[160];

        (void)snprintf(path, sizeof(path), "members.%s", key);
        member = json_get(shape, path);
        if (member == NULL || json_get(member, "location") != NULL)
            return model_refuse(m, key, "is no member of the body");
        if (!model_fits(m, json_str(member, "shape"), member_value, key))
            return false;
    }
    return model_has_required(m, shape, value);
}

static inline bool model_list(struct service_model *m, const struct json *shape,
                              const struct json *value, const char *where)
{
    size_t n = json_count(value, "");

    if (!json_is_array(value) || !model_in_bounds(shape, (double)n))
        return model_refuse(m, where, "is no list, or one of another length");
    for (size_t i = 0; i < n; i++)
        if (!model_fits(m, json_str(shape, "member.shape"), json_item(value, "", i), where))
            return false;
    return true;
}

static inline bool model_map(struct service_model *m, const struct json *shape,
                             const struct json *value, const char *where)
{
    const struct json *item;
    void *state = NULL;
    const char *key;
    size_t n = 0;

    for (; json_each(value, &state, &key, &item); n++)
        if (!model_fits(m, json_str(shape, "value.shape"), item, where))
            return false;
    if (!json_is_object(value) || !model_in_bounds(shape, (double)n))
        return model_refuse(m, where, "is no map, or one of another size");
    return true;
}

static inline bool model_string(struct service_model *m, const struct json *shape,
                                const struct json *value, const char *where)
{
    struct span text = json_str(value, "");
    size_t n_words = json_count(shape, "enum");
    bool is_word = n_words == 0;

    for (size_t i = 0; i < n_words; i++)
        is_word |= span_eq(json_str(json_item(shape, "enum", i), ""), text);
    if (text.p == NULL || !is_word || !model_in_bounds(shape, (double)utf8_length(text)))
        return model_refuse(m, where, "is no such text");
    return true;
}

static inline bool model_fits(struct service_model *m, struct span shape_name,
                              const struct json *value, const char *where)
{
    const struct json *shape = model_shape(m, shape_name);
    struct span type = json_str(shape, "type");
    double number;

    if (span_eq(type, SPAN("structure")))
        return model_structure(m, shape, value, where);
    if (span_eq(type, SPAN("list")))
        return model_list(m, shape, value, where);
    if (span_eq(type, SPAN("map")))
        return model_map(m, shape, value, where);
    if (span_eq(type, SPAN("string")))
        return model_string(m, shape, value, where);
    if (span_eq(type, SPAN("boolean")))
        return json_bool(value, "", true) == json_bool(value, "", false) ||
               model_refuse(m, where, "is neither true nor false");
    number = json_double(value, "", NAN);
    if (isnan(number) || !model_in_bounds(shape, number) ||
        (!span_eq(type, SPAN("float")) && !span_eq(type, SPAN("double")) && floor(number) < number))
        return model_refuse(m, where, "is no such number");
    return true;
}

/* "{Name}" stands for one segment, percent-encoded. */
static inline bool model_path(struct span wanted, struct span path)
{
    struct span part, given;

    while (span_split(&wanted, '/', &part)) {
        if (!span_split(&path, '/', &given))
            return false;
        if (!span_starts(part, SPAN("{")) ? !span_eq(part, given) : given.n == 0)
            return false;
        for (size_t i = 0; i < given.n; i++)
            if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%",
                       given.p[i]) == NULL)
                return false;
    }
    return path.p == NULL;
}

static inline bool model_query(struct service_model *m, const struct json *input, struct span query)
{
    struct span pair;

    while (query.n > 0 && span_split(&query, '&', &pair)) {
        struct span name = {pair.p, span_find(pair, '=')};
        const struct json *member;
        bool is_known = false;
        void *state = NULL;
        const char *key;

        while (json_each(json_get(input, "members"), &state, &key, &member))
            is_known |= span_eq(json_str(member, "location"), SPAN("querystring")) &&
                        span_eq(json_str(member, "locationName"), name);
        if (!is_known || name.n == pair.n)
            return model_refuse(m, "query", "has an unknown member");
    }
    return true;
}

static inline bool model_conforms(struct service_model *m, const char *operation,
                                  const struct request *r)
{
    char path[128];
    const struct json *op, *input;
    struct json *body = NULL;
    struct fail fail;
    bool conforms;

    (void)snprintf(path, sizeof(path), "operations.%s", operation);
    op = json_get(m->root, path);
    input = model_shape(m, json_str(op, "input.shape"));
    m->why[0] = '\0';
    if (op == NULL || !span_eq(json_str(op, "http.method"), span_of(r->method)))
        return model_refuse(m, operation, "another method");
    if (!model_path(json_str(op, "http.requestUri"), buf_span(&r->path)))
        return model_refuse(m, operation, "another path");
    if (!model_query(m, input, buf_span(&r->query)))
        return false;
    if (!r->has_body && r->body.n > 0)
        return model_refuse(m, operation, "a body where there is none");
    if (json_parse(r->has_body ? buf_span(&r->body) : SPAN("{}"), &body, &fail) != ERR_NONE)
        return model_refuse(m, operation, fail.text);
    conforms = model_structure(m, input, body, operation);
    json_free(body);
    return conforms;
}

static inline int model_load(struct service_model *m, const char *file)
{
    struct buf text;
    struct fail fail;
    enum err err;

    buf_init(&text, 1024 * 1024);
    err = fs_read(file, &text, &fail);
    if (err == ERR_NONE)
        err = json_parse(buf_span(&text), &m->root, &fail);
    buf_done(&text);
    return err == ERR_NONE ? 0 : -1;
}

#endif
