#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lambda/reference_places.h"

#define SECRET "arn:aws:secretsmanager:eu-central-1:1:secret:hook-AbCdEf"
#define PARAMETER "arn:aws:ssm:eu-central-1:1:parameter/hook"

enum { MOST = 4 };

static const struct row {
    const char *name;
    const char *environment[MOST];
    const char *text;
    const char *variables[MOST]; /* where references are */
    bool wants_previous;         /* the first one */
} rows[] = {
    {"nothing", {"PATH=/bin", NULL}, "", {NULL}, false},
    {"a secret in the environment",
     {"ROSTER_OKTA_HOOK_SECRET=" SECRET, NULL},
     "",
     {"ROSTER_OKTA_HOOK_SECRET", NULL},
     true},
    {"with the one before it set",
     {"ROSTER_OKTA_HOOK_SECRET=" SECRET, "ROSTER_OKTA_HOOK_SECRET_PREVIOUS=x", NULL},
     "",
     {"ROSTER_OKTA_HOOK_SECRET", NULL},
     false},
    {"with a file for the one before it",
     {"ROSTER_OKTA_HOOK_SECRET=" SECRET, "ROSTER_OKTA_HOOK_SECRET_PREVIOUS_FILE=x", NULL},
     "",
     {"ROSTER_OKTA_HOOK_SECRET", NULL},
     false},
    {"with the one before it in the text",
     {"ROSTER_OKTA_HOOK_SECRET=" SECRET, NULL},
     "[OKTA]\nhook_secret_previous = x\n",
     {"ROSTER_OKTA_HOOK_SECRET", NULL},
     false},
    {"an empty one before it is none",
     {"ROSTER_OKTA_HOOK_SECRET=" SECRET, "ROSTER_OKTA_HOOK_SECRET_PREVIOUS=", NULL},
     "",
     {"ROSTER_OKTA_HOOK_SECRET", NULL},
     true},
    {"the sample's variables",
     {"CONNECT_INSTANCE_ID=" PARAMETER, "CONNECT_OTHER=" PARAMETER, NULL},
     "",
     {"CONNECT_INSTANCE_ID", NULL},
     false},
    {"other programs' variables",
     {"HOOK_SECRET=" SECRET, "AWS_X=" PARAMETER, NULL},
     "",
     {NULL},
     false},
    {"in the text",
     {NULL},
     "[okta]\nHook_Secret = " SECRET " # note\n[Connect]\nINSTANCE_ID = \"" PARAMETER "\"\n",
     {"ROSTER_OKTA_HOOK_SECRET", "ROSTER_CONNECT_INSTANCE_ID", NULL},
     true},
    {"the environment stands above the text",
     {"ROSTER_OKTA_HOOK_SECRET=plain", NULL},
     "[OKTA]\nHOOK_SECRET = " SECRET "\n",
     {NULL},
     false},
    {"a reference in both counts once",
     {"ROSTER_OKTA_HOOK_SECRET=" PARAMETER, NULL},
     "[OKTA]\nHOOK_SECRET = " SECRET "\n",
     {"ROSTER_OKTA_HOOK_SECRET", NULL},
     true},
    {"rules have none", {NULL}, "[Mapping Sales]\nGROUP = " PARAMETER "\n", {NULL}, false},
    {"an ARN of something else",
     {"CONNECT_INSTANCE_ID=arn:aws:connect:eu-central-1:1:instance/i", NULL},
     "",
     {NULL},
     false},
    {"a text with mistakes", {NULL}, "[OKTA\nHOOK_SECRET " SECRET "\n\"", {NULL}, false},
    {"a broken variable", {"ROSTER_OKTA_HOOK_SECRET", NULL}, "", {NULL}, false},
};

static void references_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reference_places p;
        size_t n = 0;

        while (n < MOST && rows[i].variables[n] != NULL)
            n++;
        reference_places_find(rows[i].environment, span_of(rows[i].text), &p);
        if (p.n != n)
            fail_msg("%s: %zu", rows[i].name, p.n);
        for (size_t k = 0; k < n; k++)
            assert_string_equal(p.places[k].variable, rows[i].variables[k]);
        if (n > 0 && p.places[0].wants_previous != rows[i].wants_previous)
            fail_msg("%s: the version before", rows[i].name);
        reference_places_done(&p);
    }
}

static void assert_environment(char **got, const char *const *wanted)
{
    size_t n = 0;

    for (; wanted[n] != NULL; n++) {
        assert_non_null(got[n]);
        assert_string_equal(got[n], wanted[n]);
    }
    assert_null(got[n]);
    reference_places_environment_free(got);
}

static void values_take_their_places(void **state)
{
    static const char *const environment[] = {"PATH=/bin", "ROSTER_OKTA_HOOK_SECRET=" SECRET,
                                              "ROSTER_OKTA_HOOK_SECRET_PREVIOUS=", "X=y", NULL};
    struct reference_places p;

    (void)state;
    reference_places_find(environment, SPAN("[Connect]\nINSTANCE_ID = " PARAMETER "\n"), &p);
    assert_int_equal(p.n, 2);
    secret_set(&p.places[0].current, SPAN("new = \"x\""));
    secret_set(&p.places[1].current, SPAN("i-1"));
    assert_environment(reference_places_environment(environment, &p),
                       (const char *const[]){"PATH=/bin", "X=y",
                                             "ROSTER_OKTA_HOOK_SECRET=new = \"x\"",
                                             "ROSTER_CONNECT_INSTANCE_ID=i-1", NULL});
    secret_set(&p.places[0].previous, SPAN("old"));
    assert_environment(reference_places_environment(environment, &p),
                       (const char *const[]){"PATH=/bin", "X=y",
                                             "ROSTER_OKTA_HOOK_SECRET=new = \"x\"",
                                             "ROSTER_OKTA_HOOK_SECRET_PREVIOUS=old",
                                             "ROSTER_CONNECT_INSTANCE_ID=i-1", NULL});
    secret_set(&p.places[0].previous, SPAN("two\nlines")); /* it was never of use */
    assert_environment(reference_places_environment(environment, &p),
                       (const char *const[]){"PATH=/bin", "X=y",
                                             "ROSTER_OKTA_HOOK_SECRET=new = \"x\"",
                                             "ROSTER_CONNECT_INSTANCE_ID=i-1", NULL});
    reference_places_done(&p);
    reference_places_environment_free(NULL);
}

static void there_is_a_bound(void **state)
{
    char *environment[REFERENCE_PLACES_MAX + 2] = {NULL};
    struct reference_places p;

    (void)state;
    for (int i = 0; i <= REFERENCE_PLACES_MAX; i++)
        environment[i] = mem_printf("ROSTER_X%d=%s", i, PARAMETER);
    reference_places_find((const char *const *)environment, SPAN(""), &p);
    assert_int_equal(p.n, REFERENCE_PLACES_MAX);
    assert_true(p.is_too_many);
    reference_places_done(&p);
    for (int i = 0; i <= REFERENCE_PLACES_MAX; i++)
        free(environment[i]);
}

static void variables_are_found(void **state)
{
    static const char *const environment[] = {"AB=1", "A=2", "C=", NULL};

    (void)state;
    assert_true(span_eq(reference_places_variable(environment, "A"), SPAN("2")));
    assert_null(reference_places_variable(environment, "C").p);
    assert_null(reference_places_variable(environment, "B").p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_found),
        cmocka_unit_test(values_take_their_places),
        cmocka_unit_test(there_is_a_bound),
        cmocka_unit_test(variables_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
