#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/events.h"

static const struct step_record calls[] = {
    {.operation = {"UpdateUserRoutingProfile", 24}, .outcome = {"done", 4}}, /* newest first */
    {.operation = {"CreateUser", 10}, .outcome = {"throttled", 9}},
};
static struct event_subject_fate ann = {.id = {"00uann", 6},
                                        .user = {"ann@acme.com", 12},
                                        .is_known = true,
                                        .state = PERSON_IN_STEP,
                                        .calls = calls,
                                        .n_calls = 2},
                                 group = {.id = {"00ggrp", 6}}, many[5];

static const struct row {
    const char *name;
    struct event_fate event;
    const char *says;
} rows[] = {
    {"skipped",
     {.event = {.skip_reason = {"foreign_group", 13}, .skip_detail = {"the group 'X'", 13}}},
     "skipped: foreign_group: the group 'X'"},
    {"skipped, and nothing more is known",
     {.event = {.skip_reason = {"no_target", 9}}},
     "skipped: no_target"},
    {"about nobody", {.n_subjects = 0}, "taken"},
    {"a person, calls in their order",
     {.subjects = &ann, .n_subjects = 1},
     "ann@acme.com: in_step, CreateUser throttled, UpdateUserRoutingProfile done"},
    {"a group", {.subjects = &group, .n_subjects = 1}, "00ggrp"},
    {"many", {.subjects = many, .n_subjects = 5, .n_more = 7}, "a; a; a; and 9 more"},
};

static void what_became_of_an_event_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i].id = SPAN("a");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out;

        buf_init(&out, 4096);
        events_add_fate(&out, &rows[i].event);
        if (strcmp(out.p, rows[i].says) != 0)
            fail_msg("%s: %s", rows[i].name, out.p);
        buf_done(&out);
    }
}

static void programs_get_all_of_it(void **state)
{
    struct event_fate e = {.event = {.uuid = SPAN("u-1"),
                                     .type = SPAN("user.lifecycle.suspend"),
                                     .via = SPAN("log"),
                                     .received_ms = 1777881601234,
                                     .published_ns = 1777881600000 * 1000000},
                           .subjects = &ann,
                           .n_subjects = 1};
    struct json_out out;
    struct buf text;

    (void)state;
    buf_init(&text, 4096);
    out = json_out(&text);
    events_json(&e, &out);
    assert_string_equal(
        text.p,
        "{\"uuid\":\"u-1\",\"type\":\"user.lifecycle.suspend\",\"via\":\"log\","
        "\"received\":\"2026-05-04T08:00:01.234Z\",\"published\":\"2026-05-04T08:00:00.000Z\","
        "\"skipped\":null,\"detail\":null,\"subjects\":[{\"id\":\"00uann\",\"user\":\"ann@acme."
        "com\","
        "\"state\":\"in_step\",\"calls\":[{\"operation\":\"CreateUser\",\"outcome\":\"throttled\","
        "\"sent\":null},{\"operation\":\"UpdateUserRoutingProfile\",\"outcome\":\"done\","
        "\"sent\":null}]}],\"more_subjects\":0}");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_became_of_an_event_is_told),
        cmocka_unit_test(programs_get_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
