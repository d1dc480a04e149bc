#include "fake_connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/step.h"
#include "sim.h"

struct fake_connect fake;

struct connect_call {
    const char *operation;
    char name[FAKE_TEXT];
    struct entitlement given; /* CreateUser, UpdateUser…, TagResource, …Proficiencies */
    enum aspect aspect;
    enum name_kind names; /* of a list of names */
    bool lists_names;
    const struct span *keys; /* UntagResource */
    size_t n_keys;
    struct arena arena;
    connect_done *done;
    void *arg;
    struct loop_timer *timer;
    struct fake_fault fault; /* err ERR_NONE = none */
    struct connect_call *next;
};

static struct connect_call *under_way;

void fake_connect_reset(struct loop *loop)
{
    arena_done(&fake.arena);
    memset(&fake, 0, sizeof(fake));
    fake.loop = loop;
    fake.latency_ms = 50;
    fake.max_agents = FAKE_AGENTS;
    fake.identity = "SAML";
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

/* ---- agents ---- */

static void show_tags(struct fake_agent *agent)
{
    struct agent a = {.tags = agent->has.tags, .n_tags = agent->has.n_tags};

    copy(agent->managed_by, agent_tag(&a, SPAN(TAG_MANAGED_BY)));
    copy(agent->okta_id, agent_tag(&a, SPAN(TAG_OKTA_ID)));
}

static struct fake_agent *add_agent(struct span name)
{
    struct fake_agent *agent;

    if (fake.n_agents == FAKE_AGENTS)
        abort();
    agent = &fake.agents[fake.n_agents++];
    *agent = (struct fake_agent){.since_ms = sim_ms()};
    copy(agent->name, name);
    (void)snprintf(agent->id, sizeof(agent->id), "agent-%d", fake.n_agents);
    (void)snprintf(agent->arn, sizeof(agent->arn), "arn:agent-%d", fake.n_agents);
    return agent;
}

struct fake_agent *fake_connect_add(const char *name, const char *managed_by, const char *okta_id)
{
    static const struct span profiles[] = {{"sp-1", 4}};
    struct fake_agent *agent = add_agent(span_of(name));
    struct tag *tags = arena_new(&fake.arena, 2, sizeof(*tags));

    agent->has = (struct entitlement){.user_name = span_of(agent->name),
                                      .first_name = SPAN("Ada"),
                                      .last_name = SPAN("Lovelace"),
                                      .security_profile_ids = profiles,
                                      .n_security_profile_ids = 1,
                                      .routing_profile_id = SPAN("rp-1"),
                                      .tags = tags};
    agent->has = entitlement_copy(&fake.arena, &agent->has);
    tags = arena_new(&fake.arena, 2, sizeof(*tags));
    if (managed_by[0] != '\0')
        tags[agent->has.n_tags++] =
            (struct tag){SPAN(TAG_MANAGED_BY), arena_span(&fake.arena, span_of(managed_by))};
    if (okta_id[0] != '\0')
        tags[agent->has.n_tags++] =
            (struct tag){SPAN(TAG_OKTA_ID), arena_span(&fake.arena, span_of(okta_id))};
    agent->has.tags = tags;
    agent->has.phone.persistent_connection = CHANNEL_UNSET;
    for (int i = 0; i < CHANNELS; i++)
        agent->has.phone.auto_accept[i] = agent->has.phone.after_contact_work_s[i] = CHANNEL_UNSET;
    show_tags(agent);
    return agent;
}

void fake_connect_add_quick(const char *user_id)
{
    struct fake_quick *quick = &fake.quicks[fake.n_quicks++];

    (void)snprintf(quick->id, sizeof(quick->id), "quick-%d", fake.n_quicks);
    copy(quick->user_id, span_of(user_id));
}

void fake_connect_add_name(enum name_kind kind, const char *id, const char *name)
{
    fake.names[kind][fake.n_names[kind]++] =
        (struct named){.id = span_of(id), .name = span_of(name)};
}

struct fake_agent *fake_connect_agent(const char *name)
{
    for (int i = 0; i < fake.n_agents; i++)
        if (!fake.agents[i].is_gone && strcmp(fake.agents[i].name, name) == 0)
            return &fake.agents[i];
    return NULL;
}

static struct fake_agent *agent_of(const char *id_or_arn)
{
    for (int i = 0; i < fake.n_agents; i++)
        if (!fake.agents[i].is_gone && (strcmp(fake.agents[i].arn, id_or_arn) == 0 ||
                                        strcmp(fake.agents[i].id, id_or_arn) == 0))
            return &fake.agents[i];
    return NULL;
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
    struct fake_agent *agent;

    if (fake_connect_agent(call->name) != NULL)
        return refuse(fail, ERR_CONFLICT, 409, "DuplicateResourceException");
    if (fake.n_agents >= fake.max_agents)
        return refuse(fail, ERR_DENIED, 429, "LimitExceededException");
    agent = add_agent(span_of(call->name));
    agent->has = entitlement_copy(&fake.arena, &call->given);
    agent->has.n_proficiencies = 0;
    show_tags(agent);
    answer->user_id = span_of(agent->id);
    answer->user_arn = span_of(agent->arn);
    return ERR_NONE;
}

static void show_agent(const struct fake_agent *found, struct arena *a,
                       struct connect_answer *answer)
{
    struct agent *agent = arena_new(a, 1, sizeof(*agent));

    *agent = (struct agent){.id = span_of(found->id),
                            .arn = span_of(found->arn),
                            .user_name = span_of(found->name),
                            .tags = found->has.tags,
                            .n_tags = found->has.n_tags};
    answer->agents = agent;
    answer->n_agents = 1;
    answer->entitlement = &found->has;
}

static void search(const struct connect_call *call, struct arena *a, struct connect_answer *answer)
{
    const struct fake_agent *found = fake_connect_agent(call->name);

    if (found != NULL && sim_ms() - found->since_ms >= fake.search_lag_ms)
        show_agent(found, a, answer);
}

static void untag(struct fake_agent *agent, const struct connect_call *call)
{
    struct tag *kept = arena_new(&fake.arena, agent->has.n_tags, sizeof(*kept));
    size_t n = 0;

    for (size_t i = 0; i < agent->has.n_tags; i++) {
        bool goes = false;

        for (size_t k = 0; k < call->n_keys; k++)
            goes |= span_eq(agent->has.tags[i].key, call->keys[k]);
        if (!goes)
            kept[n++] = agent->has.tags[i];
    }
    agent->has.tags = kept;
    agent->has.n_tags = n;
}

static bool has_proficiency(const struct entitlement *e, const struct proficiency *p)
{
    for (size_t i = 0; i < e->n_proficiencies; i++)
        if (span_eq(e->proficiencies[i].attribute, p->attribute) &&
            span_eq(e->proficiencies[i].value, p->value))
            return true;
    return false;
}

static void disassociate(struct fake_agent *agent, const struct entitlement *given)
{
    struct proficiency *kept = arena_new(&fake.arena, agent->has.n_proficiencies, sizeof(*kept));
    size_t n = 0;

    for (size_t i = 0; i < agent->has.n_proficiencies; i++)
        if (!has_proficiency(given, &agent->has.proficiencies[i]))
            kept[n++] = agent->has.proficiencies[i];
    agent->has.proficiencies = kept;
    agent->has.n_proficiencies = n;
}

static enum err change(struct fake_agent *agent, const struct connect_call *call)
{
    const char *op = call->operation;
    struct entitlement given = entitlement_copy(&fake.arena, &call->given);

    if (strcmp(op, OP_TAG_RESOURCE) == 0)
        agent->has = step_applied(STEP_TAG_USER, &given, &agent->has, &fake.arena);
    else if (strcmp(op, "UntagResource") == 0)
        untag(agent, call);
    else if (strcmp(op, "AssociateUserProficiencies") == 0)
        agent->has = step_applied(STEP_ASSOCIATE_PROFICIENCIES, &given, &agent->has, &fake.arena);
    else if (strcmp(op, "UpdateUserProficiencies") == 0)
        agent->has = step_applied(STEP_UPDATE_PROFICIENCIES, &given, &agent->has, &fake.arena);
    else if (strcmp(op, "DisassociateUserProficiencies") == 0)
        disassociate(agent, &given);
    else if (strcmp(op, OP_DELETE_USER) == 0)
        agent->is_gone = true;
    else
        entitlement_take_aspect(&agent->has, &given, call->aspect);
    show_tags(agent);
    return ERR_NONE;
}

static enum err quick_connects(const struct connect_call *call, struct arena *a,
                               struct connect_answer *answer, struct fail *fail)
{
    struct named *named = arena_new(a, FAKE_QUICK, sizeof(*named));

    for (int i = 0; i < fake.n_quicks; i++) {
        struct fake_quick *quick = &fake.quicks[i];

        if (quick->is_gone)
            continue;
        if (strcmp(call->operation, OP_LIST_QUICK_CONNECTS) == 0) {
            named[answer->n_named++] =
                (struct named){.id = span_of(quick->id), .name = span_of(quick->id)};
        } else if (strcmp(quick->id, call->name) == 0) {
            answer->quick_connect_user_id = span_of(quick->user_id);
            quick->is_gone = strcmp(call->operation, OP_DELETE_QUICK_CONNECT) == 0;
            return ERR_NONE;
        }
    }
    answer->named = named;
    return strcmp(call->operation, OP_LIST_QUICK_CONNECTS) == 0
               ? ERR_NONE
               : refuse(fail, ERR_NOT_FOUND, 404, "ResourceNotFoundException");
}

static enum err read_agent(const struct connect_call *call, struct arena *a,
                           struct connect_answer *answer, struct fail *fail)
{
    const struct fake_agent *agent = agent_of(call->name);

    if (agent == NULL)
        return refuse(fail, ERR_NOT_FOUND, 404, "ResourceNotFoundException");
    show_agent(agent, a, answer);
    answer->proficiencies = agent->has.proficiencies;
    answer->n_proficiencies = agent->has.n_proficiencies;
    answer->has_contact = agent->is_on_contact;
    return ERR_NONE;
}

static enum err carry_out(const struct connect_call *call, struct arena *a,
                          struct connect_answer *answer, struct fail *fail)
{
    const char *op = call->operation;
    struct fake_agent *agent;

    if (strcmp(op, OP_CREATE_USER) == 0)
        return create(call, answer, fail);
    if (strcmp(op, OP_SEARCH_USERS) == 0) {
        search(call, a, answer);
        return ERR_NONE;
    }
    if (strcmp(op, OP_DESCRIBE_INSTANCE) == 0) {
        answer->identity_type = span_of(fake.identity);
        return ERR_NONE;
    }
    if (call->lists_names) {
        answer->named = fake.names[call->names];
        answer->n_named = (size_t)fake.n_names[call->names];
        return ERR_NONE;
    }
    if (strstr(op, "QuickConnect") != NULL)
        return quick_connects(call, a, answer, fail);
    if (fake_connect_is_read(op))
        return read_agent(call, a, answer, fail);
    agent = agent_of(call->name);
    return agent != NULL ? change(agent, call)
                         : refuse(fail, ERR_NOT_FOUND, 404, "ResourceNotFoundException");
}

static void forget(struct connect_call *call)
{
    struct connect_call **at;

    for (at = &under_way; *at != call;)
        at = &(*at)->next;
    *at = call->next;
    loop_timer_free(call->timer);
    arena_done(&call->arena);
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
            if (call->fault.carries_out && strcmp(operation, OP_CREATE_USER) == 0)
                call->fault.err = ERR_UNCLEAR; /* the one request that is not to be repeated */
        }
    call->timer = loop_timer_new(fake.loop, answer_call, call);
    loop_timer_set(call->timer, fake.latency_ms);
    return call;
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

void connect_cancel(struct connect_call *call)
{
    if (call != NULL)
        forget(call);
}

struct connect_call *connect_create_user(struct connect *c, const struct entitlement *wanted,
                                         bool needs_password, connect_done *done, void *arg)
{
    struct connect_call *call = ask(OP_CREATE_USER, wanted->user_name, done, arg);

    (void)c;
    call->given = entitlement_copy(&call->arena, wanted);
    fake.needed_password = needs_password;
    return call;
}

struct connect_call *connect_find_user(struct connect *c, struct span user_name, connect_done *done,
                                       void *arg)
{
    (void)c;
    return ask(OP_SEARCH_USERS, user_name, done, arg);
}

struct connect_call *connect_describe_instance(struct connect *c, connect_done *done, void *arg)
{
    (void)c;
    return ask(OP_DESCRIBE_INSTANCE, SPAN(""), done, arg);
}

struct connect_call *connect_tag_user(struct connect *c, struct span arn, const struct tag *tags,
                                      size_t n_tags, connect_done *done, void *arg)
{
    struct connect_call *call = ask(OP_TAG_RESOURCE, arn, done, arg);
    struct entitlement given = {.tags = tags, .n_tags = n_tags};

    (void)c;
    call->given = entitlement_copy(&call->arena, &given);
    return call;
}

struct connect_call *connect_untag_user(struct connect *c, struct span arn, const struct span *keys,
                                        size_t n_keys, connect_done *done, void *arg)
{
    struct connect_call *call = ask("UntagResource", arn, done, arg);
    struct span *kept = arena_new(&call->arena, n_keys, sizeof(*kept));

    (void)c;
    for (size_t i = 0; i < n_keys; i++)
        kept[i] = arena_span(&call->arena, keys[i]);
    call->keys = kept;
    call->n_keys = n_keys;
    return call;
}

struct connect_call *connect_describe_user(struct connect *c, struct span user_id,
                                           connect_done *done, void *arg)
{
    (void)c;
    return ask(OP_DESCRIBE_USER, user_id, done, arg);
}

struct connect_call *connect_delete_user(struct connect *c, struct span user_id, connect_done *done,
                                         void *arg)
{
    (void)c;
    return ask(OP_DELETE_USER, user_id, done, arg);
}

struct connect_call *connect_update_user(struct connect *c, struct span user_id, enum aspect aspect,
                                         const struct entitlement *wanted, connect_done *done,
                                         void *arg)
{
    static const char *const operations[ASPECTS] = {
        [ASPECT_IDENTITY] = "UpdateUserIdentityInfo",
        [ASPECT_SECURITY_PROFILES] = "UpdateUserSecurityProfiles",
        [ASPECT_ROUTING_PROFILE] = "UpdateUserRoutingProfile",
        [ASPECT_HIERARCHY] = "UpdateUserHierarchy",
        [ASPECT_PHONE] = "UpdateUserPhoneConfig"};
    struct connect_call *call =
        ask(wanted->phone.is_per_channel && aspect == ASPECT_PHONE ? "UpdateUserConfig"
                                                                   : operations[aspect],
            user_id, done, arg);

    (void)c;
    call->aspect = aspect;
    call->given = entitlement_copy(&call->arena, wanted);
    return call;
}

struct connect_call *connect_list_proficiencies(struct connect *c, struct span user_id,
                                                struct span token, connect_done *done, void *arg)
{
    (void)c;
    (void)token;
    return ask(OP_LIST_PROFICIENCIES, user_id, done, arg);
}

struct connect_call *connect_change_proficiencies(struct connect *c, struct span user_id,
                                                  enum proficiency_change change_kind,
                                                  const struct proficiency *p, size_t n,
                                                  connect_done *done, void *arg)
{
    static const char *const operations[] = {[PROFICIENCY_ASSOCIATE] = "AssociateUserProficiencies",
                                             [PROFICIENCY_UPDATE] = "UpdateUserProficiencies",
                                             [PROFICIENCY_DISASSOCIATE] =
                                                 "DisassociateUserProficiencies"};
    struct connect_call *call = ask(operations[change_kind], user_id, done, arg);
    struct entitlement given = {.proficiencies = p, .n_proficiencies = n};

    (void)c;
    call->given = entitlement_copy(&call->arena, &given);
    return call;
}

struct connect_call *connect_current_user_data(struct connect *c, struct span user_id,
                                               connect_done *done, void *arg)
{
    (void)c;
    return ask(OP_CURRENT_USER_DATA, user_id, done, arg);
}

struct connect_call *connect_list_names(struct connect *c, enum name_kind kind, struct span token,
                                        connect_done *done, void *arg)
{
    static const char *const operations[NAME_KINDS] = {
        [NAME_SECURITY_PROFILE] = OP_LIST_SECURITY_PROFILES,
        [NAME_ROUTING_PROFILE] = OP_LIST_ROUTING_PROFILES,
        [NAME_HIERARCHY_GROUP] = OP_SEARCH_HIERARCHY_GROUPS};
    struct connect_call *call = ask(operations[kind], token, done, arg);

    (void)c;
    call->names = kind;
    call->lists_names = true;
    return call;
}

/* Converging guards no administrators in these tests; scenes do. */
struct connect_call *connect_search_holders(struct connect *c, struct span security_profile_id,
                                            int max, connect_done *done, void *arg)
{
    (void)c;
    (void)security_profile_id;
    (void)max;
    (void)done;
    (void)arg;
    abort();
}

struct connect_call *connect_list_quick_connects(struct connect *c, struct span token,
                                                 connect_done *done, void *arg)
{
    (void)c;
    return ask(OP_LIST_QUICK_CONNECTS, token, done, arg);
}

struct connect_call *connect_describe_quick_connect(struct connect *c, struct span id,
                                                    connect_done *done, void *arg)
{
    (void)c;
    return ask(OP_DESCRIBE_QUICK_CONNECT, id, done, arg);
}

struct connect_call *connect_delete_quick_connect(struct connect *c, struct span id,
                                                  connect_done *done, void *arg)
{
    (void)c;
    return ask(OP_DELETE_QUICK_CONNECT, id, done, arg);
}
