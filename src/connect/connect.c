#include "connect/connect.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "connect/answer.h"
#include "connect/request.h"

/* A user name is unique, so a search for one has one page, and now and then an empty one before it.
 */
enum { PAGES_MAX = 10 };

struct connect {
    struct aws *aws;
    struct span instance_id;
    struct arena arena;
    struct connect_call *calls; /* under way */
};

enum call_kind {
    CREATE_USER,
    FIND_USER,
    SEARCH_MANAGED, /* by tag, or by security profile */
    LIST_AGENTS,
    DESCRIBE_INSTANCE,
    DESCRIBE_USER,
    LIST_PROFICIENCIES,
    CURRENT_USER_DATA,
    LIST_NAMES,
    LIST_QUICK_CONNECTS,
    DESCRIBE_QUICK_CONNECT,
    WITHOUT_ANSWER, /* all that answer with an empty body */
};

struct connect_call {
    struct connect *connect;
    struct connect_call *previous, *next;
    struct aws_call *under_way;
    enum call_kind kind;
    connect_done *done;
    void *arg;
    struct arena arena;    /* owns what the answer shows */
    struct span user_name; /* FIND_USER */
    enum name_kind names;  /* LIST_NAMES */
    unsigned pages;
};

struct connect *connect_new(struct aws *aws, struct span instance_id)
{
    struct connect *c = mem_new(1, sizeof(*c));

    c->aws = aws;
    c->instance_id = arena_span(&c->arena, instance_id);
    return c;
}

static struct connect_call *call_new(struct connect *c, enum call_kind kind, connect_done *done,
                                     void *arg)
{
    struct connect_call *call = mem_new(1, sizeof(*call));

    *call = (struct connect_call){
        .connect = c, .next = c->calls, .kind = kind, .done = done, .arg = arg};
    if (c->calls != NULL)
        c->calls->previous = call;
    c->calls = call;
    return call;
}

static void call_free(struct connect_call *call)
{
    if (call->previous != NULL)
        call->previous->next = call->next;
    else
        call->connect->calls = call->next;
    if (call->next != NULL)
        call->next->previous = call->previous;
    arena_done(&call->arena);
    free(call);
}

void connect_cancel(struct connect_call *call)
{
    if (call == NULL)
        return;
    aws_cancel(call->under_way);
    call_free(call);
}

void connect_free(struct connect *c)
{
    if (c == NULL)
        return;
    for (struct connect_call *call = c->calls, *next; call != NULL; call = next) {
        next = call->next;
        connect_cancel(call);
    }
    arena_done(&c->arena);
    free(c);
}

static void answered(void *arg, const struct aws_answer *from_aws);

/* Sends the request and releases it. */
static void send_request(struct connect_call *call, struct request *r)
{
    struct aws_ask ask = {
        .service = "connect",
        .method = r->method,
        .path = buf_span(&r->path),
        .query = buf_span(&r->query),
        .body = buf_span(&r->body),
        .content_type = r->has_body ? "application/json" : NULL,
        .is_read = r->is_read,
    };

    call->under_way = aws_ask(call->connect->aws, &ask, answered, call);
    request_done(r);
}

static void send_find(struct connect_call *call, struct span token)
{
    struct request r = request_find_user(call->connect->instance_id, call->user_name, token);

    call->pages++;
    send_request(call, &r);
}

/* *next_token is not empty when there is a further page to be read. */
static enum err read_answer(struct connect_call *call, struct span body, struct connect_answer *out,
                            struct span *next_token, struct fail *fail)
{
    enum err err;

