#include "model/seen.h"

#include <stdlib.h>

#include "model/agent.h"

static bool is_tag_of(const struct entitlement *e, struct span key)
{
    for (size_t i = 0; e != NULL && i < e->n_tags; i++)
        if (span_eq(e->tags[i].key, key))
            return true;
    return false;
}

static bool is_ours(struct span key)
{
    return span_eq(key, SPAN(TAG_MANAGED_BY)) || span_eq(key, SPAN(TAG_OKTA_ID));
}

static int by_key(const void *a, const void *b)
{
    return span_cmp(((const struct tag *)a)->key, ((const struct tag *)b)->key);
}

static void keep_tags(struct entitlement *e, const struct entitlement *found,
                      const struct entitlement *applied, const struct entitlement *wanted,
                      struct arena *a)
{
    struct tag *tags = arena_new(a, found->n_tags, sizeof(*tags));

    e->n_tags = 0;
    for (size_t i = 0; i < found->n_tags; i++) {
        struct span key = found->tags[i].key;

        if (is_ours(key) || is_tag_of(wanted, key) || is_tag_of(applied, key))
            tags[e->n_tags++] = found->tags[i];
    }
    qsort(tags, e->n_tags, sizeof(*tags), by_key);
    e->tags = tags;
}

static bool is_proficiency_of(const struct entitlement *e, const struct proficiency *p)
{
    for (size_t i = 0; e != NULL && i < e->n_proficiencies; i++)
        if (span_eq(e->proficiencies[i].attribute, p->attribute) &&
            span_eq(e->proficiencies[i].value, p->value))
            return true;
    return false;
}

static int by_attribute(const void *a, const void *b)
{
    const struct proficiency *p = a, *q = b;
    int order = span_cmp(p->attribute, q->attribute);

    return order != 0 ? order : span_cmp(p->value, q->value);
}

static void keep_proficiencies(struct entitlement *e, const struct entitlement *found,
                               const struct entitlement *applied, const struct entitlement *wanted,
                               struct arena *a)
{
    struct proficiency *list = arena_new(a, found->n_proficiencies, sizeof(*list));

    e->n_proficiencies = 0;
    for (size_t i = 0; i < found->n_proficiencies; i++)
        if (is_proficiency_of(wanted, &found->proficiencies[i]) ||
            is_proficiency_of(applied, &found->proficiencies[i]))
            list[e->n_proficiencies++] = found->proficiencies[i];
    qsort(list, e->n_proficiencies, sizeof(*list), by_attribute);
    e->proficiencies = list;
}

static bool is_uniform(const int64_t values[static CHANNELS])
{
    for (size_t i = 1; i < CHANNELS; i++)
        if (values[i] != values[0])
            return false;
    return true;
}

/* The times come from elsewhere than the rest, so both are brought into the form by channel. */
static void take_hidden_phone(struct phone *phone, const struct phone *from)
{
    int64_t times[CHANNELS], accepts[CHANNELS];

    for (size_t i = 0; i < CHANNELS; i++) {
        times[i] = from->after_contact_work_s[from->is_per_channel ? i : 0];
        accepts[i] = phone->auto_accept[phone->is_per_channel ? i : 0];
    }
    phone->is_per_channel = !is_uniform(times) || !is_uniform(accepts);
    for (size_t i = 0; i < CHANNELS; i++) {
        bool has_place = i == 0 || phone->is_per_channel;

        phone->after_contact_work_s[i] = has_place ? times[i] : CHANNEL_UNSET;
        phone->auto_accept[i] = has_place ? accepts[i] : CHANNEL_UNSET;
    }
}

static void take_hidden(struct entitlement *e, const struct entitlement *from)
{
    static const struct phone nothing = {
        .after_contact_work_s = {CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET}};

    e->email = from == NULL ? SPAN("") : from->email;
    e->secondary_email = from == NULL ? SPAN("") : from->secondary_email;
    e->mobile = from == NULL ? SPAN("") : from->mobile;
    e->proficiencies = from == NULL ? NULL : from->proficiencies;
    e->n_proficiencies = from == NULL ? 0 : from->n_proficiencies;
    take_hidden_phone(&e->phone, from == NULL ? &nothing : &from->phone);
}

struct entitlement seen_merge(const struct entitlement *found, int how,
                              const struct entitlement *applied, const struct entitlement *wanted,
                              struct arena *a)
{
    struct entitlement e = *found;
    bool had_group = applied != NULL && applied->hierarchy_group_id.n > 0;
    bool wants_group = wanted != NULL && wanted->hierarchy_group_id.n > 0;

    keep_tags(&e, found, applied, wanted, a);
    if (!had_group && !wants_group)
        e.hierarchy_group_id = SPAN("");
    if (how == SEEN_LISTED)
        take_hidden(&e, applied != NULL ? applied : wanted);
    else
        keep_proficiencies(&e, found, applied, wanted, a);
    return e;
}
