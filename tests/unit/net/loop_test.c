#include "wire.h"

#include <signal.h>
#include <sys/eventfd.h>

#include "base/random.h"

static struct loop *loop;

static int set_up(void **state)
{
    struct fail fail;

    (void)state;
    return loop_new(&loop, &fail) == ERR_NONE ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(loop);
    return 0;
}

/* Watches */

struct peers {
    struct loop_watch *watch[2];
    int fd[2];
    unsigned calls[2];
    unsigned events;
};

static void on_event(void *arg, unsigned events)
{
    struct peers *p = arg;
    uint64_t n;

    p->events |= events;
    p->calls[0]++;
    (void)!read(p->fd[0], &n, sizeof(n));
    loop_stop(loop);
}

static void test_watch(void **state)
{
    struct peers p = {0};
    static const uint64_t one = 1;

    (void)state;
    p.fd[0] = eventfd(0, EFD_NONBLOCK);
    p.watch[0] = loop_watch(loop, p.fd[0], LOOP_READ, on_event, &p);
    (void)!write(p.fd[0], &one, sizeof(one));
    loop_run(loop);
    assert_int_equal(p.calls[0], 1);
    assert_int_equal(p.events, LOOP_READ);
    loop_watch_set(p.watch[0], LOOP_WRITE);
    p.events = 0;
    loop_run(loop);
    assert_int_equal(p.events, LOOP_WRITE);
    loop_unwatch(p.watch[0]);
    close(p.fd[0]);
}

static void on_event_drop_both(void *arg, unsigned events)
{
    struct peers *p = arg;

    (void)events;
    p->calls[0]++;
    loop_unwatch(p->watch[0]);
    loop_unwatch(p->watch[1]);
    loop_stop(loop);
}

static void test_unwatch_pending(void **state)
{
    struct peers p = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        p.fd[i] = eventfd(1, EFD_NONBLOCK);
        p.watch[i] = loop_watch(loop, p.fd[i], LOOP_READ, on_event_drop_both, &p);
    }
    loop_run(loop); /* both are ready in one round, and the first one called gives up both */
    assert_int_equal(p.calls[0], 1);
    close(p.fd[0]);
    close(p.fd[1]);
}

static void test_hang_up_is_an_event(void **state)
{
    struct peers p = {0};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    p.fd[0] = ends[0];
    p.watch[0] = loop_watch(loop, ends[0], LOOP_READ, on_event, &p);
    close(ends[1]);
    loop_run(loop);
    assert_int_equal(p.events, LOOP_READ);
    loop_unwatch(p.watch[0]);
    close(ends[0]);
}

/* Timers */

struct tick {
    struct loop_timer *timer;
    int64_t due_us, came_us;
    unsigned *order, place;
};

static unsigned n_left;

static void on_tick(void *arg)
{
    struct tick *t = arg;

    t->came_us = clock_mono_us();
    t->place = (*t->order)++;
    if (--n_left == 0)
        loop_stop(loop);
}

static void test_timers_in_order(void **state)
{
    enum { N = 200 };
    struct tick ticks[N];
    unsigned order = 0;
    int64_t now_us = clock_mono_us();

    (void)state;
    n_left = 0;
    for (size_t i = 0; i < N; i++) {
        ticks[i] = (struct tick){.order = &order, .due_us = now_us + (int64_t)random_below(30000)};
        ticks[i].timer = loop_timer_new(loop, on_tick, &ticks[i]);
        loop_timer_set_at_us(ticks[i].timer, now_us + 1000000);
        loop_timer_set_at_us(ticks[i].timer, ticks[i].due_us);
        assert_true(loop_timer_is_set(ticks[i].timer));
        n_left++;
    }
    for (size_t i = 0; i < N; i += 3) {
        loop_timer_clear(ticks[i].timer);
        assert_false(loop_timer_is_set(ticks[i].timer));
        n_left--;
    }
    loop_run(loop);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(ticks[i].came_us == 0, i % 3 == 0);
        for (size_t k = 0; i % 3 != 0 && k < N; k++)
            assert_true(k % 3 == 0 || ticks[i].due_us >= ticks[k].due_us ||
                        ticks[i].place < ticks[k].place);
        assert_true(i % 3 == 0 || ticks[i].came_us >= ticks[i].due_us);
        loop_timer_free(ticks[i].timer);
    }
}

