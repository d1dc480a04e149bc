#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/plan.h"

static const struct span us = {"roster", 6}, jane = {"00ujane", 7};

static void the_ledger_tells_what_is_known(void **state)
{
    struct person p = {0};
    struct arena a = {0};
    struct actual actual;

    (void)state;
    assert_int_equal(plan_actual(&p, &a).kind, ACTUAL_ABSENT);
    p.create_sent_ms = 1;
    assert_int_equal(plan_actual(&p, &a).kind, ACTUAL_UNKNOWN);
    p = (struct person){.name_taken_ms = 1};
    assert_int_equal(plan_actual(&p, &a).kind, ACTUAL_UNKNOWN);
    p = (struct person){.create_sent_ms = 1,
                        .agent_id = SPAN("id"),
                        .agent_arn = SPAN("arn"),
                        .agent_user_name = SPAN("jane")};
    actual = plan_actual(&p, &a);
    assert_int_equal(actual.kind, ACTUAL_BOUND);
    assert_true(span_eq(actual.agent.id, SPAN("id")) && span_eq(actual.agent.arn, SPAN("arn")) &&
                span_eq(actual.agent.user_name, SPAN("jane")));
    assert_true(actual.is_making && !actual.is_deleted && actual.seen == NULL);
    p.create_sent_ms = 0;
    p.agent_deleted_ms = 1;
    p.applied = SPAN("{\"user_name\":\"jane\",\"routing_profile\":\"rp\"}");
    actual = plan_actual(&p, &a);
    assert_true(!actual.is_making && actual.is_deleted && actual.seen != NULL);
    assert_true(span_eq(actual.seen->routing_profile_id, SPAN("rp")));
    p.applied = SPAN("{\"user_name\":"); /* then the agent is looked at */
    assert_null(plan_actual(&p, &a).seen);
    arena_done(&a);
}

/* A deployment's and an Okta id's tag; NULL = no such tag. */
static struct agent tagged(struct tag tags[2], const char *managed_by, const char *okta_id)
{
    struct agent agent = {
        .id = SPAN("id"), .arn = SPAN("arn"), .user_name = SPAN("jane"), .tags = tags};

    if (managed_by != NULL)
        tags[agent.n_tags++] = (struct tag){SPAN(TAG_MANAGED_BY), span_of(managed_by)};
    if (okta_id != NULL)
        tags[agent.n_tags++] = (struct tag){SPAN(TAG_OKTA_ID), span_of(okta_id)};
    return agent;
}

