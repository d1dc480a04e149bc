#include "model/membership.h"

bool membership_replaces(const struct membership *later, const struct membership *earlier)
{
    if (later->published_ns != earlier->published_ns)
        return later->published_ns > earlier->published_ns;
    if (later->kind == MEMBERSHIP_SUSPENSION)
        return !later->is_member && earlier->is_member;
    return later->is_member && !earlier->is_member;
}
