#include "connect_model.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "connect_validate.h"
#include "text/url.h"

extern const unsigned char connect_model_json[];
extern const size_t connect_model_json_size;

struct model {
    json_t *root;
    const json_t *shapes;
    size_t n;
    struct model_operation *operations;
};

static size_t split_path(struct span path, struct span segments[static MODEL_SEGMENTS])
{
    size_t n = 0;
    struct span part;

    if (path.n < 2 || path.p[0] != '/')
        return 0;
    path = span_n(path.p + 1, path.n - 1);
    while (span_split(&path, '/', &part)) {
        if (n == MODEL_SEGMENTS)
            return 0;
        segments[n++] = part;
    }
    return n;
}

static void operation_read(struct model *model, struct model_operation *op, const char *name,
                           const json_t *from)
{
    const json_t *http = json_object_get(from, "http");

    op->name = name;
    op->method = json_string_value(json_object_get(http, "method"));
    op->n_segments =
        split_path(span_of(json_string_value(json_object_get(http, "requestUri"))), op->segments);
    op->input_name = json_string_value(json_object_get(json_object_get(from, "input"), "shape"));
    op->input = json_object_get(model->shapes, op->input_name);
    op->has_output = json_object_get(from, "output") != NULL;
    op->result_key = json_string_value(json_object_get(
        json_object_get(json_object_get(json_object_get(model->root, "x-extract"), "pagination"),
                        name),
        "result_key"));
    assert(op->method != NULL && op->n_segments > 0 && op->input != NULL);
}

struct model *model_new(void)
{
    struct model *model = mem_new(1, sizeof *model);
    const json_t *operations;
    const char *name;
    json_t *value;

    model->root = json_loadb((const char *)connect_model_json, connect_model_json_size, 0, NULL);
    assert(model->root != NULL);
    model->shapes = json_object_get(model->root, "shapes");
    operations = json_object_get(model->root, "operations");
    model->operations = mem_new(json_object_size(operations), sizeof *model->operations);
    json_object_foreach((json_t *)(uintptr_t)operations, name, value)
    {
        model->operations[model->n].index = model->n;
        operation_read(model, &model->operations[model->n++], name, value);
    }
    return model;
}

void model_free(struct model *model)
{
    if (model == NULL)
        return;
    json_decref(model->root);
    free(model->operations);
    free(model);
}

size_t model_count(const struct model *model)
{
    return model->n;
}

const struct model_operation *model_at(const struct model *model, size_t i)
{
    assert(i < model->n);
    return &model->operations[i];
}

const struct model_operation *model_find(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->n; i++)
        if (strcmp(model->operations[i].name, name) == 0)
            return &model->operations[i];
    return NULL;
}

static bool is_parameter(struct span segment)
{
    return segment.n > 2 && segment.p[0] == '{';
}

static bool fits(const struct model_operation *op, const struct span *segments, size_t n)
{
    if (n != op->n_segments)
        return false;
    for (size_t i = 0; i < n; i++)
        if (is_parameter(op->segments[i]) ? segments[i].n == 0
                                          : !span_eq(op->segments[i], segments[i]))
            return false;
    return true;
}

/* Every URI member of the extract bears its location's name. */
static bool read_uri(const struct model_operation *op, const struct span *segments, json_t *uri)
{
    struct buf text;
    bool ok = true;

    buf_init(&text, 8192);
    for (size_t i = 0; i < op->n_segments && ok; i++) {
        if (!is_parameter(op->segments[i]))
            continue;
        buf_clear(&text);
        ok = url_add_decoded(&text, segments[i]) && !text.full;
        if (ok) {
            json_t *value = json_stringn(text.p, text.n);

            ok = value != NULL && json_object_setn_new(uri, op->segments[i].p + 1,
                                                       op->segments[i].n - 2, value) == 0;
        }
    }
    buf_done(&text);
    return ok;
}

const struct model_operation *model_route(const struct model *model, struct span method,
                                          struct span path, json_t **uri)
{
    struct span segments[MODEL_SEGMENTS];
    size_t n = split_path(path, segments);

    for (size_t i = 0; i < model->n; i++) {
        const struct model_operation *op = &model->operations[i];

        if (!span_eq(method, span_of(op->method)) || !fits(op, segments, n))
            continue;
        *uri = json_object();
        if (read_uri(op, segments, *uri))
            return op;
        json_decref(*uri);
        *uri = NULL;
        return NULL;
    }
    return NULL;
}

bool model_input(const struct model *model, const struct model_operation *op, struct span query,
                 struct span body, json_t *input, struct model_refusal *refusal)
{
    return validate_query(model->shapes, op->input, query, input, refusal) &&
           validate_body(op, body, input, refusal) &&
           validate_shape(model->shapes, op->input_name, input, refusal);
}

int model_status(const struct model *model, const char *exception)
{
    const json_t *error = json_object_get(json_object_get(model->shapes, exception), "error");

    return (int)json_integer_value(json_object_get(error, "httpStatusCode"));
}
