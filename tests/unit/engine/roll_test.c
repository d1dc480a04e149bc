/* Many looks share one listing of an application's users; and names are found in Okta. The org is
 * played on loopback. */
#include "../okta/played.h"

#include "base/log.h"
#include "engine/name_search.h"
#include "engine/roll.h"

#include "behind.h"

#define APP_A "0oaAAAAAAAAAAAAAAAAA"
#define APP_B "0oaBBBBBBBBBBBBBBBBB"

static const struct span apps[] = {{APP_A, 20}, {APP_B, 20}, {APP_A, 20}};
static const struct rule_test tests_of_rule[] = {{.kind = TEST_APP, .values = apps, .n = 3}};
static const struct rule rule = {.tests = tests_of_rule, .n_tests = 1};
static const struct rules rules = {.rules = &rule, .n = 1};
static struct current_names names;
static const struct judge judge = {&rules, &names};

static struct {
    struct rolls *rolls;
    struct okta_pause *pause;
} t;

static void was_read(void *arg)
{
    (void)arg;
    loop_stop(played.loop);
}

static void paused(void *arg, const struct fail *fail)
{
    (void)arg;
    (void)fail;
}

static void open_rolls(void **state)
{
    struct okta_pause_options pause = {.told = paused};
    struct rolls_options options = {.api = played.api, .judge = &judge, .read = was_read};

    behind_open(state, played.loop);
    pause.handback = behind.handback;
    t.pause = okta_pause_new(&pause);
    options.pause = t.pause;
    t.rolls = rolls_new(&options);
}

static void close_rolls(void)
{
    behind_stop();
    rolls_free(t.rolls);
    okta_pause_free(t.pause);
    behind_close(false);
    played_end();
}

#define LIST(app) "GET /api/v1/apps/" app "/users?limit=500"
#define USER(id, name)                                                                             \
    "{\"id\":\"" id "\",\"status\":\"ACTIVE\",\"credentials\":{\"userName\":\"" name "\"}}"

/* "A=ann B-": what is known of somebody. */
static void say(const char *user_id, int64_t asked_ns, int64_t tries, int64_t read_ms,
                const char *member_of, char out[64])
{
    const struct membership m = {MEMBERSHIP_APP, span_of(member_of), SPAN(""), true, 1};
    const struct look look = {
        .id = span_of(user_id), .due_ms = 1, .asked_ns = asked_ns, .tries = tries};
    struct okta_interest interest = {0};
    struct arena a = {0};
    size_t used = 0;

    rolls_find(t.rolls, &look, read_ms, &m, member_of[0] != '\0', &a, &interest);
    out[0] = '\0';
    for (size_t i = 0; i < interest.n_known; i++) {
        const struct okta_assignment *k = &interest.known[i];

        used += (size_t)snprintf(out + used, 64 - used, "%s%c%c%.*s", used > 0 ? " " : "",
                                 k->app_id.p[5], k->is_member ? '=' : '-', SPAN_ARG(k->user_name));
    }
    arena_done(&a);
}

static void many_looks_share_a_listing(void **state)
{
    struct played_step steps[] = {
        {.want = LIST(APP_A),
         .body = "[" USER("00u2", "ben") "," USER(
             "00u1", "ann") ","
                            "{\"id\":\"00u3\",\"status\":\"DEPROVISIONED\"}]",
         .headers = {"Link: <{O}/api/v1/apps/" APP_A "/users?after=2>; rel=\"next\""}},
        {.want = "GET /api/v1/apps/" APP_A "/users?after=2", .body = "[" USER("00u4", "dan") "]"},
        {.want = LIST(APP_B), .body = "[" USER("00u1", "ann-b") "]"},
    };
    static const struct {
        const char *user_id;
        int64_t tries;
        const char *member_of, *known;
    } rows[] = {
        {"00u1", 0, "", "A=ann B=ann-b"},
        {"00u2", 0, "", "A=ben B-"},
        {"00u2", 0, APP_B, "A=ben"}, /* absence proves nothing when something speaks of it */
        {"00u3", 0, "", "A- B-"},
        {"00u4", 0, "", "A=dan B-"},
        {"00u5", 0, APP_A, "B-"},
        {"00u1", 1, "", ""}, /* whoever is read again is asked for */
    };
    struct look look = {.due_ms = 1};
    char known[64];

    played_start(PLAYED_STEPS(steps));
    open_rolls(state);
    assert_false(rolls_cover(t.rolls, &look));
    assert_true(rolls_consider(t.rolls, 1)); /* one is read by itself */
    assert_false(rolls_consider(t.rolls, 2));
    assert_false(rolls_consider(t.rolls, 9)); /* under way */
    played_run();
    assert_true(rolls_cover(t.rolls, &look));
    look.due_ms = clock_wall_ms() + 1; /* asked for behind the listing: */
    assert_false(rolls_cover(t.rolls, &look));
    look.asked_ns = clock_wall_ns(); /* the same by an event, */
    assert_false(rolls_cover(t.rolls, &look));
    look.asked_ns -= 60 * (int64_t)1000000000; /* and by one before */
    assert_true(rolls_cover(t.rolls, &look));
    /* Another listing would not cover it either, so that none is worth it. */
    assert_true(rolls_could_cover(t.rolls, &look));
    look.asked_ns = clock_wall_ns();
    assert_false(rolls_could_cover(t.rolls, &look));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        say(rows[i].user_id, 0, rows[i].tries, 0, rows[i].member_of, known);
        if (strcmp(known, rows[i].known) != 0)
            fail_msg("row %zu: '%s'", i, known);
    }
    say("00u1", clock_wall_ns(), 0, 0, "", known);
    assert_string_equal(known, "");
    /* Who was read themselves since then is known better; an event that came late asks again. */
    say("00u1", 1, 0, clock_wall_ms() - 60 * 1000, "", known);
    assert_string_equal(known, "A=ann B=ann-b");
    say("00u1", 1, 0, clock_wall_ms() + 1000, "", known);
    assert_string_equal(known, "");
    assert_true(rolls_consider(t.rolls, 3)); /* the last listing took three requests */
    close_rolls();
}

