/* Group commit without a timer: while one transaction is being synced, the next jobs gather; the
 * slower the disk, the larger the groups. Checkpoints run after the jobs of a transaction have been
 * handed back, so that nobody waits for their syncs who is done already. */
#include "store/committer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/checkpointer.h"
#include "store/db.h"

enum { QUEUE_LIMIT = 4096, GROUP_LIMIT = 256, REST_AFTER_MS = 1000 };

struct committer {
    char *file;
    struct stat place;   /* which file it was at the start */
    struct store *store; /* the thread's; NULL after it broke, until it can be opened again */
    struct checkpointer *checkpointer; /* of that store */
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t arrived;
    struct commit_job *first, **last;
    size_t n_waiting;
    bool is_sleeping, is_stopping;
    bool has_rested; /* since the last job: the thread's own */

    atomic_uint_fast64_t transactions, jobs, failures;
};

/* ---- the thread ---- */

/* Nobody has wanted anything for a while: a daemon that is idle is small. */
static void rest(struct committer *c)
{
    c->has_rested = true;
    if (c->store == NULL)
        return;
    checkpointer_rest(c->checkpointer);
    store_release_memory(c->store);
}

/* Under the lock. Waits for jobs, or for the stop. */
static void wait_for_jobs(struct committer *c)
{
    struct timespec until;
    int rc = 0;

    c->is_sleeping = true;
    if (c->has_rested) {
        (void)pthread_cond_wait(&c->arrived, &c->lock);
    } else {
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += REST_AFTER_MS / MS_PER_S;
        rc = pthread_cond_timedwait(&c->arrived, &c->lock, &until);
    }
    c->is_sleeping = false;
    if (rc != ETIMEDOUT || c->first != NULL || c->is_stopping)
        return;
    (void)pthread_mutex_unlock(&c->lock);
    rest(c);
    (void)pthread_mutex_lock(&c->lock);
}

/* Takes up to GROUP_LIMIT jobs; NULL when there are none any more and the committer stops. */
static struct commit_job *take_group(struct committer *c)
{
    struct commit_job *group, **end;
    size_t n = 0;

    (void)pthread_mutex_lock(&c->lock);
    while (c->first == NULL && !c->is_stopping)
        wait_for_jobs(c);
    c->has_rested = false;
    group = c->first;
    for (end = &c->first; *end != NULL && n < GROUP_LIMIT; end = &(*end)->next)
        n++;
    if (n > 0) {
        c->first = *end;
        *end = NULL;
        if (c->first == NULL)
            c->last = &c->first;
        c->n_waiting -= n;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return group;
}

static enum err open_store(struct committer *c, enum store_mode mode, struct fail *fail)
{
    enum err err = store_open(c->file, mode, &c->store, fail);

    if (err == ERR_NONE)
        err = checkpointer_start(c->store, &checkpointer_limits, &c->checkpointer, fail);
    if (err != ERR_NONE) {
        store_close(c->store);
        c->store = NULL;
    }
    return err;
}

static void close_store(struct committer *c)
{
    checkpointer_stop(c->checkpointer);
    store_close(c->store);
    c->checkpointer = NULL;
    c->store = NULL;
}

/* Others still read the file that was there at the start; what is written must come to them. */
static enum err reopen_store(struct committer *c, struct fail *fail)
{
    struct stat now;

    if (stat(c->file, &now) == 0 &&
        (now.st_dev != c->place.st_dev || now.st_ino != c->place.st_ino))
        return fail_set(fail, ERR_IO,
                        "the store %s was replaced by another file while in use; start Roster anew",
                        c->file);
    if (open_store(c, STORE_WRITE, fail) == ERR_NONE)
        return ERR_NONE;
    fail->err = ERR_IO; /* whatever opening says, to a job it is trouble that passes */
    return ERR_IO;
}

static enum err begin(struct committer *c, struct fail *fail)
{
    enum err err = c->store == NULL ? reopen_store(c, fail) : ERR_NONE;

    if (err != ERR_NONE)
        return err;
    err = store_begin(c->store, fail);
    if (err != ERR_NONE && err != ERR_BUSY)
        close_store(c); /* what broke may be the connection: the next attempt makes a new one */
    return err;
}

/* All jobs from `first` on up to `end` in one transaction. */
static enum err run(struct committer *c, struct commit_job *first, const struct commit_job *end,
                    struct fail *fail)
{
    enum err err = ERR_NONE;

