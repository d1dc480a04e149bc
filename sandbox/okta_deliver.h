/* Deliveries of event hooks: events that happen close together share one, each has three seconds
 * and one more attempt after a timeout or a 5xx, and then it is gone for good. On demand they are
 * late, lost, doubled and out of order. */
#ifndef SANDBOX_OKTA_DELIVER_H
#define SANDBOX_OKTA_DELIVER_H

#include <jansson.h>

#include "net/http_client.h"
#include "okta_text.h"

struct okta_side;
struct okta_hook;
struct okta_batch;
struct okta_delivery;

enum { OKTA_HOOK_MS = 3000, OKTA_POST_HEADERS = 32 };

struct okta_deliveries {
    int64_t delay_ms;  /* from the batch's end to its sending */
    int64_t jitter_ms; /* at random, on top */
    int64_t batch_ms;  /* how long the first event waits for others */
    int64_t retry_ms;
    size_t batch_max;
    double loss, duplicate, reorder; /* of the deliveries, 0 to 1 */
    int64_t reorder_ms;              /* how much later, at most */
    size_t parallel;                 /* requests at a time */
    bool is_paused;
    uint64_t random;
    uint64_t n_made;
    size_t n_flying, n_waiting;
    struct okta_delivery *first, *last; /* all there were, oldest first */
    struct okta_delivery *ready, *last_ready;
    size_t n_kept;
};

void okta_deliveries_init(struct okta_side *side);
void okta_deliveries_done(struct okta_side *side);
/* {"delay_ms", "jitter_ms", "batch_ms", "batch_max", "retry_ms", "loss", "duplicate", "reorder",
 * "reorder_ms", "parallel", "paused", "seed"}, each optional. */
enum err okta_deliveries_set(struct okta_side *side, const json_t *from,
                             struct fail *fail) WARN_UNUSED;
/* An event has happened: it goes to each hook that asked for its type. */
void okta_deliveries_offer(struct okta_side *side, const json_t *event);
/* Sends body as it is to the hook now, past loss and delay; done may be NULL. */
void okta_deliveries_send(struct okta_side *side, const struct okta_hook *hook, struct span body,
                          void (*done)(void *arg, const json_t *delivery), void *arg);
/* Everything that waits goes out now. */
void okta_deliveries_flush(struct okta_side *side);
/* {"waiting", "flying", "deliveries": […]} */
json_t *okta_deliveries_show(struct okta_side *side);
void okta_deliveries_forget(struct okta_side *side);
void okta_batch_free(struct okta_batch *batch);

/* The headers of a request to a hook; values are borrowed from it. */
struct okta_post {
    struct http_header headers[OKTA_POST_HEADERS];
    size_t n;
};

void okta_post_init(struct okta_post *post, const struct okta_hook *hook);
void okta_post_header(struct okta_post *post, const char *name, const char *value);

#endif
