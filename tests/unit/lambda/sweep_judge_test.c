#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "lambda/sweep_judge.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };
static const int64_t NOW_MS = 1777881600000;

#define GROUP "00ggroup000000000001"
#define PROFILE "12345678-1234-2345-abd8-0aa7f5b46852"
#define ROUTING "87654321-69fb-43b6-a5e6-f8666ac189cb"
#define PARKING "67654321-69fb-43b6-a5e6-f8666ac189cb"

/* SPAN is no constant. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct span groups[] = {TEXT(GROUP)}, profiles[] = {TEXT(PROFILE)};
static const struct rule_test in_group[] = {{.kind = TEST_GROUP, .values = groups, .n = 1}};
static const struct rule rule = {.name = TEXT(""),
                                 .tests = in_group,
                                 .n_tests = 1,
                                 .is_any = true,
                                 .has_ids = true,
                                 .security_profiles = profiles,
                                 .n_security_profiles = 1,
                                 .routing_profile = TEXT(ROUTING),
                                 .phone_type = PHONE_SOFT_PHONE,
                                 .auto_accept = {.of = {CHANNEL_UNSET}},
                                 .after_contact_work = {.of = {CHANNEL_UNSET}}};
static const struct sweep_container containers[] = {
    {MEMBERSHIP_GROUP, TEXT(GROUP), TEXT("Connect Agents")}};

enum shape { MEMBER, STRANGER, ABSENT, SUSPENDED };

struct row {
    const char *what;
    enum shape shape;
    int agents; /* that bear their id */
    const char *routing;
    int64_t gone_ms; /* ago; 0 = no such tag, -1 = it is no time */
    enum on_remove on_remove;
    bool parks;
    enum sweep_verdict wanted;
};

static const struct row rows[] = {
    {"as it should be", MEMBER, 1, ROUTING, 0, REMOVE_KEEP, false, SWEEP_IN_STEP},
    {"no agent", MEMBER, 0, "", 0, REMOVE_KEEP, false, SWEEP_TELL},
    {"suspended, and no agent", SUSPENDED, 0, "", 0, REMOVE_DELETE, true, SWEEP_IN_STEP},
    {"another profile", MEMBER, 1, PARKING, 0, REMOVE_KEEP, false, SWEEP_CHANGE},
    {"back", MEMBER, 1, ROUTING, HOUR_MS, REMOVE_DELETE, false, SWEEP_TELL},
    {"two agents", MEMBER, 2, ROUTING, 0, REMOVE_KEEP, false, SWEEP_HELD},
    {"two agents, and left", ABSENT, 2, ROUTING, 9 * DAY_MS, REMOVE_DELETE, false, SWEEP_HELD},
    {"left, and not known yet", STRANGER, 1, ROUTING, 0, REMOVE_DELETE, false, SWEEP_LEAVER},
    {"not shown, and not known yet", ABSENT, 1, ROUTING, 0, REMOVE_KEEP, false, SWEEP_LEAVER},
    {"nobody's concern", STRANGER, 0, "", 0, REMOVE_DELETE, false, SWEEP_IN_STEP},
    {"no time", ABSENT, 1, ROUTING, -1, REMOVE_DELETE, false, SWEEP_LEAVER},
    {"in grace", ABSENT, 1, ROUTING, HOUR_MS, REMOVE_DELETE, false, SWEEP_GRACE},
    {"soon", ABSENT, 1, ROUTING, DAY_MS - 1000, REMOVE_DELETE, false, SWEEP_SOON},
    {"due", ABSENT, 1, ROUTING, DAY_MS, REMOVE_DELETE, false, SWEEP_TAKE},
    {"due, and shown elsewhere", STRANGER, 1, ROUTING, DAY_MS, REMOVE_DELETE, false, SWEEP_TAKE},
    {"kept", ABSENT, 1, ROUTING, 9 * DAY_MS, REMOVE_KEEP, false, SWEEP_IN_STEP},
    {"to be parked", ABSENT, 1, ROUTING, 9 * DAY_MS, REMOVE_DISABLE, true, SWEEP_TAKE},
    {"parked", ABSENT, 1, PARKING, 9 * DAY_MS, REMOVE_DISABLE, true, SWEEP_IN_STEP},
    {"no parking place", ABSENT, 1, ROUTING, 9 * DAY_MS, REMOVE_DISABLE, false, SWEEP_HELD},
    {"suspended", SUSPENDED, 1, ROUTING, 0, REMOVE_DELETE, true, SWEEP_TAKE},
    {"suspended and parked", SUSPENDED, 1, PARKING, 0, REMOVE_DELETE, true, SWEEP_IN_STEP},
    {"suspended and not to be parked", SUSPENDED, 1, ROUTING, 0, REMOVE_DELETE, false,
     SWEEP_IN_STEP},
};

