/* Power loss at every write and sync of short runs: what was acknowledged is there, and nothing is
 * there in part. */
#include "fixture.h"

#include <pthread.h>
#include <sqlite3.h>

#include "power_vfs.h"
#include "store/checkpointer.h"
#include "store/committer.h"
#include "store/db.h"

/* While the store is being made there are few cuts, and many ways to tear the first page. */
enum { JOBS = 24, WAVE = 4, CUTS_MAX = 120, FIRST_CUTS = 8, FIRST_SEEDS = 6 };

struct job {
    struct commit_job job; /* first */
    int number;
    bool is_done, is_acknowledged;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t done;
    int n_done;
} waves = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void name_of(int number, char out[static 24])
{
    (void)snprintf(out, 24, "00u%d", number);
}

/* An event about somebody new, and its consequences; `again` also moves the first person on, so
 * that old pages change. */
static enum err take_in(struct store *s, int number, struct fail *fail)
{
    char id[24], reason[600];
    struct event_subject subject;
    struct event e;
    struct person p = {.source = SPAN("okta"), .attempts = number};
    bool is_new, is_changed;
    enum err err;

    name_of(number, id);
    e = fixture_event(id, &subject, id);
    memset(reason, 'x', sizeof(reason));
    p.id = subject.user_id;
    p.reason = span_n(reason, sizeof(reason)); /* so that several pages are touched */
    err = store_event_add(s, &e, &is_new, fail);
    if (err == ERR_NONE)
        err = store_membership_put(s, e.source, p.id, &subject.membership, &is_changed, fail);
    if (err == ERR_NONE)
        err = store_person_put(s, &p, fail);
    p.id = SPAN("00u0");
    if (err == ERR_NONE && number > 0)
        err = store_person_put(s, &p, fail);
    return err;
}

static void check_after(struct fixture *f, const struct job *jobs, const char *what, unsigned cut)
{
    int n_there = 0;
    struct store_counts counts;

    assert_ok(f, store_open(f->file, STORE_CREATE, &f->store, &f->fail));
    assert_ok(f, store_check(f->store, &f->fail));
    assert_ok(f, store_counts(f->store, 0, &counts, &f->fail));
    assert_ok(f, store_begin(f->store, &f->fail));
    for (int i = 0; i < JOBS; i++) {
        char id[24];
        struct event_subject subject;
        struct event e;
        struct membership *memberships;
        struct person p;
        bool is_new = false, has_person;
        size_t n = 0;

        name_of(i, id);
        e = fixture_event(id, &subject, id);
        has_person =
            store_person_get(f->store, &f->arena, e.source, subject.user_id, &p, NULL) == ERR_NONE;
        assert_ok(f, store_memberships(f->store, &f->arena, e.source, subject.user_id, &memberships,
                                       &n, &f->fail));
        assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
        if (jobs[i].is_acknowledged && is_new)
            fail_msg("%s, cut at %u: event %d was acknowledged and is lost", what, cut, i);
        if (has_person == is_new || (n == 1) == is_new)
            fail_msg("%s, cut at %u: event %d is there in part", what, cut, i);
        n_there += !is_new;
    }
    store_rollback(f->store);
    assert_int_equal(counts.events, n_there);
    store_close(f->store);
    f->store = NULL;
    arena_done(&f->arena);
}

/* ---- through the committer ---- */

static enum err write_job(struct commit_job *job, struct store *s, struct fail *fail)
{
    return take_in(s, ((struct job *)job)->number, fail);
}

static void job_done(struct commit_job *job, enum err err, const struct fail *fail, bool is_last)
{
    (void)fail;
    (void)is_last;
    (void)pthread_mutex_lock(&waves.lock);
    ((struct job *)job)->is_acknowledged = err == ERR_NONE;
    waves.n_done++;
    (void)pthread_cond_signal(&waves.done);
    (void)pthread_mutex_unlock(&waves.lock);
}

