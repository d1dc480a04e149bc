/* "Did you mean": how far apart two names are. Pure and thread-safe. */
#ifndef ROSTER_TEXT_CLOSEST_H
#define ROSTER_TEXT_CLOSEST_H

#include <stdbool.h>

#include "base/span.h"

struct closest {
    struct span wanted;
    const char *best; /* NULL = none was close enough */
    unsigned distance;
};

void closest_init(struct closest *c, struct span wanted);
/* Compares, ignoring case; true when the candidate is the best so far: best points to it then. Of
 * equally close ones the first counts. Close are at most one slip in four letters, and one more: a
 * letter too many, missing, changed, or two that are swapped (optimal string alignment). */
bool closest_offer(struct closest *c, const char *candidate);

#endif
