/* How rows of the audit log are exported, who is said to have acted, and instants in options. */
#include "../store/fixture.h"

#include "cmd/audit_print.h"
#include "cmd/deed.h"
#include "cmd/instant.h"
#include "text/csv.h"

static struct audit_row step_row(void)
{
    return (struct audit_row){
        .id = 7,
        .at_ms = 1777881601234,
        .kind = SPAN(AUDIT_STEP),
        .actor = SPAN(AUDIT_ACTOR_ROSTER),
        .step = 9,
        .source = SPAN("okta"),
        .instance = SPAN("i-1"),
        .operation = SPAN("CreateUser"),
        .cause = SPAN("event e-1"),
        .outcome = SPAN("done"),
        .status = 200,
        .request_id = SPAN("r-1"),
        .user_id = SPAN("00u1"),
        .user = SPAN("=ada"),
        .after = SPAN("{\"user_name\":\"ada\"}"),
        .salt = {0xab},
        .personal = {0x01},
        .chain = {0x02},
    };
}

#define ZEROS_30 "000000000000000000000000000000"
#define HASH(first) first "00" ZEROS_30 ZEROS_30

static void test_json(void **state)
{
    struct audit_row row = step_row();
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    audit_print_json(&out, &row);
    assert_string_equal(
        out.p,
        "{\"id\":7,\"at\":\"2026-05-04T08:00:01.234Z\",\"at_ms\":1777881601234,\"kind\":\"step\","
        "\"actor\":\"roster\",\"step\":9,\"source\":\"okta\",\"instance\":\"i-1\",\"operation\":"
        "\"CreateUser\",\"cause\":\"event e-1\",\"outcome\":\"done\",\"status\":200,\"code\":null,"
        "\"request_id\":\"r-1\",\"detail\":null,\"redacted\":false,\"okta_id\":\"00u1\",\"user\":"
        "\"=ada\",\"text\":null,\"before\":null,\"after\":{\"user_name\":\"ada\"},"
        "\"salt\":\"ab" ZEROS_30
        "\",\"personal\":\"" HASH("01") "\",\"chain\":\"" HASH("02") "\"}");
    row.is_redacted = true;
    row.after = SPAN("no JSON \"");
    buf_clear(&out);
    audit_print_json(&out, &row);
    assert_non_null(strstr(out.p, "\"redacted\":true"));
    assert_non_null(strstr(out.p, "\"after\":\"no JSON \\\"\",\"salt\":null,"));
    buf_done(&out);
}

/* Nobody writes such a state; somebody who changes the store may. */
static void test_one_line(void **state)
{
    static const char *const states[] = {"[\n1]", "[\r1]", "{\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct audit_row row = {.before = span_of(states[i])};
        struct buf line;

        buf_init(&line, 65536);
        audit_print_json(&line, &row);
        assert_int_equal(span_find(buf_span(&line), '\n'), line.n);
        assert_int_equal(span_find(buf_span(&line), '\r'), line.n);
        buf_done(&line);
    }
}

static void test_csv(void **state)
{
    struct arena a = {0};
    const struct audit_row step = step_row();
    struct csv_row titles, row;
    struct csv csv;
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    audit_print_csv_titles(&out);
    audit_print_csv(&out, &step);
    csv_init(&csv, buf_span(&out));
    titles = csv_next(&csv, &a);
    row = csv_next(&csv, &a);
    assert_int_equal(titles.n, row.n);
    for (size_t i = 0; i < titles.n; i++) {
        if (span_eq(titles.fields[i], SPAN("user")))
            assert_span(row.fields[i], "'=ada");
        if (span_eq(titles.fields[i], SPAN("after")))
            assert_span(row.fields[i], "{\"user_name\":\"ada\"}");
        if (span_eq(titles.fields[i], SPAN("at")))
            assert_span(row.fields[i], "2026-05-04T08:00:01.234Z");
        if (span_eq(titles.fields[i], SPAN("chain")))
            assert_span(row.fields[i], HASH("02"));
    }
    arena_done(&a);
    buf_done(&out);
}

static void test_instants(void **state)
{
    static const struct {
        const char *text;
        bool is_one;
        int64_t ms;
    } rows[] = {
        {"2026-05-04", true, 1777852800000},
        {"2026-05-04T08:00:01.234Z", true, 1777881601234},
        {"2026-05-04T10:00:01.234+02:00", true, 1777881601234},
        {"90s", true, 1800000000000 - 90000},
        {"7d", true, 1800000000000 - INT64_C(7) * 24 * 3600 * 1000},
        {"2026-13-04", false, 0},
        {"yesterday", false, 0},
        {"7", false, 0},
        {"", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ms = -1;

        if (instant_parse(span_of(rows[i].text), 1800000000000, &ms) != rows[i].is_one)
            fail_msg("'%s'", rows[i].text);
        if (rows[i].is_one && ms != rows[i].ms)
            fail_msg("'%s': %lld", rows[i].text, (long long)ms);
    }
}

static void test_actor(void **state)
{
    const char *const plain[] = {"HOME=/", NULL}, *const sudo[] = {"SUDO_USER=jane", NULL};
    struct arena a = {0};
    struct span own = deed_actor(plain, &a), other = deed_actor(sudo, &a);

    (void)state;
    assert_true(span_starts(own, SPAN("operator ")));
    assert_true(span_eq(deed_actor(NULL, &a), own));
    if (getuid() == 0) {
        assert_true(span_starts(other, SPAN("operator jane as ")));
    } else {
        assert_true(span_eq(other, own));
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),  cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_csv),   cmocka_unit_test(test_instants),
        cmocka_unit_test(test_actor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
