/* The way back from the committer's thread to the loop: finished jobs, many at a time. */
#ifndef ROSTER_ENGINE_HANDBACK_H
#define ROSTER_ENGINE_HANDBACK_H

#include "base/err.h"
#include "net/loop.h"
#include "store/committer.h"

struct handback;

/* Embedded at the start of a job. write is called on the committer's thread (again, from the start,
 * when a transaction is repeated), ended on the loop with what came of it. */
struct handback_job {
    struct commit_job job; /* the handback's */
    enum err (*write)(struct handback_job *job, struct store *store, struct fail *fail);
    void (*ended)(struct handback_job *job);
    enum err err;
    struct fail fail;
    struct handback *handback;
    struct handback_job *next;
};

struct handback *handback_new(struct loop *loop, struct committer *committer);
/* After the committer has stopped; jobs not handed back yet are dropped. NULL is fine. */
void handback_free(struct handback *h);
/* False when the committer's queue is full: the job stays the caller's. On the loop. */
bool handback_submit(struct handback *h, struct handback_job *job);

#endif
