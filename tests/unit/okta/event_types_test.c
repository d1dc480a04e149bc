/* What each type of event says, and of whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "okta/delivery.h"
#include "plain_rules.h"

static const int64_t received_ms = 1777881700000; /* 2026-05-04T08:01:40Z */

#define USER "{\"type\":\"User\",\"id\":\"00u1\",\"alternateId\":\"ann\",\"displayName\":\"Ann A\"}"
#define GROUP                                                                                      \
    "{\"type\":\"UserGroup\",\"id\":\"00g\",\"alternateId\":\"unknown\",\"displayName\":"          \
    "\"Group\"}"
#define APP                                                                                        \
    "{\"type\":\"AppInstance\",\"id\":\"0oa\",\"alternateId\":\"App\",\"displayName\":\"App\"}"
#define APP_USER                                                                                   \
    "{\"type\":\"AppUser\",\"id\":\"0ua\",\"alternateId\":\"ann1\",\"displayName\":\"Ann A\"}"

static struct delivery decode_events(struct arena *a, const char *events)
{
    char *body = arena_printf(
        a, "{\"eventTime\":\"2026-05-04T08:01:00Z\",\"data\":{\"events\":[%s]}}", events);
    struct delivery d = {0};
    struct fail fail;

    if (delivery_decode(a, span_of(body), &plain_by, received_ms, &d, &fail) != ERR_NONE)
        fail_msg("%s: %s", events, fail.text);
    return d;
}

static bool is_skipped_as(const struct event *e, const char *reason)
{
    return reason == NULL ? e->skip_reason == NULL && e->n_subjects > 0
                          : e->skip_reason != NULL && strcmp(e->skip_reason, reason) == 0 &&
                                e->n_subjects == 0;
}

