/* The doors: which answer leaves, and not before what it says is on disk. */
#include "fakes.h"

#include "base/log.h"
#include "serve/doors.h"

static struct secret secret, no_secret;

static const char delivery[] =
    "{\"data\": {\"events\": [{\"uuid\": \"u1\", \"published\": \"2026-05-04T08:00:00Z\","
    " \"eventType\": \"application.user_membership.add\", \"outcome\": {\"result\": \"SUCCESS\"},"
    " \"target\": [{\"id\": \"00u1\", \"type\": \"User\", \"alternateId\": \"ada@x.org\","
    " \"displayName\": \"Ada Lovelace\"}, {\"id\": \"0oa1\", \"type\": \"AppInstance\","
    " \"alternateId\": \"Amazon Connect\", \"displayName\": \"Amazon Connect\"}]}]}}";

static struct doors *open_doors(void)
{
    struct doors_options options = {.engine = &fake_engine,
                                    .hook = {.secret = &secret,
                                             .secret_previous = &no_secret,
                                             .header = SPAN("Authorization")}};

    log_setup(LOG_ERROR, LOG_LOGFMT);
    secret_set(&secret, SPAN("s3cret"));
    return doors_new(&options);
}

static void close_doors(struct doors *d)
{
    assert_int_equal(doors_pending(d), 0);
    doors_free(d);
    secret_done(&secret);
}

/* A whole request, as the server brings it. */
static void request(struct doors *d, struct http_exchange *x, const char *method, const char *path,
                    const char *body, const char *authorization)
{
    int status;

    *x = (struct http_exchange){.method = method, .path = path, .body = body};
    if (authorization != NULL) {
        x->headers[0].name = "authorization";
        x->headers[0].value = authorization;
    }
    status = doors_on_head(d, x);
    assert_int_equal(status != 0, x->n_replies);
    if (status == 0)
        doors_on_request(d, x);
}

static void end_append(enum err err, int64_t n_new, int64_t n_due)
{
    struct journal_entry *entry = fake_engine.waiting;
    struct fail fail;

    entry->n_new = entry->n_taken = n_new;
    entry->n_due = n_due;
    (void)fail_set(&fail, err, "the disk is full");
    fake_engine.waiting = NULL;
    entry->done(entry, err, &fail);
}

static void assert_error(const struct http_exchange *x, int status, const char *code)
{
    char start[128];

    assert_int_equal(x->n_replies, 1);
    assert_int_equal(x->status, status);
    assert_string_equal(x->type, "application/json");
    (void)snprintf(start, sizeof(start), "{\"error\":{\"code\":\"%s\",\"message\":\"", code);
    if (strncmp(x->answer, start, strlen(start)) != 0)
        fail_msg("%s", x->answer);
}

static void test_delivery(void **state)
{
    struct doors *d = open_doors();
    struct http_exchange *x = mem_new(1, sizeof(*x));

    (void)state;
    request(d, x, "POST", "/okta/events", delivery, "s3cret");
    assert_int_equal(x->n_replies, 0);
    assert_int_equal(doors_pending(d), 1);
    assert_int_equal(fake_engine.waiting->n, 1);
    assert_span(fake_engine.waiting->events[0].uuid, "u1");
    assert_span(fake_engine.waiting->events[0].subjects[0].user_id, "00u1");
    end_append(ERR_NONE, 1, 1);
    assert_int_equal(x->n_replies, 1);
    assert_int_equal(x->status, 200);
    assert_int_equal(fake_engine.n_kicks, 1);
    assert_int_equal(fake_engine.n_worked, 1);
    request(d, x, "POST", "/create_user", delivery, "s3cret"); /* a repetition */
    end_append(ERR_NONE, 0, 0);
    assert_int_equal(x->status, 200);
    assert_int_equal(fake_engine.n_kicks, 1);
    close_doors(d);
    free(x);
}

/* Our own trouble is never the sender's: 503, which Okta tries again. */
static void test_own_trouble(void **state)
{
    struct doors *d = open_doors();
    struct http_exchange *x = mem_new(1, sizeof(*x));

    (void)state;
    request(d, x, "POST", "/okta/events", delivery, "s3cret");
    end_append(ERR_IO, 0, 0);
    assert_error(x, 503, "not_stored");
    assert_int_equal(fake_engine.n_failed, 1);
    assert_int_equal(fake_engine.n_kicks, 0);
    request(d, x, "POST", "/okta/events", "no json", "s3cret");
    end_append(ERR_IO, 0, 0);
    assert_error(x, 503, "not_stored");
    fake_engine.is_full = true;
    request(d, x, "POST", "/okta/events", delivery, "s3cret");
    assert_error(x, 503, "busy");
    assert_int_equal(fake_engine.n_failed, 2); /* a queue that is full is no broken store */
    close_doors(d);
    free(x);
}

