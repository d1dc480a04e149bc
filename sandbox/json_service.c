#include "json_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "connect_keys.h"
#include "text/url.h"
#include "text/uuid.h"

enum { HANG_MS = 300000, HEADER_ROOM = 160, N_HEADERS = 4 };

struct json_delayed {
    struct json_delayed *next, **link;
    struct http_exchange *x;
    struct loop_timer *timer;
    bool is_cut;
    int status;
    const char *type;
    char *body;
    size_t n;
    char headers[N_HEADERS][HEADER_ROOM];
};

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

static void delayed_free(struct json_delayed *d)
{
    if (d->link != NULL) {
        *d->link = d->next;
        if (d->next != NULL)
            d->next->link = d->link;
    }
    loop_timer_free(d->timer);
    free(d->body);
    free(d);
}

void json_service_done(struct json_service *service)
{
    while (service->delayed != NULL)
        delayed_free(service->delayed);
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

static void put_date(char out[static HEADER_ROOM], int64_t wall_ms)
{
    time_t s = (time_t)(wall_ms / MS_PER_S);
    struct tm parts;

    gmtime_r(&s, &parts);
    strftime(out, HEADER_ROOM, "Date: %a, %d %b %Y %H:%M:%S GMT", &parts);
}

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

static char *make_body(struct json_call *call, char header[static HEADER_ROOM])
{
    const struct json_service *service = call->service;
    json_t *body = call->out;
    char *text;

    if (call->fault != NULL && call->fault->way == FAULT_HTML)
        return mem_printf("<html><head><title>%s</title></head><body></body></html>\r\n",
                          call->message);
    if (call->code != NULL) {
        body = json_pack("{s:o, s:s}", "__type", json_sprintf("%s%s", service->prefix, call->code),
                         "message", call->message);
        if (service->has_query_error)
            snprintf(header, HEADER_ROOM, "x-amzn-query-error: %s;%s", query_name(call->code),
                     call->status >= 500 ? "Receiver" : "Sender");
    }
    text = json_dumps(body == NULL ? json_null() : body, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(body);
    call->out = NULL;
    return text;
}

static void note(const struct json_call *call)
{
    struct call_entry *entry = calls_at(&call->service->calls, call->entry);

    if (entry == NULL)
        return;
    entry->is_done = call->code == NULL;
    entry->status = call->status;
    entry->code = call->code;
    if (call->fault == NULL)
        return;
    entry->fault = call->fault->name;
    if (entry->is_done && call->fault->code != NULL) {
        entry->code = call->fault->code;
        entry->status = call->fault->status;
    }
}

static void tell(const struct json_call *call)
{
    const struct call_entry *entry = calls_at(&call->service->calls, call->entry);

    if (call->service->sandbox->is_quiet || entry == NULL)
        return;
    fprintf(stderr, "%s %s -> %d%s%s%s%s\n", entry->operation,
            entry->user == NULL ? "-" : entry->user, entry->status, entry->code == NULL ? "" : " ",
            entry->code == NULL ? "" : entry->code,
            entry->fault == NULL ? "" : " fault=", entry->fault == NULL ? "" : entry->fault);
}

static void reply(struct json_delayed *d)
{
    const char *headers[N_HEADERS + 1];
    size_t n = 0;

    for (size_t i = 0; i < N_HEADERS; i++)
        if (d->headers[i][0] != '\0')
            headers[n++] = d->headers[i];
    headers[n] = NULL;
    if (d->is_cut)
        http_abort(d->x, span_n(d->body, d->n));
    else
        http_reply(d->x, d->status, d->type, span_n(d->body, d->n), headers);
}

static void on_time(void *arg)
{
    struct json_delayed *d = arg;

    reply(d);
    delayed_free(d);
}

/* A good answer of which less arrives than its header says. */
static void cut_in_half(struct json_delayed *d)
{
    char *text =
        mem_printf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%.*s",
                   d->type, d->n, (int)(d->n / 2), d->body);

    free(d->body);
    d->body = text;
    d->n = strlen(text);
    d->is_cut = true;
}

static void spoil(const struct json_call *call, struct json_delayed *d)
{
    switch (call->fault->way) {
    case FAULT_CUT:
    case FAULT_DONE_CUT:
    case FAULT_HANG:
        d->is_cut = true;
        d->n = 0;
        break;
    case FAULT_HALF:
        cut_in_half(d);
        break;
    case FAULT_GARBAGE:
        d->n /= 2;
        break;
    case FAULT_EMPTY:
        d->n = 0;
        break;
    case FAULT_HTML:
        d->type = "text/html";
        break;
    case FAULT_ANSWER:
    case FAULT_SLOW:
    case FAULT_EMPTY_PAGE:
    case FAULT_SHORT_PAGE:
    case FAULT_FOREIGN:
    case FAULT_PARTIAL:
    case FAULT_PARTIAL_SENDER:
        break;
    }
}

static void send(struct json_call *call)
{
    struct json_delayed *d = mem_new(1, sizeof *d);
    bool is_hanging = call->fault != NULL && call->fault->way == FAULT_HANG;
    char id[UUID_TEXT + 1];

    d->x = call->x;
    d->status = call->status;
    d->type = call->service->type;
    uuid_random(id);
    snprintf(d->headers[0], HEADER_ROOM, "x-amzn-RequestId: %s", id);
    put_date(d->headers[1], sandbox_aws_wall_ms(call->service->sandbox));
    d->body = make_body(call, d->headers[2]);
    d->n = strlen(d->body);
    note(call);
    tell(call);
    /* A fault spoils a good answer; an error answer goes out as it is. */
    if (call->fault != NULL && (call->code == NULL || !fault_is_late(call->fault)))
        spoil(call, d);
    if (!is_hanging && (call->fault == NULL || call->fault->way != FAULT_SLOW)) {
        on_time(d);
        return;
    }
    d->next = call->service->delayed;
    d->link = &call->service->delayed;
    if (d->next != NULL)
        d->next->link = &d->next;
    call->service->delayed = d;
    d->timer = loop_timer_new(call->service->sandbox->loop, on_time, d);
    loop_timer_set(d->timer, is_hanging ? HANG_MS : call->delay_ms);
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
