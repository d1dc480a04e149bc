/* What becomes of a person's row, and what failures mean. */
#include "engine/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "model/standing.h"

enum { BACKOFF_FIRST_MS = 1000, BACKOFF_LAST_MS = 5 * 60 * 1000, CODE_MAX = 64 };

int64_t outcome_doubled_ms(int64_t first_ms, int64_t last_ms, int64_t attempts)
{
    int64_t ms = first_ms;

    while (attempts-- > 0 && ms < last_ms)
        ms *= 2;
    return ms < last_ms ? ms : last_ms;
}

int64_t outcome_backoff_ms(int64_t attempts)
{
    return 100 + (int64_t)random_below(
                     (uint64_t)outcome_doubled_ms(BACKOFF_FIRST_MS, BACKOFF_LAST_MS, attempts));
}

/* ---- applying, on the committer's thread ---- */

static void forget_agent(struct person *p)
{
    p->agent_id = p->agent_arn = p->agent_user_name = p->applied = SPAN("");
    p->agent_since_ms = p->applied_ms = p->delete_sent_ms = p->agent_deleted_ms = 0;
    p->in_doubt = 0;
}

/* The agent that is bound already becomes the former one, which is still to go. */
static void bind(struct person *p, const struct outcome *o)
{
    if (p->agent_id.n > 0 && !span_eq(p->agent_id, o->agent_id)) {
        p->old_agent_id = p->agent_id;
        p->old_agent_parked = 0;
        p->old_agent_arn = p->agent_arn;
        p->old_agent_name = p->agent_user_name;
        p->before_removal = p->applied;
    }
    if (o->binds_found) { /* all that is known is what we may have given it */
        p->applied = p->create_sent;
        p->applied_ms = o->now_ms;
    }
    p->agent_id = o->agent_id;
    p->agent_arn = o->agent_arn;
    p->agent_user_name = o->agent_user_name;
    p->agent_since_ms = o->now_ms;
    p->create_sent_ms = p->name_taken_ms = p->delete_sent_ms = 0;
    p->in_doubt = o->binds_found ? 1 << ASPECTS : 0;
    p->may_adopt = false;
}

static void apply_end_of_agent(struct person *p, const struct outcome *o)
{
    p->old_agent_parked |= o->parks_old;
    if (o->deletes)
        p->agent_deleted_ms = o->now_ms;
    if (o->forgets && o->is_on_old) {
        p->old_agent_id = p->old_agent_arn = p->old_agent_name = SPAN("");
        p->agent_deleted_ms = p->old_agent_parked = 0;
        p->removal = REMOVAL_NONE; /* what was decided was about that agent */
    } else if (o->forgets) {
        forget_agent(p);
    }
    if (o->unbinds)
        forget_agent(p);
}

static void apply_ledger(struct person *p, const struct outcome *o)
{
    if (o->clears_sent)
        p->create_sent_ms = o->had_sent_ms;
    if (o->clears_taken)
        p->name_taken_ms = 0;
    p->in_doubt &= ~o->clears_doubt;
    if (o->clears_delete)
        p->delete_sent_ms = 0;
    if (o->sets_taken && p->name_taken_ms == 0)
        p->name_taken_ms = o->now_ms;
    if (o->binds)
        bind(p, o);
    if (o->restores_applied)
        p->applied = o->applied;
    if (o->sets_applied) {
        p->applied = o->applied;
        p->applied_ms = o->applied.n > 0 ? o->now_ms : 0;
    }
    if (o->before_removal.n > 0 && p->before_removal.n == 0)
        p->before_removal = o->before_removal;
    apply_end_of_agent(p, o);
    /* It also says which name was taken. */
    if (p->create_sent_ms == 0 && p->name_taken_ms == 0)
        p->create_sent_name = p->create_sent = SPAN("");
    if (o->contact == CONTACT_FOUND && p->contact_since_ms == 0)
        p->contact_since_ms = o->now_ms;
    if (o->contact == CONTACT_NONE)
        p->contact_since_ms = 0;
}

