/* The life of a task: each request is on disk before it is sent, its answer before anything follows
 * from it. */
#include "engine/task.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static void task_end(struct task *t)
{
    struct converge *c = t->converge;

    if (t->asks == ASK_QUICK) /* others may ask it */
        quick_connects_failed(c->quick_connects, t->quick, t->quick_id);
    arena_done(&t->arena);
    *t = (struct task){.converge = c};
    c->n_tasks--;
    converge_task_ended(c);
}

void task_drop(struct task *t)
{
    if (t->waiter.is_waiting)
        pace_give_up(t->converge->options.pace, t->operation, &t->waiter);
    task_end(t);
}

/* ---- changes ---- */

struct outcome *task_change(struct task *t,
                            void (*done)(struct roster_change *, enum err, const struct fail *))
{
    struct outcome *o;

    t->change = (struct roster_change){.apply = outcome_apply, .done = done, .owner = t};
    t->change.source = arena_span(&t->change.arena, t->person.source);
    t->change.user_id = arena_span(&t->change.arena, t->person.id);
    o = arena_new(&t->change.arena, 1, sizeof(*o));
    o->rules = t->converge->options.rules;
    o->now_ms = clock_wall_ms();
    o->judged_n = t->person.judged_n;
    o->next = NEXT_KEEP;
    t->change.applied = o;
    return o;
}

void task_change_send(struct task *t)
{
    t->is_changing = true;
    t->converge->options.roster->change(t->converge->options.roster, &t->change);
}

static void copy_text(char *out, size_t size, struct span text)
{
    size_t n = text.n < size ? text.n : size - 1;

    memcpy(out, text.n > 0 ? text.p : "", n);
    out[n] = '\0';
}

static void tell_after(struct task *t, const struct person *p)
{
    bool is_alarm = p->state == PERSON_PARKED && span_eq(p->reason_code, SPAN(REASON_ON_CONTACT));
    char code[FAIL_CODE], reason[FAIL_TEXT];
    struct converge_news news = {.person = p, .code = code, .text = reason};

    if (p->state != PERSON_HELD && p->state != PERSON_FAILED)
        log_info("person converged", LOG_SPAN("okta_id", p->id), LOG_SPAN("user", person_label(p)),
                 LOG_STR("state", person_state_name(p->state)), LOG_SPAN("agent_id", p->agent_id),
                 LOG_SPAN("cause", p->cause));
    if (p->state != PERSON_HELD && p->state != PERSON_FAILED && !is_alarm)
        return;
    copy_text(reason, sizeof(reason), p->reason);
    copy_text(code, sizeof(code), p->reason_code);
    news.kind = is_alarm ? NEWS_PARKED : p->state == PERSON_HELD ? NEWS_HELD : NEWS_FAILED;
    converge_tell(t->converge, &news);
}

/* The store could not take it: the task ends, the ledger on disk is what counts, and the person is
 * looked at again. */
static bool is_lost(struct task *t, enum err err, const struct fail *fail)
{
    t->is_changing = false;
    if (err == ERR_NONE)
        return false;
    log_error("the store did not take a change; the person is looked at again",
              LOG_SPAN("okta_id", t->person.id), LOG_STR("error", fail->text));
    t->converge->quiet_until_ms = clock_mono_ms() + QUIET_MS;
    arena_done(&t->change.arena);
    task_end(t);
    return true;
}

void task_ended(struct roster_change *change, enum err err, const struct fail *fail)
{
    struct task *t = change->owner;
    const struct outcome *o = change->applied;
    const struct converge_options *options = &t->converge->options;

    if (is_lost(t, err, fail))
        return;
    if (change->after.state != PERSON_DUE && !o->has_moved)
        tell_after(t, &change->after);
    if (o->next == NEXT_GATE && change->after.needs_gate)
        options->came_to_gate(options->arg, o->gate);
    arena_done(&change->arena);
    task_end(t);
}

