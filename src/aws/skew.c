#include "aws/skew.h"

#include "base/clock.h"
#include "text/time.h"

int64_t skew_now_ms(const struct skew *s)
{
    return clock_wall_ms() + s->ahead_ms;
}

static bool is_much(int64_t ms)
{
    return ms > SKEW_TOLERATED_MS || ms < -SKEW_TOLERATED_MS;
}

bool skew_learn(struct skew *s, struct span date, int64_t wall_ms)
{
    int64_t server_ms, ahead_ms;

    if (date.p == NULL || !time_parse_http(date, &server_ms))
        return false;
    ahead_ms = server_ms - wall_ms;
    if (!is_much(ahead_ms - s->ahead_ms))
        return false;
    s->ahead_ms = is_much(ahead_ms) ? ahead_ms : 0;
    return true;
}
