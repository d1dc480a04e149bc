/* How many new events about new people the store takes in a second: groups of jobs in one
 * transaction on one thread, then through the committer with so many jobs under way. Not a test:
 * `store_bench FOLDER [SECONDS [EVENTS-BEFORE [SIZE]]]`. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "store/committer.h"
#include "text/uuid.h"

enum { US = 1000000 };

struct delivery {
    struct commit_job job; /* first */
    char uuid[UUID_TEXT + 1], user[24], login[48], name[48];
    int64_t at_us;
    struct load *load;
};

static void make(struct delivery *d)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char random[17];
    int n = 0;

    uuid_random(d->uuid);
    random_bytes(random, sizeof(random));
    n = snprintf(d->user, sizeof(d->user), "00u");
    for (size_t i = 0; i < sizeof(random); i++)
        d->user[n++] = digits[random[i] % 62];
    d->user[n] = '\0';
    (void)snprintf(d->login, sizeof(d->login), "%s@example.com", d->user);
    (void)snprintf(d->name, sizeof(d->name), "Ada %s", d->user);
}

static void must(enum err err, const struct fail *fail)
{
    if (err == ERR_NONE)
        return;
    (void)fprintf(stderr, "store_bench: %s\n", fail->text);
    exit(1);
}

/* What engine/intake does with one delivery. */
static enum err take_in(struct store *s, const struct delivery *d, struct fail *fail)
{
    struct event_subject subject = {.user_id = span_of(d->user),
                                    .login = span_of(d->login),
                                    .display_name = span_of(d->name),
                                    .app_user_name = span_of(d->login),
                                    .has_membership = true,
                                    .membership = {MEMBERSHIP_APP, SPAN("0oa1gjh63g214q0Hq0g4"),
                                                   SPAN("Amazon Connect"), true, 1}};
    struct event event = {.source = SPAN("okta"),
                          .uuid = span_of(d->uuid),
                          .type = SPAN("application.user_membership.add"),
                          .via = SPAN("hook"),
                          .published_ns = clock_wall_ns(),
                          .received_ms = clock_wall_ms(),
                          .subjects = &subject,
                          .n_subjects = 1};
    struct person p = {.source = event.source, .id = subject.user_id};
    struct arena a = {0};
    bool is_new, is_mentioned = false, is_changed;
    enum err err = store_event_add(s, &event, &is_new, fail);

    if (err == ERR_NONE)
        err = store_is_mentioned(s, event.source, subject.user_id, &is_mentioned, fail);
    if (err == ERR_NONE && is_mentioned)
        err = store_person_get(s, &a, event.source, p.id, &p, fail);
    p.login = p.app_user_name = subject.login;
    p.display_name = subject.display_name;
    p.facts_ns = p.display_name_ns = p.app_user_name_ns = event.published_ns;
    p.due_ms = p.due_since_ms = p.since_ms = event.received_ms;
    p.priority = PRIORITY_NEW;
    p.judged_n = 1;
    p.cause = span_of(arena_printf(&a, "event %s", d->uuid));
    if (err == ERR_NONE)
        err = store_person_put(s, &p, fail);
    if (err == ERR_NONE)
        err = store_membership_put(s, event.source, subject.user_id, &subject.membership,
                                   &is_changed, fail);
    arena_done(&a);
    return err;
}

