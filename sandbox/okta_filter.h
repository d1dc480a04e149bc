/* Filter and search expressions of Okta's API: attribute, operator and value, joined by and, or,
 * not and brackets. */
#ifndef SANDBOX_OKTA_FILTER_H
#define SANDBOX_OKTA_FILTER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"

enum okta_compare {
    OKTA_EQ,
    OKTA_NE,
    OKTA_CO,
    OKTA_SW,
    OKTA_EW,
    OKTA_GT,
    OKTA_GE,
    OKTA_LT,
    OKTA_LE,
    OKTA_PR,
};

struct okta_filter;

/* NULL when text is no expression, or allows refuses a part of it. Everything is in a. */
const struct okta_filter *okta_filter_read(struct arena *a, const char *text,
                                           bool (*allows)(const char *attribute,
                                                          enum okta_compare compare));
/* get: the attribute's value, a new reference or NULL; of a list, any may fit. */
bool okta_filter_fits(const struct okta_filter *filter,
                      json_t *(*get)(void *arg, const char *attribute), void *arg);
/* The value at a path with dots in object, through lists: a list of all there are then. A new
 * reference, or NULL. */
json_t *okta_filter_at(const json_t *object, const char *path);

#endif
