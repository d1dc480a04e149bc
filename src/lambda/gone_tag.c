#include "lambda/gone_tag.h"

#include "base/buf.h"
#include "text/time.h"

enum { TEXT_MAX = 64 };
static const int64_t NS_PER_MS = 1000000;

bool gone_tag_read(const struct agent *agent, int64_t *out_ms)
{
    struct span value = agent_tag(agent, SPAN(TAG_GONE));
    int64_t ns;

    if (value.p == NULL)
        return false;
    *out_ms = time_parse(value, &ns) ? ns / NS_PER_MS : 0;
    return true;
}

struct tag gone_tag(struct arena *a, int64_t now_ms)
{
    struct tag tag = {.key = SPAN(TAG_GONE)};
    struct buf text;

    buf_init(&text, TEXT_MAX);
    time_add_ms(&text, now_ms);
    tag.value = arena_span(a, buf_span(&text));
    buf_done(&text);
    return tag;
}
