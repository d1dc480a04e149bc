#include "model/step.h"

#include <stdlib.h>
#include <string.h>

enum aspect step_aspect(enum step_op op)
{
    switch (op) {
    case STEP_UPDATE_IDENTITY:
        return ASPECT_IDENTITY;
    case STEP_UPDATE_SECURITY_PROFILES:
        return ASPECT_SECURITY_PROFILES;
    case STEP_UPDATE_ROUTING_PROFILE:
        return ASPECT_ROUTING_PROFILE;
    case STEP_UPDATE_HIERARCHY:
        return ASPECT_HIERARCHY;
    case STEP_UPDATE_PHONE:
    case STEP_UPDATE_CONFIG:
        return ASPECT_PHONE;
    case STEP_TAG_USER:
    case STEP_UNTAG_USER:
        return ASPECT_TAGS;
    case STEP_ASSOCIATE_PROFICIENCIES:
    case STEP_UPDATE_PROFICIENCIES:
    case STEP_DISASSOCIATE_PROFICIENCIES:
        return ASPECT_PROFICIENCIES;
    default:
        return ASPECTS;
    }
}

/* ---- tags ---- */

static const struct tag *find_tag(const struct entitlement *e, struct span key)
{
    for (size_t i = 0; e != NULL && i < e->n_tags; i++)
        if (span_eq(e->tags[i].key, key))
            return &e->tags[i];
    return NULL;
}

size_t step_tags(const struct entitlement *target, const struct entitlement *seen, struct arena *a,
                 const struct tag **out)
{
    struct tag *tags = arena_new(a, target->n_tags, sizeof(*tags));
    size_t n = 0;

    for (size_t i = 0; i < target->n_tags; i++) {
        const struct tag *had = find_tag(seen, target->tags[i].key);

        if (had == NULL || !span_eq(had->value, target->tags[i].value))
            tags[n++] = target->tags[i];
    }
    *out = tags;
    return n;
}

size_t step_untags(const struct entitlement *target, const struct entitlement *seen,
                   struct arena *a, const struct span **out)
{
    struct span *keys = arena_new(a, seen->n_tags, sizeof(*keys));
    size_t n = 0;

    for (size_t i = 0; i < seen->n_tags; i++)
        if (find_tag(target, seen->tags[i].key) == NULL)
            keys[n++] = seen->tags[i].key;
    *out = keys;
    return n;
}

static int by_key(const void *a, const void *b)
{
    return span_cmp(((const struct tag *)a)->key, ((const struct tag *)b)->key);
}

/* TagResource merges, UntagResource takes away. */
static void apply_tags(enum step_op op, struct entitlement *e, const struct entitlement *target,
                       struct arena *a)
{
    struct tag *tags = arena_new(a, e->n_tags + target->n_tags, sizeof(*tags));
    size_t n = 0;

    for (size_t i = 0; i < e->n_tags; i++) {
        const struct tag *wanted = find_tag(target, e->tags[i].key);

        if (op == STEP_UNTAG_USER && wanted == NULL)
            continue;
        tags[n++] = op == STEP_TAG_USER && wanted != NULL ? *wanted : e->tags[i];
    }
    for (size_t i = 0; op == STEP_TAG_USER && i < target->n_tags; i++)
        if (find_tag(e, target->tags[i].key) == NULL)
            tags[n++] = target->tags[i];
    qsort(tags, n, sizeof(*tags), by_key);
    e->tags = tags;
    e->n_tags = n;
}

/* ---- proficiencies ---- */

static const struct proficiency *find_proficiency(const struct entitlement *e,
                                                  const struct proficiency *p)
{
    for (size_t i = 0; i < e->n_proficiencies; i++)
        if (span_eq(e->proficiencies[i].attribute, p->attribute) &&
            span_eq(e->proficiencies[i].value, p->value))
            return &e->proficiencies[i];
    return NULL;
}

size_t step_proficiencies(enum step_op op, const struct entitlement *target,
                          const struct entitlement *seen, struct arena *a,
                          const struct proficiency **out)
{
    const struct entitlement *from = op == STEP_DISASSOCIATE_PROFICIENCIES ? seen : target,
                             *other = from == seen ? target : seen;
    struct proficiency *list = arena_new(a, from->n_proficiencies, sizeof(*list));
    size_t n = 0;

    for (size_t i = 0; i < from->n_proficiencies; i++) {
        const struct proficiency *p = &from->proficiencies[i], *there = find_proficiency(other, p);
        bool differs = there != NULL && (there->level < p->level || there->level > p->level);

        if (op == STEP_UPDATE_PROFICIENCIES ? differs : there == NULL)
            list[n++] = *p;
    }
    *out = list;
    return n;
}

