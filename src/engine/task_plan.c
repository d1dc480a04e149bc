/* From what is known of a person to the next thing to be done. */
#include "engine/task.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    LOOK_MARGIN_MS = 2000,      /* behind the look at a person, which judges them anew */
    NAMES_AGAIN_MS = 60 * 1000, /* the instance's names make them due when they are read */
    PAUSED_AGAIN_MS = 30 * 1000,
    ROOM_AGAIN_MS = 3 * 1000,
};

/* ---- ends without a request ---- */

static bool set_state(struct task *t, enum person_state state, const char *code, const char *reason)
{
    struct outcome *o = task_change(t, task_ended);

    o->next = NEXT_SET;
    o->state = state;
    o->reason_code = arena_span(&t->change.arena, span_of(code));
    o->reason = arena_span(&t->change.arena, span_of(reason));
    t->change.rival_id = arena_span(&t->change.arena, t->rival.id);
    task_change_send(t);
    return true;
}

static bool put_off(struct task *t, int64_t wait_ms, const char *code, const char *reason)
{
    struct outcome *o = task_change(t, task_ended);

    outcome_again(o, wait_ms, false);
    o->reason_code = arena_span(&t->change.arena, span_of(code));
    o->reason = arena_span(&t->change.arena, span_of(reason));
    task_change_send(t);
    return true;
}

static bool refuse(struct task *t, const struct fail *fail)
{
    const struct converge_options *options = &t->converge->options;

    if (fail->err != ERR_BUSY) {
        if (strcmp(fail->code, REASON_UNKNOWN_NAME) == 0)
            options->lacks_name(options->arg);
        return set_state(t, PERSON_FAILED, fail->code, fail->text);
    }
    options->lacks_name(options->arg);
    return put_off(t, NAMES_AGAIN_MS, fail->code, fail->text);
}

/* The agent that was found is theirs: from now on it is the bound one. */
static bool bind_found(struct task *t)
{
    struct outcome *o = task_change(t, task_goes_on);

    o->binds = o->binds_found = true;
    o->agent_id = arena_span(&t->change.arena, t->actual.agent.id);
    o->agent_arn = arena_span(&t->change.arena, t->actual.agent.arn);
    o->agent_user_name = arena_span(&t->change.arena, t->actual.agent.user_name);
    t->actual = (struct actual){.kind = ACTUAL_ABSENT};
    task_change_send(t);
    return true;
}

static bool finish(struct task *t)
{
    struct outcome *o;

    if (t->plan.binds)
        return bind_found(t);
    o = task_change(t, task_ended);
    o->clears_sent = o->clears_taken = t->actual.kind == ACTUAL_FOUND;
    o->next = NEXT_SET;
    o->state = t->plan.state;
    o->reason_code = span_of(t->plan.reason_code);
    o->reason = arena_span(&t->change.arena, span_of(t->plan.reason));
    if (o->state == PERSON_HELD)
        t->change.rival_id = arena_span(&t->change.arena, t->rival.id);
    task_change_send(t);
    return true;
}

static bool wait_before_gate(struct task *t)
{
    struct outcome *o = task_change(t, task_ended);

    o->next = NEXT_GATE;
    o->gate = t->plan.gate;
    o->priority = t->plan.priority;
    task_change_send(t);
    return true;
}

/* ---- what the plan is asked ---- */

/* Does somebody else claim the user name that they are to have? */
static enum err gather_claim(struct task *t, struct plan_ask *ask, struct fail *fail)
{
    struct roster *roster = t->converge->options.roster;
    bool is_claimed;
    enum err err;

    t->rival = (struct person){0};
    if (ask->wanted == NULL || ask->is_suspended || ask->is_import)
        return ERR_NONE;
    err = roster->claims(roster, &t->arena, &t->person, ask->wanted->user_name, &t->rival,
                         &is_claimed, fail);
    if (err != ERR_NONE)
        return err;
    if (is_claimed)
        ask->claimed_by = span_of(arena_printf(&t->arena, "%.*s (%.*s)", SPAN_ARG(t->rival.login),
                                               SPAN_ARG(t->rival.id)));
    else
        t->rival = (struct person){0};
    return ERR_NONE;
}

