/* A checkpoint copies each page once, however often it stands in the WAL, so rare ones are cheap;
 * but SQLite makes them between two commits, and everybody waits until thousands of pages are on
 * disk. Made by another thread beside the commits, the WAL would never begin anew under load: a
 * writer starts at its beginning only when all of it has been copied, and while the thread copies,
 * more is written. So, once the WAL is long, the copying is repeated until the rest is small, and
 * that is copied between two commits. */
#include "store/checkpointer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/db.h"

const struct checkpointer_limits checkpointer_limits = {
    .copy_pages = 4000,
    .restart_pages = 8000,
    .rest_pages = 400,
};

struct checkpointer {
    struct store *owner; /* the committer's connection */
    struct checkpointer_limits limits;
    int pages, copied; /* of the WAL, as far as its owner knows */
    unsigned age;      /* how often it has begun anew */

    struct store *own; /* the thread's connection */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t asked;
    bool is_asked, is_stopping;
    bool has_result;
    int result;          /* pages copied */
    unsigned result_age; /* of the WAL for which it was asked */
};

static void *work(void *arg)
{
    struct checkpointer *c = arg;

    (void)pthread_mutex_lock(&c->lock);
    for (;;) {
        int copied = 0;

        while (!c->is_asked && !c->is_stopping)
            (void)pthread_cond_wait(&c->asked, &c->lock);
        if (c->is_stopping)
            break;
        (void)pthread_mutex_unlock(&c->lock);
        copied = store_checkpoint(c->own);
        (void)pthread_mutex_lock(&c->lock);
        c->result = copied;
        c->has_result = true;
        c->is_asked = false;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* True while the thread is at work. */
static bool look(struct checkpointer *c)
{
    bool is_working;

    (void)pthread_mutex_lock(&c->lock);
    is_working = c->is_asked;
    if (c->has_result && c->result_age == c->age)
        c->copied = c->result;
    c->has_result = false;
    (void)pthread_mutex_unlock(&c->lock);
    return is_working;
}

static void ask(struct checkpointer *c)
{
    (void)pthread_mutex_lock(&c->lock);
    c->is_asked = true;
    c->result_age = c->age;
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_cond_signal(&c->asked);
}

void checkpointer_tend(struct checkpointer *c)
{
    int pages = store_wal_pages(c->owner), rest;

    if (pages < c->pages) {
        c->age++;
        c->copied = 0;
    }
    c->pages = pages;
    if (pages < c->limits.copy_pages || look(c))
        return;
    rest = pages - c->copied;
    if (pages >= c->limits.restart_pages && rest <= c->limits.rest_pages)
        c->copied = store_checkpoint(c->owner);
    else if (rest >= c->limits.copy_pages || pages >= c->limits.restart_pages)
        ask(c);
}

void checkpointer_rest(struct checkpointer *c)
{
    if (c->pages > 0 && !look(c) && c->copied < c->pages)
        ask(c);
}

enum err checkpointer_start(struct store *s, const struct checkpointer_limits *limits,
                            struct checkpointer **out, struct fail *fail)
{
    struct store *own = NULL;
    struct checkpointer *c;
    sigset_t all, before;
    enum err err = store_open(s->file, STORE_WRITE, &own, fail);
    int error_number;

    if (err != ERR_NONE)
        return err;
    c = mem_new(1, sizeof(*c));
    c->owner = s;
    c->limits = *limits;
    c->own = own;
    (void)pthread_mutex_init(&c->lock, NULL); /* with default attributes these cannot fail */
    (void)pthread_cond_init(&c->asked, NULL);
    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error_number = pthread_create(&c->thread, NULL, work, c);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error_number != 0) {
        store_close(own);
        free(c);
        return fail_errno(fail, ERR_IO, error_number, "start the store's thread for checkpoints");
    }
    store_own_checkpoints(s);
    *out = c;
    return ERR_NONE;
}

void checkpointer_stop(struct checkpointer *c)
{
    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&c->lock);
    c->is_stopping = true;
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_cond_signal(&c->asked);
    (void)pthread_join(c->thread, NULL); /* it cannot fail for our own thread */
    (void)pthread_cond_destroy(&c->asked);
    (void)pthread_mutex_destroy(&c->lock);
    store_close(c->own);
    free(c);
}
