/* Order, groups, failures and the full queue of the committer; and that it goes on after trouble.
 */
#include "fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/committer.h"

enum { MANY = 600, QUEUE = 4096, GROUP = 256 };

/* What the committer's thread tells the test. */
struct desk {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    sem_t gate; /* a job that waits goes on with it */
    int n_done, n_last;
    bool is_in_order;
};

struct job {
    struct commit_job job; /* first */
    struct desk *desk;
    int number;
    bool waits, fails, fails_in_sql;
    int n_writes;
    enum err err;
    char text[FAIL_TEXT];
};

static void desk_init(struct desk *desk)
{
    *desk = (struct desk){.is_in_order = true};
    assert_int_equal(pthread_mutex_init(&desk->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&desk->moved, NULL), 0);
    assert_int_equal(sem_init(&desk->gate, 0, 0), 0);
}

static void desk_done(struct desk *desk)
{
    (void)sem_destroy(&desk->gate);
    (void)pthread_cond_destroy(&desk->moved);
    (void)pthread_mutex_destroy(&desk->lock);
}

static void desk_wait(struct desk *desk, int n)
{
    (void)pthread_mutex_lock(&desk->lock);
    while (desk->n_done < n)
        (void)pthread_cond_wait(&desk->moved, &desk->lock);
    (void)pthread_mutex_unlock(&desk->lock);
}

static enum err write_job(struct commit_job *base, struct store *store, struct fail *fail)
{
    struct job *job = (struct job *)base;
    char name[32];
    enum err err;

    job->n_writes++;
    if (job->waits)
        (void)sem_wait(&job->desk->gate);
    (void)snprintf(name, sizeof(name), "job %d", job->number);
    err = store_note_put(store, name, SPAN("x"), fail);
    if (err == ERR_NONE && job->fails)
        return fail_set(fail, ERR_INPUT, "job %d does not like it", job->number);
    if (err == ERR_NONE && job->fails_in_sql)
        err = store_step_answer(store, 999, &(struct step_record){0}, fail);
    return err;
}

static void job_done(struct commit_job *base, enum err err, const struct fail *fail, bool is_last)
{
    struct job *job = (struct job *)base;
    struct desk *desk = job->desk;

    (void)pthread_mutex_lock(&desk->lock);
    job->err = err;
    if (err != ERR_NONE)
        (void)snprintf(job->text, sizeof(job->text), "%s", fail->text);
    desk->is_in_order &= job->number == desk->n_done;
    desk->n_done++;
    desk->n_last += is_last;
    (void)pthread_cond_signal(&desk->moved);
    (void)pthread_mutex_unlock(&desk->lock);
}

static void submit(struct committer *c, struct desk *desk, struct job *job, int number)
{
    job->job = (struct commit_job){write_job, job_done, NULL};
    job->desk = desk;
    job->number = number;
    assert_true(committer_submit(c, &job->job));
}

/* How many of the first n jobs are in the store. */
static int count_notes(struct fixture *f, int n)
{
    struct store *s;
    int found = 0;

    assert_ok(f, store_open(f->file, STORE_READ, &s, &f->fail));
    for (int i = 0; i < n; i++) {
        char name[32];
        struct span value;

        (void)snprintf(name, sizeof(name), "job %d", i);
        assert_ok(f, store_note_get(s, &f->arena, name, &value, &f->fail));
        found += value.p != NULL;
    }
    store_close(s);
    return found;
}

/* The first job holds the thread up, so that the others gather behind it. */
static void test_groups(void **state)
{
    struct fixture *f = *state;
    struct job *jobs = mem_new(MANY, sizeof(*jobs));
    struct committer_stats stats;
    struct committer *c;
    struct desk desk;

    desk_init(&desk);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    jobs[0].waits = true;
    for (int i = 0; i < MANY; i++)
        submit(c, &desk, &jobs[i], i);
    (void)sem_post(&desk.gate);
    desk_wait(&desk, MANY);
    committer_stats(c, &stats);
    assert_true(desk.is_in_order);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(jobs[i].err, ERR_NONE);
    assert_int_equal(stats.jobs, MANY);
    assert_int_equal(stats.failures, 0);
    assert_in_range(stats.transactions, 3, 5); /* at most 256 jobs share one */
    assert_int_equal(desk.n_last, stats.transactions);
    assert_int_equal(count_notes(f, MANY), MANY);
    committer_stop(c);
    desk_done(&desk);
    free(jobs);
}