static int64_t cpu_us(void)
{
    struct rusage use;

    (void)getrusage(RUSAGE_SELF, &use);
    return (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * US + use.ru_utime.tv_usec +
           use.ru_stime.tv_usec;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void report(const char *what, size_t size, int64_t rows, int64_t us, int64_t cpu,
                   int64_t *took, size_t n_took)
{
    qsort(took, n_took, sizeof(*took), by_number);
    (void)printf("%-9s %4zu: %7.0f rows/s, %5.1f us cpu a row, %4.0f%% of a core, p50 %6.2f ms, "
                 "p99 %6.2f ms\n",
                 what, size, (double)rows * US / (double)us, (double)cpu / (double)rows,
                 100.0 * (double)cpu / (double)us, (double)took[n_took / 2] / 1000,
                 (double)took[n_took * 99 / 100] / 1000);
    (void)fflush(stdout);
}

static void run_groups(struct store *s, size_t size, int64_t for_us)
{
    int64_t start = clock_mono_us(), cpu = cpu_us(), rows = 0, *took = NULL;
    size_t n = 0;
    struct delivery d;
    struct fail fail;

    while (clock_mono_us() - start < for_us) {
        int64_t began = clock_mono_us();

        must(store_begin(s, &fail), &fail);
        for (size_t i = 0; i < size; i++) {
            make(&d);
            must(take_in(s, &d, &fail), &fail);
        }
        must(store_commit(s, &fail), &fail);
        rows += (int64_t)size;
        if ((n & (n - 1)) == 0)
            took = mem_grow(took, 2 * n + 1, sizeof(*took));
        took[n++] = clock_mono_us() - began;
    }
    report("groups of", size, rows, clock_mono_us() - start, cpu_us() - cpu, took, n);
    free(took);
}

/* ---- through the committer: each job that is done is submitted again with a new person ---- */

struct load {
    struct committer *c;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct commit_job *done;
    int64_t until_us, *took;
    size_t n_took, n_under_way;
};

static enum err write_job(struct commit_job *job, struct store *s, struct fail *fail)
{
    return take_in(s, (const struct delivery *)job, fail);
}

static void job_done(struct commit_job *job, enum err err, const struct fail *fail, bool is_last)
{
    struct load *load = ((struct delivery *)job)->load;

    must(err, fail);
    (void)pthread_mutex_lock(&load->lock);
    job->next = load->done;
    load->done = job;
    (void)pthread_mutex_unlock(&load->lock);
    if (is_last)
        (void)pthread_cond_signal(&load->arrived);
}

static void run_committer(const char *file, size_t size, int64_t for_us)
{
    struct load load = {.lock = PTHREAD_MUTEX_INITIALIZER, .arrived = PTHREAD_COND_INITIALIZER};
    struct delivery *all = mem_new(size, sizeof(*all));
    int64_t start = clock_mono_us(), cpu = cpu_us();
    struct committer_stats stats;
    struct fail fail;

    must(committer_start(file, &load.c, &fail), &fail);
    load.until_us = start + for_us;
    load.n_under_way = size;
    for (size_t i = 0; i < size; i++) {
        all[i].job = (struct commit_job){write_job, job_done, load.done};
        all[i].at_us = clock_mono_us();
        all[i].load = &load;
        make(&all[i]);
        (void)committer_submit(load.c, &all[i].job); /* far from the limit */
    }
    while (load.n_under_way > 0) {
        struct commit_job *job, *next;

        (void)pthread_mutex_lock(&load.lock);
        while (load.done == NULL)
            (void)pthread_cond_wait(&load.arrived, &load.lock);
        job = load.done;
        load.done = NULL;
        (void)pthread_mutex_unlock(&load.lock);
        for (; job != NULL; job = next) {
            struct delivery *d = (struct delivery *)job;
            int64_t now = clock_mono_us();

            next = job->next;
            if ((load.n_took & (load.n_took - 1)) == 0)
                load.took = mem_grow(load.took, 2 * load.n_took + 1, sizeof(*load.took));
            load.took[load.n_took++] = now - d->at_us;
            if (now >= load.until_us) {
                load.n_under_way--;
                continue;
            }
            make(d);
            d->at_us = now;
            (void)committer_submit(load.c, job); /* far from the limit */
        }
    }
    committer_stats(load.c, &stats);
    committer_stop(load.c);
    report("under way", size, (int64_t)load.n_took, clock_mono_us() - start, cpu_us() - cpu,
           load.took, load.n_took);
    (void)printf("               %.1f jobs a transaction\n",
                 (double)stats.jobs / (double)stats.transactions);
    free(load.took);
    free(all);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {1, 8, 64, 128, 256};
    int64_t for_us = (int64_t)((argc > 2 ? strtod(argv[2], NULL) : 2) * US);
    long before = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
    size_t only = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    struct store *s;
    struct fail fail;
    char *file;

    if (argc < 2) {
        (void)fprintf(stderr, "usage: store_bench FOLDER [SECONDS [EVENTS-BEFORE [SIZE]]]\n");
        return 64;
    }
    file = mem_printf("%s/bench.store", argv[1]);
    must(store_open(file, STORE_CREATE, &s, &fail), &fail);
    for (long done = 0; done < before; done += 1000) {
        must(store_begin(s, &fail), &fail);
        for (int i = 0; i < 1000; i++) {
            struct delivery d;

            make(&d);
            must(take_in(s, &d, &fail), &fail);
        }
        must(store_commit(s, &fail), &fail);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (only == 0 || only == sizes[i])
            run_groups(s, sizes[i], for_us);
    store_close(s);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (only == 0 || only == sizes[i])
            run_committer(file, sizes[i], for_us);
    free(file);
    return 0;
}
