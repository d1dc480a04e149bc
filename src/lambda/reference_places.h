/* Where settings are references to secrets (aws/reference.h): in which variables of the
 * environment, and at which keys of a config.ini; and the environment with their values instead.
 * Pure.
 *
 * A value of the environment stands above one of the file, so that what a reference in the file
 * stands for goes into the variable of its key. Rules ([Mapping …]) have no variables, and nothing
 * secret. */
#ifndef ROSTER_LAMBDA_REFERENCE_PLACES_H
#define ROSTER_LAMBDA_REFERENCE_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/reference.h"
#include "base/arena.h"
#include "base/secret.h"

enum { REFERENCE_PLACES_MAX = 64 };

/* The variable of the whole configuration, whose reference is read before all others. */
#define REFERENCE_PLACES_CONFIG "ROSTER_CONFIG"

struct reference_place {
    const char *variable; /* "ROSTER_OKTA_HOOK_SECRET" */
    struct reference reference;
    bool wants_previous; /* the setting has a second one, for the version before, that is not set */
    struct secret current, previous;
};

struct reference_places {
    struct arena arena; /* owns the texts */
    struct reference_place places[REFERENCE_PLACES_MAX];
    size_t n;
    bool is_too_many; /* there were more */
};

/* environment ends with NULL; text is that of the configuration file, may be empty. */
void reference_places_find(const char *const *environment, struct span text,
                           struct reference_places *out);
/* Wipes the values. */
void reference_places_done(struct reference_places *p);

/* A copy of the environment with the values in place, that ends with NULL. */
char **reference_places_environment(const char *const *environment,
                                    const struct reference_places *p);
/* Wipes and frees such a copy; NULL is fine. */
void reference_places_environment_free(char **environment);
/* The value of a variable, p == NULL when it is not there; an empty one is as good as none. */
struct span reference_places_variable(const char *const *environment, const char *name);

#endif
