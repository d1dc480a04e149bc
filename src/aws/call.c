#include "aws/call.h"

#include <stdlib.h>

#include "aws/signed.h"
#include "aws/verdict.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"

enum { PATH_SHOWN = 120 };

struct aws_call {
    struct call_context *context;
    struct aws_call *prev, *next;
    struct arena arena;
    const char *endpoint;
    struct aws_ask ask; /* its texts are in the arena */
    void (*done)(void *arg, const struct aws_answer *answer);
    void *arg;

    struct http_call *http;       /* sent */
    struct keyring_waiter waiter; /* or waiting for credentials */
    bool has_repeated;
    unsigned number;     /* of the credentials that it was signed with, … */
    int64_t ahead_ms;    /* … and what was believed of AWS's clock then */
    struct fail refusal; /* how AWS refused them */
};

void aws_cancel(struct aws_call *call)
{
    if (call == NULL)
        return;
    if (call->prev != NULL)
        call->prev->next = call->next;
    else
        call->context->first = call->next;
    if (call->next != NULL)
        call->next->prev = call->prev;
    http_cancel(call->http);
    keyring_leave(call->context->keyring, &call->waiter);
    arena_done(&call->arena);
    free(call);
}

/* The end of a call: nobody may cancel it from here on. */
static void finish(struct aws_call *call, const struct fail *fail, struct span body)
{
    struct aws_answer answer = {.err = fail->err,
                                .fail = fail,
                                .status = fail->status,
                                .body = body,
                                .request_id = fail->request_id};

    call->done(call->arg, &answer);
    aws_cancel(call);
}

static const char *describe(struct aws_call *call)
{
    struct span path = call->ask.path;

    return arena_printf(&call->arena, "%s %.*s%s at %s", call->ask.method,
                        (int)(path.n < PATH_SHOWN ? path.n : PATH_SHOWN), path.p,
                        path.n > PATH_SHOWN ? "…" : "", call->endpoint);
}

static void send_call(struct aws_call *call);
static void wait_for_credentials(struct aws_call *call);

static void lose(struct aws_call *call, const struct http_answer *answer)
{
    enum err err = answer->err == ERR_UNCLEAR && call->ask.is_read ? ERR_IO : answer->err;
    struct fail fail;

    (void)fail_set(&fail, err, "%s: %s%s", describe(call),
                   err == ERR_UNCLEAR ? "it was sent, and the answer was lost: " : "",
                   answer->text);
    finish(call, &fail, SPAN(""));
}

static void read_answer(struct aws_call *call, const struct http_answer *answer,
                        struct verdict *out)
{
    struct span request_id = http_answer_header(answer, "x-amzn-requestid");
    struct verdict_ask ask = {.status = answer->status,
                              .body = answer->body,
                              .error_type = http_answer_header(answer, "x-amzn-errortype"),
                              .request_id = request_id,
                              .retry_after = http_answer_header(answer, "Retry-After"),
                              .retry_after_ms = http_answer_header(answer, "x-amz-retry-after"),
                              .is_read = call->ask.is_read,
                              .is_xml = strcmp(call->ask.service, "sts") == 0,
                              .what = describe(call),
                              .origin = keyring_origin(call->context->keyring)};

    if (request_id.p == NULL)
        ask.request_id = http_answer_header(answer, "x-amz-request-id");
    verdict_read(&ask, out);
}

static void answered(void *arg, const struct http_answer *answer)
{
    struct aws_call *call = arg;
    struct verdict verdict;
    bool is_new_time;

    call->http = NULL;
    if (answer->err != ERR_NONE) {
        lose(call, answer);
        return;
    }
    read_answer(call, answer, &verdict);
    /* A page of somebody in between says nothing of AWS's clock. */
    if (verdict.fail.err == ERR_NONE || verdict.fail.code[0] != '\0')
        (void)skew_learn(call->context->skew, http_answer_header(answer, "Date"),
                         clock_wall_ms()); /* or it was learnt from another call's answer */
    is_new_time = call->context->skew->ahead_ms != call->ahead_ms;
    if (verdict.blames_clock && is_new_time && !call->has_repeated) {
        call->has_repeated = true;
        send_call(call);
    } else if (verdict.blames_credentials && !call->has_repeated) {
        call->has_repeated = true;
        call->refusal = verdict.fail;
        keyring_reject(call->context->keyring, call->number);
        wait_for_credentials(call);
    } else {
        finish(call, &verdict.fail, answer->body);
    }
}

/* Sends when there are credentials at hand. */
static void send_call(struct aws_call *call)
{
    struct call_context *context = call->context;
    const struct credentials *credentials = keyring_look(context->keyring);
    struct signed_ask ask = {.endpoint = call->endpoint,
                             .method = call->ask.method,
                             .path = call->ask.path,
                             .query = call->ask.query,
                             .body = call->ask.body,
                             .content_type = call->ask.content_type,
                             .target = call->ask.target,
                             .total_ms = call->ask.total_ms,
                             .credentials = credentials,
                             .region = span_of(context->region),
                             .service = span_of(call->ask.service),
                             .now_ms = skew_now_ms(context->skew)};

    if (credentials == NULL) {
        wait_for_credentials(call);
        return;
    }
    call->number = keyring_number(context->keyring);
    call->ahead_ms = context->skew->ahead_ms;
    call->http = signed_send(context->client, &ask, answered, call);
}

static void on_credentials(void *arg, const struct fail *fail)
{
    struct aws_call *call = arg;
    bool is_same = keyring_number(call->context->keyring) == call->number;

    if (fail != NULL) {
        finish(call, fail, SPAN(""));
    } else if (call->refusal.err != ERR_NONE && is_same) {
        /* The same ones again would be refused again. */
        finish(call, &call->refusal, SPAN(""));
    } else {
        send_call(call);
    }
}

static void wait_for_credentials(struct aws_call *call)
{
    call->waiter.ready = on_credentials;
    call->waiter.arg = call;
    keyring_wait(call->context->keyring, &call->waiter);
}

static struct aws_ask copy_ask(struct arena *a, const struct aws_ask *ask)
{
    struct aws_ask copy = *ask;

    copy.service = arena_dup(a, span_of(ask->service));
    copy.method = arena_dup(a, span_of(ask->method));
    copy.path = arena_span(a, ask->path);
    copy.query = arena_span(a, ask->query);
    copy.body = arena_span(a, ask->body);
    copy.content_type = ask->content_type == NULL ? NULL : arena_dup(a, span_of(ask->content_type));
    copy.target = ask->target == NULL ? NULL : arena_dup(a, span_of(ask->target));
    return copy;
}

struct aws_call *call_start(struct call_context *context, const char *endpoint,
                            const struct aws_ask *ask,
                            void (*done)(void *arg, const struct aws_answer *answer), void *arg)
{
    struct aws_call *call = mem_new(1, sizeof(*call));

    *call = (struct aws_call){
        .context = context, .next = context->first, .endpoint = endpoint, .done = done, .arg = arg};
    if (call->next != NULL)
        call->next->prev = call;
    context->first = call;
    call->ask = copy_ask(&call->arena, ask);
    send_call(call);
    return call;
}
