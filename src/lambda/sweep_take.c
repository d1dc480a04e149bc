#include "lambda/sweep_take.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/quick_connects.h"
#include "engine/user_reading.h"
#include "lambda/gone_tag.h"

enum {
    TRIES = 6, /* of one call */
    AGAIN_MS = 500,
    STEPS_MAX = 12 /* of one agent: parking has two */
};

/* An administrator has the security profile of this name, which every instance has.
 * https://docs.aws.amazon.com/connect/latest/adminguide/connect-security-profiles.html */
#define ADMIN_PROFILE "Admin"

struct sweep_take {
    struct sweep_take_options options;
    struct sweep_takings result;
    struct quick_connects *quick;
    size_t at;
    bool is_over, has_failed;
    struct fail fail;
    struct loop_timer *end, *again;
    /* administrators */
    struct arena arena;
    bool has_admin;
    struct span admin_id, token;
    int64_t admins;
    /* the call under way */
    const char *operation;
    struct pace_waiter waiter;
    struct connect_call *call;
    struct okta_person_read *read;
    int tries;
    void (*send)(struct sweep_take *t);
    void (*take)(struct sweep_take *t, const struct connect_answer *answer);
    /* the one whose turn it is */
    struct arena of;
    struct okta_interest interest;
    struct user_reading reading;
    struct person person;
    struct agent agent;
    struct entitlement found;
    struct plan plan;
    const char *why;
    bool is_contact_free, is_on_contact, has_cleaned, is_admin, is_counted, is_parked;
    enum quick_ask ask;
    struct span what;
    int steps;
};

static void begin_next(struct sweep_take *t);
static void describe(struct sweep_take *t);
static void go_on(struct sweep_take *t);

static const struct sweep_row *row_now(const struct sweep_take *t)
{
    return &t->options.people->rows[t->at];
}

/* ---- ends ---- */

static void on_end(void *arg)
{
    struct sweep_take *t = arg;

    t->options.done(t->options.arg, t->has_failed ? &t->fail : NULL);
}

static void end_all(struct sweep_take *t, const struct fail *fail)
{
    t->is_over = true;
    t->has_failed = fail != NULL;
    if (fail != NULL)
        t->fail = *fail;
    loop_timer_set(t->end, 0);
}

static const char *why_now(const struct sweep_take *t)
{
    if (t->why[0] != '\0')
        return t->why;
    return row_now(t)->has_gone_tag ? "out of scope, and [Connect] REMOVAL_GRACE is over"
                                    : "suspended in Okta";
}

static void end_one(struct sweep_take *t, int64_t *count, const char *what, const char *why)
{
    const struct sweep_row *row = row_now(t);

    (*count)++;
    if (count == &t->result.failed || count == &t->result.last_administrators)
        log_error(what, LOG_SPAN("okta_id", row->id), LOG_SPAN("agent", row->agent_id),
                  LOG_STR("reason", why));
    else
        log_info(what, LOG_SPAN("okta_id", row->id), LOG_SPAN("agent", row->agent_id),
                 LOG_STR("reason", why));
    t->at++;
    begin_next(t);
}

static void keep_one(struct sweep_take *t, const char *why)
{
    end_one(t, &t->result.not_any_more, "agent kept", why);
}

static void fail_one(struct sweep_take *t, const char *why)
{
    end_one(t, &t->result.failed, "agent could not be taken away", why);
}

/* ---- one call after the other ---- */

static void granted(void *arg)
{
    struct sweep_take *t = arg;

    t->send(t);
}

static void wait_for_pace(void *arg)
{
    struct sweep_take *t = arg;

    t->waiter = (struct pace_waiter){.grant = granted, .arg = t, .priority = PRIORITY_REMOVAL};
    pace_wait(t->options.sides->pace, t->operation, &t->waiter);
}

static void call(struct sweep_take *t, const char *operation, void (*send)(struct sweep_take *t),
                 void (*take)(struct sweep_take *t, const struct connect_answer *answer))
{
    t->operation = operation;
    t->send = send;
    t->take = take;
    wait_for_pace(t);
}

/* Concerns everybody, or this one alone? */
static void refused(struct sweep_take *t, const struct fail *fail)
{
    struct fail why = *fail;

    (void)fail_within(&why, fail->err, "%s", t->operation);
    if (fail->err == ERR_DENIED || !t->has_admin)
        end_all(t, &why);
    else
        fail_one(t, why.text);
}

