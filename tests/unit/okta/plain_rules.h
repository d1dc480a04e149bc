/* The rules of the tests: one application and one group, by their names; and what an event says, as
 * a text. */
#ifndef ROSTER_TESTS_OKTA_PLAIN_RULES_H
#define ROSTER_TESTS_OKTA_PLAIN_RULES_H

#include "base/buf.h"
#include "okta/delivery.h"

static const struct span plain_app = {"App", 3}, plain_group = {"Group", 5};
static const struct rule_test plain_tests[] = {{TEST_APP, {NULL, 0}, &plain_app, 1},
                                               {TEST_GROUP, {NULL, 0}, &plain_group, 1}};
static const struct rule plain_rule = {.tests = plain_tests, .n_tests = 2, .is_any = true};
static const struct rules plain_rules = {.rules = &plain_rule, .n = 1};
static const struct delivery_rules plain_by = {.rules = &plain_rules, .names = &names_unread};

/* The group is pinned to 00gpinned; nothing else is known. */
static inline enum name_answer plain_find(const struct names *names, enum name_kind kind,
                                          struct span ref, struct span *id)
{
    (void)names;
    if (kind == NAME_OKTA_GROUP && span_eq(ref, plain_group)) {
        *id = SPAN("00gpinned");
        return NAME_KNOWN;
    }
    return names_unread.find(&names_unread, kind, ref, id);
}

static const struct names plain_pinned __attribute__((unused)) = {.find = plain_find};

/* "user a+ 0oa ann1": kind, membership, container, application user name; what is empty is left
 * out. ", " stands between several. */
static inline void plain_say(struct buf *out, const struct event_subject *s)
{
    static const char *const kinds[] = {"user", "group", "application", "scope"};

    buf_printf(out, "%s%s", out->n > 0 ? ", " : "", kinds[s->kind]);
    if (s->has_membership)
        buf_printf(out, " %c%c", s->membership.kind, s->membership.is_member ? '+' : '-');
    if (s->membership.container.n > 0)
        buf_printf(out, " %.*s", SPAN_ARG(s->membership.container));
    if (s->app_user_name.n > 0)
        buf_printf(out, " %.*s", SPAN_ARG(s->app_user_name));
    if (s->alarm != NULL)
        buf_printf(out, " (%s)", s->alarm);
}

#endif
