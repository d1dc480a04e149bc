/* The searches in Okta by which those are found whom rules take in by attributes alone. Pure.
 * https://developer.okta.com/docs/reference/core-okta-api/#filter */
#ifndef ROSTER_ENGINE_ATTRIBUTE_SEARCH_H
#define ROSTER_ENGINE_ATTRIBUTE_SEARCH_H

#include "base/arena.h"
#include "model/rules.h"

/* One expression for each value of the first attribute test of each rule that tests nothing but
 * attributes: they find all whom the rules take in, and others, since Okta's search ignores case
 * and knows no patterns. */
struct span *attribute_searches(const struct rules *rules, struct arena *a, size_t *n);

#endif
