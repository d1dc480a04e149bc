/* The names that the store has pinned to ids, as a view (model/names.h): all that a command knows
 * of them without asking Amazon Connect. Ids and ARNs stand for themselves, pinned names for their
 * ids; every other name is one that has not been read. */
#ifndef ROSTER_CMD_PINNED_NAMES_H
#define ROSTER_CMD_PINNED_NAMES_H

#include "model/names.h"
#include "store/store.h"

struct pinned_names {
    struct names names; /* first: the view is its names */
    const struct pin *pins;
    size_t n;
};

/* pins are borrowed. */
struct pinned_names pinned_names(const struct pin *pins, size_t n);
/* "Claims (8765…)": the name of an id when it is known, else the id alone; in a. */
struct span pinned_names_label(const struct names *names, enum name_kind kind, struct span id,
                               struct arena *a);

#endif