/* ---- names that attributes give ---- */

struct noting_names {
    struct names names; /* first */
    const struct names *of;
    const struct converge_options *options;
};

static enum name_answer find_noting(const struct names *names, enum name_kind kind, struct span ref,
                                    struct span *id)
{
    const struct noting_names *noting = (const struct noting_names *)names;
    enum name_answer answer = noting->of->find(noting->of, kind, ref, id);
    struct span itself;

    if (answer == NAME_KNOWN && kind != NAME_OKTA_APP && kind != NAME_OKTA_GROUP &&
        !name_is_id(kind, ref, &itself))
        noting->options->resolved(noting->options->arg, kind, ref, *id);
    return answer;
}

static struct span name_of_noting(const struct names *names, enum name_kind kind, struct span id)
{
    const struct noting_names *noting = (const struct noting_names *)names;

    return noting->of->name_of(noting->of, kind, id);
}

static const char *closest_noting(const struct names *names, enum name_kind kind, struct span ref,
                                  struct arena *a)
{
    const struct noting_names *noting = (const struct noting_names *)names;

    return noting->of->closest(noting->of, kind, ref, a);
}

/* ---- together ---- */

static enum err gather(struct task *t, struct plan_ask *ask, struct fail *fail)
{
    const struct converge_options *options = &t->converge->options;
    struct noting_names noting = {
        {find_noting, name_of_noting, closest_noting}, current_names_get(options->names), options};
    struct plan_facts facts = {.rules = options->rules,
                               .names = t->converge->has_templates ? &noting.names : noting.of,
                               .person = &t->person,
                               .memberships = t->facts.memberships,
                               .n_memberships = t->facts.n_memberships,
                               .scope = &t->facts.scope,
                               .actual = t->actual,
                               .now_ms = clock_wall_ms(),
                               .max_wait_ms = options->max_wait_ms,
                               .is_described = t->is_described,
                               .is_contact_free = t->is_contact_free};
    enum err err = plan_facts_ask(&facts, &t->wants, &t->arena, ask, fail);

    return err == ERR_NONE ? gather_claim(t, ask, fail) : err;
}

/* ---- what is next ---- */

/* Is the person to be read in Okta first? Nobody is taken away while a look at them is
 * outstanding; otherwise it is enough that one was tried. */
static bool is_looked_at_first(const struct task *t)
{
    const struct roster_facts *facts = &t->facts;

    if (!facts->is_looked_at)
        return false;
    return t->plan.priority == PRIORITY_REMOVAL || facts->look.tries == 0 ||
           (t->person.read_ms == 0 && rules_use_profile(t->converge->options.rules));
}

static bool wait_for_look(struct task *t)
{
    int64_t wait_ms = t->facts.look.due_ms - clock_wall_ms();

    return put_off(t, (wait_ms > 0 ? wait_ms : 0) + LOOK_MARGIN_MS, "waiting",
                   "they are to be read in Okta first");
}

/* Their scope is another one than when they were judged, without anybody having said something of
 * them: they are judged by that first. */
static bool judge_first(struct task *t)
{
    struct outcome *o = task_change(t, task_ended);

    o->next = NEXT_JUDGE;
    task_change_send(t);
    return true;
}

/* Updates stand for themselves: one whose operation is paused does not keep the others waiting. */
static enum step_op choose_step(const struct task *t)
{
    const struct plan *plan = &t->plan;

    for (size_t i = 0; i < plan->n && plan->gate == GATE_NONE; i++) {
        enum step_op op = plan->steps[i];

        if (op < STEP_UPDATE_IDENTITY || op > STEP_DISASSOCIATE_PROFICIENCIES)
            break;
        if (!pace_is_closed(t->converge->options.pace, step_operation(op)))
            return op;
    }
    return plan->steps[0];
}

static bool begin_quick(struct task *t)
{
    struct outcome *o = task_change(t, task_ended);

    if (outcome_quick_next(t, o)) {
        if (t->asks == ASK_QUICK) { /* nothing to be written yet */
            arena_done(&t->change.arena);
            return task_wait(t);
        }
        t->change.done = task_goes_on;
    }
    task_change_send(t);
    return true;
}

