#include "load.h"

#include <string.h>

#include "base/buf.h"
#include "config/values.h"

/* The forms, good and bad. */

struct duration_row {
    const char *text;
    int64_t ms; /* -1: refused */
};

static void durations_are_read(void **state)
{
    static const struct duration_row rows[] = {
        {"3s", 3000},      {"0s", 0},         {"15m", 900000},
        {"24h", 86400000}, {"7d", 604800000}, {"9999999d", INT64_C(9999999) * 86400000},
        {"007s", 7000},    {"10000000s", -1}, {"99999999999999999999s", -1},
        {"", -1},          {"3", -1},         {"s", -1},
        {"3 s", -1},       {"3S", -1},        {"3ms", -1},
        {"1h30m", -1},     {"-3s", -1},       {"+3s", -1},
        {"1.5h", -1},      {" 3s", -1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t ms = -1;
        struct fail fail = {0};
        enum err err = value_duration(span_of(rows[i].text), &ms, &fail);

        if (ms != rows[i].ms || (err == ERR_NONE) != (rows[i].ms >= 0) ||
            (fail.text[0] == '\0') != (err == ERR_NONE))
            fail_msg("'%s': %lld %s", rows[i].text, (long long)ms, fail.text);
    }
}

static void numbers_are_read(void **state)
{
    static const struct number_row {
        const char *text;
        double value; /* -1: refused */
    } rows[] = {
        {"1", 1},      {"2.5", 2.5},   {"0.25", 0.25}, {"1000000", 1000000}, {"0.001", 0.001},
        {"0", -1},     {"0.0001", -1}, {"1.2345", -1}, {"1000001", -1},      {"12345678", -1},
        {"1.", -1},    {".5", -1},     {"1,5", -1},    {"1e1", -1},          {"0x1", -1},
        {"inf", -1},   {"nan", -1},    {"", -1},       {"1 ", -1},           {"-1", -1},
        {"1.2.3", -1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        double value = -1;
        struct fail fail = {0};
        enum err err =
            value_number_within(span_of(rows[i].text), "0.001", "1000000", &value, &fail);

        if (value != rows[i].value || (err == ERR_NONE) != (rows[i].value >= 0))
            fail_msg("'%s': %f %s", rows[i].text, value, fail.text);
    }
}

struct good_row {
    const char *text;
    bool is_good;
};

static void check(const struct good_row *rows, size_t n,
                  enum err (*read)(struct span text, struct fail *fail))
{
    for (size_t i = 0; i < n; i++) {
        struct fail fail = {0};
        enum err err = read(span_of(rows[i].text), &fail);

        if ((err == ERR_NONE) != rows[i].is_good || (err != ERR_NONE && err != ERR_INPUT))
            fail_msg("'%s': %d %s", rows[i].text, (int)err, fail.text);
    }
}

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void addresses_are_checked(void **state)
{
    static const struct good_row rows[] = {
        {"127.0.0.1:8080", true},
        {"localhost:0", true},
        {"0.0.0.0:65535", true},
        {"[::1]:80", true},
        {"[fe80::1%eth0]:80", true},
        {"*:80", true},
        {":80", true},
        {"unix:/run/roster/hook", true},
        {"unix:/" HUNDRED "123456", true},
        {"unix:/" HUNDRED "1234567", false},
        {"unix:", false},
        {"unix:run", false},
        {"", false},
        {"localhost", false},
        {"localhost:", false},
        {"localhost:http", false},
        {"localhost:65536", false},
        {"localhost:080808", false},
        {"localhost:-1", false},
        {"::1:80", false},
        {"[::1]", false},
        {"[]:80", false},
        {"[::1:80", false},
        {"a b:80", false},
        {"http://x:80", false},
    };

    (void)state;
    check(rows, ROWS(rows), value_listen);
}

static void regions_headers_and_labels_are_checked(void **state)
{
    static const struct good_row regions[] = {
        {"us-east-1", true}, {"us-gov-west-1", true}, {"eusc-de-east-1", true},
        {"", false},         {"US-EAST-1", false},    {"a.b", false},
        {"-a", false},       {"a-", false},           {"a/b", false},
        {"a b", false},      {HUNDRED, false},
    };
    static const struct good_row headers[] = {
        {"Authorization", true}, {"x-a_b.c!", true},  {"", false},     {"a b", false},
        {"a:", false},           {"\xc3\xa9", false}, {HUNDRED, true}, {HUNDRED "1", false},
    };
    static const struct good_row labels[] = {
        {"roster", true},     {"emea 1 @ x.y:/=+-_", true},
        {"", false},          {"import", false},
        {"imports", true},    {"a,b", false},
        {"a\"b", false},      {HUNDRED, true},
        {HUNDRED "1", false},
    };

    (void)state;
    check(regions, ROWS(regions), value_region);
    check(headers, ROWS(headers), value_header);
    check(labels, ROWS(labels), value_label);
}

static void ids_are_checked(void **state)
{
    static const struct good_row rows[] = {
        {"abcdefgh-0122-4131-adc2-a0ebe5a2b2a7", true},
        {"x", true},
        {"<your id>", true},
        {HUNDRED, true},
        {HUNDRED "1", false},
        {"", false},
        {"a\xc3\xa9", false},
        {"a\x7f", false},
        {"arn:x", false},
    };

    (void)state;
    check(rows, ROWS(rows), value_id);
}

static void secrets_are_checked(void **state)
{
    static const struct good_row rows[] = {
        {"Bearer abc", true},
        {"a\"b'c\\d", true},
        {"p\xc3\xa4ss", true},
        {"", false},
        {" a", false},
        {"a ", false},
        {"a\tb", false},
        {"a\nb", false},
        {"a\x7f", false},
        {"arn:aws:secretsmanager:eu-west-1:123456789012:secret:x", false},
        {"arn:aws:ssm:eu-west-1:123456789012:parameter/x", false},
        {"arn:aws:s3:::x", true},
    };

    (void)state;
    check(rows, ROWS(rows), value_secret);
}

static void org_urls_are_read(void **state)
{
    static const struct org_row {
        const char *text, *found, *needle; /* found NULL: refused, with needle */
    } rows[] = {
        {"https://acme.okta.com", "https://acme.okta.com", NULL},
        {"https://Acme.OKTA.com/", "https://acme.okta.com", NULL},
        {"https://login.acme.com:8443", "https://login.acme.com:8443", NULL},
        {"http://127.0.0.1:9000", "http://127.0.0.1:9000", NULL},
        {"http://localhost:9000/", "http://localhost:9000", NULL},
        {"http://[::1]:9000", "http://[::1]:9000", NULL},
        {"http://acme.okta.com", NULL, "not encrypted"},
        {"http://10.0.0.1", NULL, "not encrypted"},
        {"http://localhost.evil.example", NULL, "not encrypted"},
        {"acme.okta.com", NULL, "neither https:// nor http://"},
        {"https://acme.okta.com/api/v1", NULL, "has a path"},
        {"https://acme.okta.com//", NULL, "has a path"},
        {"https://acme.okta.com?", NULL, "has a path"},
        {"https://acme.okta.com?a=b", NULL, "has a path"},
        {"https://acme-admin.okta.com", NULL, "no '-admin'"},
        {"https://acme-admin.oktapreview.com", NULL, "no '-admin'"},
        {"https://user:word@acme.okta.com", NULL, "cannot be used"},
        {"https://acme.okta.com/#", NULL, "cannot be used"},
        {"https://", NULL, "cannot be used"},
        {"", NULL, "cannot be used"},
        {"https://" HUNDRED HUNDRED HUNDRED, NULL, "more than 255"},
    };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct span found = {0};
        struct fail fail = {0};
        enum err err = value_org_url(&a, span_of(rows[i].text), &found, &fail);

        if ((err == ERR_NONE) != (rows[i].found != NULL) ||
            !span_eq(found, span_of(rows[i].found)) ||
            (err != ERR_NONE && strstr(fail.text, rows[i].needle) == NULL))
            fail_msg("'%s': '%.*s' %s", rows[i].text, SPAN_ARG(found), fail.text);
    }
    arena_done(&a);
}

static void user_names_and_keys_are_checked(void **state)
{
    static const struct good_row names[] = {
        {"${app.userName}", true},
        {"${user.login}", true},
        {"x-${user.a:-b}", true},
        {"${user.login", false},
        {"agent", false},
        {"{user.login}", false},
        {"$", false},
        {"${app.label}", false},
        {"", false},
        {"$$agent", false},
        {"${user.a b}", false},
    };
    static const struct good_row keys_of_okta[] = {
        {"", false},
        {"hush", false},
        {"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", false},
        {"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", false},
    };

    (void)state;
    check(names, ROWS(names), value_user_name);
    check(keys_of_okta, ROWS(keys_of_okta), value_pem);
}

static void counts_are_read(void **state)
{
    static const struct duration_row rows[] = {
        {"1", 1},     {"9999999", 9999999}, {"0500", 500},
        {"0", -1},    {"10000000", -1},     {"99999999999999999999", -1},
        {"", -1},     {"5.5", -1},          {"-1", -1},
        {"many", -1}, {"1 ", -1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t n = -1;

        if ((value_count(span_of(rows[i].text), &n, NULL) == ERR_NONE) != (rows[i].ms >= 0) ||
            n != rows[i].ms)
            fail_msg("'%s': %lld", rows[i].text, (long long)n);
    }
}

static void bounds_are_read(void **state)
{
    static const struct bound_row {
        const char *text;
        int64_t count; /* -2: refused */
        double percent;
    } rows[] = {
        {"20, 10%", 20, 10},
        {"10% ,20", 20, 10},
        {"20", 20, GUARD_UNSET},
        {"0", 0, GUARD_UNSET},
        {"12.5%", GUARD_UNSET, 12.5},
        {"12.5 %", GUARD_UNSET, 12.5},
        {"0%", GUARD_UNSET, 0},
        {"100%", GUARD_UNSET, 100},
        {"none", GUARD_UNSET, GUARD_UNSET},
        {"NONE", GUARD_UNSET, GUARD_UNSET},
        {"", GUARD_UNSET, GUARD_UNSET},
        {"\"\"", GUARD_UNSET, GUARD_UNSET},
        {"101%", -2, 0},
        {"-1", -2, 0},
        {"2.5", -2, 0},
        {"20, 30", -2, 0},
        {"1%, 2%", -2, 0},
        {"20,", -2, 0},
        {"20, none", -2, 0},
        {"%", -2, 0},
        {"many", -2, 0},
        {"\"20", -2, 0},
        {"1000001", -2, 0},
    };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct guard_bound bound = {-2, 0, 7};
        struct fail fail = {0};
        enum err err = value_bound(&a, span_of(rows[i].text), &bound, &fail);

        if ((err == ERR_NONE) != (rows[i].count != -2) || bound.count != rows[i].count ||
            bound.percent != rows[i].percent || bound.always != 7 ||
            (fail.text[0] == '\0') != (err == ERR_NONE))
            fail_msg("'%s': %lld %g %s", rows[i].text, (long long)bound.count, bound.percent,
                     fail.text);
    }
    arena_done(&a);
}

static void instances_are_read(void **state)
{
    static const struct instance_row {
        const char *text, *id, *partition, *account, *region; /* id NULL: refused */
    } rows[] = {
        {"i-1", "i-1", "", "", ""},
        {"arn:aws:connect:eu-west-2:123456789012:instance/i-1", "i-1", "aws", "123456789012",
         "eu-west-2"},
        {"arn:aws-us-gov:connect:us-gov-west-1:123456789012:instance/i", "i", "aws-us-gov",
         "123456789012", "us-gov-west-1"},
        {"", NULL, "", "", ""},
        {"arn:aws:connect:eu-west-2:123456789012:instance/", NULL, "", "", ""},
        {"arn:aws:connect:eu-west-2:123456789012:instance", NULL, "", "", ""},
        {"arn:aws:connect:eu-west-2:123456789012:agent/i", NULL, "", "", ""},
        {"arn:aws:connect:eu-west-2:123456789012:instance/i/agent/a", NULL, "", "", ""},
        {"arn:aws:connect:eu-west-2:12345678901:instance/i", NULL, "", "", ""},
        {"arn:aws:connect:eu-west-2:12345678901x:instance/i", NULL, "", "", ""},
        {"arn:aws:connect::123456789012:instance/i", NULL, "", "", ""},
        {"arn:aws:s3:::bucket", NULL, "", "", ""},
        {"arn:aws:connect", NULL, "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct instance found = {0};
        struct fail fail = {0};
        enum err err = value_instance(span_of(rows[i].text), &found, &fail);

        if ((err == ERR_NONE) != (rows[i].id != NULL) || !span_eq(found.id, span_of(rows[i].id)) ||
            !span_eq(found.partition, span_of(rows[i].partition)) ||
            !span_eq(found.account, span_of(rows[i].account)) ||
            !span_eq(found.region, span_of(rows[i].region)))
            fail_msg("'%s': %s", rows[i].text, fail.text);
    }
}

static void names_have_a_limit(void **state)
{
    struct arena a;
    struct span out = {0};
    struct buf text;

    (void)state;
    arena_init(&a);
    buf_init(&text, 4096);
    for (int i = 0; i < 255; i++)
        buf_add_str(&text, "\xf0\x9f\x8e\xa7");
    assert_int_equal(value_name(&a, buf_span(&text), &out, NULL), ERR_NONE);
    assert_int_equal(out.n, 255 * 4);
    buf_add_str(&text, "a");
    assert_int_equal(value_name(&a, buf_span(&text), &out, NULL), ERR_INPUT);
    assert_int_equal(value_name(&a, SPAN(""), &out, NULL), ERR_INPUT);
    /* Composed, it is short enough. */
    buf_clear(&text);
    for (int i = 0; i < 255; i++)
        buf_add_str(&text, "e\xcc\x81");
    assert_int_equal(value_name(&a, buf_span(&text), &out, NULL), ERR_NONE);
    assert_int_equal(out.n, 255 * 2);
    buf_done(&text);
    arena_done(&a);
}

static void rates_have_the_general_one_first(void **state)
{
    struct rate_limits limits;
    struct arena a;

    (void)state;
    arena_init(&a);
    assert_int_equal(value_rates(&a, SPAN("DescribeUser:10, 3 ,SearchUsers : 0.5"), "2", "0.001",
                                 "100", &limits, NULL),
                     ERR_NONE);
    assert_int_equal(limits.n, 3);
    assert_int_equal(limits.of[0].operation.n, 0);
    assert_true(limits.of[0].per_second == 3);
    assert_true(rate_limits_for(&limits, SPAN("DescribeUser")) == 10);
    assert_true(rate_limits_for(&limits, SPAN("SearchUsers")) == 0.5);
    assert_true(rate_limits_for(&limits, SPAN("CreateUser")) == 3);
    assert_true(rate_limits_for(&limits, SPAN("")) == 3);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(addresses_are_checked),
        cmocka_unit_test(regions_headers_and_labels_are_checked),
        cmocka_unit_test(ids_are_checked),
        cmocka_unit_test(secrets_are_checked),
        cmocka_unit_test(org_urls_are_read),
        cmocka_unit_test(user_names_and_keys_are_checked),
        cmocka_unit_test(counts_are_read),
        cmocka_unit_test(bounds_are_read),
        cmocka_unit_test(instances_are_read),
        cmocka_unit_test(names_have_a_limit),
        cmocka_unit_test(rates_have_the_general_one_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
