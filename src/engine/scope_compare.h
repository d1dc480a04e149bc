/* What a listing of Okta's means for the store: who differs is to be looked at; nobody is ever
 * removed by a listing. Inside the store's transaction, on the committer's thread. */
#ifndef ROSTER_ENGINE_SCOPE_COMPARE_H
#define ROSTER_ENGINE_SCOPE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/container_state.h"
#include "engine/judge.h"
#include "store/store.h"

/* One user of a listing. */
struct listed {
    struct span id, status, login, profile;
    struct span app_user_name; /* of a listing of an application's users; else empty */
    bool has_user;             /* the four above are known, but for the last */
    bool is_member;
};

struct comparison {
    const struct judge *judge;
    bool is_by_attribute;       /* a search for whom the rules take in by attributes alone */
    struct container container; /* else: of the listing */
    bool is_only_app;           /* the application's user names are the ones that count */
    int64_t began_ns;           /* of the listing, by Okta's clock */
    int64_t now_ms;
    struct span cause;
};

/* Asks for looks at those of a page who differ from the store. *out_asked counts them. */
enum err scope_compare_page(const struct comparison *c, struct store *store, struct arena *a,
                            const struct listed *users, size_t n, int64_t *out_asked,
                            struct fail *fail) WARN_UNUSED;

struct comparison_end {
    int64_t known;   /* to the store as members */
    int64_t missing; /* of those, not in the listing */
    int64_t asked;   /* looks at them; 0 when the listing was empty, which proves nothing */
};
/* The listing has ended without a failure: `seen` are those of all its pages who are members, in
 * any order. Asks for looks at the members who are missing in it. Sorts seen. */
enum err scope_compare_end(const struct comparison *c, struct store *store, struct arena *a,
                           struct span *seen, size_t n_seen, struct comparison_end *out,
                           struct fail *fail) WARN_UNUSED;
/* The container is gone: asks for looks at all who were in it. */
enum err scope_compare_gone(const struct comparison *c, struct store *store, struct arena *a,
                            struct comparison_end *out, struct fail *fail) WARN_UNUSED;

#endif