/* Kept aside before it is refused. */
static void test_no_delivery(void **state)
{
    struct doors *d = open_doors();
    struct http_exchange *x = mem_new(1, sizeof(*x));

    (void)state;
    request(d, x, "POST", "/okta/events", "no json", "s3cret");
    assert_int_equal(x->n_replies, 0);
    assert_span(fake_engine.waiting->kept_body, "no json");
    assert_non_null(fake_engine.waiting->kept_why);
    assert_int_equal(fake_engine.waiting->n, 0);
    end_append(ERR_NONE, 0, 0);
    assert_error(x, 400, "bad_delivery");
    close_doors(d);
    free(x);
}

static void test_refused(void **state)
{
    static const struct {
        const char *method, *path, *authorization;
        int status;
        const char *code, *extra;
    } rows[] = {
        {"POST", "/okta/events", NULL, 401, "unauthorized",
         "WWW-Authenticate: Bearer realm=\"roster\""},
        {"POST", "/okta/events", "s3cre", 401, "unauthorized",
         "WWW-Authenticate: Bearer realm=\"roster\""},
        {"GET", "/okta/events", "wrong", 401, "unauthorized",
         "WWW-Authenticate: Bearer realm=\"roster\""},
        {"GET", "/okta/events", "s3cret", 400, "no_challenge", ""},
        {"PUT", "/okta/events", "s3cret", 405, "method_not_allowed", "Allow: GET, POST"},
        {"POST", "/metrics", "s3cret", 405, "method_not_allowed", "Allow: GET, HEAD"},
        {"GET", "/", "s3cret", 404, "not_found", ""},
        {"GET", "/okta/events/", "s3cret", 404, "not_found", ""},
        {"GET", "/healthz/x", NULL, 404, "not_found", ""},
    };
    struct doors *d = open_doors();
    struct http_exchange *x = mem_new(1, sizeof(*x));

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        request(d, x, rows[i].method, rows[i].path, delivery, rows[i].authorization);
        assert_error(x, rows[i].status, rows[i].code);
        assert_string_equal(x->extra, rows[i].extra);
    }
    assert_int_equal(fake_engine.n_appended, 0);
    close_doors(d);
    free(x);
}

static void test_pages(void **state)
{
    struct doors *d = open_doors();
    struct http_exchange *x = mem_new(1, sizeof(*x));

    (void)state;
    request(d, x, "GET", "/healthz", NULL, NULL);
    assert_int_equal(x->status, 200);
    assert_string_equal(x->answer, "{\"status\":\"alive\"}");
    request(d, x, "HEAD", "/metrics", NULL, NULL);
    assert_int_equal(x->status, 200);
    assert_string_equal(x->type, "text/plain; version=0.0.4; charset=utf-8");
    request(d, x, "GET", "/readyz", NULL, NULL);
    fakes_probe_ended(true);
    assert_int_equal(x->status, 200);
    request(d, x, "GET", "/none", NULL, NULL);
    request(d, x, "GET", "/metrics", NULL, NULL);
    assert_non_null(strstr(x->answer, "roster_http_answers_total{class=\"4xx\"} 1\n"));
    close_doors(d);
    free(x);
}

static void test_verification(void **state)
{
    struct doors *d = open_doors();
    struct http_exchange *x = mem_new(1, sizeof(*x));

    (void)state;
    *x = (struct http_exchange){
        .method = "GET",
        .path = "/okta/events",
        .headers = {{"AUTHORIZATION", "s3cret"}, {"x-okta-verification-challenge", "abc\"d"}}};
    assert_int_equal(doors_on_head(d, x), 200);
    assert_string_equal(x->answer, "{\"verification\":\"abc\\\"d\"}");
    close_doors(d);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_delivery, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_own_trouble, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_no_delivery, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_refused, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_pages, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_verification, fakes_begin, fakes_end),
    };

    doors_free(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
