/* Amazon Connect's service model (an extract, embedded): which request is which operation, and
 * whether its members are what the service takes. Everything is derived from the model, nothing is
 * written per operation. */
#ifndef SANDBOX_CONNECT_MODEL_H
#define SANDBOX_CONNECT_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct model;

enum { MODEL_SEGMENTS = 6, MODEL_MESSAGE = 512 };

struct model_operation {
    const char *name, *method;
    size_t index;
    size_t n_segments;
    struct span segments[MODEL_SEGMENTS]; /* of requestUri; "{InstanceId}" is a parameter */
    const char *input_name;               /* shape */
    const json_t *input;
    bool has_output;        /* without one, a good answer has an empty body */
    const char *result_key; /* of the list that is paged, or NULL */
};

struct model_refusal {
    const char *code;
    char message[MODEL_MESSAGE];
};

struct model *model_new(void);
void model_free(struct model *model);
size_t model_count(const struct model *model);
const struct model_operation *model_at(const struct model *model, size_t i);
const struct model_operation *model_find(const struct model *model, const char *name);
/* The operation of a request, NULL for none. *uri gets a new object with the URI's members. */
const struct model_operation *model_route(const struct model *model, struct span method,
                                          struct span path, json_t **uri);
/* Adds the members of query and body to input (which holds the URI's) and checks all of them. */
bool model_input(const struct model *model, const struct model_operation *op, struct span query,
                 struct span body, json_t *input, struct model_refusal *refusal);
/* The HTTP status of an exception, 0 when the model has none of that name. */
int model_status(const struct model *model, const char *exception);

#endif
