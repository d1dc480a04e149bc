/* Jobs go to the committer's thread and come back to the loop's. */
#include "../store/fixture.h"

#include <pthread.h>
#include <semaphore.h>

#include "engine/handback.h"
#include "net/loop.h"

enum { JOBS = 500, QUEUE = 4096, GROUP = 256 };

struct job {
    struct handback_job job; /* first */
    int number;
    bool fails, waits;
    pthread_t written_by;
};

static struct {
    struct fixture *f;
    struct loop *loop;
    struct committer *committer;
    struct handback *handback;
    pthread_t loop_thread;
    sem_t gate;
    int n_ended, n_wanted;
    bool is_in_order;
} t;

static enum err write_job(struct handback_job *base, struct store *store, struct fail *fail)
{
    struct job *job = (struct job *)base;
    char name[32];

    job->written_by = pthread_self();
    if (job->waits)
        (void)sem_wait(&t.gate);
    (void)snprintf(name, sizeof(name), "job %d", job->number);
    if (job->fails)
        return fail_set(fail, ERR_INPUT, "job %d failed", job->number);
    return store_note_put(store, name, SPAN("x"), fail);
}

static void job_ended(struct handback_job *base)
{
    struct job *job = (struct job *)base;

    assert_true(pthread_equal(pthread_self(), t.loop_thread));
    assert_false(pthread_equal(job->written_by, t.loop_thread));
    t.is_in_order &= job->number == t.n_ended;
    if (++t.n_ended == t.n_wanted)
        loop_stop(t.loop);
}

static int begin(void **state)
{
    if (fixture_folder(state) != 0)
        return -1;
    memset(&t, 0, sizeof(t));
    t.f = *state;
    t.is_in_order = true;
    t.loop_thread = pthread_self();
    if (sem_init(&t.gate, 0, 0) != 0 || loop_new(&t.loop, &t.f->fail) != ERR_NONE ||
        committer_start(t.f->file, &t.committer, &t.f->fail) != ERR_NONE)
        return -1;
    t.handback = handback_new(t.loop, t.committer);
    return 0;
}

static int end(void **state)
{
    committer_stop(t.committer);
    handback_free(t.handback);
    loop_free(t.loop);
    (void)sem_destroy(&t.gate);
    return fixture_done(state);
}

static bool submit(struct job *job, int number)
{
    job->job.write = write_job;
    job->job.ended = job_ended;
    job->number = number;
    return handback_submit(t.handback, &job->job);
}

static void test_there_and_back(void **state)
{
    struct job *jobs = mem_new(JOBS, sizeof(*jobs));

    (void)state;
    t.n_wanted = JOBS;
    for (int i = 0; i < JOBS; i++) {
        jobs[i].fails = i % 50 == 7;
        assert_true(submit(&jobs[i], i));
    }
    loop_run(t.loop);
    assert_int_equal(t.n_ended, JOBS);
    assert_true(t.is_in_order);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].job.err, i % 50 == 7 ? ERR_INPUT : ERR_NONE);
        if (i == 57)
            assert_string_equal(jobs[i].job.fail.text, "job 57 failed");
    }
    free(jobs);
}

static void test_full(void **state)
{
    struct job *jobs = mem_new(QUEUE + GROUP + 1, sizeof(*jobs));
    int n = 1;

    (void)state;
    jobs[0].waits = true;
    assert_true(submit(&jobs[0], 0));
    while (n <= QUEUE + GROUP && submit(&jobs[n], n))
        n++;
    assert_in_range(n, QUEUE, QUEUE + GROUP);
    (void)sem_post(&t.gate);
    t.n_wanted = n;
    loop_run(t.loop);
    assert_true(t.is_in_order);
    t.n_wanted++;
    assert_true(submit(&jobs[n], n)); /* the same job, now that there is room */
    loop_run(t.loop);
    assert_int_equal(t.n_ended, n + 1);
    free(jobs);
}

/* A job that comes just before the loop waits, as those of requests do, is not left lying until
 * something else happens. */
static struct job late;

static void submit_late(void *arg)
{
    if (late.job.write == NULL)
        assert_true(submit(arg, 0));
}

static void test_before_the_wait(void **state)
{
    (void)state;
    late = (struct job){.number = 0};
    t.n_wanted = 1;
    loop_on_round(t.loop, submit_late, &late);
    loop_run(t.loop);
    loop_off_round(t.loop, submit_late, &late);
    assert_int_equal(t.n_ended, 1);
}

/* What comes back after the loop has ended is dropped. */
static void test_dropped(void **state)
{
    static struct job jobs[20];

    (void)state;
    for (int i = 0; i < 20; i++)
        assert_true(submit(&jobs[i], i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, begin, end),
        cmocka_unit_test_setup_teardown(test_full, begin, end),
        cmocka_unit_test_setup_teardown(test_before_the_wait, begin, end),
        cmocka_unit_test_setup_teardown(test_dropped, begin, end),
    };

    handback_free(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
