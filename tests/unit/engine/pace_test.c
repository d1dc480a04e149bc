/* The token bucket, to the microsecond; how it gives way and comes back; pauses and their probes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/pace.h"
#include "sim.h"

enum { WAITERS = 600 };

static struct {
    struct loop *loop;
    struct pace *pace;
    double rate, burst;
    struct pace_waiter waiters[WAITERS];
    int64_t granted_us[WAITERS];
    int order[WAITERS]; /* which waiter came at which place */
    int n, n_granted;
} t;

struct grant {
    int number;
};
static struct grant grants[WAITERS];

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    (void)arg;
    (void)operation;
    *out_rate = t.rate;
    *out_burst = t.burst;
}

static void granted(void *arg)
{
    const struct grant *grant = arg;

    t.granted_us[t.n_granted] = sim_us();
    t.order[t.n_granted++] = grant->number;
}

static void begin(double rate, double burst)
{
    memset(&t, 0, sizeof(t));
    t.rate = rate;
    t.burst = burst;
    t.loop = sim_new();
    t.pace = pace_new(t.loop, ceiling, NULL);
}

static void end(void)
{
    pace_free(t.pace);
    sim_free(t.loop);
}

static void ask(const char *operation, int n)
{
    for (int i = 0; i < n; i++) {
        grants[t.n].number = t.n;
        t.waiters[t.n] = (struct pace_waiter){.grant = granted, .arg = &grants[t.n]};
        pace_wait(t.pace, operation, &t.waiters[t.n++]);
    }
}

static void assert_at(int place, int64_t ms)
{
    int64_t us = t.granted_us[place] - ms * 1000;

    if (place >= t.n_granted || us < 0 || us > 20)
        fail_msg("grant %d of %d came at %.3f ms, not at %lld", place, t.n_granted,
                 (double)t.granted_us[place] / 1000, (long long)ms);
}

/* One of the burst is kept back, then one every half second, exactly, however many there are. */
static void test_exact(void **state)
{
    (void)state;
    begin(2, 5);
    ask("CreateUser", 200);
    assert_int_equal(t.n_granted, 0); /* nobody is called back from inside their own call */
    sim_run(200 * 1000);
    assert_int_equal(t.n_granted, 200);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(t.order[i], i);
        assert_at(i, i < 4 ? 0 : (i - 3) * 500);
    }
    end();
}

/* What is not used is saved up, but not beyond the burst. */
static void test_saved_up(void **state)
{
    (void)state;
    begin(2, 5);
    ask("CreateUser", 4);
    sim_run(600);
    assert_int_equal(t.n_granted, 4);
    ask("CreateUser", 2);
    sim_run(1);
    assert_int_equal(t.n_granted, 5); /* 1.2 tokens had come */
    sim_run(3600 * 1000);
    assert_at(5, 1000);
    ask("CreateUser", 6);
    sim_run(10);
    assert_int_equal(t.n_granted, 10);
    end();
    begin(0.5, 1);
    ask("CreateUser", 3);
    sim_run(4001);
    assert_int_equal(t.n_granted, 3);
    assert_at(0, 0);
    assert_at(1, 2000);
    assert_at(2, 4000);
    end();
}

/* A server that counts as Amazon Connect does never refuses, even if calls arrive up to 400 ms late
 * each, so that some come together; and the pace costs next to nothing. */
