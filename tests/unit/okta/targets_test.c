#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "okta/delivery.h"
#include "okta/targets.h"
#include "plain_rules.h"

/* The skip reason, or NULL with *out read. */
static const char *read_text(struct arena *a, const char *text, struct targets *out)
{
    struct json_value value = {0};
    struct fail fail;

    if (json_scan(span_of(text), 64, &value, &fail) != ERR_NONE)
        fail_msg("%s: %s", text, fail.text);
    return targets_read(a, value, out);
}

#define USER "{\"type\":\"User\",\"id\":\"00u1\",\"alternateId\":\"ann\",\"displayName\":\"Ann A\"}"

static void targets_are_found_by_type(void **state)
{
    static const char *const orders[] = {
        "[" USER ",{\"type\":\"AppUser\",\"id\":\"0ua\",\"alternateId\":\"ann1\"},"
        "{\"type\":\"AppInstance\",\"id\":\"0oa\",\"displayName\":\"App\"}]",
        "[null,{\"id\":\"0oa\",\"displayName\":\"App\",\"type\":\"AppInstance\"},7,\"User\",[],"
        "{\"type\":\"AppUser\",\"id\":\"0ua\",\"alternateId\":\"ann1\"}," USER ",null]",
        "[{\"type\":\"PolicyRule\",\"id\":\"x\"},{\"type\":\"AppUser\",\"id\":\"0ua\","
        "\"alternateId\":\"ann1\"}," USER
        ",{\"detailEntry\":{\"type\":\"User\"}},{},{\"type\":null},{\"type\":\"AppInstance\","
        "\"id\":\"0oa\",\"displayName\":\"App\"}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct arena a = {0};
        struct targets t = {0};
        const struct target *app;

        if (read_text(&a, orders[i], &t) != NULL || t.n_users != 1 || t.n_app_users != 1 ||
            t.n_apps != 1 || t.n_groups != 0)
            fail_msg("order %zu", i);
        assert_true(span_eq(t.users[0].id, SPAN("00u1")) &&
                    span_eq(t.users[0].alternate_id, SPAN("ann")) &&
                    span_eq(t.users[0].display_name, SPAN("Ann A")));
        app = targets_container(&t, MEMBERSHIP_APP, &plain_rules, &names_unread);
        assert_non_null(app);
        assert_true(span_eq(app->id, SPAN("0oa")) && span_eq(app->display_name, SPAN("App")));
        assert_null(targets_container(&t, MEMBERSHIP_GROUP, &plain_rules, &names_unread));
        assert_true(span_eq(targets_app_user_name(&t, 0), SPAN("ann1")));
        arena_done(&a);
    }
}

