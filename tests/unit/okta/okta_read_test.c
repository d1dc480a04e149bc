#include "played.h"

#include "okta/event_hooks.h"
#include "okta/log.h"
#include "okta/read.h"
#include "plain_rules.h"

/* What came, as a text: "u:id" for each, pages parted by '|', then '.' or the failure. */
struct story {
    char text[2048];
    struct fail fail;
    unsigned n_calls, cancel_at;
    struct okta_read *read;
};

static void tell(struct story *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct story *s, const char *format, ...)
{
    size_t n = strlen(s->text);
    va_list args;

    va_start(args, format);
    vsnprintf(s->text + n, sizeof(s->text) - n, format, args);
    va_end(args);
}

static void on_result(void *arg, const struct okta_result *r)
{
    struct story *s = arg;

    assert_true((r->err == ERR_NONE) == (r->fail == NULL));
    for (size_t i = 0; i < r->n_users; i++)
        tell(s, "u:%.*s ", SPAN_ARG(r->users[i].id));
    for (size_t i = 0; i < r->n_groups; i++)
        tell(s, "g:%.*s=%.*s ", SPAN_ARG(r->groups[i].id), SPAN_ARG(r->groups[i].name));
    for (size_t i = 0; i < r->n_apps; i++)
        tell(s, "a:%.*s=%.*s%s ", SPAN_ARG(r->apps[i].id), SPAN_ARG(r->apps[i].label),
             r->apps[i].is_active ? "" : "(off)");
    for (size_t i = 0; i < r->n_app_users; i++)
        tell(s, "x:%.*s=%.*s%s ", SPAN_ARG(r->app_users[i].user_id),
             SPAN_ARG(r->app_users[i].user_name), r->app_users[i].user == NULL ? "" : "+user");
    if (r->fail != NULL)
        s->fail = *r->fail;
    tell(s, "%s", r->err != ERR_NONE ? err_name(r->err) : r->is_last ? "." : "|");
    if (++s->n_calls == s->cancel_at) {
        okta_read_cancel(s->read);
        loop_stop(played.loop);
    } else if (r->is_last) {
        loop_stop(played.loop);
    }
}

#define USER(id) "{\"id\":\"" id "\",\"status\":\"ACTIVE\",\"profile\":{\"login\":\"" id "\"}}"
#define GROUP(id, name) "{\"id\":\"" id "\",\"profile\":{\"name\":\"" name "\"}}"
#define APP(id, label) "{\"id\":\"" id "\",\"label\":\"" label "\",\"status\":\"ACTIVE\"}"
#define NEXT(path) "Link: <{O}" path ">; rel=\"next\""

static struct okta_read *members(struct story *s)
{
    return okta_list_group_members(played.api, SPAN("00g1"), on_result, s);
}
static struct okta_read *app_users(struct story *s)
{
    return okta_list_app_users(played.api, SPAN("0oa1"), true, on_result, s);
}
static struct okta_read *app_users_only(struct story *s)
{
    return okta_list_app_users(played.api, SPAN("0oa1"), false, on_result, s);
}
static struct okta_read *search(struct story *s)
{
    return okta_search_users(played.api, SPAN("profile.department eq \"A&B\""), on_result, s);
}
static struct okta_read *changed(struct story *s)
{
    return okta_search_changed_users(played.api, 1777881601000, on_result, s);
}
static struct okta_read *user(struct story *s)
{
    return okta_read_user(played.api, SPAN("00u1"), on_result, s);
}
static struct okta_read *user_groups(struct story *s)
{
    return okta_read_user_groups(played.api, SPAN("00u1"), on_result, s);
}
static struct okta_read *group(struct story *s)
{
    return okta_read_group(played.api, SPAN("00g1"), on_result, s);
}
static struct okta_read *app(struct story *s)
{
    return okta_read_app(played.api, SPAN("0oa1"), on_result, s);
}
static struct okta_read *app_user(struct story *s)
{
    return okta_read_app_user(played.api, SPAN("0oa1"), SPAN("00u1"), on_result, s);
}
static struct okta_read *find_app(struct story *s)
{
    return okta_find_app(played.api, SPAN("M\xc3\xbcnchen & Co"), on_result, s);
}
static struct okta_read *find_group(struct story *s)
{
    return okta_find_group(played.api, SPAN("A \"B\" \\C"), on_result, s);
}
static struct okta_read *user_of_a_bad_id(struct story *s)
{
    return okta_read_user(played.api, SPAN("../apps"), on_result, s);
}
static struct okta_read *app_user_of_a_bad_id(struct story *s)
{
    return okta_read_app_user(played.api, SPAN("0oa1"), SPAN("a?b"), on_result, s);
}

