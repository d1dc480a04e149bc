/* Settings with references, against a server that stands in for Secrets Manager. */
#include "../aws/calls.h"

#include "lambda/configuration.h"
#include "lambda/references.h"

#define ARN "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hook-AbCdEf"
#define NONE_BEFORE "{\"__type\":\"ResourceNotFoundException\"}"

static struct configuration *configuration;
static enum err loaded;
static struct fail why;
static unsigned n_refreshed;

static void on_loaded(void *arg, enum err err, const struct fail *fail)
{
    (void)arg;
    loaded = err;
    why = *fail;
    loop_stop(s.loop);
}

static void on_refreshed(void *arg)
{
    (void)arg;
    n_refreshed++;
    loop_stop(s.loop);
}

static void set_settings(const char *secret)
{
    set("AWS_ENDPOINT_URL=%s", s.url);
    set("AWS_ACCESS_KEY_ID=AK");
    set("AWS_SECRET_ACCESS_KEY=SK");
    set("ROSTER_CONFIG=[OKTA]\nGROUP_NAME = Agents\n[Connect]\nINSTANCE_ID = i\n"
        "SECURITY_PROFILE_IDS = s\nROUTING_PROFILE_ID = r\n[Queue]\n"
        "URL = https://sqs.eu-central-1.amazonaws.com/123456789012/q.fifo\n");
    set("ROSTER_OKTA_HOOK_SECRET=%s", secret);
}

static void load(const struct scripted *script, const char *secret)
{
    begin(script);
    set_settings(secret);
    n_refreshed = 0;
    configuration = configuration_new(s.loop, s.client, environment());
    configuration_load(configuration, on_loaded, NULL);
    loop_run(s.loop);
}

static void done_with_it(void)
{
    configuration_free(configuration);
    end();
}

static void assert_secrets(const char *current, const char *previous)
{
    const struct settings *settings = configuration_settings(configuration);

    assert_true(span_eq(secret_span(&settings->hook_secret), span_of(current)));
    assert_int_equal(secret_is_set(&settings->hook_secret_previous), previous != NULL);
    if (previous != NULL)
        assert_true(span_eq(secret_span(&settings->hook_secret_previous), span_of(previous)));
}

static bool refresh(enum configuration_need need, int64_t in_ms)
{
    unsigned before = n_refreshed;

    if (!configuration_refresh(configuration, need, clock_wall_ms() + in_ms, on_refreshed, NULL))
        return false;
    assert_int_equal(n_refreshed, before); /* never from inside */
    loop_run(s.loop);
    assert_int_equal(n_refreshed, before + 1);
    return true;
}

static void a_rotation_is_seen_when_the_values_are_old(void **state)
{
    static const struct scripted script[] = {
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"one\"}", .times = 1},
        {.path = "/", .status = 400, .body = NONE_BEFORE, .times = 1},
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"two\"}", .times = 1},
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"one\"}", .times = 1},
        {.path = "/", .status = 500, .body = "{}"},
        {0}};

    (void)state;
    load(script, ARN);
    assert_int_equal(loaded, ERR_NONE);
    assert_secrets("one", NULL);
    assert_false(refresh(CONFIGURATION_BY_AGE, REFERENCES_KEPT_MS - 1000));
    assert_int_equal(s.n_asked, 2);
    assert_true(refresh(CONFIGURATION_BY_AGE, REFERENCES_KEPT_MS + 1000));
    assert_secrets("two", "one");
    /* What fails leaves what was, and is not tried at every turn. */
    assert_true(refresh(CONFIGURATION_BY_AGE, 3 * REFERENCES_KEPT_MS));
    assert_secrets("two", "one");
    assert_false(refresh(CONFIGURATION_BY_AGE, 3 * REFERENCES_KEPT_MS + 1000));
    assert_true(
        refresh(CONFIGURATION_BY_AGE, 3 * REFERENCES_KEPT_MS + CONFIGURATION_AGAIN_MS + 1000));
    done_with_it();
}

