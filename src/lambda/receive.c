/* Takes deliveries of Okta's event hook: authentic or not, as the daemon's door decides, then into
 * the queue, then 200. Okta waits three seconds, so nothing else is done here. */
#include <stdlib.h>

#include "aws/aws.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypt/digest.h"
#include "engine/skipped.h"
#include "lambda/front_door.h"
#include "lambda/part.h"
#include "lambda/queue_journal.h"
#include "okta/hook.h"

enum {
    OKTA_WAITS_MS = 2500, /* 3 s, without the way here and back */
    MARGIN_MS = 400,      /* before the deadline: the journal has failed by then */
    BODY_LIMIT = 16 * 1024,
    ANSWER_LIMIT = 64 * 1024,
};

struct receive {
    struct part_context context;
    struct aws *aws;
    struct sqs *sqs;
    struct journal *journal;
};

/* One request on its way. */
struct passage {
    struct journal_entry entry;
    struct receive *receive;
    struct invocation *invocation;
    struct front_request request;
    struct hook_answer answer; /* once it is in the queue */
    int64_t began_ms;          /* clock_mono_ms */
    bool has_refreshed, is_in_journal;
};

/* ---- answering ---- */

static void end_passage(struct passage *p)
{
    arena_done(&p->entry.arena);
    free(p);
}

/* The passage and its invocation are gone afterwards. */
static void reply(struct passage *p, const struct hook_answer *answer)
{
    struct front_header headers[2] = {{SPAN("Content-Type"), SPAN("application/json")}};
    struct front_answer front = {.status = answer->status, .headers = headers, .n_headers = 1};
    struct invocation *invocation = p->invocation;
    struct buf body, json;

    if (answer->status == 401)
        headers[front.n_headers++] =
            (struct front_header){SPAN("WWW-Authenticate"), SPAN(HOOK_AUTHENTICATE)};
    if (answer->allow != NULL)
        headers[front.n_headers++] = (struct front_header){SPAN("Allow"), span_of(answer->allow)};
    buf_init(&body, BODY_LIMIT);
    buf_init(&json, ANSWER_LIMIT);
    hook_add_body(&body, answer);
    front.body = buf_span(&body);
    front_add_answer(&json, p->request.door, &front);
    end_passage(p);
    invocation->answer(invocation, buf_span(&json));
    buf_done(&json);
    buf_done(&body);
}

/* ---- into the queue ---- */

static void log_events(const struct journal_entry *entry)
{
    for (size_t i = 0; i < entry->n; i++) {
        const struct event *e = &entry->events[i];

        log_if_skipped(e);
        for (size_t k = 0; e->skip_reason == NULL && k < e->n_subjects; k++)
            if (e->subjects[k].alarm != NULL)
                log_warn("Okta tells of something that a person should know",
                         LOG_SPAN("uuid", e->uuid), LOG_STR("what", e->subjects[k].alarm),
                         LOG_SPAN("name", e->subjects[k].membership.name));
    }
}

static void stored(struct journal_entry *entry, enum err err, const struct fail *fail)
{
    struct passage *p = (struct passage *)entry;
    int64_t took_ms = clock_mono_ms() - p->began_ms;

    if (err != ERR_NONE) {
        log_error("the delivery is not in the queue; Okta gets 503", LOG_STR("error", fail->text),
                  LOG_INT("events", entry->n), LOG_INT("ms", took_ms));
        reply(p, &hook_not_stored);
        return;
    }
    log_events(entry);
    log_info("delivery taken", LOG_INT("events", entry->n), LOG_INT("taken", entry->n_taken),
             LOG_INT("skipped", entry->n_skipped), LOG_INT("ms", took_ms));
    reply(p, &p->answer);
}

static void set_end(struct passage *p)
{
    int64_t left_ms = p->invocation->deadline_ms - clock_wall_ms() - MARGIN_MS;
    int64_t end_ms = p->began_ms + OKTA_WAITS_MS;

    if (end_ms > clock_mono_ms() + left_ms)
        end_ms = clock_mono_ms() + left_ms;
    queue_journal_set_end(p->receive->journal, end_ms);
}

/* There is no place to keep the body of a delivery that cannot be read: Okta keeps its own. */
static void refuse_body(struct passage *p, const char *why)
{
    static const struct hook_answer bad = {
        .status = 400,
        .code = "bad_delivery",
        .message = "The body is no event hook delivery: see Roster's log for what is wrong."};
    char digest[SHA256_HEX + 1] = "";

    sha256_hex(p->request.body, digest);
    log_warn("delivery refused", LOG_STR("error", why), LOG_INT("bytes", p->request.body.n),
             LOG_STR("sha256", digest));
    reply(p, &bad);
}

static void deliver(struct passage *p)
{
    const struct settings *settings = configuration_settings(p->receive->context.configuration);
    const struct delivery_rules by = {.rules = &settings->rules, .names = &names_unread};
    struct delivery delivery = {0};
    struct fail fail;

    if (p->request.is_body_bad) {
        refuse_body(p, "the event's body is neither text nor Base64");
        return;
    }
    p->entry.received_ms = clock_wall_ms();
    p->entry.done = stored;
    if (hook_body(&by, p->request.body, p->entry.received_ms, &p->entry.arena, &delivery,
                  &p->answer, &fail) != ERR_NONE) {
        refuse_body(p, fail.text);
        return;
    }
    p->entry.events = delivery.events;
    p->entry.n = delivery.n;
    p->is_in_journal = true;
    set_end(p);
    if (!p->receive->journal->append(p->receive->journal, &p->entry)) {
        log_error("the delivery is not in the queue; Okta gets 503", LOG_STR("error", "no room"));
        reply(p, &hook_not_stored);
    }
}

