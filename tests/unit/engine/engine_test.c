/* The engine as a whole, with nobody to converge: one a store, events in, a store that breaks and
 * works again. */
#include "../store/fixture.h"

#include "base/log.h"
#include "engine/engine.h"

static struct {
    struct fixture *f;
    struct loop *loop;
    struct settings settings;
    struct rate_limit rate, burst;
    char file[128];
} t;

static const struct span apps[] = {{"Amazon Connect", 14}}, profiles[] = {{"s-1", 3}};
static const struct rule_test app_test = {.kind = TEST_APP, .values = apps, .n = 1};
static const struct rule rule = {.tests = &app_test,
                                 .n_tests = 1,
                                 .is_any = true,
                                 .has_ids = true,
                                 .security_profiles = profiles,
                                 .n_security_profiles = 1,
                                 .routing_profile = {"r-1", 3}};

static int begin(void **state)
{
    if (fixture_folder(state) != 0)
        return -1;
    log_setup(LOG_ERROR, LOG_LOGFMT);
    memset(&t, 0, sizeof(t));
    t.f = *state;
    (void)snprintf(t.file, sizeof(t.file), "%s/deep/roster.db", t.f->folder);
    t.rate = (struct rate_limit){SPAN(""), 2};
    t.burst = (struct rate_limit){SPAN(""), 5};
    t.settings = (struct settings){.name = SPAN("emea"),
                                   .rules = {.rules = &rule, .n = 1, .settle_ms = 3000},
                                   .instance_id = SPAN("i-1"),
                                   .rate = {&t.rate, 1},
                                   .burst = {&t.burst, 1},
                                   .store_file = span_of(t.file),
                                   .keep_events_ms = 60000};
    return loop_new(&t.loop, &t.f->fail) == ERR_NONE ? 0 : -1;
}

static int end(void **state)
{
    char folder[128];

    loop_free(t.loop);
    (void)snprintf(folder, sizeof(folder), "%s/deep", t.f->folder);
    fixture_empty(folder);
    return fixture_done(state);
}

static void test_one_a_store(void **state)
{
    struct engine *e, *other = NULL;
    struct fail fail;

    (void)state;
    assert_ok(t.f, engine_new(t.loop, &t.settings, NULL, &e, &t.f->fail));
    assert_int_equal(engine_new(t.loop, &t.settings, NULL, &other, &fail), ERR_CONFLICT);
    assert_non_null(strstr(fail.text, t.file));
    assert_null(other);
    engine_free(e);
    assert_ok(t.f, engine_new(t.loop, &t.settings, NULL, &e, &t.f->fail));
    engine_free(e);
    engine_free(NULL);
}

struct entry {
    struct journal_entry entry; /* first */
    enum err err;
    int n_done;
};

static void entry_done(struct journal_entry *base, enum err err, const struct fail *fail)
{
    struct entry *entry = (struct entry *)base;

    (void)fail;
    entry->err = err;
    entry->n_done++;
    loop_stop(t.loop);
}

static void append(struct engine *e, struct entry *entry, const struct event *event)
{
    *entry = (struct entry){.entry = {.events = event, .n = 1, .done = entry_done}};
    assert_true(engine_journal(e)->append(engine_journal(e), &entry->entry));
    loop_run(t.loop);
    assert_int_equal(entry->n_done, 1);
    arena_done(&entry->entry.arena);
}

static void test_events_in(void **state)
{
    struct event_subject subject;
    struct event event = fixture_event("u1", &subject, "00u1");
    struct store_counts counts;
    struct entry entry;
    struct engine *e;

    (void)state;
    subject.membership.name = SPAN("Another application");
    assert_ok(t.f, engine_new(t.loop, &t.settings, NULL, &e, &t.f->fail));
    for (int i = 0; i < 2; i++) {
        append(e, &entry, &event);
        assert_int_equal(entry.err, ERR_NONE);
        assert_int_equal(entry.entry.n_new, i == 0);
        assert_ok(t.f, store_counts(engine_reader(e), 0, &counts, &t.f->fail));
        assert_int_equal(counts.events, 1);
    }
    engine_free(e);
}

/* Deliveries fail while the store cannot be written, and go on when it can. */
static void test_store_breaks(void **state)
{
    struct event_subject subject;
    struct event event = fixture_event("u1", &subject, "00u1");
    char aside[160];
    struct entry entry;
    struct engine *e;

    (void)state;
    (void)snprintf(aside, sizeof(aside), "%s.aside", t.file);
    subject.membership.name = SPAN("Another application");
    assert_ok(t.f, engine_new(t.loop, &t.settings, NULL, &e, &t.f->fail));
    assert_int_equal(engine_store_failing_since_ms(e), 0);
    assert_int_equal(rename(t.file, aside), 0);
    append(e, &entry, &event);
    assert_int_equal(entry.err, ERR_IO);
    engine_store_worked(e, false, "gone");
    assert_true(engine_store_failing_since_ms(e) > 0);
    assert_int_equal(rename(aside, t.file), 0);
    append(e, &entry, &event);
    assert_int_equal(entry.err, ERR_NONE);
    assert_int_equal(entry.entry.n_new, 1);
    engine_store_worked(e, true, "");
    assert_int_equal(engine_store_failing_since_ms(e), 0);
    assert_true(engine_rate(e, "CreateUser") == 2);
    engine_free(e);
}

static int n_idle;

static void idle(void *arg)
{
    n_idle++;
    loop_stop(arg);
}

static void test_start_and_stop(void **state)
{
    struct engine *e;

    (void)state;
    n_idle = 0;
    assert_ok(t.f, engine_new(t.loop, &t.settings, NULL, &e, &t.f->fail));
    assert_ok(t.f, engine_start(e, &t.f->fail));
    engine_kick(e);
    engine_stop(e, idle, t.loop);
    assert_int_equal(n_idle, 1);
    loop_run(t.loop);
    engine_free(e);
}

static void test_cannot_open(void **state)
{
    char inside[200];
    struct engine *e = NULL;
    FILE *file = fopen(t.f->file, "w");

    (void)state;
    assert_true(file != NULL && fputs("my diary", file) >= 0 && fclose(file) == 0);
    t.settings.store_file = span_of(t.f->file);
    assert_int_equal(engine_new(t.loop, &t.settings, NULL, &e, &t.f->fail), ERR_IO);
    (void)snprintf(inside, sizeof(inside), "%s/x/roster.db", t.f->file);
    t.settings.store_file = span_of(inside);
    assert_int_equal(engine_new(t.loop, &t.settings, NULL, &e, &t.f->fail), ERR_IO);
    assert_non_null(strstr(t.f->fail.text, t.f->file));
    assert_null(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_a_store, begin, end),
        cmocka_unit_test_setup_teardown(test_events_in, begin, end),
        cmocka_unit_test_setup_teardown(test_store_breaks, begin, end),
        cmocka_unit_test_setup_teardown(test_start_and_stop, begin, end),
        cmocka_unit_test_setup_teardown(test_cannot_open, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
