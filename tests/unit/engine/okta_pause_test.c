/* When Okta is left alone, and what people see of it. */
#include "behind.h"

#include "engine/okta_pause.h"

static char said[256];

static void told(void *arg, const struct fail *fail)
{
    size_t used = strlen(said);

    (void)arg;
    (void)snprintf(said + used, sizeof(said) - used, "%s ", fail == NULL ? "well" : fail->code);
}

static struct fail failure(enum err err, const char *code, long retry_ms)
{
    struct fail fail;

    (void)fail_set(&fail, err, "Okta: something");
    (void)snprintf(fail.code, sizeof(fail.code), "%s", code);
    fail.retry_ms = retry_ms;
    return fail;
}

static size_t n_pauses(void)
{
    struct pause *pauses;
    size_t n;

    behind_run_ms(30);
    assert_ok(behind.f,
              store_pauses(behind.f->store, &behind.f->arena, &pauses, &n, &behind.f->fail));
    if (n > 0) {
        assert_span(pauses[0].operation, OKTA_OPERATION);
        assert_true(pauses[0].probe_ms >= pauses[0].since_ms);
    }
    return n;
}

static void a_refusal_concerns_everybody(void **state)
{
    const struct okta_pause_options options = {.told = told};
    struct okta_pause_options with = options;
    struct fail denied = failure(ERR_DENIED, "E0000006", 0);
    struct okta_pause *p;

    behind_open(state, NULL);
    with.handback = behind.handback;
    said[0] = '\0';
    p = okta_pause_new(&with);
    assert_int_equal(okta_pause_wait_ms(p), 0);
    okta_pause_answered(p, &denied);
    okta_pause_answered(p, &denied); /* under way together: one */
    assert_true(okta_pause_wait_ms(p) > 50000 && okta_pause_wait_ms(p) <= 60000);
    assert_string_equal(said, "E0000006 ");
    assert_int_equal(n_pauses(), 1);
    okta_pause_answered(p, NULL);
    assert_int_equal(okta_pause_wait_ms(p), 0);
    assert_string_equal(said, "E0000006 well ");
    assert_int_equal(n_pauses(), 0);
    behind_stop();
    okta_pause_free(p);
    behind_close(true);
}

static void answers_are_no_failures(void **state)
{
    static const enum err answers[] = {ERR_NOT_FOUND, ERR_INPUT, ERR_CONFLICT};
    struct okta_pause_options options = {.told = told};
    struct okta_pause *p;

    behind_open(state, NULL);
    options.handback = behind.handback;
    said[0] = '\0';
    p = okta_pause_new(&options);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct fail fail = failure(answers[i], "", 0);

        okta_pause_answered(p, &fail);
        assert_int_equal(okta_pause_wait_ms(p), 0);
    }
    assert_string_equal(said, "");
    behind_stop();
    okta_pause_free(p);
    behind_close(true);
}

static void passing_failures_wait_and_are_not_told_at_once(void **state)
{
    struct fail busy = failure(ERR_BUSY, "E0000047", 40000), io = failure(ERR_IO, "", 0);
    struct okta_pause_options options = {.told = told};
    struct okta_pause *p;

    behind_open(state, NULL);
    options.handback = behind.handback;
    said[0] = '\0';
    p = okta_pause_new(&options);
    okta_pause_answered(p, &io);
    assert_true(okta_pause_wait_ms(p) > 0 && okta_pause_wait_ms(p) <= 2000);
    okta_pause_answered(p, NULL);
    okta_pause_answered(p, &busy);
    assert_true(okta_pause_wait_ms(p) > 30000 && okta_pause_wait_ms(p) <= 40000);
    okta_pause_answered(p, NULL);
    assert_string_equal(said, "");
    assert_int_equal(n_pauses(), 0);
    behind_stop();
    okta_pause_free(p);
    behind_close(true);
}

/* What was refused is asked again at once with other credentials, and counts until it is
 * answered. */
static void other_credentials_are_tried_at_once(void **state)
{
    struct fail denied = failure(ERR_DENIED, "E0000011", 0);
    struct okta_pause_options options = {.told = told};
    struct okta_pause *p;

    behind_open(state, NULL);
    options.handback = behind.handback;
    said[0] = '\0';
    p = okta_pause_new(&options);
    okta_pause_answered(p, &denied);
    assert_true(okta_pause_wait_ms(p) > 0);
    okta_pause_try_again(p);
    assert_int_equal(okta_pause_wait_ms(p), 0);
    assert_int_equal(n_pauses(), 1);
    okta_pause_answered(p, NULL);
    assert_int_equal(n_pauses(), 0);
    behind_stop();
    okta_pause_free(p);
    behind_close(true);
}

/* A pause of an earlier run ends with the first answer. */
static void an_old_pause_is_taken_up(void **state)
{
    const struct pause row = {.operation = SPAN(OKTA_OPERATION), .since_ms = 1, .probe_ms = 1};
    struct okta_pause_options options = {.told = told, .was_paused = true};
    struct fixture *f = *state;
    struct okta_pause *p;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_pause_put(f->store, &row, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    behind_open(state, NULL);
    options.handback = behind.handback;
    said[0] = '\0';
    p = okta_pause_new(&options);
    assert_int_equal(okta_pause_wait_ms(p), 0);
    okta_pause_answered(p, NULL);
    assert_string_equal(said, "well ");
    assert_int_equal(n_pauses(), 0);
    behind_stop();
    okta_pause_free(p);
    behind_close(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refusal_concerns_everybody, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(answers_are_no_failures, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(passing_failures_wait_and_are_not_told_at_once,
                                        fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(other_credentials_are_tried_at_once, fixture_store,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(an_old_pause_is_taken_up, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
