/* GET /metrics in Prometheus' text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). On the loop only. */
#ifndef ROSTER_SERVE_METRICS_H
#define ROSTER_SERVE_METRICS_H

#include <stdint.h>

#include "base/buf.h"
#include "engine/engine.h"

enum { METRICS_LIMIT = 1024 * 1024 };

struct metrics_http {
    uint64_t by_class[6]; /* answers 1xx … 5xx at their hundred */
    uint64_t events_new, events_repeated;
};

void metrics_add(struct buf *out, struct engine *engine, const struct metrics_http *http,
                 int64_t started_ms);

#endif
