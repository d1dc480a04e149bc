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
        if (take(&p->login, p->facts_ns, subject->login, published))
            p->facts_ns = published;
        if (take(&p->display_name, p->display_name_ns, subject->display_name, published))
            p->display_name_ns = published;
    }
    /* Who leaves an application has a name there no longer. */
    if ((!subject->has_membership || subject->membership.is_member) &&
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
    if (state == PERSON_DUE)
        return;
    p->due_since_ms = 0;
    p->attempts = 0;
    p->needs_gate = false;
    p->passed_changes = false;
    /* What was let pass is spent once it is carried out, and never covers anything later. */
    if (state != PERSON_FAILED && p->removal == REMOVAL_PASSED)
        p->removal = REMOVAL_NONE;
}

/* Due now, or after wait_ms, which a steady stream of events does not put off; a wait after
 * failures is not cut short unless there is news. */
static void make_due(struct person *p, bool is_news, int64_t now_ms, int64_t wait_ms,
                     struct span cause)
{
    bool was_waiting = p->state == PERSON_DUE && p->due_since_ms != 0;
    bool is_sooner = was_waiting && p->attempts == 0 && wait_ms > 0 && p->due_ms < now_ms + wait_ms;

    if (!was_waiting)
        p->attempts = 0;
    if (!was_waiting || p->due_since_ms > now_ms)
        p->due_since_ms = now_ms;
    if (!is_sooner && (!was_waiting || p->attempts == 0 || is_news))
        p->due_ms = now_ms + wait_ms;
    p->needs_gate = false; /* planned anew first */
    p->cause = cause;
    standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), now_ms);
}

/* What an operator has restored, or is having restored, stays until the source says something new.
 */
static bool is_undone(const struct person *p)
{
    return p->restore.n > 0 ||
           (p->state == PERSON_HELD && span_eq(p->reason_code, SPAN(REASON_UNDONE)));
}

static void judge_in(struct person *p, const struct rules *rules, const struct scope *scope,
                     bool is_news, int64_t now_ms, struct span cause)
{
    bool waits = !rules->reads_okta && !scope->is_by_app && p->app_user_name.n == 0 &&
                 rules_name_kind(rules, TEST_APP) && rules_name_kind(rules, TEST_GROUP);
    /* Something may have been decided about parking a suspended agent, or about the old half of a
     * rename. */
    bool may_be_decided = p->left_ms == 0 && (scope->is_suspended || p->old_agent_id.n > 0);
    bool stays = may_be_decided &&
                 (p->removal == REMOVAL_PASSED ||
                  (!is_news && (p->removal == REMOVAL_HELD || p->removal == REMOVAL_REJECTED)));

    if (stays && p->removal == REMOVAL_HELD && p->state == PERSON_HELD)
        return;
    if (!is_news && is_undone(p))
        return;
    p->restore = SPAN("");
    if (!stays) {
        p->removal = REMOVAL_NONE;
        p->contact_since_ms = 0;
    }
    if (is_news)
        p->passed_changes = false;
    p->left_ms = 0;
    p->left_why = SPAN("");
    p->priority = scope->is_suspended  ? PRIORITY_REMOVAL
                  : p->agent_id.n == 0 ? PRIORITY_NEW
                                       : PRIORITY_CHANGE;
    make_due(p, is_news, now_ms, waits ? rules->settle_ms : 0, cause);
}

/* What was not said for sure is remembered as held, also where nothing is taken away: a later
 * ON_REMOVE must not take it for said. */
static void hold_unsure(struct person *p, const struct rules *rules, int64_t now_ms)
{
    p->removal = REMOVAL_HELD;
    p->needs_gate = false;
    if (rules->on_remove == REMOVE_KEEP)
        standing_set(p, PERSON_IN_STEP, SPAN(REASON_LEFT),
                     SPAN("no longer in scope; the agent is kept ([Connect] ON_REMOVE)"), now_ms);
    else
        standing_set(
            p, PERSON_HELD, SPAN(REASON_UNSURE),
            SPAN("no longer in scope, but Okta did not say so: the configuration changed, a "
                 "name in it no longer means anything, or nothing is known of them. Look, then "
                 "say `roster release` or `roster reject`"),
            now_ms);
}

/* False when they had left before. */
static bool begin_leaving(struct person *p, int64_t now_ms, struct span cause)
{
    if (p->left_ms != 0)
        return false;
    p->left_ms = now_ms;
    p->left_why = cause;
    p->removal = REMOVAL_NONE;
    p->contact_since_ms = 0;
    return true;
}

static void wait_for_grace(struct person *p, const struct rules *rules, bool is_news,
                           int64_t now_ms, struct span cause)
{
    int64_t until_ms = p->left_ms + rules->removal_grace_ms;

    p->removal = REMOVAL_WAITS;
    if (rules->on_remove == REMOVE_KEEP || until_ms <= now_ms) {
        make_due(p, is_news, now_ms, 0, cause);
        return;
    }
    if (p->state != PERSON_DUE || !span_eq(p->reason_code, SPAN(REASON_GRACE)))
        make_due(p, true, now_ms, 0, cause);
    p->due_ms = p->due_since_ms = until_ms; /* until then there is nothing to do */
    p->needs_gate = false;
    standing_set(p, PERSON_DUE, SPAN(REASON_GRACE),
                 SPAN("no longer in scope; [Connect] REMOVAL_GRACE runs"), now_ms);
}

static void judge_out(struct person *p, const struct rules *rules, const struct scope *scope,
                      bool is_news, int64_t now_ms, struct span cause)
{
    bool has_agent = p->agent_id.n > 0 || p->old_agent_id.n > 0;
    bool may_have_agent = has_agent || p->create_sent_ms != 0 || p->name_taken_ms != 0;
    bool begins = begin_leaving(p, now_ms, cause);
    bool is_unsure = scope->is_unsure && begins; /* what was said once stays said */

    p->priority = PRIORITY_REMOVAL;
    if (!is_news && is_undone(p))
        return;
    p->restore = SPAN("");
    p->passed_changes = false;
    if (!may_have_agent) {
        standing_set(p, p->state == PERSON_REMOVED ? PERSON_REMOVED : PERSON_OUT_OF_SCOPE, SPAN(""),
                     SPAN(""), now_ms);
        return;
    }
    if (p->removal == REMOVAL_REJECTED && !is_news)
        return;
    if (p->removal == REMOVAL_PASSED) { /* decided, and under way */
        if (p->state != PERSON_DUE)
            make_due(p, is_news, now_ms, 0, cause);
        return;
    }
    if (p->removal == REMOVAL_HELD) {
        if (p->state == PERSON_HELD)
            return;
        is_unsure = scope->is_unsure || !is_news;
    }
    if (is_unsure && (has_agent || rules->on_remove != REMOVE_KEEP))
        hold_unsure(p, rules, now_ms);
    else
        wait_for_grace(p, rules, is_news, now_ms, cause);
}

void standing_judge(struct person *p, const struct rules *rules, const struct scope *scope,
                    bool is_news, int64_t now_ms, struct span cause)
{
    if (person_is_import(p))
        return;
    p->judged_n++;
    if (scope->is_in)
        judge_in(p, rules, scope, is_news, now_ms, cause);
    else
        judge_out(p, rules, scope, is_news, now_ms, cause);
}

void standing_import(struct person *p, int64_t now_ms, struct span cause)
{
    p->judged_n++;
    p->attempts = 0;
    p->priority = PRIORITY_CHANGE; /* whom Okta speaks of comes first */
    p->cause = cause;
    standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), now_ms);
    p->due_ms = p->due_since_ms = now_ms;
}
