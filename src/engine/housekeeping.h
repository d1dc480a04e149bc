/* Housekeeping: what the store needs besides events and steps: who is due again because the
 * configuration changed, old events pruned, a trial write. On the loop only. */
#ifndef ROSTER_ENGINE_HOUSEKEEPING_H
#define ROSTER_ENGINE_HOUSEKEEPING_H

#include <stdbool.h>

#include "base/err.h"
#include "config/settings.h"
#include "engine/handback.h"
#include "model/rules.h"
#include "net/loop.h"

struct housekeeping;

struct housekeeping *housekeeping_new(struct loop *loop, struct handback *handback,
                                      const struct settings *settings, const struct rules *rules);
/* Notes who runs, compares the rules with those of the last run (failed and held people become due
 * when they differ), and prunes now and every hour. ERR_BUSY when the store takes no work. */
enum err housekeeping_start(struct housekeeping *h, struct fail *fail) WARN_UNUSED;
void housekeeping_stop(struct housekeeping *h);
/* After the committer has stopped. NULL is fine. */
void housekeeping_free(struct housekeeping *h);
/* Writes a note and tells whether that worked; trials at the same time share one write. */
void housekeeping_probe(struct housekeeping *h, void (*done)(void *arg, bool works), void *arg);

#endif
