/* What the rules say nothing of stays as it is, in the form that keeps it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/plan.h"

static const struct tag tags[] = {{{TAG_MANAGED_BY, 17}, {"roster", 6}},
                                  {{TAG_OKTA_ID, 14}, {"00ujane", 7}}};

static void phones_keep_what_is_there(void **state)
{
    static const struct phone_row {
        const char *name;
        struct phone wanted, seen;
        char step;           /* P: for all channels, U: by channel, -: none */
        bool is_per_channel; /* of the target */
        int64_t accepts[CHANNELS], works[CHANNELS];
    } phones[] = {
        {"nothing said",
         {-1, false, {"", 0}, false, {-1, -1, -1, -1}, {-1, -1, -1, -1}},
         {1, false, {"+1", 2}, false, {1, -1, -1, -1}, {30, -1, -1, -1}},
         '-',
         false,
         {1, -1, -1, -1},
         {30, -1, -1, -1}},
        {"nothing said, there by channel",
         {-1, false, {"", 0}, false, {-1, -1, -1, -1}, {-1, -1, -1, -1}},
         {1, false, {"", 0}, true, {1, 0, -1, 1}, {30, 0, 5, -1}},
         '-',
         true,
         {1, 0, -1, 1},
         {30, 0, 5, -1}},
        {"the same by channel",
         {-1, false, {"", 0}, true, {1, 1, 1, 1}, {-1, -1, -1, -1}},
         {-1, false, {"", 0}, false, {1, -1, -1, -1}, {30, -1, -1, -1}},
         '-',
         false,
         {1, -1, -1, -1},
         {30, -1, -1, -1}},
        {"the same for all",
         {-1, false, {"", 0}, false, {1, -1, -1, -1}, {0, -1, -1, -1}},
         {-1, false, {"", 0}, true, {1, 1, 1, 1}, {0, 0, 0, 0}},
         '-',
         true,
         {1, 1, 1, 1},
         {0, 0, 0, 0}},
        {"for all",
         {-1, false, {"", 0}, false, {0, -1, -1, -1}, {60, -1, -1, -1}},
         {-1, false, {"", 0}, true, {1, 0, 1, 0}, {1, 2, 3, 4}},
         'P',
         false,
         {0, -1, -1, -1},
         {60, -1, -1, -1}},
        {"one for all, the other there by channel",
         {-1, false, {"", 0}, false, {0, -1, -1, -1}, {-1, -1, -1, -1}},
         {-1, false, {"", 0}, true, {1, 1, 1, 1}, {1, 2, 3, 4}},
         'U',
         true,
         {0, 0, 0, 0},
         {1, 2, 3, 4}},
        {"one channel",
         {-1, false, {"", 0}, true, {-1, 0, -1, -1}, {-1, -1, -1, -1}},
         {-1, false, {"", 0}, false, {1, -1, -1, -1}, {30, -1, -1, -1}},
         'U',
         true,
         {1, 0, 1, 1},
         {30, 30, 30, 30}},
        {"by channel, though all alike",
         {-1, false, {"", 0}, true, {0, 0, 0, 0}, {5, 5, 5, 5}},
         {-1, false, {"", 0}, false, {1, -1, -1, -1}, {30, -1, -1, -1}},
         'U',
         true,
         {0, 0, 0, 0},
         {5, 5, 5, 5}},
        {"another type",
         {-1, true, {"+2", 2}, false, {-1, -1, -1, -1}, {-1, -1, -1, -1}},
         {1, false, {"+1", 2}, false, {1, -1, -1, -1}, {0, -1, -1, -1}},
         'P',
         false,
         {1, -1, -1, -1},
         {0, -1, -1, -1}},
        {"a desk phone without a number",
         {-1, true, {"", 0}, false, {-1, -1, -1, -1}, {-1, -1, -1, -1}},
         {1, true, {"+1", 2}, false, {1, -1, -1, -1}, {0, -1, -1, -1}},
         '-',
         false,
         {1, -1, -1, -1},
         {0, -1, -1, -1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
        const struct phone_row *row = &phones[i];
        struct entitlement wanted = {.user_name = SPAN("jane"), .tags = tags, .n_tags = 2};
        struct entitlement seen = wanted;
        struct plan_ask ask = {.wanted = &wanted,
                               .actual = {.kind = ACTUAL_BOUND,
                                          .agent = {.id = SPAN("id"), .user_name = SPAN("jane")},
                                          .seen = &seen},
                               .managed_by = SPAN("roster"),
                               .okta_id = SPAN("00ujane")};
        struct arena a = {0};
        struct plan plan;
        char step;

        wanted.phone = row->wanted;
        seen.phone = row->seen;
        plan = plan_make(&ask, &a);
        step = plan.n == 0 ? '-' : plan.steps[0] == STEP_UPDATE_CONFIG ? 'U' : 'P';
        if (plan.n > 1 || step != row->step ||
            plan.target.phone.is_per_channel != row->is_per_channel ||
            memcmp(plan.target.phone.auto_accept, row->accepts, sizeof(row->accepts)) != 0 ||
            memcmp(plan.target.phone.after_contact_work_s, row->works, sizeof(row->works)) != 0)
            fail_msg("%s: '%c'", row->name, step);
        assert_int_equal(plan.target.phone.persistent_connection, row->seen.persistent_connection);
        assert_int_equal(plan.target.phone.desk_number.n, row->wanted.desk_number.n > 0
                                                              ? row->wanted.desk_number.n
                                                              : row->seen.desk_number.n);
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(phones_keep_what_is_there)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
