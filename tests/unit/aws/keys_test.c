#include "search.h"

static void keys_in_the_environment(void **state)
{
    (void)state;
    begin(NULL);
    set("AWS_ACCESS_KEY_ID= AK\n");
    set("AWS_SECRET_ACCESS_KEY=SK");
    search();
    assert_found("AK", "environment");
    assert_false(secret_is_set(&c.found.token));
    assert_int_equal(c.found.expires_ms, 0);
    set("AWS_SECURITY_TOKEN=old");
    search();
    assert_string_equal(c.found.token.p, "old");
    set("AWS_SESSION_TOKEN=new");
    search();
    assert_string_equal(c.found.token.p, "new");
    finish();
}

static void half_of_the_keys_in_the_environment(void **state)
{
    (void)state;
    begin(NULL);
    set("AWS_ACCESS_KEY_ID=AK");
    set("AWS_SECRET_ACCESS_KEY=");
    write_file(".aws/credentials", "[default]\naws_access_key_id = B\naws_secret_access_key = S\n");
    search();
    assert_refused(ERR_DENIED, "environment: AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY");
    finish();
}

static void keys_in_the_files(void **state)
{
    (void)state;
    begin(NULL);
    write_file(".aws/config", "[default]\naws_access_key_id = A\naws_secret_access_key = HUSH\n"
                              "[profile p]\naws_access_key_id = C\naws_secret_access_key = HUSH\n"
                              "aws_session_token = T\n");
    search();
    assert_found("A", "profile default");
    write_file(".aws/credentials", "[default]\naws_access_key_id = B\n");
    search();
    assert_refused(ERR_DENIED, "without aws_secret_access_key");
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = B\naws_secret_access_key = HUSH\n");
    search();
    assert_found("B", "profile default");
    set("AWS_PROFILE=p");
    search();
    assert_found("C", "profile p");
    assert_string_equal(c.found.token.p, "T");
    write_file(".aws/config", "what");
    search();
    assert_refused(ERR_DENIED, "/.aws/config:1:");
    finish();
}

static void a_process_prints_them(void **state)
{
    (void)state;
    begin(NULL);
    set_process(
        "printf '{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"HUSH\"}' \"$1\"",
        " 'two words'");
    search();
    assert_refused(ERR_DENIED, "what the credential_process printed: the access key id");
    set_process(
        "printf '{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"HUSH\"}' \"$1\"",
        " one");
    search();
    assert_found("one", "profile default (credential_process)");
    set_process("exit 3", " HUSH");
    search();
    assert_refused(ERR_DENIED, "the credential_process ended with status 3");
    set_process("echo HUSH", "");
    search();
    assert_refused(ERR_DENIED, "printed: it is no JSON");
    set_process("yes", "");
    search();
    assert_refused(ERR_DENIED, "the credential_process: its output is too large");
    set_process("", " 'x");
    search();
    assert_refused(ERR_DENIED, "not quoted in pairs");
    write_file(".aws/config", "[default]\ncredential_process = /no/such/program HUSH\n");
    search();
    assert_refused(ERR_DENIED, "/no/such/program");
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_in_the_environment),
        cmocka_unit_test(half_of_the_keys_in_the_environment),
        cmocka_unit_test(keys_in_the_files),
        cmocka_unit_test(a_process_prints_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
