#include "calls.h"

/* ---- the clock ---- */

#define SKEWED "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}"
#define DATE "Wed, 21 Oct 2037 07:28:00 GMT"

static void a_wrong_clock_is_corrected_once(void **state)
{
    char *refusal = raw_answer(403, DATE, SKEWED);
    char *later = raw_answer(403, "Wed, 21 Oct 2037 09:28:00 GMT", SKEWED);
    char *good = raw_answer(200, DATE, "{}");
    const struct scripted script[] = {{.path = PATH, .status = RAW, .body = refusal, .times = 1},
                                      {.path = PATH, .status = RAW, .body = good, .times = 2},
                                      {.path = PATH, .status = RAW, .body = later, .times = 1},
                                      {.path = PATH, .status = RAW, .body = refusal, .times = 1},
                                      {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_equal(s.n_asked, 2);
    assert_int_equal(strncmp(s.asked[1].date, "20371021T07", 11), 0);
    assert_signed(&s.asked[1], "SK", "connect");
    ask(0, write_ask()); /* it is remembered */
    run_until_done(1);
    assert_int_equal(s.n_asked, 3);
    assert_int_equal(strncmp(s.asked[2].date, "20371021T07", 11), 0);
    ask(0, write_ask()); /* a clock that jumps twice is told, not followed */
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_string_equal(calls[0].fail.code, "InvalidSignatureException");
    assert_int_equal(s.n_asked, 5);
    end_aws();
    free(refusal);
    free(later);
    free(good);
}

/* Both were signed before either answer told how late it is. */
static void a_wrong_clock_is_corrected_for_all(void **state)
{
    char *refusal = raw_answer(403, DATE, SKEWED);
    char *good = raw_answer(200, DATE, "{}");
    const struct scripted script[] = {{.path = PATH, .status = RAW, .body = refusal, .times = 2},
                                      {.path = PATH, .status = RAW, .body = good, .times = 2},
                                      {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    ask(1, write_ask());
    run_until_done(2);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_equal(calls[1].err, ERR_NONE);
    assert_int_equal(s.n_asked, 4);
    end_aws();
    free(refusal);
    free(good);
}

static void a_right_clock_is_not_blamed(void **state)
{
    static const struct scripted script[] = {{.path = PATH, .status = 403, .body = SKEWED}, {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_int_equal(s.n_asked, 1);
    end_aws();
}

static void a_strangers_date_is_not_believed(void **state)
{
    char *page = raw_answer(503, DATE, "<html>");
    const struct scripted script[] = {{.path = PATH, .status = RAW, .body = page, .times = 1},
                                      {.path = PATH, .status = 200},
                                      {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_not_equal(strncmp(s.asked[1].date, "2037", 4), 0);
    end_aws();
    free(page);
}

static void the_date_of_a_good_answer_is_learned(void **state)
{
    char *good = raw_answer(200, DATE, "{}");
    const struct scripted script[] = {{.path = PATH, .status = RAW, .body = good}, {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    ask(0, write_ask());
    run_until_done(1);
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(s.n_asked, 2);
    assert_int_equal(strncmp(s.asked[1].date, "20371021T07", 11), 0);
    end_aws();
    free(good);
}

/* ---- credentials that are refused ---- */

#define EXPIRED "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}"

static void new_credentials_are_tried_once(void **state)
{
    char *one = credentials_json("ONE", 3600000), *two = credentials_json("TWO", 3600000);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = one, .times = 1},
                                      {.path = "/c", .status = 200, .body = two},
                                      {.path = PATH, .status = 403, .body = EXPIRED, .times = 3},
                                      {.path = PATH, .status = 200},
                                      {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    for (size_t i = 0; i < 3; i++)
        ask(i, write_ask());
    run_until_done(3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(calls[i].err, ERR_NONE);
    assert_int_equal(s.n_asked, 8); /* two searches; three calls, each twice */
    assert_string_equal(s.asked[7].token, "token-of-TWO");
    end_aws();
    free(one);
    free(two);
}

static void the_same_credentials_are_not_tried_again(void **state)
{
    static const struct scripted script[] = {
        {.path = PATH, .status = 403, .body = EXPIRED, .headers = {"x-amzn-RequestId: r-1"}}, {0}};

    (void)state;
    begin_aws(script);
    set_keys();
    for (int i = 0; i < 2; i++) {
        ask(0, write_ask());
        run_until_done(1);
        assert_int_equal(calls[0].err, ERR_DENIED);
        assert_string_equal(calls[0].fail.code, "ExpiredTokenException");
        assert_string_equal(calls[0].request_id, "r-1");
        assert_int_equal(calls[0].status, 403);
        assert_int_equal(s.n_asked, i + 1);
    }
    end_aws();
}

static void new_credentials_may_be_refused_as_well(void **state)
{
    char *one = credentials_json("ONE", 3600000), *two = credentials_json("TWO", 3600000);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = one, .times = 1},
                                      {.path = "/c", .status = 200, .body = two, .times = 1},
                                      {.path = "/c", .status = 403},
                                      {.path = PATH, .status = 403, .body = EXPIRED},
                                      {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_string_equal(calls[0].fail.code, "ExpiredTokenException");
    assert_int_equal(s.n_asked, 4);
    ask(0, write_ask()); /* the next search finds none */
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_DENIED);
    assert_string_equal(calls[0].fail.code, "NoCredentials");
    assert_int_equal(s.n_asked, 6);
    end_aws();
    free(one);
    free(two);
}

static void rotated_keys_are_read_anew(void **state)
{
    static const struct scripted script[] = {
        {.path = PATH, .status = 200, .times = 1},
        {.path = PATH,
         .status = 403,
         .body = "{\"__type\":\"UnrecognizedClientException\"}",
         .times = 1},
        {.path = PATH, .status = 200},
        {0}};

    (void)state;
    begin_aws(script);
    write_file(".aws/credentials", "[default]\naws_access_key_id = A\naws_secret_access_key = S\n");
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = AK\naws_secret_access_key = T\n");
    ask(0, write_ask());
    run_until_done(1);
    assert_int_equal(calls[0].err, ERR_NONE);
    assert_int_equal(s.n_asked, 3);
    assert_signed(&s.asked[2], "T", "connect");
    end_aws();
}

/* ---- stopping ---- */

static void cancelled_in_every_phase(void **state)
{
    static const struct scripted script[] = {
        {.path = "/c", .status = HANGS, .times = 1}, {.path = PATH, .status = HANGS}, {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    s.on_asked = stop;
    ask(0, write_ask()); /* before anything is done */
    aws_cancel(calls[0].call);
    ask(1, write_ask()); /* while it waits for credentials */
    ask(2, write_ask());
    loop_run(s.loop);
    assert_int_equal(s.n_asked, 1);
    aws_cancel(calls[1].call);
    end_aws(); /* the third one, too */

    begin_aws(script);
    set_keys();
    s.on_asked = stop;
    ask(3, write_ask()); /* while it waits for the answer */
    ask(4, write_ask());
    while (s.n_asked < 2)
        loop_run(s.loop);
    aws_cancel(calls[3].call);
    end_aws();
    for (size_t i = 0; i < CALLS; i++)
        assert_int_equal(calls[i].done, 0);
    aws_cancel(NULL);
    aws_free(NULL);
}

static void cancelled_while_new_credentials_are_looked_for(void **state)
{
    char *one = credentials_json("ONE", 3600000);
    const struct scripted script[] = {{.path = "/c", .status = 200, .body = one, .times = 1},
                                      {.path = "/c", .status = HANGS},
                                      {.path = PATH, .status = 403, .body = EXPIRED},
                                      {0}};

    (void)state;
    begin_aws(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    begin_again();
    s.on_asked = stop;
    ask(0, write_ask());
    ask(1, write_ask());
    while (s.n_asked < 4)
        loop_run(s.loop);
    aws_cancel(calls[0].call);
    run_for(50);
    end_aws();
    assert_int_equal(calls[0].done + calls[1].done, 0);
    free(one);
}

static void ask_on(void *arg, const struct aws_answer *answer)
{
    (void)answer;
    aws_cancel(calls[1].call);
    calls[2].call = aws_ask(aws, arg, done, &calls[2]);
}

static void a_callback_may_ask_and_cancel(void **state)
{
    static const struct scripted script[] = {
        {.path = "/hang", .status = HANGS}, {.path = PATH, .status = 200}, {0}};
    struct aws_ask hang = write_ask(), what = write_ask();

    (void)state;
    begin_aws(script);
    set_keys();
    hang.path = SPAN("/hang");
    ask(1, hang);
    (void)aws_ask(aws, &what, ask_on, &what);
    run_until_done(1);
    assert_int_equal(calls[2].err, ERR_NONE);
    assert_int_equal(calls[1].done, 0);
    end_aws();

    begin_aws(script); /* the same when there are no credentials */
    set("AWS_EC2_METADATA_DISABLED=true");
    begin_again();
    (void)aws_ask(aws, &what, ask_on, &what);
    ask(1, what);
    run_until_done(1);
    assert_int_equal(calls[2].err, ERR_DENIED);
    assert_int_equal(calls[1].done, 0);
    end_aws();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_clock_is_corrected_once),
        cmocka_unit_test(a_wrong_clock_is_corrected_for_all),
        cmocka_unit_test(a_right_clock_is_not_blamed),
        cmocka_unit_test(a_strangers_date_is_not_believed),
        cmocka_unit_test(the_date_of_a_good_answer_is_learned),
        cmocka_unit_test(new_credentials_are_tried_once),
        cmocka_unit_test(the_same_credentials_are_not_tried_again),
        cmocka_unit_test(new_credentials_may_be_refused_as_well),
        cmocka_unit_test(rotated_keys_are_read_anew),
        cmocka_unit_test(cancelled_in_every_phase),
        cmocka_unit_test(cancelled_while_new_credentials_are_looked_for),
        cmocka_unit_test(a_callback_may_ask_and_cancel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
