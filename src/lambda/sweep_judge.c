#include "lambda/sweep_judge.h"

#include "lambda/gone_tag.h"
#include "model/guard.h"
#include "model/plan_facts.h"
#include "model/seen.h"

static const int64_t NS_PER_MS = 1000000;

const char *sweep_verdict_name(enum sweep_verdict verdict)
{
    static const char *const names[SWEEP_VERDICTS] = {
        [SWEEP_IN_STEP] = "in_step", [SWEEP_TELL] = "differ", [SWEEP_CHANGE] = "change_profiles",
        [SWEEP_LEAVER] = "left",     [SWEEP_TAKE] = "remove", [SWEEP_SOON] = "remove_soon",
        [SWEEP_GRACE] = "grace",     [SWEEP_HELD] = "held"};

    return (unsigned)verdict < SWEEP_VERDICTS ? names[verdict] : "";
}

/* One row, while it is looked at. */
struct look {
    const struct sweep_judge *j;
    const struct sweep_row *row;
    struct arena *a;
    struct person person;
    struct membership *memberships;
    struct scope scope;
    struct entitlement found, seen;
};

static void take_user(struct look *l)
{
    const struct sweep_row *row = l->row;

    l->person = (struct person){.source = SPAN("okta"),
                                .id = row->id,
                                .login = row->login,
                                .display_name = row->display_name,
                                .app_user_name = row->app_user_name,
                                .read_ms = l->j->read_ms,
                                .status = row->status,
                                .profile = row->profile,
                                .agent_id = row->agent_id,
                                .agent_user_name = row->agent_name};
    l->memberships = arena_new(l->a, row->n_containers, sizeof(*l->memberships));
    for (size_t i = 0; i < row->n_containers; i++) {
        const struct sweep_container *c = &l->j->containers[row->containers[i]];

        l->memberships[i] =
            (struct membership){c->kind, c->id, c->name, true, l->j->read_ms * NS_PER_MS};
    }
    l->scope =
        rules_scope(l->j->rules, l->j->names, &l->person, l->memberships, row->n_containers, l->a);
}

static const char *say(struct look *l, struct span text)
{
    return arena_dup(l->a, text);
}

/* A failure: the rules give them nothing that could be. */
static enum err plan_for(struct look *l, enum removal removal, struct plan *out, struct fail *fail)
{
    struct plan_wants *wants = arena_new(l->a, 1, sizeof(*wants));
    struct plan_facts facts = {.rules = l->j->rules,
                               .names = l->j->names,
                               .person = &l->person,
                               .memberships = l->memberships,
                               .n_memberships = l->row->n_containers,
                               .scope = &l->scope,
                               .actual = {.kind = ACTUAL_ABSENT},
                               .now_ms = l->j->now_ms,
                               .max_wait_ms = l->j->max_wait_ms,
                               .is_described = true,
                               .is_contact_free = true};
    struct plan_ask ask;
    enum err err;

    l->person.removal = removal;
    if (l->row->agent_id.n > 0)
        facts.actual =
            (struct actual){.kind = ACTUAL_BOUND,
                            .agent = {.id = l->row->agent_id, .user_name = l->row->agent_name},
                            .seen = &l->seen};
    err = plan_facts_ask(&facts, wants, l->a, &ask, fail);
    if (err != ERR_NONE)
        return err;
    l->seen = seen_merge(&l->found, SEEN_LISTED, NULL,
                         l->scope.is_in && !l->scope.is_suspended ? &wants->wanted : NULL, l->a);
    *out = plan_make(&ask, l->a);
    return ERR_NONE;
}

/* ---- in scope ---- */

static enum sweep_verdict judge_member(struct look *l, const char **out_why)
{
    struct fail fail;
    struct plan plan;

    if (l->row->has_gone_tag) {
        *out_why = "back in scope";
        return SWEEP_TELL;
    }
    if (plan_for(l, REMOVAL_PASSED, &plan, &fail) != ERR_NONE) {
        *out_why = say(l, span_of(fail.text));
        return SWEEP_HELD;
    }
    *out_why = say(l, span_of(plan.reason));
    if (plan.n == 0)
        return plan.state == PERSON_HELD ? SWEEP_HELD : SWEEP_IN_STEP;
    if (l->scope.is_suspended)
        return SWEEP_TAKE;
    if (l->row->agent_id.n == 0 && !l->j->rules->adopts_existing &&
        sweep_people_has_other(l->j->people, plan.target.user_name)) {
        *out_why = "an agent of that user name exists and is not managed by Roster; set [Connect] "
                   "ON_EXISTING = adopt to take it over";
        return SWEEP_HELD;
    }
    return plan.gate == GATE_CHANGES ? SWEEP_CHANGE : SWEEP_TELL;
}