/* The ledger of what is about to be sent. */
static void apply_sending(struct person *p, const struct scope *scope, struct outcome *o)
{
    if ((o->sends_create && !scope->is_in && p->restore.n == 0) ||
        (o->sends_removal && p->removal != REMOVAL_PASSED)) {
        o->has_moved = true;
        return;
    }
    p->in_doubt |= o->sends_aspects;
    if (o->sends_create) {
        p->create_sent_ms = o->now_ms;
        p->create_sent_name = o->create_name;
        p->create_sent = o->carries;
    } else if (o->carries.n > 0) {
        p->applied = o->carries;
    }
    if (o->sends_removal && !o->is_on_old && p->before_removal.n == 0)
        p->before_removal = p->applied;
    if (o->sends_delete && !o->is_on_old)
        p->delete_sent_ms = o->now_ms;
}

static void apply_state(struct person *p, const struct scope *scope, const struct outcome *o,
                        struct roster_change *change)
{
    bool is_settled = o->state != PERSON_FAILED && o->state != PERSON_HELD;

    p->attempts = 0;
    if (span_eq(o->reason_code, SPAN(REASON_UNDONE))) {
        p->restore = SPAN("");
        p->removal = scope->is_in ? REMOVAL_NONE : REMOVAL_REJECTED;
    }
    if (is_settled) {
        bool is_rejected = span_eq(o->reason_code, SPAN(REASON_REJECTED));

        p->removal = is_rejected ? REMOVAL_REJECTED : REMOVAL_NONE;
        p->passed_changes = false;
        p->contact_since_ms = 0;
    }
    change->forgets = person_is_import(p) && o->state == PERSON_IN_STEP;
    /* An agent that is as it should be has nothing to be undone. */
    if (o->state == PERSON_IN_STEP && scope->is_in && !scope->is_suspended)
        p->before_removal = SPAN("");
    standing_set(p, o->state, o->reason_code, o->reason, o->now_ms);
}

void outcome_apply(struct person *p, const struct scope *scope, struct roster_change *change)
{
    struct outcome *o = change->applied;

    o->has_moved = p->judged_n != o->judged_n;
    if (o->sends) {
        if (!o->has_moved)
            apply_sending(p, scope, o);
        change->adds_step = !o->has_moved;
        return;
    }
    apply_ledger(p, o);
    /* What the source or an operator said meanwhile counts more than what was found out about the
     * state before. */
    if (o->has_moved)
        return;
    switch (o->next) {
    case NEXT_KEEP:
        break;
    case NEXT_JUDGE:
        standing_judge(p, o->rules, scope, false, o->now_ms, p->cause);
        break;
    case NEXT_AGAIN:
        p->attempts = o->counts_attempt ? p->attempts + 1 : p->attempts;
        p->due_ms = o->now_ms + o->wait_ms;
        standing_set(p, PERSON_DUE, o->reason_code, o->reason, o->now_ms);
        break;
    case NEXT_GATE:
        p->needs_gate = true;
        p->removal = o->gate == GATE_REMOVALS ? REMOVAL_WAITS : REMOVAL_NONE;
        p->priority = o->priority;
        standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), o->now_ms);
        break;
    case NEXT_SET:
        apply_state(p, scope, o, change);
        break;
    }
}

/* ---- failures ---- */

void outcome_again(struct outcome *o, int64_t wait_ms, bool counts_attempt)
{
    o->next = NEXT_AGAIN;
    o->wait_ms = wait_ms;
    o->counts_attempt = counts_attempt;
}

