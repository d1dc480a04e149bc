/* Before access is taken away: is it the last administrator's? */
#include "engine/task.h"

#include "base/clock.h"

static bool has_admin_profile(const struct task *t, const struct entitlement *e)
{
    const struct converge *c = t->converge;

    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        if (admins_is_profile(c->admins, current_names_get(c->options.names),
                              e->security_profile_ids[i]))
            return true;
    return false;
}

/* What somebody has gained by hand is not in the ledger, so whoever is parked or deleted is looked
 * for; of another change the ledger tells. */
static bool takes_access(const struct task *t)
{
    const struct entitlement *seen = t->actual.seen;

    if (t->op == STEP_DELETE_USER || t->op == STEP_LOOK_FOR_CONTACTS)
        return true;
    if (t->op != STEP_UPDATE_SECURITY_PROFILES || has_admin_profile(t, &t->plan.target))
        return false;
    return t->plan.priority == PRIORITY_REMOVAL || seen == NULL || has_admin_profile(t, seen);
}

enum admins_verdict task_judge_admins(struct task *t)
{
    struct converge *c = t->converge;
    enum admins_verdict verdict;

    if (!c->options.guards_admins || !takes_access(t))
        return ADMINS_SPARE;
    verdict = admins_judge(c->admins, current_names_get(c->options.names), task_agent_id(t),
                           t->op != STEP_LOOK_FOR_CONTACTS, clock_mono_ms());
    if (verdict == ADMINS_ASK_PROFILE)
        t->asks = ASK_ADMIN_PROFILE;
    else if (verdict == ADMINS_ASK_HOLDERS)
        t->asks = ASK_ADMINS;
    return verdict;
}

struct connect_call *task_send_for_admins(struct task *t)
{
    struct connect *connect = t->converge->options.connect;
    const struct admins *admins = t->converge->admins;

    if (t->asks == ASK_ADMIN_PROFILE)
        return connect_list_names(connect, NAME_SECURITY_PROFILE, admins_token(admins),
                                  task_answered, t);
    return connect_search_holders(connect, admins_profile(admins), ADMINS_PAGE, task_answered, t);
}

bool outcome_read_admins(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    struct admins *admins = t->converge->admins;
    bool may_not_read = t->asks == ASK_ADMIN_PROFILE && answer->err == ERR_DENIED;

    admins_failed(admins);
    if (answer->err == ERR_NOT_FOUND) {
        outcome_pause_for_instance(t, o, t->operation);
        return false;
    }
    if (answer->err != ERR_NONE && !may_not_read) {
        outcome_fail(t, answer, o);
        return false;
    }
    if (t->asks == ASK_ADMIN_PROFILE)
        admins_named(admins, answer);
    else
        admins_held(admins, answer, clock_mono_ms());
    t->asks = ASK_STEP;
    return true;
}
