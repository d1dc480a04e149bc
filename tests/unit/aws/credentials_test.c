#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "aws/credentials.h"
#include "base/mem.h"

#define PROCESS CREDENTIALS_OF_PROCESS
#define HOST CREDENTIALS_OF_HOST
#define ID "\"AccessKeyId\":\"AK\""
#define SECRET "\"SecretAccessKey\":\"SK\""
#define TIME "\"Expiration\":\"2026-05-04T08:00:01Z\""

enum { XML = 2 }; /* beside the two forms */

static const int64_t time_ms = 1777881601000;

static const struct row {
    const char *name;
    int form;
    const char *text;
    const char *token; /* "" = none */
    int64_t expires_ms;
    enum err err;
    const char *fail; /* what the failure says */
} rows[] = {
    {"of a host", HOST,
     "{\"Code\":\"Success\"," ID "," SECRET ",\"Token\":\"T\"," TIME ",\"New\":[1]}", "T",
     1777881601000, ERR_NONE, NULL},
    {"of a host without a code", HOST, "{" ID "," SECRET ",\"Token\":\"T\"," TIME "}", "T",
     1777881601000, ERR_NONE, NULL},
    {"of a host that last", HOST, "{" ID "," SECRET "}", "", 0, ERR_NONE, NULL},
    {"of a process", PROCESS, "{\"Version\":1," ID "," SECRET ",\"SessionToken\":\"T\"," TIME "}\n",
     "T", 1777881601000, ERR_NONE, NULL},
    {"of a process that last", PROCESS, "{\"Version\":1," ID "," SECRET "}", "", 0, ERR_NONE, NULL},
    {"of a process, nulls", PROCESS,
     "{\"Version\":1," ID "," SECRET ",\"SessionToken\":null,\"Expiration\":null}", "", 0, ERR_NONE,
     NULL},
    {"of a process, an offset", PROCESS,
     "{\"Version\":1," ID "," SECRET ",\"Expiration\":\"2026-05-04T10:00:01.000+02:00\"}", "",
     1777881601000, ERR_NONE, NULL},
    {"the instance may not", HOST,
     "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"no\\u0007\"}", NULL, 0, ERR_DENIED,
     "AssumeRoleUnauthorizedAccess: no "},
    {"another version", PROCESS, "{\"Version\":2," ID "," SECRET "}", NULL, 0, ERR_INPUT,
     "Version"},
    {"no version", PROCESS, "{" ID "," SECRET "}", NULL, 0, ERR_INPUT, "Version"},
    {"no key id", HOST, "{" SECRET "}", NULL, 0, ERR_INPUT, "access key id is missing"},
    {"no secret", HOST, "{" ID "}", NULL, 0, ERR_INPUT, "secret access key is missing"},
    {"a number", HOST, "{" ID ",\"SecretAccessKey\":5}", NULL, 0, ERR_INPUT, "secret access key"},
    {"no time", HOST, "{" ID "," SECRET ",\"Expiration\":\"soon\"}", NULL, 0, ERR_INPUT,
     "expiration"},
    {"a line break in the token", HOST, "{" ID "," SECRET ",\"Token\":\"a\\r\\nX: y\"}", NULL, 0,
     ERR_INPUT, "session token"},
    {"a blank in the key id", HOST, "{\"AccessKeyId\":\"A K\"," SECRET "}", NULL, 0, ERR_INPUT,
     "access key id"},
    {"an array", HOST, "[]", NULL, 0, ERR_INPUT, "no JSON object"},
    {"cut", HOST, "{" ID "," SECRET, NULL, 0, ERR_INPUT, "no JSON"},
    {"nothing", HOST, "", NULL, 0, ERR_INPUT, "no JSON"},
    {"of STS", XML,
     "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
     "<Credentials><AccessKeyId> AK\n</AccessKeyId><SecretAccessKey>SK</SecretAccessKey>"
     "<SessionToken>T</SessionToken><Expiration>2026-05-04T08:00:01Z</Expiration></Credentials>"
     "</AssumeRoleResult></AssumeRoleResponse>",
     "T", 1777881601000, ERR_NONE, NULL},
    {"of STS, without a token", XML,
     "<a><Credentials><AccessKeyId>AK</AccessKeyId><SecretAccessKey>SK</SecretAccessKey>"
     "</Credentials></a>",
     NULL, 0, ERR_INPUT, "no answer of STS"},
    {"of STS, cut", XML, "<a><Credentials><AccessKeyId>AK</AccessKeyId>", NULL, 0, ERR_INPUT,
     "no answer of STS"},
    {"of STS, with a document type", XML, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", NULL, 0,
     ERR_INPUT, "no answer of STS"},
};

