#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/closest.h"

#define SIXTEEN "AAAAAAAAAAAAAAAA"
#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static void the_closest_is_found(void **state)
{
    static const struct closest_row {
        const char *wanted, *candidates[4], *best;
    } rows[] = {
        {"RAET", {"BURST", "RATE"}, "RATE"},
        {"rate", {"BURST", "RATE"}, "RATE"},
        {"RTE", {"RATE"}, "RATE"},
        {"RATTE", {"RATE"}, "RATE"},
        {"RAFE", {"RATE"}, "RATE"},
        {"ROUTING_PROFIL", {"SECURITY_PROFILE", "ROUTING_PROFILE_ID"}, "ROUTING_PROFILE_ID"},
        {"NONSENSE", {"BURST", "RATE"}, NULL},
        {"A", {"B"}, NULL},
        {"AB", {"AB", "BA"}, "AB"},
        {"", {"A"}, NULL},
        {"A", {""}, NULL},
        {SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN,
         {SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN},
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct closest c;

        closest_init(&c, span_of(rows[i].wanted));
        for (size_t j = 0; j < 4 && rows[i].candidates[j] != NULL; j++)
            (void)closest_offer(&c, rows[i].candidates[j]);
        if (c.best == NULL ? rows[i].best != NULL
                           : rows[i].best == NULL || strcmp(c.best, rows[i].best) != 0)
            fail_msg("%s: %s", rows[i].wanted, c.best == NULL ? "none" : c.best);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_closest_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
