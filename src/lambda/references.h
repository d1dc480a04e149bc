/* Settings that are references to secrets (aws/reference.h), fetched, and fetched again when they
 * are old, so that a rotation needs no new deployment. Of the hook's secret the version before the
 * current one counts as well. On the loop only. */
#ifndef ROSTER_LAMBDA_REFERENCES_H
#define ROSTER_LAMBDA_REFERENCES_H

#include <stdint.h>

#include "base/err.h"
#include "net/http_client.h"
#include "net/loop.h"

enum { REFERENCES_KEPT_MS = 5 * 60 * 1000 };

struct references;

/* environment ends with NULL, and must outlive it. */
struct references *references_new(struct loop *loop, struct http_client *client,
                                  const char *const *environment);
/* NULL is fine. */
void references_free(struct references *r);

/* Reads the configuration's text (of ROSTER_CONFIG, or of the usual file) and fetches everything.
 * done is called once, later. ERR_NONE: references_environment gives the new values; else it gives
 * what it gave before. A fetch that is under way is gone on with, and its first done is not
 * called. */
void references_fetch(struct references *r,
                      void (*done)(void *arg, enum err err, const struct fail *fail), void *arg);
/* Nobody waits for it any more. */
void references_forget(struct references *r);
/* The environment with values in the places of references, for struct settings_sources; borrowed
 * until the next fetch ends. The one that was given, before the first fetch. */
const char *const *references_environment(const struct references *r);
/* How old the values are at that time (clock_wall_ms): INT64_MAX before the first fetch, 0 when
 * there are no references. */
int64_t references_age_ms(const struct references *r, int64_t now_ms);

#endif