static const struct row {
    const char *name;
    struct okta_read *(*read)(struct story *s);
    struct played_step steps[3];
    const char *story;
} rows[] = {
    {"members, three pages",
     members,
     {{.want = "GET /api/v1/groups/00g1/users?limit=200",
       .body = "[" USER("1") "," USER("2") "]",
       .headers = {"Link: <{O}/x>; rel=\"self\"", NEXT("/api/v1/groups/00g1/users?after=2")}},
      {.want = "GET /api/v1/groups/00g1/users?after=2",
       .body = "[]",
       .headers = {NEXT("/api/v1/groups/00g1/users?after=3")}},
      {.want = "GET /api/v1/groups/00g1/users?after=3", .body = "[" USER("3") "]"}},
     "u:1 u:2 ||u:3 ."},
    {"app users with users",
     app_users,
     {{.want = "GET /api/v1/apps/0oa1/users?limit=500&expand=user",
       .body = "[{\"id\":\"1\",\"credentials\":{\"userName\":\"n\"},\"_embedded\":{\"user\":" USER(
           "1") "}}]"}},
     "x:1=n+user ."},
    {"app users",
     app_users_only,
     {{.want = "GET /api/v1/apps/0oa1/users?limit=500",
       .body = "[{\"id\":\"1\",\"credentials\":null}]"}},
     "x:1= ."},
    {"search",
     search,
     {{.want = "GET /api/v1/users?limit=200&search=profile.department%20eq%20%22A%26B%22",
       .body = "[" USER("1") "]"}},
     "u:1 ."},
    {"changed",
     changed,
     {{.want = "GET /api/v1/users?limit=200&search=lastUpdated%20ge%20%222026-05-04T08%3A00%3A01."
               "000Z%22",
       .body = "[]"}},
     "."},
    {"a page that fails after one that did not",
     members,
     {{.body = "[" USER("1") "]", .headers = {NEXT("/api/v1/groups/00g1/users?after=2")}},
      {.status = 403, .body = "{\"errorCode\":\"E0000006\"}"}},
     "u:1 |denied"},
    {"a cursor that is not known any more",
     members,
     {{.body = "[" USER("1") "]", .headers = {NEXT("/api/v1/groups/00g1/users?after=2")}},
      {.status = 400, .body = "{\"errorCode\":\"E0000031\"}"}},
     "u:1 |io"},
    {"a page that is its own next",
     members,
     {{.body = "[" USER("1") "]", .headers = {NEXT("/api/v1/groups/00g1/users?after=2")}},
      {.body = "[" USER("2") "]", .headers = {NEXT("/api/v1/groups/00g1/users?after=2")}}},
     "u:1 |io"},
    {"a foreign next page",
     members,
     {{.body = "[" USER("1") "]",
       .headers = {"Link: <https://evil.example/api/v1/users?after=2>; rel=\"next\""}}},
     "denied"},
    {"something that is no user", members, {{.body = "[" USER("1") ",{}]"}}, "input"},
    {"JSON that is cut, then whole",
     members,
     {{.body = "[" USER("1")}, {.body = "[" USER("1") "]"}},
     "u:1 ."},
    {"user", user, {{.want = "GET /api/v1/users/00u1", .body = USER("00u1")}}, "u:00u1 ."},
    {"user who is not there",
     user,
     {{.status = 404, .body = "{\"errorCode\":\"E0000007\"}"}},
     "not_found"},
    {"no user where one must be", user, {{.body = "[]"}}, "io"},
    {"two users where one must be", user, {{.body = "[" USER("1") "," USER("2") "]"}}, "io"},
    {"groups of a user, two pages at once",
     user_groups,
     {{.want = "GET /api/v1/users/00u1/groups",
       .body = "[" GROUP("1", "A") "]",
       .headers = {NEXT("/api/v1/users/00u1/groups?after=1")}},
      {.body = "[" GROUP("2", "B") "]"}},
     "g:1=A g:2=B ."},
    {"group",
     group,
     {{.want = "GET /api/v1/groups/00g1", .body = GROUP("00g1", "A")}},
     "g:00g1=A ."},
    {"app",
     app,
     {{.want = "GET /api/v1/apps/0oa1",
       .body = "{\"id\":\"0oa1\",\"label\":\"L\",\"status\":\"INACTIVE\"}"}},
     "a:0oa1=L(off) ."},
    {"app user",
     app_user,
     {{.want = "GET /api/v1/apps/0oa1/users/00u1",
       .body = "{\"id\":\"00u1\",\"credentials\":{\"userName\":\"n\"}}"}},
     "x:00u1=n ."},
    {"an app by its label, on the second page and in the other normal form",
     find_app,
     {{.want = "GET /api/v1/apps?limit=200&q=M%C3%BCnchen%20%26%20Co",
       .body = "[" APP("1", "M\xc3\xbcnchen & Co 2") "," APP("2", "m\xc3\xbcnchen & co") "]",
       .headers = {NEXT("/api/v1/apps?after=2")}},
      {.body = "[" APP("3", "Mu\xcc\x88nchen & Co") "," APP("4", "Munchen & Co") "]"}},
     "a:3=Mu\xcc\x88nchen & Co ."},
    {"no app of that label", find_app, {{.body = "[" APP("1", "M") "]"}}, "."},
    {"a group by its name",
     find_group,
     {{.want = "GET /api/v1/groups?limit=200&search=profile.name%20eq%20%22A%20%5C%22B%5C%22%20%5C%"
               "5CC%22",
       .body = "[" GROUP("1", "a \\\"b\\\" \\\\c") "," GROUP("2", "A \\\"B\\\" \\\\C") "]"}},
     "g:2=A \"B\" \\C ."},
    {"a group that the search does not know yet",
     find_group,
     {{.body = "[]"},
      {.want = "GET /api/v1/groups?q=A%20%22B%22%20%5CC",
       .body = "[" GROUP("1", "A \\\"B\\\" \\\\C") "," GROUP("2", "A \\\"B\\\" \\\\C D") "]"}},
     "g:1=A \"B\" \\C ."},
    {"no group of that name", find_group, {{.body = "[]"}, {.body = "[]"}}, "."},
    {"a bad id", user_of_a_bad_id, {{0}}, "input"},
    {"another bad id", app_user_of_a_bad_id, {{0}}, "input"},
};

