/* One by one: users who were not shown, and agents that have to be described. Several at a time. */
#include <stdlib.h>

#include "engine/interest.h"
#include "engine/survey_private.h"
#include "engine/user_reading.h"

enum { PROFICIENCIES_MAX = 1000 /* an agent has at most ten */ };

static void next_for(struct survey_worker *w);

void survey_workers_init(struct survey *s)
{
    for (size_t i = 0; i < SURVEY_AT_ONCE; i++)
        s->workers[i].survey = s;
}

void survey_workers_done(struct survey *s)
{
    for (size_t i = 0; i < SURVEY_AT_ONCE; i++) {
        struct survey_worker *w = &s->workers[i];

        if (w->waiter.is_waiting)
            pace_give_up(s->options.pace, w->operation, &w->waiter);
        connect_cancel(w->call);
        okta_person_cancel(w->read);
        loop_timer_free(w->timer);
        arena_done(&w->arena);
    }
}

static void workers_ended(struct survey *s)
{
    void (*after)(struct survey *) = s->after;

    s->after = NULL;
    if (after != NULL && !s->is_failed)
        after(s);
    else
        survey_part_ended(s);
}

static void free_worker(struct survey_worker *w)
{
    arena_done(&w->arena);
    w->is_busy = false;
    w->tries = 0;
    w->found = (struct entitlement){0};
    w->token = SPAN("");
}

static void worker_ended(struct survey_worker *w)
{
    struct survey *s = w->survey;
    size_t n_busy = 0;

    free_worker(w);
    if (s->options.moved != NULL)
        s->options.moved(s->options.arg);
    next_for(w);
    for (size_t i = 0; i < SURVEY_AT_ONCE; i++)
        n_busy += s->workers[i].is_busy;
    if (n_busy == 0)
        workers_ended(s);
}

static void worker_failed(struct survey_worker *w)
{
    w->survey->result.failed_asks++;
    worker_ended(w);
}

static void store_failed(struct survey_worker *w, const struct fail *fail)
{
    survey_fail(w->survey, fail);
    worker_ended(w);
}

/* ---- an agent ---- */

static void answered(void *arg, const struct connect_answer *answer);

static void granted(void *arg)
{
    struct survey_worker *w = arg;
    struct connect *connect = w->survey->options.connect;

    w->call = w->operation[0] == 'D'
                  ? connect_describe_user(connect, w->agent.id, answered, w)
                  : connect_list_proficiencies(connect, w->agent.id, w->token, answered, w);
}

static void wait_for_pace(void *arg)
{
    struct survey_worker *w = arg;

    w->waiter =
        (struct pace_waiter){.grant = granted, .arg = w, .priority = w->survey->options.priority};
    pace_wait(w->survey->options.pace, w->operation, &w->waiter);
}

static bool wants_proficiencies(const struct survey *s)
{
    const struct rules *rules = s->options.judge->rules;

    for (size_t i = 0; i < rules->n; i++)
        if (rules->rules[i].n_proficiencies > 0)
            return true;
    return false;
}

static void put_agent(struct survey_worker *w)
{
    struct agent agent = {.id = w->agent.id,
                          .arn = w->agent.arn,
                          .user_name = w->found.user_name,
                          .tags = w->found.tags,
                          .n_tags = w->found.n_tags};
    struct fail fail;

    if (survey_put_agent(w->survey, &agent, &w->found, true, &fail) != ERR_NONE)
        store_failed(w, &fail);
    else
        worker_ended(w);
}

/* It does not exist: a row without an entitlement. */
static void put_gone(struct survey_worker *w)
{
    struct scan_agent row = {.id = w->agent.id, .is_described = true};
    struct fail fail;

    if (scan_agent_put(w->survey->options.scan, &row, &fail) != ERR_NONE)
        store_failed(w, &fail);
    else
        worker_ended(w);
}

static void take_proficiencies(struct survey_worker *w, const struct connect_answer *answer)
{
    size_t had = w->found.n_proficiencies, n = answer->n_proficiencies;
    struct proficiency *list = arena_new(&w->arena, had + n, sizeof(*list));

    for (size_t i = 0; i < had; i++)
        list[i] = w->found.proficiencies[i];
    for (size_t i = 0; i < n; i++)
        list[had + i] = (struct proficiency){
            arena_span(&w->arena, answer->proficiencies[i].attribute),
            arena_span(&w->arena, answer->proficiencies[i].value), answer->proficiencies[i].level};
    w->found.proficiencies = list;
    w->found.n_proficiencies = had + n;
    w->token = arena_span(&w->arena, answer->next_token);
    if (w->token.n > 0 && had + n < PROFICIENCIES_MAX)
        wait_for_pace(w);
    else
        put_agent(w);
}

static void take_described(struct survey_worker *w, const struct connect_answer *answer)
{
    w->found = entitlement_copy(&w->arena, answer->entitlement);
    w->agent.arn = arena_span(&w->arena, answer->agents[0].arn);
    w->found.proficiencies = NULL;
    w->found.n_proficiencies = 0;
    if (!wants_proficiencies(w->survey)) {
        put_agent(w);
        return;
    }
    w->operation = OP_LIST_PROFICIENCIES;
    wait_for_pace(w);
}

