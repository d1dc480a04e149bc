#include "model/guard.h"

static bool percentage_of(double percent, int64_t managed, int64_t *out)
{
    if (percent < 0)
        return false;
    *out = (int64_t)(percent * (double)managed / 100.0);
    return true;
}

int64_t guard_allowed(const struct guard_bound *bound, int64_t managed)
{
    int64_t most = INT64_MAX, part;

    if (bound->count >= 0)
        most = bound->count;
    if (percentage_of(bound->percent, managed, &part) && part < most)
        most = part;
    return most < bound->always ? bound->always : most;
}

struct guard_verdict guard_judge(const char *setting, const struct guard_ask *ask, struct arena *a)
{
    int64_t most = guard_allowed(&ask->bound, ask->managed);

    if (ask->is_held)
        return (struct guard_verdict){
            false, arena_printf(a,
                                "an earlier set is held by [Connect] %s and waits for `roster "
                                "release` or `roster reject`; until then nothing more passes",
                                setting)};
    if (ask->waiting <= most && ask->passed <= most - ask->waiting)
        return (struct guard_verdict){.passes = true};
    return (struct guard_verdict){
        false,
        arena_printf(a,
                     "%lld at once, and %lld in the hour before, are more than the %lld that "
                     "[Connect] %s allows with %lld agents; look at them with `roster held`, "
                     "then say `roster release` or `roster reject`",
                     (long long)ask->waiting, (long long)ask->passed, (long long)most, setting,
                     (long long)ask->managed)};
}