/* Whoever was sought under their name, and not found, may be made. */
static struct actual actual_of(struct task *t)
{
    struct actual actual = plan_actual(&t->person, &t->arena);

    if (t->is_sought && actual.kind == ACTUAL_UNKNOWN)
        actual.kind = ACTUAL_ABSENT;
    if (t->is_sought)
        actual.is_making = false;
    return actual;
}

void task_goes_on(struct roster_change *change, enum err err, const struct fail *fail)
{
    struct task *t = change->owner;
    bool has_moved = ((const struct outcome *)change->applied)->has_moved;

    if (is_lost(t, err, fail))
        return;
    t->person = person_copy(&t->arena, &change->after);
    arena_done(&change->arena);
    if (has_moved) { /* they may be held by now, or due much later */
        task_end(t);
        return;
    }
    if (t->asks == ASK_STEP && t->actual.kind != ACTUAL_FOUND)
        t->actual = actual_of(t);
    if (t->asks != ASK_STEP ? !task_wait(t) : !task_plan(t))
        task_end(t);
}

/* ---- one request ---- */

static void take_found(struct task *t)
{
    struct agent *agent = &t->actual.agent; /* borrowed from the answer: keep a copy */
    struct tag *tags = arena_new(&t->arena, agent->n_tags, sizeof(*tags));
    struct span *ids = arena_new(&t->arena, agent->n_security_profile_ids, sizeof(*ids));

    for (size_t i = 0; i < agent->n_security_profile_ids; i++)
        ids[i] = arena_span(&t->arena, agent->security_profile_ids[i]);
    agent->id = arena_span(&t->arena, agent->id);
    agent->arn = arena_span(&t->arena, agent->arn);
    agent->user_name = arena_span(&t->arena, agent->user_name);
    agent->first_name = arena_span(&t->arena, agent->first_name);
    agent->last_name = arena_span(&t->arena, agent->last_name);
    agent->routing_profile_id = arena_span(&t->arena, agent->routing_profile_id);
    agent->security_profile_ids = ids;
    for (size_t i = 0; i < agent->n_tags; i++)
        tags[i] = (struct tag){arena_span(&t->arena, agent->tags[i].key),
                               arena_span(&t->arena, agent->tags[i].value)};
    agent->tags = tags;
}

/* Of lists the ledger has noted before the call what they would have then. */
static void tell_audit(struct task *t, const struct entitlement *had, const struct outcome *o)
{
    bool is_list = t->op == STEP_TAG_USER || t->op == STEP_ASSOCIATE_PROFICIENCIES;

    if (had == NULL || !is_list || !o->sets_applied || o->applied.n == 0)
        return;
    t->change.step.before = task_entitlement_text(&t->change.arena, had);
    t->change.step.after = o->applied;
}

void task_answered(void *arg, const struct connect_answer *answer)
{
    struct task *t = arg;
    const struct entitlement *had =
        t->asks == ASK_STEP && t->actual.kind == ACTUAL_BOUND && answer->err == ERR_NONE
            ? t->actual.seen
            : NULL;
    struct outcome *o;
    bool goes_on;

    t->call = NULL;
    o = task_change(t, task_ended);
    t->change.step_id = t->step_id;
    t->change.step = (struct step_record){
        .answered_ms = o->now_ms,
        .status = answer->status,
        .outcome = answer->err == ERR_NONE      ? SPAN("done")
                   : answer->err == ERR_BUSY    ? SPAN("throttled")
                   : answer->err == ERR_UNCLEAR ? SPAN("unclear")
                                                : SPAN("failed"),
        .request_id = arena_span(&t->change.arena, span_of(answer->request_id)),
    };
    if (answer->err != ERR_NONE) {
        t->change.step.code = arena_span(&t->change.arena, span_of(answer->fail->code));
        t->change.step.text = arena_span(&t->change.arena, span_of(answer->fail->text));
        log_info("Amazon Connect refused or failed", LOG_STR("operation", t->operation),
                 LOG_SPAN("okta_id", t->person.id), LOG_STR("reaction", err_name(answer->err)),
                 LOG_STR("code", answer->fail->code), LOG_INT("status", answer->status),
                 LOG_STR("request_id", answer->request_id), LOG_STR("error", answer->fail->text));
    }
    goes_on = outcome_read(t, answer, o);
    tell_audit(t, had, o);
    if (goes_on && t->actual.kind == ACTUAL_FOUND && t->op == STEP_FIND_USER)
        take_found(t);
    if (goes_on)
        t->change.done = task_goes_on;
    task_change_send(t);
}

