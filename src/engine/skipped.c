#include "engine/skipped.h"

#include "base/log.h"

void log_if_skipped(const struct event *event)
{
    if (event->skip_reason == NULL)
        return;
    log_info("event skipped", LOG_SPAN("uuid", event->uuid), LOG_SPAN("type", event->type),
             LOG_STR("reason", event->skip_reason),
             LOG_SPAN("detail", event->skip_detail.n > 0 ? event->skip_detail : (struct span){0}));
}
