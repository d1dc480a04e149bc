#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/rules.h"

static const struct span profiles[] = {{"sp-1", 4}, {"sp-2", 4}};
static const struct rules sample = {
    .app_name = {"Amazon Connect", 14},
    .group_name = {"Ag\xc3\xa9nts", 7},
    .security_profile_ids = profiles,
    .n_security_profile_ids = 2,
    .routing_profile_id = {"rp", 2},
    .managed_by = {"roster", 6},
};

static void containers_are_named(void **state)
{
    const struct rules app_only = {.app_name = SPAN("A")}, group_only = {.group_name = SPAN("A")};

    (void)state;
    assert_true(rules_name_container(&sample, MEMBERSHIP_APP, SPAN("Amazon Connect")));
    assert_false(rules_name_container(&sample, MEMBERSHIP_APP, SPAN("amazon connect")));
    assert_false(rules_name_container(&sample, MEMBERSHIP_APP, SPAN("Amazon Connect ")));
    assert_false(rules_name_container(&sample, MEMBERSHIP_APP, SPAN("")));
    assert_false(rules_name_container(&sample, MEMBERSHIP_APP, sample.group_name));
    assert_true(rules_name_container(&sample, MEMBERSHIP_GROUP, SPAN("Ag\xc3\xa9nts")));
    assert_true(rules_name_container(&sample, MEMBERSHIP_GROUP, SPAN("Age\xcc\x81nts")));
    assert_false(rules_name_container(&sample, MEMBERSHIP_GROUP, SPAN("Agents")));
    assert_false(rules_name_container(&sample, MEMBERSHIP_ACCOUNT, SPAN("Amazon Connect")));
    /* A name that is not set names nothing, least of all what has no name. */
    assert_false(rules_name_container(&app_only, MEMBERSHIP_GROUP, SPAN("")));
    assert_false(rules_name_container(&group_only, MEMBERSHIP_APP, SPAN("")));
}

static void scope_follows_memberships(void **state)
{
    enum { APP = 1, GROUP = 2, OTHER = 4, NO_APP = 8, NO_GROUP = 16, ON = 32, OFF = 64 };
    const struct membership all[] = {
        {MEMBERSHIP_APP, SPAN("0oa1"), SPAN("Amazon Connect"), true, 1},
        {MEMBERSHIP_GROUP, SPAN("00g1"), SPAN("Ag\xc3\xa9nts"), true, 1},
        {MEMBERSHIP_GROUP, SPAN("00g2"), SPAN("Others"), true, 1},
        {MEMBERSHIP_APP, SPAN("0oa1"), SPAN("Amazon Connect"), false, 1},
        {MEMBERSHIP_GROUP, SPAN("00g1"), SPAN("Ag\xc3\xa9nts"), false, 1},
        {MEMBERSHIP_ACCOUNT, SPAN(""), SPAN(""), true, 1},
        {MEMBERSHIP_ACCOUNT, SPAN(""), SPAN(""), false, 1},
    };
    static const struct row {
        unsigned has;
        bool is_in, is_by_app;
    } rows[] = {
        {0, false, false},
        {APP, true, true},
        {GROUP, true, false},
        {APP | GROUP, true, true},
        {OTHER, false, false},
        {NO_APP, false, false},
        {NO_APP | GROUP, true, false},
        {APP | NO_GROUP, true, true},
        {NO_APP | NO_GROUP | ON, false, false},
        {ON, false, false},
        {APP | ON, true, true},
        {APP | OFF, false, false},
        {APP | GROUP | OFF, false, false},
        {OFF, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
            struct membership given[7];
            struct scope scope;
            size_t n = 0;

            for (size_t k = 0; k < 7; k++) {
                size_t at = is_reversed ? 6 - k : k;

                if (rows[i].has >> at & 1)
                    given[n++] = all[at];
            }
            scope = rules_scope(&sample, given, n);
            if (scope.is_in != rows[i].is_in || scope.is_by_app != rows[i].is_by_app ||
                (scope.because.n > 0) != scope.is_in)
                fail_msg("row %zu", i);
        }
}

static void user_names_are_judged(void **state)
{
    static const struct row {
        const char *name, *fault; /* fault NULL: accepted */
    } rows[] = {
        {"jane.doe@acme.com", NULL},
        {"a1", NULL},
        {"A_b-C.d@e", NULL},
        {"0123456789012345678901234567890123456789012345678901234567890123", NULL},
        {"01234567890123456789012345678901234567890123456789012345678901234", "longer"},
        {"a", "shorter"},
        {"", "shorter"},
        {"jane+emoji@acme.com", "character"},
        {"nick.o'connor@acme.com", "character"},
        {"jane doe", "character"},
        {"acme\\jane", "character"},
        {"acme/jane", "character"},
        {"z\xc3\xb6"
         "e",
         "character"},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
         "character"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *fault = rules_user_name_fault(span_of(rows[i].name));

        if ((fault == NULL) != (rows[i].fault == NULL) ||
            (fault != NULL && strstr(fault, rows[i].fault) == NULL))
            fail_msg("'%s': %s", rows[i].name, fault == NULL ? "accepted" : fault);
    }
    assert_non_null(rules_user_name_fault(SPAN("ab\0cd")));
}

static void names_are_split(void **state)
{
    static const struct row {
        const char *display_name, *first, *last; /* first NULL: nothing usable */
    } rows[] = {
        {"Jane Doe", "Jane", "Doe"},
        {"Jane van der Doe", "Jane", "van der Doe"},
        {"Cher", "Cher", "Cher"},
        {"  Jane \t Doe ", "Jane", "Doe"},
        {"Jane\xc2\xa0"
         "Doe",
         "Jane", "Doe"},
        {"\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e", "\xe5\xb1\xb1\xe7\x94\xb0",
         "\xe5\xa4\xaa\xe9\x83\x8e"},
        {"Zoe\xcc\x88 A\xcc\x8angstro\xcc\x88m", "Zo\xc3\xab", "\xc3\x85ngstr\xc3\xb6m"},
        {"Name\twith odd\xe2\x80\x8bspaces\xe2\x80\xae", "Name", "with oddspaces"},
        {"O'Connor \"Nick\" <b>&amp;", "O'Connor", "\"Nick\" <b>&amp;"},
        {"", NULL, NULL},
        {" \t\xe2\x80\x8b", NULL, NULL},
        {"\xff", NULL, NULL},
    };
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span first = SPAN("untouched"), last = SPAN("untouched");
        bool is_fine = rules_split_name(&a, span_of(rows[i].display_name), &first, &last);

        if (is_fine != (rows[i].first != NULL) ||
            !span_eq(first, is_fine ? span_of(rows[i].first) : SPAN("untouched")) ||
            !span_eq(last, is_fine ? span_of(rows[i].last) : SPAN("untouched")))
            fail_msg("'%s': '%.*s', '%.*s'", rows[i].display_name, SPAN_ARG(first), SPAN_ARG(last));
    }
    arena_done(&a);
}