static void answered(void *arg, const struct connect_answer *answer)
{
    struct sweep_take *t = arg;
    struct pace *pace = t->options.sides->pace;

    t->call = NULL;
    if (answer->err == ERR_NONE || answer->err == ERR_NOT_FOUND) {
        pace_succeeded(pace, t->operation);
        t->tries = 0;
        t->take(t, answer);
        return;
    }
    if (answer->err == ERR_BUSY)
        pace_throttled(pace, t->operation, answer->fail->retry_ms);
    if ((answer->err == ERR_BUSY || answer->err == ERR_IO || answer->err == ERR_UNCLEAR) &&
        ++t->tries < TRIES)
        loop_timer_set(t->again, (int64_t)AGAIN_MS << t->tries);
    else
        refused(t, answer->fail);
}

/* ---- administrators: one stays ---- */

static void send_profiles(struct sweep_take *t)
{
    t->call =
        connect_list_names(t->options.sides->connect, NAME_SECURITY_PROFILE, t->token, answered, t);
}

static void take_profiles(struct sweep_take *t, const struct connect_answer *answer)
{
    if (answer->err != ERR_NONE) {
        refused(t, answer->fail);
        return;
    }
    for (size_t i = 0; i < answer->n_named; i++)
        if (span_eq(answer->named[i].name, SPAN(ADMIN_PROFILE)))
            t->admin_id = arena_span(&t->arena, answer->named[i].id);
    t->token = arena_span(&t->arena, answer->next_token);
    if (t->token.n > 0) {
        call(t, OP_LIST_SECURITY_PROFILES, send_profiles, take_profiles);
        return;
    }
    t->has_admin = true;
    t->admins = sweep_people_holders(t->options.people, t->admin_id);
    begin_next(t);
}

static bool has_profile(const struct entitlement *e, struct span id)
{
    for (size_t i = 0; id.n > 0 && i < e->n_security_profile_ids; i++)
        if (span_eq(e->security_profile_ids[i], id))
            return true;
    return false;
}

/* ---- quick connects ---- */

static void clean_next(struct sweep_take *t);

static void send_quick(struct sweep_take *t)
{
    struct connect *connect = t->options.sides->connect;

    if (t->ask == QUICK_LIST)
        t->call = connect_list_quick_connects(connect, t->what, answered, t);
    else if (t->ask == QUICK_DESCRIBE)
        t->call = connect_describe_quick_connect(connect, t->what, answered, t);
    else
        t->call = connect_delete_quick_connect(connect, t->what, answered, t);
}

static void take_quick(struct sweep_take *t, const struct connect_answer *answer)
{
    bool is_gone = answer->err == ERR_NOT_FOUND;

    if (t->ask == QUICK_LIST && is_gone) {
        quick_connects_failed(t->quick, t->ask, t->what);
        fail_one(t, answer->fail->text);
        return;
    }
    if (t->ask == QUICK_LIST)
        quick_connects_listed(t->quick, answer->named, answer->n_named, answer->next_token,
                              clock_mono_ms());
    else if (t->ask == QUICK_DESCRIBE && !is_gone)
        quick_connects_described(t->quick, t->what, answer->quick_connect_user_id);
    else
        quick_connects_gone(t->quick, t->what);
    clean_next(t);
}

static void clean_next(struct sweep_take *t)
{
    struct span what = SPAN("");

    t->ask = quick_connects_next(t->quick, t->agent.id, clock_mono_ms(), &what);
    t->what = arena_span(&t->of, what);
    if (t->ask == QUICK_NONE) {
        t->has_cleaned = true;
        go_on(t);
    } else if (t->ask == QUICK_WAIT) {
        fail_one(t, "it is not known which quick connects lead to the agent");
    } else {
        call(t,
             t->ask == QUICK_LIST       ? OP_LIST_QUICK_CONNECTS
             : t->ask == QUICK_DESCRIBE ? OP_DESCRIBE_QUICK_CONNECT
                                        : OP_DELETE_QUICK_CONNECT,
             send_quick, take_quick);
    }
}

/* ---- a contact? ---- */

static void send_look(struct sweep_take *t)
{
    t->call = connect_current_user_data(t->options.sides->connect, t->agent.id, answered, t);
}

static void take_look(struct sweep_take *t, const struct connect_answer *answer)
{
    if (answer->err != ERR_NONE) {
        fail_one(t, answer->fail->text);
        return;
    }
    t->is_contact_free = !answer->has_contact;
    t->is_on_contact = answer->has_contact;
    go_on(t);
}

/* ---- changes ---- */

/* Counted before it is sent: what comes of that may not be known. */
static void count_admin(struct sweep_take *t)
{
    if (t->is_admin && !t->is_counted)
        t->admins--;
    t->is_counted = true;
}

static void send_delete(struct sweep_take *t)
{
    count_admin(t);
    t->call = connect_delete_user(t->options.sides->connect, t->agent.id, answered, t);
}

