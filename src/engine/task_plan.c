/* From what is known of a person to the next thing to be done. */
#include "engine/task.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    LOOK_MARGIN_MS = 2000,      /* behind the look at a person, which judges them anew */
    NAMES_AGAIN_MS = 60 * 1000, /* the instance's names make them due when they are read */
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

static enum err resolve_parked(struct task *t, enum name_kind kind, struct span ref,
                               struct span *out, struct fail *fail)
{
    const struct names *names = current_names_get(t->converge->options.names);
    const char *closest;
    enum err err = ERR_INPUT;

    switch (names->find(names, kind, ref, out)) {
    case NAME_KNOWN:
        return ERR_NONE;
    case NAME_NOT_READ:
        err = fail_set(fail, ERR_BUSY, "the names of the instance's %ss have not been read yet",
                       name_kind_word(kind));
        (void)snprintf(fail->code, sizeof(fail->code), "%s", REASON_NAMES_UNREAD);
        return err;
    case NAME_AMBIGUOUS:
    case NAME_UNKNOWN:
        break;
    }
    closest = names->closest(names, kind, ref, &t->arena);
    err = fail_set(
        fail, ERR_INPUT,
        "[Connect] PARKED_%s: the instance has no %s '%.*s', or several of that name%s%s%s",
        kind == NAME_SECURITY_PROFILE ? "SECURITY_PROFILE" : "ROUTING_PROFILE",
        name_kind_word(kind), SPAN_ARG(ref), closest[0] != '\0' ? "; did you mean " : "", closest,
        closest[0] != '\0' ? "?" : "");
    (void)snprintf(fail->code, sizeof(fail->code), "%s", REASON_UNKNOWN_NAME);
    return err;
}

static enum err gather_parked(struct task *t, struct plan_ask *ask, struct fail *fail)
{
    const struct rules *rules = t->converge->options.rules;
    struct span *id = arena_new(&t->arena, 1, sizeof(*id));
    enum err err;

    if (rules->parked_security_profile.n == 0)
        return ERR_NONE;
    t->parked = (struct entitlement){.security_profile_ids = id, .n_security_profile_ids = 1};
    err = resolve_parked(t, NAME_SECURITY_PROFILE, rules->parked_security_profile, id, fail);
    if (err == ERR_NONE)
        err = resolve_parked(t, NAME_ROUTING_PROFILE, rules->parked_routing_profile,
                             &t->parked.routing_profile_id, fail);
    if (err == ERR_NONE)
        ask->parked = &t->parked;
    return err;
}

static enum err gather_wanted(struct task *t, struct plan_ask *ask, struct fail *fail)
{
    const struct converge_options *options = &t->converge->options;
    const struct names *names = current_names_get(options->names);
    struct roster *roster = options->roster;
    bool is_claimed;
    enum err err;

    t->rival = (struct person){0};
    t->wanted = (struct entitlement){0};
    t->wanted.user_name = rules_user_name(options->rules, &t->person, &t->arena);
    if (!t->facts.scope.is_in)
        return ERR_NONE;
    ask->wanted = &t->wanted;
    ask->is_suspended = t->facts.scope.is_suspended;
    err = rules_entitlement(options->rules, names, &t->person, t->facts.memberships,
                            t->facts.n_memberships, &t->arena, &t->wanted, fail);
    /* To park an agent it need not be known what it should be otherwise. */
    if (err != ERR_NONE)
        return ask->is_suspended ? ERR_NONE : err;
    if (ask->is_suspended)
        return ERR_NONE;
    err = roster->claims(roster, &t->arena, &t->person, t->wanted.user_name, &t->rival, &is_claimed,
                         fail);
    if (err != ERR_NONE)
        return err;
    if (is_claimed)
        ask->claimed_by = span_of(arena_printf(&t->arena, "%.*s (%.*s)", SPAN_ARG(t->rival.login),
                                               SPAN_ARG(t->rival.id)));
    else
        t->rival = (struct person){0};
    return ERR_NONE;
}

/* What may not be as it was seen is updated in any case; of lists, only what differs can be sent,
 * so they are read first. */
enum { READ_FIRST = 1 << ASPECT_TAGS | 1 << ASPECT_PROFICIENCIES | 1 << ASPECTS };

static enum err gather(struct task *t, struct plan_ask *ask, struct fail *fail)
{
    const struct converge_options *options = &t->converge->options;
    const struct rules *rules = options->rules;
    const struct person *p = &t->person;
    bool needs_parked;
    enum err err;

    *ask = (struct plan_ask){
        .actual = t->actual,
        .managed_by = rules->managed_by,
        .okta_id = p->id,
        .may_adopt = p->may_adopt || rules->adopts_existing,
        .on_remove = rules->on_remove,
        .on_rename = rules->on_rename,
        .removal = p->removal,
        .has_passed_changes = p->passed_changes,
        .waits_for_contact_over = p->contact_since_ms != 0 &&
                                  clock_wall_ms() - p->contact_since_ms >= options->max_wait_ms,
        .is_contact_free = t->is_contact_free,
        .in_doubt = (unsigned)p->in_doubt & ~READ_FIRST,
        .keeps_names = rules->identity == IDENTITY_DIRECTORY,
        .old_agent_id = p->old_agent_id,
    };
    if ((p->in_doubt & READ_FIRST) != 0 || (p->delete_sent_ms != 0 && !t->is_described))
        ask->actual.seen = NULL;
    err = gather_wanted(t, ask, fail);
    if (err != ERR_NONE)
        return err;
    needs_parked = ask->is_suspended || (ask->wanted == NULL && rules->on_remove != REMOVE_KEEP);
    err = gather_parked(t, ask, fail);
    return needs_parked ? err : ERR_NONE;
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
        return OP_SEARCH_USERS;
    case ASK_STEP:
        break;
    }
    return step_operation(t->op);
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
    if (t->facts.scope.is_in == (t->person.left_ms != 0))
        return judge_first(t);
    if (gather(t, &ask, &fail) != ERR_NONE) {
        if (fail.code[0] != '\0')
            return refuse(t, &fail);
        log_error("the store could not be read", LOG_STR("error", fail.text));
        return false;
    }
    t->plan = plan_make(&ask, &t->arena);
    if (t->plan.n == 0)
        return finish(t);
    t->op = choose_step(t);
    writes = t->op != STEP_FIND_USER && t->op != STEP_DESCRIBE_USER;
    if (writes && t->op != STEP_DELETE_QUICK_CONNECTS && is_looked_at_first(t))
        return wait_for_look(t);
    if (t->plan.gate != GATE_NONE)
        return wait_before_gate(t);
    return t->op == STEP_DELETE_QUICK_CONNECTS ? begin_quick(t) : task_wait(t);
}
