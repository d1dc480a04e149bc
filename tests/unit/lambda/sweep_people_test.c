#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "lambda/sweep_people.h"

static struct agent agent_of(const char *id, const struct tag *tags, size_t n_tags)
{
    return (struct agent){
        .id = span_of(id), .user_name = span_of(id), .tags = tags, .n_tags = n_tags};
}

static void what_listings_show_is_united(void **state)
{
    const uint16_t app = 0, group = 1;
    const struct sweep_row by_group = {.id = SPAN("00u1"), .login = SPAN("ann@acme.com")};
    const struct sweep_row by_app = {
        .id = SPAN("00u1"), .login = SPAN("other"), .app_user_name = SPAN("ann")};
    struct sweep_people people = {.n = 0};
    const struct sweep_row *row;

    (void)state;
    assert_null(sweep_people_find(&people, SPAN("00u1")));
    sweep_people_show(&people, &by_group, &group);
    sweep_people_show(&people, &by_group, &group);
    sweep_people_show(&people, &by_app, &app);
    sweep_people_show(&people, &by_app, NULL);
    row = sweep_people_find(&people, SPAN("00u1"));
    assert_non_null(row);
    assert_int_equal(people.n, 1);
    assert_true(row->is_shown && row->n_containers == 2 && row->containers[0] == group &&
                row->containers[1] == app);
    assert_true(span_eq(row->login, SPAN("ann@acme.com")) &&
                span_eq(row->app_user_name, SPAN("ann")));
    assert_null(sweep_people_find(&people, SPAN("00u2")));
    sweep_people_done(&people);
}

static void agents_are_kept_and_counted(void **state)
{
    const struct tag gone[] = {{SPAN("roster:gone"), SPAN("2026-05-04T08:00:00Z")}};
    const struct tag others[] = {{SPAN(TAG_MANAGED_BY), SPAN("another")}};
    const struct span profiles[] = {SPAN("admin"), SPAN("agent")};
    const struct entitlement both = {.security_profile_ids = profiles, .n_security_profile_ids = 2};
    const struct entitlement one = {.security_profile_ids = &profiles[1],
                                    .n_security_profile_ids = 1};
    const struct agent ann = agent_of("ann", gone, 1), bob = agent_of("bob", NULL, 0),
                       cid = agent_of("cid", others, 1);
    struct sweep_people people = {.n = 0};
    const struct sweep_row *row;

    (void)state;
    sweep_people_take_agent(&people, SPAN("00u1"), &ann, &both);
    sweep_people_take_agent(&people, SPAN("00u1"), &ann, &both); /* a page that came twice */
    sweep_people_take_agent(&people, SPAN(""), &bob, &one);
    sweep_people_take_agent(&people, SPAN(""), &cid, &one);
    row = sweep_people_find(&people, SPAN("00u1"));
    assert_non_null(row);
    assert_true(!row->is_shown && row->n_agents == 1 && row->has_gone_tag &&
                row->gone_ms == 1777881600000 && span_eq(row->agent_id, SPAN("ann")));
    assert_int_equal(people.agents, 3);
    assert_int_equal(people.managed, 1);
    assert_int_equal(sweep_people_holders(&people, SPAN("admin")), 1);
    assert_int_equal(sweep_people_holders(&people, SPAN("agent")), 3);
    assert_int_equal(sweep_people_holders(&people, SPAN("none")), 0);
    assert_true(sweep_people_has_other(&people, SPAN("bob")));
    assert_false(sweep_people_has_other(&people, SPAN("ann")) ||
                 sweep_people_has_other(&people, SPAN("cid")));
    sweep_people_take_agent(&people, SPAN("00u1"), &bob, &one);
    assert_int_equal(sweep_people_find(&people, SPAN("00u1"))->n_agents, 2);
    sweep_people_done(&people);
}

static void many_are_found_again(void **state)
{
    enum { MANY = 20000 };
    const struct entitlement nothing = {.n_tags = 0};
    struct sweep_people people = {.n = 0};
    char text[32];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        struct sweep_row row = {.id = SPAN("")};
        struct agent agent;

        (void)snprintf(text, sizeof(text), "00u%d", i);
        agent = agent_of(text, NULL, 0);
        row.id = span_of(text);
        if (i % 3 != 0)
            sweep_people_show(&people, &row, NULL);
        if (i % 3 != 1)
            sweep_people_take_agent(&people, span_of(text), &agent, &nothing);
        sweep_people_take_agent(&people, SPAN(""), &agent, &nothing);
    }
    assert_int_equal(people.n, MANY);
    for (int i = 0; i < MANY; i++) {
        const struct sweep_row *row;

        (void)snprintf(text, sizeof(text), "00u%d", i);
        row = sweep_people_find(&people, span_of(text));
        assert_true(row != NULL && span_eq(row->id, span_of(text)) &&
                    row->is_shown == (i % 3 != 0) && row->n_agents == (i % 3 != 1) &&
                    sweep_people_has_other(&people, span_of(text)));
    }
    sweep_people_done(&people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_listings_show_is_united),
        cmocka_unit_test(agents_are_kept_and_counted),
        cmocka_unit_test(many_are_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