    switch (call->kind) {
    case CREATE_USER:
        return answer_create_user(body, &call->arena, out, fail);
    case FIND_USER:
        err = answer_find_user(body, call->user_name, &call->arena, out, next_token, fail);
        if (err == ERR_NONE && out->n_agents > 0)
            *next_token = SPAN("");
        if (err == ERR_NONE && next_token->n > 0 && call->pages == PAGES_MAX)
            err = fail_set(fail, ERR_UNCLEAR,
                           "the search for '%.*s' did not end after %d pages; Roster looks again",
                           SPAN_ARG(call->user_name), PAGES_MAX);
        return err;
    case SEARCH_MANAGED:
        return answer_search_users(body, &call->arena, out, fail);
    case LIST_AGENTS:
        return answer_list_agents(body, &call->arena, out, fail);
    case DESCRIBE_INSTANCE:
        return answer_describe_instance(body, &call->arena, out, fail);
    case DESCRIBE_USER:
        return answer_describe_user(body, &call->arena, out, fail);
    case LIST_PROFICIENCIES:
        return answer_proficiencies(body, &call->arena, out, fail);
    case CURRENT_USER_DATA:
        return answer_current_user_data(body, &call->arena, out, fail);
    case LIST_NAMES:
        return answer_names(body, call->names, &call->arena, out, fail);
    case LIST_QUICK_CONNECTS:
        return answer_quick_connects(body, &call->arena, out, fail);
    case DESCRIBE_QUICK_CONNECT:
        return answer_quick_connect(body, &call->arena, out, fail);
    case WITHOUT_ANSWER:
        break;
    }
    return ERR_NONE;
}

static void answered(void *arg, const struct aws_answer *from_aws)
{
    struct connect_call *call = arg;
    struct connect_answer answer = {.err = from_aws->err,
                                    .fail = from_aws->fail,
                                    .status = from_aws->status,
                                    .request_id = from_aws->request_id};
    struct span next_token = SPAN("");
    struct fail fail;

    call->under_way = NULL;
    if (answer.err == ERR_NONE)
        answer.err = read_answer(call, from_aws->body, &answer, &next_token, &fail);
    if (answer.err == ERR_NONE && next_token.n > 0) {
        send_find(call, next_token);
        return;
    }
    if (from_aws->err == ERR_NONE && answer.err != ERR_NONE) {
        fail.status = from_aws->status;
        (void)snprintf(fail.request_id, sizeof(fail.request_id), "%s", from_aws->request_id);
        answer.fail = &fail;
    }
    call->done(call->arg, &answer);
    call_free(call);
}

static struct connect_call *call_start(struct connect *c, enum call_kind kind, struct request r,
                                       connect_done *done, void *arg)
{
    struct connect_call *call = call_new(c, kind, done, arg);

    send_request(call, &r);
    return call;
}

struct connect_call *connect_create_user(struct connect *c, const struct entitlement *wanted,
                                         bool needs_password, connect_done *done, void *arg)
{
    return call_start(c, CREATE_USER, request_create_user(c->instance_id, wanted, needs_password),
                      done, arg);
}

struct connect_call *connect_find_user(struct connect *c, struct span user_name, connect_done *done,
                                       void *arg)
{
    struct connect_call *call = call_new(c, FIND_USER, done, arg);

    call->user_name = arena_span(&call->arena, user_name);
    send_find(call, SPAN(""));
    return call;
}

struct connect_call *connect_search_managed(struct connect *c, struct span managed_by,
                                            struct span token, connect_done *done, void *arg)
{
    return call_start(c, SEARCH_MANAGED, request_search_managed(c->instance_id, managed_by, token),
                      done, arg);
}

struct connect_call *connect_search_owned(struct connect *c, struct span managed_by,
                                          struct span okta_id, struct span token,
                                          connect_done *done, void *arg)
{
    return call_start(c, SEARCH_MANAGED,
                      request_search_owned(c->instance_id, managed_by, okta_id, token), done, arg);
}

struct connect_call *connect_list_agents(struct connect *c, struct span token, connect_done *done,
                                         void *arg)
{
    return call_start(c, LIST_AGENTS, request_list_agents(c->instance_id, token), done, arg);
}

