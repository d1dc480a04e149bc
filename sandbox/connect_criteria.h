/* Conditions of searches. Texts are compared without regard to ASCII case: whether the real service
 * folds case is not documented, so a client has to look at what it gets. */
#ifndef SANDBOX_CONNECT_CRITERIA_H
#define SANDBOX_CONNECT_CRITERIA_H

#include "connect_side.h"

/* What is searched: how one thing tells its fields. NULL from text() means that the field is
 * unknown or empty. */
struct criteria {
    struct call *call;
    const char *const *fields; /* names that StringCondition knows, ended by NULL */
    const char *(*text)(const struct criteria *c, const void *thing, size_t field);
    /* For what is not text; may be NULL. */
    bool (*list)(const struct criteria *c, const void *thing, const json_t *condition);
    bool (*group)(const struct criteria *c, const void *thing, const json_t *condition);
};

/* Unknown fields, values of a wrong length for CONTAINS, too deep: false after call_fail. criteria
 * may be NULL. */
bool criteria_check(const struct criteria *c, const json_t *criteria);
/* All parts of criteria hold; true for NULL. */
bool criteria_hold(const struct criteria *c, const json_t *criteria, const void *thing);
/* A ControlPlaneTagFilter on tags; true for NULL. */
bool criteria_tags_hold(const json_t *filter, const json_t *tags);
/* A TagCondition on tags. */
bool criteria_tag_holds(const json_t *condition, const json_t *tags);
/* value compared with pattern as type (STARTS_WITH, CONTAINS, else EXACT) says. */
bool criteria_text_fits(const char *value, const char *pattern, const char *type);

#endif
