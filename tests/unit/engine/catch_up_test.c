/* The System Log is read from where it was read last; what is lost is told. The org is played on
 * loopback, the journal is the test's. */
#include "../okta/played.h"

#include "base/log.h"
#include "base/mem.h"
#include "engine/catch_up.h"

#include "behind.h"

static const struct span groups[] = {{"Agents", 6}};
static const struct rule_test tests_of_rule[] = {{.kind = TEST_GROUP, .values = groups, .n = 1}};
static const struct rule rule = {.tests = tests_of_rule, .n_tests = 1, .is_any = true};
static const struct rules rules = {.rules = &rule, .n = 1};
static struct current_names names;
static const struct judge judge = {&rules, &names};

static struct {
    struct journal journal;
    int refusals, failures; /* how often the journal is full, and fails */
    char notes[2048], uuids[256], lost[128];
    struct okta_pause *pause;
    struct hook_health *health;
    struct catch_up *catch_up;
} t;

static void add(char *out, size_t size, struct span text)
{
    size_t used = strlen(out);

    (void)snprintf(out + used, size - used, "%.*s\n", SPAN_ARG(text));
}

static void finish(void *arg)
{
    struct journal_entry *entry = arg;
    struct fail fail;

    if (t.failures-- > 0)
        entry->done(entry, fail_set(&fail, ERR_IO, "the disk is away"), &fail);
    else
        entry->done(entry, ERR_NONE, NULL);
}

static bool append(struct journal *journal, struct journal_entry *entry)
{
    (void)journal;
    if (t.refusals-- > 0)
        return false;
    assert_string_equal(entry->note, CATCH_UP_NOTE);
    add(t.notes, sizeof(t.notes), entry->note_value);
    for (size_t i = 0; i < entry->n; i++) {
        add(t.uuids, sizeof(t.uuids), entry->events[i].uuid);
        entry->is_new[i] = true;
    }
    loop_post(played.loop, finish, entry);
    return true;
}

static void told(void *arg, const char *code, const char *text)
{
    (void)arg;
    (void)text;
    add(t.lost, sizeof(t.lost), span_of(code));
}

static void due(void *arg)
{
    (void)arg;
}

static void paused(void *arg, const struct fail *fail)
{
    (void)arg;
    (void)fail;
}

