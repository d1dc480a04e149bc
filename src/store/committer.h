/* The committer: the one thread that writes while the daemon runs. Jobs that arrive together share
 * one transaction and one sync (group commit); a job is done when it is on disk. Jobs change owner
 * at the queue. */
#ifndef ROSTER_STORE_COMMITTER_H
#define ROSTER_STORE_COMMITTER_H

#include "base/err.h"
#include "store/store.h"

struct committer;

/* Embedded at the start of the caller's own job. Both functions must be set. */
struct commit_job {
    /* On the committer's thread, inside a transaction that other jobs share. When one of them
     * fails, all is rolled back and each is run again in a transaction of its own; so write may be
     * called twice, and must depend on nothing but the job and the store, and leave nothing behind
     * in the job that a second call would trip over. */
    enum err (*write)(struct commit_job *job, struct store *store, struct fail *fail);
    /* On the committer's thread after the commit (or the failure): hands the job back, for example
     * by loop_post. From here on the job is the caller's again. Called job by job in the order of
     * arrival; `is_last` marks the end of a group, whose jobs come close together: whoever wakes
     * another thread does it then. */
    void (*done)(struct commit_job *job, enum err err, const struct fail *fail, bool is_last);
    struct commit_job *next; /* the committer's */
};

struct committer_stats {
    uint64_t transactions, jobs, failures;
};

/* Opens its own connection to the file (STORE_CREATE) and starts the thread, which blocks all
 * signals. When the store breaks later, jobs fail with ERR_IO and each following group tries to
 * open it again. */
enum err committer_start(const char *file, struct committer **out, struct fail *fail) WARN_UNUSED;
/* Any thread. Jobs are run in the order of arrival. False when `limit` jobs (4,096) wait already:
 * the job stays the caller's. */
bool committer_submit(struct committer *c, struct commit_job *job);
/* The same, but a thread that sleeps sleeps on until committer_wake (or the next committer_submit):
 * for several jobs that come close together. */
bool committer_enqueue(struct committer *c, struct commit_job *job);
void committer_wake(struct committer *c);
/* Runs what waits, stops the thread, closes. NULL is fine. Nobody may submit meanwhile. */
void committer_stop(struct committer *c);
void committer_stats(const struct committer *c, struct committer_stats *out);

#endif