void outcome_refuse(struct task *t, struct outcome *o, const char *operation,
                    const struct fail *fail)
{
    o->next = NEXT_SET;
    o->state = PERSON_FAILED;
    o->reason_code = SPAN(REASON_REFUSED);
    o->reason = span_of(arena_printf(&t->change.arena, "%s: %s", operation, fail->text));
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

static void wait_because(struct task *t, struct outcome *o, const char *operation, const char *text)
{
    o->reason_code = SPAN("waiting");
    o->reason = span_of(arena_printf(&t->change.arena, "%s: %s", operation, text));
}

static void outcome_pause(struct task *t, struct outcome *o, const char *operation,
                          const struct fail *fail)
{
    int64_t every_ms = outcome_probe_ms(fail->code);
    struct pace *pace = t->converge->options.pace;
    bool was_paused = pace_is_paused(pace, operation);

    t->change.pause_change = PAUSE_PUT;
    t->change.pause =
        (struct pause){.operation = span_of(operation),
                       .code = span_of(arena_printf(&t->change.arena, "%.*s", CODE_MAX,
                                                    fail->code[0] != '\0' ? fail->code : "denied")),
                       .reason = span_of(arena_dup(&t->change.arena, span_of(fail->text))),
                       .since_ms = o->now_ms,
                       .probe_ms = o->now_ms + every_ms};
    pace_pause(pace, operation, every_ms, every_ms);
    wait_because(t, o, operation, fail->text);
    outcome_again(o, 0, false);
    if (!was_paused)
        converge_tell(t->converge,
                      &(struct converge_news){.kind = is_full(fail->code) ? NEWS_FULL : NEWS_PAUSED,
                                              .operation = operation,
                                              .code = fail->code,
                                              .text = fail->text});
    converge_op_paused(t->converge, operation);
}

/* The probe came through, or was at least answered for this person: whoever waits may go on. Calls
 * that were under way when the pause began say nothing about it. */
void outcome_unpause(struct task *t, const char *operation, bool is_probe)
{
    struct pace *pace = t->converge->options.pace;

    if (!is_probe || !pace_is_paused(pace, operation))
        return;
    pace_resume(pace, operation);
    t->change.pause_change = PAUSE_REMOVE;
    t->change.pause.operation = span_of(operation);
    converge_tell(t->converge,
                  &(struct converge_news){
                      .kind = NEWS_RESUMED, .operation = operation, .code = "", .text = ""});
}

void outcome_pause_for_instance(struct task *t, struct outcome *o, const char *operation)
{
    struct fail fail;

    (void)fail_set(&fail, ERR_DENIED,
                   "there is no instance '%.*s' in this account and region: check [Connect] "
                   "INSTANCE_ID and REGION",
                   SPAN_ARG(t->converge->options.instance_id));
    memcpy(fail.code, "ResourceNotFoundException", sizeof("ResourceNotFoundException"));
    outcome_pause(t, o, operation, &fail);
}

bool outcome_is_own_write_recent(const struct task *t, int64_t now_ms)
{
    const int64_t writes[] = {t->person.create_sent_ms, t->person.agent_since_ms,
                              t->person.applied_ms};

    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
        if (writes[i] != 0 && llabs(now_ms - writes[i]) < OWN_WRITE_MS) /* clocks may go back */
            return true;
    return false;
}

void outcome_fail(struct task *t, const struct connect_answer *answer, struct outcome *o)
{
    struct pace *pace = t->converge->options.pace;
    bool is_create = t->asks == ASK_STEP && t->op == STEP_CREATE_USER;

    o->clears_sent = is_create && answer->err != ERR_UNCLEAR;
    o->had_sent_ms = is_create ? t->had_sent_ms : 0;
    wait_because(t, o, t->operation, answer->fail->text);
    if (answer->err == ERR_DENIED) {
        outcome_pause(t, o, t->operation, answer->fail);
        return;
    }
    if (answer->err == ERR_BUSY) {
        pace_throttled(pace, t->operation, answer->fail->retry_ms);
        o->reason_code = o->reason = SPAN("");
        outcome_again(o, 0, false);
    } else if ((answer->err == ERR_NOT_FOUND || answer->err == ERR_INPUT) &&
               (is_create || !outcome_is_own_write_recent(t, o->now_ms))) {
        outcome_refuse(t, o, t->operation, answer->fail);
    } else {
        outcome_again(o, outcome_backoff_ms(t->person.attempts), true);
    }
    /* A probe that met passing trouble proved nothing. */
    if (o->next != NEXT_AGAIN)
        outcome_unpause(t, t->operation, t->is_probe);
}
