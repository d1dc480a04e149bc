#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "net/http_url.h"

enum { REFUSED, FAR, NEAR };

static const struct row {
    const char *url, *plain_host;
    bool is_for_credentials;
    int wanted;
} rows[] = {
    {"https://sqs.eu-central-1.amazonaws.com/", NULL, false, FAR},
    {"http://sqs.eu-central-1.amazonaws.com/", NULL, false, REFUSED},
    {"http://127.0.0.1:8080/x", NULL, false, NEAR},
    {"http://[::1]:8080/x", NULL, false, NEAR},
    {"http://localhost/", NULL, false, NEAR},
    {"http://127.0.0.1.acme.com/", NULL, false, REFUSED},
    {"ftp://127.0.0.1/", NULL, false, REFUSED},
    {"https://user@acme.com/", NULL, false, REFUSED},
    {"https://acme.com/a b", NULL, false, REFUSED},
    {"https://acme.com/#x", NULL, false, REFUSED},
    /* the addresses that serve credentials */
    {"http://169.254.169.254/latest", NULL, false, REFUSED},
    {"http://169.254.169.254/latest", NULL, true, NEAR},
    {"http://[fd00:ec2::254]/latest", NULL, true, NEAR},
    {"http://169.254.169.255/latest", NULL, true, REFUSED},
    /* one host that was named, as AWS Lambda names its Runtime API */
    {"http://169.254.100.1:9001/2018-06-01/runtime", "169.254.100.1:9001", false, NEAR},
    {"http://169.254.100.1/2018-06-01/runtime", "169.254.100.1", false, NEAR},
    {"http://169.254.100.1:80/2018-06-01/runtime", "169.254.100.1", false, NEAR},
    {"http://Runtime.local:9001/", "runtime.LOCAL:9001", false, NEAR},
    {"http://169.254.100.1:9002/2018-06-01/runtime", "169.254.100.1:9001", false, REFUSED},
    {"http://169.254.100.1/2018-06-01/runtime", "169.254.100.1:9001", false, REFUSED},
    {"http://169.254.100.10:9001/", "169.254.100.1:9001", false, REFUSED},
    {"http://169.254.100.1:9001.acme.com/", "169.254.100.1:9001", false, REFUSED},
    {"http://169.254.100.1:9001@acme.com/", "169.254.100.1:9001", false, REFUSED},
    {"http://acme.com/", "", false, REFUSED},
    /* it is for plain http only: https goes the usual way */
    {"https://169.254.100.1:9001/", "169.254.100.1:9001", false, FAR},
};

static void what_may_be_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        const struct http_url_plain plain = {row->is_for_credentials, row->plain_host};
        struct http_url_facts facts = {false};
        const char *fault = http_url_check(row->url, &plain, &facts);
        int got = fault != NULL ? REFUSED : facts.is_near ? NEAR : FAR;

        if (got != row->wanted)
            fail_msg("%s: %d (%s)", row->url, got, fault == NULL ? "" : fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_may_be_asked_for)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
