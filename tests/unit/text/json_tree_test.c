#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/json.h"

static const struct row {
    const char *name;
    struct span text;
    bool is_fine;
} rows[] = {
    {"object", {"{\"a\":1}", 7}, true},
    {"scalar", {"\"a\"", 3}, true},
    {"blanks around", {" [] \n", 5}, true},
    {"integer beyond 64 bits", {"[99999999999999999999]", 22}, true},
    {"nothing", {"", 0}, false},
    {"no pointer", {NULL, 0}, false},
    {"repeated key", {"{\"a\":1,\"a\":2}", 13}, false},
    {"byte behind", {"{} x", 4}, false},
    {"NUL behind", {"{}\0", 3}, false},
    {"NUL behind a number", {"1\0 ", 3}, false},
    {"NUL within", {"[1\0,2]", 6}, false},
    {"escaped NUL", {"\"\\u0000\"", 8}, false},
    {"lone surrogate", {"\"\\ud800\"", 8}, false},
    {"invalid UTF-8", {"\"\xff\"", 3}, false},
    {"byte order mark", {"\xef\xbb\xbf{}", 5}, false},
    {"trailing comma", {"[1,]", 4}, false},
    {"leading zero", {"[01]", 4}, false},
    {"real beyond a double", {"[1e400]", 7}, false},
};

static void parse_is_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json *root = NULL;
        struct fail fail = {0};
        enum err err = json_parse(rows[i].text, &root, &fail);

        if ((err == ERR_NONE) != rows[i].is_fine || (root != NULL) != rows[i].is_fine)
            fail_msg("%s: %s", rows[i].name, fail.text);
        json_free(root);
    }
}

static void a_failure_shows_no_content(void **state)
{
    struct json *root = NULL;
    struct fail fail;

    (void)state;
    assert_int_equal(json_parse(SPAN("{\"SecretAccessKey\":\n hunter2}"), &root, &fail), ERR_INPUT);
    assert_null(strstr(fail.text, "hunter2"));
    assert_non_null(strstr(fail.text, "line 2"));
}

static struct json *document;

static int parse_document(void **state)
{
    (void)state;
    return json_parse(
               SPAN("{\"User\":{\"Id\":\"u-1\",\"Info\":{\"First\":\"Zo\\u00eb\",\"None\":null}},"
                    "\"n\":7,\"r\":7.9,\"big\":1e300,\"huge\":123456789012,\"t\":true,\"l\":[10,"
                    "\"x\",[1]],\"e\":\"\"}"),
               &document, NULL) == ERR_NONE
               ? 0
               : -1;
}

static int free_document(void **state)
{
    (void)state;
    json_free(document);
    return 0;
}

static void paths_lead_to_parts(void **state)
{
    (void)state;
    assert_true(span_eq(json_str(document, "User.Id"), SPAN("u-1")));
    assert_true(span_eq(json_str(document, "User.Info.First"), SPAN("Zo\xc3\xab")));
    assert_true(span_eq(json_str(json_get(document, "User.Info"), "First"), SPAN("Zo\xc3\xab")));
    assert_non_null(json_str(document, "e").p);
    assert_null(json_get(document, "User.Info.None"));
    assert_null(json_get(document, "User.Nope.First"));
    assert_null(json_get(document, "n.m"));
    assert_null(json_get(NULL, "a"));
    assert_null(json_str(document, "n").p);
    assert_null(json_str(NULL, "").p);
    assert_ptr_equal(json_get(document, ""), document);
}

static void scalars_are_read(void **state)
{
    (void)state;
    assert_int_equal(json_int(document, "n", -1), 7);
    assert_int_equal(json_int(document, "r", -1), 7);
    assert_int_equal(json_int(document, "huge", -1), 123456789012);
    assert_int_equal(json_int(document, "big", -1), -1);
    assert_int_equal(json_int(document, "t", -1), -1);
    assert_int_equal(json_int(NULL, "", -1), -1);
    assert_true(json_double(document, "r", 0) > 7.8 && json_double(document, "n", 0) == 7.0);
    assert_true(json_double(document, "e", 0.5) == 0.5);
    assert_true(json_bool(document, "t", false));
    assert_true(json_bool(document, "n", true));
    assert_true(json_is_object(document));
    assert_false(json_is_array(document));
    assert_true(json_is_array(json_get(document, "l")));
    assert_false(json_is_object(NULL));
}

static void containers_are_walked(void **state)
{
    static const char *const keys[] = {"User", "n", "r", "big", "huge", "t", "l", "e"};
    const struct json *value;
    void *at = NULL;
    const char *key;

    (void)state;
    assert_int_equal(json_count(document, "l"), 3);
    assert_int_equal(json_count(document, "User"), 0);
    assert_int_equal(json_int(json_item(document, "l", 0), "", -1), 10);
    assert_int_equal(json_int(json_item(json_item(document, "l", 2), "", 0), "", -1), 1);
    assert_null(json_item(document, "l", 3));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_true(json_each(document, &at, &key, &value));
        assert_string_equal(key, keys[i]);
        assert_non_null(value);
    }
    assert_false(json_each(document, &at, &key, &value));
    at = NULL;
    assert_false(json_each(NULL, &at, &key, &value));
    assert_false(json_each(json_get(document, "l"), &at, &key, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_is_strict),       cmocka_unit_test(a_failure_shows_no_content),
        cmocka_unit_test(paths_lead_to_parts),   cmocka_unit_test(scalars_are_read),
        cmocka_unit_test(containers_are_walked),
    };

    return cmocka_run_group_tests(tests, parse_document, free_document);
}
