/* A page of a listing of Okta's, as it is compared; and whom all pages have listed.
 * Each by one thread at a time. */
#ifndef ROSTER_ENGINE_LISTING_H
#define ROSTER_ENGINE_LISTING_H

#include "engine/scope_compare.h"
#include "okta/read.h"

enum { LISTING_MAX = 1000000 /* members of one listing; some 40 bytes are kept of each */ };

struct seen {
    struct arena arena;
    struct span *ids; /* allocated */
    size_t n, room;
};

/* n users of a page, from the at-th on. Texts and list in a. */
struct listed *listing_users(struct arena *a, const struct okta_result *page, size_t at, size_t n);
/* Notes the members on a page. False: there are too many. */
bool listing_note(struct seen *seen, const struct okta_result *page);
/* Frees; seen can be used again. */
void listing_forget(struct seen *seen);

#endif
