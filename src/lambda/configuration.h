/* The settings in force in a function: the environment and the configuration's text, with the
 * values of secrets fetched, and fetched again when they are old. On the loop only. */
#ifndef ROSTER_LAMBDA_CONFIGURATION_H
#define ROSTER_LAMBDA_CONFIGURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/settings.h"
#include "net/http_client.h"
#include "net/loop.h"

enum { CONFIGURATION_AGAIN_MS = 30 * 1000 /* between two fetches for the same need */ };

struct configuration;

/* environment ends with NULL, and must outlive it. */
struct configuration *configuration_new(struct loop *loop, struct http_client *client,
                                        const char *const *environment);
/* NULL is fine. */
void configuration_free(struct configuration *c);
/* The first time: done is called once, later. ERR_INPUT: the settings have mistakes, each of which
 * was logged; fail has the first one. Otherwise a secret could not be fetched. */
void configuration_load(struct configuration *c,
                        void (*done)(void *arg, enum err err, const struct fail *fail), void *arg);

/* The settings; borrowed until the next configuration_refresh. After a load that worked. */
const struct settings *configuration_settings(const struct configuration *c);

enum configuration_need {
    CONFIGURATION_BY_AGE,   /* when the values are older than five minutes */
    CONFIGURATION_BY_DOUBT, /* somebody was refused: the secret may have been rotated. At most once
                               in CONFIGURATION_AGAIN_MS, whoever it is that is refused */
};
/* now_ms is clock_wall_ms. True: it fetches, and done is called once, later, also when it failed:
 * then the old settings stay, which is logged. False: there is no need to, or it was tried just
 * now. */
bool configuration_refresh(struct configuration *c, enum configuration_need need, int64_t now_ms,
                           void (*done)(void *arg), void *arg);
/* Nobody waits for it any more. */
void configuration_forget(struct configuration *c);

#endif
