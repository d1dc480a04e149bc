#include "lambda/look_up.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/interest.h"
#include "engine/user_reading.h"
#include "model/plan.h"

enum { TRIES = 4, AGAIN_MS = 500, AGENTS_MAX = 8, PAGES_MAX = 20 };

struct look_up {
    struct look_up_ask ask;
    struct arena arena;
    struct looked_up found;
    struct okta_interest interest;
    struct okta_person_read *read;
    int64_t read_ms; /* by Okta's clock */
    bool has_witness;
    struct pace_waiter waiter;
    struct connect_call *call;
    struct span token;
    struct agent *agents;
    int tries, pages;
    struct loop_timer *timer;
    bool is_reading; /* what the timer goes on with: Okta, or the search */
};

static void fail_with(struct look_up *l, const char *operation, const struct fail *fail)
{
    struct fail copy = *fail;

    l->ask.failed(l->ask.arg, operation, &copy);
}

static const struct names *names_now(const struct look_up *l)
{
    return current_names_get(&l->ask.sides->names);
}

static void judge(struct look_up *l)
{
    l->found.scope = rules_scope(&l->ask.sides->rules, names_now(l), &l->found.person,
                                 l->found.memberships, l->found.n_memberships, &l->arena);
}

/* ---- Okta ---- */

static void read_user(struct look_up *l);
static void search(struct look_up *l);

static void take_reading(struct look_up *l, const struct user_reading *r)
{
    const struct reading *said = &r->reading;
    struct person *p = &l->found.person;

    p->read_ms = said->read_ms;
    p->status = said->status;
    p->profile = said->profile;
    p->facts_ns = p->display_name_ns = p->app_user_name_ns = said->read_ns;
    if (said->login.n > 0)
        p->login = said->login;
    if (said->display_name.n > 0)
        p->display_name = said->display_name;
    p->app_user_name = said->app_user_name;
    l->found.updated_ns = r->updated_ns;
    l->found.memberships = said->memberships;
    l->found.n_memberships = said->n_memberships;
    judge(l);
    /* Nobody has said that they left what does not exist. */
    if (!l->found.scope.is_in && r->n_gone > 0)
        l->found.scope.is_unsure = true;
    if (!l->found.scope.is_in && l->ask.sides->search != NULL &&
        name_search_has_unknown(l->ask.sides->search))
        l->found.scope.is_unsure = true;
}

static bool is_active(const struct person *p)
{
    return !span_eq(p->status, SPAN("DEPROVISIONED")) && !span_eq(p->status, SPAN(STATUS_GONE));
}

static void end_search(struct look_up *l)
{
    /* That they are in nothing that counts is believed when what counts is there. */
    if (l->ask.sides->okta != NULL && l->found.n_agents > 0 && !l->found.scope.is_in &&
        is_active(&l->found.person) && !l->has_witness) {
        l->has_witness = true;
        read_user(l);
        return;
    }
    l->ask.done(l->ask.arg, &l->found);
}

static void was_read(void *arg, const struct okta_person *person, const struct fail *fail)
{
    struct look_up *l = arg;
    struct user_reading reading;

    l->read = NULL;
    if (fail != NULL) {
        fail_with(l, "Okta", fail);
        return;
    }
    user_reading_make(&l->arena, &l->ask.sides->rules, names_now(l), person, &l->interest,
                      l->found.person.id, l->read_ms, &reading);
    take_reading(l, &reading);
    if (l->has_witness)
        l->ask.done(l->ask.arg, &l->found);
    else
        search(l);
}

struct ids {
    struct span *of;
    size_t n, room;
};

static void add_id(struct ids *ids, struct span id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (span_eq(ids->of[i], id))
            return;
    if (ids->n < ids->room && okta_is_id(id))
        ids->of[ids->n++] = id;
}

static bool count_group(void *arg, enum name_kind kind, struct span value, struct span id)
{
    struct ids *ids = arg;

    (void)value;
    ids->room += kind == NAME_OKTA_GROUP && id.n > 0;
    return true;
}

static bool take_group(void *arg, enum name_kind kind, struct span value, struct span id)
{
    (void)value;
    if (kind == NAME_OKTA_GROUP && id.n > 0)
        add_id(arg, id);
    return true;
}

/* With what several bear the name of. Groups are asked for by their ids only where an absence is
 * to be believed. */
static void set_interest(struct look_up *l)
{
    const struct both_sides *sides = l->ask.sides;
    struct ids apps = {0}, groups = {0};

    l->interest = interest_of(&sides->rules, names_now(l), NULL, 0, &l->arena);
    apps.room = l->interest.n_apps + sides->n_shared;
    apps.of = arena_new(&l->arena, apps.room, sizeof(*apps.of));
    for (size_t i = 0; i < l->interest.n_apps; i++)
        add_id(&apps, l->interest.app_ids[i]);
    for (size_t i = 0; i < sides->n_shared; i++)
        if (sides->shared[i].kind == NAME_OKTA_APP)
            add_id(&apps, sides->shared[i].id);
    l->interest.app_ids = apps.of;
    l->interest.n_apps = apps.n;
    if (!l->has_witness)
        return;
    interest_each(&sides->rules, names_now(l), count_group, &groups);
    groups.of = arena_new(&l->arena, groups.room, sizeof(*groups.of));
    interest_each(&sides->rules, names_now(l), take_group, &groups);
    l->interest.group_ids = groups.of;
    l->interest.n_groups = groups.n;
}

