#include "cmd/decision.h"

#include "engine/release.h"
#include "model/standing.h"

/* The ledger then says that there may be an agent of that name, made at that time, so that the
 * engine looks before it makes one. */
static void look_first(struct person *p, struct span user_name, int64_t made_ms)
{
    p->create_sent_ms = made_ms;
    p->create_sent_name = user_name;
}

static void judge_now(struct person *p, const struct rules *rules, const struct scope *scope,
                      int64_t now_ms, struct span cause)
{
    int64_t waits_since_ms = p->state == PERSON_DUE ? p->due_since_ms : 0;

    p->due_since_ms = 0; /* so that a wait after failures ends */
    standing_judge(p, rules, scope, false, now_ms, cause);
    if (p->state != PERSON_DUE || span_eq(p->reason_code, SPAN(REASON_GRACE)))
        return;
    p->due_ms = now_ms;
    if (waits_since_ms != 0)
        p->due_since_ms = waits_since_ms;
}

enum err decision_retry(struct person *p, const struct rules *rules, const struct scope *scope,
                        int64_t now_ms, bool *is_changed, struct fail *fail)
{
    *is_changed = false;
    if (p->state != PERSON_DUE && p->state != PERSON_HELD && p->state != PERSON_FAILED)
        return ERR_NONE;
    if (release_gate_of(p) != GATE_NONE)
        return fail_set(fail, ERR_CONFLICT,
                        "held for '%.*s', which a retry does not change; 'roster held' shows it, "
                        "'roster release' lets it happen, 'roster reject' does not",
                        SPAN_ARG(p->reason_code));
    if (p->state == PERSON_DUE && span_eq(p->reason_code, SPAN(REASON_GRACE)))
        return fail_set(fail, ERR_CONFLICT,
                        "left, and [Connect] REMOVAL_GRACE runs, which a retry does not cut short; "
                        "'roster reject' keeps the agent");
    if (p->state == PERSON_HELD && span_eq(p->reason_code, SPAN(REASON_NAME_DIFFERS)) &&
        p->agent_id.n > 0) {
        /* The way out that the reason names is to delete the agent in Amazon Connect. Whether that
         * was done is looked for under its old name; only when it is gone is another one made. */
        look_first(p, p->agent_user_name, p->agent_since_ms > 0 ? p->agent_since_ms : now_ms);
        p->agent_id = p->agent_arn = p->agent_user_name = p->applied = SPAN("");
        p->agent_since_ms = p->applied_ms = 0;
    }
    if (p->state == PERSON_HELD && span_eq(p->reason_code, SPAN(REASON_UNDONE))) {
        p->reason_code = p->restore = SPAN("");
        p->removal = REMOVAL_NONE; /* from now on the rules count again */
    }
    if (person_is_import(p))
        standing_import(p, now_ms, SPAN(DECISION_RETRY_CAUSE));
    else
        judge_now(p, rules, scope, now_ms, SPAN(DECISION_RETRY_CAUSE));
    *is_changed = true;
    return ERR_NONE;
}

enum err decision_adopt(struct person *p, const struct rules *rules, const struct scope *scope,
                        int64_t now_ms, struct arena *a, struct fail *fail)
{
    if (person_is_import(p))
        return fail_set(fail, ERR_CONFLICT,
                        "an import takes over no agent; 'roster reject' gives the row up. When "
                        "Okta claims the user name, adopt the agent for that person");
    if (p->state != PERSON_HELD || !span_eq(p->reason_code, SPAN(REASON_EXISTS)))
        return fail_set(
            fail, ERR_CONFLICT,
            "there is nothing to adopt: only who is held because an agent of their name "
            "exists can adopt it, and the state is %s",
            person_state_name(p->state));
    if (!scope->is_in)
        return fail_set(
            fail, ERR_CONFLICT,
            "there is nothing to adopt: by the rules there is to be no agent; assign the "
            "application or the group in Okta first");
    p->may_adopt = true;
    /* CreateUser would only be refused again, and on a full instance it is paused. */
    look_first(p, rules_user_name(rules, p, a), now_ms);
    judge_now(p, rules, scope, now_ms, SPAN(DECISION_ADOPT_CAUSE));
    return ERR_NONE;
}