static int by_attribute(const void *a, const void *b)
{
    const struct proficiency *p = a, *q = b;
    int order = span_cmp(p->attribute, q->attribute);

    return order != 0 ? order : span_cmp(p->value, q->value);
}

static void apply_proficiencies(enum step_op op, struct entitlement *e,
                                const struct entitlement *target, struct arena *a)
{
    struct proficiency *list =
        arena_new(a, e->n_proficiencies + target->n_proficiencies, sizeof(*list));
    size_t n = 0;

    for (size_t i = 0; i < e->n_proficiencies; i++) {
        const struct proficiency *wanted = find_proficiency(target, &e->proficiencies[i]);

        if (op == STEP_DISASSOCIATE_PROFICIENCIES && wanted == NULL)
            continue;
        list[n++] =
            op == STEP_UPDATE_PROFICIENCIES && wanted != NULL ? *wanted : e->proficiencies[i];
    }
    for (size_t i = 0; op == STEP_ASSOCIATE_PROFICIENCIES && i < target->n_proficiencies; i++)
        if (find_proficiency(e, &target->proficiencies[i]) == NULL)
            list[n++] = target->proficiencies[i];
    qsort(list, n, sizeof(*list), by_attribute);
    e->proficiencies = list;
    e->n_proficiencies = n;
}

/* ---- the whole ---- */

struct entitlement step_applied(enum step_op op, const struct entitlement *target,
                                const struct entitlement *seen, struct arena *a)
{
    struct entitlement e;

    if (op == STEP_CREATE_USER) { /* carries all but the proficiencies */
        e = *target;
        e.proficiencies = NULL;
        e.n_proficiencies = 0;
        return e;
    }
    e = *seen;
    if (step_aspect(op) == ASPECT_TAGS)
        apply_tags(op, &e, target, a);
    else if (step_aspect(op) == ASPECT_PROFICIENCIES)
        apply_proficiencies(op, &e, target, a);
    else
        entitlement_take_aspect(&e, target, step_aspect(op));
    return e;
}

static bool is_ours(struct span key)
{
    return span_eq(key, SPAN(TAG_MANAGED_BY)) || span_eq(key, SPAN(TAG_OKTA_ID));
}

static bool has_proficiency(const struct entitlement *e, const struct proficiency *p)
{
    return e != NULL && find_proficiency(e, p) != NULL;
}

static bool speaks_of_group(const struct entitlement *wanted, const struct entitlement *given,
                            struct span group_id)
{
    return (wanted != NULL && wanted->hierarchy_group_id.n > 0) ||
           (given != NULL && span_eq(given->hierarchy_group_id, group_id));
}

struct entitlement step_seen(const struct entitlement *found, const struct entitlement *wanted,
                             const struct entitlement *given, struct arena *a)
{
    struct entitlement e = *found;
    struct tag *tags = arena_new(a, found->n_tags, sizeof(*tags));
    struct proficiency *list = arena_new(a, found->n_proficiencies, sizeof(*list));

    e.n_tags = e.n_proficiencies = 0;
    for (size_t i = 0; i < found->n_tags; i++)
        if (is_ours(found->tags[i].key) || find_tag(wanted, found->tags[i].key) != NULL ||
            find_tag(given, found->tags[i].key) != NULL)
            tags[e.n_tags++] = found->tags[i];
    for (size_t i = 0; i < found->n_proficiencies; i++)
        if (has_proficiency(wanted, &found->proficiencies[i]) ||
            has_proficiency(given, &found->proficiencies[i]))
            list[e.n_proficiencies++] = found->proficiencies[i];
    qsort(tags, e.n_tags, sizeof(*tags), by_key);
    qsort(list, e.n_proficiencies, sizeof(*list), by_attribute);
    e.tags = tags;
    e.proficiencies = list;
    if (!speaks_of_group(wanted, given, found->hierarchy_group_id))
        e.hierarchy_group_id = SPAN("");
    return e;
}
