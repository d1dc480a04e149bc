/* Housekeeping: what the store needs besides events and steps: who is due again because the
 * configuration changed, old events pruned, a trial write. On the loop only. */
#ifndef ROSTER_ENGINE_HOUSEKEEPING_H
#define ROSTER_ENGINE_HOUSEKEEPING_H

#include <stdbool.h>

#include "base/err.h"
#include "config/settings.h"
#include "engine/handback.h"
#include "engine/judge.h"
#include "net/loop.h"

struct housekeeping;

struct housekeeping *housekeeping_new(struct loop *loop, struct handback *handback,
                                      const struct settings *settings, const struct judge *judge);
/* Called when the clock went back, and whoever was due by the former one is due now. */
void housekeeping_on_hurried(struct housekeeping *h, void (*hurried)(void *arg), void *arg);
/* Notes who runs; when the rules or the instance are others than those of the last run, judges
 * everybody anew (failed and held people become due, but for held removals; who falls out of scope
 * by that is held; agents of another instance are nobody's); and prunes soon and every hour.
 * ERR_BUSY when the store takes no work. */
enum err housekeeping_start(struct housekeeping *h, struct fail *fail) WARN_UNUSED;
void housekeeping_stop(struct housekeeping *h);
/* After the committer has stopped. NULL is fine. */
void housekeeping_free(struct housekeeping *h);
/* Writes a note and tells what came of it: NULL when that worked. Only one trial at a time. */
void housekeeping_probe(struct housekeeping *h, void (*done)(void *arg, const struct fail *fail),
                        void *arg);

#endif
