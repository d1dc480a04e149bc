/* What differs between two entitlements, field by field, as people read it. Pure. */
#ifndef ROSTER_ENGINE_FIELDS_H
#define ROSTER_ENGINE_FIELDS_H

#include <stdbool.h>

#include "base/arena.h"
#include "model/entitlement.h"
#include "model/names.h"

struct field {
    const char *name;     /* "routing_profile", "tags.team", "proficiencies.language:en", … */
    struct span from, to; /* p == NULL = there is none */
    bool is_hidden;       /* no listing shows it (model/seen.h) */
};

/* Calls fn for each field that differs; before NULL = there was no agent. Ids are told by their
 * names where names knows them. Texts are in a, or borrowed. */
void fields_each(const struct entitlement *before, const struct entitlement *after,
                 const struct names *names, struct arena *a,
                 void (*fn)(void *arg, const struct field *field), void *arg);

#endif