static void take_delete(struct sweep_take *t, const struct connect_answer *answer)
{
    (void)answer; /* one that does not exist any more is gone, too */
    end_one(t, &t->result.deleted, "agent deleted", why_now(t));
}

static enum aspect aspect_now(const struct sweep_take *t)
{
    return t->plan.steps[0] == STEP_UPDATE_SECURITY_PROFILES ? ASPECT_SECURITY_PROFILES
                                                             : ASPECT_ROUTING_PROFILE;
}

static void send_update(struct sweep_take *t)
{
    if (aspect_now(t) == ASPECT_SECURITY_PROFILES)
        count_admin(t);
    t->call = connect_update_user(t->options.sides->connect, t->agent.id, aspect_now(t),
                                  &t->plan.target, answered, t);
}

static void take_update(struct sweep_take *t, const struct connect_answer *answer)
{
    if (answer->err != ERR_NONE) {
        fail_one(t, answer->fail->text);
        return;
    }
    t->is_parked = true;
    describe(t); /* what it has now is seen, not assumed */
}

static void do_step(struct sweep_take *t)
{
    enum step_op op = t->plan.steps[0];

    if (++t->steps > STEPS_MAX)
        fail_one(t, "it is not as it was made, again and again");
    else if (t->plan.steps[t->plan.n - 1] == STEP_DELETE_QUICK_CONNECTS && !t->has_cleaned)
        clean_next(t);
    else if (op == STEP_LOOK_FOR_CONTACTS && !t->is_on_contact)
        call(t, OP_CURRENT_USER_DATA, send_look, take_look);
    else if (op == STEP_LOOK_FOR_CONTACTS)
        end_one(t, &t->result.on_contact, "agent kept until the next sweep", "on a contact");
    else if (op == STEP_DELETE_USER)
        call(t, OP_DELETE_USER, send_delete, take_delete);
    else if (op == STEP_UPDATE_SECURITY_PROFILES || op == STEP_UPDATE_ROUTING_PROFILE)
        call(t, step_operation(op), send_update, take_update);
    else
        keep_one(t, "something else than taking it away would have to be done first");
}

/* Plans anew by all that is known now. */
static void go_on(struct sweep_take *t)
{
    const struct sweep_row *row = row_now(t);
    const struct both_sides *sides = t->options.sides;
    const struct sweep_case c = {.rules = &sides->rules,
                                 .names = current_names_get(sides->judge.names),
                                 .person = &t->person,
                                 .memberships = t->reading.reading.memberships,
                                 .n_memberships = t->reading.reading.n_memberships,
                                 .agent = &t->agent,
                                 .found = &t->found,
                                 .now_ms = t->options.now_ms,
                                 .max_wait_ms = t->options.max_wait_ms,
                                 .due_ms = row->gone_ms + sides->rules.removal_grace_ms,
                                 .is_contact_free = t->is_contact_free,
                                 .is_on_contact = t->is_on_contact};

    if (!sweep_case_plan(&c, &t->of, &t->plan, &t->why))
        keep_one(t, t->why);
    else if (t->plan.n > 0 && t->is_admin && !t->is_counted && t->admins <= 1)
        end_one(t, &t->result.last_administrators, "the last administrator is kept",
                "no other agent has the security profile Admin; give it to somebody else first");
    else if (t->plan.n > 0)
        do_step(t);
    else if (t->is_parked)
        end_one(t, &t->result.parked, "agent parked", why_now(t));
    else
        keep_one(t, "there is nothing to be done any more");
}

/* ---- the agent ---- */

/* Whose it is, and since when its person is gone, may have changed since it was listed. */
static bool is_as_listed(const struct sweep_take *t)
{
    const struct sweep_row *row = row_now(t);
    const struct rules *rules = &t->options.sides->rules;
    int64_t gone_ms = 0;
    bool has_tag = gone_tag_read(&t->agent, &gone_ms);

    return plan_owner(&t->agent, rules->managed_by, row->id) == OWNER_OURS &&
           has_tag == row->has_gone_tag && gone_ms == row->gone_ms;
}

static void send_describe(struct sweep_take *t)
{
    t->call = connect_describe_user(t->options.sides->connect, row_now(t)->agent_id, answered, t);
}

static void take_describe(struct sweep_take *t, const struct connect_answer *answer)
{
    if (answer->err == ERR_NOT_FOUND) {
        keep_one(t, "it does not exist any more");
        return;
    }
    t->found = entitlement_copy(&t->of, answer->entitlement);
    t->agent = (struct agent){.id = row_now(t)->agent_id,
                              .arn = arena_span(&t->of, answer->agents[0].arn),
                              .user_name = t->found.user_name,
                              .tags = t->found.tags,
                              .n_tags = t->found.n_tags};
    if (!t->is_parked)
        t->is_admin = has_profile(&t->found, t->admin_id);
    if (is_as_listed(t))
        go_on(t);
    else
        keep_one(t, "its tags were changed meanwhile");
}

