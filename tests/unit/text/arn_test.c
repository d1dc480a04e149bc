#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/arn.h"

static const struct row {
    const char *name, *text, *region, *account, *resource; /* resource NULL: refused */
} rows[] = {
    {"user", "arn:aws:connect:eu-central-1:123456789012:instance/i/agent/u", "eu-central-1",
     "123456789012", "instance/i/agent/u"},
    {"colons stay in the resource", "arn:aws:logs:eu-west-1:1:log-group:x:y", "eu-west-1", "1",
     "log-group:x:y"},
    {"no region, no account", "arn:aws-cn:s3:::bucket", "", "", "bucket"},
    {"nothing", "", NULL, NULL, NULL},
    {"an id", "abcdefgh-0122-4131-adc2-a0ebe5a2b2a7", NULL, NULL, NULL},
    {"five parts", "arn:aws:connect:eu-central-1:1", NULL, NULL, NULL},
    {"another scheme", "urn:aws:connect:eu-central-1:1:x", NULL, NULL, NULL},
    {"capitals", "ARN:aws:connect:eu-central-1:1:x", NULL, NULL, NULL},
    {"no partition", "arn::connect:eu-central-1:1:x", NULL, NULL, NULL},
    {"no service", "arn:aws::eu-central-1:1:x", NULL, NULL, NULL},
    {"no resource", "arn:aws:connect:eu-central-1:1:", NULL, NULL, NULL},
};

static void arns_are_parsed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fail fail = {0};
        struct arn arn = {0};
        enum err err = arn_parse(span_of(rows[i].text), &arn, &fail);

        if ((err == ERR_NONE) != (rows[i].resource != NULL))
            fail_msg("%s: %s", rows[i].name, fail.text);
        if (err == ERR_NONE && (!span_eq(arn.region, span_of(rows[i].region)) ||
                                !span_eq(arn.account, span_of(rows[i].account)) ||
                                !span_eq(arn.resource, span_of(rows[i].resource))))
            fail_msg("%s", rows[i].name);
    }
    assert_int_equal(arn_parse((struct span){NULL, 0}, &(struct arn){0}, NULL), ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(arns_are_parsed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
