#include "engine/task.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static void task_plan(struct task *t);
static void granted(void *arg);

static const char *operation_of(enum step_op op)
{
    switch (op) {
    case STEP_CREATE_USER:
        return OP_CREATE_USER;
    case STEP_FIND_USER:
        return OP_SEARCH_USERS;
    case STEP_TAG_USER:
        return OP_TAG_RESOURCE;
    }
    return "";
}

static void task_end(struct task *t)
{
    struct converge *c = t->converge;

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

static struct outcome *change_begin(struct task *t, void (*done)(struct roster_change *, enum err,
                                                                 const struct fail *))
{
    struct outcome *o;

    t->change = (struct roster_change){.apply = outcome_apply, .done = done, .owner = t};
    t->change.source = arena_span(&t->change.arena, t->person.source);
    t->change.user_id = arena_span(&t->change.arena, t->person.id);
    o = arena_new(&t->change.arena, 1, sizeof(*o));
    o->rules = t->converge->options.rules;
    o->now_ms = clock_wall_ms();
    o->facts_ns = t->person.facts_ns;
    o->app_user_name_ns = t->person.app_user_name_ns;
    o->user_name = arena_span(&t->change.arena, person_user_name(&t->person));
    o->next = NEXT_KEEP;
    t->change.applied = o;
    return o;
}

static void change_send(struct task *t)
{
    t->is_changing = true;
    t->converge->options.roster->change(t->converge->options.roster, &t->change);
}

static void tell_after(struct task *t, const struct person *p)
{
    char code[64], reason[FAIL_TEXT];
    struct fail text;

    if (p->state != PERSON_HELD && p->state != PERSON_FAILED) {
        log_info("person converged", LOG_SPAN("okta_id", p->id),
                 LOG_SPAN("user", person_user_name(p)),
                 LOG_STR("state", person_state_name(p->state)), LOG_SPAN("agent_id", p->agent_id),
                 LOG_SPAN("cause", p->cause));
        return;
    }
    (void)fail_set(&text, ERR_INPUT, "%.*s", SPAN_ARG(p->reason));
    memcpy(reason, text.text, sizeof(reason));
    (void)fail_set(&text, ERR_INPUT, "%.*s", SPAN_ARG(p->reason_code));
    memcpy(code, text.text, sizeof(code) - 1);
    code[sizeof(code) - 1] = '\0';
    converge_tell(t->converge,
                  &(struct converge_news){.kind = p->state == PERSON_HELD ? NEWS_HELD : NEWS_FAILED,
                                          .person = p,
                                          .code = code,
                                          .text = reason});
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

static void ended(struct roster_change *change, enum err err, const struct fail *fail)
{
    struct task *t = change->owner;

    if (is_lost(t, err, fail))
        return;
    if (change->after.state != PERSON_DUE)
        tell_after(t, &change->after);
    arena_done(&change->arena);
    task_end(t);
}

/* The answer is on disk and more is to be done: go on from the fresh person. */
static void replan(struct roster_change *change, enum err err, const struct fail *fail)
{
    struct task *t = change->owner;
    struct actual found = t->actual;

    if (is_lost(t, err, fail))
        return;
    t->person = person_copy(&t->arena, &change->after);
    arena_done(&change->arena);
    if (t->look != LOOK_NONE) {
        if (t->converge->is_stopping) {
            task_end(t);
            return;
        }
        t->operation = t->look == LOOK_DESCRIBE ? OP_DESCRIBE_INSTANCE : OP_SEARCH_USERS;
        pace_wait(t->converge->options.pace, t->operation, &t->waiter);
        return;
    }
    t->actual = found.kind == ACTUAL_FOUND ? found : plan_actual(&t->person);
    task_plan(t);
}

static void answered(void *arg, const struct connect_answer *answer)
{
    struct task *t = arg;
    struct outcome *o;
    bool goes_on;

    t->call = NULL;
    o = change_begin(t, ended);
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
    if (t->actual.kind == ACTUAL_FOUND && t->plan.steps[0] == STEP_FIND_USER && goes_on) {
        struct agent *agent = &t->actual.agent; /* borrowed from the answer: keep a copy */
        struct tag *tags = arena_new(&t->arena, agent->n_tags, sizeof(*tags));

        agent->id = arena_span(&t->arena, agent->id);
        agent->arn = arena_span(&t->arena, agent->arn);
        agent->user_name = arena_span(&t->arena, agent->user_name);
        for (size_t i = 0; i < agent->n_tags; i++)
            tags[i] = (struct tag){arena_span(&t->arena, agent->tags[i].key),
                                   arena_span(&t->arena, agent->tags[i].value)};
        agent->tags = tags;
    }
    if (goes_on)
        t->change.done = replan;
    change_send(t);
}

static void send_request(struct task *t)
{
    struct connect *connect = t->converge->options.connect;

    if (t->look != LOOK_NONE) {
        t->call = t->look == LOOK_DESCRIBE
                      ? connect_describe_instance(connect, answered, t)
                      : connect_find_user(connect, t->wanted.user_name, answered, t);
        return;
    }
    switch (t->plan.steps[0]) {
    case STEP_CREATE_USER:
        t->call = connect_create_user(connect, &t->wanted, answered, t);
        break;
    case STEP_FIND_USER:
        t->call = connect_find_user(connect,
                                    t->person.create_sent_name.n > 0 ? t->person.create_sent_name
                                                                     : t->wanted.user_name,
                                    answered, t);
        break;
    case STEP_TAG_USER:
        t->call = connect_tag_user(connect, t->actual.agent.arn, t->wanted.tags, t->wanted.n_tags,
                                   answered, t);
        break;
    }
}

static void recorded(struct roster_change *change, enum err err, const struct fail *fail)
{
    struct task *t = change->owner;
    const struct outcome *o = change->applied;
    bool has_moved = o->has_moved;

    if (is_lost(t, err, fail))
        return;
    t->step_id = change->step_id;
    if (!has_moved)
        t->person = person_copy(&t->arena, &change->after);
    arena_done(&change->arena);
    if (has_moved)
        task_end(t);
    else
        send_request(t);
}

static void granted(void *arg)
{
    struct task *t = arg;
    struct outcome *o = change_begin(t, recorded);

    if (t->look == LOOK_NONE)
        t->is_probe = pace_is_paused(t->converge->options.pace, t->operation);
    o->sends_create = t->look == LOOK_NONE && t->plan.steps[0] == STEP_CREATE_USER;
    o->create_name = arena_span(&t->change.arena, t->wanted.user_name);
    if (!o->sends_create)
        t->change.apply = NULL;
    t->change.adds_step = true;
    t->change.step = (struct step_record){.sent_ms = o->now_ms,
                                          .source = t->change.source,
                                          .user_id = t->change.user_id,
                                          .instance = t->converge->options.instance_id,
                                          .operation = span_of(t->operation),
                                          .cause = arena_span(&t->change.arena, t->person.cause),
                                          .outcome = SPAN("sent")};
    change_send(t);
}

static void finish(struct task *t)
{
    struct outcome *o = change_begin(t, ended);

    o->binds = t->plan.binds;
    if (o->binds) {
        o->agent_id = arena_span(&t->change.arena, t->actual.agent.id);
        o->agent_arn = arena_span(&t->change.arena, t->actual.agent.arn);
        o->agent_user_name = arena_span(&t->change.arena, t->actual.agent.user_name);
        o->next = NEXT_JUDGE;
    } else {
        o->clears_sent = o->clears_taken =
            t->plan.state == PERSON_HELD || t->plan.state == PERSON_OUT_OF_SCOPE;
        o->next = NEXT_SET;
        o->state = t->plan.state;
        o->reason_code = span_of(t->plan.reason_code);
        o->reason = arena_span(&t->change.arena, span_of(t->plan.reason));
    }
    change_send(t);
}

static void fail_person(struct task *t, const struct fail *fail)
{
    struct outcome *o = change_begin(t, ended);

    o->next = NEXT_SET;
    o->state = PERSON_FAILED;
    o->reason_code = arena_span(&t->change.arena, span_of(fail->code));
    o->reason = arena_span(&t->change.arena, span_of(fail->text));
    change_send(t);
}

static void task_plan(struct task *t)
{
    const struct converge_options *options = &t->converge->options;
    struct plan_ask ask = {.actual = t->actual,
                           .managed_by = options->rules->managed_by,
                           .okta_id = t->person.id,
                           .may_adopt = t->person.may_adopt || options->rules->adopts_existing};
    struct fail fail;

    if (t->scope.is_in) {
        if (rules_entitlement(options->rules, &t->person, &t->arena, &t->wanted, &fail) !=
            ERR_NONE) {
            fail_person(t, &fail);
            return;
        }
        ask.wanted = &t->wanted;
    } else {
        t->wanted.user_name = person_user_name(&t->person);
    }
    t->plan = plan_make(&ask, &t->arena);
    if (t->plan.n == 0) {
        finish(t);
        return;
    }
    t->operation = operation_of(t->plan.steps[0]);
    if (t->converge->is_stopping || pace_is_closed(options->pace, t->operation)) {
        task_end(t);
        return;
    }
    pace_wait(options->pace, t->operation, &t->waiter);
}

void task_start(struct task *t, const struct person *p)
{
    struct roster *roster = t->converge->options.roster;
    struct fail fail;

    t->is_used = true;
    t->converge->n_tasks++;
    arena_init(&t->arena);
    t->person = person_copy(&t->arena, p);
    t->waiter = (struct pace_waiter){.grant = granted, .arg = t};
    t->actual = plan_actual(&t->person);
    if (roster->scope(roster, &t->arena, &t->person, &t->scope, &fail) != ERR_NONE) {
        log_error("the store could not be read", LOG_STR("error", fail.text));
        task_end(t);
        return;
    }
    task_plan(t);
}