/* ---- the door ---- */

/* What stands before it is the name of a stage or a base path: the function has one hook only, and
 * who may come in is told by the secret. */
static struct span own_path(struct span path)
{
    for (size_t i = 0; i < path.n; i++) {
        struct span rest = span_n(path.p + i, path.n - i);

        if (path.p[i] == '/' && (hook_owns(rest) || span_eq(rest, SPAN("/healthz"))))
            return rest;
    }
    return path;
}

static void judge(void *arg)
{
    struct passage *p = arg;
    struct configuration *configuration = p->receive->context.configuration;
    const struct settings *settings = configuration_settings(configuration);
    const struct hook hook = {.secret = &settings->hook_secret,
                              .secret_previous = &settings->hook_secret_previous,
                              .header = settings->hook_header};
    const struct hook_request request = {.method = p->request.method,
                                         .path = p->request.path,
                                         .header = front_header,
                                         .each_header = front_each_header,
                                         .request = &p->request};
    struct hook_answer answer;

    if (!hook_head(&hook, &request, &p->entry.arena, &answer)) {
        deliver(p);
        return;
    }
    if (answer.status == 401 && !p->has_refreshed) {
        p->has_refreshed = true;
        if (configuration_refresh(configuration, CONFIGURATION_BY_DOUBT, clock_wall_ms(), judge, p))
            return;
    }
    if (answer.code != NULL)
        log_warn("request to the event hook refused", LOG_INT("status", answer.status),
                 LOG_STR("code", answer.code), LOG_SPAN("method", p->request.method));
    else
        log_info("event hook verification answered", LOG_INT("status", answer.status));
    reply(p, &answer);
}

static void enter(struct passage *p)
{
    static const struct hook_answer unknown = {
        .status = 404, .code = "not_found", .message = "There is nothing at this path."};
    const struct hook_answer alive = {.status = 200, .body = SPAN("{\"status\":\"alive\"}")};

    p->request.path = own_path(p->request.path);
    if (span_eq(p->request.path, SPAN("/healthz"))) {
        reply(p, &alive);
    } else if (!hook_owns(p->request.path)) {
        reply(p, &unknown);
    } else if (configuration_refresh(p->receive->context.configuration, CONFIGURATION_BY_AGE,
                                     clock_wall_ms(), judge, p)) {
        p->has_refreshed = true;
    } else {
        judge(p);
    }
}

static void begin(void *arg, struct invocation *invocation)
{
    struct passage *p = mem_new(1, sizeof(*p));
    struct fail fail;

    *p = (struct passage){.receive = arg, .invocation = invocation, .began_ms = clock_mono_ms()};
    invocation->data = p;
    if (front_read(&p->entry.arena, invocation->event, &p->request, &fail) == ERR_NONE) {
        enter(p);
        return;
    }
    end_passage(p);
    invocation->fail(invocation, "Function.UnknownEvent", fail.text);
}

static void expire(void *arg, struct invocation *invocation)
{
    struct receive *r = arg;
    struct passage *p = invocation->data;

    if (p->is_in_journal) {
        queue_journal_give_up(r->journal); /* calls stored */
        return;
    }
    configuration_forget(r->context.configuration);
    log_error("the secrets did not come in time; Okta gets 503", LOG_NOTHING);
    reply(p, &hook_not_stored);
}

/* ---- the part ---- */

static enum err check(const struct settings *settings, struct fail *fail)
{
    if (!settings->has_hook)
        return fail_set(fail, ERR_INPUT,
                        "[OKTA] HOOK is off, and taking deliveries of the hook is all that "
                        "'receive' does");
    if (!secret_is_set(&settings->hook_secret))
        return fail_set(fail, ERR_INPUT,
                        "there is no hook secret: set ROSTER_OKTA_HOOK_SECRET to the ARN of the "
                        "secret that Okta's event hook sends");
    if (settings->queue_url.n == 0)
        return fail_set(fail, ERR_INPUT,
                        "there is no queue: set ROSTER_QUEUE_URL to the URL of the FIFO queue");
    return ERR_NONE;
}

static void receive_free(void *arg)
{
    struct receive *r = arg;

    if (r == NULL)
        return;
    queue_journal_free(r->journal);
    sqs_free(r->sqs);
    aws_free(r->aws);
    free(r);
}

static enum err receive_new(const struct part_context *context, struct worker *out,
                            struct fail *fail)
{
    const struct settings *settings = configuration_settings(context->configuration);
    struct aws_options options = {.region = sqs_region_of(settings->queue_url),
                                  .environment = context->environment};
    enum err err = check(settings, fail);
    struct receive *r;

    if (err != ERR_NONE)
        return err;
    r = mem_new(1, sizeof(*r));
    r->context = *context;
    err = aws_new(context->loop, context->client, &options, &r->aws, fail);
    if (err != ERR_NONE) {
        receive_free(r);
        return err;
    }
    r->sqs = sqs_new(r->aws, settings->queue_url);
    r->journal = queue_journal_new(context->loop, r->sqs);
    *out = (struct worker){begin, expire, r};
    return ERR_NONE;
}

const struct part part_receive = {"receive", receive_new, receive_free};
