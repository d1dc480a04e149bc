/* Is a listing plausible as the whole of an application or a group? One that has lost more people
 * than its own history makes likely was cut short, or was read by somebody who may not see all of
 * it. Pure. */
#ifndef ROSTER_MODEL_PLAUSIBLE_H
#define ROSTER_MODEL_PLAUSIBLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"

enum {
    PLAUSIBLE_SIZES = 16,
    PLAUSIBLE_FEW = 3,      /* so many may always be missing, as long as somebody is left */
    PLAUSIBLE_PERCENT = 10, /* or so many of a hundred */
    PLAUSIBLE_PERCENT_MOST =
        25 /* or double of what it ever lost at once, but never more than this */
};

/* How large it was, the newest first. */
struct plausible {
    int64_t sizes[PLAUSIBLE_SIZES];
    size_t n;
};

/* As it is kept: "120,118,97". What cannot be read is left out. */
void plausible_parse(struct span text, struct plausible *out);
void plausible_add(struct buf *out, const struct plausible *p);
void plausible_push(struct plausible *p, int64_t size);
/* known: members by what is known so far; shown: by the listing. NULL = plausible, else why not,
 * for people, in a. */
char *plausible_fault(const struct plausible *p, int64_t known, int64_t shown, struct arena *a);

#endif
