/* Secrets are read again from their files. */
#include "../store/fixture.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/log.h"
#include "engine/secrets.h"

static int n_changed;

static void changed(void *arg)
{
    (void)arg;
    n_changed++;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void files_are_read_again(void **state)
{
    struct fixture *f = *state;
    struct settings settings = {.client_id = SPAN("0oaclient"), .key_id = SPAN("k1")};
    char hook[128], token[128];
    struct secrets *s;
    struct loop *loop;

    log_setup(LOG_ERROR, LOG_LOGFMT);
    assert_ok(f, loop_new(&loop, &f->fail));
    fixture_path(f, "hook", hook);
    fixture_path(f, "token", token);
    write_file(hook, "one\n");
    write_file(token, "t-one\n");
    secret_set(&settings.hook_secret, SPAN("one"));
    secret_set(&settings.hook_secret_previous, SPAN("of the environment"));
    secret_set(&settings.api_token, SPAN("t-one"));
    settings.hook_secret_file = span_of(hook);
    settings.api_token_file = span_of(token);
    n_changed = 0;
    s = secrets_new(loop, &settings, changed, NULL);
    assert_span(secret_span(secrets_hook(s)), "one");
    assert_span(secret_span(secrets_hook_previous(s)), "of the environment");
    assert_span(secrets_okta(s).api_token, "t-one");
    assert_span(secrets_okta(s).client_id, "0oaclient");
    assert_int_equal(secrets_okta(s).private_key.n, 0);

    secrets_renew(s);
    assert_int_equal(n_changed, 0);
    write_file(hook, "two\n");
    secrets_renew(s);
    assert_span(secret_span(secrets_hook(s)), "two");
    assert_span(secret_span(secrets_hook_previous(s)), "of the environment");
    assert_int_equal(n_changed, 0);
    write_file(token, "t-two\n");
    secrets_renew(s);
    assert_span(secrets_okta(s).api_token, "t-two");
    assert_int_equal(n_changed, 1);

    /* What cannot be read, or is no secret, changes nothing. */
    write_file(token, "");
    secrets_renew(s);
    assert_span(secrets_okta(s).api_token, "t-two");
    assert_int_equal(unlink(token), 0);
    secrets_renew(s);
    assert_span(secrets_okta(s).api_token, "t-two");
    write_file(token, "t-three\n");
    assert_int_equal(chmod(token, 0644), 0);
    secrets_renew(s);
    assert_span(secrets_okta(s).api_token, "t-two");
    assert_int_equal(n_changed, 1);

    secrets_free(s);
    secret_done(&settings.hook_secret);
    secret_done(&settings.hook_secret_previous);
    secret_done(&settings.api_token);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_read_again, fixture_folder, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
