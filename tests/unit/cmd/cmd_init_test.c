/* The first configuration: what was answered is what it says, and all else is a comment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cmd/init_text.h"
#include "config/keys.h"
#include "config/settings.h"

enum { TEXT = 1024 * 1024 };

static struct settings *load(const struct init_answers *answers, struct buf *text)
{
    struct settings_mistakes mistakes = {0};
    struct settings *settings = NULL;
    const char *environment[] = {NULL, "HOME=/root", NULL};
    struct settings_sources sources = {.environment = environment};
    char *config;

    buf_init(text, TEXT);
    init_add_text(text, answers);
    config = mem_printf("ROSTER_CONFIG=%s", text->p);
    environment[0] = config;
    if (settings_load(&sources, &settings, &mistakes) != ERR_NONE)
        fail_msg("%s\n%s", mistakes.lines[0], text->p);
    settings_mistakes_done(&mistakes);
    free(config);
    return settings;
}

static void test_ids(void **state)
{
    const struct init_answers answers = {
        .instance = SPAN("abcdefgh-0122-4131-adc2-a0ebe5a2b2a7"),
        .region = SPAN("eu-central-1"),
        .app = SPAN("Amazon \"Connect\", #1"),
        .group = SPAN("Agents; all"),
        .security_profiles = {SPAN("12345678-1234-2345-abd8-0aa7f5b46852"),
                              SPAN("65345678-1234-2345-abd8-0aa7f5b46852")},
        .n_security_profiles = 2,
        .routing_profile = SPAN("87654321-69fb-43b6-a5e6-f8666ac189cb"),
        .on_remove = SPAN("disable"),
        .parked_security_profile = SPAN("Parked, nothing"),
        .parked_routing_profile = SPAN("None"),
    };
    struct buf text;
    struct settings *s = load(&answers, &text);
    const struct rule *plain = settings_plain_rule(s);

    (void)state;
    assert_non_null(plain);
    assert_int_equal(s->rules.n, 1);
    assert_true(span_eq(s->instance_id, answers.instance));
    assert_true(span_eq(s->region, answers.region));
    assert_true(span_eq(plain->tests[0].values[0], answers.app));
    assert_true(span_eq(plain->tests[1].values[0], answers.group));
    assert_int_equal(plain->n_security_profiles, 2);
    assert_true(span_eq(plain->routing_profile, answers.routing_profile));
    assert_int_equal(s->rules.on_remove, REMOVE_DISABLE);
    assert_true(span_eq(s->rules.parked_security_profile, answers.parked_security_profile));
    settings_free(s);
    buf_done(&text);
}

static void test_names(void **state)
{
    const struct init_answers answers = {
        .instance = SPAN("arn:aws:connect:eu-central-1:123456789012:instance/i-1"),
        .app = SPAN("Amazon Connect"),
        .group = SPAN("Agents"),
        .security_profiles = {SPAN("Agent"), SPAN("Quality, all")},
        .n_security_profiles = 2,
        .routing_profile = SPAN("Basic Routing Profile"),
    };
    struct buf text;
    struct settings *s = load(&answers, &text);

    (void)state;
    assert_null(settings_plain_rule(s));
    assert_int_equal(s->rules.n, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct rule *rule = &s->rules.rules[i];

        assert_int_equal(rule->n_tests, 1);
        assert_true(span_eq(rule->tests[0].values[0], i == 0 ? answers.app : answers.group));
        assert_int_equal(rule->n_security_profiles, 2);
        assert_true(span_eq(rule->security_profiles[1], SPAN("Quality, all")));
        assert_true(span_eq(rule->routing_profile, answers.routing_profile));
    }
    assert_int_equal(s->rules.on_remove, REMOVE_KEEP);
    settings_free(s);
    buf_done(&text);
}

/* No key is forgotten, and no line is longer than a screen. */
static void test_comments(void **state)
{
    const struct init_answers answers = {.instance = SPAN("i-1"),
                                         .app = SPAN("A"),
                                         .security_profiles = {SPAN("12345678-1234-2345-abd8-"
                                                                    "0aa7f5b46852")},
                                         .n_security_profiles = 1,
                                         .routing_profile =
                                             SPAN("87654321-69fb-43b6-a5e6-f8666ac189cb")};
    struct buf text;
    struct span rest, line;

    (void)state;
    buf_init(&text, TEXT);
    init_add_text(&text, &answers);
    for (size_t i = 0; i < n_keys; i++) {
        char shown[80];

        if (keys[i].kind == KEY_FIXED || strcmp(keys[i].section, "Queue") == 0)
            continue;
        (void)snprintf(shown, sizeof(shown), "%s%s = ", keys[i].name,
                       key_is_secret(&keys[i]) ? "_FILE" : "");
        if (strstr(text.p, shown) == NULL)
            fail_msg("%s is not mentioned", keys[i].name);
    }
    rest = buf_span(&text);
    while (span_split(&rest, '\n', &line))
        if (line.n > 110)
            fail_msg("a long line: %.*s", SPAN_ARG(line));
    assert_null(strchr(text.p, '`'));
    buf_done(&text);
}

static void test_values(void **state)
{
    static const struct {
        const char *value, *text;
    } rows[] = {
        {"plain", "plain"},
        {"a, b", "\"a, b\""},
        {"a#b", "\"a#b\""},
        {"a;b", "\"a;b\""},
        {" outer ", "\" outer \""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"back\\slash", "back\\slash"},
        {"b\\,", "\"b\\\\,\""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out;

        buf_init(&out, 100);
        init_add_value(&out, span_of(rows[i].value));
        assert_string_equal(out.p, rows[i].text);
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