static void tags_tell_the_owner(void **state)
{
    static const struct row {
        const char *managed_by, *okta_id;
        enum owner owner;
    } rows[] = {
        {"roster", "00ujane", OWNER_OURS},
        {"roster", "00ujoe", OWNER_OTHER_PERSON},
        {"roster", NULL, OWNER_NOBODY},
        {NULL, "00ujane", OWNER_NOBODY},
        {NULL, "00ujoe", OWNER_OTHER_PERSON},
        {NULL, NULL, OWNER_NOBODY},
        {"elsewhere", "00ujane", OWNER_OTHER_DEPLOYMENT},
        {"elsewhere", NULL, OWNER_OTHER_DEPLOYMENT},
        {"Roster", "00ujane", OWNER_OTHER_DEPLOYMENT},
        {"", "00ujane", OWNER_OTHER_DEPLOYMENT},
        {"roster", "00uJane", OWNER_OTHER_PERSON},
        {"import", NULL, OWNER_IMPORTED},
        {"import", "00ujane", OWNER_OTHER_DEPLOYMENT},
        {"Import", NULL, OWNER_OTHER_DEPLOYMENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tag tags[2];
        struct agent agent = tagged(tags, rows[i].managed_by, rows[i].okta_id);

        if (plan_owner(&agent, us, jane) != rows[i].owner)
            fail_msg("row %zu", i);
    }
}

/* ---- every branch ---- */

static const struct span sp_1[] = {{"sp-1", 4}}, sp_2[] = {{"sp-2", 4}},
                         sp_park[] = {{"sp-park", 7}};
static const struct tag our_tags[] = {{{TAG_MANAGED_BY, 17}, {"roster", 6}},
                                      {{TAG_OKTA_ID, 14}, {"00ujane", 7}}},
                        other_tags[] = {{{TAG_MANAGED_BY, 17}, {"elsewhere", 9}},
                                        {{TAG_OKTA_ID, 14}, {"00ujane", 7}}},
                        joes_tags[] = {{{TAG_MANAGED_BY, 17}, {"roster", 6}},
                                       {{TAG_OKTA_ID, 14}, {"00ujoe", 6}}};
static const struct proficiency skill[] = {{{"L", 1}, {"en", 2}, 5}};

/* What is wanted, and what is seen, of Jane. */
enum { WANTED_SP_2 = 1, WANTED_RP_2 = 2, WANTED_SKILL = 4, WANTED_JANE2 = 8, OUT = 16 };
enum {
    SEEN_NOT = 1,
    SEEN_PARKED = 2,
    SEEN_HALF_PARKED = 4,
    SEEN_OTHERS = 8,
    SEEN_JOES = 16,
    SEEN_UNTAGGED = 32
};
enum {
    PARKING = 1,
    SUSPENDED = 2,
    DELETED = 4,
    MAKING = 8,
    OLD = 16,
    ADOPT = 32,
    CHANGES_PASSED = 64,
    WAITS_OVER = 128,
    CONTACT_FREE = 256,
    CLAIMED = 512,
    OLD_HALF_PARKED = 1024,
    OLD_PARKED = 2048
};

static struct entitlement entitlement_of(unsigned wanted)
{
    struct entitlement e = {
        .user_name = wanted & WANTED_JANE2 ? SPAN("jane2") : SPAN("jane"),
        .first_name = SPAN("Jane"),
        .last_name = SPAN("Doe"),
        .security_profile_ids = wanted & WANTED_SP_2 ? sp_2 : sp_1,
        .n_security_profile_ids = 1,
        .routing_profile_id = wanted & WANTED_RP_2 ? SPAN("rp-2") : SPAN("rp-1"),
        .phone = {.auto_accept = {-1, -1, -1, -1}, .after_contact_work_s = {-1, -1, -1, -1}},
        .tags = our_tags,
        .n_tags = 2,
        .proficiencies = skill,
        .n_proficiencies = wanted & WANTED_SKILL ? 1 : 0};

    return e;
}

static struct entitlement seen_of(unsigned seen)
{
    struct entitlement e = entitlement_of(0);

    if (seen & (SEEN_PARKED | SEEN_HALF_PARKED))
        e.security_profile_ids = sp_park;
    if (seen & SEEN_PARKED)
        e.routing_profile_id = SPAN("rp-park");
    if (seen & SEEN_OTHERS)
        e.tags = other_tags;
    if (seen & SEEN_JOES)
        e.tags = joes_tags;
    if (seen & SEEN_UNTAGGED)
        e.n_tags = 0;
    return e;
}

/* One letter a step. */
static const char letters[STEPS + 1] = "CFDispHPUTtAuXLKQ";

static void steps_of(const struct plan *plan, char out[static PLAN_STEPS + 1])
{
    for (size_t i = 0; i < plan->n; i++)
        out[i] = letters[plan->steps[i]];
    out[plan->n] = '\0';
}

#define REJECTED REMOVAL_REJECTED
#define HELD REMOVAL_HELD
#define PASSED REMOVAL_PASSED

static const struct row {
    const char *name;
    enum actual_kind kind;
    unsigned wanted, seen, flags;
    enum on_remove on_remove;
    enum on_rename on_rename;
    enum removal removal;
    const char *steps;
    enum gate gate;
    enum person_state state;
    const char *code;
    int priority;
    bool is_on_old, binds;
} rows[] = {
    /* there is no agent */
    {"new", ACTUAL_ABSENT, 0, 0, 0, 0, 0, 0, "C", 0, PERSON_IN_STEP, "", PRIORITY_NEW, 0, 0},
    {"new, with proficiencies", ACTUAL_ABSENT, WANTED_SKILL, 0, 0, 0, 0, 0, "CA", 0, PERSON_IN_STEP,
     "", PRIORITY_NEW, 0, 0},
    {"new, and suspended", ACTUAL_ABSENT, 0, 0, SUSPENDED | PARKING, 0, 0, 0, "", 0,
     PERSON_OUT_OF_SCOPE, REASON_SUSPENDED, PRIORITY_CHANGE, 0, 0},
    {"new, and two claim the name", ACTUAL_ABSENT, 0, 0, CLAIMED, 0, 0, 0, "", 0, PERSON_HELD,
     REASON_TWO_CLAIM, PRIORITY_CHANGE, 0, 0},
    {"never was", ACTUAL_ABSENT, OUT, 0, ADOPT, REMOVE_DELETE, 0, 0, "", 0, PERSON_OUT_OF_SCOPE, "",
     PRIORITY_CHANGE, 0, 0},
    /* perhaps there is one */
    {"unclear", ACTUAL_UNKNOWN, 0, 0, 0, 0, 0, 0, "F", 0, PERSON_DUE, "", PRIORITY_NEW, 0, 0},
    {"unclear, and left", ACTUAL_UNKNOWN, OUT, 0, 0, REMOVE_KEEP, 0, 0, "F", 0, PERSON_DUE, "",
     PRIORITY_REMOVAL, 0, 0},
    {"a new agent is unclear", ACTUAL_BOUND, WANTED_JANE2, 0, MAKING, 0, RENAME_REPLACE, 0, "F", 0,
     PERSON_DUE, "", PRIORITY_NEW, 0, 0},
    {"a new agent is unclear, and left", ACTUAL_BOUND, OUT, 0, MAKING, REMOVE_DELETE,
     RENAME_REPLACE, PASSED, "F", 0, PERSON_DUE, "", PRIORITY_REMOVAL, 0, 0},
    /* changes */
    {"in step", ACTUAL_BOUND, 0, 0, PARKING, 0, 0, 0, "", 0, PERSON_IN_STEP, "", PRIORITY_CHANGE, 0,
     0},
    {"nothing is known of it", ACTUAL_BOUND, 0, SEEN_NOT, 0, 0, 0, 0, "D", 0, PERSON_DUE, "",
     PRIORITY_CHANGE, 0, 0},
    {"other security profiles", ACTUAL_BOUND, WANTED_SP_2, 0, 0, 0, 0, 0, "s", GATE_CHANGES,
     PERSON_IN_STEP, "", PRIORITY_CHANGE, 0, 0},
    {"another routing profile", ACTUAL_BOUND, WANTED_RP_2, 0, PARKING, 0, 0, 0, "p", GATE_CHANGES,
     PERSON_IN_STEP, "", PRIORITY_CHANGE, 0, 0},
    {"both, and a skill", ACTUAL_BOUND, WANTED_SP_2 | WANTED_RP_2 | WANTED_SKILL, 0, 0, 0, 0, 0,
     "spA", GATE_CHANGES, PERSON_IN_STEP, "", PRIORITY_CHANGE, 0, 0},
    {"the gate let it pass", ACTUAL_BOUND, WANTED_SP_2, 0, CHANGES_PASSED, 0, 0, 0, "s", 0,
     PERSON_IN_STEP, "", PRIORITY_CHANGE, 0, 0},
    {"a skill needs no gate", ACTUAL_BOUND, WANTED_SKILL, 0, 0, 0, 0, 0, "A", 0, PERSON_IN_STEP, "",
     PRIORITY_CHANGE, 0, 0},
    {"unparked", ACTUAL_BOUND, 0, SEEN_PARKED, PARKING, 0, 0, 0, "sp", 0, PERSON_IN_STEP, "",
     PRIORITY_CHANGE, 0, 0},
    {"half unparked", ACTUAL_BOUND, 0, SEEN_HALF_PARKED, PARKING, 0, 0, 0, "s", 0, PERSON_IN_STEP,
     "", PRIORITY_CHANGE, 0, 0},
    {"half unparked, and another routing profile", ACTUAL_BOUND, WANTED_RP_2, SEEN_HALF_PARKED,
     PARKING, 0, 0, 0, "sp", GATE_CHANGES, PERSON_IN_STEP, "", PRIORITY_CHANGE, 0, 0},
    {"parked where there is no parking", ACTUAL_BOUND, 0, SEEN_PARKED, 0, 0, 0, 0, "sp",
     GATE_CHANGES, PERSON_IN_STEP, "", PRIORITY_CHANGE, 0, 0},
    {"two claim the name of an agent", ACTUAL_BOUND, 0, 0, CLAIMED, 0, 0, 0, "", 0, PERSON_HELD,
     REASON_TWO_CLAIM, PRIORITY_CHANGE, 0, 0},
    /* whose it is by now */
    {"another deployment's by now", ACTUAL_BOUND, WANTED_SP_2, SEEN_OTHERS, ADOPT, 0, 0, 0, "", 0,
     PERSON_HELD, REASON_EXISTS, PRIORITY_CHANGE, 0, 0},
    {"another person's by now", ACTUAL_BOUND, WANTED_SP_2, SEEN_JOES, ADOPT, 0, 0, 0, "", 0,
     PERSON_HELD, REASON_EXISTS, PRIORITY_CHANGE, 0, 0},
    {"another person's by now, and left", ACTUAL_BOUND, OUT, SEEN_JOES, PARKING, REMOVE_DELETE, 0,
     PASSED, "", 0, PERSON_HELD, REASON_EXISTS, PRIORITY_CHANGE, 0, 0},
    {"another person's by now, and suspended", ACTUAL_BOUND, 0, SEEN_JOES, PARKING | SUSPENDED, 0,
     0, PASSED, "", 0, PERSON_HELD, REASON_EXISTS, PRIORITY_CHANGE, 0, 0},
    {"untagged by now", ACTUAL_BOUND, WANTED_SP_2, SEEN_UNTAGGED, 0, 0, 0, 0, "", 0, PERSON_HELD,
     REASON_EXISTS, PRIORITY_CHANGE, 0, 0},
    {"untagged by now, and adopted", ACTUAL_BOUND, WANTED_SP_2, SEEN_UNTAGGED, ADOPT, 0, 0, 0, "T",
     0, PERSON_DUE, "", PRIORITY_CHANGE, 0, 0},
    {"untagged by now, and kept", ACTUAL_BOUND, OUT, SEEN_UNTAGGED, 0, REMOVE_KEEP, 0, 0, "", 0,
     PERSON_IN_STEP, REASON_LEFT, PRIORITY_CHANGE, 0, 0},
    /* suspended */
    {"suspended, nothing to park on", ACTUAL_BOUND, WANTED_SP_2, 0, SUSPENDED, REMOVE_DELETE, 0, 0,
     "", 0, PERSON_IN_STEP, REASON_SUSPENDED, PRIORITY_CHANGE, 0, 0},
    {"suspended", ACTUAL_BOUND, 0, 0, SUSPENDED | PARKING, REMOVE_DELETE, 0, 0, "sp", GATE_REMOVALS,
     PERSON_PARKED, REASON_SUSPENDED, PRIORITY_REMOVAL, 0, 0},
    {"suspended, passed", ACTUAL_BOUND, 0, 0, SUSPENDED | PARKING, REMOVE_KEEP, 0, PASSED, "sp", 0,
     PERSON_PARKED, REASON_SUSPENDED, PRIORITY_REMOVAL, 0, 0},
    {"suspended, half parked", ACTUAL_BOUND, 0, SEEN_HALF_PARKED, SUSPENDED | PARKING, 0, 0,
     REMOVAL_NONE, "p", GATE_REMOVALS, PERSON_PARKED, REASON_SUSPENDED, PRIORITY_REMOVAL, 0, 0},
    {"suspended, parked", ACTUAL_BOUND, 0, SEEN_PARKED, SUSPENDED | PARKING, 0, 0, 0, "", 0,
     PERSON_PARKED, REASON_SUSPENDED, PRIORITY_REMOVAL, 0, 0},
    {"suspended, and a former agent is there: parked first", ACTUAL_BOUND, 0, 0,
     SUSPENDED | PARKING | OLD, 0, RENAME_REPLACE, REMOVAL_NONE, "sp", GATE_REMOVALS, PERSON_DUE,
     "", PRIORITY_REMOVAL, 0, 0},
    {"suspended and parked, and the former agent goes", ACTUAL_BOUND, 0, SEEN_PARKED,
     SUSPENDED | PARKING | OLD, 0, RENAME_REPLACE, PASSED, "LKQ", 0, PERSON_DUE, "",
     PRIORITY_REMOVAL, true, 0},
    {"suspended and kept, and the former agent goes", ACTUAL_BOUND, 0, 0, SUSPENDED | OLD, 0,
     RENAME_REPLACE, PASSED, "LKQ", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"suspended, not known", ACTUAL_BOUND, 0, SEEN_NOT, SUSPENDED | PARKING, 0, 0, 0, "D", 0,
     PERSON_DUE, "", PRIORITY_REMOVAL, 0, 0},
    {"suspended, rejected", ACTUAL_BOUND, 0, 0, SUSPENDED | PARKING, 0, 0, REJECTED, "", 0,
     PERSON_IN_STEP, REASON_REJECTED, PRIORITY_CHANGE, 0, 0},
    {"suspended, held", ACTUAL_BOUND, 0, 0, SUSPENDED | PARKING, 0, 0, HELD, "", 0, PERSON_HELD,
     REASON_REMOVALS, PRIORITY_CHANGE, 0, 0},
    /* left */
    {"left, kept", ACTUAL_BOUND, OUT, SEEN_NOT, PARKING, REMOVE_KEEP, 0, 0, "", 0, PERSON_IN_STEP,
     REASON_LEFT, PRIORITY_CHANGE, 0, 0},
    {"left, kept whatever was decided", ACTUAL_BOUND, OUT, 0, PARKING | OLD, REMOVE_KEEP, 0, PASSED,
     "", 0, PERSON_IN_STEP, REASON_LEFT, PRIORITY_CHANGE, 0, 0},
    {"left, parked", ACTUAL_BOUND, OUT, 0, PARKING, REMOVE_DISABLE, 0, REMOVAL_WAITS, "sp",
     GATE_REMOVALS, PERSON_PARKED, REASON_LEFT, PRIORITY_REMOVAL, 0, 0},
    {"left, nothing to park on", ACTUAL_BOUND, OUT, 0, 0, REMOVE_DISABLE, 0, REMOVAL_WAITS, "", 0,
     PERSON_HELD, REASON_LEFT, PRIORITY_CHANGE, 0, 0},
    {"left, deleted", ACTUAL_BOUND, OUT, 0, PARKING, REMOVE_DELETE, 0, REMOVAL_WAITS, "LKQ",
     GATE_REMOVALS, PERSON_REMOVED, "", PRIORITY_REMOVAL, 0, 0},
    {"left, deletion passed", ACTUAL_BOUND, OUT, 0, 0, REMOVE_DELETE, 0, PASSED, "LKQ", 0,
     PERSON_REMOVED, "", PRIORITY_REMOVAL, 0, 0},
    {"left, no contact", ACTUAL_BOUND, OUT, 0, CONTACT_FREE, REMOVE_DELETE, 0, PASSED, "KQ", 0,
     PERSON_REMOVED, "", PRIORITY_REMOVAL, 0, 0},
    {"left, on a contact for too long", ACTUAL_BOUND, OUT, 0, WAITS_OVER | PARKING, REMOVE_DELETE,
     0, PASSED, "sp", 0, PERSON_PARKED, REASON_ON_CONTACT, PRIORITY_REMOVAL, 0, 0},
    {"left, parked for its contact", ACTUAL_BOUND, OUT, SEEN_PARKED, WAITS_OVER | PARKING,
     REMOVE_DELETE, 0, PASSED, "", 0, PERSON_PARKED, REASON_ON_CONTACT, PRIORITY_REMOVAL, 0, 0},
    {"left, for too long, nothing to park on", ACTUAL_BOUND, OUT, 0, WAITS_OVER, REMOVE_DELETE, 0,
     PASSED, "LKQ", 0, PERSON_REMOVED, "", PRIORITY_REMOVAL, 0, 0},
    {"left, not known", ACTUAL_BOUND, OUT, SEEN_NOT, 0, REMOVE_DELETE, 0, PASSED, "D", 0,
     PERSON_DUE, "", PRIORITY_REMOVAL, 0, 0},
    {"left, rejected", ACTUAL_BOUND, OUT, 0, PARKING, REMOVE_DELETE, 0, REJECTED, "", 0,
     PERSON_IN_STEP, REASON_REJECTED, PRIORITY_CHANGE, 0, 0},
    {"left, held", ACTUAL_BOUND, OUT, 0, PARKING, REMOVE_DISABLE, 0, HELD, "", 0, PERSON_HELD,
     REASON_REMOVALS, PRIORITY_CHANGE, 0, 0},
    {"deleted, its quick connects not", ACTUAL_BOUND, OUT, 0, DELETED, REMOVE_DELETE, 0, PASSED,
     "Q", 0, PERSON_REMOVED, "", PRIORITY_REMOVAL, 0, 0},
    {"deleted, its quick connects not, and kept by now", ACTUAL_BOUND, OUT, SEEN_NOT, DELETED,
     REMOVE_KEEP, 0, 0, "Q", 0, PERSON_REMOVED, "", PRIORITY_REMOVAL, 0, 0},
    {"deleted, and back", ACTUAL_BOUND, 0, 0, DELETED, REMOVE_DELETE, 0, 0, "Q", 0, PERSON_DUE, "",
     PRIORITY_REMOVAL, 0, 0},
    /* renamed */
    {"renamed, held", ACTUAL_BOUND, WANTED_JANE2, 0, 0, 0, RENAME_HOLD, 0, "", 0, PERSON_HELD,
     REASON_NAME_DIFFERS, PRIORITY_CHANGE, 0, 0},
    {"renamed, held, and moved", ACTUAL_BOUND, WANTED_JANE2 | WANTED_SP_2, 0, 0, 0, RENAME_HOLD, 0,
     "s", GATE_CHANGES, PERSON_DUE, "", PRIORITY_CHANGE, 0, 0},
    {"renamed, kept", ACTUAL_BOUND, WANTED_JANE2, 0, 0, 0, RENAME_KEEP, 0, "", 0, PERSON_IN_STEP,
     "", PRIORITY_CHANGE, 0, 0},
    {"renamed, replaced", ACTUAL_BOUND, WANTED_JANE2 | WANTED_SP_2 | WANTED_SKILL, SEEN_NOT, 0, 0,
     RENAME_REPLACE, 0, "CA", 0, PERSON_DUE, "", PRIORITY_NEW, 0, 0},
    {"renamed, and two claim the name", ACTUAL_BOUND, WANTED_JANE2, 0, CLAIMED, 0, RENAME_REPLACE,
     0, "", 0, PERSON_HELD, REASON_TWO_CLAIM, PRIORITY_CHANGE, 0, 0},
    {"renamed again: one at a time", ACTUAL_BOUND, WANTED_JANE2, 0, OLD, 0, RENAME_REPLACE, 0,
     "LKQ", GATE_REMOVALS, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"the former agent goes", ACTUAL_BOUND, 0, 0, OLD | PARKING, 0, RENAME_REPLACE, REMOVAL_NONE,
     "LKQ", GATE_REMOVALS, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"it goes after changes", ACTUAL_BOUND, WANTED_RP_2, 0, OLD, 0, RENAME_REPLACE, PASSED, "p",
     GATE_CHANGES, PERSON_DUE, "", PRIORITY_CHANGE, false, 0},
    {"it passed", ACTUAL_BOUND, 0, 0, OLD, 0, RENAME_REPLACE, PASSED, "LKQ", 0, PERSON_DUE, "",
     PRIORITY_REMOVAL, true, 0},
    {"it is on a contact for too long", ACTUAL_BOUND, 0, 0, OLD | PARKING | WAITS_OVER, 0,
     RENAME_REPLACE, PASSED, "spLKQ", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"it is half parked", ACTUAL_BOUND, 0, 0, OLD | PARKING | WAITS_OVER | OLD_HALF_PARKED, 0,
     RENAME_REPLACE, PASSED, "pLKQ", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"it is parked, and waited for on", ACTUAL_BOUND, 0, 0, OLD | PARKING | WAITS_OVER | OLD_PARKED,
     0, RENAME_REPLACE, PASSED, "LKQ", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"there is nothing to park it on", ACTUAL_BOUND, 0, 0, OLD | WAITS_OVER, 0, RENAME_REPLACE,
     PASSED, "LKQ", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"its contact has ended", ACTUAL_BOUND, 0, 0, OLD | PARKING | WAITS_OVER | CONTACT_FREE, 0,
     RENAME_REPLACE, PASSED, "KQ", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"its removal was rejected", ACTUAL_BOUND, 0, 0, OLD, 0, RENAME_REPLACE, REJECTED, "", 0,
     PERSON_IN_STEP, REASON_REJECTED, PRIORITY_CHANGE, false, 0},
    {"its removal is held", ACTUAL_BOUND, 0, 0, OLD, 0, RENAME_REPLACE, HELD, "", 0, PERSON_HELD,
     REASON_REMOVALS, PRIORITY_CHANGE, false, 0},
    {"its quick connects go", ACTUAL_BOUND, 0, 0, OLD | DELETED, 0, RENAME_REPLACE, PASSED, "Q", 0,
     PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"left, and the former agent goes first", ACTUAL_BOUND, OUT, SEEN_NOT, OLD, REMOVE_DELETE,
     RENAME_REPLACE, PASSED, "LKQ", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
    {"left, and its quick connects go first", ACTUAL_BOUND, OUT, 0, OLD | DELETED, REMOVE_DELETE,
     RENAME_REPLACE, PASSED, "Q", 0, PERSON_DUE, "", PRIORITY_REMOVAL, true, 0},
};

static void plans_are_what_the_situation_needs(void **state)
{
    const struct entitlement parked = {.security_profile_ids = sp_park,
                                       .n_security_profile_ids = 1,
                                       .routing_profile_id = SPAN("rp-park")};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct entitlement wanted = entitlement_of(row->wanted), seen = seen_of(row->seen);
        struct plan_ask ask = {
            .wanted = row->wanted & OUT ? NULL : &wanted,
            .parked = row->flags & PARKING ? &parked : NULL,
            .is_suspended = (row->flags & SUSPENDED) != 0,
            .actual = {.kind = row->kind,
                       .agent = {.id = SPAN("id"), .arn = SPAN("arn"), .user_name = SPAN("jane")},
                       .seen = row->seen & SEEN_NOT ? NULL : &seen,
                       .is_deleted = (row->flags & DELETED) != 0,
                       .is_making = (row->flags & MAKING) != 0},
            .managed_by = us,
            .okta_id = jane,
            .may_adopt = (row->flags & ADOPT) != 0,
            .on_remove = row->on_remove,
            .on_rename = row->on_rename,
            .removal = row->removal,
            .has_passed_changes = (row->flags & CHANGES_PASSED) != 0,
            .waits_for_contact_over = (row->flags & WAITS_OVER) != 0,
            .is_contact_free = (row->flags & CONTACT_FREE) != 0,
            .old_agent_id = row->flags & OLD ? SPAN("old") : SPAN(""),
            .old_agent_parked =
                (row->flags & (OLD_HALF_PARKED | OLD_PARKED) ? 1U << ASPECT_SECURITY_PROFILES : 0) |
                (row->flags & OLD_PARKED ? 1U << ASPECT_ROUTING_PROFILE : 0),
            .claimed_by = row->flags & CLAIMED ? SPAN("joe") : SPAN(""),
        };
        struct arena a = {0};
        struct plan plan = plan_make(&ask, &a);
        char steps[PLAN_STEPS + 1];

        steps_of(&plan, steps);
        if (strcmp(steps, row->steps) != 0 || plan.gate != row->gate || plan.state != row->state ||
            strcmp(plan.reason_code, row->code) != 0 || plan.priority != row->priority ||
            plan.is_on_old != row->is_on_old || plan.binds != row->binds)
            fail_msg("%s: '%s', gate %d, %s, '%s', priority %d, old %d, binds %d", row->name, steps,
                     (int)plan.gate, person_state_name(plan.state), plan.reason_code, plan.priority,
                     plan.is_on_old, plan.binds);
        if (steps[0] == 'T' && plan.target.n_tags != 2)
            fail_msg("%s: no tags to put", row->name);
        if ((plan.state == PERSON_HELD || row->code[0] != '\0') &&
            (plan.reason[0] == '\0' || strstr(plan.reason, "  ") != NULL))
            fail_msg("%s: '%s'", row->name, plan.reason);
        arena_done(&a);
    }
}

/* ---- an agent of the wanted name was found ---- */

static void what_is_found_is_judged_by_its_tags(void **state)
{
    static const struct found {
        const char *name;
        bool is_wanted, may_adopt;
        const char *wanted_name, *managed_by, *okta_id, *steps;
        bool binds;
        enum person_state state;
        const char *code;
    } found[] = {
        {"ours", true, false, "jane", "roster", "00ujane", "", true, PERSON_IN_STEP, ""},
        {"ours, and left", false, false, "", "roster", "00ujane", "", true, PERSON_IN_STEP, ""},
        {"ours, renamed since", true, false, "jane2", "roster", "00ujane", "", true, PERSON_IN_STEP,
         ""},
        {"a stranger's", true, false, "jane", NULL, NULL, "", false, PERSON_HELD, REASON_EXISTS},
        {"a stranger's, adopted", true, true, "jane", NULL, NULL, "T", true, PERSON_IN_STEP, ""},
        {"half ours, adopted", true, true, "jane", "roster", NULL, "T", true, PERSON_IN_STEP, ""},
        {"imported", true, false, "jane", "import", NULL, "T", true, PERSON_IN_STEP, ""},
        {"imported, and left", false, true, "", "import", NULL, "", false, PERSON_OUT_OF_SCOPE, ""},
        {"a stranger's of a former name", true, true, "jane2", NULL, NULL, "", false, PERSON_HELD,
         REASON_EXISTS},
        {"a stranger's, and left", false, true, "", NULL, NULL, "", false, PERSON_OUT_OF_SCOPE, ""},
        {"another person's", true, true, "jane", "roster", "00ujoe", "", false, PERSON_HELD,
         REASON_EXISTS},
        {"another person's, and left", false, true, "", "roster", "00ujoe", "", false,
         PERSON_OUT_OF_SCOPE, ""},
        {"another deployment's", true, true, "jane", "elsewhere", "00ujane", "", false, PERSON_HELD,
         REASON_EXISTS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
        const struct found *row = &found[i];
        struct entitlement wanted = entitlement_of(0);
        struct plan_ask ask = {.wanted = row->is_wanted ? &wanted : NULL,
                               .managed_by = us,
                               .okta_id = jane,
                               .may_adopt = row->may_adopt};
        struct arena a = {0};
        struct tag tags[2];
        struct plan plan;
        char steps[PLAN_STEPS + 1];

        wanted.user_name = span_of(row->wanted_name);
        ask.actual = (struct actual){.kind = ACTUAL_FOUND,
                                     .agent = tagged(tags, row->managed_by, row->okta_id)};
        plan = plan_make(&ask, &a);
        steps_of(&plan, steps);
        if (strcmp(steps, row->steps) != 0 || plan.binds != row->binds ||
            plan.state != row->state || strcmp(plan.reason_code, row->code) != 0 ||
            plan.gate != GATE_NONE)
            fail_msg("%s: '%s' %d %s '%s'", row->name, steps, plan.binds,
                     person_state_name(plan.state), plan.reason_code);
        /* Whoever is held is told why, with the name that matters. */
        if (plan.state == PERSON_HELD && strstr(plan.reason, "jane") == NULL)
            fail_msg("%s: '%s'", row->name, plan.reason);
        if (plan.n > 0 && plan.target.n_tags != 2)
            fail_msg("%s: no tags to put", row->name);
        arena_done(&a);
    }
}

static void two_who_claim_a_name_are_both_named(void **state)
{
    struct entitlement wanted = entitlement_of(0);
    struct plan_ask ask = {
        .wanted = &wanted, .managed_by = us, .okta_id = jane, .claimed_by = SPAN("00ujoe")};
    struct arena a = {0};
    struct tag tags[2];
    struct plan plan = plan_make(&ask, &a);

    (void)state;
    assert_non_null(strstr(plan.reason, "00ujane"));
    assert_non_null(strstr(plan.reason, "00ujoe"));
    assert_non_null(strstr(plan.reason, "'jane'"));
    /* The agent found is his. */
    ask.actual = (struct actual){.kind = ACTUAL_FOUND, .agent = tagged(tags, "roster", "00ujoe")};
    plan = plan_make(&ask, &a);
    assert_string_equal(plan.reason_code, REASON_TWO_CLAIM);
    arena_done(&a);
}

static void each_step_has_its_operation(void **state)
{
    (void)state;
    for (int i = 0; i < STEPS; i++)
        if (step_operation((enum step_op)i)[0] == '\0')
            fail_msg("step %d", i);
    assert_string_equal(step_operation(STEP_UPDATE_HIERARCHY), "UpdateUserHierarchy");
    assert_string_equal(step_operation(STEP_UPDATE_CONFIG), "UpdateUserConfig");
    assert_string_equal(step_operation(STEPS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_tells_what_is_known),
        cmocka_unit_test(tags_tell_the_owner),
        cmocka_unit_test(plans_are_what_the_situation_needs),
        cmocka_unit_test(what_is_found_is_judged_by_its_tags),
        cmocka_unit_test(two_who_claim_a_name_are_both_named),
        cmocka_unit_test(each_step_has_its_operation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
