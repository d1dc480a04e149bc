#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "okta/hook.h"
#include "plain_rules.h"

enum { HEADERS_MAX = 4 };

/* Headers as they come, in "name", "value" pairs. */
struct given {
    const char *headers[HEADERS_MAX][2];
};

static struct span header(const void *request, struct span name, unsigned *n)
{
    const struct given *given = request;
    struct span value = {NULL, 0};

    *n = 0;
    for (size_t i = 0; i < HEADERS_MAX && given->headers[i][0] != NULL; i++)
        if (span_eq_nocase(span_of(given->headers[i][0]), name) && (*n)++ == 0)
            value = span_of(given->headers[i][1]);
    return value;
}

static void each_header(const void *request,
                        void (*fn)(void *arg, struct span name, struct span value), void *arg)
{
    const struct given *given = request;

    for (size_t i = 0; i < HEADERS_MAX && given->headers[i][0] != NULL; i++)
        fn(arg, span_of(given->headers[i][0]), span_of(given->headers[i][1]));
}

static struct hook_request request(const char *method, const struct given *given)
{
    return (struct hook_request){.method = span_of(method),
                                 .path = SPAN("/okta/events"),
                                 .header = header,
                                 .each_header = each_header,
                                 .request = given};
}

static struct secret secret, previous, none;

static struct hook hook_with(const struct secret *old, bool allows_no_secret)
{
    return (struct hook){.secret = allows_no_secret ? &none : &secret,
                         .secret_previous = old,
                         .header = SPAN("Authorization"),
                         .allows_no_secret = allows_no_secret};
}

static void two_paths_are_the_hooks(void **state)
{
    (void)state;
    assert_true(hook_owns(SPAN("/okta/events")));
    assert_true(hook_owns(SPAN("/create_user")));
    assert_false(hook_owns(SPAN("/okta/events/")));
    assert_false(hook_owns(SPAN("/Okta/events")));
    assert_false(hook_owns(SPAN("/okta")));
    assert_false(hook_owns(SPAN("/")));
    assert_false(hook_owns(SPAN("")));
}

enum { GOES_ON = 0 };

static void secrets_are_asked_for(void **state)
{
    static const struct row {
        const char *name;
        struct given given;
        bool has_previous;
        int status; /* of a POST; GOES_ON: let in */
    } rows[] = {
        {"right", {{{"Authorization", "sesame"}}}, false, GOES_ON},
        {"name in any case", {{{"aUTHORIZATION", "sesame"}}}, false, GOES_ON},
        {"none", {{{"X-Other", "sesame"}}}, false, 401},
        {"wrong", {{{"Authorization", "sesamE"}}}, false, 401},
        {"longer", {{{"Authorization", "sesame "}}}, false, 401},
        {"shorter", {{{"Authorization", "sesam"}}}, false, 401},
        {"empty", {{{"Authorization", ""}}}, false, 401},
        {"twice", {{{"Authorization", "sesame"}, {"authorization", "sesame"}}}, false, 401},
        {"right, then wrong", {{{"Authorization", "sesame"}, {"Authorization", "x"}}}, false, 401},
        {"previous", {{{"Authorization", "open"}}}, true, GOES_ON},
        {"new, with a previous one", {{{"Authorization", "sesame"}}}, true, GOES_ON},
        {"previous, which is none any more", {{{"Authorization", "open"}}}, false, 401},
        {"empty is not the previous one", {{{"Authorization", ""}}}, false, 401},
        {"behind a proxy",
         {{{"Authorization", "sesame"}, {"X-Forwarded-For", "1.2.3.4"}}},
         false,
         GOES_ON},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct hook hook = hook_with(rows[i].has_previous ? &previous : &none, false);
        struct hook_request post = request("POST", &rows[i].given),
                            get = request("GET", &rows[i].given);
        struct hook_answer answer = {0};
        struct arena a = {0};
        bool is_settled = hook_head(&hook, &post, &a, &answer);

        if (is_settled != (rows[i].status != GOES_ON) ||
            (is_settled && answer.status != rows[i].status))
            fail_msg("%s: %d", rows[i].name, answer.status);
        if (is_settled) {
            assert_string_equal(answer.code, "unauthorized");
            assert_non_null(strstr(answer.message, "HOOK_SECRET"));
            assert_null(strstr(answer.message, "sesame"));
        }
        /* Okta sends the secret with the verification, too. */
        assert_true(hook_head(&hook, &get, &a, &answer));
        assert_int_equal(answer.status, rows[i].status == GOES_ON ? 400 : 401);
        arena_done(&a);
    }
}

