/* Faults on demand: which calls go wrong, and how. */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* When a fault strikes: before the call is carried out, or on its answer. */
enum fault_way {
    FAULT_ANSWER,   /* not done; answered with status, code, message */
    FAULT_HTML,     /* not done; answered with an HTML page */
    FAULT_CUT,      /* not done; connection cut */
    FAULT_DONE_CUT, /* done; connection cut */
    FAULT_HALF,     /* done; a part of the answer, then the connection is cut */
    FAULT_EMPTY,    /* done; 200 without a body */
    FAULT_GARBAGE,  /* done; 200 with a body that is no JSON */
    FAULT_SLOW,     /* done; answered late */
    FAULT_HANG,     /* not done; never answered */
    /* Of lists only; done. */
    FAULT_EMPTY_PAGE, /* no item and no next page */
    FAULT_SHORT_PAGE, /* half of the items and no next page */
    FAULT_FOREIGN,    /* the next page is said to be at another host */
    /* Of batches only; the other entries are done. */
    FAULT_PARTIAL,        /* every second entry fails in passing, the first one included */
    FAULT_PARTIAL_SENDER, /* the first entry is refused for good */
};

struct fault {
    const char *name;
    enum fault_way way;
    int status;
    const char *code, *message;
};

enum { FAULT_KINDS = 32 };

struct fault_rule {
    struct fault_rule *next;
    char *operation; /* or "*" */
    double rate;
    int64_t count;    /* how many are left; -1 = no end */
    int64_t delay_ms; /* of "slow" */
    uint64_t random;
    size_t n_kinds;
    const struct fault *kinds[FAULT_KINDS];
};

struct faults {
    const struct fault *kinds; /* those that this side knows; at most FAULT_KINDS */
    size_t n_kinds;
    struct fault_rule *rules;
};

/* The fault lets the call be carried out and spoils its answer only. */
bool fault_is_late(const struct fault *fault);
void faults_done(struct faults *faults);
/* {"operation", "rate", "count", "kinds", "delay_ms", "seed"}: replaces the rule of the operation;
 * no kinds removes it. */
enum err faults_set(struct faults *faults, const json_t *from, struct fail *fail) WARN_UNUSED;
/* The fault that this call meets, NULL for none; *delay_ms for a slow one. */
const struct fault *faults_draw(struct faults *faults, const char *operation, int64_t *delay_ms);
json_t *faults_show(const struct faults *faults);

#endif
