#include "lambda/doubt.h"

#include "engine/user_reading.h"

static const int64_t NS_PER_MS = 1000000, STALE_NS = 1000000000;
static const int64_t again_ms[DOUBT_TRIES] = {5 * 1000, 30 * 1000};

static bool is_recent(int64_t published_ns, int64_t now_ms)
{
    return published_ns > (now_ms - READING_RECENT_MS) * NS_PER_MS;
}

static bool is_off(const struct looked_up *found)
{
    return span_eq(found->person.status, SPAN("DEPROVISIONED")) ||
           span_eq(found->person.status, SPAN(STATUS_GONE));
}

static bool is_member_now(const struct looked_up *found, const struct membership *m)
{
    for (size_t i = 0; i < found->n_memberships; i++)
        if (found->memberships[i].kind == m->kind &&
            span_eq(found->memberships[i].container, m->container))
            return true;
    return false;
}

static bool contradicts(const struct both_sides *sides, const struct looked_up *found,
                        const struct membership *m)
{
    switch (m->kind) {
    case MEMBERSHIP_ACCOUNT:
        return m->is_member == is_off(found);
    case MEMBERSHIP_SUSPENSION:
        return !is_off(found) && m->is_member != span_eq(found->person.status, SPAN("SUSPENDED"));
    case MEMBERSHIP_APP:
    case MEMBERSHIP_GROUP:
        return !is_off(found) && !found->scope.is_unsure &&
               rules_name_container(&sides->rules, current_names_get(&sides->names), m->kind,
                                    m->container, m->name) &&
               m->is_member != is_member_now(found, m);
    }
    return false;
}

int64_t doubt_ms(const struct both_sides *sides, const struct batch_person *p,
                 const struct looked_up *found, int64_t now_ms)
{
    int64_t tries = p->n_received > 0 ? p->n_received - 1 : 0;
    bool is_doubtful = p->profile_ns != 0 && is_recent(p->profile_ns, now_ms) &&
                       found->updated_ns != 0 && found->updated_ns < p->profile_ns - STALE_NS;

    if (sides->okta == NULL || tries >= DOUBT_TRIES)
        return 0;
    for (size_t i = 0; !is_doubtful && i < p->n_memberships; i++)
        is_doubtful = is_recent(p->memberships[i].published_ns, now_ms) &&
                      contradicts(sides, found, &p->memberships[i]);
    return is_doubtful ? again_ms[tries] : 0;
}