/* A job that fails, in its own words or in the store's, fails alone. */
static void test_failure_alone(void **state)
{
    struct fixture *f = *state;
    struct job jobs[6] = {
        [0] = {.waits = true}, [2] = {.fails = true}, [4] = {.fails_in_sql = true}};
    struct committer_stats stats;
    struct committer *c;
    struct desk desk;

    desk_init(&desk);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    for (int i = 0; i < 6; i++)
        submit(c, &desk, &jobs[i], i);
    (void)sem_post(&desk.gate);
    (void)sem_post(&desk.gate); /* when all six were one group, the first is run again */
    desk_wait(&desk, 6);
    committer_stats(c, &stats);
    assert_true(desk.is_in_order);
    for (int i = 0; i < 6; i++) {
        enum err wanted = i == 2 ? ERR_INPUT : i == 4 ? ERR_NOT_FOUND : ERR_NONE;

        assert_int_equal(jobs[i].err, wanted);
        assert_in_range(jobs[i].n_writes, 1, 2);
    }
    assert_string_equal(jobs[2].text, "job 2 does not like it");
    assert_int_equal(count_notes(f, 6), 4);
    assert_int_equal(stats.jobs, 4);
    assert_int_equal(stats.failures, 2);
    committer_stop(c);
    desk_done(&desk);
}

static void test_full_queue(void **state)
{
    struct fixture *f = *state;
    struct job *jobs = mem_new(QUEUE + GROUP + 1, sizeof(*jobs));
    struct committer *c;
    struct desk desk;
    int n = 1;

    desk_init(&desk);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    jobs[0].waits = true;
    submit(c, &desk, &jobs[0], 0);
    for (; n <= QUEUE + GROUP; n++) {
        jobs[n].job = (struct commit_job){write_job, job_done, NULL};
        jobs[n].desk = &desk;
        jobs[n].number = n;
        if (!committer_submit(c, &jobs[n].job))
            break;
    }
    /* The first, and others with it, may have left the queue already. */
    assert_in_range(n, QUEUE, QUEUE + GROUP);
    assert_int_equal(jobs[n].n_writes, 0);
    (void)sem_post(&desk.gate);
    desk_wait(&desk, n);
    assert_true(committer_submit(c, &jobs[n].job));
    committer_stop(c);
    assert_int_equal(desk.n_done, n + 1);
    assert_true(desk.is_in_order);
    desk_done(&desk);
    free(jobs);
}

static void test_stop_runs_what_waits(void **state)
{
    struct fixture *f = *state;
    struct job jobs[40] = {[0] = {.waits = true}};
    struct committer *c;
    struct desk desk;

    desk_init(&desk);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    for (int i = 0; i < 40; i++)
        submit(c, &desk, &jobs[i], i);
    (void)sem_post(&desk.gate);
    committer_stop(c);
    assert_int_equal(desk.n_done, 40);
    assert_int_equal(count_notes(f, 40), 40);
    committer_stop(NULL);
    desk_done(&desk);
}

static void run_one(struct committer *c, struct desk *desk, struct job *job, int number)
{
    *job = (struct job){0};
    submit(c, desk, job, number);
    desk_wait(desk, number + 1);
}

/* The file goes away under the running committer, and comes back. */
static void test_moved_away_and_back(void **state)
{
    struct fixture *f = *state;
    struct committer *c;
    struct desk desk;
    struct job job;
    char aside[128];

    desk_init(&desk);
    fixture_path(f, "aside", aside);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    run_one(c, &desk, &job, 0);
    assert_int_equal(job.err, ERR_NONE);
    assert_int_equal(rename(f->file, aside), 0);
    for (int i = 1; i < 4; i++) {
        run_one(c, &desk, &job, i);
        assert_int_equal(job.err, ERR_IO);
    }
    assert_non_null(strstr(job.text, f->file));
    assert_int_equal(rename(aside, f->file), 0);
    run_one(c, &desk, &job, 4);
    assert_int_equal(job.err, ERR_NONE);
    committer_stop(c);
    assert_int_equal(count_notes(f, 5), 2);
    desk_done(&desk);
}

