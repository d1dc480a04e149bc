#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/names.h"

#define UUID "12345678-1234-4234-8234-123456789abc"
#define INSTANCE "arn:aws:connect:eu-central-1:123456789012:instance/" UUID

static const struct row {
    const char *name;
    enum name_kind kind;
    const char *ref, *id; /* id NULL: it is a name */
} rows[] = {
    {"a UUID", NAME_SECURITY_PROFILE, UUID, UUID},
    {"a UUID in capitals is none of the service's", NAME_ROUTING_PROFILE,
     "ABCDEF01-2345-6789-ABCD-EF0123456789", NULL},
    {"a UUID for a path", NAME_HIERARCHY_GROUP, UUID, UUID},
    {"a UUID with a blank", NAME_SECURITY_PROFILE, UUID " ", NULL},
    {"a UUID without hyphens", NAME_SECURITY_PROFILE, "12345678123442348234123456789abc", NULL},
    {"a UUID is no application", NAME_OKTA_APP, UUID, NULL},
    {"an ARN", NAME_SECURITY_PROFILE, INSTANCE "/security-profile/sp-1", "sp-1"},
    {"an ARN in China", NAME_ROUTING_PROFILE,
     "arn:aws-cn:connect:cn-north-1:1:instance/i/routing-profile/rp", "rp"},
    {"a hierarchy group's ARN", NAME_HIERARCHY_GROUP, INSTANCE "/agent-group/g", "g"},
    {"another kind's ARN", NAME_ROUTING_PROFILE, INSTANCE "/security-profile/sp-1", NULL},
    {"a user's ARN", NAME_SECURITY_PROFILE, INSTANCE "/agent/a", NULL},
    {"another service's ARN", NAME_SECURITY_PROFILE,
     "arn:aws:iam::123456789012:instance/i/security-profile/x", NULL},
    {"an ARN that goes on", NAME_SECURITY_PROFILE, INSTANCE "/security-profile/sp/1", NULL},
    {"an ARN without the id", NAME_SECURITY_PROFILE, INSTANCE "/security-profile/", NULL},
    {"an ARN of the instance", NAME_SECURITY_PROFILE, INSTANCE, NULL},
    {"half an ARN", NAME_SECURITY_PROFILE, "arn:aws:connect", NULL},
    {"an application", NAME_OKTA_APP, "0oa1a2b3c4d5e6f7g8h9", "0oa1a2b3c4d5e6f7g8h9"},
    {"a group", NAME_OKTA_GROUP, "00gABCDEFGHIJKLMNOPQ", "00gABCDEFGHIJKLMNOPQ"},
    {"a group is no application", NAME_OKTA_APP, "00gABCDEFGHIJKLMNOPQ", NULL},
    {"an application is no group", NAME_OKTA_GROUP, "0oa1a2b3c4d5e6f7g8h9", NULL},
    {"19 characters", NAME_OKTA_GROUP, "00gABCDEFGHIJKLMNOP", NULL},
    {"21 characters", NAME_OKTA_GROUP, "00gABCDEFGHIJKLMNOPQR", NULL},
    {"a hyphen in it", NAME_OKTA_GROUP, "00gABCDEFGHIJKLM-OPQ", NULL},
    {"a name", NAME_SECURITY_PROFILE, "Agent", NULL},
    {"a path", NAME_HIERARCHY_GROUP, "Berlin/Claims", NULL},
    {"nothing", NAME_SECURITY_PROFILE, "", NULL},
    {"no group", NAME_OKTA_GROUP, "", NULL},
};

static void ids_are_told_from_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span id = SPAN("untouched");
        bool is_id = name_is_id(rows[i].kind, span_of(rows[i].ref), &id);

        if (is_id != (rows[i].id != NULL) ||
            !span_eq(id, is_id ? span_of(rows[i].id) : SPAN("untouched")))
            fail_msg("%s: %.*s", rows[i].name, SPAN_ARG(id));
    }
}

static void an_id_has_a_bound(void **state)
{
    char ref[300] = INSTANCE "/security-profile/";
    size_t at = sizeof(INSTANCE "/security-profile/") - 1;
    struct span id;

    (void)state;
    memset(ref + at, 'x', 101);
    assert_false(name_is_id(NAME_SECURITY_PROFILE, span_of(ref), &id));
    ref[at + 100] = '\0';
    assert_true(name_is_id(NAME_SECURITY_PROFILE, span_of(ref), &id));
    assert_int_equal(id.n, 100);
}

static void nothing_is_known_before_it_is_read(void **state)
{
    struct arena a = {0};
    struct span id;

    (void)state;
    assert_int_equal(names_unread.find(&names_unread, NAME_ROUTING_PROFILE, SPAN("Basic"), &id),
                     NAME_NOT_READ);
    assert_int_equal(names_unread.find(&names_unread, NAME_ROUTING_PROFILE, SPAN(UUID), &id),
                     NAME_KNOWN);
    assert_true(span_eq(id, SPAN(UUID)));
    assert_null(names_unread.name_of(&names_unread, NAME_ROUTING_PROFILE, SPAN(UUID)).p);
    assert_string_equal(
        names_unread.closest(&names_unread, NAME_ROUTING_PROFILE, SPAN("Basic"), &a), "");
    arena_done(&a);
}

static void kinds_have_words(void **state)
{
    (void)state;
    assert_string_equal(name_kind_word(NAME_HIERARCHY_GROUP), "hierarchy group");
    assert_string_equal(name_kind_word(NAME_OKTA_APP), "application");
    assert_string_equal(name_kind_word(NAME_KINDS), "name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_told_from_names),
        cmocka_unit_test(an_id_has_a_bound),
        cmocka_unit_test(nothing_is_known_before_it_is_read),
        cmocka_unit_test(kinds_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
