#include "model/entitlement.h"

#include "text/json.h"

const char *channel_name(enum channel channel)
{
    static const char *const names[CHANNELS] = {"VOICE", "CHAT", "TASK", "EMAIL"};

    return (unsigned)channel < CHANNELS ? names[channel] : "";
}

const char *aspect_name(enum aspect aspect)
{
    static const char *const names[ASPECTS] = {
        "identity", "security_profiles", "routing_profile", "hierarchy", "phone",
        "tags",     "proficiencies",
    };

    return (unsigned)aspect < ASPECTS ? names[aspect] : "";
}

/* ---- comparing: lists are sorted, so equal sets are equal lists ---- */

static bool spans_eq(const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
    if (n_a != n_b)
        return false;
    for (size_t i = 0; i < n_a; i++)
        if (!span_eq(a[i], b[i]))
            return false;
    return true;
}

static bool tags_eq(const struct entitlement *a, const struct entitlement *b)
{
    if (a->n_tags != b->n_tags)
        return false;
    for (size_t i = 0; i < a->n_tags; i++)
        if (!span_eq(a->tags[i].key, b->tags[i].key) ||
            !span_eq(a->tags[i].value, b->tags[i].value))
            return false;
    return true;
}

static bool proficiencies_eq(const struct entitlement *a, const struct entitlement *b)
{
    if (a->n_proficiencies != b->n_proficiencies)
        return false;
    for (size_t i = 0; i < a->n_proficiencies; i++) {
        const struct proficiency *p = &a->proficiencies[i], *q = &b->proficiencies[i];

        if (!span_eq(p->attribute, q->attribute) || !span_eq(p->value, q->value) ||
            p->level < q->level || p->level > q->level)
            return false;
    }
    return true;
}

/* A value for all channels is the same as that value for each. */
static bool channels_eq(const struct phone *a, const int64_t of_a[static CHANNELS],
                        const struct phone *b, const int64_t of_b[static CHANNELS])
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (of_a[a->is_per_channel ? i : 0] != of_b[b->is_per_channel ? i : 0])
            return false;
    return true;
}

static bool phones_eq(const struct phone *a, const struct phone *b)
{
    return a->has_desk_phone == b->has_desk_phone && span_eq(a->desk_number, b->desk_number) &&
           a->persistent_connection == b->persistent_connection &&
           channels_eq(a, a->auto_accept, b, b->auto_accept) &&
           channels_eq(a, a->after_contact_work_s, b, b->after_contact_work_s);
}

bool entitlement_aspect_eq(const struct entitlement *a, const struct entitlement *b,
                           enum aspect aspect)
{
    switch (aspect) {
    case ASPECT_IDENTITY:
        return span_eq(a->first_name, b->first_name) && span_eq(a->last_name, b->last_name) &&
               span_eq(a->email, b->email) && span_eq(a->secondary_email, b->secondary_email) &&
               span_eq(a->mobile, b->mobile);
    case ASPECT_SECURITY_PROFILES:
        return spans_eq(a->security_profile_ids, a->n_security_profile_ids, b->security_profile_ids,
                        b->n_security_profile_ids);
    case ASPECT_ROUTING_PROFILE:
        return span_eq(a->routing_profile_id, b->routing_profile_id);
    case ASPECT_HIERARCHY:
        return span_eq(a->hierarchy_group_id, b->hierarchy_group_id);
    case ASPECT_PHONE:
        return phones_eq(&a->phone, &b->phone);
    case ASPECT_TAGS:
        return tags_eq(a, b);
    case ASPECT_PROFICIENCIES:
        return proficiencies_eq(a, b);
    case ASPECTS:
        break;
    }
    return true;
}

unsigned entitlement_diff(const struct entitlement *wanted, const struct entitlement *actual)
{
    unsigned bits = 0;

    for (int i = 0; i < ASPECTS; i++)
        if (!entitlement_aspect_eq(wanted, actual, (enum aspect)i))
            bits |= 1U << i;
    return bits;
}

/* ---- copying ---- */

void entitlement_take_aspect(struct entitlement *to, const struct entitlement *from,
                             enum aspect aspect)
{
    switch (aspect) {
    case ASPECT_IDENTITY:
        to->first_name = from->first_name;
        to->last_name = from->last_name;
        to->email = from->email;
        to->secondary_email = from->secondary_email;
        to->mobile = from->mobile;
        break;
    case ASPECT_SECURITY_PROFILES:
        to->security_profile_ids = from->security_profile_ids;
        to->n_security_profile_ids = from->n_security_profile_ids;
        break;
    case ASPECT_ROUTING_PROFILE:
        to->routing_profile_id = from->routing_profile_id;
        break;
    case ASPECT_HIERARCHY:
        to->hierarchy_group_id = from->hierarchy_group_id;
        break;
    case ASPECT_PHONE:
        to->phone = from->phone;
        break;
    case ASPECT_TAGS:
        to->tags = from->tags;
        to->n_tags = from->n_tags;
        break;
    case ASPECT_PROFICIENCIES:
        to->proficiencies = from->proficiencies;
        to->n_proficiencies = from->n_proficiencies;
        break;
    case ASPECTS:
        break;
    }
}

struct entitlement entitlement_copy(struct arena *a, const struct entitlement *e)
{
    struct entitlement copy = *e;
    struct span *const texts[] = {&copy.user_name,          &copy.first_name,
                                  &copy.last_name,          &copy.email,
                                  &copy.secondary_email,    &copy.mobile,
                                  &copy.routing_profile_id, &copy.hierarchy_group_id,
                                  &copy.phone.desk_number};
    struct span *ids = arena_new(a, e->n_security_profile_ids, sizeof(*ids));
    struct tag *tags = arena_new(a, e->n_tags, sizeof(*tags));
    struct proficiency *proficiencies = arena_new(a, e->n_proficiencies, sizeof(*proficiencies));

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = arena_span(a, *texts[i]);
    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        ids[i] = arena_span(a, e->security_profile_ids[i]);
    for (size_t i = 0; i < e->n_tags; i++)
        tags[i] = (struct tag){arena_span(a, e->tags[i].key), arena_span(a, e->tags[i].value)};
    for (size_t i = 0; i < e->n_proficiencies; i++)
        proficiencies[i] = (struct proficiency){arena_span(a, e->proficiencies[i].attribute),
                                                arena_span(a, e->proficiencies[i].value),
                                                e->proficiencies[i].level};
    copy.security_profile_ids = ids;
    copy.tags = tags;
    copy.proficiencies = proficiencies;
    return copy;
}
