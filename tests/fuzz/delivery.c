/* floor: okta — any body as a delivery: every event is taken or skipped, and what is taken is fit
 * to be stored and planned. */
#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "model/standing.h"
#include "okta/delivery.h"

static const struct rules rules = {
    .app_name = {"Amazon Connect", 14}, .group_name = {"Connect Agents", 14}, .settle_ms = 3000};
static const int64_t received_ms = 1777881700000;

/* What the source may say of somebody: Unicode without NUL, bounded. */
static void check_text(struct span s, size_t limit)
{
    assert(s.n <= limit && utf8_is_valid(s) && span_find(s, '\0') == s.n);
}

static void check_subject(struct arena *a, const struct event *e, const struct event_subject *s)
{
    struct person p = {.source = e->source, .id = s->user_id};
    struct scope scope = rules_scope(&rules, &s->membership, 1);
    struct entitlement wanted;
    struct fail fail;

    check_text(s->user_id, 100);
    check_text(s->login, 1024);
    check_text(s->display_name, 1024);
    check_text(s->app_user_name, 1024);
    check_text(s->membership.container, 100);
    check_text(s->membership.name, 1024);
    assert(s->user_id.n > 0 && s->membership.published_ns == e->published_ns);
    assert(s->membership.kind == MEMBERSHIP_ACCOUNT || scope.is_in == s->membership.is_member);
    standing_take_facts(&p, s);
    standing_judge(&p, &rules, &scope, received_ms, SPAN("event"), a);
    assert((p.state == PERSON_DUE) == scope.is_in);
    if (rules_entitlement(&rules, &p, a, &wanted, &fail) == ERR_NONE) {
        assert(wanted.user_name.n >= 2 && wanted.user_name.n <= 64);
        assert(wanted.first_name.n > 0 && utf8_length(wanted.first_name) <= 255);
        assert(wanted.last_name.n > 0 && utf8_length(wanted.last_name) <= 300);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct delivery d = {0};
    struct fail fail = {0};

    if (delivery_decode(&a, span_n(data, size), &rules, received_ms, &d, &fail) == ERR_NONE)
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
