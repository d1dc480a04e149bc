#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"

static void a_failure_tells_its_text(void **state)
{
    struct fail fail = {
        .err = ERR_IO, .status = 500, .retry_ms = 7, .code = "x", .request_id = "y"};

    (void)state;
    assert_int_equal(fail_set(&fail, ERR_INPUT, "%s is %d", "it", 3), ERR_INPUT);
    assert_int_equal(fail.err, ERR_INPUT);
    assert_string_equal(fail.text, "it is 3");
    assert_int_equal(fail.status, 0);
    assert_int_equal(fail.retry_ms, 0);
    assert_string_equal(fail.code, "");
    assert_string_equal(fail.request_id, "");
    /* An argument may be the text that is replaced. */
    assert_int_equal(fail_set(&fail, ERR_BUSY, "again: %s", fail.text), ERR_BUSY);
    assert_string_equal(fail.text, "again: it is 3");
}

static void errno_is_told(void **state)
{
    struct fail fail;

    (void)state;
    assert_int_equal(fail_errno(&fail, ERR_NOT_FOUND, ENOENT, "open %s", "/x"), ERR_NOT_FOUND);
    assert_string_equal(fail.text, "open /x: No such file or directory");
}

static void what_was_being_done_comes_first(void **state)
{
    struct fail fail;

    (void)state;
    (void)fail_set(&fail, ERR_BUSY, "throttled");
    fail.retry_ms = 5;
    fail.status = 429;
    assert_int_equal(fail_within(&fail, ERR_BUSY, "user %s", "ann"), ERR_BUSY);
    assert_string_equal(fail.text, "user ann: throttled");
    assert_int_equal(fail.retry_ms, 5);
    assert_int_equal(fail.status, 429);
    assert_int_equal(fail.err, ERR_BUSY);
}

static void long_texts_are_cut(void **state)
{
    struct fail fail;
    char text[2 * FAIL_TEXT + 1];

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)fail_set(&fail, ERR_IO, "%s", text);
    assert_int_equal(strlen(fail.text), FAIL_TEXT - 1);
    (void)fail_errno(&fail, ERR_IO, EIO, "%s", text);
    assert_int_equal(strlen(fail.text), FAIL_TEXT - 1);
    (void)fail_within(&fail, ERR_IO, "%s", text);
    assert_int_equal(strlen(fail.text), FAIL_TEXT - 1);
}

static void nobody_need_ask_for_the_text(void **state)
{
    (void)state;
    assert_int_equal(fail_set(NULL, ERR_INPUT, "x"), ERR_INPUT);
    assert_int_equal(fail_errno(NULL, ERR_IO, EIO, "x"), ERR_IO);
    assert_int_equal(fail_within(NULL, ERR_DENIED, "x"), ERR_DENIED);
}

static void each_code_has_a_word(void **state)
{
    static const char *const words[] = {"none",   "input", "not_found", "conflict",
                                        "denied", "busy",  "io",        "unclear"};

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_string_equal(err_name((enum err)i), words[i]);
    assert_string_equal(err_name((enum err)(ERR_UNCLEAR + 1)), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_tells_its_text),        cmocka_unit_test(errno_is_told),
        cmocka_unit_test(what_was_being_done_comes_first), cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(nobody_need_ask_for_the_text),    cmocka_unit_test(each_code_has_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
