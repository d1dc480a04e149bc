#include "fake_connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "sim.h"

struct fake_connect fake;

struct connect_call {
    const char *operation;
    char name[FAKE_TEXT], managed_by[FAKE_TEXT], okta_id[FAKE_TEXT];
    connect_done *done;
    void *arg;
    struct loop_timer *timer;
    struct fake_fault fault; /* err ERR_NONE = none */
    struct connect_call *next;
};

static struct connect_call *under_way;

void fake_connect_reset(struct loop *loop)
{
    memset(&fake, 0, sizeof(fake));
    fake.loop = loop;
    fake.latency_ms = 50;
    fake.max_agents = FAKE_AGENTS;
}

void fake_connect_fail(struct fake_fault fault)
{
    for (int i = 0; i < FAKE_FAULTS; i++)
        if (fake.faults[i].count == 0) {
            fake.faults[i] = fault;
            return;
        }
    abort();
}

void fake_connect_heal(void)
{
    memset(fake.faults, 0, sizeof(fake.faults));
}

static void copy(char out[static FAKE_TEXT], struct span s)
{
    (void)snprintf(out, FAKE_TEXT, "%.*s", SPAN_ARG(s));
}

struct fake_agent *fake_connect_add(const char *name, const char *managed_by, const char *okta_id)
{
    struct fake_agent *agent = &fake.agents[fake.n_agents++];

    *agent = (struct fake_agent){.since_ms = sim_ms()};
    copy(agent->name, span_of(name));
    (void)snprintf(agent->id, sizeof(agent->id), "agent-%d", fake.n_agents);
    (void)snprintf(agent->arn, sizeof(agent->arn), "arn:agent-%d", fake.n_agents);
    copy(agent->managed_by, span_of(managed_by));
    copy(agent->okta_id, span_of(okta_id));
    return agent;
}

static struct fake_agent *find(const char *name)
{
    for (int i = 0; i < fake.n_agents; i++)
        if (strcmp(fake.agents[i].name, name) == 0)
            return &fake.agents[i];
    return NULL;
}

const struct fake_agent *fake_connect_agent(const char *name)
{
    return find(name);
}

int fake_connect_count(const char *operation)
{
    int n = 0;

    for (int i = 0; i < fake.n_calls; i++)
        n += strcmp(fake.calls[i].operation, operation) == 0;
    return n;
}

int64_t fake_connect_at(const char *operation, int n)
{
    for (int i = 0; i < fake.n_calls; i++)
        if (strcmp(fake.calls[i].operation, operation) == 0 && n-- == 0)
            return fake.calls[i].at_ms;
    return -1;
}

/* ---- what it does ---- */

static enum err refuse(struct fail *fail, enum err err, int status, const char *code)
{
    (void)fail_set(fail, err, "it says %s", code);
    fail->status = status;
    (void)snprintf(fail->code, sizeof(fail->code), "%s", code);
    return err;
}

static enum err create(const struct connect_call *call, struct connect_answer *answer,
                       struct fail *fail)
{
    const struct fake_agent *agent;

    if (find(call->name) != NULL)
        return refuse(fail, ERR_CONFLICT, 409, "DuplicateResourceException");
    if (fake.n_agents >= fake.max_agents)
        return refuse(fail, ERR_DENIED, 429, "LimitExceededException");
    agent = fake_connect_add(call->name, call->managed_by, call->okta_id);
    answer->user_id = span_of(agent->id);
    answer->user_arn = span_of(agent->arn);
    return ERR_NONE;
}

static void search(const struct connect_call *call, struct arena *a, struct connect_answer *answer)
{
    const struct fake_agent *found = find(call->name);
    struct agent *agent;
    struct tag *tags;

    if (found == NULL || sim_ms() - found->since_ms < fake.search_lag_ms)
        return;
    agent = arena_new(a, 1, sizeof(*agent));
    tags = arena_new(a, 2, sizeof(*tags));
    *agent = (struct agent){.id = span_of(found->id),
                            .arn = span_of(found->arn),
                            .user_name = span_of(found->name),
                            .tags = tags};
    if (found->managed_by[0] != '\0')
        tags[agent->n_tags++] = (struct tag){SPAN(TAG_MANAGED_BY), span_of(found->managed_by)};
    if (found->okta_id[0] != '\0')
        tags[agent->n_tags++] = (struct tag){SPAN(TAG_OKTA_ID), span_of(found->okta_id)};
    answer->agents = agent;
    answer->n_agents = 1;
}