static void test_never_throttled(void **state)
{
    const double rate = 2, burst = 5;
    double tokens = burst;
    int64_t filled_us = 0, arrivals[200];
    unsigned seed = 4711;

    (void)state;
    begin(rate, burst);
    ask("CreateUser", 200);
    sim_run(200 * 1000);
    for (int i = 0; i < 200; i++) {
        seed = seed * 1664525U + 1013904223U;
        arrivals[i] = t.granted_us[i] + (seed >> 8) % 400000;
    }
    for (int i = 1; i < 200; i++) /* in the order of arrival */
        for (int k = i; k > 0 && arrivals[k] < arrivals[k - 1]; k--) {
            int64_t swap = arrivals[k];

            arrivals[k] = arrivals[k - 1];
            arrivals[k - 1] = swap;
        }
    for (int i = 0; i < 200; i++) {
        tokens += (double)(arrivals[i] - filled_us) * rate / 1e6;
        tokens = tokens < burst ? tokens : burst;
        filled_us = arrivals[i];
        if (tokens < 1)
            fail_msg("call %d would be throttled", i);
        tokens -= 1;
    }
    assert_true((double)t.granted_us[199] / 1e6 <= 1.01 * (200 - burst) / rate);
    end();
}

static void assert_rate(double rate)
{
    double off = pace_rate(t.pace, "CreateUser") - rate;

    if (off > 1e-9 || off < -1e-9)
        fail_msg("the rate is %.6f, not %.6f", pace_rate(t.pace, "CreateUser"), rate);
}

static void test_gives_way(void **state)
{
    (void)state;
    begin(10, 5);
    assert_rate(10); /* the ceiling, although it was never asked for */
    ask("CreateUser", 40);
    sim_run(1);
    assert_int_equal(t.n_granted, 4);
    pace_throttled(t.pace, "CreateUser", 0);
    assert_rate(7);
    sim_run(200);
    pace_throttled(t.pace, "CreateUser", 0); /* of a call that was made before */
    assert_rate(7);
    sim_run(100);
    pace_throttled(t.pace, "CreateUser", 0);
    assert_rate(4.9);
    for (int i = 0; i < 100; i++) {
        sim_run(1000);
        pace_throttled(t.pace, "CreateUser", 0);
    }
    assert_rate(0.5); /* it never stands still */
    /* It comes back as long as calls succeed: 2 % each, but not more than 5 % a second. */
    sim_run(500);
    pace_succeeded(t.pace, "CreateUser");
    assert_rate(0.5 * 1.02);
    sim_run(100);
    pace_succeeded(t.pace, "CreateUser");
    assert_rate(0.5 * 1.02 * 1.005);
    for (int i = 0; i < 10; i++)
        pace_succeeded(t.pace, "CreateUser");
    assert_rate(0.5 * 1.02 * 1.005);
    sim_run(3600 * 1000); /* nothing was tried, nothing is known */
    pace_succeeded(t.pace, "CreateUser");
    assert_rate(0.5 * 1.02 * 1.005 * 1.02);
    for (int i = 0; i < 200; i++) {
        sim_run(400);
        pace_succeeded(t.pace, "CreateUser");
    }
    assert_rate(10);
    assert_true(pace_rate(t.pace, "SearchUsers") == 10);
    end();
}

/* Behind a throttle that is tighter than the ceiling, few calls are refused and little is given
 * away, at a low rate as well as at a high one. */
static void finds_the_rate(double mine, double theirs)
{
    double tokens = 5;
    int64_t filled_us = 0;
    int n_refused = 0, n = 0;

    begin(mine, 10);
    for (int i = 0; i < 150; i++) {
        ask("CreateUser", 1);
        sim_run(0);
        while (t.n_granted <= i)
            sim_run(1);
        tokens += (double)(sim_us() - filled_us) * theirs / 1e6;
        tokens = tokens < 5 ? tokens : 5;
        filled_us = sim_us();
        if (tokens < 1) {
            n_refused++;
            pace_throttled(t.pace, "CreateUser", 0);
        } else {
            n++;
            tokens -= 1;
            pace_succeeded(t.pace, "CreateUser");
        }
    }
    if (n_refused > 20)
        fail_msg("%d of 150 refused, %.0f a second against %.0f", n_refused, mine, theirs);
    if ((double)sim_us() / 1e6 > 1.5 * n / theirs)
        fail_msg("%d took %.1f s, %.0f a second against %.0f", n, (double)sim_us() / 1e6, mine,
                 theirs);
    end();
}