    for (struct commit_job *job = first; job != end && err == ERR_NONE; job = job->next)
        err = job->write(job, c->store, fail);
    if (err != ERR_NONE) {
        store_rollback(c->store);
        return err;
    }
    err = store_commit(c->store, fail);
    if (err == ERR_NONE)
        atomic_fetch_add_explicit(&c->transactions, 1, memory_order_relaxed);
    return err;
}

/* Hands all back with the same outcome. */
static void finish(struct committer *c, struct commit_job *first, enum err err,
                   const struct fail *fail)
{
    struct commit_job *next;

    for (struct commit_job *job = first; job != NULL; job = next) {
        next = job->next;
        atomic_fetch_add_explicit(err == ERR_NONE ? &c->jobs : &c->failures, 1,
                                  memory_order_relaxed);
        job->done(job, err, fail, next == NULL);
    }
}

/* After a failure in the group: each job in a transaction of its own, so that the one that fails
 * fails alone. */
static void run_one_by_one(struct committer *c, struct commit_job *first)
{
    struct commit_job *next;

    for (struct commit_job *job = first; job != NULL; job = next) {
        struct fail fail = {0};
        enum err err = begin(c, &fail);

        next = job->next;
        if (err != ERR_NONE) {
            finish(c, job, err, &fail);
            return;
        }
        err = run(c, job, next, &fail);
        atomic_fetch_add_explicit(err == ERR_NONE ? &c->jobs : &c->failures, 1,
                                  memory_order_relaxed);
        job->done(job, err, &fail, next == NULL);
    }
}

static void *work(void *arg)
{
    struct committer *c = arg;
    struct commit_job *group;

    while ((group = take_group(c)) != NULL) {
        struct fail fail = {0};
        enum err err = begin(c, &fail);

        if (err != ERR_NONE)
            finish(c, group, err, &fail);
        else if (run(c, group, NULL, &fail) == ERR_NONE)
            finish(c, group, ERR_NONE, &(struct fail){0});
        else
            run_one_by_one(c, group);
        if (c->store != NULL)
            checkpointer_tend(c->checkpointer);
    }
    close_store(c);
    return NULL;
}

/* ---- the callers' side ---- */

static void dispose(struct committer *c)
{
    close_store(c);
    (void)pthread_cond_destroy(&c->arrived);
    (void)pthread_mutex_destroy(&c->lock);
    free(c->file);
    free(c);
}

enum err committer_start(const char *file, struct committer **out, struct fail *fail)
{
    struct committer *c = mem_new(1, sizeof(*c));
    pthread_condattr_t attributes;
    sigset_t all, before;
    enum err err;
    int error_number;

    c->file = mem_dup_str(file);
    c->last = &c->first;
    (void)pthread_mutex_init(&c->lock, NULL); /* with default attributes these cannot fail */
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&c->arrived, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    err = open_store(c, STORE_CREATE, fail);
    if (err == ERR_NONE && stat(c->file, &c->place) != 0)
        err = fail_errno(fail, ERR_IO, errno, "the store %s", c->file);
    if (err != ERR_NONE) {
        dispose(c);
        return err;
    }
    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error_number = pthread_create(&c->thread, NULL, work, c);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error_number != 0) {
        dispose(c);
        return fail_errno(fail, ERR_IO, error_number, "start the committer's thread");
    }
    *out = c;
    return ERR_NONE;
}

bool committer_enqueue(struct committer *c, struct commit_job *job)
{
    bool fits;

    assert(job->write != NULL && job->done != NULL);
    (void)pthread_mutex_lock(&c->lock);
    fits = c->n_waiting < QUEUE_LIMIT && !c->is_stopping;
    if (fits) {
        job->next = NULL;
        *c->last = job;
        c->last = &job->next;
        c->n_waiting++;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return fits;
}

void committer_wake(struct committer *c)
{
    bool wakes;

    (void)pthread_mutex_lock(&c->lock);
    wakes = c->is_sleeping && c->first != NULL;
    if (wakes)
        c->is_sleeping = false; /* one waking is enough */
    (void)pthread_mutex_unlock(&c->lock);
    if (wakes)
        (void)pthread_cond_signal(&c->arrived);
}

bool committer_submit(struct committer *c, struct commit_job *job)
{
    if (!committer_enqueue(c, job))
        return false;
    committer_wake(c);
    return true;
}

void committer_stop(struct committer *c)
{
    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&c->lock);
    c->is_stopping = true;
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_cond_signal(&c->arrived);
    (void)pthread_join(c->thread, NULL); /* it cannot fail for our own thread */
    dispose(c);
}

void committer_stats(const struct committer *c, struct committer_stats *out)
{
    *out = (struct committer_stats){
        .transactions = atomic_load_explicit(&c->transactions, memory_order_relaxed),
        .jobs = atomic_load_explicit(&c->jobs, memory_order_relaxed),
        .failures = atomic_load_explicit(&c->failures, memory_order_relaxed),
    };
}