static enum err tag(const struct connect_call *call, struct fail *fail)
{
    for (int i = 0; i < fake.n_agents; i++)
        if (strcmp(fake.agents[i].arn, call->name) == 0) {
            copy(fake.agents[i].managed_by, span_of(call->managed_by));
            copy(fake.agents[i].okta_id, span_of(call->okta_id));
            return ERR_NONE;
        }
    return refuse(fail, ERR_NOT_FOUND, 404, "ResourceNotFoundException");
}

static enum err carry_out(const struct connect_call *call, struct arena *a,
                          struct connect_answer *answer, struct fail *fail)
{
    if (strcmp(call->operation, OP_CREATE_USER) == 0)
        return create(call, answer, fail);
    if (strcmp(call->operation, OP_SEARCH_USERS) == 0)
        search(call, a, answer);
    else if (strcmp(call->operation, OP_TAG_RESOURCE) == 0)
        return tag(call, fail);
    else
        answer->identity_type = SPAN("SAML");
    return ERR_NONE;
}

static void forget(struct connect_call *call)
{
    struct connect_call **at;

    for (at = &under_way; *at != call;)
        at = &(*at)->next;
    *at = call->next;
    loop_timer_free(call->timer);
    free(call);
}

static void answer_call(void *arg)
{
    struct connect_call *call = arg;
    struct connect_answer answer = {.status = 200, .request_id = "r-1"};
    struct fail fail = {0};
    struct arena a = {0};
    connect_done *done = call->done;
    void *done_arg = call->arg;

    if (call->fault.err == ERR_NONE || call->fault.carries_out)
        answer.err = carry_out(call, &a, &answer, &fail);
    if (call->fault.err != ERR_NONE) {
        answer = (struct connect_answer){.request_id = "r-2"};
        answer.err = refuse(&fail, call->fault.err, call->fault.status, call->fault.code);
        fail.retry_ms = call->fault.retry_ms;
    }
    if (answer.err != ERR_NONE) {
        answer.fail = &fail;
        answer.status = fail.status;
    }
    forget(call);
    done(done_arg, &answer);
    arena_done(&a);
}

static struct connect_call *ask(const char *operation, struct span name, connect_done *done,
                                void *arg)
{
    struct connect_call *call = mem_new(1, sizeof(*call));
    struct fake_call *record = &fake.calls[fake.n_calls];

    if (fake.n_calls++ == FAKE_CALLS)
        abort();
    *record = (struct fake_call){.operation = operation, .at_ms = sim_ms()};
    copy(record->name, name);
    if (fake.on_call != NULL)
        fake.on_call(record);
    *call =
        (struct connect_call){.operation = operation, .done = done, .arg = arg, .next = under_way};
    copy(call->name, name);
    under_way = call;
    for (int i = 0; i < FAKE_FAULTS && call->fault.err == ERR_NONE; i++)
        if (fake.faults[i].count > 0 && (fake.faults[i].operation == NULL ||
                                         strcmp(fake.faults[i].operation, operation) == 0)) {
            fake.faults[i].count--;
            call->fault = fake.faults[i];
        }
    call->timer = loop_timer_new(fake.loop, answer_call, call);
    loop_timer_set(call->timer, fake.latency_ms);
    return call;
}

static void take_tags(struct connect_call *call, const struct tag *tags, size_t n)
{
    for (size_t i = 0; i < n; i++)
        copy(span_eq(tags[i].key, SPAN(TAG_OKTA_ID)) ? call->okta_id : call->managed_by,
             tags[i].value);
}

/* ---- connect/connect.h ---- */

struct connect *connect_new(struct aws *aws, struct span instance_id)
{
    (void)aws;
    (void)instance_id;
    return NULL;
}

void connect_free(struct connect *c)
{
    (void)c;
}

struct connect_call *connect_create_user(struct connect *c, const struct entitlement *wanted,
                                         connect_done *done, void *arg)
{
    struct connect_call *call = ask(OP_CREATE_USER, wanted->user_name, done, arg);

    (void)c;
    take_tags(call, wanted->tags, wanted->n_tags);
    return call;
}

struct connect_call *connect_find_user(struct connect *c, struct span user_name, connect_done *done,
                                       void *arg)
{
    (void)c;
    return ask(OP_SEARCH_USERS, user_name, done, arg);
}

struct connect_call *connect_tag_user(struct connect *c, struct span arn, const struct tag *tags,
                                      size_t n_tags, connect_done *done, void *arg)
{
    struct connect_call *call = ask(OP_TAG_RESOURCE, arn, done, arg);

    (void)c;
    take_tags(call, tags, n_tags);
    return call;
}

struct connect_call *connect_describe_instance(struct connect *c, connect_done *done, void *arg)
{
    (void)c;
    return ask(OP_DESCRIBE_INSTANCE, SPAN(""), done, arg);
}

void connect_cancel(struct connect_call *call)
{
    if (call != NULL)
        forget(call);
}