static void another_header_may_carry_it(void **state)
{
    const struct given given = {{{"X-Roster-Secret", "sesame"}, {"Authorization", "Basic eDp5"}}};
    struct hook hook = hook_with(&none, false);
    struct hook_request post = request("POST", &given);
    struct hook_answer answer = {0};
    struct arena a = {0};

    (void)state;
    assert_true(hook_head(&hook, &post, &a, &answer));
    assert_int_equal(answer.status, 401);
    hook.header = SPAN("x-roster-secret");
    assert_false(hook_head(&hook, &post, &a, &answer));
    /* A hook without a secret that was not told to do without lets nobody in. */
    hook.secret = &none;
    assert_true(hook_head(&hook, &post, &a, &answer));
    assert_int_equal(answer.status, 401);
    arena_done(&a);
}

static void without_a_secret_only_who_is_near(void **state)
{
    static const struct row {
        struct given given;
        bool is_let_in;
    } rows[] = {
        {{{{"Host", "127.0.0.1"}}}, true},
        {{{{"Authorization", "whatever"}}}, true},
        {{{{"Forwarded", "for=1.2.3.4"}}}, false},
        {{{{"forwarded", ""}}}, false},
        {{{{"Via", "1.1 x"}}}, false},
        {{{{"X-Forwarded-For", "1.2.3.4"}}}, false},
        {{{{"x-forwarded-proto", "https"}}}, false},
        {{{{"X-FORWARDED-", "x"}}}, false},
        {{{{"X-Forwarded", "x"}}}, true},
        {{{{"Viable", "x"}}}, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct hook hook = hook_with(&none, true);
        struct hook_request post = request("POST", &rows[i].given);
        struct hook_answer answer = {0};
        struct arena a = {0};

        if (hook_head(&hook, &post, &a, &answer) == rows[i].is_let_in ||
            (!rows[i].is_let_in && answer.status != 401))
            fail_msg("%s", rows[i].given.headers[0][0]);
        arena_done(&a);
    }
}

static void the_challenge_is_echoed(void **state)
{
    static char longest[HOOK_CHALLENGE_LIMIT + 1], longer[HOOK_CHALLENGE_LIMIT + 2],
        worst[HOOK_CHALLENGE_LIMIT + 1];
    const struct row {
        const char *name, *challenge, *body; /* body NULL: 400 */
    } rows[] = {
        {"X-Okta-Verification-Challenge", "Zm9v_-", "{\"verification\":\"Zm9v_-\"}"},
        {"x-okta-verification-challenge", "a", "{\"verification\":\"a\"}"},
        {"X-OKTA-VERIFICATION-CHALLENGE", "say \"a\\b\"",
         "{\"verification\":\"say \\\"a\\\\b\\\"\"}"},
        {"X-Okta-Verification-Challenge", "", NULL},
        {"X-Okta-Verification-Challenge", "\xff", NULL},
        {"X-Okta-Verification-Challenge", longer, NULL},
        {"X-Okta-Verification", "a", NULL},
    };
    const struct given both = {{{"Authorization", "sesame"},
                                {"X-Okta-Verification-Challenge", "a"},
                                {"x-okta-verification-challenge", "b"}}};
    const struct hook hook = hook_with(&none, false);
    struct hook_answer answer = {0};
    struct hook_request get;
    struct arena a = {0};
    struct given given;

    (void)state;
    memset(longest, 'a', HOOK_CHALLENGE_LIMIT);
    memset(longer, 'a', HOOK_CHALLENGE_LIMIT + 1);
    memset(worst, 1, HOOK_CHALLENGE_LIMIT); /* six bytes each, once escaped */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        given = (struct given){{{"Authorization", "sesame"}, {rows[i].name, rows[i].challenge}}};
        get = request("GET", &given);
        assert_true(hook_head(&hook, &get, &a, &answer));
        if (answer.status != (rows[i].body == NULL ? 400 : 200) ||
            (answer.code == NULL) != (rows[i].body != NULL) ||
            (rows[i].body != NULL && !span_eq(answer.body, span_of(rows[i].body))))
            fail_msg("'%s': %d '%.*s'", rows[i].challenge, answer.status, SPAN_ARG(answer.body));
    }
    given =
        (struct given){{{"Authorization", "sesame"}, {"X-Okta-Verification-Challenge", longest}}};
    get = request("GET", &given);
    assert_true(hook_head(&hook, &get, &a, &answer));
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body.n, HOOK_CHALLENGE_LIMIT + strlen("{\"verification\":\"\"}"));
    given.headers[1][1] = worst;
    assert_true(hook_head(&hook, &get, &a, &answer));
    assert_int_equal(answer.body.n, 6 * HOOK_CHALLENGE_LIMIT + strlen("{\"verification\":\"\"}"));
    get = request("GET", &both);
    assert_true(hook_head(&hook, &get, &a, &answer));
    assert_int_equal(answer.status, 400);
    arena_done(&a);
}

