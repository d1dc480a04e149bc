#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lambda/doubt.h"

#define NOW_MS 1777881600000
#define AGO(s) ((NOW_MS - (s)*1000LL) * 1000000)

static const struct span group_value = {"Agents", 6};
static const struct rule_test test = {.kind = TEST_GROUP, .values = &group_value, .n = 1};
static const struct rule rule = {.tests = &test, .n_tests = 1, .is_any = true};

static const struct row {
    const char *name;
    struct membership said;         /* by an event */
    int64_t profile_ns, updated_ns; /* an event that tells of their profile; the user's object */
    const char *status;
    bool is_member; /* by the reading */
    bool is_unsure;
    int64_t n_received, wait_ms;
} rows[] = {
    {"in, and Okta says out",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     0,
     0,
     "ACTIVE",
     false,
     false,
     1,
     5000},
    {"once more",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     0,
     0,
     "ACTIVE",
     false,
     false,
     2,
     30000},
    {"for the third time",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     0,
     0,
     "ACTIVE",
     false,
     false,
     3,
     0},
    {"out, and Okta says in",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, false, AGO(3)},
     0,
     0,
     "ACTIVE",
     true,
     false,
     0,
     5000},
    {"both say in",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     0,
     0,
     "ACTIVE",
     true,
     false,
     1,
     0},
    {"long ago",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3600)},
     0,
     0,
     "ACTIVE",
     false,
     false,
     1,
     0},
    {"of nobody's concern",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Others", 6}, true, AGO(3)},
     0,
     0,
     "ACTIVE",
     false,
     false,
     1,
     0},
    {"the group is gone",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     0,
     0,
     "ACTIVE",
     false,
     true,
     1,
     0},
    {"the account is off",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     0,
     0,
     "DEPROVISIONED",
     false,
     false,
     1,
     0},
    {"switched off, and still on",
     {MEMBERSHIP_ACCOUNT, {"", 0}, {"", 0}, false, AGO(3)},
     0,
     0,
     "ACTIVE",
     false,
     false,
     1,
     5000},
    {"switched off",
     {MEMBERSHIP_ACCOUNT, {"", 0}, {"", 0}, false, AGO(3)},
     0,
     0,
     "DEPROVISIONED",
     false,
     false,
     1,
     0},
    {"suspended, and still active",
     {MEMBERSHIP_SUSPENSION, {"", 0}, {"", 0}, true, AGO(3)},
     0,
     0,
     "ACTIVE",
     false,
     false,
     1,
     5000},
    {"a profile of before",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     AGO(3),
     AGO(9),
     "ACTIVE",
     true,
     false,
     1,
     5000},
    {"the new profile",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     AGO(3),
     AGO(3),
     "ACTIVE",
     true,
     false,
     1,
     0},
    {"a profile that does not say",
     {MEMBERSHIP_GROUP, {"g", 1}, {"Agents", 6}, true, AGO(3)},
     AGO(3),
     0,
     "ACTIVE",
     true,
     false,
     1,
     0},
};

static void only_what_events_have_just_said_is_a_reason(void **state)
{
    struct both_sides sides = {.rules = {.rules = &rule, .n = 1, .reads_okta = true},
                               .okta = (struct okta_api *)&sides};

    (void)state;
    current_names_set(&sides.names, &names_unread);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct membership said = row->said,
                          has = {MEMBERSHIP_GROUP, SPAN("g"), SPAN("Agents"), true, 0};
        const struct batch_person p = {.memberships = &said,
                                       .n_memberships = 1,
                                       .profile_ns = row->profile_ns,
                                       .n_received = row->n_received};
        const struct looked_up found = {.person = {.status = span_of(row->status)},
                                        .memberships = &has,
                                        .n_memberships = row->is_member,
                                        .scope = {.is_unsure = row->is_unsure},
                                        .updated_ns = row->updated_ns};
        int64_t wait_ms = doubt_ms(&sides, &p, &found, NOW_MS);

        if (wait_ms != row->wait_ms)
            fail_msg("%s: %lld", row->name, (long long)wait_ms);
    }
    sides.okta = NULL;
    assert_int_equal(doubt_ms(&sides, &(struct batch_person){.profile_ns = AGO(3)},
                              &(struct looked_up){.updated_ns = AGO(9)}, NOW_MS),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_events_have_just_said_is_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
