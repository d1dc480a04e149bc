/* The comparison of the whole of Okta, the whole of Amazon Connect and the store: a merge of three
 * walks in the order of Okta ids, so that one person at a time is in memory. Does no I/O but in the
 * store and the scan, and reads no clock. */
#ifndef ROSTER_ENGINE_COMPARE_H
#define ROSTER_ENGINE_COMPARE_H

#include "engine/drift.h"

struct compare_options {
    struct drift_options drift;
    struct store *store;
    /* Called for everybody of whom something is to be told, and once for each agent of nobody's.
     * Texts live until it returns. A failure ends the comparison. */
    enum err (*found)(void *arg, const struct drift *drift, struct fail *fail);
    void *arg;
};

struct compare;

/* Compares everybody, in pieces: whoever runs a loop besides must not stand still. options are
 * copied. */
enum err compare_new(const struct compare_options *options, struct compare **out,
                     struct fail *fail) WARN_UNUSED;
/* NULL is fine. */
void compare_free(struct compare *c);
/* At most so many people or agents; *out_is_done: that was all. */
enum err compare_some(struct compare *c, size_t max, bool *out_is_done,
                      struct fail *fail) WARN_UNUSED;
/* One user alone; nobody's agents are told. */
enum err compare_one(const struct compare_options *options, struct span user_id,
                     struct fail *fail) WARN_UNUSED;

#endif