static void questions_are_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played_step steps[3];
        struct story s = {0};
        size_t n = 0;

        memcpy(steps, rows[i].steps, sizeof(steps));
        while (n < 3 && (steps[n].body != NULL || steps[n].status != 0))
            n++;
        played_start(steps, n);
        (void)rows[i].read(&s);
        played_run();
        if (strcmp(s.text, rows[i].story) != 0)
            fail_msg("%s: '%s': %s", rows[i].name, s.text, s.fail.text);
        played_end();
    }
}

static void lists_of_users_are_lean(void **state)
{
    struct played_step steps[] = {{.body = "[]"}, {.body = USER("00u1")}};
    struct story s = {0};

    (void)state;
    played_start(PLAYED_STEPS(steps));
    (void)members(&s);
    played_run();
    (void)user(&s);
    played_run();
    assert_non_null(strstr(played.requests[0].type, "omitCredentials"));
    assert_string_equal(played.requests[1].type, "");
    played_end();
}

static void listings_can_be_cancelled_inside_and_outside(void **state)
{
    struct played_step steps[] = {
        {.body = "[" USER("1") "]", .headers = {NEXT("/api/v1/groups/00g1/users?after=2")}},
        {.want = "GET /api/v1/groups/00g2/users?limit=200", .deed = PLAYED_HOLDS},
    };
    struct story s = {.cancel_at = 1}, other = {0};

    (void)state;
    played_start(PLAYED_STEPS(steps));
    s.read = members(&s);
    played_run();
    other.read = okta_list_group_members(played.api, SPAN("00g2"), on_result, &other);
    played_run_until(2);
    okta_read_cancel(other.read);
    okta_read_cancel(NULL);
    played_run_ms(50);
    assert_string_equal(s.text, "u:1 |");
    assert_string_equal(other.text, "");
    played_end();
}

/* The System Log */

struct log_story {
    struct okta_log_page page;
    char cursor[512], first[128], via[16];
    struct fail fail;
};

static void on_page(void *arg, const struct okta_log_page *page)
{
    struct log_story *s = arg;

    s->page = *page;
    snprintf(s->cursor, sizeof(s->cursor), "%.*s", SPAN_ARG(page->cursor));
    if (page->events.n > 0) {
        snprintf(s->first, sizeof(s->first), "%.*s", SPAN_ARG(page->events.events[0].uuid));
        snprintf(s->via, sizeof(s->via), "%.*s", SPAN_ARG(page->events.events[0].via));
    }
    if (page->fail != NULL)
        s->fail = *page->fail;
    loop_stop(played.loop);
}

