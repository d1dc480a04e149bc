/* floor: okta; pages of the System Log: each event is taken, or skipped for a reason. */
#include <stdint.h>
#include <stdlib.h>

#include "okta/delivery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct span app = {"App", 3}, group = {"Group", 5};
    static const struct rule_test tests[] = {{TEST_APP, {NULL, 0}, &app, 1},
                                             {TEST_GROUP, {NULL, 0}, &group, 1}};
    static const struct rule rule = {.tests = tests, .n_tests = 2, .is_any = true};
    static const struct rules rules = {.rules = &rule, .n = 1};
    static const struct delivery_rules by = {.rules = &rules, .names = &names_unread};
    struct delivery page = {0};
    struct arena a;

    arena_init(&a);
    if (delivery_decode_log(&a, span_n(data, size), &by, 1777881601000, &page, NULL) == ERR_NONE)
        for (size_t i = 0; i < page.n; i++) {
            const struct event *e = &page.events[i];

            if (e->uuid.n == 0 || !span_eq(e->via, SPAN("log")) ||
                (e->skip_reason == NULL) != (e->n_subjects > 0))
                abort();
        }
    arena_done(&a);
    return 0;
}