static void describe(struct sweep_take *t)
{
    call(t, OP_DESCRIBE_USER, send_describe, take_describe);
}

/* ---- the person ---- */

static void set_interest(struct sweep_take *t)
{
    const struct sweep_take_options *o = &t->options;
    struct span *apps = arena_new(&t->of, o->n_containers, sizeof(*apps));
    struct span *groups = arena_new(&t->of, o->n_containers, sizeof(*groups));

    t->interest = (struct okta_interest){.app_ids = apps, .group_ids = groups};
    for (size_t i = 0; i < o->n_containers; i++)
        if (o->containers[i].kind == MEMBERSHIP_APP)
            apps[t->interest.n_apps++] = o->containers[i].id;
        else
            groups[t->interest.n_groups++] = o->containers[i].id;
    t->interest.wants_all_groups = rules_name_kind(&o->sides->rules, TEST_GROUP);
}

static void read(void *arg, const struct okta_person *person, const struct fail *fail)
{
    struct sweep_take *t = arg;
    const struct both_sides *sides = t->options.sides;
    const struct reading *r = &t->reading.reading;

    t->read = NULL;
    if (fail != NULL && fail->err != ERR_INPUT) { /* as it will be with the others */
        end_all(t, fail);
        return;
    }
    if (fail != NULL) {
        fail_one(t, fail->text);
        return;
    }
    user_reading_make(&t->of, &sides->rules, current_names_get(sides->judge.names), person,
                      &t->interest, row_now(t)->id, okta_api_now_ms(sides->okta), &t->reading);
    t->person = (struct person){.source = SPAN("okta"),
                                .id = row_now(t)->id,
                                .login = r->login,
                                .display_name = r->display_name,
                                .app_user_name = r->app_user_name,
                                .read_ms = r->read_ms,
                                .status = r->status,
                                .profile = r->profile,
                                .agent_id = row_now(t)->agent_id,
                                .agent_user_name = row_now(t)->agent_name};
    describe(t);
}

static void begin_one(struct sweep_take *t)
{
    arena_clear(&t->of);
    t->tries = t->steps = 0;
    t->is_contact_free = t->is_on_contact = t->has_cleaned = t->is_admin = t->is_counted =
        t->is_parked = false;
    t->why = "";
    set_interest(t);
    t->read = okta_person_read(t->options.sides->okta, &t->interest, row_now(t)->id, read, t);
}

static void begin_next(struct sweep_take *t)
{
    while (t->at < t->options.people->n && !row_now(t)->is_marked)
        t->at++;
    if (t->at == t->options.people->n)
        end_all(t, NULL);
    else if (t->has_admin)
        begin_one(t);
    else
        call(t, OP_LIST_SECURITY_PROFILES, send_profiles, take_profiles);
}

/* ---- life ---- */

struct sweep_take *sweep_take_new(const struct sweep_take_options *options)
{
    struct sweep_take *t = mem_new(1, sizeof(*t));

    t->options = *options;
    t->quick = quick_connects_new();
    t->token = SPAN("");
    t->end = loop_timer_new(options->loop, on_end, t);
    t->again = loop_timer_new(options->loop, wait_for_pace, t);
    return t;
}

void sweep_take_free(struct sweep_take *t)
{
    if (t == NULL)
        return;
    sweep_take_pause(t);
    loop_timer_free(t->end);
    loop_timer_free(t->again);
    quick_connects_free(t->quick);
    arena_done(&t->of);
    arena_done(&t->arena);
    free(t);
}

void sweep_take_begin(struct sweep_take *t)
{
    if (t->is_over)
        loop_timer_set(t->end, 0);
    else
        begin_next(t);
}

void sweep_take_pause(struct sweep_take *t)
{
    if (t->waiter.is_waiting)
        pace_give_up(t->options.sides->pace, t->operation, &t->waiter);
    connect_cancel(t->call);
    t->call = NULL;
    okta_person_cancel(t->read);
    t->read = NULL;
    loop_timer_clear(t->again);
    loop_timer_clear(t->end);
    if (t->ask != QUICK_NONE && t->what.n > 0)
        quick_connects_failed(t->quick, t->ask, t->what);
    else if (t->ask == QUICK_LIST)
        quick_connects_failed(t->quick, t->ask, SPAN(""));
    t->ask = QUICK_NONE;
}

const struct sweep_takings *sweep_take_result(const struct sweep_take *t)
{
    return &t->result;
}
