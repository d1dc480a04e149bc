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
        bool is_suspension;
    } rows[] = {
        {"newer add over remove", 2, 1, true, false, true, false},
        {"newer remove over add", 2, 1, false, true, true, false},
        {"older remove under add", 1, 2, false, true, false, false},
        {"older add under remove", 1, 2, true, false, false, false},
        {"newer by a nanosecond", 1777881600000000001, 1777881600000000000, false, true, true,
         false},
        {"tie: add over remove", 1, 1, true, false, true, false},
        {"tie: remove under add", 1, 1, false, true, false, false},
        {"tie: the same again", 1, 1, true, true, false, false},
        {"tie: removed again", 1, 1, false, false, false, false},
        {"newer suspension", 2, 1, true, false, true, true},
        {"newer end of a suspension", 2, 1, false, true, true, true},
        {"older end of a suspension", 1, 2, false, true, false, true},
        {"tie: the end of a suspension over it", 1, 1, false, true, true, true},
        {"tie: a suspension under its end", 1, 1, true, false, false, true},
        {"tie: suspended again", 1, 1, true, true, false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum membership_kind kind =
            rows[i].is_suspension ? MEMBERSHIP_SUSPENSION : MEMBERSHIP_GROUP;
        struct membership later = {
            .kind = kind, .is_member = rows[i].later_is, .published_ns = rows[i].later_ns};
        struct membership earlier = {
            .kind = kind, .is_member = rows[i].earlier_is, .published_ns = rows[i].earlier_ns};

        if (membership_replaces(&later, &earlier) != rows[i].replaces)
            fail_msg("%s", rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_newer_statement_wins)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
