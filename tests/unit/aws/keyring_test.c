#include "stand_in.h"

#include "aws/keyring.h"

enum { WAITERS = 5, HOUR_MS = 3600000 };

static struct waiting {
    struct keyring_waiter waiter;
    unsigned told;
    struct fail fail; /* err NONE: there were credentials */
    char id[32];
} w[WAITERS];

static struct {
    struct environment *environment;
    struct skew skew;
    struct chain_context context;
    struct keyring *keyring;
    unsigned n_told, n_wanted;
    void (*on_told)(void);
} k;

static void told(void *arg, const struct fail *fail)
{
    struct waiting *one = arg;
    const struct credentials *credentials = keyring_look(k.keyring);

    one->told++;
    if (fail != NULL)
        one->fail = *fail;
    else
        snprintf(one->id, sizeof(one->id), "%s", credentials->access_key.p);
    if (k.on_told != NULL)
        k.on_told();
    if (++k.n_told == k.n_wanted)
        loop_stop(s.loop);
}

static void begin_keyring(const struct scripted *script)
{
    begin(script);
    memset(&k, 0, sizeof(k));
    memset(w, 0, sizeof(w));
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    k.environment = environment_new(environment());
    k.context = (struct chain_context){.loop = s.loop,
                                       .client = s.client,
                                       .environment = k.environment,
                                       .region = "eu-central-1",
                                       .sts_endpoint = s.url,
                                       .skew = &k.skew};
    k.keyring = keyring_new(&k.context);
    for (size_t i = 0; i < WAITERS; i++)
        w[i].waiter = (struct keyring_waiter){.ready = told, .arg = &w[i]};
}

static void end_keyring(void)
{
    keyring_free(k.keyring);
    environment_free(k.environment);
    end();
}

static void run_until_told(unsigned n)
{
    k.n_told = 0;
    k.n_wanted = n;
    loop_run(s.loop);
    assert_int_equal(k.n_told, n);
}

/* Until the n-th request has come, and its answer has been read. */
static void run_until_asked(unsigned n)
{
    s.on_asked = stop;
    while (s.n_asked < n)
        loop_run(s.loop);
    s.on_asked = NULL;
    run_for(100);
    assert_int_equal(s.n_asked, n);
}

static void one_search_serves_all(void **state)
{
    char *json = credentials_json("AK", HOUR_MS);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = json}, {0}};

    (void)state;
    begin_keyring(script);
    assert_null(keyring_look(k.keyring));
    assert_string_equal(keyring_origin(k.keyring), "none");
    for (size_t i = 0; i < WAITERS; i++)
        keyring_wait(k.keyring, &w[i].waiter);
    keyring_leave(k.keyring, &w[0].waiter);
    keyring_leave(k.keyring, &w[2].waiter);
    keyring_leave(k.keyring, &w[4].waiter);
    keyring_leave(k.keyring, &w[4].waiter);
    run_until_told(2);
    assert_string_equal(w[1].id, "AK");
    assert_string_equal(w[3].id, "AK");
    assert_int_equal(w[0].told + w[2].told + w[4].told, 0);
    assert_string_equal(keyring_origin(k.keyring), "container");
    assert_int_equal(keyring_number(k.keyring), 1);
    assert_int_equal(s.n_asked, 1);
    run_for(50); /* nothing is due */
    assert_int_equal(s.n_asked, 1);
    end_keyring();
    free(json);
}

static void a_failure_is_told_to_all_and_the_next_search_is_new(void **state)
{
    char *json = credentials_json("AK", HOUR_MS);
    const struct scripted script[] = {{.path = "/c", .status = 403, .times = 1},
                                      {.path = "/c", .status = 200, .body = json},
                                      {0}};

    (void)state;
    begin_keyring(script);
    keyring_wait(k.keyring, &w[0].waiter);
    keyring_wait(k.keyring, &w[1].waiter);
    run_until_told(2);
    assert_int_equal(w[0].fail.err, ERR_DENIED);
    assert_non_null(strstr(w[1].fail.text, "container: the container's service answered 403"));
    assert_string_equal(w[1].fail.code, "NoCredentials");
    assert_null(keyring_look(k.keyring));
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    assert_string_equal(w[0].id, "AK");
    end_keyring();
    free(json);
}

static void wait_again(void)
{
    k.on_told = NULL;
    keyring_wait(k.keyring, &w[0].waiter);
    keyring_leave(k.keyring, &w[1].waiter);
}

/* The first one that is told waits again at once, and takes the second one out. */
static void waiters_may_come_and_go_while_they_are_told(void **state)
{
    static const struct scripted script[] = {{.path = "/c", .status = 403}, {0}};

    (void)state;
    begin_keyring(script);
    for (size_t i = 0; i < 3; i++)
        keyring_wait(k.keyring, &w[i].waiter);
    k.on_told = wait_again;
    run_until_told(3);
    assert_int_equal(w[0].told, 2);
    assert_int_equal(w[1].told, 0);
    assert_int_equal(w[2].told, 1);
    assert_int_equal(s.n_asked, 2);
    end_keyring();
}

