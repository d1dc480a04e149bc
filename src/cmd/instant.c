#include "cmd/instant.h"

#include <stdio.h>

#include "text/time.h"

enum { NS_PER_MS = 1000000, DAY_TEXT = 10 };

bool instant_parse(struct span text, int64_t now_ms, int64_t *out_ms)
{
    char day[32];
    int64_t value;

    if (time_parse_duration(text, &value)) {
        *out_ms = now_ms - value;
        return true;
    }
    if (text.n == DAY_TEXT) {
        (void)snprintf(day, sizeof(day), "%.*sT00:00:00Z", SPAN_ARG(text));
        text = span_of(day);
    }
    if (!time_parse(text, &value))
        return false;
    *out_ms = value / NS_PER_MS;
    return true;
}
