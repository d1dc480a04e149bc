/* From what a task asks to the request. */
#include "engine/task.h"

#include "base/buf.h"
#include "model/step.h"

bool task_writes(const struct task *t)
{
    switch (t->asks) {
    case ASK_STEP:
        return t->op != STEP_FIND_USER && t->op != STEP_DESCRIBE_USER &&
               t->op != STEP_LOOK_FOR_CONTACTS;
    case ASK_QUICK: /* the agent is deleted: nothing that is said of the person changes that */
    case ASK_PROFICIENCIES:
    case ASK_AGENT:
    case ASK_INSTANCE:
    case ASK_SEARCH:
    case ASK_ADMIN_PROFILE:
    case ASK_ADMINS:
        break;
    }
    return false;
}

int64_t task_aspects(const struct task *t)
{
    enum aspect aspect = step_aspect(t->op);

    if (t->asks != ASK_STEP || aspect == ASPECTS || t->plan.is_on_old)
        return 0;
    return (int64_t)1 << aspect;
}

struct span task_entitlement_text(struct arena *a, const struct entitlement *e)
{
    struct span text;
    struct buf json;

    buf_init(&json, ENTITLEMENT_JSON_LIMIT);
    entitlement_add_json(&json, e);
    text = json.full ? SPAN("") : arena_span(a, buf_span(&json));
    buf_done(&json);
    return text;
}

/* An earlier CreateUser for that name may have been carried out: what the agent may have been given
 * is what either carried. */
static struct entitlement either(const struct entitlement *now, const struct entitlement *before,
                                 struct arena *a)
{
    struct entitlement tagged = step_applied(STEP_TAG_USER, now, before, a), e = *now;

    e.tags = tagged.tags;
    e.n_tags = tagged.n_tags;
    if (e.hierarchy_group_id.n == 0)
        e.hierarchy_group_id = before->hierarchy_group_id;
    return e;
}

struct span task_carries(struct task *t, struct arena *a)
{
    struct entitlement e, before;

    if (t->asks != ASK_STEP ||
        (t->op != STEP_CREATE_USER &&
         !(t->actual.kind == ACTUAL_BOUND &&
           (t->op == STEP_TAG_USER || t->op == STEP_ASSOCIATE_PROFICIENCIES))))
        return SPAN("");
    e = step_applied(t->op, &t->plan.target, t->op == STEP_CREATE_USER ? NULL : t->actual.seen,
                     &t->arena);
    if (t->op == STEP_CREATE_USER && t->person.create_sent.n > 0 &&
        entitlement_parse(&t->arena, t->person.create_sent, &before, NULL) == ERR_NONE)
        e = either(&e, &before, &t->arena);
    return task_entitlement_text(a, &e);
}

struct span task_agent_id(const struct task *t)
{
    if (t->actual.kind == ACTUAL_FOUND)
        return t->actual.agent.id;
    return t->plan.is_on_old ? t->person.old_agent_id : t->person.agent_id;
}

static struct span name_to_find(const struct task *t)
{
    return t->person.create_sent_name.n > 0 ? t->person.create_sent_name
                                            : t->wants.wanted.user_name;
}

static struct connect_call *send_tags(struct task *t)
{
    struct connect *connect = t->converge->options.connect;
    bool is_found = t->actual.kind == ACTUAL_FOUND;
    const struct entitlement *seen = t->actual.seen;
    const struct span *keys;
    const struct tag *tags;
    size_t n;

    if (t->op == STEP_UNTAG_USER) {
        n = step_untags(&t->plan.target, seen, &t->arena, &keys);
        return connect_untag_user(connect, t->person.agent_arn, keys, n, task_answered, t);
    }
    n = step_tags(&t->plan.target, is_found ? NULL : seen, &t->arena, &tags);
    return connect_tag_user(connect, is_found ? t->actual.agent.arn : t->person.agent_arn, tags, n,
                            task_answered, t);
}

static struct connect_call *send_proficiencies(struct task *t)
{
    enum proficiency_change change = t->op == STEP_ASSOCIATE_PROFICIENCIES ? PROFICIENCY_ASSOCIATE
                                     : t->op == STEP_UPDATE_PROFICIENCIES
                                         ? PROFICIENCY_UPDATE
                                         : PROFICIENCY_DISASSOCIATE;
    const struct proficiency *list;
    size_t n = step_proficiencies(t->op, &t->plan.target, t->actual.seen, &t->arena, &list);

    return connect_change_proficiencies(t->converge->options.connect, t->person.agent_id, change,
                                        list, n, task_answered, t);
}

static struct connect_call *send_step(struct task *t)
{
    struct connect *connect = t->converge->options.connect;
    bool needs_password = t->converge->options.rules->identity == IDENTITY_MANAGED;

    switch (t->op) {
    case STEP_CREATE_USER:
        return connect_create_user(connect, &t->plan.target, needs_password, task_answered, t);
    case STEP_FIND_USER:
        return connect_find_user(connect, name_to_find(t), task_answered, t);
    case STEP_DESCRIBE_USER:
        return connect_describe_user(connect, task_agent_id(t), task_answered, t);
    case STEP_TAG_USER:
    case STEP_UNTAG_USER:
        return send_tags(t);
    case STEP_ASSOCIATE_PROFICIENCIES:
    case STEP_UPDATE_PROFICIENCIES:
    case STEP_DISASSOCIATE_PROFICIENCIES:
        return send_proficiencies(t);
    case STEP_LOOK_FOR_CONTACTS:
        return connect_current_user_data(connect, task_agent_id(t), task_answered, t);
    case STEP_DELETE_USER:
        return connect_delete_user(connect, task_agent_id(t), task_answered, t);
    default:
        return connect_update_user(connect, task_agent_id(t), step_aspect(t->op), &t->plan.target,
                                   task_answered, t);
    }
}

static struct connect_call *send_quick(struct task *t)
{
    struct connect *connect = t->converge->options.connect;

    if (t->quick == QUICK_LIST)
        return connect_list_quick_connects(connect, t->quick_id, task_answered, t);
    if (t->quick == QUICK_DESCRIBE)
        return connect_describe_quick_connect(connect, t->quick_id, task_answered, t);
    return connect_delete_quick_connect(connect, t->quick_id, task_answered, t);
}

void task_send(struct task *t)
{
    struct connect *connect = t->converge->options.connect;

    switch (t->asks) {
    case ASK_STEP:
        t->call = send_step(t);
        break;
    case ASK_PROFICIENCIES:
        t->call = connect_list_proficiencies(connect, task_agent_id(t), t->token, task_answered, t);
        break;
    case ASK_QUICK:
        t->call = send_quick(t);
        break;
    case ASK_AGENT:
        t->call = connect_describe_user(connect, task_agent_id(t), task_answered, t);
        break;
    case ASK_INSTANCE:
        t->call = connect_describe_instance(connect, task_answered, t);
        break;
    case ASK_SEARCH:
        t->call = connect_find_user(connect, name_to_find(t), task_answered, t);
        break;
    case ASK_ADMIN_PROFILE:
    case ASK_ADMINS:
        t->call = task_send_for_admins(t);
        break;
    }
}
