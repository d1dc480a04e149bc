/* floor: okta — any body as a delivery: every event is taken or skipped, and what is taken is fit
 * to be stored and planned. */
#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "model/standing.h"
#include "okta/delivery.h"

static const struct span app = {"Amazon Connect", 14}, group = {"Connect Agents", 14},
                         profile = {"12345678-1234-2345-abd8-0aa7f5b46852", 36};
static const struct rule_test tests[] = {{TEST_APP, {NULL, 0}, &app, 1},
                                         {TEST_GROUP, {NULL, 0}, &group, 1}};
static const struct rule rule = {.tests = tests,
                                 .n_tests = 2,
                                 .is_any = true,
                                 .has_ids = true,
                                 .security_profiles = &profile,
                                 .n_security_profiles = 1,
                                 .routing_profile = {"87654321-69fb-43b6-a5e6-f8666ac189cb", 36}};
static const struct rules rules = {.rules = &rule, .n = 1, .settle_ms = 3000};
static const struct delivery_rules by = {.rules = &rules, .names = &names_unread};
static const int64_t received_ms = 1777881700000;

/* What the source may say of somebody: Unicode without NUL, bounded. */
static void check_text(struct span s, size_t limit)
{
    assert(s.n <= limit && utf8_is_valid(s) && span_find(s, '\0') == s.n);
}

/* What is said of one user is fit to be stored and judged. */
static void check_user(struct arena *a, const struct event *e, const struct event_subject *s)
{
    struct person p = {.source = e->source, .id = s->user_id};
    const struct membership *m = &s->membership;
    struct scope scope = rules_scope(&rules, &names_unread, &p, m, s->has_membership, a);
    bool is_of_container = m->kind == MEMBERSHIP_APP || m->kind == MEMBERSHIP_GROUP;
    struct entitlement wanted;
    struct fail fail;

    check_text(s->user_id, 100);
    check_text(s->login, 1024);
    check_text(s->display_name, 1024);
    check_text(s->app_user_name, 1024);
    assert(s->user_id.n > 0 && s->alarm == NULL);
    assert(scope.is_in == (s->has_membership && is_of_container && m->is_member));
    standing_take_facts(&p, s);
    standing_judge(&p, &rules, &scope, true, received_ms, SPAN("event"));
    assert((p.state == PERSON_DUE) == scope.is_in);
    if (rules_entitlement(&rules, &names_unread, &p, m, 1, a, &wanted, &fail) == ERR_NONE) {
        assert(wanted.user_name.n >= 2 && wanted.user_name.n <= 64);
        assert(wanted.first_name.n > 0 && utf8_length(wanted.first_name) <= 255);
        assert(wanted.last_name.n > 0 && utf8_length(wanted.last_name) <= 300);
    }
}

static void check_subject(struct arena *a, const struct event *e, const struct event_subject *s)
{
    check_text(s->membership.container, 100);
    check_text(s->membership.name, 1024);
    assert(s->membership.published_ns == e->published_ns);
    if (s->kind == SUBJECT_USER)
        check_user(a, e, s);
    else
        assert(s->user_id.n == 0 && !s->has_membership &&
               (s->membership.container.n > 0) == (s->kind != SUBJECT_SCOPE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct delivery d = {0};
    struct fail fail = {0};

    if (delivery_decode(&a, span_n(data, size), &by, received_ms, &d, &fail) == ERR_NONE)
        for (size_t i = 0; i < d.n; i++) {
            const struct event *e = &d.events[i];

            check_text(e->uuid, 100);
            check_text(e->type, 100);
            assert(e->uuid.n > 0);
            assert(e->published_ns >= 0 &&
                   e->published_ns <= (received_ms + DELIVERY_AHEAD_S * 1000) * 1000000);
            assert((e->skip_reason == NULL) == (e->n_subjects > 0));
            for (size_t k = 0; k < e->n_subjects; k++)
                check_subject(&a, e, &e->subjects[k]);
        }
    else
        assert(fail.err == ERR_INPUT && fail.text[0] != '\0');
    arena_done(&a);
    return 0;
}
