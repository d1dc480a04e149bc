/* Finds in Okta what the rules call by name: applications by their label, groups by their name. On
 * the loop only. */
#ifndef ROSTER_ENGINE_NAME_SEARCH_H
#define ROSTER_ENGINE_NAME_SEARCH_H

#include <stddef.h>

#include "engine/judge.h"
#include "okta/api.h"

struct name_search;

struct name_search_options {
    struct okta_api *api;
    const struct judge *judge;
    /* One of that name was found: from now on the name means it. */
    void (*found)(void *arg, enum name_kind kind, struct span name, struct span id);
    /* A person should hear of it: "unknown_name", "ambiguous_name". Once for each name. */
    void (*told)(void *arg, const char *code, const char *text);
    /* All that was not known has been looked for (fail NULL), or that could not be done. */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct name_search *name_search_new(const struct name_search_options *options);
/* Looks for the names that are not known; done is called once, later or at once. One search at a
 * time. */
void name_search_begin(struct name_search *s);
/* The search under way is given up: done is not called. */
void name_search_cancel(struct name_search *s);
/* NULL is fine. */
void name_search_free(struct name_search *s);
/* Did the last search leave names for which there is nothing? */
bool name_search_has_unknown(const struct name_search *s);
/* What bears a name that several bear: all of them count, as the rules compare names. */
struct name_found {
    enum name_kind kind;
    struct span id;
};
const struct name_found *name_search_shared(const struct name_search *s, size_t *n);

#endif