static void open_catch_up(void **state, const char *note)
{
    struct catch_up_options options = {.loop = played.loop,
                                       .api = played.api,
                                       .journal = &t.journal,
                                       .judge = &judge,
                                       .every_ms = 10,
                                       .lost = told,
                                       .due = due};
    struct hook_health_options health = {.told = told};
    struct okta_pause_options pause = {.told = paused};
    struct fixture *f = *state;

    memset(&t, 0, sizeof(t));
    t.journal.append = append;
    if (note != NULL) {
        char *filled = played_filled(note);

        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, store_note_put(f->store, CATCH_UP_NOTE, span_of(filled), &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        free(filled);
    }
    behind_open(state, played.loop);
    health.handback = pause.handback = behind.handback;
    assert_ok(f, hook_health_new(&health, f->store, &t.health, &f->fail));
    t.pause = okta_pause_new(&pause);
    options.health = t.health;
    options.pause = t.pause;
    assert_ok(f, catch_up_new(&options, f->store, &t.catch_up, &f->fail));
    catch_up_start(t.catch_up);
}

static void close_catch_up(void)
{
    catch_up_stop(t.catch_up);
    for (int i = 0; i < 100 && !catch_up_is_idle(t.catch_up); i++)
        behind_run_ms(2);
    assert_true(catch_up_is_idle(t.catch_up));
    behind_stop();
    catch_up_free(t.catch_up);
    hook_health_free(t.health);
    okta_pause_free(t.pause);
    behind_close(false);
    played_end();
}

#define EVENT(uuid)                                                                                \
    "{\"uuid\":\"" uuid "\",\"published\":\"2026-05-04T08:00:01.000Z\",\"eventType\":"             \
    "\"group.user_membership.add\",\"target\":[{\"id\":\"00u1\",\"type\":\"User\"},{\"id\":"       \
    "\"00g1\",\"type\":\"UserGroup\",\"displayName\":\"Agents\"}]}"
#define NEXT(n) "Link: <{O}/api/v1/logs?after=" n ">; rel=\"next\""
#define FROM(n) "GET /api/v1/logs?after=" n
/* One that never answers: the test is over. */
#define WAITS(n)                                                                                   \
    {                                                                                              \
        .want = FROM(n), .deed = PLAYED_HOLDS                                                      \
    }

static void the_place_goes_with_the_events(void **state)
{
    struct played_step steps[] = {
        {.want = "GET /api/v1/logs?sortOrder=ASCENDING&limit=1000&since=*",
         .body = "[" EVENT("e-1") "," EVENT("e-2") "]",
         .headers = {NEXT("1")}},
        {.want = FROM("1"), .body = "[]", .headers = {NEXT("1")}},
        {.want = FROM("1"), .body = "[" EVENT("e-3") "]", .headers = {NEXT("2")}},
        WAITS("2"),
    };

    played_start(PLAYED_STEPS(steps));
    open_catch_up(state, NULL);
    played_run_until(4);
    assert_string_equal(t.uuids, "e-1\ne-2\ne-3\n");
    assert_non_null(strstr(t.notes, "/api/v1/logs?after=1\",\"published_ms\":1777881601000,"));
    assert_non_null(strstr(t.notes, "/api/v1/logs?after=2\",\"published_ms\":1777881601000,"));
    assert_string_equal(t.lost, "");
    close_catch_up();
}

static void a_full_or_failing_journal_loses_nothing(void **state)
{
    static const char note[] =
        "{\"cursor\":\"{O}/api/v1/logs?after=7\",\"published_ms\":1,\"read_ms\":4000000000000}";
    struct played_step steps[] = {
        {.want = FROM("7"), .body = "[" EVENT("e-1") "]", .headers = {NEXT("8")}},
        {.want = FROM("7"), .body = "[" EVENT("e-1") "]", .headers = {NEXT("8")}},
        {.want = FROM("7"), .body = "[" EVENT("e-1") "]", .headers = {NEXT("8")}},
        WAITS("8"),
    };

    played_start(PLAYED_STEPS(steps));
    open_catch_up(state, note);
    t.refusals = t.failures = 1;
    played_run_until(4);
    assert_string_equal(t.uuids, "e-1\ne-1\n"); /* failed, then taken */
    close_catch_up();
}

static void lost_places_are_told(void **state)
{
    static const char note[] = "{\"cursor\":\"{O}/api/v1/logs?after=7\",\"published_ms\":"
                               "4000000000000,\"read_ms\":4000000000000}";
    struct played_step steps[] = {
        {.want = FROM("7"), .status = 400, .body = "{\"errorCode\":\"E0000031\"}"},
        /* Ten minutes before the last event: 2096-10-02T07:06:40Z. */
        {.want = "GET /api/v1/logs?sortOrder=ASCENDING&limit=1000&since=2096-10-02T06%3A56%3A40*",
         .body = "[]",
         .headers = {NEXT("1")}},
        WAITS("1"),
    };

    played_start(PLAYED_STEPS(steps));
    open_catch_up(state, note);
    played_run_until(3);
    assert_string_equal(t.lost, "log_cursor_lost\n");
    close_catch_up();
}

static void a_gap_is_told(void **state)
{
    static const char note[] = "{\"cursor\":\"{O}/api/v1/logs?after=7\",\"published_ms\":"
                               "1000000000000,\"read_ms\":1000000000000}";
    struct played_step steps[] = {
        {.want = "GET /api/v1/logs?sortOrder=ASCENDING&limit=1000&since=2*",
         .body = "[]",
         .headers = {NEXT("1")}},
        WAITS("1"),
    };

    played_start(PLAYED_STEPS(steps));
    open_catch_up(state, note);
    played_run_until(2);
    assert_string_equal(t.lost, "log_gap\n");
    close_catch_up();
}

static void unreadable_notes_begin_anew(void **state)
{
    struct played_step steps[] = {
        {.want = "GET /api/v1/logs?sortOrder=ASCENDING&limit=1000&since=*",
         .body = "[]",
         .headers = {NEXT("1")}},
        WAITS("1"),
    };

    played_start(PLAYED_STEPS(steps));
    open_catch_up(state, "no JSON");
    played_run_until(2);
    assert_string_equal(t.lost, "");
    close_catch_up();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_place_goes_with_the_events, fixture_store,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(a_full_or_failing_journal_loses_nothing, fixture_store,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(lost_places_are_told, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(a_gap_is_told, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(unreadable_notes_begin_anew, fixture_store, fixture_done),
    };

    current_names_set(&names, &names_unread);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
