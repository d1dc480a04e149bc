/* The Runtime API is plain HTTP on a link-local address, and its server is AWS's own. Refusals
 * (400, 403) concern one answer, so the loop goes on; 500 means that the container is broken, and
 * whoever cannot reach the server at all has nothing left to do: both end the process, and AWS
 * makes a new one. */
#include "lambda/runtime.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "text/json.h"

enum {
    TRIES = 3,
    AGAIN_MS = 50,
    CONNECT_MS = 1000,
    POST_MS = 10000,
    ENDLESS = -1,
    EVENT_LIMIT = 7 * 1024 * 1024, /* AWS's own limit is 6 MiB */
    DEADLINE_OTHERWISE_MS = 3000,  /* AWS's default, for a server that tells none */
};

enum post { POST_ANSWER, POST_FAILURE, POST_REFUSAL };

struct runtime {
    struct runtime_options options;
    struct http_client *client; /* its own: the call for the next event stands still for long */
    struct worker worker;
    struct loop_timer *again;    /* repeats what could not be sent */
    struct loop_timer *start;    /* begins the invocation */
    struct loop_timer *deadline; /* of the invocation */
    struct http_call *call;
    unsigned failures; /* of one call, in a row */
    int64_t asked_ms;  /* clock_wall_ms: for the next event */
    struct invocation *invocation;
    /* What is posted. */
    enum post post;
    struct buf body;
    char *id, *type;
};

static void ask_next(struct runtime *r);
static void send_post(struct runtime *r);

/* ---- the end ---- */

static void give_up(struct runtime *r, const char *what, const char *text, int status)
{
    log_error("the Runtime API cannot be used; ending", LOG_STR("call", what),
              LOG_STR("error", text), LOG_INT("status", status));
    loop_stop(r->options.loop);
}

static void on_again(void *arg)
{
    struct runtime *r = arg;

    if (r->body.n > 0)
        send_post(r);
    else
        ask_next(r);
}

/* False when it has been tried often enough. */
static bool try_again(struct runtime *r)
{
    if (++r->failures >= TRIES)
        return false;
    loop_timer_set(r->again, r->failures == 1 ? 0 : AGAIN_MS);
    return true;
}

/* ---- asking ---- */

static const char path[] = "/2018-06-01/runtime";

static char *url_of(const struct runtime *r, const char *id, const char *what)
{
    if (id == NULL)
        return mem_printf("http://%s%s/%s", r->options.address, path, what);
    return mem_printf("http://%s%s/invocation/%s/%s", r->options.address, path, id, what);
}

static int64_t number(struct span text)
{
    int64_t n = 0;

    if (text.n == 0 || text.n > 18)
        return 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return 0;
        n = n * 10 + (text.p[i] - '0');
    }
    return n;
}

static void on_start(void *arg)
{
    struct runtime *r = arg;

    if (r->invocation != NULL)
        r->worker.begin(r->worker.arg, r->invocation);
}

static void on_deadline(void *arg)
{
    struct runtime *r = arg;

    if (loop_timer_is_set(r->start)) { /* there was no time from the beginning */
        loop_timer_clear(r->start);
        on_start(r);
    }
    if (r->invocation != NULL)
        r->worker.expire(r->worker.arg, r->invocation);
    /* A worker that does not answer even now would be killed, and its caller would wait until
     * then. */
    if (r->invocation != NULL)
        r->invocation->fail(r->invocation, "Function.OutOfTime", "there was no time left");
}

/* An id becomes a part of a URL. */
static bool is_id(struct span id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '_'))
            return false;
    }
    return id.n > 0 && id.n <= 128;
}

static void answer(struct invocation *invocation, struct span json);
static void fail(struct invocation *invocation, const char *type, const char *message);

static void take_event(struct runtime *r, const struct http_answer *from, struct span id)
{
    struct invocation *i = mem_new(1, sizeof(*i));
    int64_t now_ms = clock_wall_ms(), left_ms;

    i->id = arena_dup(&i->arena, id);
    i->event = arena_span(&i->arena, from->body);
    i->deadline_ms = number(http_answer_header(from, "Lambda-Runtime-Deadline-Ms"));
    if (i->deadline_ms == 0)
        i->deadline_ms = now_ms + DEADLINE_OTHERWISE_MS;
    i->answer = answer;
    i->fail = fail;
    i->owner = r;
    r->invocation = i;
    left_ms = i->deadline_ms - now_ms - RUNTIME_MARGIN_MS;
    loop_timer_set(r->deadline, left_ms > 0 ? left_ms : 0);
    if (now_ms - r->asked_ms > RUNTIME_STANDSTILL_MS)
        http_client_drop_kept(r->options.others);
    loop_timer_set(r->start, 0); /* when the client's copy of a large event is gone */
}

static void got_next(void *arg, const struct http_answer *from)
{
    struct runtime *r = arg;
    struct span id = http_answer_header(from, "Lambda-Runtime-Aws-Request-Id");

    r->call = NULL;
    if (from->err != ERR_NONE) {
        if (!try_again(r))
            give_up(r, "next", from->text, 0);
    } else if (from->status != 200 || !is_id(id)) {
        give_up(r, "next", from->status != 200 ? "it is refused" : "the event has no request id",
                from->status);
    } else {
        r->failures = 0;
        take_event(r, from, id);
    }
}