static void test_finds_the_rate(void **state)
{
    (void)state;
    finds_the_rate(2, 1.2);
    finds_the_rate(10, 2);
    finds_the_rate(40, 25);
    finds_the_rate(100, 40);
}

/* A throttled answer takes what was saved up, and its retry-after is kept to. */
static void test_retry_after(void **state)
{
    (void)state;
    begin(10, 5);
    pace_throttled(t.pace, "CreateUser", 3000);
    ask("CreateUser", 2);
    sim_run(2999);
    assert_int_equal(t.n_granted, 0);
    sim_run(1);
    assert_at(0, 3000);
    sim_run(1000);
    assert_int_equal(t.n_granted, 2);
    pace_throttled(t.pace, "CreateUser", 0);
    ask("CreateUser", 1);
    sim_run(203); /* at 10 * 0.7 * 0.7 a second */
    assert_int_equal(t.n_granted, 2);
    sim_run(2);
    assert_int_equal(t.n_granted, 3);
    end();
}

static void test_gives_up(void **state)
{
    static const int leaving[] = {4, 6, 9}; /* the first who waits, one in the middle, the last */

    (void)state;
    begin(2, 5);
    ask("CreateUser", 10);
    sim_run(1);
    assert_int_equal(t.n_granted, 4);
    for (size_t i = 0; i < 3; i++) {
        pace_give_up(t.pace, "CreateUser", &t.waiters[leaving[i]]);
        assert_false(t.waiters[leaving[i]].is_waiting);
    }
    pace_give_up(t.pace, "CreateUser", &t.waiters[0]); /* was granted long ago */
    pace_give_up(t.pace, "CreateUser", &t.waiters[4]); /* again */
    ask("CreateUser", 1);                              /* behind the one that was last */
    sim_run(10000);
    assert_int_equal(t.n_granted, 8);
    assert_int_equal(t.order[4], 5);
    assert_int_equal(t.order[5], 7);
    assert_int_equal(t.order[6], 8);
    assert_int_equal(t.order[7], 10);
    end();
}

/* Who takes access away goes before who has been waiting longer; equals keep their order. */
static void test_priorities(void **state)
{
    static const int order[] = {0, 1, 2, 3, 7, 8, 6, 4, 5};

    (void)state;
    begin(2, 5);
    ask("CreateUser", 4);
    for (int i = 0; i < 5; i++) {
        int number = t.n++;

        grants[number].number = number;
        t.waiters[number] =
            (struct pace_waiter){.grant = granted, .arg = &grants[number], .priority = 2};
        if (i == 2)
            t.waiters[number].priority = 1;
        if (i > 2)
            t.waiters[number].priority = 0;
        pace_wait(t.pace, "CreateUser", &t.waiters[number]);
    }
    sim_run(10000);
    assert_int_equal(t.n_granted, 9);
    for (int i = 0; i < 9; i++)
        assert_int_equal(t.order[i], order[i]);
    end();
}

static void test_operations_apart(void **state)
{
    (void)state;
    begin(2, 5);
    ask("CreateUser", 10);
    ask("SearchUsers", 4);
    sim_run(1);
    assert_int_equal(t.n_granted, 8);
    pace_pause(t.pace, "SearchUsers", 60000, 60000);
    pace_throttled(t.pace, "SearchUsers", 60000);
    sim_run(3001);
    assert_int_equal(t.n_granted, 14);
    assert_false(pace_is_paused(t.pace, "CreateUser"));
    end();
}

