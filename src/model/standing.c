#include "model/standing.h"

#include "model/plan.h"

/* Takes what was said at `published` over what is held since held_ns: the newer counts, at one
 * instant the greater text, so that the order of arrival decides nothing. Silence says nothing. */
static bool take(struct span *held, int64_t held_ns, struct span said, int64_t published)
{
    if (said.n == 0 || (held->n > 0 && (published < held_ns ||
                                        (published == held_ns && span_cmp(said, *held) <= 0))))
        return false;
    *held = said;
    return true;
}

void standing_take_facts(struct person *p, const struct event_subject *subject)
{
    int64_t published = subject->membership.published_ns;

    /* An alternateId of a user who is being deleted reads "<id>@deleted.invalid": that is no
     * rename. */
    if (!span_ends(subject->login, SPAN("@deleted.invalid"))) {
        (void)take(&p->login, p->facts_ns, subject->login, published);
        (void)take(&p->display_name, p->facts_ns, subject->display_name, published);
        if (published > p->facts_ns)
            p->facts_ns = published;
    }
    if (subject->membership.is_member &&
        take(&p->app_user_name, p->app_user_name_ns, subject->app_user_name, published))
        p->app_user_name_ns = published;
}

void standing_set(struct person *p, enum person_state state, struct span reason_code,
                  struct span reason, int64_t now_ms)
{
    if (p->since_ms == 0 || p->state != state || !span_eq(p->reason_code, reason_code))
        p->since_ms = now_ms;
    p->state = state;
    p->reason_code = reason_code;
    p->reason = reason;
}

static void make_due(struct person *p, int64_t now_ms, int64_t wait_ms, struct span cause)
{
    bool was_waiting = p->state == PERSON_DUE && p->due_since_ms != 0;

    if (!was_waiting) {
        p->attempts = 0;
        p->due_since_ms = now_ms;
    }
    if (!was_waiting || p->attempts == 0)
        p->due_ms = now_ms + wait_ms;
    p->cause = cause;
    standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), now_ms);
}

void standing_judge(struct person *p, const struct rules *rules, const struct scope *scope,
                    int64_t now_ms, struct span cause, struct arena *a)
{
    struct entitlement name_only = {.user_name = person_user_name(p)};
    struct plan plan = plan_make(
        &(struct plan_ask){.wanted = scope->is_in ? &name_only : NULL, .actual = plan_actual(p)},
        a);
    bool waits = rules->app_name.n > 0 && rules->group_name.n > 0 && !scope->is_by_app &&
                 p->app_user_name.n == 0;

    if (plan.n > 0) {
        make_due(p, now_ms, waits && scope->is_in ? rules->settle_ms : 0, cause);
        return;
    }
    p->due_since_ms = 0;
    p->attempts = 0;
    standing_set(p, plan.state, span_of(plan.reason_code), span_of(plan.reason), now_ms);
}
