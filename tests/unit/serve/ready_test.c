/* GET /readyz: whether deliveries can be stored decides the status, and nothing else. */
#include "fakes.h"

#include "serve/ready.h"

static void ask(struct ready *r, struct http_exchange *x)
{
    *x = (struct http_exchange){.method = "GET", .path = "/readyz"};
    ready_reply(r, x);
}

static void test_ready(void **state)
{
    struct fixture *f = *state;
    struct ready *r = ready_new(&fake_engine, NULL);
    struct event_subject subject;
    struct event e = fixture_event("u1", &subject, "00u1");
    struct http_exchange *x = mem_new(1, sizeof(*x));
    bool is_new;

    e.received_ms = 1777881600123;
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    ask(r, x);
    assert_int_equal(x->n_replies, 0); /* not before something was written */
    assert_int_equal(fake_engine.n_probes, 1);
    fakes_probe_ended(true);
    assert_int_equal(x->n_replies, 1);
    assert_int_equal(x->status, 200);
    assert_string_equal(x->type, "application/json");
    assert_string_equal(x->answer, "{\"ready\":true,\"store\":{\"ok\":true,\"failing_since\":null},"
                                   "\"credentials\":{\"origin\":\"environment\"},"
                                   "\"connect\":{\"ok\":true,\"paused\":[]},"
                                   "\"okta\":{\"last_event\":\"2026-05-04T08:00:00.123Z\"}}");
    ask(r, x); /* within the same second */
    assert_int_equal(x->status, 200);
    assert_int_equal(fake_engine.n_probes, 1);
    assert_int_equal(fake_engine.n_worked, 1);
    ready_free(r);
    free(x);
}

static void test_not_ready(void **state)
{
    struct ready *r = ready_new(&fake_engine, NULL);
    struct http_exchange *x = mem_new(1, sizeof(*x));

    (void)state;
    for (int i = 0; i < 2; i++) {
        ask(r, x);
        fakes_probe_ended(false);
        assert_int_equal(x->status, 503);
        assert_non_null(strstr(
            x->answer,
            "{\"ready\":false,\"store\":{\"ok\":false,\"failing_since\":\"2026-05-04T08:00:00"));
        assert_non_null(strstr(x->answer, "\"okta\":{\"last_event\":null}}"));
    }
    assert_int_equal(fake_engine.n_failed, 2);
    assert_string_equal(fake_engine.failing_text, "the disk is full");
    ask(r, x);
    fakes_probe_ended(true);
    assert_int_equal(x->status, 200);
    /* Deliveries have met trouble since: the second that a success lives is over. */
    fake_engine.failing_since_ms = 1777881600000;
    ask(r, x);
    assert_int_equal(x->n_replies, 0);
    fakes_probe_ended(true);
    assert_int_equal(x->status, 200);
    ready_free(r);
    free(x);
}

/* However many ask at once, one write answers them. */
static void test_shared(void **state)
{
    struct ready *r = ready_new(&fake_engine, NULL);
    struct http_exchange *xs = mem_new(300, sizeof(*xs));

    (void)state;
    for (int i = 0; i < 300; i++)
        ask(r, &xs[i]);
    assert_int_equal(fake_engine.n_probes, 1);
    fakes_probe_ended(true);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(xs[i].n_replies, 1);
        assert_int_equal(xs[i].status, 200);
    }
    ready_free(r);
    r = ready_new(&fake_engine, NULL);
    ask(r, &xs[0]);
    ready_free(r); /* with somebody waiting */
    ready_free(NULL);
    free(xs);
}

/* A paused operation is told, and changes no status. */
static void test_paused(void **state)
{
    struct fixture *f = *state;
    struct ready *r = ready_new(&fake_engine, NULL);
    struct http_exchange *x = mem_new(1, sizeof(*x));
    struct pause pause = {SPAN("CreateUser"), SPAN("AccessDeniedException"), SPAN("say \"please\""),
                          1777881600000, 2};

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_pause_put(f->store, &pause, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    ask(r, x);
    fakes_probe_ended(true);
    assert_int_equal(x->status, 200);
    assert_non_null(strstr(x->answer,
                           "\"connect\":{\"ok\":false,\"paused\":[{\"operation\":\"CreateUser\","
                           "\"code\":\"AccessDeniedException\",\"reason\":\"say \\\"please\\\"\","
                           "\"since\":\"2026-05-04T08:00:00"));
    ready_free(r);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ready, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_not_ready, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_shared, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_paused, fakes_begin, fakes_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