/* What this task has read would be read again by the next one, which would begin at once. */
static bool wait_for_operation(struct task *t)
{
    bool has_read =
        t->is_sought || t->is_contact_free || (t->is_described && t->person.delete_sent_ms != 0);

    if (!has_read || t->converge->is_stopping)
        return false;
    if (!pace_is_paused(t->converge->options.pace, t->operation))
        return put_off(t, ROOM_AGAIN_MS, "", "");
    return put_off(t, PAUSED_AGAIN_MS, "waiting",
                   arena_printf(&t->arena, "%s is paused", t->operation));
}

const char *task_operation(const struct task *t)
{
    switch (t->asks) {
    case ASK_PROFICIENCIES:
        return OP_LIST_PROFICIENCIES;
    case ASK_QUICK:
        return t->quick == QUICK_LIST       ? OP_LIST_QUICK_CONNECTS
               : t->quick == QUICK_DESCRIBE ? OP_DESCRIBE_QUICK_CONNECT
                                            : OP_DELETE_QUICK_CONNECT;
    case ASK_AGENT:
        return OP_DESCRIBE_USER;
    case ASK_INSTANCE:
        return OP_DESCRIBE_INSTANCE;
    case ASK_SEARCH:
    case ASK_ADMINS:
        return OP_SEARCH_USERS;
    case ASK_ADMIN_PROFILE:
        return OP_LIST_SECURITY_PROFILES;
    case ASK_STEP:
        break;
    }
    return step_operation(t->op);
}

/* What was restored stays so until somebody says something else: Okta of this person, or an
 * operator. */
static void end_restored(struct task *t)
{
    if (t->person.restore.n == 0 || t->plan.state != PERSON_IN_STEP || person_is_import(&t->person))
        return;
    t->plan.state = PERSON_HELD;
    t->plan.reason_code = REASON_UNDONE;
    t->plan.reason = arena_dup(
        &t->arena, SPAN("an operator had the agent be as it was before; `roster retry` has the "
                        "rules count again"));
}

bool task_plan(struct task *t)
{
    struct roster *roster = t->converge->options.roster;
    struct plan_ask ask;
    struct fail fail = {0};
    bool writes;

    t->asks = ASK_STEP;
    if (roster->facts(roster, &t->arena, &t->person, &t->facts, &fail) != ERR_NONE) {
        log_error("the store could not be read", LOG_STR("error", fail.text));
        return false;
    }
    if (t->person.restore.n > 0)
        t->facts.scope = (struct scope){.is_in = true, .because = t->person.cause};
    else if (t->facts.scope.is_in == (t->person.left_ms != 0))
        return judge_first(t);
    if (gather(t, &ask, &fail) != ERR_NONE) {
        if (fail.code[0] != '\0')
            return refuse(t, &fail);
        log_error("the store could not be read", LOG_STR("error", fail.text));
        return false;
    }
    t->plan = plan_make(&ask, &t->arena);
    end_restored(t);
    if (t->plan.n == 0)
        return finish(t);
    t->op = choose_step(t);
    writes = t->op != STEP_FIND_USER && t->op != STEP_DESCRIBE_USER;
    if (writes && t->op != STEP_DELETE_QUICK_CONNECTS && is_looked_at_first(t))
        return wait_for_look(t);
    if (t->plan.gate != GATE_NONE)
        return wait_before_gate(t);
    switch (task_judge_admins(t)) {
    case ADMINS_WAIT:
        return false;
    case ADMINS_LAST:
        return set_state(t, PERSON_HELD, REASON_LAST_ADMIN,
                         "nobody else has the security profile Admin, so this agent keeps it; give "
                         "it to somebody else, then say `roster retry`");
    case ADMINS_ASK_PROFILE:
    case ADMINS_ASK_HOLDERS:
        return task_wait(t) || wait_for_operation(t);
    case ADMINS_SPARE:
        break;
    }
    if (t->op == STEP_DELETE_QUICK_CONNECTS)
        return begin_quick(t);
    return task_wait(t) || wait_for_operation(t);
}
