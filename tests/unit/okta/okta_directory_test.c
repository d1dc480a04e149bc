#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "okta/directory.h"
#include "okta/event_hooks.h"
#include "okta/read.h"

static struct arena a;
static struct fail fail;

static int begin(void **state)
{
    (void)state;
    arena_init(&a);
    fail = (struct fail){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&a);
    return 0;
}

static struct json_value scan(const char *text)
{
    struct json_value value = {0};

    if (json_scan(span_of(text), OKTA_DEPTH, &value, &fail) != ERR_NONE)
        fail_msg("%s: %s", text, fail.text);
    return value;
}

/* "name=value" for each attribute, with a '+' before those of arrays */
static void attributes_are_kept_as_texts(void **state)
{
    static const struct {
        const char *name, *profile, *want, *fault;
    } rows[] = {
        {"texts", "{\"login\":\"a@b\",\"firstName\":\"\\u00c4nne\"}",
         "login=a@b firstName=\xc3\x84nne ", NULL},
        {"numbers as they are written",
         "{\"a\":1,\"b\":-2.50,\"c\":1e3,\"d\":12345678901234567890}",
         "a=1 b=-2.50 c=1e3 d=12345678901234567890 ", NULL},
        {"booleans", "{\"a\":true,\"b\":false}", "a=true b=false ", NULL},
        {"null and objects are left out", "{\"a\":null,\"b\":{\"c\":1},\"d\":\"\"}", "d= ", NULL},
        {"arrays", "{\"a\":[\"x\",\"y\"],\"b\":[],\"c\":[1,null,true,[2],{}]}",
         "+a=x +a=y +c=1 +c=true ", NULL},
        {"names with escapes", "{\"\\u0061b\":1}", "ab=1 ", NULL},
        {"lone surrogate", "{\"a\":\"\\ud800\",\"b\":1}", "b=1 ", "Unicode"},
        {"NUL", "{\"a\":\"\\u0000\"}", "", "Unicode"},
        {"bad name", "{\"\\ud800\":1}", "=1 ", "name"},
        {"no profile", "null", "", "no profile"},
        {"a profile that is none", "[1]", "", "no profile"},
        {"empty", "{}", "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct okta_user user = {0};
        struct buf text, got;

        buf_init(&text, 4096);
        buf_init(&got, 4096);
        buf_printf(&text, "{\"id\":\"00u1\",\"status\":\"ACTIVE\",\"profile\":%s}",
                   rows[i].profile);
        assert_int_equal(okta_user_decode(&a, scan(text.p), &user, &fail), ERR_NONE);
        for (size_t k = 0; k < user.n_attributes; k++)
            buf_printf(&got, "%s%.*s=%.*s ", user.attributes[k].is_item ? "+" : "",
                       SPAN_ARG(user.attributes[k].name), SPAN_ARG(user.attributes[k].value));
        if (strcmp(got.p, rows[i].want) != 0 || (user.fault == NULL) != (rows[i].fault == NULL) ||
            (user.fault != NULL && strstr(user.fault, rows[i].fault) == NULL))
            fail_msg("%s: '%s', %s", rows[i].name, got.p, user.fault);
        buf_done(&text);
        buf_done(&got);
    }
}

static void profiles_are_bounded(void **state)
{
    static const size_t sizes[][2] = {{OKTA_ATTRIBUTES_MAX, 1},
                                      {OKTA_ATTRIBUTES_MAX + 1, 1},
                                      {1, OKTA_VALUE_MAX},
                                      {1, OKTA_VALUE_MAX + 1}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct okta_user user;
        struct buf text;

        buf_init(&text, 1 << 20);
        buf_add_str(&text, "{\"id\":\"00u1\",\"profile\":{");
        for (size_t k = 0; k < sizes[i][0]; k++) {
            buf_printf(&text, "%s\"a%zu\":\"", k > 0 ? "," : "", k);
            for (size_t n = 0; n < sizes[i][1]; n++)
                buf_add_char(&text, 'x');
            buf_add_char(&text, '"');
        }
        buf_add_str(&text, "}}");
        assert_int_equal(okta_user_decode(&a, scan(text.p), &user, &fail), ERR_NONE);
        assert_true((user.fault == NULL) == (i % 2 == 0));
        buf_done(&text);
    }
}

static void a_user_is_decoded(void **state)
{
    static const char text[] =
        "{\"id\":\"00u1\",\"status\":\"LOCKED_OUT\",\"created\":\"x\",\"lastUpdated\":"
        "\"2026-05-04T08:00:01.000Z\",\"type\":{\"id\":\"oty1\"},\"profile\":{\"login\":\"j@e\","
        "\"department\":\"Claims\"},\"credentials\":{\"provider\":{}},\"_links\":{}}";
    struct okta_user user;

    (void)state;
    assert_int_equal(okta_user_decode(&a, scan(text), &user, &fail), ERR_NONE);
    assert_true(span_eq(user.id, SPAN("00u1")));
    assert_true(span_eq(user.login, SPAN("j@e")));
    assert_int_equal(user.status, OKTA_LOCKED_OUT);
    assert_true(user.updated_ns == 1777881601000000000);
    assert_true(span_eq(okta_user_attribute(&user, SPAN("department")), SPAN("Claims")));
    assert_null(okta_user_attribute(&user, SPAN("Department")).p);
    assert_int_equal(okta_status_parse(SPAN("SOMETHING_NEW")), OKTA_OTHER);
    assert_int_equal(okta_status_parse(SPAN("active")), OKTA_OTHER);
    assert_int_equal(okta_status_parse(SPAN("DEPROVISIONED")), OKTA_DEPROVISIONED);
}

static void ids_are_checked(void **state)
{
    static const char *const bad[] = {"", "a/b", "..", "a b", "\xc3\xa4", "a?b", "a%2f", "a."};
    char longest[OKTA_ID_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (okta_is_id(span_of(bad[i])))
            fail_msg("'%s'", bad[i]);
    memset(longest, 'a', sizeof(longest));
    assert_true(okta_is_id(span_n(longest, OKTA_ID_MAX)));
    assert_false(okta_is_id(span_n(longest, OKTA_ID_MAX + 1)));
    assert_true(okta_is_id(SPAN("00uABC_-9")));
}

static void objects_without_an_id_are_refused(void **state)
{
    static const char *const rows[] = {
        "{}",           "[]", "1", "\"x\"", "{\"id\":1}", "{\"id\":\"\"}", "{\"id\":\"../x\"}",
        "{\"id\":null}"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_value value = scan(rows[i]);
        struct okta_user user;
        struct okta_group group;
        struct okta_app app;
        struct okta_app_user app_user;

        if (okta_user_decode(&a, value, &user, &fail) != ERR_INPUT ||
            okta_group_decode(&a, value, &group, &fail) != ERR_INPUT ||
            okta_app_decode(&a, value, &app, &fail) != ERR_INPUT ||
            okta_app_user_decode(&a, value, &app_user, &fail) != ERR_INPUT)
            fail_msg("%s is taken", rows[i]);
    }
}

static void assignments_are_judged_by_their_status(void **state)
{
    static const struct {
        const char *status;
        bool is_assigned;
    } rows[] = {
        {"ACTIVE", true},         {"PROVISIONED", true}, {"STAGED", true},   {"PENDING", true},
        {"IMPLICIT", true},       {"SUSPENDED", true},   {"NEW", true},      {"", true},
        {"DEPROVISIONED", false}, {"UNASSIGNED", false}, {"REVOKED", false}, {"INACTIVE", false},
        {"IMPORTED", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct okta_app_user app_user;
        struct buf text;

        buf_init(&text, 4096);
        buf_printf(
            &text,
            "{\"id\":\"00u1\",\"scope\":\"GROUP\",\"status\":\"%s\",\"credentials\":{"
            "\"userName\":\"jdoe\"},\"_embedded\":{\"user\":{\"id\":\"00u1\",\"profile\":{}}}}",
            rows[i].status);
        assert_int_equal(okta_app_user_decode(&a, scan(text.p), &app_user, &fail), ERR_NONE);
        if (app_user.is_assigned != rows[i].is_assigned)
            fail_msg("%s", rows[i].status);
        assert_true(span_eq(app_user.user_name, SPAN("jdoe")));
        assert_true(span_eq(app_user.scope, SPAN("GROUP")));
        assert_true(span_eq(app_user.user->id, SPAN("00u1")));
        buf_done(&text);
    }
}

static void answers_become_lists(void **state)
{
    struct okta_result r = {0};
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 20);
    buf_add_char(&text, '[');
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, "%s{\"id\":\"00g%d\",\"profile\":{\"name\":\"G%d\"}}", i > 0 ? "," : "",
                   i, i);
    buf_add_char(&text, ']');
    assert_int_equal(okta_result_add(&a, OKTA_GROUPS, buf_span(&text), &r, &fail), ERR_NONE);
    assert_int_equal(okta_result_add(&a, OKTA_GROUPS,
                                     SPAN("{\"id\":\"last\",\"profile\":{\"name\":\"L\"}}"), &r,
                                     &fail),
                     ERR_NONE);
    assert_int_equal(r.n_groups, 1001);
    assert_true(span_eq(r.groups[999].name, SPAN("G999")));
    assert_true(span_eq(r.groups[1000].id, SPAN("last")));
    assert_int_equal(okta_result_add(&a, OKTA_APPS, SPAN("[{\"id\":\"a\"},{}]"), &r, &fail),
                     ERR_INPUT);
    assert_int_equal(okta_result_add(&a, OKTA_APPS, SPAN("[{\"id\":\"a\"}"), &r, &fail), ERR_IO);
    assert_int_equal(fail.err, ERR_IO);
    buf_done(&text);
}

static void event_hooks_are_decoded(void **state)
{
    static const char text[] =
        "[{\"id\":\"who1\",\"status\":\"ACTIVE\",\"verificationStatus\":\"UNVERIFIED\",\"name\":"
        "\"roster\",\"events\":{\"type\":\"EVENT_TYPE\",\"items\":[\"a.b\",\"c.d\",7],\"filter\":"
        "null},\"channel\":{\"type\":\"HTTP\",\"config\":{\"uri\":\"https://x/okta/events\","
        "\"authScheme\":{\"type\":\"HEADER\",\"key\":\"Authorization\"}}}},"
        "{\"id\":\"who2\",\"status\":\"INACTIVE\",\"verificationStatus\":\"VERIFIED\"}]";
    struct okta_event_hooks hooks = {0};

    (void)state;
    assert_int_equal(okta_event_hooks_decode(&a, span_of(text), &hooks, &fail), ERR_NONE);
    assert_int_equal(hooks.n, 2);
    assert_true(hooks.hooks[0].is_active && !hooks.hooks[0].is_verified);
    assert_true(!hooks.hooks[1].is_active && hooks.hooks[1].is_verified);
    assert_true(span_eq(hooks.hooks[0].url, SPAN("https://x/okta/events")));
    assert_true(span_eq(hooks.hooks[0].header, SPAN("Authorization")));
    assert_int_equal(hooks.hooks[0].n_types, 2);
    assert_true(span_eq(hooks.hooks[0].types[1], SPAN("c.d")));
    assert_int_equal(hooks.hooks[1].n_types, 0);
    assert_int_equal(okta_event_hooks_decode(&a, SPAN("[{}]"), &hooks, &fail), ERR_INPUT);
    assert_int_equal(okta_event_hooks_decode(&a, SPAN("nonsense"), &hooks, &fail), ERR_INPUT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(attributes_are_kept_as_texts),
        TEST(profiles_are_bounded),
        TEST(a_user_is_decoded),
        TEST(ids_are_checked),
        TEST(objects_without_an_id_are_refused),
        TEST(assignments_are_judged_by_their_status),
        TEST(answers_become_lists),
        TEST(event_hooks_are_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
