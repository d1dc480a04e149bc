#include "engine/task.h"

#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "model/standing.h"

enum {
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_LAST_MS = 5 * 60 * 1000,
    FIND_FIRST_MS = 500,
    FIND_LAST_MS = 30 * 1000,
    CODE_MAX = 64
};

static int64_t doubled(int64_t first_ms, int64_t last_ms, int64_t attempts)
{
    int64_t ms = first_ms;

    while (attempts-- > 0 && ms < last_ms)
        ms *= 2;
    return ms < last_ms ? ms : last_ms;
}

int64_t outcome_backoff_ms(int64_t attempts)
{
    return 100 +
           (int64_t)random_below((uint64_t)doubled(BACKOFF_FIRST_MS, BACKOFF_LAST_MS, attempts));
}

static void apply_ledger(struct person *p, const struct outcome *o)
{
    if (o->clears_sent)
        p->create_sent_ms = 0;
    if (o->clears_taken)
        p->name_taken_ms = 0;
    if (o->sets_taken && p->name_taken_ms == 0)
        p->name_taken_ms = o->now_ms;
    if (o->binds) {
        p->agent_id = o->agent_id;
        p->agent_arn = o->agent_arn;
        p->agent_user_name = o->agent_user_name;
        p->agent_since_ms = o->now_ms;
        p->create_sent_ms = p->name_taken_ms = 0;
        p->may_adopt = false;
    }
    /* It also says which name was taken. */
    if (p->create_sent_ms == 0 && p->name_taken_ms == 0)
        p->create_sent_name = SPAN("");
}

void outcome_apply(struct person *p, const struct scope *scope, struct roster_change *change)
{
    struct outcome *o = change->applied;
    bool has_moved = p->facts_ns != o->facts_ns || p->app_user_name_ns != o->app_user_name_ns ||
                     !span_eq(person_user_name(p), o->user_name);

    if (o->sends_create) {
        if (has_moved || !scope->is_in || p->agent_id.n > 0) {
            o->has_moved = true;
            change->adds_step = false;
            return;
        }
        p->create_sent_ms = o->now_ms;
        p->create_sent_name = o->create_name;
        return;
    }
    apply_ledger(p, o);
    /* What the source said meanwhile counts more than what was found out about the state before. */
    if (o->next == NEXT_JUDGE || (o->next == NEXT_SET && has_moved) ||
        (!scope->is_in && plan_actual(p).kind == ACTUAL_ABSENT)) {
        standing_judge(p, o->rules, scope, o->now_ms, p->cause, &change->arena);
    } else if (o->next == NEXT_AGAIN) {
        p->attempts = o->counts_attempt ? p->attempts + 1 : p->attempts;
        p->due_ms = o->now_ms + o->wait_ms;
        standing_set(p, PERSON_DUE, o->reason_code, o->reason, o->now_ms);
    } else if (o->next == NEXT_SET) {
        p->attempts = 0;
        p->due_since_ms = 0;
        standing_set(p, o->state, o->reason_code, o->reason, o->now_ms);
    }
}

static void wait_because(struct task *t, struct outcome *o, const char *text)
{
    o->reason_code = SPAN("waiting");
    o->reason = span_of(arena_printf(&t->change.arena, "%s: %s", t->operation, text));
}

static void again(struct outcome *o, int64_t wait_ms, bool counts_attempt)
{
    o->next = NEXT_AGAIN;
    o->wait_ms = wait_ms;
    o->counts_attempt = counts_attempt;
}

static void refuse(struct task *t, struct outcome *o, const struct fail *fail)
{
    o->next = NEXT_SET;
    o->state = PERSON_FAILED;
    o->reason_code = SPAN(REASON_REFUSED);
    o->reason = span_of(arena_printf(&t->change.arena, "%s: %s", t->operation, fail->text));
}

static bool is_full(const char *code)
{
    return strcmp(code, "LimitExceededException") == 0 ||
           strcmp(code, "ServiceQuotaExceededException") == 0;
}

int64_t outcome_probe_ms(const char *code)
{
    return is_full(code) ? CONNECT_LIMIT_PROBE_MS : PROBE_MS;
}

