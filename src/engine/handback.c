#include "engine/handback.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"

/* What the loop takes in one round comes close together: the committer is woken for so many, or
 * when the round is over, and not for each. */
enum { ENQUEUED_MAX = 16 };

struct handback {
    struct loop *loop;
    struct committer *committer;
    size_t n_enqueued; /* since the committer was woken last */
    struct loop_timer *wake_timer;
    pthread_mutex_t lock; /* guards the three below */
    struct handback_job *first, **last;
    bool is_posted;
};

static void wake(void *arg)
{
    struct handback *h = arg;

    loop_timer_clear(h->wake_timer);
    committer_wake(h->committer);
    h->n_enqueued = 0;
}

struct handback *handback_new(struct loop *loop, struct committer *committer)
{
    struct handback *h = mem_new(1, sizeof(*h));

    *h = (struct handback){.loop = loop, .committer = committer};
    h->last = &h->first;
    (void)pthread_mutex_init(&h->lock, NULL); /* cannot fail with default attributes */
    h->wake_timer = loop_timer_new(loop, wake, h);
    return h;
}

void handback_free(struct handback *h)
{
    if (h == NULL)
        return;
    loop_timer_free(h->wake_timer);
    (void)pthread_mutex_destroy(&h->lock);
    free(h);
}

static void run_ended(void *arg)
{
    struct handback *h = arg;
    struct handback_job *job, *next;

    (void)pthread_mutex_lock(&h->lock);
    job = h->first;
    h->first = NULL;
    h->last = &h->first;
    h->is_posted = false;
    (void)pthread_mutex_unlock(&h->lock);
    for (; job != NULL; job = next) {
        next = job->next;
        job->ended(job);
    }
}

static enum err write_job(struct commit_job *commit_job, struct store *store, struct fail *fail)
{
    struct handback_job *job = (struct handback_job *)commit_job;

    return job->write(job, store, fail);
}

static void job_done(struct commit_job *commit_job, enum err err, const struct fail *fail,
                     bool is_last)
{
    struct handback_job *job = (struct handback_job *)commit_job;
    struct handback *h = job->handback;
    bool posts;

    (void)is_last; /* one post serves all that come before the loop looks */
    job->err = err;
    if (err != ERR_NONE)
        job->fail = *fail;
    job->next = NULL;
    (void)pthread_mutex_lock(&h->lock);
    *h->last = job;
    h->last = &job->next;
    posts = !h->is_posted;
    h->is_posted = true;
    (void)pthread_mutex_unlock(&h->lock);
    if (posts)
        loop_post(h->loop, run_ended, h);
}

bool handback_submit(struct handback *h, struct handback_job *job)
{
    job->handback = h;
    job->job = (struct commit_job){.write = write_job, .done = job_done};
    if (!committer_enqueue(h->committer, &job->job))
        return false;
    if (++h->n_enqueued == ENQUEUED_MAX)
        wake(h);
    else if (h->n_enqueued == 1)
        loop_timer_set(h->wake_timer, 0);
    return true;
}
