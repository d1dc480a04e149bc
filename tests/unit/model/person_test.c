#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/agent.h"
#include "model/person.h"

static void states_have_the_contracts_words(void **state)
{
    static const char *const words[PERSON_STATES] = {"due",    "in_step", "held",        "failed",
                                                     "parked", "removed", "out_of_scope"};
    enum person_state parsed = PERSON_HELD;

    (void)state;
    for (int i = 0; i < PERSON_STATES; i++) {
        assert_string_equal(person_state_name((enum person_state)i), words[i]);
        assert_true(person_state_parse(span_of(words[i]), &parsed));
        assert_int_equal(parsed, i);
    }
    assert_string_equal(person_state_name(PERSON_STATES), "unknown");
    parsed = PERSON_HELD;
    assert_false(person_state_parse(SPAN("Due"), &parsed));
    assert_false(person_state_parse(SPAN("unknown"), &parsed));
    assert_false(person_state_parse(SPAN(""), &parsed));
    assert_int_equal(parsed, PERSON_HELD);
}

static void a_copy_stands_alone(void **state)
{
    enum { TEXTS = 20 };
    char texts[TEXTS][8];
    struct person p = {.state = PERSON_FAILED,
                       .facts_ns = 3,
                       .due_ms = 4,
                       .attempts = 5,
                       .create_sent_ms = 6,
                       .removal = REMOVAL_HELD,
                       .may_adopt = true};
    struct person copy;
    struct span *const spans[TEXTS] = {
        &p.source,           &p.id,       &p.login,        &p.display_name,    &p.app_user_name,
        &p.status,           &p.profile,  &p.reason_code,  &p.reason,          &p.cause,
        &p.create_sent_name, &p.agent_id, &p.agent_arn,    &p.agent_user_name, &p.applied,
        &p.before_removal,   &p.left_why, &p.old_agent_id, &p.old_agent_arn,   &p.old_agent_name};
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < TEXTS; i++) {
        texts[i][0] = (char)('a' + i);
        texts[i][1] = '\0';
        *spans[i] = span_of(texts[i]);
    }
    copy = person_copy(&a, &p);
    for (size_t i = 0; i < TEXTS; i++) {
        struct span copied;

        texts[i][0] = '-';
        memcpy(&copied, (const char *)&copy + ((const char *)spans[i] - (const char *)&p),
               sizeof(copied));
        if (copied.n != 1 || copied.p[0] != (char)('a' + i))
            fail_msg("text %zu is no copy of its own", i);
    }
    assert_int_equal(copy.state, PERSON_FAILED);
    assert_int_equal(copy.removal, REMOVAL_HELD);
    assert_int_equal(copy.facts_ns + copy.due_ms + copy.attempts + copy.create_sent_ms,
                     3 + 4 + 5 + 6);
    assert_true(copy.may_adopt);
    arena_done(&a);
}

static void people_are_called_by_what_is_known(void **state)
{
    static const char *const rows[][5] = {
        /* agent, application user name, login, id, label */
        {"jd", "jane.doe", "jane@acme.com", "00u1", "jd"},
        {"", "jane.doe", "jane@acme.com", "00u1", "jane.doe"},
        {"", " \t", " jane@acme.com ", "00u1", "jane@acme.com"},
        {"", "", "", "00u1", "00u1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = {.agent_user_name = span_of(rows[i][0]),
                           .app_user_name = span_of(rows[i][1]),
                           .login = span_of(rows[i][2]),
                           .id = span_of(rows[i][3])};

        assert_true(span_eq(person_label(&p), span_of(rows[i][4])));
    }
}

static void tags_are_found_by_their_key(void **state)
{
    const struct tag tags[] = {{SPAN("team"), SPAN("blue")},
                               {SPAN(TAG_OKTA_ID), SPAN("00u1")},
                               {SPAN("empty"), {NULL, 0}}};
    const struct agent agent = {.tags = tags, .n_tags = 3};

    (void)state;
    assert_true(span_eq(agent_tag(&agent, SPAN(TAG_OKTA_ID)), SPAN("00u1")));
    assert_null(agent_tag(&agent, SPAN(TAG_MANAGED_BY)).p);
    assert_null(agent_tag(&agent, SPAN("Team")).p);
    assert_non_null(agent_tag(&agent, SPAN("empty")).p);
    assert_null(agent_tag(&(struct agent){0}, SPAN("team")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_have_the_contracts_words),
        cmocka_unit_test(a_copy_stands_alone),
        cmocka_unit_test(people_are_called_by_what_is_known),
        cmocka_unit_test(tags_are_found_by_their_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
