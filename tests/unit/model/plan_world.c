#include "plan_world.h"

#include <string.h>

/* xorshift64 by George Marsaglia: the same run for the same seed, everywhere. */
uint64_t world_seed;

unsigned world_any_of(unsigned n)
{
    world_seed ^= world_seed << 13;
    world_seed ^= world_seed >> 7;
    world_seed ^= world_seed << 17;
    return (unsigned)(world_seed >> 33) % n;
}

bool world_one_in(unsigned n)
{
    return world_any_of(n) == 0;
}

/* ---- what can be wanted and had ---- */

static const struct span profile_lists[] = {{"sp-1", 4}, {"sp-2", 4}, {"sp-3", 4}},
                         parked_profile[] = {{"sp-parked", 9}};
const struct entitlement world_parked = {.security_profile_ids = parked_profile,
                                         .n_security_profile_ids = 1,
                                         .routing_profile_id = {"rp-parked", 9}};
static const char *const texts[] = {"", "a", "b"};

static struct span any_text(void)
{
    return span_of(texts[world_any_of(3)]);
}

static void any_phone(struct phone *phone)
{
    static const int64_t works[] = {CHANNEL_UNSET, 0, 30};

    *phone = (struct phone){.persistent_connection = CHANNEL_UNSET,
                            .has_desk_phone = world_one_in(2),
                            .is_per_channel = world_one_in(3)};
    phone->desk_number = phone->has_desk_phone ? span_of(texts[1 + world_any_of(2)]) : SPAN("");
    for (size_t i = 0; i < CHANNELS; i++) {
        bool is_set = i == 0 || phone->is_per_channel;

        phone->auto_accept[i] = is_set ? (int64_t)world_any_of(3) - 1 : CHANNEL_UNSET;
        phone->after_contact_work_s[i] = is_set ? works[world_any_of(3)] : CHANNEL_UNSET;
    }
}

struct entitlement world_wanted(struct arena *a, const char *user_name)
{
    static const char *const keys[] = {"a", "b", "c"};
    struct entitlement e = {.user_name = span_of(user_name),
                            .first_name = span_of(texts[1 + world_any_of(2)]),
                            .last_name = span_of(texts[1 + world_any_of(2)]),
                            .email = any_text(),
                            .secondary_email = SPAN(""),
                            .mobile = SPAN(""),
                            .routing_profile_id = span_of(texts[1 + world_any_of(2)]),
                            .hierarchy_group_id = any_text()};
    size_t first = world_any_of(3);
    struct tag *tags = arena_new(a, 5, sizeof(*tags));
    struct proficiency *list = arena_new(a, 4, sizeof(*list));

    e.security_profile_ids = profile_lists + first;
    e.n_security_profile_ids = 1 + world_any_of((unsigned)(3 - first));
    any_phone(&e.phone);
    for (size_t i = 0; i < 3; i++)
        if (world_one_in(2))
            tags[e.n_tags++] = (struct tag){span_of(keys[i]), any_text()};
    tags[e.n_tags++] = (struct tag){SPAN(TAG_MANAGED_BY), SPAN(US)};
    tags[e.n_tags++] = (struct tag){SPAN(TAG_OKTA_ID), SPAN(JANE)};
    for (size_t i = 0; i < 4; i++)
        if (world_one_in(3))
            list[e.n_proficiencies++] = (struct proficiency){
                span_of(keys[i / 2]), span_of(keys[i % 2]), 1 + (double)world_any_of(3)};
    e.tags = tags;
    e.proficiencies = list;
    return e;
}

/* What an agent of hers has: what was applied, and what others gave. */
static struct entitlement with_foreign(struct arena *a, const struct entitlement *applied)
{
    struct entitlement has = *applied;
    struct tag *tags = arena_new(a, has.n_tags + 1, sizeof(*tags));
    struct proficiency *list = arena_new(a, has.n_proficiencies + 1, sizeof(*list));

    memcpy(tags, has.tags, has.n_tags * sizeof(*tags));
    tags[has.n_tags++] = (struct tag){SPAN("x-foreign"), SPAN("stays")};
    if (has.n_proficiencies > 0)
        memcpy(list, has.proficiencies, has.n_proficiencies * sizeof(*list));
    list[has.n_proficiencies++] = (struct proficiency){SPAN("x"), SPAN("foreign"), 5};
    has.tags = tags;
    has.proficiencies = list;
    return has;
}

