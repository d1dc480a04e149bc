#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/endpoint.h"

enum { VARIABLES_MAX = 3 };

static const struct row {
    const char *name, *service, *region, *partition;
    const char *environment[VARIABLES_MAX + 1];
    const char *config;
    const char *endpoint; /* or, when is_bad, what the failure says */
    bool is_bad;
} rows[] = {
#define ROW(name_, service_, region_, endpoint_, ...)                                              \
    {                                                                                              \
        .name = name_, .service = service_, .region = region_, .endpoint = endpoint_, __VA_ARGS__  \
    }
    ROW("connect", "connect", "eu-central-1", "https://connect.eu-central-1.amazonaws.com", ),
    ROW("sts", "sts", "us-east-1", "https://sts.us-east-1.amazonaws.com", ),
    ROW("sqs", "sqs", "us-east-1", "https://sqs.us-east-1.amazonaws.com", ),
    ROW("ssm", "ssm", "us-east-1", "https://ssm.us-east-1.amazonaws.com", ),
    ROW("secretsmanager", "secretsmanager", "us-east-1",
        "https://secretsmanager.us-east-1.amazonaws.com", ),
    ROW("a region that is not made yet", "connect", "xx-new-9",
        "https://connect.xx-new-9.amazonaws.com", ),
    ROW("China", "sts", "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn", ),
    ROW("GovCloud", "connect", "us-gov-west-1", "https://connect.us-gov-west-1.amazonaws.com", ),
    ROW("Europe's own", "sts", "eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu", ),
    ROW("iso", "sts", "us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov", ),
    ROW("iso-b", "sts", "us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov", ),
    ROW("the partition given", "sts", "eu-central-1", "https://sts.eu-central-1.amazonaws.com.cn",
        .partition = "aws-cn"),
    ROW("no such partition", "sts", "eu-central-1", "partition 'aws-moon'", .partition = "aws-moon",
        .is_bad = true),

    ROW("FIPS", "connect", "us-east-1", "https://connect-fips.us-east-1.amazonaws.com",
        .environment = {"AWS_USE_FIPS_ENDPOINT=true"}),
    ROW("FIPS by the profile", "connect", "us-east-1",
        "https://connect-fips.us-east-1.amazonaws.com",
        .config = "[default]\nuse_fips_endpoint = true\n"),
    ROW("the environment before the profile", "connect", "us-east-1",
        "https://connect.us-east-1.amazonaws.com", .environment = {"AWS_USE_FIPS_ENDPOINT=false"},
        .config = "[default]\nuse_fips_endpoint = true\n"),
    ROW("FIPS in GovCloud is the usual one", "connect", "us-gov-west-1",
        "https://connect.us-gov-west-1.amazonaws.com",
        .environment = {"AWS_USE_FIPS_ENDPOINT=true"}),
    ROW("but not this", "secretsmanager", "us-gov-west-1",
        "https://secretsmanager-fips.us-gov-west-1.amazonaws.com",
        .environment = {"AWS_USE_FIPS_ENDPOINT=true"}),
    ROW("both addresses", "connect", "us-east-1", "https://connect.us-east-1.api.aws",
        .environment = {"AWS_USE_DUALSTACK_ENDPOINT=true"}),
    ROW("both, and FIPS", "connect", "us-gov-west-1", "https://connect-fips.us-gov-west-1.api.aws",
        .environment = {"AWS_USE_DUALSTACK_ENDPOINT=true", "AWS_USE_FIPS_ENDPOINT=true"}),
    ROW("both, where there are none", "sts", "us-iso-east-1", "aws-iso has no such endpoints",
        .environment = {"AWS_USE_DUALSTACK_ENDPOINT=true"}, .is_bad = true),

    ROW("for the service", "connect", "us-east-1", "https://vpce-1.example.com",
        .environment = {"AWS_ENDPOINT_URL_CONNECT=https://vpce-1.example.com",
                        "AWS_ENDPOINT_URL=https://x"}),
    ROW("for all", "sts", "us-east-1", "https://x",
        .environment = {"AWS_ENDPOINT_URL_CONNECT=https://vpce-1.example.com",
                        "AWS_ENDPOINT_URL=https://x"}),
    ROW("the underscore", "secretsmanager", "us-east-1", "https://y",
        .environment = {"AWS_ENDPOINT_URL_SECRETS_MANAGER=https://y"}),
    ROW("empty is not set", "sts", "us-east-1", "https://sts.us-east-1.amazonaws.com",
        .environment = {"AWS_ENDPOINT_URL="}),
    ROW("slashes at the end", "sts", "us-east-1", "https://x/base",
        .environment = {"AWS_ENDPOINT_URL=https://x/base//"}),
    ROW("the profile's", "sts", "us-east-1", "https://p",
        .config = "[default]\nendpoint_url = https://p\n"),
    ROW("another profile's", "sts", "us-east-1", "https://q", .environment = {"AWS_PROFILE=q"},
        .config = "[default]\nendpoint_url = https://p\n[profile q]\nendpoint_url = https://q\n"),
    ROW("the profile's for the service", "secretsmanager", "us-east-1", "https://r",
        .config = "[default]\nservices = m\nendpoint_url = https://p\n[services m]\n"
                  "secrets_manager =\n  endpoint_url = https://r\n"),
    ROW("the environment before both", "sts", "us-east-1", "https://x",
        .environment = {"AWS_ENDPOINT_URL=https://x"},
        .config = "[default]\nservices = m\n[services m]\nsts =\n  endpoint_url = https://r\n"),
    ROW("all ignored", "sts", "us-east-1", "https://sts.us-east-1.amazonaws.com",
        .environment = {"AWS_ENDPOINT_URL=https://x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"},
        .config = "[default]\nendpoint_url = https://p\n"),
    ROW("ignored by the profile", "sts", "us-east-1", "https://sts.us-east-1.amazonaws.com",
        .config = "[default]\nendpoint_url = https://p\nignore_configured_endpoint_urls = true\n"),
    ROW("plain http to loopback", "sts", "us-east-1", "http://127.0.0.1:8081",
        .environment = {"AWS_ENDPOINT_URL=http://127.0.0.1:8081/"}),
    ROW("plain http to localhost", "sts", "us-east-1", "http://localhost:1",
        .environment = {"AWS_ENDPOINT_URL=http://localhost:1"}),
    ROW("plain http to others", "sts", "us-east-1", "AWS_ENDPOINT_URL: plain http",
        .environment = {"AWS_ENDPOINT_URL=http://example.com"}, .is_bad = true),
    ROW("plain http to the addresses of credentials", "sts", "us-east-1", "plain http",
        .environment = {"AWS_ENDPOINT_URL_STS=http://169.254.169.254"}, .is_bad = true),
    ROW("no URL", "sts", "us-east-1", "AWS_ENDPOINT_URL_STS",
        .environment = {"AWS_ENDPOINT_URL_STS=example.com"}, .is_bad = true),
    ROW("a password in it", "sts", "us-east-1", "AWS_ENDPOINT_URL_STS",
        .environment = {"AWS_ENDPOINT_URL_STS=https://a:b@example.com"}, .is_bad = true),
    ROW("a query in it", "sts", "us-east-1", "query",
        .environment = {"AWS_ENDPOINT_URL_STS=https://example.com/?"}, .is_bad = true),
    ROW("two lines", "sts", "us-east-1", "endpoint_url of the profile",
        .config = "[default]\nendpoint_url = https://a\n  b\n", .is_bad = true),
};

