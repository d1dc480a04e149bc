#include "model/standing.h"

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
    if (subject->has_membership && subject->membership.is_member &&
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
    if (state != PERSON_DUE) {
        p->due_since_ms = 0;
        p->attempts = 0;
        p->needs_gate = false;
    }
}

static void make_due(struct person *p, bool is_news, int64_t now_ms, int64_t wait_ms,
                     struct span cause)
{
    bool was_waiting = p->state == PERSON_DUE && p->due_since_ms != 0;

    if (!was_waiting) {
        p->attempts = 0;
        p->due_since_ms = now_ms;
    }
    if (!was_waiting || p->attempts == 0 || is_news)
        p->due_ms = now_ms + wait_ms;
    p->cause = cause;
    standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), now_ms);
}

static void judge_in(struct person *p, const struct rules *rules, const struct scope *scope,
                     bool is_news, int64_t now_ms, struct span cause)
{
    bool waits = !rules->reads_okta && !scope->is_by_app && p->app_user_name.n == 0 &&
                 rules_name_kind(rules, TEST_APP) && rules_name_kind(rules, TEST_GROUP);

    p->left_ms = 0;
    p->left_why = SPAN("");
    p->removal =
        scope->is_suspended && p->removal == REMOVAL_PASSED ? REMOVAL_PASSED : REMOVAL_NONE;
    p->contact_since_ms = 0;
    p->priority = scope->is_suspended  ? PRIORITY_REMOVAL
                  : p->agent_id.n == 0 ? PRIORITY_NEW
                                       : PRIORITY_CHANGE;
    make_due(p, is_news, now_ms, waits ? rules->settle_ms : 0, cause);
}

static void hold_unsure(struct person *p, int64_t now_ms)
{
    p->removal = REMOVAL_HELD;
    standing_set(
        p, PERSON_HELD, SPAN(REASON_UNSURE),
        SPAN("no longer in scope, but Okta did not say so: the configuration changed, or a "
             "name in it no longer means anything. Look, then say `roster release` or "
             "`roster reject`"),
        now_ms);
}

static void judge_out(struct person *p, const struct rules *rules, const struct scope *scope,
                      bool is_news, int64_t now_ms, struct span cause)
{
    bool has_agent = p->agent_id.n > 0 || p->create_sent_ms != 0 || p->name_taken_ms != 0 ||
                     p->old_agent_id.n > 0;

    if (p->left_ms == 0) {
        p->left_ms = now_ms;
        p->left_why = cause;
    }
    p->priority = PRIORITY_REMOVAL;
    if (!has_agent) {
        standing_set(p, p->state == PERSON_REMOVED ? PERSON_REMOVED : PERSON_OUT_OF_SCOPE, SPAN(""),
                     SPAN(""), now_ms);
        return;
    }
    if (p->removal == REMOVAL_REJECTED && !is_news)
        return;
    if (p->removal == REMOVAL_HELD && (p->state == PERSON_HELD || !is_news))
        return;
    if (p->removal == REMOVAL_PASSED)
        return; /* decided, and under way */
    if (scope->is_unsure && rules->on_remove != REMOVE_KEEP) {
        hold_unsure(p, now_ms);
        return;
    }
    p->removal = REMOVAL_WAITS;
    p->needs_gate = false;
    make_due(p, is_news, now_ms, 0, cause);
    if (rules->on_remove != REMOVE_KEEP && p->left_ms + rules->removal_grace_ms > now_ms) {
        p->due_ms = p->left_ms + rules->removal_grace_ms;
        p->reason_code = SPAN(REASON_GRACE);
        p->reason = SPAN("no longer in scope; [Connect] REMOVAL_GRACE runs");
    }
}

void standing_judge(struct person *p, const struct rules *rules, const struct scope *scope,
                    bool is_news, int64_t now_ms, struct span cause)
{
    if (scope->is_in)
        judge_in(p, rules, scope, is_news, now_ms, cause);
    else
        judge_out(p, rules, scope, is_news, now_ms, cause);
}