/* ---- out of scope, with an agent ---- */

static enum sweep_verdict judge_left(struct look *l, const char **out_why)
{
    int64_t due_ms = l->row->gone_ms + l->j->rules->removal_grace_ms;
    struct fail fail;
    struct plan plan;

    if (l->row->is_shown && l->scope.is_unsure) {
        *out_why = "it is not certain whether they are in scope";
        return SWEEP_HELD;
    }
    if (!l->row->has_gone_tag || l->row->gone_ms == 0) {
        *out_why = l->row->has_gone_tag ? "out of scope, and the agent's tag " TAG_GONE
                                          " is no time"
                                        : "out of scope";
        return SWEEP_LEAVER;
    }
    if (plan_for(l, REMOVAL_PASSED, &plan, &fail) != ERR_NONE) {
        *out_why = say(l, span_of(fail.text));
        return SWEEP_HELD;
    }
    *out_why = say(l, span_of(plan.reason));
    if (plan.n == 0)
        return plan.state == PERSON_HELD ? SWEEP_HELD : SWEEP_IN_STEP;
    if (due_ms <= l->j->now_ms)
        return SWEEP_TAKE;
    return due_ms <= l->j->now_ms + GUARD_WINDOW_MS ? SWEEP_SOON : SWEEP_GRACE;
}

enum sweep_verdict sweep_judge(const struct sweep_judge *j, const struct sweep_row *row,
                               struct arena *a, const char **out_why)
{
    struct look l = {.j = j, .row = row, .a = a};

    *out_why = "";
    take_user(&l);
    if (row->n_agents == 0)
        return l.scope.is_in && !l.scope.is_suspended ? judge_member(&l, out_why) : SWEEP_IN_STEP;
    if (row->n_agents > 1) {
        *out_why = "several agents bear this Okta id; delete all but one, or take their tags away";
        return SWEEP_HELD;
    }
    if (entitlement_parse(a, row->found, &l.found, NULL) != ERR_NONE) {
        *out_why = "the agent has more than can be kept";
        return SWEEP_HELD;
    }
    return l.scope.is_in ? judge_member(&l, out_why) : judge_left(&l, out_why);
}

/* ---- one who was read by themselves ---- */

bool sweep_case_plan(const struct sweep_case *c, struct arena *a, struct plan *out,
                     const char **out_why)
{
    struct plan_wants *wants = arena_new(a, 1, sizeof(*wants));
    struct entitlement *seen = arena_new(a, 1, sizeof(*seen));
    struct person person = *c->person;
    struct scope scope =
        rules_scope(c->rules, c->names, &person, c->memberships, c->n_memberships, a);
    struct plan_facts facts = {.rules = c->rules,
                               .names = c->names,
                               .person = &person,
                               .memberships = c->memberships,
                               .n_memberships = c->n_memberships,
                               .scope = &scope,
                               .actual = {.kind = ACTUAL_BOUND, .agent = *c->agent, .seen = seen},
                               .now_ms = c->now_ms,
                               .max_wait_ms = c->max_wait_ms,
                               .is_described = true,
                               .is_contact_free = c->is_contact_free};
    struct plan_ask ask;
    struct fail fail;

    if (scope.is_in && !scope.is_suspended) {
        *out_why = "in scope by now";
        return false;
    }
    if (!scope.is_in && scope.is_unsure) {
        *out_why = "it is not certain that they are out of scope";
        return false;
    }
    person.removal = REMOVAL_PASSED;
    person.contact_since_ms = c->is_on_contact ? c->due_ms : 0;
    *seen = seen_merge(c->found, SEEN_DESCRIBED, NULL, NULL, a);
    if (plan_facts_ask(&facts, wants, a, &ask, &fail) != ERR_NONE) {
        *out_why = arena_dup(a, span_of(fail.text));
        return false;
    }
    *out = plan_make(&ask, a);
    *out_why = out->reason;
    return true;
}
