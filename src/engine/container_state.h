/* What is wrong with applications and groups that the rules name, as it was told last: kept in the
 * store, so that it is told once. On any thread, with that thread's store. */
#ifndef ROSTER_ENGINE_CONTAINER_STATE_H
#define ROSTER_ENGINE_CONTAINER_STATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/names.h"
#include "store/store.h"

/* The note: an array of {"kind": "application", "id", "name", "state": "inactive", "since_ms"}; of
 * what is well, nothing. */
#define CONTAINERS_NOTE "okta_containers"

enum container_state { CONTAINER_WELL, CONTAINER_INACTIVE, CONTAINER_DELETED };

struct container {
    enum name_kind kind;
    struct span id, name;
};

/* Inside the store's transaction. *out_before: how it was. */
enum err container_state_set(struct store *store, struct arena *a, const struct container *of,
                             enum container_state state, int64_t now_ms,
                             enum container_state *out_before, struct fail *fail) WARN_UNUSED;

#endif