static struct span found_of(const struct row *row, struct buf *out)
{
    const struct tag tags[] = {{SPAN(TAG_MANAGED_BY), SPAN("roster")},
                               {SPAN(TAG_OKTA_ID), SPAN("00u1")}};
    struct span routing = span_of(row->routing);
    const struct entitlement e = {.user_name = SPAN("ann@acme.com"),
                                  .first_name = SPAN("Ann"),
                                  .last_name = SPAN("Arbor"),
                                  .security_profile_ids = profiles,
                                  .n_security_profile_ids = 1,
                                  .routing_profile_id = routing,
                                  .phone = {.persistent_connection = CHANNEL_UNSET,
                                            .auto_accept = {CHANNEL_UNSET},
                                            .after_contact_work_s = {CHANNEL_UNSET}},
                                  .tags = tags,
                                  .n_tags = 2};

    entitlement_add_json(out, &e);
    return buf_span(out);
}

static enum sweep_verdict judge(const struct row *row, const struct sweep_people *people,
                                struct arena *a, const char **why)
{
    const struct rules rules = {
        .rules = &rule,
        .n = 1,
        .managed_by = SPAN("roster"),
        .on_remove = row->on_remove,
        .removal_grace_ms = DAY_MS,
        .reads_okta = true,
        .parked_security_profile = row->parks ? SPAN(PROFILE) : (struct span){NULL, 0},
        .parked_routing_profile = row->parks ? SPAN(PARKING) : (struct span){NULL, 0}};
    const struct sweep_judge j = {.people = people,
                                  .rules = &rules,
                                  .names = &names_unread,
                                  .containers = containers,
                                  .n_containers = 1,
                                  .read_ms = NOW_MS,
                                  .now_ms = NOW_MS,
                                  .max_wait_ms = HOUR_MS};
    const uint16_t number = 0;
    struct sweep_row r = {.id = SPAN("00u1"), .is_shown = row->shape != ABSENT};
    enum sweep_verdict verdict;
    struct buf json;

    buf_init(&json, ENTITLEMENT_JSON_LIMIT);
    if (r.is_shown) {
        r.status = row->shape == SUSPENDED ? SPAN("SUSPENDED") : SPAN("ACTIVE");
        r.login = SPAN("ann@acme.com");
        r.display_name = SPAN("Ann Arbor");
        r.profile = SPAN("{\"firstName\":\"Ann\",\"lastName\":\"Arbor\"}");
    }
    if (row->shape == MEMBER || row->shape == SUSPENDED) {
        r.containers = &number;
        r.n_containers = 1;
    }
    r.n_agents = (uint32_t)row->agents;
    if (row->agents > 0) {
        r.agent_id = SPAN("a1");
        r.agent_name = SPAN("ann@acme.com");
        r.found = found_of(row, &json);
    }
    r.has_gone_tag = row->gone_ms != 0;
    r.gone_ms = row->gone_ms > 0 ? NOW_MS - row->gone_ms : 0;
    verdict = sweep_judge(&j, &r, a, why);
    buf_done(&json);
    return verdict;
}

static void people_are_judged(void **state)
{
    struct sweep_people nobody = {.n = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        const char *why;
        enum sweep_verdict verdict = judge(&rows[i], &nobody, &a, &why);

        if (verdict != rows[i].wanted)
            fail_msg("%s: %s (%s), not %s", rows[i].what, sweep_verdict_name(verdict), why,
                     sweep_verdict_name(rows[i].wanted));
        if (verdict == SWEEP_HELD && why[0] == '\0')
            fail_msg("%s: held, and nothing says why", rows[i].what);
        arena_done(&a);
    }
    sweep_people_done(&nobody);
}

static void a_name_that_is_nobodys_is_held(void **state)
{
    const struct entitlement nothing = {.n_tags = 0};
    const struct agent other = {.id = SPAN("a9"), .user_name = SPAN("ann@acme.com")};
    const struct row member = {"", MEMBER, 0, "", 0, REMOVE_KEEP, false, SWEEP_HELD};
    struct sweep_people people = {.n = 0};
    struct arena a = {0};
    const char *why;

    (void)state;
    sweep_people_take_agent(&people, SPAN(""), &other, &nothing);
    assert_int_equal(judge(&member, &people, &a, &why), SWEEP_HELD);
    arena_done(&a);
    sweep_people_done(&people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_judged),
        cmocka_unit_test(a_name_that_is_nobodys_is_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