static void pause_for(struct task *t, struct outcome *o, const struct fail *fail)
{
    int64_t every_ms = outcome_probe_ms(fail->code);
    bool was_paused = pace_is_paused(t->converge->options.pace, t->operation);
    struct pause *pause = &t->change.pause;

    t->change.pause_change = PAUSE_PUT;
    *pause =
        (struct pause){.operation = span_of(t->operation),
                       .code = span_of(arena_printf(&t->change.arena, "%.*s", CODE_MAX,
                                                    fail->code[0] != '\0' ? fail->code : "denied")),
                       .reason = span_of(arena_dup(&t->change.arena, span_of(fail->text))),
                       .since_ms = o->now_ms,
                       .probe_ms = o->now_ms + every_ms};
    pace_pause(t->converge->options.pace, t->operation, every_ms, every_ms);
    wait_because(t, o, fail->text);
    again(o, 0, false);
    if (!was_paused)
        converge_tell(t->converge,
                      &(struct converge_news){.kind = is_full(fail->code) ? NEWS_FULL : NEWS_PAUSED,
                                              .operation = t->operation,
                                              .code = fail->code,
                                              .text = fail->text});
    converge_op_paused(t->converge, t->operation);
}

/* The probe came through, or was at least answered for this person: whoever waits may go on. Calls
 * that were under way when the pause began say nothing about it. */
static void unpause(struct task *t)
{
    struct pace *pace = t->converge->options.pace;

    if (!t->is_probe || !pace_is_paused(pace, t->operation))
        return;
    pace_resume(pace, t->operation);
    t->change.pause_change = PAUSE_REMOVE;
    t->change.pause.operation = span_of(t->operation);
    converge_tell(t->converge,
                  &(struct converge_news){
                      .kind = NEWS_RESUMED, .operation = t->operation, .code = "", .text = ""});
}

static void pause_for_instance(struct task *t, struct outcome *o)
{
    struct fail fail;

    (void)fail_set(&fail, ERR_DENIED,
                   "there is no instance '%.*s' in this account and region: check [Connect] "
                   "INSTANCE_ID and REGION",
                   SPAN_ARG(t->converge->options.instance_id));
    memcpy(fail.code, "ResourceNotFoundException", sizeof("ResourceNotFoundException"));
    pause_for(t, o, &fail);
}

static bool is_own_write_recent(const struct task *t, int64_t now_ms)
{
    const struct person *p = &t->person;

    return (p->create_sent_ms != 0 && now_ms - p->create_sent_ms < OWN_WRITE_MS) ||
           (p->agent_since_ms != 0 && now_ms - p->agent_since_ms < OWN_WRITE_MS);
}

/* What every operation's failures have in common. */
static void read_failure(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    struct pace *pace = t->converge->options.pace;
    bool is_create = t->plan.steps[0] == STEP_CREATE_USER && t->look == LOOK_NONE;

    o->clears_sent = is_create && answer->err != ERR_UNCLEAR;
    wait_because(t, o, answer->fail->text);
    if (answer->err == ERR_DENIED) {
        pause_for(t, o, answer->fail);
        return;
    }
    if (answer->err == ERR_BUSY) {
        pace_throttled(pace, t->operation, answer->fail->retry_ms);
        o->reason_code = o->reason = SPAN("");
        again(o, 0, false);
    } else if ((answer->err == ERR_NOT_FOUND || answer->err == ERR_INPUT) &&
               (is_create || !is_own_write_recent(t, o->now_ms))) {
        refuse(t, o, answer->fail);
    } else {
        again(o, outcome_backoff_ms(t->person.attempts), true);
    }
    /* A probe that met passing trouble proved nothing. */
    if (o->next != NEXT_AGAIN)
        unpause(t);
}

static bool read_create(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (answer->err == ERR_NONE) {
        o->binds = true;
        o->agent_id = arena_span(&t->change.arena, answer->user_id);
        o->agent_arn = arena_span(&t->change.arena, answer->user_arn);
        o->agent_user_name = arena_span(&t->change.arena, t->wanted.user_name);
        o->next = NEXT_JUDGE;
        return false;
    }
    if (answer->err == ERR_CONFLICT) {
        o->clears_sent = o->sets_taken = true;
        unpause(t);
        return true;
    }
    if (answer->err == ERR_NOT_FOUND) {
        /* The profile, or the whole instance? That decides whether one waits or all. */
        o->clears_sent = true;
        t->look = LOOK_DESCRIBE;
        t->refusal = arena_dup(&t->arena, span_of(answer->fail->text));
        return true;
    }
    read_failure(t, answer, o);
    return false;
}

