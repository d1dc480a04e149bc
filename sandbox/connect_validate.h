/* Checks a request's members against the service model. */
#ifndef SANDBOX_CONNECT_VALIDATE_H
#define SANDBOX_CONNECT_VALIDATE_H

#include "connect_model.h"

/* Adds the query's members to input; unknown ones and repeated single ones are refused. */
bool validate_query(const json_t *shapes, const json_t *input_shape, struct span query,
                    json_t *input, struct model_refusal *refusal);
/* Adds the members of the JSON body to input; nulls count as absent. A member that belongs to URI
 * or query is refused. */
bool validate_body(const struct model_operation *op, struct span body, json_t *input,
                   struct model_refusal *refusal);
/* Members unknown, missing, of another type, out of their bounds, out of their enumeration or
 * pattern. */
bool validate_shape(const json_t *shapes, const char *shape_name, json_t *value,
                    struct model_refusal *refusal);

#endif