static void run_committer(struct fixture *f, struct job *jobs)
{
    struct committer *c;

    if (committer_start(f->file, &c, &f->fail) != ERR_NONE)
        return;
    for (int i = 0; i < JOBS; i += WAVE) {
        (void)pthread_mutex_lock(&waves.lock);
        waves.n_done = 0;
        (void)pthread_mutex_unlock(&waves.lock);
        for (int k = i; k < i + WAVE; k++) {
            jobs[k].job = (struct commit_job){write_job, job_done, NULL};
            jobs[k].number = k;
            assert_true(committer_submit(c, &jobs[k].job));
        }
        (void)pthread_mutex_lock(&waves.lock);
        while (waves.n_done < WAVE)
            (void)pthread_cond_wait(&waves.done, &waves.lock);
        (void)pthread_mutex_unlock(&waves.lock);
    }
    committer_stop(c);
}

/* ---- with many checkpoints ---- */

static void run_store(struct fixture *f, struct job *jobs, bool has_checkpointer)
{
    static const struct checkpointer_limits limits = {10, 20, 8};
    struct checkpointer *checkpointer = NULL;
    struct store *s = NULL;
    enum err err = store_open(f->file, STORE_CREATE, &s, &f->fail);

    if (err != ERR_NONE)
        return;
    (void)sqlite3_wal_autocheckpoint(s->db, 10);
    if (has_checkpointer)
        err = checkpointer_start(s, &limits, &checkpointer, &f->fail);
    for (int i = 0; i < JOBS && err == ERR_NONE; i++) {
        if (store_begin(s, &f->fail) != ERR_NONE)
            break;
        err = take_in(s, i, &f->fail);
        if (err == ERR_NONE)
            err = store_commit(s, &f->fail);
        else
            store_rollback(s);
        jobs[i].is_acknowledged = err == ERR_NONE;
        if (checkpointer != NULL && err == ERR_NONE)
            checkpointer_tend(checkpointer);
    }
    checkpointer_stop(checkpointer);
    store_close(s);
}

static void run_alone(struct fixture *f, struct job *jobs)
{
    run_store(f, jobs, false);
}

static void run_with_checkpointer(struct fixture *f, struct job *jobs)
{
    run_store(f, jobs, true);
}

/* ---- the cuts ---- */

static void cut_everywhere(struct fixture *f, const char *what,
                           void (*run)(struct fixture *, struct job *))
{
    unsigned total, stride;
    struct job jobs[JOBS];

    power_vfs_cut_at(0);
    memset(jobs, 0, sizeof(jobs));
    run(f, jobs);
    total = power_vfs_count();
    for (int i = 0; i < JOBS; i++)
        assert_true(jobs[i].is_acknowledged);
    power_vfs_restore(POWER_LOSES_ALL, 0);
    check_after(f, jobs, what, 0);
    assert_in_range(total, 30, 20000);
    print_message("%s: %u writes and syncs\n", what, total);
    stride = total / CUTS_MAX + 1;
    for (unsigned cut = 1; cut <= total; cut += cut < 60 ? 1 : stride)
        for (int loss = 0; loss < POWER_LOSSES; loss++)
            for (unsigned seed = 0; seed < (cut <= FIRST_CUTS ? FIRST_SEEDS : 1); seed++) {
                fixture_empty(f->folder);
                memset(jobs, 0, sizeof(jobs));
                power_vfs_cut_at(cut);
                run(f, jobs);
                power_vfs_restore((enum power_loss)loss, cut + 1000 * seed);
                check_after(f, jobs, what, cut);
            }
}

static void test_committer(void **state)
{
    cut_everywhere(*state, "committer", run_committer);
}

static void test_alone(void **state)
{
    cut_everywhere(*state, "one connection", run_alone);
}

static void test_checkpointer(void **state)
{
    cut_everywhere(*state, "checkpoints beside", run_with_checkpointer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_committer, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_alone, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_checkpointer, fixture_folder, fixture_done),
    };

    power_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