#define EVENT                                                                                      \
    "{\"uuid\":\"e-1\",\"published\":\"2026-05-04T08:00:01.000Z\",\"eventType\":"                  \
    "\"group.user_membership.add\",\"outcome\":{\"result\":\"SUCCESS\"},\"target\":[{\"id\":"      \
    "\"00u1\",\"type\":\"User\",\"alternateId\":\"j@e\"},{\"id\":\"00g1\",\"type\":\"UserGroup\"," \
    "\"displayName\":\"Group\"}]}"

static void the_log_is_read_from_an_instant_then_from_the_cursor(void **state)
{
    struct played_step steps[] = {
        {.want = "GET /api/v1/logs?sortOrder=ASCENDING&limit=1000&since=2026-05-04T08%3A00%3A01."
                 "000Z&filter=eventType%20sw%20%22application.user_membership.%22%20or%20*",
         .body = "[" EVENT ",null]",
         .headers = {NEXT("/api/v1/logs?after=1&limit=1000")}},
        {.want = "GET /api/v1/logs?after=1&limit=1000",
         .body = "[]",
         .headers = {NEXT("/api/v1/logs?after=1&limit=1000")}},
    };
    struct log_story s = {0};
    char cursor[512];

    (void)state;
    played_start(PLAYED_STEPS(steps));
    (void)okta_log_read(played.api, &plain_by, SPAN(""), 1777881601000, on_page, &s);
    played_run();
    assert_int_equal(s.page.err, ERR_NONE);
    assert_int_equal(s.page.events.n, 2);
    assert_false(s.page.has_more);
    assert_string_equal(s.first, "e-1");
    assert_string_equal(s.via, "log");
    snprintf(cursor, sizeof(cursor), "%s", s.cursor);
    (void)okta_log_read(played.api, &plain_by, span_of(cursor), 0, on_page, &s);
    played_run();
    assert_int_equal(s.page.err, ERR_NONE);
    assert_int_equal(s.page.events.n, 0);
    assert_string_equal(s.cursor, cursor);
    played_end();
}

static void a_full_page_has_more(void **state)
{
    struct played_step steps[] = {{0}};
    struct log_story s = {0};
    struct buf body;

    (void)state;
    buf_init(&body, 1 << 20);
    buf_add_char(&body, '[');
    for (int i = 0; i < OKTA_LOG_PAGE; i++)
        buf_add_str(&body, i > 0 ? ",{}" : "{}");
    buf_add_char(&body, ']');
    steps[0].body = body.p;
    played_start(PLAYED_STEPS(steps));
    (void)okta_log_read(played.api, &plain_by, SPAN(""), 0, on_page, &s);
    played_run();
    assert_true(s.page.has_more);
    assert_null(s.page.cursor.p);
    played_end();
    buf_done(&body);
}

