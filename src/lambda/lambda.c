/* The life of a function's process: settings and secrets, once; then one invocation after the
 * other, and frozen in between; then killed, without a word. So nothing here has to be ended, and
 * nothing may be put off. */
#include "lambda/lambda.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "lambda/local.h"
#include "lambda/reference_places.h"
#include "lambda/part.h"
#include "lambda/runtime.h"

enum {
    FAILED = 1,
    BAD_CONFIG = 78, /* EX_CONFIG */
    INIT_MS = 8000,  /* AWS gives 10 s, and begins anew after that */
    AGAIN_MS = 200,
};

static const struct part *const parts[] = {&part_converge, &part_receive, &part_sweep};
enum { N_PARTS = sizeof(parts) / sizeof(parts[0]) };

struct lambda {
    struct loop *loop;
    struct http_client *client;
    struct runtime *runtime; /* one of the two hands out the events */
    struct local *local;
    struct configuration *configuration;
    struct loop_timer *again;
    const struct part *part;
    struct worker worker;
    const char *const *environment;
    int64_t began_ms; /* clock_mono_ms */
    int code;
};

static struct span variable(const struct lambda *l, const char *name)
{
    return reference_places_variable(l->environment, name);
}

bool lambda_is_asked_for(const char *const *environment)
{
    return reference_places_variable(environment, "AWS_LAMBDA_RUNTIME_API").p != NULL;
}

/* What AWS sets when the function's log settings say so.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html */
static void set_up_log(const struct lambda *l)
{
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {{"TRACE", LOG_DEBUG}, {"DEBUG", LOG_DEBUG}, {"INFO", LOG_INFO},
                  {"WARN", LOG_WARN},   {"ERROR", LOG_ERROR}, {"FATAL", LOG_ERROR}};
    struct span level = variable(l, "AWS_LAMBDA_LOG_LEVEL");
    bool is_json = span_eq(variable(l, "AWS_LAMBDA_LOG_FORMAT"), SPAN("JSON"));
    enum log_level threshold = LOG_INFO;

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (span_eq(level, span_of(levels[i].name)))
            threshold = levels[i].level;
    log_setup(threshold, is_json ? LOG_JSON : LOG_LOGFMT);
}

static void refuse(struct lambda *l, const char *type, const char *message, int code)
{
    log_error("the function cannot work", LOG_STR("type", type), LOG_STR("error", message));
    l->code = code;
    if (l->local != NULL)
        local_refuse(l->local, type, message);
    else
        runtime_refuse(l->runtime, type, message);
}

static void start_part(struct lambda *l)
{
    const struct part_context context = {.loop = l->loop,
                                         .client = l->client,
                                         .configuration = l->configuration,
                                         .environment = l->environment};
    struct fail fail;

    if (l->part->make(&context, &l->worker, &fail) != ERR_NONE) {
        refuse(l, "Runtime.ConfigInvalid", fail.text, BAD_CONFIG);
        return;
    }
    log_info("ready", LOG_STR("handler", l->part->name), LOG_STR("version", ROSTER_VERSION),
             LOG_INT("ms", clock_mono_ms() - l->began_ms));
    if (l->local != NULL)
        local_start(l->local, &l->worker);
    else
        runtime_start(l->runtime, &l->worker);
}

static void on_loaded(void *arg, enum err err, const struct fail *fail)
{
    struct lambda *l = arg;
    bool is_passing = err == ERR_IO || err == ERR_BUSY || err == ERR_UNCLEAR;

    if (err == ERR_NONE)
        start_part(l);
    else if (is_passing && clock_mono_ms() - l->began_ms < INIT_MS)
        loop_timer_set(l->again, AGAIN_MS);
    else if (err == ERR_INPUT)
        refuse(l, "Runtime.ConfigInvalid", fail->text, BAD_CONFIG);
    else
        refuse(l, "Runtime.SecretUnavailable", fail->text, FAILED);
}

static void load(void *arg)
{
    struct lambda *l = arg;

    configuration_load(l->configuration, on_loaded, l);
}

static const struct part *find_part(struct span name)
{
    for (size_t i = 0; i < N_PARTS; i++)
        if (span_eq(name, span_of(parts[i]->name)))
            return parts[i];
    return NULL;
}

static void refuse_handler(struct lambda *l, struct span given)
{
    struct buf text;

    buf_init(&text, 1024);
    buf_printf(&text, "the function's handler is '%.*s'; use one of:",
               (int)(given.n < 100 ? given.n : 100), given.p == NULL ? "" : given.p);
    for (size_t i = 0; i < N_PARTS; i++)
        buf_printf(&text, " %s", parts[i]->name);
    refuse(l, "Runtime.NoSuchHandler", text.p, BAD_CONFIG);
    buf_done(&text);
}

static enum err set_up(struct lambda *l, struct fail *fail)
{
    enum err err = loop_new(&l->loop, fail);

    if (err == ERR_NONE)
        err = http_client_new(l->loop, "roster/" ROSTER_VERSION, &l->client, fail);
    if (err != ERR_NONE)
        return err;
    l->configuration = configuration_new(l->loop, l->client, l->environment);
    l->again = loop_timer_new(l->loop, load, l);
    return ERR_NONE;
}

static enum err set_up_runtime(struct lambda *l, struct fail *fail)
{
    struct span address = variable(l, "AWS_LAMBDA_RUNTIME_API");
    const struct runtime_options options = {
        .loop = l->loop, .others = l->client, .address = address.p == NULL ? "" : address.p};

    return runtime_new(&options, &l->runtime, fail);
}

static void work(struct lambda *l, struct span handler)
{
    l->part = find_part(handler);
    if (l->part == NULL)
        refuse_handler(l, handler);
    else
        load(l);
    loop_run(l->loop);
}

static void tear_down(struct lambda *l)
{
    if (l->part != NULL && l->worker.arg != NULL)
        l->part->free(l->worker.arg);
    configuration_free(l->configuration);
    runtime_free(l->runtime);
    local_free(l->local);
    http_client_free(l->client);
    if (l->again != NULL)
        loop_timer_free(l->again);
    loop_free(l->loop);
}

int lambda_run(const char *const *environment)
{
    struct lambda l = {.environment = environment, .began_ms = clock_mono_ms(), .code = FAILED};
    struct fail fail;
    enum err err;

    set_up_log(&l);
    err = set_up(&l, &fail);
    if (err == ERR_NONE)
        err = set_up_runtime(&l, &fail);
    if (err == ERR_NONE)
        work(&l, variable(&l, "_HANDLER"));
    else
        log_error("the function cannot start", LOG_STR("error", fail.text));
    tear_down(&l);
    return l.code;
}

int lambda_invoke(const char *const *environment, const char *handler, struct span event,
                  int64_t limit_ms, struct buf *out)
{
    struct lambda l = {.environment = environment, .began_ms = clock_mono_ms(), .code = FAILED};
    struct local_options options = {.event = event, .limit_ms = limit_ms, .out = out};
    struct fail fail;

    if (set_up(&l, &fail) == ERR_NONE) {
        options.loop = l.loop;
        l.local = local_new(&options);
        work(&l, span_of(handler));
        l.code = local_is_answered(l.local) ? 0 : l.code;
    } else {
        log_error("the function cannot start", LOG_STR("error", fail.text));
    }
    tear_down(&l);
    return l.code;
}
