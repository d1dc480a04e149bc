#include "rules_world.h"

/* ---- user names ---- */

static void user_names_have_their_source(void **state)
{
    static const struct row {
        const char *setting, *app_user_name, *login, *profile, *user_name;
    } rows[] = {
        {"", "jane.doe", "jane@acme.com", "", "jane.doe"},
        {"", "", "jane@acme.com", "", "jane@acme.com"},
        {"", " \t", " jane@acme.com ", "", "jane@acme.com"},
        {"", " jane ", "", "", "jane"},
        {"", "", "", "", ""},
        {"${user.email}", "jane.doe", "jane@acme.com", "{\"email\":\"j@acme.com\"}", "j@acme.com"},
        {"${user.email}", "jane.doe", "jane@acme.com", "{}", ""},
        {"${app.userName:-x}", "jane.doe", "", "", "jane.doe"},
        {"${user.nick:-nobody}@acme.com", "jane.doe", "", "{}", "nobody@acme.com"},
    };
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rules rules = {.user_name = span_of(rows[i].setting)};
        struct person p = {.app_user_name = span_of(rows[i].app_user_name),
                           .login = span_of(rows[i].login),
                           .profile = span_of(rows[i].profile)};
        struct span name = rules_user_name(&rules, &p, &a);

        if (!span_eq(name, span_of(rows[i].user_name)))
            fail_msg("row %zu: '%.*s'", i, SPAN_ARG(name));
    }
    arena_done(&a);
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
        {"", "empty"},
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
        const char *fault = rules_user_name_fault(span_of(rows[i].name), IDENTITY_SAML);

        if ((fault == NULL) != (rows[i].fault == NULL) ||
            (fault != NULL && strstr(fault, rows[i].fault) == NULL))
            fail_msg("'%s': %s", rows[i].name, fault == NULL ? "accepted" : fault);
    }
    assert_non_null(rules_user_name_fault(SPAN("ab\0cd"), IDENTITY_SAML));
    for (int i = 0; i < 2; i++) {
        enum identity_type identity = i == 0 ? IDENTITY_MANAGED : IDENTITY_DIRECTORY;

        assert_null(rules_user_name_fault(SPAN("a"), identity));
        assert_null(rules_user_name_fault(SPAN("01234567890123456789"), identity));
        assert_non_null(rules_user_name_fault(SPAN("012345678901234567890"), identity));
        assert_non_null(rules_user_name_fault(SPAN(""), identity));
        assert_non_null(rules_user_name_fault(SPAN("a b"), identity));
    }
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

/* ---- identity ---- */

static void names_come_from_what_is_known(void **state)
{
    static const struct row {
        const char *profile, *display_name, *first, *last;
    } rows[] = {
        {"{\"firstName\":\"Ann\",\"lastName\":\"Lee\",\"displayName\":\"A. L.\"}", "Ann X", "Ann",
         "Lee"},
        {"{\"firstName\":\"Ann\",\"lastName\":null,\"displayName\":\"Ann van Lee\"}", "x", "Ann",
         "van Lee"},
        {"{\"firstName\":\"Ann\"}", "Ann Lee", "Ann", "Lee"},
        {"{\"firstName\":\"Ann\"}", "", "Ann", "Ann"},
        {"{\"lastName\":\"Lee\"}", "", "Lee", "Lee"},
        {"{\"firstName\":\"e\\u0301\",\"lastName\":\" L\\u00a0ee\\n\"}", "", "\xc3\xa9", "L ee"},
        {"{\"firstName\":\" \",\"lastName\":\"Lee\"}", "Ann Lee", "Ann", "Lee"},
        {"{}", "Cher", "Cher", "Cher"},
        {"", "\xe2\x80\x8b", "jane", "jane"},
        {"", "", "jane", "jane"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world w;

        begin(&w, 1);
        w.person.profile = span_of(rows[i].profile);
        w.person.display_name = span_of(rows[i].display_name);
        given(&w);
        if (!span_eq(w.e.first_name, span_of(rows[i].first)) ||
            !span_eq(w.e.last_name, span_of(rows[i].last)))
            fail_msg("row %zu: '%.*s' '%.*s'", i, SPAN_ARG(w.e.first_name),
                     SPAN_ARG(w.e.last_name));
        end(&w);
    }
}

static void the_instance_decides_about_email(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1);
    w.person.profile = SPAN("{\"email\":\"jane@acme.com\"}");
    given(&w);
    assert_int_equal(w.e.email.n, 0); /* SAML refuses it */
    w.all.identity = IDENTITY_MANAGED;
    given(&w);
    assert_text(w.e.email, "jane@acme.com");
    w.person.profile = SPAN("{}");
    given(&w);
    assert_true(w.e.email.p != NULL && w.e.email.n == 0);
    w.all.identity = IDENTITY_DIRECTORY;
    given(&w);
    assert_int_equal(w.e.email.n, 0);
    w.person.app_user_name = SPAN("jane.of.the.long.name");
    refused(&w, REASON_BAD_USER_NAME, "longer than the 20 characters");
    w.all.identity = IDENTITY_SAML;
    given(&w);
    end(&w);
}

static void last_names_are_cut_for_the_instance(void **state)
{
    char profile[700];
    struct world w;

    (void)state;
    (void)snprintf(profile, sizeof(profile), "{\"firstName\":\"%0300d\",\"lastName\":\"%0310d\"}",
                   0, 0);
    begin(&w, 1);
    w.person.profile = span_of(profile);
    given(&w);
    assert_int_equal(w.e.first_name.n, 255);
    assert_int_equal(w.e.last_name.n, 300);
    w.all.identity = IDENTITY_MANAGED;
    given(&w);
    assert_int_equal(w.e.last_name.n, 256);
    end(&w);
}

static void a_bad_user_name_is_explained(void **state)
{
    char name[1001];
    struct world w;

    (void)state;
    begin(&w, 1);
    w.person.app_user_name = SPAN("jane+emoji@acme.com");
    refused(&w, REASON_BAD_USER_NAME, "jane+emoji@acme.com");
    assert_non_null(strstr(w.fail.text, "Change it in Okta"));
    /* However long the name, what to do about it is still said. */
    memset(name, 'a', 1000);
    name[1000] = '\0';
    w.person.app_user_name = span_of(name);
    refused(&w, REASON_BAD_USER_NAME, "longer than 64");
    assert_non_null(strstr(w.fail.text, "Change it in Okta"));
    w.person.app_user_name = w.person.login = SPAN("");
    refused(&w, REASON_BAD_USER_NAME, "neither the application's user name nor the login");
    w.all.user_name = SPAN("${user.nick}");
    refused(&w, REASON_BAD_USER_NAME, "an attribute that [OKTA] USERNAME names has no value");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_names_have_their_source),
        cmocka_unit_test(user_names_are_judged),
        cmocka_unit_test(names_are_split),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(names_come_from_what_is_known),
        cmocka_unit_test(the_instance_decides_about_email),
        cmocka_unit_test(last_names_are_cut_for_the_instance),
        cmocka_unit_test(a_bad_user_name_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
