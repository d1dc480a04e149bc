#include "lambda/worked.h"

#include "base/clock.h"
#include "base/log.h"
#include "lambda/doubt.h"
#include "lambda/gone_tag.h"
#include "model/plan.h"

enum {
    AHEAD_MS = 1000, /* who is due later has a reason to wait so long */
    PAUSE_AGAIN_MS = 60 * 1000,
    NAMES_AGAIN_MS = 2000,
};

/* ---- fates ---- */

static void settle(struct worked *w, enum batch_fate fate, int64_t wait_ms, struct span code,
                   struct span reason)
{
    struct worked_batch *batch = w->batch;

    w->person->end = (struct batch_end){.fate = fate,
                                        .wait_ms = wait_ms,
                                        .code = arena_span(batch->arena, code),
                                        .reason = arena_span(batch->arena, reason)};
}

static void settle_done(struct worked *w, const char *what)
{
    settle(w, BATCH_DONE, 0, SPAN(""), SPAN(""));
    log_info(what, LOG_SPAN("okta_id", w->person->told.id), LOG_SPAN("agent_id", w->agent.id),
             LOG_SPAN("event", w->person->told.cause));
}

/* For what failed on the way, of one of the services. */
static void settle_failed(struct worked *w, const char *operation, const struct fail *fail)
{
    struct worked_batch *batch = w->batch;
    struct span reason = span_of(arena_printf(batch->arena, "%s: %s", operation, fail->text));

    if (fail->err == ERR_INPUT)
        settle(w, BATCH_DEAD, 0, SPAN(REASON_REFUSED), reason);
    else if (fail->err == ERR_DENIED)
        settle(w, BATCH_AGAIN, PAUSE_AGAIN_MS, SPAN("denied"), reason);
    else
        settle(w, BATCH_AGAIN, fail->retry_ms, SPAN("waiting"), reason);
}

/* ---- to the engine ---- */

static void hand_over(struct worked *w)
{
    struct worked_batch *batch = w->batch;
    struct person p = w->seed;
    int64_t now_ms = clock_wall_ms();

    p.state = PERSON_DUE;
    p.since_ms = p.due_ms = p.due_since_ms = now_ms;
    p.cause = span_of(arena_printf(batch->arena, "event %.*s", SPAN_ARG(w->person->told.cause)));
    p.judged_n = 1;
    p.passed_changes = true; /* Okta has said it of this person, or `sweep` has judged it */
    p.priority = PRIORITY_NEW;
    if (w->agent.id.n > 0) {
        p.agent_id = w->agent.id;
        p.agent_arn = w->agent.arn;
        p.agent_user_name = w->agent.user_name;
        p.in_doubt = 1 << ASPECTS; /* it is described first */
        p.priority = PRIORITY_CHANGE;
    }
    w->number = memory_roster_add(batch->roster, &p, w->memberships, w->n_memberships);
    w->is_in_roster = true;
}

/* ---- the tag of who has left ---- */

static void tagged(void *arg, const struct connect_answer *answer)
{
    struct worked *w = arg;
    struct worked_batch *batch = w->batch;

    w->call = NULL;
    if (answer->err == ERR_NONE)
        pace_succeeded(batch->sides->pace, w->operation);
    else if (answer->err == ERR_BUSY)
        pace_throttled(batch->sides->pace, w->operation, answer->fail->retry_ms);
    log_info("Amazon Connect called", LOG_STR("operation", w->operation),
             LOG_SPAN("okta_id", w->person->told.id), LOG_SPAN("agent_id", w->agent.id),
             LOG_SPAN("cause", w->person->told.cause),
             LOG_STR("outcome", answer->err == ERR_NONE ? "done" : "failed"),
             LOG_INT("status", answer->status), LOG_STR("request_id", answer->request_id));
    if (answer->err == ERR_BUSY && !batch->is_stopping) {
        pace_wait(batch->sides->pace, w->operation, &w->waiter);
        return;
    }
    batch->n_open--;
    if (answer->err != ERR_NONE)
        settle_failed(w, w->operation, answer->fail);
    else if (w->tags_gone)
        settle_done(w, "person has left; their agent is tagged, and the sweep does the rest");
    else if (w->goes_on)
        hand_over(w);
    else
        settle_done(w, "person is back; their agent is kept");
    batch->moved(batch->arg);
}

static void send_tag(void *arg)
{
    struct worked *w = arg;
    struct worked_batch *batch = w->batch;
    const struct span key = SPAN(TAG_GONE);
    struct tag tag;

    if (w->tags_gone) {
        tag = gone_tag(batch->arena, clock_wall_ms());
        w->call = connect_tag_user(batch->sides->connect, w->agent.arn, &tag, 1, tagged, w);
    } else {
        w->call = connect_untag_user(batch->sides->connect, w->agent.arn, &key, 1, tagged, w);
    }
}

static void ask_tag(struct worked *w, bool is_gone)
{
    struct worked_batch *batch = w->batch;

    w->tags_gone = is_gone;
    w->operation = is_gone ? OP_TAG_RESOURCE : step_operation(STEP_UNTAG_USER);
    w->waiter = (struct pace_waiter){.grant = send_tag, .arg = w, .priority = PRIORITY_REMOVAL};
    batch->n_open++;
    pace_wait(batch->sides->pace, w->operation, &w->waiter);
}

/* ---- what is to be done for one person ---- */

