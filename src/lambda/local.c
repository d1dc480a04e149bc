#include "lambda/local.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "text/json.h"

enum { MARGIN_MS = 200 /* as before the deadline of a function: lambda/runtime.h */ };

struct local {
    struct local_options options;
    struct invocation invocation;
    struct worker worker;
    struct loop_timer *start, *deadline;
    bool is_over, is_answered;
};

static void end(struct local *l, bool is_answered)
{
    l->is_over = true;
    l->is_answered = is_answered;
    loop_timer_clear(l->deadline);
    loop_stop(l->options.loop);
}

static void answer(struct invocation *invocation, struct span json)
{
    struct local *l = invocation->owner;

    buf_add(l->options.out, json);
    end(l, true);
}

static void tell(struct local *l, const char *type, const char *message)
{
    struct json_out o = json_out(l->options.out);

    json_out_begin(&o, '{');
    json_put_str(&o, "errorType", span_of(type));
    json_put_str(&o, "errorMessage", span_of(message));
    json_out_end(&o, '}');
    end(l, false);
}

static void fail(struct invocation *invocation, const char *type, const char *message)
{
    log_error("invocation failed", LOG_STR("type", type), LOG_STR("error", message));
    tell(invocation->owner, type, message);
}

static void on_start(void *arg)
{
    struct local *l = arg;

    l->worker.begin(l->worker.arg, &l->invocation);
}

static void on_deadline(void *arg)
{
    struct local *l = arg;

    l->worker.expire(l->worker.arg, &l->invocation);
    if (!l->is_over)
        fail(&l->invocation, "Function.OutOfTime", "there was no time left");
}

struct local *local_new(const struct local_options *options)
{
    struct local *l = mem_new(1, sizeof(*l));

    l->options = *options;
    l->invocation = (struct invocation){.id = "local", .answer = answer, .fail = fail, .owner = l};
    l->invocation.event = arena_span(&l->invocation.arena, options->event);
    l->start = loop_timer_new(options->loop, on_start, l);
    l->deadline = loop_timer_new(options->loop, on_deadline, l);
    return l;
}

void local_free(struct local *l)
{
    if (l == NULL)
        return;
    loop_timer_free(l->start);
    loop_timer_free(l->deadline);
    arena_done(&l->invocation.arena);
    free(l);
}

void local_start(struct local *l, const struct worker *worker)
{
    int64_t left_ms = l->options.limit_ms - MARGIN_MS;

    l->worker = *worker;
    l->invocation.deadline_ms = clock_wall_ms() + l->options.limit_ms;
    loop_timer_set(l->deadline, left_ms > 0 ? left_ms : 0);
    loop_timer_set(l->start, 0);
}

void local_refuse(struct local *l, const char *type, const char *message)
{
    tell(l, type, message);
}

bool local_is_answered(const struct local *l)
{
    return l->is_answered;
}
