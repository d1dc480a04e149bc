#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/membership.h"

static void the_newer_statement_wins(void **state)
{
    static const struct row {
        const char *name;
        int64_t later_ns, earlier_ns;
        bool later_is, earlier_is, replaces;
    } rows[] = {
        {"newer add over remove", 2, 1, true, false, true},
        {"newer remove over add", 2, 1, false, true, true},
        {"older remove under add", 1, 2, false, true, false},
        {"older add under remove", 1, 2, true, false, false},
        {"newer by a nanosecond", 1777881600000000001, 1777881600000000000, false, true, true},
        {"tie: add over remove", 1, 1, true, false, true},
        {"tie: remove under add", 1, 1, false, true, false},
        {"tie: the same again", 1, 1, true, true, false},
        {"tie: removed again", 1, 1, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct membership later = {.is_member = rows[i].later_is, .published_ns = rows[i].later_ns};
        struct membership earlier = {.is_member = rows[i].earlier_is,
                                     .published_ns = rows[i].earlier_ns};

        if (membership_replaces(&later, &earlier) != rows[i].replaces)
            fail_msg("%s", rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_newer_statement_wins)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
