/* From names to ids, row by row. */
#include <stdlib.h>

#include "base/mem.h"
#include "model/bulk_private.h"

/* A file of many rows has few different names, and comparing them by their meaning takes time. */
enum { KNOWN = 512 };

struct resolving {
    const struct names *names;
    struct known {
        enum name_kind kind;
        struct span ref, id;
    } known[KNOWN];
    size_t n_known;
};

static bool find_known(const struct resolving *v, enum name_kind kind, struct span ref,
                       struct span *out)
{
    for (size_t i = 0; i < v->n_known; i++) {
        if (v->known[i].kind != kind || !span_eq(v->known[i].ref, ref))
            continue;
        *out = v->known[i].id;
        return true;
    }
    return false;
}

static bool resolve(struct bulk_reading *r, struct resolving *v, enum bulk_column column,
                    enum name_kind kind, struct span ref, struct span *out)
{
    const struct names *names = v->names;
    const char *word = name_kind_word(kind), *closest;

    if (find_known(v, kind, ref, out))
        return true;
    switch (names->find(names, kind, ref, out)) {
    case NAME_KNOWN:
        if (v->n_known < KNOWN)
            v->known[v->n_known++] = (struct known){kind, ref, *out};
        return true;
    case NAME_NOT_READ:
        r->bulk->has_all_names = false;
        return false;
    case NAME_AMBIGUOUS:
        bulk_fault(r, column, "several %ss are called '%s'; write the id instead", word,
                   bulk_shown(r->bulk, ref));
        return false;
    case NAME_UNKNOWN:
        break;
    }
    closest =
        r->bulk->n_faults < BULK_FAULTS ? names->closest(names, kind, ref, &r->bulk->arena) : "";
    bulk_fault(r, column, "the instance has no %s '%s'%s%s%s", word, bulk_shown(r->bulk, ref),
               closest[0] != '\0' ? "; did you mean " : "", closest, closest[0] != '\0' ? "?" : "");
    return false;
}

static int compare_spans(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Names that stand for one id count once. */
static void resolve_security_profiles(struct bulk_reading *r, struct resolving *v)
{
    struct span *ids = arena_new(&r->bulk->arena, r->e->n_security_profile_ids, sizeof(*ids));
    size_t n = 0, n_unique = 0;

    for (size_t i = 0; i < r->e->n_security_profile_ids; i++)
        if (resolve(r, v, BULK_SECURITY_PROFILES, NAME_SECURITY_PROFILE,
                    r->e->security_profile_ids[i], &ids[n]))
            n++;
        else
            return;
    if (n > 1)
        qsort(ids, n, sizeof(*ids), compare_spans);
    for (size_t i = 0; i < n; i++)
        if (n_unique == 0 || !span_eq(ids[n_unique - 1], ids[i]))
            ids[n_unique++] = ids[i];
    r->e->security_profile_ids = ids;
    r->e->n_security_profile_ids = n_unique;
}

void bulk_resolve(struct bulk *b, const struct names *names)
{
    struct resolving *v = mem_new(1, sizeof(*v));

    v->names = names;
    b->has_all_names = true;
    for (size_t i = 0; i < b->n; i++) {
        struct bulk_reading r = {.bulk = b, .line = b->rows[i].line, .e = &b->rows[i].wanted};
        struct span id;

        resolve_security_profiles(&r, v);
        if (r.e->routing_profile_id.n > 0 &&
            resolve(&r, v, BULK_ROUTING_PROFILE, NAME_ROUTING_PROFILE, r.e->routing_profile_id,
                    &id))
            r.e->routing_profile_id = id;
        if (r.e->hierarchy_group_id.n > 0 &&
            resolve(&r, v,
                    b->titles[BULK_AGENT_HIERARCHY].p != NULL ? BULK_AGENT_HIERARCHY
                                                              : BULK_USER_HIERARCHY,
                    NAME_HIERARCHY_GROUP, r.e->hierarchy_group_id, &id))
            r.e->hierarchy_group_id = id;
    }
    bulk_sort_faults(b);
    free(v);
}
