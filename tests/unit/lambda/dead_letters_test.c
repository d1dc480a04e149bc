#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lambda/dead_letters.h"

static void the_queue_is_beside_the_other_one(void **state)
{
    static const struct {
        const char *queue, *arn, *url; /* NULL: none */
    } rows[] = {
        {"https://sqs.eu-central-1.amazonaws.com/123456789012/roster.fifo",
         "arn:aws:sqs:eu-central-1:123456789012:roster-dead.fifo",
         "https://sqs.eu-central-1.amazonaws.com/123456789012/roster-dead.fifo"},
        {"http://127.0.0.1:8081/123456789012/roster.fifo",
         "arn:aws:sqs:us-east-1:210987654321:d.fifo", "http://127.0.0.1:8081/210987654321/d.fifo"},
        {"https://x/1/a.fifo", "", NULL},
        {"https://x/1/a.fifo", "d.fifo", NULL},
        {"https://x/1/a.fifo", "arn:aws:sqs:us-east-1:1:", NULL},
        {"https://x/1/a.fifo", "arn:aws:sqs:us-east-1::d.fifo", NULL},
        {"a.fifo", "arn:aws:sqs:us-east-1:1:d.fifo", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct span url = dead_letters_url(&a, span_of(rows[i].queue), span_of(rows[i].arn));

        if ((url.p == NULL) != (rows[i].url == NULL) ||
            (url.p != NULL && !span_eq(url, span_of(rows[i].url))))
            fail_msg("row %zu: %.*s", i, SPAN_ARG(url));
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_queue_is_beside_the_other_one)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