static void test_pause(void **state)
{
    (void)state;
    begin(2, 5);
    assert_false(pace_is_closed(t.pace, "CreateUser"));
    pace_pause(t.pace, "CreateUser", 1000, 60000);
    assert_true(pace_is_paused(t.pace, "CreateUser"));
    assert_true(pace_is_closed(t.pace, "CreateUser"));
    ask("CreateUser", 1);
    sim_run(999);
    assert_int_equal(t.n_granted, 0);
    sim_run(1);
    assert_at(0, 1000); /* the probe */
    assert_true(pace_is_closed(t.pace, "CreateUser"));
    /* It has told nothing: the next one comes after the same time, and only one. */
    sim_run(59999);
    assert_true(pace_is_closed(t.pace, "CreateUser"));
    sim_run(1);
    assert_false(pace_is_closed(t.pace, "CreateUser"));
    ask("CreateUser", 1);
    assert_true(pace_is_closed(t.pace, "CreateUser")); /* somebody waits for it already */
    ask("CreateUser", 3);
    sim_run(1);
    assert_int_equal(t.n_granted, 2);
    /* A refusal pauses anew, from now on. */
    sim_run(10000);
    pace_pause(t.pace, "CreateUser", 60000, 60000);
    sim_run(59999);
    assert_int_equal(t.n_granted, 2);
    sim_run(1);
    assert_int_equal(t.n_granted, 3);
    pace_resume(t.pace, "CreateUser");
    assert_false(pace_is_closed(t.pace, "CreateUser"));
    sim_run(1);
    assert_int_equal(t.n_granted, 5);
    pace_resume(t.pace, "CreateUser");
    end();
}

/* A pause taken up at the start whose time has come. */
static void test_probe_at_once(void **state)
{
    (void)state;
    begin(2, 5);
    pace_pause(t.pace, "CreateUser", 0, 900000);
    assert_false(pace_is_closed(t.pace, "CreateUser"));
    ask("CreateUser", 3);
    sim_run(899999);
    assert_int_equal(t.n_granted, 1);
    sim_run(1);
    assert_int_equal(t.n_granted, 2);
    end();
}

/* Somebody else has found out that it works. */
static void test_proved(void **state)
{
    (void)state;
    begin(2, 5);
    pace_proved(t.pace, "CreateUser");
    pace_pause(t.pace, "CreateUser", 60000, 60000);
    ask("CreateUser", 2);
    sim_run(1000);
    assert_int_equal(t.n_granted, 0);
    pace_proved(t.pace, "CreateUser");
    sim_run(1);
    assert_int_equal(t.n_granted, 1); /* the probe, and nobody else */
    assert_true(pace_is_paused(t.pace, "CreateUser"));
    sim_run(59998);
    assert_int_equal(t.n_granted, 1);
    pace_resume(t.pace, "CreateUser");
    sim_run(1);
    assert_int_equal(t.n_granted, 2);
    pace_pause(t.pace, "CreateUser", 60000, 60000);
    pace_proved(t.pace, "CreateUser");
    assert_false(pace_is_closed(t.pace, "CreateUser"));
    end();
}

/* Waiting again inside grant neither loops nor jumps the queue. */
static struct pace_waiter again;
static int n_again;

static void granted_again(void *arg)
{
    granted(arg);
    if (n_again++ < 3)
        pace_wait(t.pace, "CreateUser", &again);
}

static void test_wait_inside_grant(void **state)
{
    (void)state;
    begin(2, 5);
    n_again = 0;
    grants[50].number = 50;
    again = (struct pace_waiter){.grant = granted_again, .arg = &grants[50]};
    pace_wait(t.pace, "CreateUser", &again);
    ask("CreateUser", 2);
    sim_run(1);
    assert_int_equal(t.n_granted, 4);
    assert_int_equal(t.order[0], 50);
    assert_int_equal(t.order[1], 0);
    assert_int_equal(t.order[2], 1);
    assert_int_equal(t.order[3], 50);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_saved_up),
        cmocka_unit_test(test_never_throttled),
        cmocka_unit_test(test_gives_way),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_finds_the_rate),
        cmocka_unit_test(test_gives_up),
        cmocka_unit_test(test_priorities),
        cmocka_unit_test(test_operations_apart),
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_probe_at_once),
        cmocka_unit_test(test_proved),
        cmocka_unit_test(test_wait_inside_grant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