static void a_listing_that_fails_is_left_alone(void **state)
{
    struct played_step steps[] = {
        {.want = LIST(APP_A), .body = "[" USER("00u1", "ann") "]"},
        {.want = LIST(APP_B), .status = 403, .body = "{\"errorCode\":\"E0000006\"}"},
    };
    char known[64];

    played_start(PLAYED_STEPS(steps));
    open_rolls(state);
    assert_false(rolls_consider(t.rolls, 5));
    played_run();
    assert_false(rolls_cover(t.rolls, &(struct look){.due_ms = 1}));
    say("00u1", 0, 0, 0, "", known);
    assert_string_equal(known, "");
    assert_true(rolls_consider(t.rolls, 100)); /* one by one, for a while */
    close_rolls();
}

/* Names */

static struct {
    char found[256], told[256];
    bool is_done;
    struct fail fail;
} s;

static void found(void *arg, enum name_kind kind, struct span name, struct span id)
{
    size_t used = strlen(s.found);

    (void)arg;
    (void)snprintf(s.found + used, sizeof(s.found) - used, "%s %.*s=%.*s;", name_kind_word(kind),
                   SPAN_ARG(name), SPAN_ARG(id));
}

static void told(void *arg, const char *code, const char *text)
{
    size_t used = strlen(s.told);

    (void)arg;
    assert_non_null(strstr(text, "'"));
    (void)snprintf(s.told + used, sizeof(s.told) - used, "%s;", code);
}

static void done(void *arg, const struct fail *fail)
{
    (void)arg;
    s.is_done = true;
    if (fail != NULL)
        s.fail = *fail;
    loop_stop(played.loop);
}

static void names_are_found(void **state)
{
    static const struct span app_names[] = {{APP_A, 20}, {"Connect", 7}},
                             group_names[] = {{"Agents", 6}, {"None", 4}, {"Two", 3}};
    static const struct rule_test by_name[] = {
        {.kind = TEST_APP, .values = app_names, .n = 2},
        {.kind = TEST_GROUP, .values = group_names, .n = 3},
        {.kind = TEST_GROUP, .values = group_names, .n = 1},
    };
    static const struct rule named = {.tests = by_name, .n_tests = 3};
    static const struct rules named_rules = {.rules = &named, .n = 1};
    static const struct judge named_judge = {&named_rules, &names};
    struct played_step steps[] = {
        {.want = "GET /api/v1/apps?limit=200&q=Connect",
         .body = "[{\"id\":\"0oa1\",\"label\":\"Connect\",\"status\":\"ACTIVE\"},"
                 "{\"id\":\"0oa2\",\"label\":\"Connect 2\",\"status\":\"ACTIVE\"}]"},
        {.want = "GET /api/v1/groups?limit=200&search=profile.name%20eq%20%22Agents%22",
         .body = "[{\"id\":\"00g1\",\"profile\":{\"name\":\"Agents\"}}]"},
        {.want = "GET /api/v1/groups?limit=200&search=profile.name%20eq%20%22None%22",
         .body = "[]"},
        {.want = "GET /api/v1/groups?q=None", .body = "[]"},
        {.want = "GET /api/v1/groups?limit=200&search=profile.name%20eq%20%22Two%22",
         .body = "[{\"id\":\"00g2\",\"profile\":{\"name\":\"Two\"}},"
                 "{\"id\":\"00g3\",\"profile\":{\"name\":\"Two\"}}]"},
        {.want = "GET /api/v1/apps?limit=200&q=Connect", .status = 403, .body = "{}"},
    };
    struct name_search_options options = {
        .judge = &named_judge, .found = found, .told = told, .done = done};
    const struct name_found *shared;
    struct name_search *search;
    size_t n;

    (void)state;
    memset(&s, 0, sizeof(s));
    played_start(PLAYED_STEPS(steps));
    options.api = played.api;
    search = name_search_new(&options);
    name_search_begin(search);
    played_run();
    assert_true(s.is_done && s.fail.err == ERR_NONE);
    assert_string_equal(s.found, "application Connect=0oa1;group Agents=00g1;");
    assert_string_equal(s.told, "unknown_name;ambiguous_name;");
    assert_true(name_search_has_unknown(search));
    shared = name_search_shared(search, &n);
    assert_int_equal(n, 2);
    assert_true(shared[0].kind == NAME_OKTA_GROUP && span_eq(shared[1].id, SPAN("00g3")));
    s.is_done = false;
    name_search_begin(search);
    played_run();
    assert_true(s.is_done && s.fail.err == ERR_DENIED);
    name_search_free(search);
    played_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_looks_share_a_listing, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(a_listing_that_fails_is_left_alone, fixture_store,
                                        fixture_done),
        cmocka_unit_test(names_are_found),
    };

    current_names_set(&names, &names_unread);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
