#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The deliveries of tests/data/samples, each on its own: what they say, walked through the pure
 * floors to the agents that expected.tsv names. */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "model/standing.h"
#include "okta/delivery.h"

enum { PEOPLE_MAX = 200, MEMBERSHIPS_MAX = 10, COLUMNS = 5 };

static const int64_t received_ms = 1900000000000; /* later than any of them was published */

struct somebody {
    struct person person;
    struct membership memberships[MEMBERSHIPS_MAX];
    size_t n;
};

struct crowd {
    struct somebody people[PEOPLE_MAX];
    size_t n;
};

static struct somebody *find(struct crowd *crowd, struct span id)
{
    for (size_t i = 0; i < crowd->n; i++)
        if (span_eq(crowd->people[i].person.id, id))
            return &crowd->people[i];
    assert_true(crowd->n < PEOPLE_MAX);
    crowd->people[crowd->n] = (struct somebody){.person.id = id};
    return &crowd->people[crowd->n++];
}

static void hear(struct crowd *crowd, const struct event_subject *s)
{
    struct somebody *one;
    struct membership *m;

    /* Without Okta's API only what is said of memberships counts, and an account says nothing of
     * somebody who is not known otherwise. */
    if (s->kind != SUBJECT_USER || !s->has_membership)
        return;
    one = find(crowd, s->user_id);
    m = one->memberships;

    while (m < one->memberships + one->n &&
           (m->kind != s->membership.kind || !span_eq(m->container, s->membership.container)))
        m++;
    assert_true(m < one->memberships + MEMBERSHIPS_MAX);
    if (m == one->memberships + one->n)
        one->n++;
    else if (!membership_replaces(&s->membership, m))
        return;
    *m = s->membership;
    standing_take_facts(&one->person, s);
}

/* The user names of those who are due, and of those whom the rules can give nothing. */
static void sum_up(struct arena *a, struct crowd *crowd, const struct rules *rules,
                   struct buf *agents, struct buf *failed)
{
    for (size_t i = 0; i < crowd->n; i++) {
        struct somebody *one = &crowd->people[i];
        struct scope scope =
            rules_scope(rules, &names_unread, &one->person, one->memberships, one->n, a);
        struct entitlement e;
        struct buf *to;

        standing_judge(&one->person, rules, &scope, true, received_ms, SPAN("event"));
        if (one->person.state != PERSON_DUE)
            continue;
        to = rules_entitlement(rules, &names_unread, &one->person, one->memberships, one->n, a, &e,
                               NULL) == ERR_NONE
                 ? agents
                 : failed;
        buf_printf(to, "%s%.*s", to->n == 0 ? "" : " ",
                   SPAN_ARG(rules_user_name(rules, &one->person, a)));
    }
    if (agents->n == 0)
        buf_add_char(agents, '-');
    if (failed->n == 0)
        buf_add_char(failed, '-');
}

/* "agent000@acme.com … agent099@acme.com" stands for all hundred. */
static void add_wanted(struct buf *out, struct span column)
{
    if (span_find(column, ' ') == column.n || !span_starts(column, SPAN("agent000@acme.com ")))
        buf_add(out, column);
    else
        for (int i = 0; i < 100; i++)
            buf_printf(out, "%sagent%03d@acme.com", i == 0 ? "" : " ", i);
}

static void check(const struct span column[static COLUMNS])
{
    static struct crowd crowd;
    struct span app = SPAN("Amazon Connect"), group = SPAN("Connect Agents");
    const struct span profile = SPAN("12345678-1234-2345-abd8-0aa7f5b46852");
    const struct rule_test tests[] = {{TEST_APP, SPAN(""), &app, 1},
                                      {TEST_GROUP, SPAN(""), &group, 1}};
    const struct rule rule = {.tests = tests,
                              .n_tests = 2,
                              .is_any = true,
                              .has_ids = true,
                              .security_profiles = &profile,
                              .n_security_profiles = 1,
                              .routing_profile = SPAN("87654321-69fb-43b6-a5e6-f8666ac189cb")};
    const struct rules rules = {.rules = &rule, .n = 1};
    const struct delivery_rules by = {.rules = &rules, .names = &names_unread};
    char path[300];
    struct buf body, agents, failed, wanted;
    struct delivery d = {0};
    struct arena a = {0};
    struct fail fail = {0};
    enum err err;

    crowd.n = 0;
    buf_init(&body, 10 * 1024 * 1024);
    buf_init(&agents, 100000);
    buf_init(&failed, 100000);
    buf_init(&wanted, 100000);
    if (span_ends(column[0], SPAN("/unicode-names-batch.json")))
        group = SPAN("Ag\xc3\xa9nts \xe2\x80\x93 Z\xc3\xbcrich \xf0\x9f\x8e\xa7");
    (void)snprintf(path, sizeof(path), "%s/samples/%.*s", TEST_DATA, SPAN_ARG(column[0]));
    if (fs_read(path, &body, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
    err = delivery_decode(&a, buf_span(&body), &by, received_ms, &d, &fail);
    if ((err == ERR_NONE) != span_eq(column[1], SPAN("2xx")))
        fail_msg("%s: %s", path, fail.text);
    for (size_t i = 0; i < d.n; i++) {
        if ((d.events[i].skip_reason == NULL) != (d.events[i].n_subjects > 0))
            fail_msg("%s: event %zu is neither taken nor skipped", path, i);
        for (size_t k = 0; k < d.events[i].n_subjects; k++)
            hear(&crowd, &d.events[i].subjects[k]);
    }
    sum_up(&a, &crowd, &rules, &agents, &failed);
    add_wanted(&wanted, column[2]);
    if (strcmp(agents.p, wanted.p) != 0 || !span_eq(buf_span(&failed), column[3]))
        fail_msg("%s: agents '%s', failed '%s'", path, agents.p, failed.p);
    buf_done(&body);
    buf_done(&agents);
    buf_done(&failed);
    buf_done(&wanted);
    arena_done(&a);
}

static void samples_are_handled_as_expected(void **state)
{
    struct buf table;
    struct span rest, line, column[COLUMNS];
    struct fail fail = {0};
    size_t n = 0;

    (void)state;
    buf_init(&table, 100000);
    if (fs_read(TEST_DATA "/samples/expected.tsv", &table, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
    rest = buf_span(&table);
    assert_true(span_split(&rest, '\n', &line));
    assert_true(span_starts(line, SPAN("file\tstatus\tagents\tfailed")));
    while (span_split(&rest, '\n', &line)) {
        if (line.n == 0)
            continue;
        for (size_t i = 0; i < COLUMNS; i++)
            if (!span_split(&line, '\t', &column[i]))
                fail_msg("row %zu has too few columns", n);
        check(column);
        n++;
    }
    assert_int_equal(n, 20);
    buf_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_are_handled_as_expected)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
