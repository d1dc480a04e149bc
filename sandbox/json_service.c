#include "json_service.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "connect_keys.h"
#include "text/url.h"
#include "text/uuid.h"

static const struct fault kinds[] = {
    {"throttle", FAULT_ANSWER, 400, "RequestThrottled", "Rate exceeded"},
    {"internal", FAULT_ANSWER, 500, "InternalFailure", "We encountered an internal error"},
    {"unavailable_html", FAULT_HTML, 503, "ServiceUnavailable", "503 Service Unavailable"},
    {"cut_before", FAULT_CUT, 0, "cut", ""},
    {"cut_after", FAULT_DONE_CUT, 0, "cut", ""},
    {"half_answer", FAULT_HALF, 200, "half answer", ""},
    {"garbage_ok", FAULT_GARBAGE, 200, "garbage", ""},
    {"slow", FAULT_SLOW, 200, NULL, ""},
    {"hang", FAULT_HANG, 0, "no answer", ""},
    {"access_denied", FAULT_ANSWER, 400, "AccessDeniedException",
     "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform this operation"},
    {"not_found", FAULT_ANSWER, 400, "ResourceNotFoundException", "It does not exist"},
    {"partial", FAULT_PARTIAL, 200, NULL, ""},
    {"partial_sender", FAULT_PARTIAL_SENDER, 200, NULL, ""},
};

_Static_assert(sizeof kinds / sizeof *kinds <= FAULT_KINDS, "a rule has room for every kind");

void json_service_init(struct json_service *service)
{
    service->faults.kinds = kinds;
    service->faults.n_kinds = sizeof kinds / sizeof *kinds;
}

void json_service_done(struct json_service *service)
{
    replies_drop(&service->waiting);
    faults_done(&service->faults);
    calls_done(&service->calls);
}

/* ---- for operations ---- */

void json_call_ok(struct json_call *call, json_t *out)
{
    call->status = 200;
    call->code = NULL;
    call->out = out;
}

void json_call_fail(struct json_call *call, const char *code, const char *format, ...)
{
    va_list args;

    call->status = 400;
    call->code = code;
    va_start(args, format);
    vsnprintf(call->message, sizeof call->message, format, args);
    va_end(args);
}

const char *json_call_text(const struct json_call *call, const char *member)
{
    return json_string_value(json_object_get(call->input, member));
}

/* ---- the answer ---- */

