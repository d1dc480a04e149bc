/* Okta's rate limits: so many calls a minute for each bucket and each token. */
#ifndef SANDBOX_OKTA_RATES_H
#define SANDBOX_OKTA_RATES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct okta_ask;
struct okta_window;

enum { OKTA_BUCKETS = 9 };

struct okta_rates {
    unsigned limit[OKTA_BUCKETS]; /* 0: none, and no headers */
    int64_t window_ms[OKTA_BUCKETS];
    struct okta_window *windows;
};

void okta_rates_init(struct okta_rates *rates);
void okta_rates_done(struct okta_rates *rates);
/* {"bucket": "/api/v1/users" or "*", "limit", "window_s"} */
enum err okta_rates_set(struct okta_rates *rates, const json_t *from,
                        struct fail *fail) WARN_UNUSED;
json_t *okta_rates_show(const struct okta_rates *rates);
/* Counts the call and sets the headers; false after okta_fail: it is one too many. */
bool okta_rates_take(struct okta_ask *ask);
/* The headers of a 429 that a fault makes. */
void okta_rates_exceeded(struct okta_ask *ask, bool is_concurrency);

#endif