struct sim_agent *world_agent(struct sim *s, const char *user_name)
{
    struct sim_agent *agent = &s->agents[s->n_agents++];
    struct entitlement *kept, applied = world_wanted(&s->arena, user_name);

    if (world_one_in(4)) { /* parked, or half so */
        entitlement_take_aspect(&applied, &world_parked, ASPECT_SECURITY_PROFILES);
        if (world_one_in(2))
            entitlement_take_aspect(&applied, &world_parked, ASPECT_ROUTING_PROFILE);
    }
    applied.secondary_email = SPAN("second@acme.com");
    *agent = (struct sim_agent){.exists = true,
                                .is_on_contact = world_one_in(4),
                                .id = span_of(arena_printf(&s->arena, "agent-%zu", s->n_agents)),
                                .user_name = span_of(user_name),
                                .has = with_foreign(&s->arena, &applied),
                                .n_quick_connects = 1};
    kept = arena_new(&s->arena, 1, sizeof(*kept));
    *kept = applied;
    s->applied = kept;
    return agent;
}

/* ---- how many calls the difference needs, counted apart from the planner ---- */

bool world_has_tag(const struct entitlement *e, const struct tag *tag, bool by_value)
{
    for (size_t i = 0; i < e->n_tags; i++)
        if (span_eq(e->tags[i].key, tag->key))
            return !by_value || span_eq(e->tags[i].value, tag->value);
    return false;
}

const struct proficiency *world_has_proficiency(const struct entitlement *e,
                                                const struct proficiency *p)
{
    for (size_t i = 0; i < e->n_proficiencies; i++)
        if (span_eq(e->proficiencies[i].attribute, p->attribute) &&
            span_eq(e->proficiencies[i].value, p->value))
            return &e->proficiencies[i];
    return NULL;
}

bool world_phone_differs(const struct phone *wanted, const struct phone *had)
{
    if (wanted->has_desk_phone != had->has_desk_phone ||
        (wanted->has_desk_phone && !span_eq(wanted->desk_number, had->desk_number)))
        return true;
    for (size_t i = 0; i < CHANNELS; i++) {
        int64_t accept = sim_channel(wanted, wanted->auto_accept, i);
        int64_t work = sim_channel(wanted, wanted->after_contact_work_s, i);

        if ((accept != CHANNEL_UNSET && accept != sim_channel(had, had->auto_accept, i)) ||
            (work != CHANNEL_UNSET && work != sim_channel(had, had->after_contact_work_s, i)))
            return true;
    }
    return false;
}

bool world_same_profiles(const struct entitlement *a, const struct entitlement *b)
{
    if (a->n_security_profile_ids != b->n_security_profile_ids)
        return false;
    for (size_t i = 0; i < a->n_security_profile_ids; i++)
        if (!span_eq(a->security_profile_ids[i], b->security_profile_ids[i]))
            return false;
    return true;
}

unsigned world_calls_needed(const struct entitlement *wanted, const struct entitlement *had)
{
    bool puts = false, takes = false, adds = false, changes = false, removes = false;

    for (size_t i = 0; i < wanted->n_tags; i++)
        puts |= !world_has_tag(had, &wanted->tags[i], true);
    for (size_t i = 0; i < had->n_tags; i++)
        takes |= !world_has_tag(wanted, &had->tags[i], false);
    for (size_t i = 0; i < wanted->n_proficiencies; i++) {
        const struct proficiency *p = &wanted->proficiencies[i], *q = world_has_proficiency(had, p);

        adds |= q == NULL;
        changes |= q != NULL && (q->level < p->level || q->level > p->level);
    }
    for (size_t i = 0; i < had->n_proficiencies; i++)
        removes |= world_has_proficiency(wanted, &had->proficiencies[i]) == NULL;
    return (unsigned)!world_same_profiles(wanted, had) +
           !span_eq(wanted->routing_profile_id, had->routing_profile_id) +
           !span_eq(wanted->hierarchy_group_id, had->hierarchy_group_id) +
           (!span_eq(wanted->first_name, had->first_name) ||
            !span_eq(wanted->last_name, had->last_name) ||
            (wanted->email.n > 0 && !span_eq(wanted->email, had->email))) +
           world_phone_differs(&wanted->phone, &had->phone) + puts + takes + adds + changes +
           removes;
}