/* Another file in its place is not taken for it: others still read the first one. */
static void test_replaced(void **state)
{
    struct fixture *f = *state;
    struct committer *c;
    struct desk desk;
    struct job job;
    char aside[128], other[128];
    struct store *s;

    desk_init(&desk);
    fixture_path(f, "aside", aside);
    fixture_path(f, "other", other);
    assert_ok(f, store_open(other, STORE_CREATE, &s, &f->fail));
    store_close(s);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    assert_int_equal(rename(f->file, aside), 0);
    assert_int_equal(rename(other, f->file), 0);
    for (int i = 0; i < 3; i++) {
        run_one(c, &desk, &job, i);
        assert_int_equal(job.err, ERR_IO);
    }
    assert_non_null(strstr(job.text, "replaced"));
    committer_stop(c);
    desk_done(&desk);
}

/* A limit on the file's size stands for a full disk. */
static void test_full_disk(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, tight;
    struct committer *c;
    struct desk desk;
    struct job *jobs = mem_new(MANY, sizeof(*jobs)), job;
    int n_failed = 0, n = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    desk_init(&desk);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){400000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (; n < MANY && n_failed < 3; n++) {
        run_one(c, &desk, &jobs[n], n);
        n_failed += jobs[n].err != ERR_NONE;
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(n_failed, 3);
    assert_int_equal(jobs[n - 1].err, ERR_IO);
    if (strstr(jobs[n - 1].text, "disk is full") == NULL)
        fail_msg("%s", jobs[n - 1].text);
    run_one(c, &desk, &job, n);
    assert_int_equal(job.err, ERR_NONE);
    assert_int_equal(count_notes(f, n + 1), n + 1 - n_failed);
    committer_stop(c);
    desk_done(&desk);
    free(jobs);
}

static bool file_has(const char *path, const char *text)
{
    static char bytes[1024 * 1024];
    FILE *file = fopen(path, "rb");
    size_t n;

    assert_non_null(file);
    n = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    return memmem(bytes, n, text, strlen(text)) != NULL;
}

/* When nothing has come for a while, all stands in the file itself, not in the WAL only; and then
 * it goes on. */
static void test_rests(void **state)
{
    struct fixture *f = *state;
    struct committer *c;
    struct desk desk;
    struct job job;
    bool has_all = false;

    desk_init(&desk);
    assert_ok(f, committer_start(f->file, &c, &f->fail));
    for (int i = 0; i < 3; i++)
        run_one(c, &desk, &job, i);
    assert_false(file_has(f->file, "job 2"));
    for (int i = 0; i < 500 && !has_all; i++) {
        (void)usleep(20000);
        has_all = file_has(f->file, "job 2");
    }
    assert_true(has_all);
    run_one(c, &desk, &job, 3);
    assert_int_equal(job.err, ERR_NONE);
    committer_stop(c);
    assert_int_equal(count_notes(f, 4), 4);
    desk_done(&desk);
}

static void test_start_refused(void **state)
{
    struct fixture *f = *state;
    struct committer *c = NULL;
    char inside[128];
    FILE *file = fopen(f->file, "w");

    assert_non_null(file);
    assert_true(fputs("my diary", file) >= 0 && fclose(file) == 0);
    assert_int_equal(committer_start(f->file, &c, &f->fail), ERR_IO);
    assert_non_null(strstr(f->fail.text, f->file));
    (void)snprintf(inside, sizeof(inside), "%s/x", f->file);
    assert_int_equal(committer_start(inside, &c, &f->fail), ERR_IO);
    assert_null(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_groups, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_failure_alone, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_full_queue, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_stop_runs_what_waits, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_moved_away_and_back, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_replaced, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_full_disk, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_rests, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_start_refused, fixture_folder, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