static void lost_cursors_are_told(void **state)
{
    static const struct {
        const char *name, *cursor;
        int status;
        const char *body;
        enum err err;
        bool is_lost;
    } log_rows[] = {
        {"stale", "{O}/api/v1/logs?after=1", 400, "{\"errorCode\":\"E0000029\"}", ERR_INPUT, true},
        {"of another org", "https://other.okta.com/api/v1/logs?after=1", 0, NULL, ERR_INPUT, true},
        {"broken since", "", 400, "{\"errorCode\":\"E0000053\"}", ERR_INPUT, false},
        {"denied", "{O}/api/v1/logs?after=1", 403, "{}", ERR_DENIED, false},
        {"no array", "{O}/api/v1/logs?after=1", 200, "{}", ERR_INPUT, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(log_rows) / sizeof(log_rows[0]); i++) {
        struct played_step steps[] = {{.status = log_rows[i].status, .body = log_rows[i].body}};
        struct log_story s = {0};
        char *cursor;

        played_start(steps, log_rows[i].body == NULL ? 0 : 1);
        cursor = played_filled(log_rows[i].cursor);
        (void)okta_log_read(played.api, &plain_by, span_of(cursor), 0, on_page, &s);
        played_run();
        if (s.page.err != log_rows[i].err || s.page.is_cursor_lost != log_rows[i].is_lost)
            fail_msg("%s: %s: %s", log_rows[i].name, err_name(s.page.err), s.fail.text);
        free(cursor);
        played_end();
    }
}

/* Event hooks */

struct hooks_story {
    enum err err;
    struct fail fail;
    size_t n;
    bool is_verified;
};

static void on_hooks(void *arg, const struct okta_event_hooks *answer)
{
    struct hooks_story *s = arg;

    s->err = answer->err;
    s->n = answer->n;
    s->is_verified = answer->n > 0 && answer->hooks[0].is_verified;
    if (answer->fail != NULL)
        s->fail = *answer->fail;
    loop_stop(played.loop);
}

#define HOOK(verification)                                                                         \
    "{\"id\":\"who1\",\"status\":\"ACTIVE\",\"verificationStatus\":\"" verification "\"}"

static void event_hooks_are_managed(void **state)
{
    static const char *const types[] = {"a.b", "c.d", NULL};
    const struct okta_event_hook_wanted wanted = {SPAN("roster"), SPAN("https://x/okta/events"),
                                                  SPAN("Authorization"), SPAN("s\"ecret"), types};
    struct played_step steps[] = {
        {.want = "GET /api/v1/eventHooks", .body = "[]"},
        {.want = "POST /api/v1/eventHooks", .body = HOOK("UNVERIFIED")},
        {.want = "PUT /api/v1/eventHooks/who1", .body = HOOK("UNVERIFIED")},
        {.want = "POST /api/v1/eventHooks/who1/lifecycle/verify",
         .status = 400,
         .body =
             "{\"errorCode\":\"E0000001\",\"errorSummary\":\"Api validation failed: eventHook\","
             "\"errorCauses\":[{\"errorSummary\":\"Unable to verify event hook.\"}]}"},
        {.want = "POST /api/v1/eventHooks/who1/lifecycle/verify", .body = HOOK("VERIFIED")},
        {.want = "POST /api/v1/eventHooks/who1/lifecycle/deactivate", .body = HOOK("VERIFIED")},
        {.want = "POST /api/v1/eventHooks/who1/lifecycle/activate", .body = HOOK("VERIFIED")},
        {.want = "DELETE /api/v1/eventHooks/who1", .status = 204, .body = ""},
    };
    struct hooks_story s[9] = {0};

    (void)state;
    played_start(PLAYED_STEPS(steps));
    (void)okta_event_hooks_list(played.api, on_hooks, &s[0]);
    played_run();
    (void)okta_event_hooks_create(played.api, &wanted, on_hooks, &s[1]);
    played_run();
    (void)okta_event_hooks_replace(played.api, SPAN("who1"), &wanted, on_hooks, &s[2]);
    played_run();
    (void)okta_event_hooks_do(played.api, SPAN("who1"), EVENT_HOOK_VERIFY, on_hooks, &s[3]);
    played_run();
    (void)okta_event_hooks_do(played.api, SPAN("who1"), EVENT_HOOK_VERIFY, on_hooks, &s[4]);
    played_run();
    (void)okta_event_hooks_do(played.api, SPAN("who1"), EVENT_HOOK_DEACTIVATE, on_hooks, &s[5]);
    played_run();
    (void)okta_event_hooks_do(played.api, SPAN("who1"), EVENT_HOOK_ACTIVATE, on_hooks, &s[6]);
    played_run();
    (void)okta_event_hooks_do(played.api, SPAN("who1"), EVENT_HOOK_DELETE, on_hooks, &s[7]);
    played_run();
    (void)okta_event_hooks_do(played.api, SPAN("../x"), EVENT_HOOK_DELETE, on_hooks, &s[8]);
    played_run();
    assert_string_equal(
        played.requests[1].body,
        "{\"name\":\"roster\",\"events\":{\"type\":\"EVENT_TYPE\",\"items\":[\"a.b\",\"c.d\"]},"
        "\"channel\":{\"type\":\"HTTP\",\"version\":\"1.0.0\",\"config\":{\"uri\":"
        "\"https://x/okta/events\",\"authScheme\":{\"type\":\"HEADER\",\"key\":\"Authorization\","
        "\"value\":\"s\\\"ecret\"}}}}");
    assert_string_equal(played.requests[2].body, played.requests[1].body);
    assert_true(s[0].err == ERR_NONE && s[0].n == 0);
    assert_true(s[1].err == ERR_NONE && s[1].n == 1 && !s[1].is_verified);
    assert_int_equal(s[3].err, ERR_INPUT);
    assert_non_null(strstr(s[3].fail.text, "Unable to verify event hook."));
    assert_true(s[4].err == ERR_NONE && s[4].is_verified);
    assert_true(s[7].err == ERR_NONE && s[7].n == 0);
    assert_int_equal(s[8].err, ERR_INPUT);
    played_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_answered),
        cmocka_unit_test(lists_of_users_are_lean),
        cmocka_unit_test(listings_can_be_cancelled_inside_and_outside),
        cmocka_unit_test(the_log_is_read_from_an_instant_then_from_the_cursor),
        cmocka_unit_test(a_full_page_has_more),
        cmocka_unit_test(lost_cursors_are_told),
        cmocka_unit_test(event_hooks_are_managed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
