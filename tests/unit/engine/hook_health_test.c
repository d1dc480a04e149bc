/* How Okta's event hook does, from what it delivers and what only the System Log brings. */
#include "behind.h"

#include "engine/hook_health.h"
#include "okta/delivery.h"

static const int64_t start_ms = 1780000000000, minute_ms = 60000;

static struct {
    struct hook_health *health;
    char codes[256]; /* of what was told */
} t;

static void told(void *arg, const char *code, const char *text)
{
    size_t used = strlen(t.codes);

    (void)arg;
    assert_true(strlen(text) > 20);
    (void)snprintf(t.codes + used, sizeof(t.codes) - used, "%s ", code);
}

static void open_health(bool is_on)
{
    const struct hook_health_options options = {
        .handback = behind.handback, .is_on = is_on, .told = told};

    t.codes[0] = '\0';
    assert_ok(behind.f, hook_health_new(&options, behind.f->store, &t.health, &behind.f->fail));
}

static struct event event(const char *uuid, const char *type, int64_t published_ms,
                          const char *skip_reason, const char *detail)
{
    return (struct event){.uuid = span_of(uuid),
                          .type = span_of(type),
                          .published_ns = published_ms * 1000000,
                          .skip_reason = skip_reason,
                          .skip_detail = span_of(detail)};
}

static void logged(const struct event *e, bool is_new, int64_t now_ms)
{
    struct journal_entry entry = {.events = e, .n = 1, .is_new = &is_new};

    hook_health_logged(t.health, &entry, now_ms);
}

#define ADD "group.user_membership.add"

static void what_only_the_log_brings_is_missed(void **state)
{
    static const struct row {
        const char *name, *type, *skip_reason;
        bool is_on, is_new;
        int64_t age_ms;
        bool is_delivered; /* by the hook, a little later */
        const char *missed;
    } rows[] = {
        {"first by the log, then by the hook", ADD, NULL, true, true, 1000, true, "\"missed\":0"},
        {"never by the hook", ADD, NULL, true, true, 1000, false, "\"missed\":1"},
        {"of long ago", ADD, NULL, true, true, 3600000, false, "\"missed\":1"},
        {"known already", ADD, NULL, true, false, 1000, false, "\"missed\":0"},
        {"skipped", ADD, SKIP_FOREIGN_GROUP, true, true, 1000, false, "\"missed\":0"},
        {"a type that hooks cannot have", "user.lifecycle.delete.completed", NULL, true, true, 1000,
         false, "\"missed\":0"},
        {"without a hook", ADD, NULL, false, true, 1000, false, "\"missed\":0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        const struct event e =
            event("u-1", row->type, start_ms - row->age_ms, row->skip_reason, "");
        const struct journal_entry delivery = {.events = &e, .n = 1};
        void *made = NULL;

        assert_int_equal(fixture_store(&made), 0);
        behind_open(&made, NULL);
        open_health(row->is_on);
        logged(&e, row->is_new, start_ms);
        hook_health_tick(t.health, start_ms + minute_ms);
        if (row->is_delivered)
            hook_health_delivered(t.health, &delivery, start_ms + 2 * minute_ms);
        behind_run_ms(20);
        hook_health_tick(t.health, start_ms + 6 * minute_ms);
        behind_note(HOOK_HEALTH_NOTE, row->missed);
        if ((strstr(row->missed, "1") != NULL) != (strcmp(t.codes, "hook_missed ") == 0))
            fail_msg("%s: told '%s'", row->name, t.codes);
        behind_stop();
        hook_health_free(t.health);
        behind_close(true);
        (void)fixture_done(&made);
    }
}

static void what_okta_tells_is_kept_over_a_restart(void **state)
{
    const struct event failed = event("u-1", "event_hook.delivery", start_ms, SKIP_HEALTH,
                                      "roster: 503"),
                       limit =
                           event("u-2", "system.org.rate_limit.warning", start_ms, SKIP_HEALTH, ""),
                       changed =
                           event("u-3", "event_hook.updated", start_ms, SKIP_HEALTH, "roster"),
                       add = event("u-4", ADD, start_ms - 3600000, NULL, "");
    const char *note;

    behind_open(state, NULL);
    open_health(true);
    logged(&failed, true, start_ms);
    logged(&failed, false, start_ms + 1);
    logged(&limit, true, start_ms + 2);
    logged(&changed, true, start_ms + 3);
    logged(&add, true, start_ms + 4);
    assert_string_equal(t.codes, "hook_failed rate_limit hook_missed ");
    hook_health_tick(t.health, start_ms + 5);
    behind_note(HOOK_HEALTH_NOTE, "\"failed_reason\":\"roster: 503\"");
    behind_run_ms(5);
    hook_health_free(t.health);
    open_health(false);
    hook_health_tick(t.health, start_ms + 6);
    note = behind_note(HOOK_HEALTH_NOTE, "\"is_on\":false").p;
    assert_non_null(strstr(note, "\"missed\":1"));
    assert_non_null(strstr(note, "\"missed_type\":\"" ADD "\""));
    assert_non_null(strstr(note, "\"failed\":1,\"failed_ms\":1780000000000"));
    assert_non_null(strstr(note, "\"limited_ms\":1780000000002"));
    assert_non_null(strstr(note, "\"limited_reason\":\"system.org.rate_limit.warning\""));
    behind_stop();
    hook_health_free(t.health);
    behind_close(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_the_log_brings_is_missed),
        cmocka_unit_test_setup_teardown(what_okta_tells_is_kept_over_a_restart, fixture_store,
                                        fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