static void ask_next(struct runtime *r)
{
    char *url = url_of(r, NULL, "invocation/next");
    struct http_ask ask = {.method = "GET",
                           .url = url,
                           .connect_ms = CONNECT_MS,
                           .total_ms = ENDLESS,
                           .answer_limit = EVENT_LIMIT,
                           .plain_host = r->options.address};

    r->asked_ms = clock_wall_ms();
    r->call = http_ask(r->client, &ask, got_next, r);
    free(url);
}

/* ---- posting ---- */

static void end_invocation(struct runtime *r)
{
    struct invocation *i = r->invocation;

    r->invocation = NULL;
    loop_timer_clear(r->deadline);
    arena_done(&i->arena);
    free(i);
}

static void end_post(struct runtime *r)
{
    buf_done(&r->body); /* a large one is not kept */
    buf_init(&r->body, RUNTIME_ANSWER_MAX);
    free(r->id);
    free(r->type);
    r->id = r->type = NULL;
    r->failures = 0;
}

static void posted(void *arg, const struct http_answer *from)
{
    struct runtime *r = arg;
    bool is_refusal = r->post == POST_REFUSAL;

    r->call = NULL;
    if (from->err != ERR_NONE && try_again(r))
        return;
    if (is_refusal) {
        loop_stop(r->options.loop); /* told or not: there is nothing else to do */
        return;
    }
    if (from->err != ERR_NONE || from->status >= 500) {
        give_up(r, r->post == POST_ANSWER ? "response" : "error",
                from->err != ERR_NONE ? from->text : "the container is broken", from->status);
        return;
    }
    /* After a repetition it says that the first one has arrived. */
    if (from->status >= 400 && r->failures == 0)
        log_error("the answer was refused", LOG_STR("request_id", r->id),
                  LOG_INT("status", from->status), LOG_SPAN("body", from->body));
    end_post(r);
    ask_next(r);
}

static void send_post(struct runtime *r)
{
    static const char *const calls[] = {
        [POST_ANSWER] = "response", [POST_FAILURE] = "error", [POST_REFUSAL] = "init/error"};
    char *url = url_of(r, r->id, calls[r->post]);
    struct http_header headers[2] = {{"Content-Type", "application/json"}};
    struct http_ask ask = {.method = "POST",
                           .url = url,
                           .headers = headers,
                           .n_headers = 1,
                           .body = buf_span(&r->body),
                           .has_body = true,
                           .connect_ms = CONNECT_MS,
                           .total_ms = POST_MS,
                           .plain_host = r->options.address};

    if (r->type != NULL)
        headers[ask.n_headers++] =
            (struct http_header){"Lambda-Runtime-Function-Error-Type", r->type};
    r->call = http_ask(r->client, &ask, posted, r);
    free(url);
}

static void add_error(struct buf *out, const char *type, const char *message)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_put_str(&o, "errorMessage", span_of(message));
    json_put_str(&o, "errorType", span_of(type));
    json_out_key(&o, "stackTrace");
    json_out_raw(&o, SPAN("[]"));
    json_out_end(&o, '}');
}

static void post_error(struct runtime *r, enum post post, const char *type, const char *message)
{
    r->post = post;
    r->type = mem_dup_str(type);
    add_error(&r->body, type, message);
    if (r->body.n == 0 || r->body.full) {
        buf_clear(&r->body);
        add_error(&r->body, type, "see the log");
    }
    send_post(r);
}

static void fail(struct invocation *invocation, const char *type, const char *message)
{
    struct runtime *r = invocation->owner;

    assert(r->invocation == invocation);
    log_error("invocation failed", LOG_STR("request_id", invocation->id), LOG_STR("type", type),
              LOG_STR("error", message));
    r->id = mem_dup_str(invocation->id);
    end_invocation(r);
    post_error(r, POST_FAILURE, type, message);
}

static void answer(struct invocation *invocation, struct span json)
{
    struct runtime *r = invocation->owner;

    assert(r->invocation == invocation);
    if (json.n == 0 || json.n > RUNTIME_ANSWER_MAX) {
        fail(invocation, "Function.ResponseSizeTooLarge", "the answer is too large");
        return;
    }
    r->id = mem_dup_str(invocation->id);
    r->post = POST_ANSWER;
    buf_add(&r->body, json);
    end_invocation(r);
    send_post(r);
}

/* ---- the runtime ---- */

enum err runtime_new(const struct runtime_options *options, struct runtime **out, struct fail *fail)
{
    struct runtime *r = mem_new(1, sizeof(*r));
    enum err err;

    r->options = *options;
    buf_init(&r->body, RUNTIME_ANSWER_MAX);
    err = http_client_new(options->loop, "roster/" ROSTER_VERSION, &r->client, fail);
    if (err != ERR_NONE) {
        runtime_free(r);
        return err;
    }
    r->again = loop_timer_new(options->loop, on_again, r);
    r->start = loop_timer_new(options->loop, on_start, r);
    r->deadline = loop_timer_new(options->loop, on_deadline, r);
    *out = r;
    return ERR_NONE;
}

void runtime_free(struct runtime *r)
{
    if (r == NULL)
        return;
    http_client_free(r->client);
    loop_timer_free(r->again);
    loop_timer_free(r->start);
    loop_timer_free(r->deadline);
    if (r->invocation != NULL) {
        arena_done(&r->invocation->arena);
        free(r->invocation);
    }
    buf_done(&r->body);
    free(r->id);
    free(r->type);
    free(r);
}

void runtime_start(struct runtime *r, const struct worker *worker)
{
    r->worker = *worker;
    ask_next(r);
}

void runtime_refuse(struct runtime *r, const char *type, const char *message)
{
    post_error(r, POST_REFUSAL, type, message);
}
