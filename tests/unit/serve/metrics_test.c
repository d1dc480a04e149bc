/* GET /metrics: Prometheus' text format, version 0.0.4. */
#include "fakes.h"

#include "base/clock.h"
#include "serve/metrics.h"

static void fill(struct fixture *f)
{
    struct person p = {.source = SPAN("okta"), .id = SPAN("00u1"), .state = PERSON_IN_STEP};
    struct step_record step = {.outcome = SPAN("sent"), .operation = SPAN("CreateUser")};
    struct pause pause = {SPAN("CreateUser"), SPAN("Odd\"Code\\\n"), SPAN("why"), 1, 2};
    struct event_subject subject;
    struct event e = fixture_event("u1", &subject, "00u1");
    int64_t id;
    bool is_new;

    e.received_ms = 1777881600500;
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    p.id = SPAN("00u2");
    p.state = PERSON_DUE;
    p.due_ms = p.due_since_ms = clock_wall_ms() - 90000;
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    for (int i = 0; i < 3; i++) {
        assert_ok(f, store_step_add(f->store, &step, &id, &f->fail));
        assert_ok(f, store_step_answer(f->store, id,
                                       &(struct step_record){.outcome = i == 0   ? SPAN("throttled")
                                                                        : i == 1 ? SPAN("failed")
                                                                                 : SPAN("done")},
                                       &f->fail));
    }
    assert_ok(f, store_pause_put(f->store, &pause, &f->fail));
    assert_ok(f, store_skip_count_add(f->store, "no_target", 7, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

static bool has_line(const char *text, const char *line)
{
    size_t n = strlen(line);

    for (const char *p = text; (p = strstr(p, line)) != NULL; p++)
        if ((p == text || p[-1] == '\n') && p[n] == '\n')
            return true;
    return false;
}

static void test_values(void **state)
{
    static const char *const lines[] = {
        "roster_people{state=\"in_step\"} 1",
        "roster_people{state=\"due\"} 1",
        "roster_people{state=\"held\"} 0",
        "roster_people{state=\"out_of_scope\"} 0",
        "roster_events_stored 1",
        "roster_last_event_timestamp_seconds 1777881600.500",
        "roster_calls_total{operation=\"CreateUser\"} 3",
        "roster_calls_throttled_total{operation=\"CreateUser\"} 1",
        "roster_calls_failed_total{operation=\"CreateUser\"} 1",
        "roster_calls_rate{operation=\"CreateUser\"} 2.000",
        "roster_paused{operation=\"CreateUser\",code=\"Odd\\\"Code\\\\\\n\"} 1",
        "roster_events_skipped_total{reason=\"no_target\"} 7",
        "roster_events_received_total{kind=\"new\"} 11",
        "roster_events_received_total{kind=\"repeated\"} 12",
        "roster_http_answers_total{class=\"2xx\"} 21",
        "roster_http_answers_total{class=\"5xx\"} 51",
        "roster_store_failing 0",
    };
    struct fixture *f = *state;
    struct metrics_http http = {
        .by_class = {0, 0, 21, 0, 0, 51}, .events_new = 11, .events_repeated = 12};
    struct buf out;
    double age_s = 0;
    const char *age;

    fill(f);
    buf_init(&out, METRICS_LIMIT);
    metrics_add(&out, &fake_engine, &http, clock_wall_ms());
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (!has_line(out.p, lines[i]))
            fail_msg("there is no line '%s' in\n%s", lines[i], out.p);
    age = strstr(out.p, "\nroster_queue_age_seconds ");
    assert_non_null(age);
    age_s = strtod(age + strlen("\nroster_queue_age_seconds "), NULL);
    assert_true(age_s >= 90 && age_s < 150);
    buf_clear(&out);
    fake_engine.failing_since_ms = 5;
    metrics_add(&out, &fake_engine, &http, clock_wall_ms());
    assert_true(has_line(out.p, "roster_store_failing 1"));
    buf_done(&out);
}

/* Each name has one HELP and one TYPE, and its samples follow them. */
static void test_form(void **state)
{
    struct fixture *f = *state;
    struct metrics_http http = {0};
    char name[128] = "";
    struct span text, line;
    struct buf out;
    int n_names = 0;

    fill(f);
    buf_init(&out, METRICS_LIMIT);
    metrics_add(&out, &fake_engine, &http, 0);
    assert_int_equal(out.p[out.n - 1], '\n');
    text = (struct span){out.p, out.n - 1};
    while (span_split(&text, '\n', &line)) {
        char word[2][128] = {"", ""}, expected[160];

        (void)sscanf(line.p, "# HELP %127s", word[0]);
        if (word[0][0] != '\0') {
            (void)snprintf(name, sizeof(name), "%s", word[0]);
            (void)snprintf(expected, sizeof(expected), "# TYPE %s ", name);
            assert_true(span_split(&text, '\n', &line));
            assert_true(span_starts(line, span_of(expected)));
            (void)snprintf(expected, sizeof(expected), "# HELP %s ", name);
            assert_null(strstr(line.p, expected)); /* not a second time */
            n_names++;
            continue;
        }
        assert_true(span_starts(line, span_of(name)));
        assert_true(line.p[strlen(name)] == ' ' || line.p[strlen(name)] == '{');
    }
    assert_int_equal(n_names, 14);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, fakes_begin, fakes_end),
        cmocka_unit_test_setup_teardown(test_form, fakes_begin, fakes_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
