#include "engine/alert.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/child.h"
#include "text/json.h"
#include "text/time.h"

enum {
    WAITING_MAX = 64,
    RECENT_MAX = 256,
    REPEAT_MS = 3600 * 1000,
    TIMEOUT_MS = 30000,
    OUTPUT_LIMIT = 65536,
    TEXT_LIMIT = 16384
};

struct recent {
    uint64_t digest, operation;
    int64_t sent_ms; /* 0 = empty */
};

struct alert {
    struct loop *loop;
    char *command, *name;
    char *waiting[WAITING_MAX];
    size_t n_waiting;
    bool is_dropping;
    struct recent recent[RECENT_MAX]; /* a ring */
    size_t next_recent;
    struct child *child;
};

struct alert *alert_new(struct loop *loop, struct span command, struct span name)
{
    struct alert *alert = mem_new(1, sizeof(*alert));

    *alert = (struct alert){.loop = loop, .command = mem_dup(command), .name = mem_dup(name)};
    return alert;
}

void alert_free(struct alert *alert)
{
    if (alert == NULL)
        return;
    child_kill(alert->child);
    for (size_t i = 0; i < alert->n_waiting; i++)
        free(alert->waiting[i]);
    free(alert->command);
    free(alert->name);
    free(alert);
}

static uint64_t fnv(uint64_t hash, struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * 1099511628211u;
    return (hash ^ 0xff) * 1099511628211u;
}

static uint64_t digest(struct span s)
{
    return fnv(14695981039346656037u, s);
}

/* What was said of an operation before it worked again may be said anew. */
static void forget(struct alert *alert, const struct alert_message *m)
{
    uint64_t operation = digest(span_of(m->operation));

    for (size_t i = 0; i < RECENT_MAX; i++)
        if (alert->recent[i].operation == operation)
            alert->recent[i] = (struct recent){0};
}

static bool is_repeated(struct alert *alert, const struct alert_message *m)
{
    struct recent now = {
        .digest = fnv(fnv(fnv(digest(span_of(m->event)), span_of(m->code)), span_of(m->operation)),
                      m->okta_id),
        .operation = digest(span_of(m->operation)),
        .sent_ms = clock_mono_ms()};

    for (size_t i = 0; i < RECENT_MAX; i++)
        if (alert->recent[i].sent_ms != 0 && alert->recent[i].digest == now.digest &&
            now.sent_ms - alert->recent[i].sent_ms < REPEAT_MS)
            return true;
    alert->recent[alert->next_recent] = now;
    alert->next_recent = (alert->next_recent + 1) % RECENT_MAX;
    return false;
}

static char *message_json(const struct alert *alert, const struct alert_message *m)
{
    struct json_out out;
    struct buf b, now;

    buf_init(&b, TEXT_LIMIT);
    buf_init(&now, 64);
    time_add_ms(&now, clock_wall_ms());
    out = json_out(&b);
    json_out_begin(&out, '{');
    json_put_str(&out, "event", span_of(m->event));
    json_put_str(&out, "time", buf_span(&now));
    json_put_str(&out, "deployment", span_of(alert->name));
    json_put_str(&out, "code", span_of(m->code));
    json_put_str(&out, "text", span_of(m->text));
    if (m->operation != NULL)
        json_put_str(&out, "operation", span_of(m->operation));
    if (m->okta_id.n > 0) {
        json_put_str(&out, "okta_id", m->okta_id);
        json_put_str(&out, "user", m->user);
    }
    json_out_end(&out, '}');
    buf_add_char(&b, '\n');
    buf_done(&now);
    return buf_take(&b);
}

static void run_next(struct alert *alert);

static void ran(void *arg, const struct child_result *result)
{
    struct alert *alert = arg;

    alert->child = NULL;
    if (result->err != ERR_NONE)
        log_warn("the alert command failed", LOG_STR("error", result->text));
    else if (result->exit_status != 0)
        log_warn("the alert command ended with an error",
                 LOG_INT("exit_status", result->exit_status));
    run_next(alert);
}

static void run_next(struct alert *alert)
{
    const char *const argv[] = {"/bin/sh", "-c", alert->command, NULL};
    struct child_options options = {
        .argv = argv, .output_limit = OUTPUT_LIMIT, .timeout_ms = TIMEOUT_MS};
    struct fail fail;
    char *message;

    while (alert->child == NULL && alert->n_waiting > 0) {
        message = alert->waiting[0];
        alert->n_waiting--;
        memmove(alert->waiting, alert->waiting + 1, alert->n_waiting * sizeof(alert->waiting[0]));
        options.input = span_of(message);
        if (child_start(alert->loop, &options, ran, alert, &alert->child, &fail) != ERR_NONE)
            log_warn("the alert command could not be started", LOG_STR("error", fail.text));
        free(message);
    }
}

void alert_send(struct alert *alert, const struct alert_message *message)
{
    if (alert->command[0] == '\0')
        return;
    if (strcmp(message->event, "resumed") == 0)
        forget(alert, message);
    if (is_repeated(alert, message))
        return;
    if (alert->n_waiting == WAITING_MAX && alert->is_dropping)
        return;
    alert->is_dropping = alert->n_waiting == WAITING_MAX;
    if (alert->is_dropping) {
        log_warn("too many alerts wait; this one and those behind it are dropped",
                 LOG_STR("event", message->event), LOG_STR("code", message->code));
        return;
    }
    alert->waiting[alert->n_waiting++] = message_json(alert, message);
    run_next(alert);
}