static void answered(void *arg, const struct connect_answer *answer)
{
    struct survey_worker *w = arg;
    struct pace *pace = w->survey->options.pace;

    w->call = NULL;
    if (answer->err == ERR_NONE) {
        survey_called(w->survey, w->operation);
        if (w->operation[0] == 'D')
            take_described(w, answer);
        else
            take_proficiencies(w, answer);
        return;
    }
    if (answer->err == ERR_BUSY)
        pace_throttled(pace, w->operation, answer->fail->retry_ms);
    if (answer->err == ERR_NOT_FOUND && w->operation[0] == 'D')
        put_gone(w);
    else if ((answer->err == ERR_BUSY || answer->err == ERR_IO || answer->err == ERR_UNCLEAR) &&
             ++w->tries < SURVEY_TRIES)
        loop_timer_set(w->timer, survey_pause_ms(w->tries));
    else
        worker_failed(w);
}

static void describe(struct survey_worker *w, struct span id)
{
    w->is_busy = true;
    w->agent = (struct scan_agent){.id = arena_span(&w->arena, id), .arn = SPAN("")};
    w->operation = OP_DESCRIBE_USER;
    if (w->timer == NULL)
        w->timer = loop_timer_new(w->survey->options.loop, wait_for_pace, w);
    wait_for_pace(w);
}

/* ---- a user ---- */

static bool number_of(const struct survey *s, const struct membership *m, uint16_t *out)
{
    for (size_t i = 0; i < s->result.n_containers; i++)
        if (s->containers[i].kind == m->kind && span_eq(s->containers[i].id, m->container)) {
            *out = (uint16_t)i;
            return true;
        }
    return false;
}

static enum err put_user(struct survey_worker *w, const struct user_reading *reading,
                         struct fail *fail)
{
    struct survey *s = w->survey;
    const struct reading *r = &reading->reading;
    uint16_t *numbers = arena_new(&w->arena, r->n_memberships, sizeof(*numbers));
    struct scan_user row = {.id = r->user_id,
                            .status = r->status,
                            .login = r->login,
                            .display_name = r->display_name,
                            .app_user_name = r->app_user_name,
                            .profile = r->profile,
                            .containers = numbers,
                            .is_read = true};

    for (size_t i = 0; i < r->n_memberships; i++)
        row.n_containers += number_of(s, &r->memberships[i], &numbers[row.n_containers]);
    return scan_user_put(s->options.scan, &row, fail);
}

static void user_read(void *arg, const struct okta_person *person, const struct fail *failed)
{
    struct survey_worker *w = arg;
    const struct judge *judge = w->survey->options.judge;
    struct user_reading reading;
    struct fail fail;

    w->read = NULL;
    if (failed != NULL) {
        worker_failed(w);
        return;
    }
    user_reading_make(&w->arena, judge->rules, current_names_get(judge->names), person,
                      &w->interest, w->user_id, w->survey->result.read_ms, &reading);
    /* What they were in does not exist any more: nobody has said that they left. */
    if (reading.n_gone > 0)
        worker_failed(w);
    else if (put_user(w, &reading, &fail) != ERR_NONE)
        store_failed(w, &fail);
    else
        worker_ended(w);
}

static void read_user(struct survey_worker *w, struct span id)
{
    const struct survey_options *o = &w->survey->options;
    struct membership *memberships;
    struct fail fail;
    size_t n;

    w->is_busy = true;
    w->user_id = arena_span(&w->arena, id);
    if (store_memberships(o->store, &w->arena, SPAN("okta"), id, &memberships, &n, &fail) !=
        ERR_NONE) {
        survey_fail(w->survey, &fail);
        n = 0;
    }
    w->interest =
        interest_of(o->judge->rules, current_names_get(o->judge->names), memberships, n, &w->arena);
    w->read = okta_person_read(o->okta, &w->interest, w->user_id, user_read, w);
}

/* ---- what is next ---- */

/* Behind a listing: the next agent of this deployment's that is not described. */
static bool next_listed(struct survey_worker *w)
{
    struct survey *s = w->survey;
    struct scan_agent agent;
    struct arena a = {0};
    struct fail fail;
    bool has = false;

    if (scan_agent_after(s->options.scan, &a, s->last_owner, s->last_id, &agent, &has, &fail) !=
        ERR_NONE)
        survey_fail(s, &fail);
    if (!has) {
        arena_done(&a);
        return false;
    }
    s->last_owner = agent.owner;
    s->last_id = agent.id;
    arena_done(&s->walk);
    s->walk = a;
    describe(w, agent.id);
    return true;
}

static void next_for(struct survey_worker *w)
{
    struct survey *s = w->survey;

    if (s->is_failed)
        return;
    if (s->is_walking)
        (void)next_listed(w);
    else if (s->users_at < s->n_users)
        read_user(w, s->users[s->users_at++]);
    else if (s->agents_at < s->n_agents)
        describe(w, s->agents[s->agents_at++]);
}

void survey_workers_go(struct survey *s)
{
    size_t n_busy = 0;

    for (size_t i = 0; i < SURVEY_AT_ONCE; i++) {
        if (!s->workers[i].is_busy)
            next_for(&s->workers[i]);
        n_busy += s->workers[i].is_busy;
    }
    if (n_busy == 0)
        workers_ended(s);
}