static void new_ones_come_before_the_end(void **state)
{
    char *old = credentials_json("OLD", 60000);
    char *new = credentials_json("NEW", HOUR_MS);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = old, .times = 1},
                                      {.path = "/c", .status = 200, .body = new},
                                      {0}};

    (void)state;
    begin_keyring(script);
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    /* Of a short life half is left; the clock then goes on a little. */
    assert_string_equal(keyring_look(k.keyring)->access_key.p, "OLD");
    run_for(50);
    assert_int_equal(s.n_asked, 1);
    k.skew.ahead_ms = 31000;
    assert_string_equal(keyring_look(k.keyring)->access_key.p, "OLD");
    assert_string_equal(keyring_look(k.keyring)->access_key.p, "OLD");
    run_until_asked(2);
    assert_string_equal(keyring_look(k.keyring)->access_key.p, "NEW");
    assert_int_equal(keyring_number(k.keyring), 2);
    /* An hour's are kept until five minutes are left. */
    k.skew.ahead_ms = HOUR_MS - KEYRING_MARGIN_MS - 10000;
    assert_non_null(keyring_look(k.keyring));
    run_for(100);
    assert_int_equal(s.n_asked, 2);
    k.skew.ahead_ms = HOUR_MS - KEYRING_MARGIN_MS + 1000;
    assert_non_null(keyring_look(k.keyring));
    run_until_asked(3);
    end_keyring();
    free(old);
    free(new);
}

static void at_the_end_new_ones_are_waited_for(void **state)
{
    char *old = credentials_json("OLD", HOUR_MS);
    const struct scripted script[] = {
        {.path = "/c", .status = 200, .body = old, .times = 1}, {.path = "/c", .status = 404}, {0}};

    (void)state;
    begin_keyring(script);
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    /* A search that fails leaves the old ones in use, and is not repeated at once. */
    k.skew.ahead_ms = HOUR_MS - 60000;
    assert_non_null(keyring_look(k.keyring));
    run_until_asked(2);
    assert_non_null(keyring_look(k.keyring));
    run_for(50);
    assert_int_equal(s.n_asked, 2);
    k.skew.ahead_ms += KEYRING_AGAIN_MS;
    assert_non_null(keyring_look(k.keyring));
    run_until_asked(3);
    k.skew.ahead_ms = HOUR_MS - KEYRING_LAST_MS + 100;
    assert_null(keyring_look(k.keyring));
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    assert_int_equal(w[0].fail.err, ERR_DENIED);
    end_keyring();
    free(old);
}

static void old_ones_are_used_when_there_are_no_others(void **state)
{
    char *old = credentials_json("OLD", -HOUR_MS);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = old}, {0}};

    (void)state;
    begin_keyring(script);
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    assert_string_equal(w[0].id, "OLD");
    assert_non_null(keyring_look(k.keyring));
    run_for(50);
    assert_int_equal(s.n_asked, 1);
    k.skew.ahead_ms = KEYRING_MARGIN_MS + 1;
    assert_non_null(keyring_look(k.keyring));
    run_until_asked(2);
    end_keyring();
    free(old);
}

static void rejected_ones_are_dropped(void **state)
{
    char *one = credentials_json("ONE", HOUR_MS), *two = credentials_json("TWO", HOUR_MS);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = one, .times = 2},
                                      {.path = "/c", .status = 200, .body = two},
                                      {0}};

    (void)state;
    begin_keyring(script);
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    assert_int_equal(keyring_number(k.keyring), 1);
    keyring_reject(k.keyring, 1);
    keyring_reject(k.keyring, 1);
    assert_null(keyring_look(k.keyring));
    assert_string_equal(keyring_origin(k.keyring), "none");
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    assert_int_equal(keyring_number(k.keyring), 1); /* the same again */
    keyring_reject(k.keyring, 1);
    keyring_wait(k.keyring, &w[0].waiter);
    run_until_told(1);
    assert_int_equal(keyring_number(k.keyring), 2);
    keyring_reject(k.keyring, 1); /* told late */
    assert_string_equal(keyring_look(k.keyring)->access_key.p, "TWO");
    end_keyring();
    free(one);
    free(two);
}

static void freed_while_somebody_waits(void **state)
{
    static const struct scripted script[] = {{.path = "/c", .status = HANGS}, {0}};

    (void)state;
    begin_keyring(script);
    s.on_asked = stop;
    keyring_wait(k.keyring, &w[0].waiter);
    loop_run(s.loop);
    end_keyring();
    assert_int_equal(w[0].told, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_search_serves_all),
        cmocka_unit_test(a_failure_is_told_to_all_and_the_next_search_is_new),
        cmocka_unit_test(waiters_may_come_and_go_while_they_are_told),
        cmocka_unit_test(new_ones_come_before_the_end),
        cmocka_unit_test(at_the_end_new_ones_are_waited_for),
        cmocka_unit_test(old_ones_are_used_when_there_are_no_others),
        cmocka_unit_test(rejected_ones_are_dropped),
        cmocka_unit_test(freed_while_somebody_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