static void what_is_of_no_use_is_told(void **state)
{
    static const struct row {
        const char *text, *reason; /* reason NULL: read */
    } rows[] = {
        {"null", SKIP_NO_TARGET},
        {"[]", SKIP_NO_TARGET},
        {"{}", SKIP_NO_TARGET},
        {"\"User\"", SKIP_NO_TARGET},
        {"[null]", SKIP_NO_TARGET},
        {"[{}]", NULL},
        {"[{\"type\":\"AppInstance\",\"id\":\"0oa\"}]", NULL},
        {"[{\"type\":\"user\",\"id\":\"00u1\"}]", NULL},
        {"[{\"type\":\"User\"}]", NULL},
        {"[{\"type\":\"User\",\"id\":null}]", NULL},
        {"[{\"type\":\"User\",\"id\":\"unknown\"}]", NULL},
        {"[{\"type\":\"User\",\"id\":\"\"}," USER "]", NULL},
        {"[{\"type\":\"User\",\"id\":7}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"a b\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u\xc3\xa9\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u\\u0000\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u1\",\"displayName\":\"A\\u0000B\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u1\",\"displayName\":\"\\ud800\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u1\",\"displayName\":\"\xff\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u1\",\"alternateId\":{}}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u1\",\"alternateId\":99999999999999999999999}]",
         SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"id\":\"00u1\",\"id\":\"00u2\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":\"User\",\"type\":\"AppUser\",\"id\":\"00u1\"}]", SKIP_BAD_TEXT},
        {"[{\"type\":[\"User\"],\"id\":\"00u1\"}]", SKIP_BAD_TEXT},
        /* What is not asked for may be anything. */
        {"[{\"type\":\"User\",\"id\":\"00u1\",\"detailEntry\":\"\\u0000\",\"x\":\"\xff\",\"x\":"
         "99999999999999999999999}]",
         NULL},
        {"[{\"type\":\"Token\",\"id\":\"\\u0000\",\"id\":7}," USER "]", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct targets t = {.n_groups = 77};
        const char *reason = read_text(&a, rows[i].text, &t);

        if ((reason == NULL) != (rows[i].reason == NULL) ||
            (reason != NULL && strcmp(reason, rows[i].reason) != 0))
            fail_msg("%s: %s", rows[i].text, reason == NULL ? "read" : reason);
        if (reason != NULL)
            assert_int_equal(t.n_groups, 77);
        arena_done(&a);
    }
}

static void texts_have_a_ceiling(void **state)
{
    static const struct row {
        size_t id, text;
        bool is_read;
    } rows[] = {{100, 1024, true}, {101, 10, false}, {10, 1025, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct targets t = {0};
        char id[128] = "", text[2000] = "", *json;

        memset(id, 'i', rows[i].id);
        memset(text, 't', rows[i].text);
        json = arena_printf(&a, "[{\"type\":\"User\",\"id\":\"%s\",\"displayName\":\"%s\"}]", id,
                            text);
        assert_int_equal(read_text(&a, json, &t) == NULL, rows[i].is_read);
        arena_done(&a);
    }
}

static void absent_texts_are_empty(void **state)
{
    struct arena a = {0};
    struct targets t = {0};

    (void)state;
    assert_null(read_text(
        &a,
        "[{\"type\":\"User\",\"id\":\"00u1\",\"alternateId\":\"unknown\",\"displayName\":null}]",
        &t));
    assert_int_equal(t.users[0].alternate_id.n, 0);
    assert_int_equal(t.users[0].display_name.n, 0);
    arena_done(&a);
}

static void many_targets(void **state)
{
    struct arena a = {0};
    struct targets t = {0};
    struct buf b;

    (void)state;
    buf_init(&b, 1000000);
    buf_add_char(&b, '[');
    for (int i = 0; i < TARGETS_MAX; i++)
        buf_printf(&b, "%s{\"type\":\"User\",\"id\":\"00u%d\"}", i == 0 ? "" : ",null,", i / 2);
    buf_add_char(&b, ']');
    assert_null(read_text(&a, b.p, &t));
    assert_int_equal(t.n_users, TARGETS_MAX / 2); /* each of them was there twice */
    for (int i = 0; i < TARGETS_MAX / 2; i++) {
        char id[24];

        (void)snprintf(id, sizeof(id), "00u%d", i);
        assert_true(span_eq(t.users[i].id, span_of(id)));
    }
    buf_cut(&b, b.n - 1);
    buf_add_str(&b, ",{}]");
    assert_string_equal(read_text(&a, b.p, &t), SKIP_TOO_MANY);
    buf_done(&b);
    arena_done(&a);
}

static void the_container_that_is_named_counts(void **state)
{
    static const struct row {
        const char *others;
        enum membership_kind kind;
        const char *id; /* NULL: there is none */
    } rows[] = {
        {"{\"type\":\"UserGroup\",\"id\":\"1\",\"displayName\":\"Other\"},{\"type\":\"UserGroup\","
         "\"id\":\"2\",\"displayName\":\"Group\"}",
         MEMBERSHIP_GROUP, "2"},
        {"{\"type\":\"UserGroup\",\"id\":\"1\",\"displayName\":\"Other\"},{\"type\":\"UserGroup\","
         "\"id\":\"2\",\"displayName\":\"group\"}",
         MEMBERSHIP_GROUP, "1"},
        {"{\"type\":\"AppInstance\",\"id\":\"1\",\"displayName\":\"Group\"}", MEMBERSHIP_GROUP,
         NULL},
        {"{\"type\":\"AppInstance\",\"id\":\"1\",\"alternateId\":\"App\"}", MEMBERSHIP_APP, "1"},
        {"{\"type\":\"UserGroup\",\"id\":\"1\",\"alternateId\":\"unknown\",\"displayName\":"
         "\"Group\"}",
         MEMBERSHIP_GROUP, "1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct targets t = {0};
        const struct target *found;

        assert_null(read_text(&a, arena_printf(&a, "[%s,%s]", USER, rows[i].others), &t));
        found = targets_container(&t, rows[i].kind, &plain_rules, &names_unread);
        if ((found == NULL) != (rows[i].id == NULL) ||
            (found != NULL && !span_eq(found->id, span_of(rows[i].id))))
            fail_msg("row %zu", i);
        if (found != NULL)
            assert_true(found->display_name.n > 0);
        arena_done(&a);
    }
}

static void application_user_names_are_certain_or_none(void **state)
{
#define BOB "{\"type\":\"User\",\"id\":\"00u2\",\"alternateId\":\"bob\",\"displayName\":\"Bob B\"}"
#define APP_USER(name, shown)                                                                      \
    "{\"type\":\"AppUser\",\"id\":\"0ua\",\"alternateId\":\"" name "\",\"displayName\":\"" shown   \
    "\"}"
    static const struct row {
        const char *name, *text, *ann, *bob; /* bob NULL: there is no second user */
    } rows[] = {
        {"none", "[" USER "]", "", NULL},
        {"one", "[" USER "," APP_USER("a1", "?") "]", "a1", NULL},
        {"one, without a name", "[" USER "," APP_USER("unknown", "Ann A") "]", "", NULL},
        {"two of one name", "[" USER "," APP_USER("a1", "?") "," APP_USER("a1", "?") "]", "a1",
         NULL},
        {"two that disagree", "[" USER "," APP_USER("a1", "?") "," APP_USER("a2", "?") "]", "",
         NULL},
        {"two users, by display name",
         "[" BOB "," APP_USER("b1", "Bob B") "," APP_USER("a1", "Ann A") "," USER "]", "a1", "b1"},
        {"two users, by login",
         "[" BOB "," APP_USER("bob", "?") "," APP_USER("ann", "?") "," USER "]", "ann", "bob"},
        {"two users, one AppUser", "[" BOB "," APP_USER("b1", "Bob B") "," USER "]", "", "b1"},
        {"two users, an AppUser of neither", "[" BOB "," APP_USER("c1", "Cec C") "," USER "]", "",
         ""},
        {"two users, one claimed twice",
         "[" BOB "," APP_USER("b1", "Bob B") "," APP_USER("bob", "?") "," USER "]", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct targets t = {0};

        assert_null(read_text(&a, rows[i].text, &t));
        assert_int_equal(t.n_users, rows[i].bob == NULL ? 1 : 2);
        for (size_t k = 0; k < t.n_users; k++) {
            const char *wanted = span_eq(t.users[k].id, SPAN("00u1")) ? rows[i].ann : rows[i].bob;

            if (!span_eq(targets_app_user_name(&t, k), span_of(wanted)))
                fail_msg("%s: '%.*s'", rows[i].name, SPAN_ARG(targets_app_user_name(&t, k)));
        }
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_found_by_type),
        cmocka_unit_test(what_is_of_no_use_is_told),
        cmocka_unit_test(texts_have_a_ceiling),
        cmocka_unit_test(absent_texts_are_empty),
        cmocka_unit_test(many_targets),
        cmocka_unit_test(the_container_that_is_named_counts),
        cmocka_unit_test(application_user_names_are_certain_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
