#include "played.h"

#include <time.h>

#include "base/mem.h"
#include "okta/call.h"

/* One call and what came of it. */
struct outcome {
    enum err err;
    struct fail fail;
    int status;
    char body[256], next[1024];
    unsigned n;
};

static unsigned n_left;

static void on_done(void *arg, const struct okta_answer *answer)
{
    struct outcome *o = arg;

    o->err = answer->err;
    o->status = answer->status;
    o->n++;
    assert_true((answer->err == ERR_NONE) == (answer->fail == NULL));
    if (answer->fail != NULL)
        o->fail = *answer->fail;
    snprintf(o->body, sizeof(o->body), "%.*s", SPAN_ARG(answer->body));
    snprintf(o->next, sizeof(o->next), "%.*s", SPAN_ARG(answer->next));
    if (--n_left == 0)
        loop_stop(played.loop);
}

static struct okta_call *ask(const char *method, const char *path, struct outcome *out)
{
    struct okta_ask a = {.method = method, .path = span_of(path)};

    if (strcmp(method, "GET") != 0)
        a.body = SPAN("{\"a\":1}");
    *out = (struct outcome){0};
    n_left++;
    return okta_ask(played.api, &a, on_done, out);
}

static void run(const char *method, const char *path, struct outcome *out)
{
    (void)ask(method, path, out);
    assert_int_equal(out->n, 0); /* never from inside */
    played_run();
    assert_int_equal(out->n, 1);
}

/* "X-Rate-Limit-Reset: " that lies in_s seconds ahead */
static const char *reset_in(int in_s)
{
    static char text[4][64];
    static unsigned turn;

    snprintf(text[++turn % 4], sizeof(text[0]), "X-Rate-Limit-Reset: %lld",
             (long long)time(NULL) + in_s);
    return text[turn % 4];
}

static void a_call_is_authenticated_and_answered(void **state)
{
    struct played_step steps[] = {
        {.want = "GET /api/v1/users/00u1?fields=id", .body = "{\"id\":1}"}};
    struct outcome o;

    (void)state;
    played_start(PLAYED_STEPS(steps));
    run("GET", "/api/v1/users/00u1?fields=id", &o);
    assert_int_equal(o.err, ERR_NONE);
    assert_int_equal(o.status, 200);
    assert_string_equal(o.body, "{\"id\":1}");
    assert_string_equal(o.next, "");
    assert_string_equal(played.requests[0].authorization, "SSWS token");
    assert_string_equal(played.requests[0].dpop, "");
    assert_true(okta_api_has_seen(played.api, SPAN("/api/v1/users/00u1?fields=id"), 10000));
    assert_false(okta_api_has_seen(played.api, SPAN("/api/v1/users/00u1"), 10000));
    assert_int_equal(okta_api_health(played.api)->sent, 1);
    assert_true(okta_api_health(played.api)->good_ms > 0);
    played_end();
}

