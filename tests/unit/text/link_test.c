#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "text/link.h"

static const struct row {
    const char *name, *header;
    enum link_found found;
    const char *target;
} rows[] = {
    {"as Okta sends it", "<https://x.okta.com/api/v1/users?after=000&limit=1>; rel=\"next\"",
     LINK_FOUND, "https://x.okta.com/api/v1/users?after=000&limit=1"},
    {"self only", "<https://x/api>; rel=\"self\"", LINK_NONE, NULL},
    {"joined by a proxy", "<https://x/1>; rel=\"self\", <https://x/2>; rel=\"next\"", LINK_FOUND,
     "https://x/2"},
    {"joined without a blank", "<https://x/1>;rel=self,<https://x/2>;rel=next", LINK_FOUND,
     "https://x/2"},
    {"comma and semicolon in the target", "<https://x/a,b;c>; rel=next", LINK_FOUND,
     "https://x/a,b;c"},
    {"comma in a title", "<https://x/1>; title=\"a, <b>; rel=next\"; rel=prev, <2>; rel=next",
     LINK_FOUND, "2"},
    {"escaped quote in a title", "<1>; title=\"a\\\" rel=\"; rel=self, <2>; rel=next", LINK_FOUND,
     "2"},
    {"several relations", "<1>; rel=\"last  next\"", LINK_FOUND, "1"},
    {"part of a word", "<1>; rel=\"nextish anext\"", LINK_NONE, NULL},
    {"any case", "<1>; REL=Next", LINK_FOUND, "1"},
    {"blanks everywhere", " \t<1> \t; rel \t= \t\"next\" \t", LINK_FOUND, "1"},
    {"the first of two rels counts", "<1>; rel=self; rel=next", LINK_NONE, NULL},
    {"the first of two links counts", "<1>; rel=next, <2>; rel=next", LINK_FOUND, "1"},
    {"anchor", "<1>; rel=next; anchor=\"#x\"", LINK_NONE, NULL},
    {"anchor first", "<1>; anchor=\"#x\"; rel=next, <2>; rel=next", LINK_FOUND, "2"},
    {"parameter without a value", "<1>; crossorigin; rel=next", LINK_FOUND, "1"},
    {"empty parameters", "<1>;; rel=next;", LINK_FOUND, "1"},
    {"empty elements", ", ,<1>; rel=next,", LINK_FOUND, "1"},
    {"no parameter", "<1>", LINK_NONE, NULL},
    {"empty", "", LINK_NONE, NULL},
    {"blank", "  ", LINK_NONE, NULL},
    {"not closed", "<https://x/1; rel=\"next\"", LINK_BROKEN, NULL},
    {"not opened", "https://x/1>; rel=\"next\"", LINK_BROKEN, NULL},
    {"empty target", "<>; rel=next", LINK_BROKEN, NULL},
    {"quote not closed", "<1>; rel=\"next", LINK_BROKEN, NULL},
    {"quote ends in an escape", "<1>; rel=\"next\\", LINK_BROKEN, NULL},
    {"no value", "<1>; rel=", LINK_BROKEN, NULL},
    {"text behind the value", "<1>; rel=next x", LINK_BROKEN, NULL},
    {"text behind the target", "<1> x; rel=next", LINK_BROKEN, NULL},
    {"broken behind others", "<1>; rel=self, 2", LINK_BROKEN, NULL},
};

static void links_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span target = SPAN("untouched");
        const char *want = rows[i].target == NULL ? "untouched" : rows[i].target;
        enum link_found found = link_find(span_of(rows[i].header), SPAN("next"), &target);

        if (found != rows[i].found || !span_eq(target, span_of(want)))
            fail_msg("%s: %d, '%.*s'", rows[i].name, (int)found, SPAN_ARG(target));
    }
}

static void an_absent_header_has_no_link(void **state)
{
    struct span target;

    (void)state;
    assert_int_equal(link_find((struct span){0}, SPAN("next"), &target), LINK_NONE);
}

static void targets_are_bounded(void **state)
{
    char text[LINK_TARGET_MAX + 64];
    struct span target = {0};

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        size_t n = LINK_TARGET_MAX + more;

        text[0] = '<';
        memset(text + 1, 'a', n);
        snprintf(text + 1 + n, sizeof(text) - 1 - n, ">;rel=next");
        assert_int_equal(link_find(span_of(text), SPAN("next"), &target),
                         more == 0 ? LINK_FOUND : LINK_BROKEN);
    }
    assert_int_equal(target.n, LINK_TARGET_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_found),
        cmocka_unit_test(an_absent_header_has_no_link),
        cmocka_unit_test(targets_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