static void other_methods_are_refused(void **state)
{
    static const char *const methods[] = {"PUT",  "HEAD",  "DELETE", "OPTIONS", "get",
                                          "post", "PATCH", "TRACE",  ""};
    const struct given given = {{{"Authorization", "sesame"}}};
    const struct hook hook = hook_with(&none, false);
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct hook_request other = request(methods[i], &given);
        struct hook_answer answer = {0};

        assert_true(hook_head(&hook, &other, &a, &answer));
        assert_int_equal(answer.status, 405);
        assert_string_equal(answer.allow, "GET, POST");
    }
    arena_done(&a);
}

static void bodies_are_decoded(void **state)
{
    struct hook_answer answer = {0};
    struct delivery d = {0};
    struct arena a = {0};
    struct fail fail = {0};

    (void)state;
    assert_int_equal(hook_body(&plain_by, SPAN("{\"data\":{\"events\":[null]}}"), 1777881700000, &a,
                               &d, &answer, &fail),
                     ERR_NONE);
    assert_int_equal(answer.status, 200);
    assert_null(answer.code);
    assert_int_equal(d.n, 1);
    assert_int_equal(
        hook_body(&plain_by, SPAN("{\"data\":null}"), 1777881700000, &a, &d, &answer, &fail),
        ERR_INPUT);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.code, "bad_delivery");
    assert_int_equal(hook_body(&plain_by, SPAN("no JSON"), 1777881700000, &a, &d, &answer, NULL),
                     ERR_INPUT);
    assert_int_equal(
        hook_body(&plain_by, (struct span){NULL, 0}, 1777881700000, &a, &d, &answer, NULL),
        ERR_INPUT);
    arena_done(&a);
}

static int set_secrets(void **state)
{
    (void)state;
    secret_set(&secret, SPAN("sesame"));
    secret_set(&previous, SPAN("open"));
    return 0;
}

static int wipe_secrets(void **state)
{
    (void)state;
    secret_done(&secret);
    secret_done(&previous);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_paths_are_the_hooks),
        cmocka_unit_test(secrets_are_asked_for),
        cmocka_unit_test(another_header_may_carry_it),
        cmocka_unit_test(without_a_secret_only_who_is_near),
        cmocka_unit_test(the_challenge_is_echoed),
        cmocka_unit_test(other_methods_are_refused),
        cmocka_unit_test(bodies_are_decoded),
    };

    return cmocka_run_group_tests(tests, set_secrets, wipe_secrets);
}
