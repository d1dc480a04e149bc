/* Finds things by a text that they hold themselves: 16 bytes an entry, constant time. */
#ifndef SANDBOX_OKTA_INDEX_H
#define SANDBOX_OKTA_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct okta_index {
    struct okta_slot {
        void *item; /* NULL: free */
        uint32_t hash;
    } * slots;
    size_t n, room;
};

void okta_index_done(struct okta_index *index);
/* The key's ASCII case does not count in the hash; whether it counts is up to `is`. */
void okta_index_add(struct okta_index *index, struct span key, void *item);
/* key as it was when the item was added; nothing happens when it is not there. */
void okta_index_remove(struct okta_index *index, struct span key, const void *item);
void *okta_index_find(const struct okta_index *index, struct span key,
                      bool (*is)(const void *item, struct span key));

#endif
