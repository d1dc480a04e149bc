/* One request to Okta on its way through api.c: what it is, and what an answer makes of it. For
 * api.c only, on the loop. */
#ifndef ROSTER_OKTA_CALL_H
#define ROSTER_OKTA_CALL_H

#include "okta/api.h"
#include "okta/rate.h"

struct call_list {
    struct okta_call *first, *last;
};

struct okta_call {
    struct okta_api *api;
    struct call_list *list; /* the one it is in */
    struct okta_call *prev, *next;

    char *method, *url, *body;
    size_t n_body, answer_limit;
    struct span path; /* in url */
    bool is_get, is_lean;
    long total_ms;
    void (*done)(void *arg, const struct okta_answer *answer);
    void *arg;

    enum rate_bucket bucket;
    struct http_call *http; /* while under way */
    unsigned token_number;
    unsigned failures, throttles;
    bool is_renewed, is_challenged; /* sent again after a 401, or for a nonce */
    int64_t due_ms;                 /* clock_mono_ms(); in the list of delayed calls */
};

void call_list_add(struct call_list *list, struct okta_call *call);
void call_list_add_first(struct call_list *list, struct okta_call *call);
/* Into a list that is sorted by due_ms. */
void call_list_add_due(struct call_list *list, struct okta_call *call);
/* Out of the list that it is in. */
void call_list_remove(struct okta_call *call);

/* origin_n: the length of the origin that url begins with. */
struct okta_call *call_new(const struct okta_ask *ask, char *url, size_t origin_n);
void call_free(struct okta_call *call);

/* What to do with a call now that there is an answer. */
enum call_fate {
    CALL_DONE,
    CALL_AGAIN,   /* at once, or when its rate limit allows */
    CALL_LATER,   /* when due_ms has come */
    CALL_REJECTED /* 401: again when the token can be renewed */
};
/* Judges the answer. With CALL_DONE *out is what to hand out, fail being its failure's. */
enum call_fate call_judge(struct okta_call *call, const struct http_answer *answer,
                          int64_t backoff_ms, bool is_api_token, bool is_new_nonce,
                          struct okta_answer *out, struct fail *fail);
/* The rate limit headers of an answer. skew_ms: Okta's clock less ours, where it tells no date. */
struct rate_headers call_rate_headers(const struct http_answer *answer, int64_t skew_ms);

#endif
