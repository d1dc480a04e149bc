#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "net/ca_file.h"

static const char *const names[] = {"AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"};

static int forget(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(unsetenv(names[i]), 0);
    return 0;
}

static void what_is_set_counts_in_its_order(void **state)
{
    const char *folder = "unset";
    char *file;

    (void)state;
    assert_int_equal(setenv("SSL_CERT_FILE", "/ssl.pem", 1), 0);
    file = ca_file_find(&folder);
    assert_string_equal(file, "/ssl.pem");
    assert_null(folder);
    free(file);
    assert_int_equal(setenv("AWS_CA_BUNDLE", "/aws.pem", 1), 0);
    assert_int_equal(setenv("SSL_CERT_DIR", "/certs", 1), 0);
    file = ca_file_find(&folder);
    assert_string_equal(file, "/aws.pem");
    assert_string_equal(folder, "/certs");
    free(file);
    assert_int_equal(setenv("AWS_CA_BUNDLE", "", 1), 0);
    file = ca_file_find(&folder);
    assert_string_equal(file, "/ssl.pem");
    free(file);
}

static void else_this_systems_own(void **state)
{
    const char *folder;
    char *file = ca_file_find(&folder);

    (void)state;
    assert_null(folder);
    if (file == NULL)
        skip(); /* a system without certificates */
    assert_true(fs_exists(file));
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_set_counts_in_its_order, forget, forget),
        cmocka_unit_test_setup(else_this_systems_own, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