static void endpoints_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        struct environment *e = environment_new(r->environment);
        struct shared_files *f = shared_files_new();
        struct endpoint_ask ask = {e, f, span_of(r->region), span_of(r->partition)};
        struct fail fail = {0};
        struct buf out;
        enum err err;

        buf_init(&out, ENDPOINT_LIMIT);
        assert_int_equal(shared_files_add(f, SHARED_CONFIG, "f",
                                          span_of(r->config == NULL ? "" : r->config), &fail),
                         ERR_NONE);
        err = endpoint_find(&ask, r->service, &out, &fail);
        if (err != (r->is_bad ? ERR_INPUT : ERR_NONE) ||
            (r->is_bad ? strstr(fail.text, r->endpoint) == NULL : strcmp(out.p, r->endpoint) != 0))
            fail_msg("%s: %d '%s' '%s'", r->name, (int)err, out.p, fail.text);
        buf_done(&out);
        shared_files_free(f);
        environment_free(e);
    }
}

static void an_endpoint_has_a_length(void **state)
{
    struct environment *e;
    struct shared_files *f = shared_files_new();
    char text[ENDPOINT_LIMIT + 64];
    const char *texts[] = {text, NULL};
    struct fail fail;
    struct buf out;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memcpy(text, "AWS_ENDPOINT_URL=https://a/", 27);
    e = environment_new(texts);
    buf_init(&out, ENDPOINT_LIMIT);
    assert_int_equal(
        endpoint_find(&(struct endpoint_ask){e, f, SPAN("a"), {NULL, 0}}, "sts", &out, &fail),
        ERR_INPUT);
    buf_done(&out);
    shared_files_free(f);
    environment_free(e);
}

static void regions_are_checked(void **state)
{
    static const struct {
        const char *text;
        bool is_right;
    } regions[] = {
        {"eu-central-1", true}, {"x", true},        {"", false},     {"EU-central-1", false},
        {"-eu", false},         {"eu.evil", false}, {"a/b", false},  {"a b", false},
        {"a@b", false},         {"a:1", false},     {"a\nb", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        assert_int_equal(endpoint_check_region(span_of(regions[i].text), NULL) == ERR_NONE,
                         regions[i].is_right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_are_found),
        cmocka_unit_test(an_endpoint_has_a_length),
        cmocka_unit_test(regions_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