static bool read_look(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    struct fail fail;

    if (answer->err == ERR_DENIED && t->look == LOOK_DESCRIBE &&
        !pace_is_paused(t->converge->options.pace, OP_SEARCH_USERS)) {
        t->look = LOOK_SEARCH; /* it needs another permission */
        return true;
    }
    if (answer->err == ERR_NOT_FOUND) {
        t->operation = OP_CREATE_USER;
        pause_for_instance(t, o);
    } else if (answer->err == ERR_NONE || answer->err == ERR_DENIED) {
        /* Without the right to look, the refusal is taken for what it says of this person. */
        (void)fail_set(&fail, ERR_NOT_FOUND, "%s", t->refusal);
        t->operation = OP_CREATE_USER;
        refuse(t, o, &fail);
        unpause(t);
    } else {
        read_failure(t, answer, o);
    }
    return false;
}

/* The person has got another user name since: CreateUser for that one would not be refused because
 * of an agent that was made under the former name. */
static bool is_former_name(const struct task *t)
{
    return t->person.create_sent_name.n > 0 &&
           !span_eq(t->person.create_sent_name, t->wanted.user_name);
}

/* There is no agent of theirs. */
static bool is_absent(struct task *t, struct outcome *o)
{
    o->clears_sent = o->clears_taken = true;
    t->actual = (struct actual){.kind = ACTUAL_ABSENT};
    return true;
}

static void wait_for_search(struct task *t, struct outcome *o)
{
    o->reason_code = SPAN("waiting");
    o->reason = t->person.name_taken_ms != 0
                    ? SPAN("Amazon Connect says that the user name is taken; its search does not "
                           "show that agent yet")
                    : SPAN("an agent may have been made under the former user name; Amazon "
                           "Connect's search may not show it yet");
    again(o, doubled(FIND_FIRST_MS, FIND_LAST_MS, t->person.attempts), true);
}

static bool read_found(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    const struct rules *rules = t->converge->options.rules;
    int64_t sent_ms = t->person.create_sent_ms, taken_ms = t->person.name_taken_ms;
    bool is_former = is_former_name(t);

    if (answer->n_agents > 0) {
        if (is_former &&
            plan_owner(&answer->agents[0], rules->managed_by, t->person.id) != OWNER_OURS)
            return is_absent(t, o);
        t->actual = (struct actual){ACTUAL_FOUND, answer->agents[0]};
        return true;
    }
    /* The lost request was never carried out; should the search only lag behind, CreateUser for the
     * same name says so. */
    if (taken_ms == 0 && !is_former && t->scope.is_in)
        return is_absent(t, o);
    if (o->now_ms - (taken_ms != 0 ? taken_ms : sent_ms) < OWN_WRITE_MS) {
        wait_for_search(t, o);
        return false;
    }
    if (taken_ms == 0 || is_former)
        return is_absent(t, o);
    o->clears_sent = o->clears_taken = true;
    o->next = NEXT_SET;
    o->state = PERSON_HELD;
    o->reason_code = SPAN(REASON_EXISTS);
    o->reason = span_of(arena_printf(
        &t->change.arena,
        "Amazon Connect says that the user name '%.*s' is taken, and its search has not shown that "
        "agent for ten minutes; look in the console, then say 'roster retry'",
        SPAN_ARG(t->wanted.user_name)));
    return false;
}

static bool read_tagged(struct task *t, struct outcome *o)
{
    o->binds = true;
    o->agent_id = arena_span(&t->change.arena, t->actual.agent.id);
    o->agent_arn = arena_span(&t->change.arena, t->actual.agent.arn);
    o->agent_user_name = arena_span(&t->change.arena, t->actual.agent.user_name);
    o->next = NEXT_JUDGE;
    return false;
}

bool outcome_read(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    if (answer->err == ERR_NONE) {
        pace_succeeded(t->converge->options.pace, t->operation);
        if (t->look == LOOK_NONE)
            unpause(t);
    }
    if (t->look != LOOK_NONE)
        return read_look(t, answer, o);
    switch (t->plan.steps[0]) {
    case STEP_CREATE_USER:
        return read_create(t, answer, o);
    case STEP_FIND_USER:
        if (answer->err == ERR_NONE)
            return read_found(t, answer, o);
        if (answer->err == ERR_NOT_FOUND) { /* it names nothing but the instance */
            pause_for_instance(t, o);
            return false;
        }
        break;
    case STEP_TAG_USER:
        if (answer->err == ERR_NONE)
            return read_tagged(t, o);
        break;
    }
    read_failure(t, answer, o);
    return false;
}
