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

enum step_kind { CREATE_USER, FIND_USER, TAG_USER, DESCRIBE_INSTANCE };

struct connect_call {
    struct connect *connect;
    struct connect_call *previous, *next;
    struct aws_call *under_way;
    enum step_kind kind;
    connect_done *done;
    void *arg;
    struct arena arena;    /* owns what the answer shows */
    struct span user_name; /* FIND_USER */
    unsigned pages;
};

struct connect *connect_new(struct aws *aws, struct span instance_id)
{
    struct connect *c = mem_new(1, sizeof(*c));

    c->aws = aws;
    c->instance_id = arena_span(&c->arena, instance_id);
    return c;
}

static struct connect_call *call_new(struct connect *c, enum step_kind kind, connect_done *done,
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
    while (c->calls != NULL)
        connect_cancel(c->calls);
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
    case TAG_USER: /* it answers with an empty body */
        return ERR_NONE;
    case DESCRIBE_INSTANCE:
        return answer_describe_instance(body, &call->arena, out, fail);
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

struct connect_call *connect_create_user(struct connect *c, const struct entitlement *wanted,
                                         connect_done *done, void *arg)
{
    struct connect_call *call = call_new(c, CREATE_USER, done, arg);
    struct request r = request_create_user(c->instance_id, wanted);

    send_request(call, &r);
    return call;
}

struct connect_call *connect_find_user(struct connect *c, struct span user_name, connect_done *done,
                                       void *arg)
{
    struct connect_call *call = call_new(c, FIND_USER, done, arg);

    call->user_name = arena_span(&call->arena, user_name);
    send_find(call, SPAN(""));
    return call;
}

struct connect_call *connect_tag_user(struct connect *c, struct span arn, const struct tag *tags,
                                      size_t n_tags, connect_done *done, void *arg)
{
    struct connect_call *call = call_new(c, TAG_USER, done, arg);
    struct request r = request_tag(arn, tags, n_tags);

    send_request(call, &r);
    return call;
}

struct connect_call *connect_describe_instance(struct connect *c, connect_done *done, void *arg)
{
    struct connect_call *call = call_new(c, DESCRIBE_INSTANCE, done, arg);
    struct request r = request_describe_instance(c->instance_id);

    send_request(call, &r);
    return call;
}