/* The names of the query protocol, which the JSON one repeats in a header for old clients. */
static const char *query_name(const char *code)
{
    static const char *const names[][2] = {
        {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
        {"EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"},
        {"TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
        {"BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
        {"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"},
        {"InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"},
        {"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"},
        {"UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], code) == 0)
            return names[i][1];
    return code;
}

static char *make_body(struct json_call *call)
{
    json_t *body = call->out;
    char *text;

    if (call->code != NULL)
        body = json_pack("{s:o, s:s}", "__type",
                         json_sprintf("%s%s", call->service->prefix, call->code), "message",
                         call->message);
    text = json_dumps(body == NULL ? json_null() : body, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(body);
    call->out = NULL;
    return text;
}

static void send(struct json_call *call)
{
    struct json_service *service = call->service;
    struct reply *reply = reply_new(call->x, call->status, service->type, make_body(call));
    char id[UUID_TEXT + 1];

    uuid_random(id);
    reply_header(reply, "x-amzn-RequestId: %s", id);
    reply_date(reply, sandbox_aws_wall_ms(service->sandbox));
    if (call->code != NULL && service->has_query_error)
        reply_header(reply, "x-amzn-query-error: %s;%s", query_name(call->code),
                     call->status >= 500 ? "Receiver" : "Sender");
    reply_note(&service->calls, call->entry, call->status, call->code, call->fault,
               service->sandbox->is_quiet ? NULL : "");
    reply_send(reply, &service->waiting, service->sandbox->loop, call->fault, call->code,
               call->delay_ms);
}

struct json_call *json_call_park(struct json_call *call)
{
    struct json_call *parked = mem_new(1, sizeof *parked);

    call->is_parked = true;
    *parked = *call;
    json_incref(parked->input);
    return parked;
}

void json_call_end(struct json_call *call)
{
    send(call);
    json_decref(call->input);
    free(call);
}

/* ---- the way of a request ---- */

bool json_service_owns(const struct json_service *service, const struct http_exchange *x)
{
    return span_eq(http_method(x), SPAN("POST")) &&
           span_starts(http_header(x, SPAN("x-amz-target"), NULL), span_of(service->target));
}

static const struct json_operation *find(const struct json_service *service, struct span target)
{
    struct span name =
        span_n(target.p + strlen(service->target), target.n - strlen(service->target));

    for (const struct json_operation *op = service->operations; op->name != NULL; op++)
        if (span_eq(name, span_of(op->name)))
            return op;
    return NULL;
}

static void read_input(struct json_call *call)
{
    struct span body = http_body(call->x);
    json_error_t error;

    if (!span_eq(http_header(call->x, SPAN("content-type"), NULL), span_of(call->service->type))) {
        json_call_fail(call, "UnsupportedMediaType", "Content-Type must be %s",
                       call->service->type);
        return;
    }
    call->input = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!json_is_object(call->input))
        json_call_fail(call, "SerializationException", "The body is no JSON object");
}

static void answer_fault(struct json_call *call)
{
    call->status = call->fault->status;
    call->code = call->fault->code;
    snprintf(call->message, sizeof call->message, "%s", call->fault->message);
}

static void handle(struct json_call *call)
{
    char message[KEYS_MESSAGE];
    const char *code =
        sandbox_aws_refuse(call->service->sandbox, call->x, call->service->signing, message);

    if (code != NULL) {
        json_call_fail(call, code, "%s", message);
        call->status = 403;
        return;
    }
    call->fault = faults_draw(&call->service->faults, call->op->name, &call->delay_ms);
    if (call->fault != NULL && !fault_is_late(call->fault)) {
        answer_fault(call);
        return;
    }
    read_input(call);
    if (call->code == NULL)
        call->op->run(call);
}

void json_service_request(struct json_service *service, struct http_exchange *x)
{
    struct json_call call = {.service = service, .x = x};

    call.op = find(service, http_header(x, SPAN("x-amz-target"), NULL));
    call.entry =
        calls_add(&service->calls,
                  &(struct call_entry){.time_ms = clock_wall_ms(),
                                       .operation = call.op == NULL ? "unknown" : call.op->name});
    if (call.op == NULL)
        json_call_fail(&call, "UnknownOperationException", "There is no such operation");
    else
        handle(&call);
    if (!call.is_parked)
        send(&call);
    json_decref(call.input);
}

/* ---- control ---- */

void json_service_reply_done(struct http_exchange *x, enum err err, const struct fail *fail)
{
    int status = err == ERR_NOT_FOUND ? 404 : err == ERR_CONFLICT ? 409 : 400;

    if (err == ERR_NONE)
        sandbox_reply_json(x, 200, json_pack("{s:b}", "done", 1), NULL);
    else
        sandbox_reply_error(x, status, err_name(err), fail->text);
}

static enum err set_faults(struct json_service *service, const json_t *body, struct fail *fail)
{
    const char *operation = json_string_value(json_object_get(body, "operation"));
    const struct json_operation *op = service->operations;

    while (operation != NULL && op->name != NULL && strcmp(op->name, operation) != 0)
        op++;
    if (operation != NULL && strcmp(operation, "*") != 0 && op->name == NULL)
        return fail_set(fail, ERR_INPUT, "unknown operation '%s'", operation);
    return faults_set(&service->faults, body, fail);
}

static void show_calls(struct json_service *service, struct http_exchange *x)
{
    bool has_log = span_eq(url_query_get(http_query(x), SPAN("log")), SPAN("1"));

    sandbox_reply_json(x, 200,
                       has_log ? json_pack("{s:o}", "calls", calls_log(&service->calls))
                               : calls_summary(&service->calls),
                       NULL);
}

bool json_service_control(struct json_service *service, struct http_exchange *x, const char *path,
                          const json_t *body)
{
    bool is_get = span_eq(http_method(x), SPAN("GET"));
    struct fail fail = {0};

    if (strcmp(path, "faults") == 0 && is_get) {
        sandbox_reply_json(x, 200, json_pack("{s:o}", "faults", faults_show(&service->faults)),
                           NULL);
    } else if (strcmp(path, "faults") == 0) {
        enum err err = set_faults(service, body, &fail);

        json_service_reply_done(x, err, &fail);
    } else if (strcmp(path, "calls") == 0 && is_get) {
        show_calls(service, x);
    } else if (strcmp(path, "calls/reset") == 0 && !is_get) {
        calls_reset(&service->calls);
        json_service_reply_done(x, ERR_NONE, &fail);
    } else {
        return false;
    }
    return true;
}
