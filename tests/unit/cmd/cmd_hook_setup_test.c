#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/hook_setup.h"

static const struct row {
    const char *name, *text, *url; /* url NULL: refused */
} rows[] = {
    {"a host", "https://roster.example.com", "https://roster.example.com/okta/events"},
    {"a slash", "https://roster.example.com/", "https://roster.example.com/okta/events"},
    {"a port", "https://roster.example.com:8443", "https://roster.example.com:8443/okta/events"},
    {"a path of their own", "https://example.com/hooks/okta", "https://example.com/hooks/okta"},
    {"loopback, to try things out", "http://127.0.0.1:8080/okta/events",
     "http://127.0.0.1:8080/okta/events"},
    {"no TLS", "http://roster.example.com/okta/events", NULL},
    {"no URL", "roster.example.com", NULL},
    {"another scheme", "ftp://roster.example.com", NULL},
    {"credentials in it", "https://a:b@roster.example.com/", NULL},
    {"a control character", "https://roster.example.com/\033[2J", NULL},
    {"nothing", "", NULL},
};

static void the_url_is_one_that_okta_can_reach(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct span url = SPAN("untouched");
        struct fail fail;
        enum err err = hook_setup_url(span_of(rows[i].text), &a, &url, &fail);

        if ((err == ERR_NONE) != (rows[i].url != NULL) ||
            !span_eq(url, span_of(rows[i].url == NULL ? "untouched" : rows[i].url)))
            fail_msg("%s: %.*s", rows[i].name, SPAN_ARG(url));
        arena_done(&a);
    }
}

static void ours_is_found_by_name_before_url(void **state)
{
    static const struct okta_event_hook hooks[] = {
        {.id = {"who1", 4}, .name = {"Other", 5}, .url = {"https://r/okta/events", 21}},
        {.id = {"who2", 4}, .name = {"Roster emea", 11}, .url = {"https://old", 11}},
    };
    struct settings settings = {.name = SPAN("emea")};
    struct arena a = {0};
    struct span name = hook_setup_name(&settings, &a), url = SPAN("https://r/okta/events");

    (void)state;
    assert_true(span_eq(name, SPAN("Roster emea")));
    assert_ptr_equal(hook_setup_find(hooks, 2, name, url), &hooks[1]);
    assert_ptr_equal(hook_setup_find(hooks, 1, name, url), &hooks[0]);
    assert_null(hook_setup_find(hooks, 1, name, SPAN("")));
    assert_null(hook_setup_find(hooks, 0, name, url));
    arena_done(&a);
}

static void types_that_are_not_delivered_are_counted(void **state)
{
    struct span types[64];
    struct okta_event_hook hook = {.types = types};
    size_t n = 0;

    (void)state;
    for (; okta_event_hook_types[n] != NULL; n++)
        types[n] = span_of(okta_event_hook_types[n]);
    assert_true(n > 10);
    assert_int_equal(hook_setup_lacks(&hook), n);
    hook.n_types = n;
    assert_int_equal(hook_setup_lacks(&hook), 0);
    types[3] = SPAN("some.other");
    assert_int_equal(hook_setup_lacks(&hook), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_url_is_one_that_okta_can_reach),
        cmocka_unit_test(ours_is_found_by_name_before_url),
        cmocka_unit_test(types_that_are_not_delivered_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