static void long_names_are_cut(void **state)
{
    struct arena a = {0};
    struct span first, last;
    char text[2001];

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 2 * i, "\xc3\xa9", 2); /* é: two bytes, one character */
    text[2000] = '\0';
    assert_true(rules_split_name(&a, span_of(text), &first, &last));
    assert_int_equal(first.n, 2 * 255);
    assert_int_equal(last.n, 2 * 300);
    memcpy(text, "a ", 2);
    memset(text + 2, 'b', 299);
    text[301] = ' ';
    assert_true(rules_split_name(&a, span_of(text), &first, &last));
    assert_int_equal(first.n, 1);
    assert_int_equal(last.n, 299); /* a blank at the cut goes, too */
    arena_done(&a);
}

static void the_entitlement_is_what_the_rules_give(void **state)
{
    struct person p = {.id = SPAN("00u1"),
                       .login = SPAN("jane@acme.com"),
                       .app_user_name = SPAN("jane"),
                       .display_name = SPAN("Jane Doe")};
    struct arena a = {0};
    struct entitlement e;
    struct fail fail;

    (void)state;
    assert_int_equal(rules_entitlement(&sample, &p, &a, &e, &fail), ERR_NONE);
    assert_true(span_eq(e.user_name, SPAN("jane")));
    assert_true(span_eq(e.first_name, SPAN("Jane")) && span_eq(e.last_name, SPAN("Doe")));
    assert_ptr_equal(e.security_profile_ids, profiles);
    assert_int_equal(e.n_security_profile_ids, 2);
    assert_true(span_eq(e.routing_profile_id, SPAN("rp")));
    assert_false(e.has_desk_phone);
    assert_int_equal(e.n_tags, 2);
    assert_true(span_eq(e.tags[0].key, SPAN("roster:managed-by")) &&
                span_eq(e.tags[0].value, SPAN("roster")));
    assert_true(span_eq(e.tags[1].key, SPAN("roster:okta-id")) &&
                span_eq(e.tags[1].value, SPAN("00u1")));

    p.display_name = SPAN("\xe2\x80\x8b");
    assert_int_equal(rules_entitlement(&sample, &p, &a, &e, &fail), ERR_NONE);
    assert_true(span_eq(e.first_name, SPAN("jane")) && span_eq(e.last_name, SPAN("jane")));
    arena_done(&a);
}

static void a_bad_user_name_is_explained(void **state)
{
    struct entitlement e = {.n_tags = 77};
    struct arena a = {0};
    char name[1001];
    struct person p = {.login = SPAN("jane+emoji@acme.com")};
    struct fail fail;

    (void)state;
    assert_int_equal(rules_entitlement(&sample, &p, &a, &e, &fail), ERR_INPUT);
    assert_string_equal(fail.code, REASON_BAD_USER_NAME);
    assert_non_null(strstr(fail.text, "jane+emoji@acme.com"));
    assert_non_null(strstr(fail.text, "Change it in Okta"));
    assert_int_equal(e.n_tags, 77);
    assert_int_equal(rules_entitlement(&sample, &p, &a, &e, NULL), ERR_INPUT);
    /* However long the name, what to do about it is still said. */
    memset(name, 'a', 1000);
    name[1000] = '\0';
    p.login = span_of(name);
    assert_int_equal(rules_entitlement(&sample, &p, &a, &e, &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "longer than 64"));
    assert_non_null(strstr(fail.text, "Change it in Okta"));
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_are_named),
        cmocka_unit_test(scope_follows_memberships),
        cmocka_unit_test(user_names_are_judged),
        cmocka_unit_test(names_are_split),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(the_entitlement_is_what_the_rules_give),
        cmocka_unit_test(a_bad_user_name_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