static void test_timer_precision(void **state)
{
    struct tick t = {0};
    unsigned order = 0;
    int64_t best_us = INT64_MAX;

    (void)state;
    t.order = &order;
    t.timer = loop_timer_new(loop, on_tick, &t);
    for (int i = 0; i < 20; i++) {
        n_left = 1;
        t.due_us = clock_mono_us() + 2300;
        loop_timer_set_at_us(t.timer, t.due_us);
        loop_run(loop);
        if (t.came_us - t.due_us < best_us)
            best_us = t.came_us - t.due_us;
    }
    assert_in_range(best_us, 0, 700); /* a clock of milliseconds would be late by 700 at least */
    loop_timer_free(t.timer);
}

static void on_tick_again(void *arg)
{
    struct tick *t = arg;

    if (++t->place == 5)
        loop_stop(loop);
    else
        loop_timer_set(t->timer, 0);
}

static void count_round(void *arg)
{
    ++*(unsigned *)arg;
}

static void test_timer_for_next_round(void **state)
{
    struct tick t = {0};
    unsigned rounds = 0;

    (void)state;
    t.timer = loop_timer_new(loop, on_tick_again, &t);
    loop_on_round(loop, count_round, &rounds);
    loop_timer_set(t.timer, 0);
    loop_run(loop);
    assert_int_equal(rounds, 5);
    loop_off_round(loop, count_round, &rounds);
    loop_timer_free(t.timer);
}

/* Posts */

enum { POSTERS = 4, POSTS = 5000 };

struct poster {
    unsigned id, next;
    bool is_out_of_order;
};

struct posted {
    struct poster *poster;
    unsigned number;
};

static unsigned n_posted;

static void on_post(void *arg)
{
    struct posted *post = arg;

    if (post->number != post->poster->next++)
        post->poster->is_out_of_order = true;
    free(post);
    if (++n_posted == POSTERS * POSTS)
        loop_stop(loop);
}

static void *post_many(void *arg)
{
    for (unsigned i = 0; i < POSTS; i++) {
        struct posted *post = malloc(sizeof(*post));

        *post = (struct posted){arg, i};
        loop_post(loop, on_post, post);
    }
    return NULL;
}

static void test_posts_from_threads(void **state)
{
    struct poster posters[POSTERS] = {{0}};
    pthread_t threads[POSTERS];

    (void)state;
    n_posted = 0;
    for (size_t i = 0; i < POSTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
    loop_run(loop);
    for (size_t i = 0; i < POSTERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(posters[i].next, POSTS);
        assert_false(posters[i].is_out_of_order);
    }
}

static void post_stop(void *arg)
{
    loop_post(arg, wire_stop, arg);
}

static void test_post_from_post(void **state)
{
    (void)state;
    loop_post(loop, post_stop, loop);
    loop_run(loop);
}

static void test_stop_before_run(void **state)
{
    (void)state;
    loop_stop(loop);
    loop_run(loop);
}

/* Signals */

static void on_signal(void *arg, int number)
{
    *(int *)arg = number;
    loop_stop(loop);
}

static void test_signals(void **state)
{
    struct fail fail;
    int seen = 0, other = 0;

    (void)state;
    assert_int_equal(loop_signal(loop, SIGUSR1, on_signal, &other, &fail), ERR_NONE);
    assert_int_equal(loop_signal(loop, SIGUSR2, on_signal, &seen, &fail), ERR_NONE);
    assert_int_equal(loop_signal(loop, SIGUSR1, on_signal, &seen, &fail), ERR_NONE);
    kill(getpid(), SIGUSR2);
    loop_run(loop);
    assert_int_equal(seen, SIGUSR2);
    kill(getpid(), SIGUSR1);
    loop_run(loop);
    assert_int_equal(seen, SIGUSR1);
    assert_int_equal(other, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_watch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unwatch_pending, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hang_up_is_an_event, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_timers_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_timer_precision, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_timer_for_next_round, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_posts_from_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_post_from_post, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_before_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_signals, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