static void read_user(struct look_up *l)
{
    set_interest(l);
    l->read_ms = okta_api_now_ms(l->ask.sides->okta);
    l->read = okta_person_read(l->ask.sides->okta, &l->interest, l->found.person.id, was_read, l);
}

/* ---- Amazon Connect ---- */

static void add_agent(struct look_up *l, const struct agent *agent)
{
    struct tag *tags = arena_new(&l->arena, agent->n_tags, sizeof(*tags));
    struct agent *kept = &l->agents[l->found.n_agents];

    for (size_t i = 0; i < agent->n_tags; i++)
        tags[i] = (struct tag){arena_span(&l->arena, agent->tags[i].key),
                               arena_span(&l->arena, agent->tags[i].value)};
    *kept = (struct agent){.id = arena_span(&l->arena, agent->id),
                           .arn = arena_span(&l->arena, agent->arn),
                           .user_name = arena_span(&l->arena, agent->user_name),
                           .tags = tags,
                           .n_tags = agent->n_tags};
    l->found.n_agents++;
}

static bool is_passing(enum err err)
{
    return err == ERR_BUSY || err == ERR_IO || err == ERR_UNCLEAR;
}

static void searched(void *arg, const struct connect_answer *answer)
{
    struct look_up *l = arg;
    struct pace *pace = l->ask.sides->pace;

    l->call = NULL;
    if (answer->err == ERR_NONE)
        pace_succeeded(pace, OP_SEARCH_USERS);
    else if (answer->err == ERR_BUSY)
        pace_throttled(pace, OP_SEARCH_USERS, answer->fail->retry_ms);
    log_info("Amazon Connect called", LOG_STR("operation", OP_SEARCH_USERS),
             LOG_SPAN("okta_id", l->found.person.id), LOG_SPAN("cause", l->found.person.cause),
             LOG_STR("outcome", answer->err == ERR_NONE ? "done" : err_name(answer->err)),
             LOG_INT("status", answer->status), LOG_STR("request_id", answer->request_id));
    if (is_passing(answer->err) && ++l->tries < TRIES) {
        loop_timer_set(l->timer, answer->err == ERR_BUSY ? 0 : (int64_t)AGAIN_MS << l->tries);
        return;
    }
    if (answer->err != ERR_NONE) {
        fail_with(l, OP_SEARCH_USERS, answer->fail);
        return;
    }
    for (size_t i = 0; i < answer->n_agents && l->found.n_agents < AGENTS_MAX; i++)
        if (plan_owner(&answer->agents[i], l->ask.sides->rules.managed_by, l->found.person.id) ==
            OWNER_OURS)
            add_agent(l, &answer->agents[i]);
    l->token = arena_span(&l->arena, answer->next_token);
    if (l->token.n > 0 && ++l->pages < PAGES_MAX)
        search(l);
    else
        end_search(l);
}

static void granted(void *arg)
{
    struct look_up *l = arg;

    l->call = connect_search_owned(l->ask.sides->connect, l->ask.sides->rules.managed_by,
                                   l->found.person.id, l->token, searched, l);
}

static void search(struct look_up *l)
{
    pace_wait(l->ask.sides->pace, OP_SEARCH_USERS, &l->waiter);
}

/* ---- life ---- */

static void go_on(void *arg)
{
    struct look_up *l = arg;

    if (l->is_reading) {
        l->is_reading = false;
        read_user(l);
    } else {
        search(l);
    }
}

static void take_told(struct look_up *l)
{
    const struct look_up_ask *ask = &l->ask;

    l->found.person = person_copy(&l->arena, ask->told);
    if (ask->sides->okta != NULL)
        return;
    l->found.memberships = ask->memberships;
    l->found.n_memberships = ask->n_memberships;
    judge(l);
}

struct look_up *look_up_begin(const struct look_up_ask *ask)
{
    struct look_up *l = mem_new(1, sizeof(*l));

    l->ask = *ask;
    l->waiter = (struct pace_waiter){.grant = granted, .arg = l, .priority = PRIORITY_NEW};
    l->token = SPAN("");
    l->agents = arena_new(&l->arena, AGENTS_MAX, sizeof(*l->agents));
    l->found.agents = l->agents;
    l->timer = loop_timer_new(ask->sides->options.loop, go_on, l);
    take_told(l);
    l->is_reading = ask->sides->okta != NULL;
    loop_timer_set(l->timer, 0);
    return l;
}

void look_up_free(struct look_up *l)
{
    if (l == NULL)
        return;
    okta_person_cancel(l->read);
    pace_give_up(l->ask.sides->pace, OP_SEARCH_USERS, &l->waiter);
    connect_cancel(l->call);
    loop_timer_free(l->timer);
    arena_done(&l->arena);
    free(l);
}