static void recorded(struct roster_change *change, enum err err, const struct fail *fail)
{
    struct task *t = change->owner;
    const struct outcome *o = change->applied;
    bool has_moved = o->has_moved;

    if (is_lost(t, err, fail))
        return;
    t->step_id = change->step_id;
    /* A request that only reads takes nothing over: should they have been judged anew meanwhile,
     * the plan is not for them any more, and what its answer leads to must see that. */
    if (!has_moved && o->sends)
        t->person = person_copy(&t->arena, &change->after);
    arena_done(&change->arena);
    if (has_moved)
        task_end(t);
    else
        task_send(t);
}

static void granted(void *arg)
{
    struct task *t = arg;
    struct outcome *o = task_change(t, recorded);

    converge_kick(t->converge); /* there is room for one more who waits for it */
    t->is_probe = pace_is_paused(t->converge->options.pace, t->operation);
    o->sends = task_writes(t);
    o->sends_create = t->asks == ASK_STEP && t->op == STEP_CREATE_USER;
    o->sends_removal = o->sends && t->plan.priority == PRIORITY_REMOVAL;
    t->may_be_deleted = t->person.delete_sent_ms != 0;
    t->was_in_doubt = t->person.in_doubt;
    t->had_sent_ms = t->person.create_sent_ms;
    o->sends_aspects = o->sends && t->actual.kind == ACTUAL_BOUND ? task_aspects(t) : 0;
    o->sends_delete = t->asks == ASK_STEP && t->op == STEP_DELETE_USER;
    o->is_on_old = t->plan.is_on_old;
    o->carries = task_carries(t, &t->change.arena);
    o->create_name = arena_span(&t->change.arena, t->wants.wanted.user_name);
    if (!o->sends)
        t->change.apply = NULL;
    t->change.adds_step = true;
    t->change.step = (struct step_record){.sent_ms = o->now_ms,
                                          .source = t->change.source,
                                          .user_id = t->change.user_id,
                                          .instance = t->converge->options.instance_id,
                                          .operation = span_of(t->operation),
                                          .cause = arena_span(&t->change.arena, t->person.cause),
                                          .outcome = SPAN("sent")};
    task_change_send(t);
}

bool task_wait(struct task *t)
{
    struct pace *pace = t->converge->options.pace;

    t->operation = task_operation(t);
    if (t->converge->is_stopping || pace_is_closed(pace, t->operation) ||
        (t->asks == ASK_STEP && !converge_has_room(t->converge, t->operation, t->plan.priority)))
        return false;
    t->waiter.priority = t->plan.priority;
    pace_wait(pace, t->operation, &t->waiter);
    return true;
}

bool task_start(struct task *t, const struct person *p)
{
    t->is_used = true;
    t->converge->n_tasks++;
    arena_init(&t->arena);
    t->person = person_copy(&t->arena, p);
    t->waiter = (struct pace_waiter){.grant = granted, .arg = t};
    t->actual = plan_actual(&t->person, &t->arena);
    if (task_plan(t))
        return true;
    if (t->asks == ASK_QUICK)
        quick_connects_failed(t->converge->quick_connects, t->quick, t->quick_id);
    arena_done(&t->arena);
    *t = (struct task){.converge = t->converge};
    t->converge->n_tasks--;
    return false;
}