/* What is left of an event about Ann, the group and the application. */
static void event_types_mean_what_they_say(void **state)
{
    static const struct row {
        const char *type, *said; /* said NULL: another type */
    } rows[] = {
        {"application.user_membership.add", "user a+ 0oa ann1"},
        {"application.user_membership.remove", "user a- 0oa ann1"},
        {"application.user_membership.update", "user 0oa ann1"},
        {"application.user_membership.change_username", "user 0oa ann1"},
        {"application.user_membership.approve", "user 0oa ann1"},
        {"application.user_membership.provision", "user 0oa ann1"},
        {"application.user_membership.revoke", "user 0oa ann1"},
        {"application.user_membership.deprovision", "user 0oa ann1"},
        {"application.user_membership.restore", "user 0oa ann1"},
        {"application.user_membership.change_password", NULL},
        {"application.user_membership.show_password", NULL},
        {"group.user_membership.add", "user g+ 00g"},
        {"group.user_membership.remove", "user g- 00g"},
        {"user.lifecycle.create", NULL},
        {"user.lifecycle.activate", "user u+, user s-"},
        {"user.lifecycle.reactivate", "user u+, user s-"},
        {"user.lifecycle.unsuspend", "user u+, user s-"},
        {"user.lifecycle.suspend", "user s+"},
        {"user.lifecycle.deactivate", "user u-"},
        {"user.lifecycle.delete.initiated", "user u-"},
        {"user.lifecycle.delete.completed", "user u-"},
        {"user.account.update_profile", "user"},
        {"user.account.update_primary_email", "user"},
        {"user.account.update_user_type", "user"},
        {"user.account.update_secondary_email", NULL},
        {"user.account.lock", NULL},
        {"user.account.unlock", NULL},
        {"user.account.update_password", NULL},
        {"user.account.privilege.revoke", NULL},
        {"group.lifecycle.create", "group 00g"},
        {"group.lifecycle.delete", "group 00g (the group was deleted)"},
        {"group.profile.update", "group 00g"},
        {"group.application_assignment.add", "application 0oa"},
        {"group.application_assignment.remove", "application 0oa"},
        {"group.application_assignment.update", "application 0oa"},
        {"application.lifecycle.create", "application 0oa"},
        {"application.lifecycle.update", "application 0oa"},
        {"application.lifecycle.activate", "application 0oa"},
        {"application.lifecycle.deactivate", "application 0oa (the application was deactivated)"},
        {"application.lifecycle.delete", "application 0oa (the application was deleted)"},
        {"app.user_management", "user"},
        {"app.user_management.user_group_import.upsert_success", "user"},
        {"application.provision.user.push", NULL},
        {"system.import.start", NULL},
        {"system.import.complete", "scope"},
        {"system.import.roadblock", "scope (Okta has stopped an import of users at its safeguard)"},
        {"Group.User_Membership.Add", NULL},
        {"group.user_membership.add ", NULL},
        {"group.user_membership", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct delivery d = decode_events(&a, arena_printf(&a,
                                                           "{\"eventType\":\"%s\",\"target\":[" USER
                                                           "," GROUP "," APP "," APP_USER "]}",
                                                           rows[i].type));
        const struct event *e = &d.events[0];
        struct buf said;

        buf_init(&said, 1000);
        for (size_t k = 0; k < e->n_subjects; k++)
            plain_say(&said, &e->subjects[k]);
        if (!is_skipped_as(e, rows[i].said == NULL ? SKIP_OTHER_TYPE : NULL) ||
            !span_eq(e->type, span_of(rows[i].type)) ||
            !span_eq(buf_span(&said), span_of(rows[i].said)))
            fail_msg("%s: '%s' (%s)", rows[i].type, said.p, e->skip_reason);
        for (size_t k = 0; k < e->n_subjects; k++)
            assert_int_equal(e->subjects[k].membership.published_ns, e->published_ns);
        buf_done(&said);
        arena_done(&a);
    }
}

#define APP_GROUP(name) "{\"type\":\"AppGroup\",\"id\":\"0gr\",\"displayName\":\"" name "\"}"

/* An imported group is known by its name alone; the id it has in Okta, if anybody knows. */
static void imports_are_known_by_the_groups_name(void **state)
{
    static const struct row {
        const char *target, *said, *reason;
        bool is_known;
    } rows[] = {
        {APP_USER "," APP_GROUP("Group"), "scope", NULL, false},
        {APP_USER "," APP_GROUP("Group"), "group 00gpinned", NULL, true},
        {USER "," APP_GROUP("Other") "," APP_GROUP("Group"), "user", NULL, true},
        {USER "," APP_GROUP("Other"), "", SKIP_FOREIGN_GROUP, true},
        {USER "," APP_USER, "", SKIP_NO_CONTAINER, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct delivery_rules by = {
            .rules = &plain_rules, .names = rows[i].is_known ? &plain_pinned : &names_unread};
        struct arena a = {0};
        struct delivery d = {0};
        struct buf said;
        char *body = arena_printf(&a, "[{\"eventType\":\"app.user_management\",\"target\":[%s]}]",
                                  rows[i].target);

        buf_init(&said, 1000);
        assert_int_equal(delivery_decode_log(&a, span_of(body), &by, received_ms, &d, NULL),
                         ERR_NONE);
        for (size_t k = 0; k < d.events[0].n_subjects; k++)
            plain_say(&said, &d.events[0].subjects[k]);
        if (!is_skipped_as(&d.events[0], rows[i].reason) ||
            !span_eq(buf_span(&said), span_of(rows[i].said)))
            fail_msg("row %zu: '%s' (%s)", i, said.p, d.events[0].skip_reason);
        buf_done(&said);
        arena_done(&a);
    }
}

/* A name that is pinned to an id means that id: what else bears it is foreign, and what has the id
 * is taken whatever it is called now. */
static void pinned_names_mean_their_ids(void **state)
{
    static const struct delivery_rules by = {.rules = &plain_rules, .names = &plain_pinned};
    static const struct row {
        const char *group, *reason;
    } rows[] = {
        {"{\"type\":\"UserGroup\",\"id\":\"00gpinned\",\"displayName\":\"Renamed\"}", NULL},
        {"{\"type\":\"UserGroup\",\"id\":\"00gother\",\"displayName\":\"Group\"}",
         SKIP_FOREIGN_GROUP},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct delivery d = {0};
        char *body = arena_printf(
            &a, "[{\"eventType\":\"group.user_membership.add\",\"target\":[%s," USER "]}]",
            rows[i].group);

        assert_int_equal(delivery_decode_log(&a, span_of(body), &by, received_ms, &d, NULL),
                         ERR_NONE);
        if (!is_skipped_as(&d.events[0], rows[i].reason))
            fail_msg("row %zu: %s", i, d.events[0].skip_reason);
        arena_done(&a);
    }
}

static void health_is_told_whatever_the_outcome(void **state)
{
    static const struct row {
        const char *event, *detail;
    } rows[] = {
        {"{\"eventType\":\"event_hook.delivery\",\"outcome\":{\"result\":\"FAILURE\",\"reason\":"
         "\"503\"},\"target\":[{\"type\":\"EventHook\",\"displayName\":\"roster\"}]}",
         "roster: 503"},
        {"{\"eventType\":\"event_hook.updated\",\"displayMessage\":\"Event hook updated\"}",
         "Event hook updated"},
        {"{\"eventType\":\"system.org.rate_limit.warning\",\"outcome\":null,\"target\":[null]}",
         ""},
        {"{\"eventType\":\"system.operation.rate_limit.violation\",\"target\":[{\"displayName\":"
         "\"\\u0000\"}],\"outcome\":{\"reason\":7},\"displayMessage\":\"x\"}",
         "x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct delivery d = decode_events(&a, rows[i].event);

        if (!is_skipped_as(&d.events[0], SKIP_HEALTH) ||
            !span_eq(d.events[0].skip_detail, span_of(rows[i].detail)))
            fail_msg("row %zu: %s '%.*s'", i, d.events[0].skip_reason,
                     SPAN_ARG(d.events[0].skip_detail));
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_types_mean_what_they_say),
        cmocka_unit_test(imports_are_known_by_the_groups_name),
        cmocka_unit_test(pinned_names_mean_their_ids),
        cmocka_unit_test(health_is_told_whatever_the_outcome),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