struct connect_call *connect_search_holders(struct connect *c, struct span security_profile_id,
                                            int max, connect_done *done, void *arg)
{
    return call_start(c, SEARCH_MANAGED,
                      request_search_holders(c->instance_id, security_profile_id, max), done, arg);
}

struct connect_call *connect_describe_instance(struct connect *c, connect_done *done, void *arg)
{
    return call_start(c, DESCRIBE_INSTANCE, request_describe_instance(c->instance_id), done, arg);
}

/* ---- an agent that exists ---- */

struct connect_call *connect_tag_user(struct connect *c, struct span arn, const struct tag *tags,
                                      size_t n_tags, connect_done *done, void *arg)
{
    return call_start(c, WITHOUT_ANSWER, request_tag(arn, tags, n_tags), done, arg);
}

struct connect_call *connect_untag_user(struct connect *c, struct span arn, const struct span *keys,
                                        size_t n_keys, connect_done *done, void *arg)
{
    return call_start(c, WITHOUT_ANSWER, request_untag(arn, keys, n_keys), done, arg);
}

struct connect_call *connect_describe_user(struct connect *c, struct span user_id,
                                           connect_done *done, void *arg)
{
    return call_start(c, DESCRIBE_USER, request_describe_user(c->instance_id, user_id), done, arg);
}

struct connect_call *connect_update_user(struct connect *c, struct span user_id, enum aspect aspect,
                                         const struct entitlement *wanted, connect_done *done,
                                         void *arg)
{
    return call_start(c, WITHOUT_ANSWER, request_update(c->instance_id, user_id, aspect, wanted),
                      done, arg);
}

struct connect_call *connect_list_proficiencies(struct connect *c, struct span user_id,
                                                struct span token, connect_done *done, void *arg)
{
    return call_start(c, LIST_PROFICIENCIES,
                      request_list_proficiencies(c->instance_id, user_id, token), done, arg);
}

struct connect_call *connect_change_proficiencies(struct connect *c, struct span user_id,
                                                  enum proficiency_change change,
                                                  const struct proficiency *p, size_t n,
                                                  connect_done *done, void *arg)
{
    return call_start(c, WITHOUT_ANSWER,
                      request_change_proficiencies(c->instance_id, user_id, change, p, n), done,
                      arg);
}

struct connect_call *connect_current_user_data(struct connect *c, struct span user_id,
                                               connect_done *done, void *arg)
{
    return call_start(c, CURRENT_USER_DATA, request_current_user_data(c->instance_id, user_id),
                      done, arg);
}

struct connect_call *connect_delete_user(struct connect *c, struct span user_id, connect_done *done,
                                         void *arg)
{
    return call_start(c, WITHOUT_ANSWER, request_delete_user(c->instance_id, user_id), done, arg);
}

/* ---- lists ---- */

struct connect_call *connect_list_names(struct connect *c, enum name_kind kind, struct span token,
                                        connect_done *done, void *arg)
{
    struct connect_call *call = call_new(c, LIST_NAMES, done, arg);
    struct request r = request_list_names(c->instance_id, kind, token);

    call->names = kind;
    send_request(call, &r);
    return call;
}

struct connect_call *connect_list_quick_connects(struct connect *c, struct span token,
                                                 connect_done *done, void *arg)
{
    return call_start(c, LIST_QUICK_CONNECTS, request_list_quick_connects(c->instance_id, token),
                      done, arg);
}

struct connect_call *connect_describe_quick_connect(struct connect *c, struct span id,
                                                    connect_done *done, void *arg)
{
    return call_start(c, DESCRIBE_QUICK_CONNECT, request_describe_quick_connect(c->instance_id, id),
                      done, arg);
}

struct connect_call *connect_delete_quick_connect(struct connect *c, struct span id,
                                                  connect_done *done, void *arg)
{
    return call_start(c, WITHOUT_ANSWER, request_delete_quick_connect(c->instance_id, id), done,
                      arg);
}