static enum err read(const struct row *r, struct credentials *out, struct fail *fail)
{
    if (r->form == XML)
        return credentials_from_xml(span_of(r->text), out, fail);
    return credentials_from_json(span_of(r->text), (enum credentials_form)r->form, out, fail);
}

static void check(const struct row *r)
{
    struct credentials c = {0};
    struct fail fail = {0};

    assert_int_equal(credentials_set(&c, SPAN("OLD"), SPAN("OLD"), SPAN("OLD"), NULL), ERR_NONE);
    c.expires_ms = time_ms;
    if (read(r, &c, &fail) != r->err)
        fail_msg("%s: %s", r->name, fail.text);
    if (r->err != ERR_NONE) {
        if (strstr(fail.text, r->fail) == NULL)
            fail_msg("%s: '%s'", r->name, fail.text);
        assert_string_equal(c.access_key.p, "OLD");
        assert_string_equal(c.token.p, "OLD");
        assert_int_equal(c.expires_ms, time_ms);
    } else {
        assert_string_equal(c.access_key.p, "AK");
        assert_string_equal(c.secret_key.p, "SK");
        assert_int_equal(secret_is_set(&c.token), r->token[0] != '\0');
        assert_true(span_eq(secret_span(&c.token), span_of(r->token)));
        assert_int_equal(c.expires_ms, r->expires_ms);
    }
    assert_null(strstr(fail.text, "SK"));
    credentials_done(&c);
}

static void forms_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i]);
}

static void what_is_too_long_is_refused(void **state)
{
    char *long_text = mem_new(CREDENTIALS_TOKEN_MAX + 2, 1);
    struct span text = {long_text, CREDENTIALS_TOKEN_MAX};
    struct credentials c = {0};

    (void)state;
    memset(long_text, 'a', CREDENTIALS_TOKEN_MAX + 1);
    assert_int_equal(credentials_set(&c, SPAN("A"), SPAN("S"), text, NULL), ERR_NONE);
    text.n++;
    assert_int_equal(credentials_set(&c, SPAN("A"), SPAN("S"), text, NULL), ERR_INPUT);
    text.n = CREDENTIALS_KEY_MAX;
    assert_int_equal(credentials_set(&c, text, text, SPAN(""), NULL), ERR_NONE);
    text.n++;
    assert_int_equal(credentials_set(&c, text, SPAN("S"), SPAN(""), NULL), ERR_INPUT);
    assert_int_equal(credentials_set(&c, SPAN("A"), text, SPAN(""), NULL), ERR_INPUT);
    credentials_done(&c);
    free(long_text);
}

static void they_are_compared_without_their_end(void **state)
{
    struct credentials a = {0}, b = {0};

    (void)state;
    assert_true(credentials_equal(&a, &b));
    assert_int_equal(credentials_set(&a, SPAN("A"), SPAN("S"), SPAN("T"), NULL), ERR_NONE);
    assert_int_equal(credentials_set(&b, SPAN("A"), SPAN("S"), SPAN("T"), NULL), ERR_NONE);
    b.expires_ms = 1;
    assert_true(credentials_equal(&a, &b));
    assert_int_equal(credentials_set(&b, SPAN("A"), SPAN("S"), SPAN("U"), NULL), ERR_NONE);
    assert_false(credentials_equal(&a, &b));
    assert_int_equal(credentials_set(&b, SPAN("A"), SPAN("S"), SPAN(""), NULL), ERR_NONE);
    assert_false(credentials_equal(&a, &b));
    credentials_done(&a);
    credentials_done(&b);
    credentials_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_read),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(they_are_compared_without_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
