#include "engine/rules_digest.h"

#include <inttypes.h>

#include "base/buf.h"

enum { TEXT_LIMIT = 8 * 1024 * 1024 /* a config.ini has at most 1 MiB */ };

void rules_digest(const struct settings *settings, char out[static SHA256_HEX + 1])
{
    struct buf b;

    buf_init(&b, TEXT_LIMIT);
    settings_add_rules_text(settings, &b);
    sha256_hex(buf_span(&b), out);
    out[SHA256_HEX] = '\0';
    buf_done(&b);
}

static void add_bound(struct buf *b, const struct guard_bound *bound)
{
    buf_printf(b, "\n%" PRId64 " %g %" PRId64, bound->count, bound->percent, bound->always);
}

void plan_digest(const struct settings *settings, char out[static SHA256_HEX + 1])
{
    struct buf b;

    buf_init(&b, TEXT_LIMIT);
    settings_add_rules_text(settings, &b);
    add_bound(&b, &settings->max_removals);
    add_bound(&b, &settings->max_changes);
    buf_printf(&b, "\n%" PRId64, settings->max_agents);
    sha256_hex(buf_span(&b), out);
    out[SHA256_HEX] = '\0';
    buf_done(&b);
}