static void doubt_is_followed_now_and_then(void **state)
{
    static const struct scripted script[] = {
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"one\"}"}, {0}};

    (void)state;
    load(script, ARN);
    assert_int_equal(s.n_asked, 2);
    assert_true(refresh(CONFIGURATION_BY_DOUBT, 1000));
    assert_int_equal(s.n_asked, 4);
    for (int i = 0; i < 5; i++)
        assert_false(refresh(CONFIGURATION_BY_DOUBT, 2000));
    assert_int_equal(s.n_asked, 4);
    assert_true(refresh(CONFIGURATION_BY_DOUBT, 2000 + CONFIGURATION_AGAIN_MS));
    /* The clock was set back: better once too often. */
    assert_true(refresh(CONFIGURATION_BY_DOUBT, -10 * REFERENCES_KEPT_MS));
    done_with_it();
}

static void without_references_nothing_is_asked(void **state)
{
    (void)state;
    load(NULL, "plain");
    assert_int_equal(loaded, ERR_NONE);
    assert_secrets("plain", NULL);
    assert_false(refresh(CONFIGURATION_BY_DOUBT, 1000));
    assert_false(refresh(CONFIGURATION_BY_AGE, 100 * REFERENCES_KEPT_MS));
    assert_int_equal(s.n_asked, 0);
    done_with_it();
}

static void a_value_that_is_no_secret_is_a_mistake(void **state)
{
    static const struct scripted script[] = {
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"two\\nlines\"}"}, {0}};

    (void)state;
    load(script, ARN);
    assert_int_equal(loaded, ERR_INPUT);
    assert_non_null(strstr(why.text, "HOOK_SECRET"));
    assert_null(strstr(why.text, "lines"));
    done_with_it();
}

static void a_rotation_to_nonsense_keeps_what_was(void **state)
{
    static const struct scripted script[] = {
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"one\"}", .times = 2},
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"two\\nlines\"}"},
        {0}};

    (void)state;
    load(script, ARN);
    assert_true(refresh(CONFIGURATION_BY_DOUBT, 1000));
    assert_secrets("one", "one");
    done_with_it();
}

static void what_cannot_be_read_is_told_apart(void **state)
{
    static const struct row {
        int status;
        const char *body;
        enum err wanted;
    } rows[] = {
        {400, NONE_BEFORE, ERR_NOT_FOUND},
        {400, "{\"__type\":\"AccessDeniedException\"}", ERR_DENIED},
        {500, "{}", ERR_IO},
        {CUTS, NULL, ERR_IO},
        {200, "{}", ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scripted script[] = {
            {.path = "/", .status = rows[i].status, .body = rows[i].body}, {0}};

        load(script, ARN);
        if (loaded != rows[i].wanted || strstr(why.text, "ROSTER_OKTA_HOOK_SECRET") == NULL)
            fail_msg("row %zu: %s: %s", i, err_name(loaded), why.text);
        assert_null(configuration_settings(configuration));
        done_with_it();
    }
}

static void nobody_is_called_who_does_not_wait(void **state)
{
    static const struct scripted script[] = {
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"one\"}", .times = 2},
        {.path = "/", .status = HANGS},
        {0}};

    (void)state;
    load(script, ARN);
    assert_true(configuration_refresh(configuration, CONFIGURATION_BY_DOUBT, clock_wall_ms() + 1,
                                      on_refreshed, NULL));
    configuration_forget(configuration);
    done_with_it(); /* with a fetch under way */
    assert_int_equal(n_refreshed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rotation_is_seen_when_the_values_are_old),
        cmocka_unit_test(doubt_is_followed_now_and_then),
        cmocka_unit_test(without_references_nothing_is_asked),
        cmocka_unit_test(a_value_that_is_no_secret_is_a_mistake),
        cmocka_unit_test(a_rotation_to_nonsense_keeps_what_was),
        cmocka_unit_test(what_cannot_be_read_is_told_apart),
        cmocka_unit_test(nobody_is_called_who_does_not_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