/* A read is asked for again after whatever passes; the last failure is told when it does not. */
static void reads_are_repeated(void **state)
{
    static const struct {
        const char *name;
        struct played_step bad;
        unsigned n_bad;
        enum err err;
    } rows[] = {
        {"500 once", {.status = 500, .body = "{\"errorCode\":\"E0000009\"}"}, 1, ERR_NONE},
        {"503 four times", {.status = 503, .body = "<html>"}, 4, ERR_NONE},
        {"cut four times", {.deed = PLAYED_CUTS}, 4, ERR_NONE},
        {"HTML with 200", {.status = 200, .body = "<html>login</html>"}, 2, ERR_NONE},
        {"JSON that is cut", {.status = 200, .body = "[{\"id\":\"1\"}"}, 2, ERR_NONE},
        {"nothing with 200", {.status = 200, .body = ""}, 2, ERR_NONE},
        {"broken Link", {.body = "[]", .headers = {"Link: <x; rel=next"}}, 1, ERR_NONE},
        {"409 activating", {.status = 409, .body = "{\"errorCode\":\"E0000112\"}"}, 1, ERR_NONE},
        {"500 for good", {.status = 500, .body = "{\"errorCode\":\"E0000009\"}"}, 5, ERR_IO},
        {"cut for good", {.deed = PLAYED_CUTS}, 5, ERR_IO},
        {"400 is for good", {.status = 400, .body = "{\"errorCode\":\"E0000031\"}"}, 1, ERR_INPUT},
        {"404 is for good",
         {.status = 404, .body = "{\"errorCode\":\"E0000007\"}"},
         1,
         ERR_NOT_FOUND},
        {"403 is for good", {.status = 403, .body = "{\"errorCode\":\"E0000006\"}"}, 1, ERR_DENIED},
        {"a token that is refused",
         {.status = 401, .body = "{\"errorCode\":\"E0000011\"}"},
         1,
         ERR_DENIED},
        {"a redirect is not followed",
         {.status = 302, .headers = {"Location: {O}/api/v1/x"}},
         1,
         ERR_DENIED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played_step steps[6];
        struct outcome o;
        size_t n = 0;

        while (n < rows[i].n_bad)
            steps[n++] = rows[i].bad;
        if (rows[i].err == ERR_NONE)
            steps[n++] = (struct played_step){.body = "[1]"};
        played_start(steps, n);
        run("GET", "/api/v1/users", &o);
        if (o.err != rows[i].err || played.n_requests != n ||
            strcmp(o.body, "[1]") != (o.err == ERR_NONE ? 0 : strcmp(o.body, "[1]")))
            fail_msg("%s: %s after %zu requests: %s", rows[i].name, err_name(o.err),
                     played.n_requests, o.fail.text);
        assert_true(o.err == ERR_NONE || strstr(o.fail.text, "GET /api/v1/users") != NULL);
        played_end();
    }
}

/* A write is repeated only when nothing can have been done. */
static void writes_are_not_repeated(void **state)
{
    static const struct {
        const char *name;
        struct played_step bad;
        bool is_repeated;
        enum err err;
    } rows[] = {
        {"500", {.status = 500, .body = "{}"}, false, ERR_UNCLEAR},
        {"cut", {.deed = PLAYED_CUTS}, false, ERR_UNCLEAR},
        {"read-only mode", {.status = 503, .body = "{\"errorCode\":\"E0000010\"}"}, true, ERR_NONE},
        {"409", {.status = 409, .body = "{}"}, false, ERR_CONFLICT},
        {"204", {.status = 204, .body = ""}, false, ERR_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played_step steps[] = {rows[i].bad, {.body = "{}"}};
        struct outcome o;

        played_start(steps, rows[i].is_repeated ? 2 : 1);
        run("POST", "/api/v1/eventHooks", &o);
        if (o.err != rows[i].err)
            fail_msg("%s: %s: %s", rows[i].name, err_name(o.err), o.fail.text);
        assert_string_equal(played.requests[0].body, "{\"a\":1}");
        assert_string_equal(played.requests[0].type, "application/json");
        played_end();
    }
}

/* Okta wants a length with every POST, and no type where there is no body. */
static void an_empty_body_is_sent(void **state)
{
    struct played_step steps[] = {
        {.want = "POST /api/v1/eventHooks/who1/lifecycle/verify", .body = "{}"}};
    struct okta_ask a = {.method = "POST",
                         .path = SPAN("/api/v1/eventHooks/who1/lifecycle/verify")};
    struct outcome o = {0};

    (void)state;
    played_start(PLAYED_STEPS(steps));
    n_left = 1;
    (void)okta_ask(played.api, &a, on_done, &o);
    played_run();
    assert_int_equal(o.err, ERR_NONE);
    assert_string_equal(played.requests[0].type, "");
    played_end();
}

static void throttled_waits_for_the_reset(void **state)
{
    struct played_step steps[] = {
        {.status = 429,
         .body = "{\"errorCode\":\"E0000047\",\"errorSummary\":\"too many\"}",
         .headers = {"X-Rate-Limit-Limit: 600", "X-Rate-Limit-Remaining: 0", reset_in(1)}},
        {.body = "[1]"},
        {.body = "[2]"}};
    struct outcome o, second;

    (void)state;
    played_start(PLAYED_STEPS(steps));
    (void)ask("GET", "/api/v1/users", &o);
    (void)ask("GET", "/api/v1/users", &second);
    played_run();
    assert_int_equal(o.err, ERR_NONE);
    assert_string_equal(o.body, "[1]");
    assert_int_equal(played.n_requests, 3);
    /* One second of the clock, of which this one may be all but over, and the slack. */
    assert_true(played.requests[1].ms - played.requests[0].ms >= 1000);
    assert_int_equal(okta_api_health(played.api)->throttled, 1);
    played_end();
}

/* When the request of that line came, after the first. */
static int64_t came_ms(const char *line)
{
    for (size_t i = 0; i < played.n_requests; i++)
        if (strcmp(played.requests[i].line, line) == 0)
            return played.requests[i].ms - played.requests[0].ms;
    fail_msg("%s never came", line);
    return -1;
}

static void limits_are_kept_before_they_are_hit(void **state)
{
    struct played_step steps[] = {
        {.want = "GET /api/v1/users?1",
         .body = "[1]",
         .headers = {"X-Rate-Limit-Limit: 4", "X-Rate-Limit-Remaining: 3", reset_in(1)}},
        {.want = "GET /api/v1/users?2",
         .body = "[2]",
         .headers = {"X-Rate-Limit-Limit: 4", "X-Rate-Limit-Remaining: 2", reset_in(1)}},
        {.want = "GET /api/v1/groups", .body = "[3]"},
        {.want = "GET /api/v1/users?3",
         .body = "[4]",
         .headers = {"X-Rate-Limit-Limit: 4", "X-Rate-Limit-Remaining: 3", reset_in(60)}},
    };
    struct outcome o[4];

    (void)state;
    played_start(PLAYED_STEPS(steps));
    (void)ask("GET", "/api/v1/users?1", &o[0]);
    (void)ask("GET", "/api/v1/users?2", &o[1]);
    (void)ask("GET", "/api/v1/users?3", &o[2]);
    (void)ask("GET", "/api/v1/groups", &o[3]); /* another bucket, that does not wait */
    played_run();
    assert_true(came_ms("GET /api/v1/users?2") < 900);
    assert_true(came_ms("GET /api/v1/groups") < 900);
    assert_true(came_ms("GET /api/v1/users?3") >= 1000);
    assert_int_equal(played.n_waits, 0); /* too short to be told */
    played_end();
}

static void who_gives_up_does_not_wait(void **state)
{
    struct okta_ask a = {.method = "GET", .path = SPAN("/api/v1/logs")};
    struct played_step steps[] = {
        {.status = 429, .body = "{}", .headers = {"X-Rate-Limit-Limit: 0"}}};
    struct okta_call *call;
    struct outcome o = {0};

    (void)state;
    played_start(PLAYED_STEPS(steps));
    call = okta_ask(played.api, &a, on_done, &o);
    played_run_until(1);
    played_run_ms(50);
    assert_int_equal(played.n_requests, 1);
    okta_cancel(call);
    played_run_ms(20);
    assert_int_equal(o.n, 0);
    played_end();
}

static void a_long_wait_is_told_once(void **state)
{
    struct played_step steps[] = {
        {.status = 429,
         .body = "{}",
         .headers = {"X-Rate-Limit-Limit: 600", "X-Rate-Limit-Remaining: 0", reset_in(20)}}};
    struct outcome first, second;

    (void)state;
    played_start(PLAYED_STEPS(steps));
    (void)ask("GET", "/api/v1/users", &first);
    played_run_until(1);
    played_run_ms(50);
    (void)ask("GET", "/api/v1/users", &second);
    played_run_ms(50);
    assert_int_equal(played.n_requests, 1);
    assert_int_equal(played.n_waits, 1);
    assert_true(played.wait_ms > 15000 && played.wait_ms < 30000);
    played_end();
}

static void throttled_for_good_is_told(void **state)
{
    struct http_answer answer = {.status = 429, .body = SPAN("{\"errorCode\":\"E0000047\"}")};
    struct okta_ask a = {.method = "POST", .path = SPAN("/p")};
    struct okta_call *call = call_new(&a, mem_dup_str("/p"), 0);
    struct okta_answer out;
    struct fail fail = {0};

    (void)state;
    for (int i = 1; i < OKTA_TRIES; i++)
        assert_int_equal(call_judge(call, &answer, 1, true, false, &out, &fail), CALL_AGAIN);
    assert_int_equal(call_judge(call, &answer, 1, true, false, &out, &fail), CALL_DONE);
    assert_int_equal(out.err, ERR_BUSY);
    assert_string_equal(out.fail->code, "E0000047");
    call_free(call);
}

/* Random below 1, 2, 4, … times the first pause, and below half a minute at last. */
static void pauses_grow_to_a_bound(void **state)
{
    struct http_answer answer = {.status = 500, .body = SPAN("{}")};
    struct okta_ask a = {.method = "GET", .path = SPAN("/p")};
    int64_t longest[OKTA_TRIES] = {0};

    (void)state;
    for (int k = 0; k < 200; k++) {
        struct okta_call *call = call_new(&a, mem_dup_str("/p"), 0);
        struct okta_answer out;
        struct fail fail = {0};

        for (int i = 0; i < OKTA_TRIES - 1; i++) {
            int64_t wait_ms, now_ms = clock_mono_ms();

            assert_int_equal(call_judge(call, &answer, 10000, true, false, &out, &fail),
                             CALL_LATER);
            wait_ms = call->due_ms - now_ms;
            longest[i] = wait_ms > longest[i] ? wait_ms : longest[i];
            assert_true(wait_ms <= (10000 << i) + 100 && wait_ms <= OKTA_BACKOFF_MAX_MS + 100);
        }
        call_free(call);
    }
    assert_true(longest[0] > 5000 && longest[1] > 10000 && longest[2] > 15000);
}

static void at_most_four_are_under_way(void **state)
{
    struct played_step steps[] = {{.body = "[0]"},        {.deed = PLAYED_HOLDS},
                                  {.deed = PLAYED_HOLDS}, {.deed = PLAYED_HOLDS},
                                  {.deed = PLAYED_HOLDS}, {.body = "[5]"}};
    struct okta_call *calls[5];
    struct outcome first, o[5];

    (void)state;
    played_start(PLAYED_STEPS(steps));
    run("GET", "/api/v1/users", &first); /* says that there is no limit */
    for (int i = 0; i < 5; i++)
        calls[i] = ask("GET", "/api/v1/users", &o[i]);
    played_run_until(1 + OKTA_CONCURRENT);
    played_run_ms(50);
    assert_int_equal(played.n_requests, 1 + OKTA_CONCURRENT);
    for (int i = 0; i < 4; i++)
        okta_cancel(calls[i]);
    n_left = 1;
    played_run();
    assert_int_equal(o[4].n, 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(o[i].n, 0);
    played_end();
}

static void the_next_page_is_the_orgs(void **state)
{
    static const struct {
        const char *link, *next; /* next NULL: denied */
    } rows[] = {
        {"Link: <{O}/api/v1/users?after=%2F1&limit=1>; rel=\"next\"",
         "/api/v1/users?after=%2F1&limit=1"},
        {"Link: <{O}/api/v1/users>; rel=\"self\"", ""},
        {"Link: <http://127.0.0.1:1/api/v1/users?after=1>; rel=\"next\"", NULL},
        {"Link: <http://127.0.0.2:{P}/api/v1/users?after=1>; rel=\"next\"", NULL},
        {"Link: <http://LOCALHOST:{P}/api/v1/users?after=1>; rel=\"next\"", NULL},
        {"Link: <https://evil.example/api/v1/users?after=1>; rel=\"next\"", NULL},
        {"Link: <{O}@evil.example/api/v1/users?after=1>; rel=\"next\"", NULL},
        {"Link: <{O}/oauth2/v1/token>; rel=\"next\"", NULL},
        {"Link: </api/v1/users?after=1>; rel=\"next\"", NULL},
        {"Link: <{O}/api/v1/users\?a b>; rel=\"next\"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played_step steps[] = {
            {.body = "[]", .headers = {"Link: <{O}/api/v1/users>; rel=\"self\"", rows[i].link}},
            {.body = "[2]"}};
        struct outcome o, second;
        char want[1024] = "";

        played_start(steps, rows[i].next != NULL && rows[i].next[0] != '\0' ? 2 : 1);
        run("GET", "/api/v1/users", &o);
        if (rows[i].next != NULL && rows[i].next[0] != '\0')
            snprintf(want, sizeof(want), "%s%s", played.origin, rows[i].next);
        if (o.err != (rows[i].next == NULL ? ERR_DENIED : ERR_NONE) || strcmp(o.next, want) != 0)
            fail_msg("%s: %s, '%s'", rows[i].link, err_name(o.err), o.next);
        if (rows[i].next == NULL)
            assert_non_null(strstr(o.fail.text, "ORG_URL"));
        if (rows[i].next == NULL && strstr(rows[i].link, "https://evil") != NULL)
            assert_non_null(strstr(o.fail.text, "is on evil.example"));
        if (want[0] != '\0') {
            run("GET", o.next, &second);
            assert_int_equal(second.err, ERR_NONE);
            snprintf(want, sizeof(want), "GET %s", rows[i].next);
            assert_string_equal(played.requests[1].line, want);
        }
        played_end();
    }
}

static void other_addresses_are_refused(void **state)
{
    static const char *const paths[] = {"",
                                        "/",
                                        "/oauth2/v1/token",
                                        "http://127.0.0.1:1/api/v1/x",
                                        "https://evil.example/api/v1/users",
                                        "api/v1/users"};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct outcome o;

        played_start(NULL, 0);
        run("GET", paths[i], &o);
        assert_int_equal(o.err, ERR_INPUT);
        assert_int_equal(played.n_requests, 0);
        played_end();
    }
}

static void large_answers_are_refused_once(void **state)
{
    char *body = malloc(200001);
    struct played_step steps[] = {{.body = body}};
    struct okta_ask a = {.method = "GET", .path = SPAN("/api/v1/users"), .answer_limit = 100000};
    struct outcome o = {0};

    (void)state;
    memset(body, '1', 200000);
    body[200000] = '\0';
    played_start(PLAYED_STEPS(steps));
    n_left = 1;
    (void)okta_ask(played.api, &a, on_done, &o);
    played_run();
    assert_int_equal(o.err, ERR_UNCLEAR);
    assert_non_null(strstr(o.fail.text, "too large"));
    played_end();
    free(body);
}

static void nobody_home_is_told(void **state)
{
    struct outcome o;

    (void)state;
    played_start(NULL, 0);
    http_server_free(played.server);
    played.server = NULL;
    run("POST", "/api/v1/eventHooks", &o);
    assert_int_equal(o.err, ERR_IO);
    assert_int_equal(okta_api_health(played.api)->sent, OKTA_TRIES);
    assert_true(okta_api_health(played.api)->bad_ms > 0);
    played_end();
}

static void dropping_calls_nobody_back(void **state)
{
    struct played_step steps[] = {{.want = "GET /api/v1/users", .deed = PLAYED_HOLDS}};
    struct outcome o[3];

    (void)state;
    played_start(PLAYED_STEPS(steps));
    (void)ask("GET", "/api/v1/users", &o[0]);
    (void)ask("GET", "/api/v1/users", &o[1]); /* waits for the first to be answered */
    played_run_until(1);
    (void)ask("GET", "nowhere", &o[2]);
    okta_api_free(played.api);
    played.api = NULL;
    played_run_ms(50);
    assert_int_equal(o[0].n + o[1].n + o[2].n, 0);
    n_left = 0;
    played_end();
}

static void orgs_are_checked(void **state)
{
    static const struct {
        const char *url, *origin, *says;
    } rows[] = {
        {"https://example.okta.com", "https://example.okta.com", NULL},
        {" https://example.okta.com/ ", "https://example.okta.com", NULL},
        {"https://login.example.com:8443", "https://login.example.com:8443", NULL},
        {"http://127.0.0.1:9", "http://127.0.0.1:9", NULL},
        {"http://localhost", "http://localhost", NULL},
        {"http://example.okta.com", NULL, "https"},
        {"https://example.okta.com/admin", NULL, "path"},
        {"https://example.okta.com?x", NULL, "path"},
        {"https://example-admin.okta.com", NULL, "-admin"},
        {"https://example-admin.oktapreview.com", NULL, "-admin"},
        {"example.okta.com", NULL, "ORG_URL"},
        {"", NULL, "ORG_URL"},
        {"https://user:pw@example.okta.com", NULL, "ORG_URL"},
    };

    (void)state;
    played_open(NULL, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct okta_api_options options = {.org_url = span_of(rows[i].url),
                                           .credentials = {.api_token = SPAN("t")}};
        struct okta_api *api = NULL;
        struct fail fail = {0};
        enum err err = okta_api_new(played.loop, played.client, &options, &api, &fail);

        if ((err == ERR_NONE) != (rows[i].origin != NULL) ||
            (err != ERR_NONE && (err != ERR_INPUT || strstr(fail.text, rows[i].says) == NULL)) ||
            (err == ERR_NONE && strcmp(okta_api_origin(api), rows[i].origin) != 0))
            fail_msg("'%s': %s: %s", rows[i].url, err_name(err), fail.text);
        okta_api_free(api);
    }
    played_end();
}

static int begin(void **state)
{
    (void)state;
    n_left = 0;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_call_is_authenticated_and_answered, begin),
        cmocka_unit_test_setup(reads_are_repeated, begin),
        cmocka_unit_test_setup(writes_are_not_repeated, begin),
        cmocka_unit_test_setup(an_empty_body_is_sent, begin),
        cmocka_unit_test_setup(throttled_waits_for_the_reset, begin),
        cmocka_unit_test_setup(limits_are_kept_before_they_are_hit, begin),
        cmocka_unit_test_setup(a_long_wait_is_told_once, begin),
        cmocka_unit_test_setup(who_gives_up_does_not_wait, begin),
        cmocka_unit_test_setup(throttled_for_good_is_told, begin),
        cmocka_unit_test_setup(pauses_grow_to_a_bound, begin),
        cmocka_unit_test_setup(at_most_four_are_under_way, begin),
        cmocka_unit_test_setup(the_next_page_is_the_orgs, begin),
        cmocka_unit_test_setup(other_addresses_are_refused, begin),
        cmocka_unit_test_setup(large_answers_are_refused_once, begin),
        cmocka_unit_test_setup(nobody_home_is_told, begin),
        cmocka_unit_test_setup(dropping_calls_nobody_back, begin),
        cmocka_unit_test_setup(orgs_are_checked, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