static void keep_found(struct worked *w, const struct looked_up *found)
{
    struct arena *a = w->batch->arena;
    struct membership *memberships = arena_new(a, found->n_memberships, sizeof(*memberships));

    w->seed = person_copy(a, &found->person);
    for (size_t i = 0; i < found->n_memberships; i++) {
        memberships[i] = found->memberships[i];
        memberships[i].container = arena_span(a, found->memberships[i].container);
        memberships[i].name = arena_span(a, found->memberships[i].name);
    }
    w->memberships = memberships;
    w->n_memberships = found->n_memberships;
    if (found->n_agents == 0)
        return;
    w->agent = (struct agent){.id = arena_span(a, found->agents[0].id),
                              .arn = arena_span(a, found->agents[0].arn),
                              .user_name = arena_span(a, found->agents[0].user_name)};
}

static void take_leaver(struct worked *w, const struct looked_up *found, bool is_tagged)
{
    if (found->scope.is_unsure)
        settle(w, BATCH_DEAD, 0, SPAN(REASON_UNSURE),
               SPAN("no longer in scope, but Okta did not say so: something that the rules name "
                    "does not exist (any more), or nothing is known of them. The agent is kept; "
                    "look at the rules, then have the message sent again"));
    else if (is_tagged)
        settle_done(w, "person has left before; their agent waits for the sweep");
    else
        ask_tag(w, true);
}

static void take_person(struct worked *w, const struct looked_up *found)
{
    const struct scope *scope = &found->scope;
    bool has_agent = found->n_agents > 0, has_okta = w->batch->sides->okta != NULL;
    int64_t gone_ms;
    bool is_tagged = has_agent && gone_tag_read(&found->agents[0], &gone_ms);

    if (found->n_agents > 1) {
        settle(w, BATCH_DEAD, 0, SPAN(REASON_EXISTS),
               span_of(arena_printf(w->batch->arena,
                                    "two agents bear the tags of this user, '%.*s' and '%.*s'; "
                                    "delete one of them in Amazon Connect",
                                    SPAN_ARG(found->agents[0].user_name),
                                    SPAN_ARG(found->agents[1].user_name))));
    } else if (!has_okta && (!scope->is_in || has_agent)) {
        settle_done(w, has_agent ? "person has an agent; without Okta's API it is not changed"
                                 : "event passed over: without Okta's API, only agents are made");
    } else if (!scope->is_in && !has_agent) {
        settle_done(w, "person is out of scope, and has no agent");
    } else if (!scope->is_in) {
        take_leaver(w, found, is_tagged);
    } else if (scope->is_suspended) {
        if (is_tagged)
            ask_tag(w, false);
        else
            settle_done(w, "person is suspended in Okta; what that means is the sweep's");
    } else {
        w->goes_on = true;
        if (is_tagged)
            ask_tag(w, false);
        else
            hand_over(w);
    }
}

static void end_look_up(struct worked *w)
{
    struct worked_batch *batch = w->batch;

    look_up_free(w->look_up);
    w->look_up = NULL;
    batch->n_open--;
    batch->moved(batch->arg);
}

static void looked_up(void *arg, const struct looked_up *found)
{
    struct worked *w = arg;
    int64_t wait_ms = doubt_ms(w->batch->sides, w->person, found, clock_wall_ms());

    keep_found(w, found);
    if (wait_ms > 0)
        settle(w, BATCH_AGAIN, wait_ms, SPAN("waiting"),
               SPAN("Okta's answer is older than its event; they are read again"));
    else
        take_person(w, found);
    end_look_up(w);
}

static void look_up_failed(void *arg, const char *operation, const struct fail *fail)
{
    struct worked *w = arg;

    if (fail->err == ERR_DENIED && span_eq(span_of(operation), SPAN("Okta")))
        w->batch->doubts_okta = true;
    settle_failed(w, operation, fail);
    end_look_up(w);
}

/* ---- its life ---- */

void worked_begin(struct worked *w, struct worked_batch *batch, struct batch_person *person)
{
    const struct look_up_ask ask = {.sides = batch->sides,
                                    .told = &person->told,
                                    .memberships = person->memberships,
                                    .n_memberships = person->n_memberships,
                                    .done = looked_up,
                                    .failed = look_up_failed,
                                    .arg = w};

    w->batch = batch;
    w->person = person;
    batch->n_open++;
    w->look_up = look_up_begin(&ask);
}

void worked_stop(struct worked *w)
{
    if (!w->waiter.is_waiting)
        return;
    pace_give_up(w->batch->sides->pace, w->operation, &w->waiter);
    w->batch->n_open--;
}

void worked_cancel(struct worked *w)
{
    look_up_free(w->look_up);
    w->look_up = NULL;
    if (w->waiter.is_waiting)
        pace_give_up(w->batch->sides->pace, w->operation, &w->waiter);
    connect_cancel(w->call);
    w->call = NULL;
}

void worked_take_end(struct worked *w, bool names_are_old)
{
    const struct person *p;
    int64_t wait_ms;

    if (!w->is_in_roster)
        return;
    p = memory_roster_person(w->batch->roster, w->number);
    wait_ms = p->due_ms - clock_wall_ms();
    if (p->state == PERSON_DUE)
        settle(w, BATCH_AGAIN, wait_ms > AHEAD_MS ? wait_ms : 0, p->reason_code, p->reason);
    else if (p->state == PERSON_FAILED && names_are_old &&
             (span_eq(p->reason_code, SPAN(REASON_UNKNOWN_NAME)) ||
              span_eq(p->reason_code, SPAN(REASON_NAMES_UNREAD))))
        settle(w, BATCH_AGAIN, NAMES_AGAIN_MS, p->reason_code, p->reason);
    else if (p->state == PERSON_FAILED || p->state == PERSON_HELD)
        settle(w, BATCH_DEAD, 0, p->reason_code, p->reason);
    else
        settle(w, BATCH_DONE, 0, SPAN(""), SPAN(""));
}
