/* Okta's rate limits, kept before they are hit: what each answer's headers say is counted down, and
 * part of every bucket is left to the org's other clients. Pure.
 * https://developer.okta.com/docs/reference/rate-limits/ (the limits themselves differ by org and
 * year, so that only the headers count). */
#ifndef ROSTER_OKTA_RATE_H
#define ROSTER_OKTA_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* Endpoints that share one limit. */
enum rate_bucket {
    RATE_USERS, /* /api/v1/users */
    RATE_USER,  /* /api/v1/users/{id} */
    RATE_USER_PARTS,
    RATE_GROUPS, /* /api/v1/groups and the members of groups */
    RATE_GROUP,  /* /api/v1/groups/{id} */
    RATE_APPS,   /* /api/v1/apps and the users of apps */
    RATE_APP,    /* /api/v1/apps/{id} */
    RATE_LOGS,
    RATE_TOKEN, /* /oauth2/v1/token */
    RATE_OTHER,
    RATE_BUCKETS /* how many */
};

enum {
    RATE_SHARE = 50, /* percent of a bucket that is used when nothing else is set */
    RATE_WAIT_MAX_MS =
        120000,           /* windows are a minute long: a reset that lies further ahead is wrong */
    RATE_WAIT_MS = 5000,  /* throttled without a reset of use, as by the limit of concurrency */
    RATE_SLACK_MS = 1000, /* resets and dates are whole seconds */
};

/* Zeroed = nothing known yet. Instants are clock_mono_ms(). */
struct rate {
    bool is_known; /* limit and remaining are of the window that ends at reset_ms */
    bool is_free;  /* answers came without limits */
    int64_t limit, remaining, reset_ms;
    int64_t closed_until_ms; /* throttled until then */
    unsigned in_flight;
};

/* What an answer says; -1 = does not say. */
struct rate_headers {
    int64_t limit, remaining;
    int64_t reset_s; /* seconds since 1970, by Okta's clock */
    int64_t date_ms; /* milliseconds since 1970, by Okta's clock: the Date header, else our own */
    bool is_throttled;
};

/* By the path of a request, with or without a query. */
enum rate_bucket rate_bucket_of(struct span path);
/* A number of a header, or -1. */
int64_t rate_number(struct span text);
/* Milliseconds until a request may be sent, 0 = now; -1 = when a request that is under way has been
 * answered. share is the percentage of the limit that may be used, 1 to 100; one request a window
 * may always be sent. */
int64_t rate_wait(struct rate *r, unsigned share, int64_t now_ms);
void rate_sent(struct rate *r);
/* The request was answered, or came to nothing (h == NULL). */
void rate_answered(struct rate *r, const struct rate_headers *h, int64_t now_ms);

#endif
