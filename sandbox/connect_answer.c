#include "connect_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

enum { HANG_MS = 300000, HEADER_ROOM = 160, N_HEADERS = 4 };

struct delayed {
    struct delayed *next, **link;
    struct connect_side *side;
    struct http_exchange *x;
    struct loop_timer *timer;
    bool is_cut;
    int status;
    char *body;
    size_t n;
    char headers[N_HEADERS][HEADER_ROOM];
};

#define EXPIRED "The security token included in the request is expired"
#define INVALID_TOKEN "The security token included in the request is invalid."

static const struct fault kinds[] = {
    {"throttle", FAULT_ANSWER, 429, "ThrottlingException", "Rate exceeded"},
    {"too_many", FAULT_ANSWER, 429, "TooManyRequestsException", "Too Many Requests"},
    {"internal", FAULT_ANSWER, 500, "InternalServiceException", "Internal service error"},
    {"unavailable_html", FAULT_HTML, 503, "ServiceUnavailable",
     "503 Service Temporarily Unavailable"},
    {"bad_gateway_html", FAULT_HTML, 502, "BadGateway", "502 Bad Gateway"},
    {"gateway_timeout_html", FAULT_HTML, 504, "GatewayTimeout", "504 Gateway Time-out"},
    {"cut_before", FAULT_CUT, 0, "cut", ""},
    {"cut_after", FAULT_DONE_CUT, 0, "cut", ""},
    {"half_answer", FAULT_HALF, 200, "half answer", ""},
    {"empty_ok", FAULT_EMPTY, 200, "empty answer", ""},
    {"garbage_ok", FAULT_GARBAGE, 200, "garbage", ""},
    {"slow", FAULT_SLOW, 200, NULL, ""},
    {"hang", FAULT_HANG, 0, "no answer", ""},
    {"access_denied", FAULT_ANSWER, 403, "AccessDeniedException",
     "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform this operation"},
    {"expired_token", FAULT_ANSWER, 403, "ExpiredTokenException", EXPIRED},
    {"invalid_signature", FAULT_ANSWER, 403, "InvalidSignatureException",
     "The request signature we calculated does not match the signature you provided."},
    {"unrecognized_client", FAULT_ANSWER, 403, "UnrecognizedClientException", INVALID_TOKEN},
    {"instance_not_found", FAULT_ANSWER, 404, "ResourceNotFoundException", "Instance not found"},
    {"limit", FAULT_ANSWER, 429, "LimitExceededException",
     "The limit of users for this instance is reached"},
    {"not_found", FAULT_ANSWER, 404, "ResourceNotFoundException", "Resource not found"},
    {"invalid_request", FAULT_ANSWER, 400, "InvalidRequestException", "The request is not valid"},
};

_Static_assert(sizeof kinds / sizeof *kinds <= FAULT_KINDS, "a rule has room for every kind");

void answer_kinds(struct faults *faults)
{
    faults->kinds = kinds;
    faults->n_kinds = sizeof kinds / sizeof *kinds;
}

void answer_fault(struct call *call)
{
    call->status = call->fault->status;
    call->code = call->fault->code;
    call->is_front = call->status == 403;
    snprintf(call->message, sizeof call->message, "%s", call->fault->message);
}

static void put_date(char out[static HEADER_ROOM], int64_t wall_ms)
{
    time_t s = (time_t)(wall_ms / MS_PER_S);
    struct tm parts;

    gmtime_r(&s, &parts);
    strftime(out, HEADER_ROOM, "Date: %a, %d %b %Y %H:%M:%S GMT", &parts);
}

/* The name of an error comes in every form that the real service is known to use, in turn: bare,
 * with a suffix, with a prefix, and in the body alone. Its own exceptions have "Message", those of
 * the front end "message". */
static json_t *error_body(const struct call *call, char header[static HEADER_ROOM])
{
    json_t *body = json_pack("{s:s}", call->is_front ? "message" : "Message", call->message);

    switch (call->side->n_errors++ % 4) {
    case 0:
        snprintf(header, HEADER_ROOM, "x-amzn-ErrorType: %s", call->code);
        break;
    case 1:
        snprintf(header, HEADER_ROOM,
                 "x-amzn-ErrorType: %s:http://internal.amazon.com/coral/com.amazonaws.connect/",
                 call->code);
        break;
    case 2:
        snprintf(header, HEADER_ROOM, "x-amzn-ErrorType: com.amazonaws.connect#%s", call->code);
        break;
    default:
        json_object_set_new(body, "__type", json_sprintf("com.amazonaws.connect#%s", call->code));
    }
    return body;
}

static bool is_html(const struct call *call)
{
    return call->fault != NULL && call->fault->way == FAULT_HTML;
}

/* Makes the whole body, NULL for none. */
static char *make_body(struct call *call, char header[static HEADER_ROOM])
{
    json_t *body = call->out;
    char *text;

    if (is_html(call))
        return mem_printf(
            "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n"
            "</body>\r\n</html>\r\n",
            call->message, call->message);
    if (call->code != NULL)
        body = error_body(call, header);
    if (body == NULL)
        return NULL;
    text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    call->out = NULL;
    return text;
}

static void note(struct call *call)
{
    struct call_entry *entry = calls_at(&call->side->calls, call->entry);
    bool is_good = call->code == NULL;

    if (entry == NULL)
        return;
    entry->is_done = is_good;
    entry->status = call->status;
    entry->code = call->code;
    if (call->fault == NULL)
        return;
    entry->fault = call->fault->name;
    if (is_good && call->fault->code != NULL) {
        entry->code = call->fault->code;
        entry->status = call->fault->status;
    }
}

static void tell(const struct call *call)
{
    const struct call_entry *entry = calls_at(&call->side->calls, call->entry);

    if (call->side->sandbox->is_quiet || entry == NULL)
        return;
    fprintf(stderr, "%s %s -> %d%s%s%s%s\n", entry->operation,
            entry->user == NULL ? "-" : entry->user, entry->status, entry->code == NULL ? "" : " ",
            entry->code == NULL ? "" : entry->code,
            entry->fault == NULL ? "" : " fault=", entry->fault == NULL ? "" : entry->fault);
}

static void reply(struct delayed *d)
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
        http_reply(d->x, d->status,
                   d->n == 0          ? NULL
                   : d->status >= 502 ? "text/html"
                                      : "application/json",
                   span_n(d->body, d->n), headers);
}

static void delayed_free(struct delayed *d)
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

static void on_time(void *arg)
{
    struct delayed *d = arg;

    reply(d);
    delayed_free(d);
}

void answer_drop_delayed(struct connect_side *side)
{
    while (side->delayed != NULL)
        delayed_free(side->delayed);
}

/* A good answer of which less arrives than its header says. */
static void cut_in_half(struct delayed *d)
{
    char *whole = mem_printf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                             "%zu\r\n%s\r\n%s\r\n\r\n",
                             d->n == 0 ? 64 : d->n, d->headers[0], d->headers[1]);
    char *text = mem_printf("%s%.*s", whole, (int)(d->n / 2), d->body == NULL ? "" : d->body);

    free(whole);
    free(d->body);
    d->body = text;
    d->n = strlen(text);
    d->is_cut = true;
}

static void spoil(const struct call *call, struct delayed *d)
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
    case FAULT_EMPTY:
        d->n = 0;
        break;
    case FAULT_GARBAGE:
        if (d->n < 4) {
            free(d->body);
            d->body = mem_dup_str("<html></html>");
            d->n = strlen(d->body);
        } else {
            d->n /= 2;
        }
        break;
    case FAULT_ANSWER:
    case FAULT_HTML:
    case FAULT_SLOW:
    case FAULT_EMPTY_PAGE:
    case FAULT_SHORT_PAGE:
    case FAULT_FOREIGN:
    case FAULT_PARTIAL:
    case FAULT_PARTIAL_SENDER:
        break;
    }
}

void answer_send(struct call *call, int64_t delay_ms)
{
    struct delayed *d = mem_new(1, sizeof *d);
    char id[UUID_TEXT + 1];
    bool is_hanging = call->fault != NULL && call->fault->way == FAULT_HANG;

    d->side = call->side;
    d->x = call->x;
    d->status = call->status;
    uuid_random(id);
    snprintf(d->headers[0], HEADER_ROOM, "x-amzn-RequestId: %s", id);
    put_date(d->headers[1], side_wall_ms(call->side));
    d->body = make_body(call, d->headers[2]);
    d->n = d->body == NULL ? 0 : strlen(d->body);
    note(call);
    tell(call);
    /* A fault spoils a good answer; an error answer goes out as it is. */
    if (call->fault != NULL && (call->code == NULL || !fault_is_late(call->fault)))
        spoil(call, d);
    if (!is_hanging && (call->fault == NULL || call->fault->way != FAULT_SLOW)) {
        on_time(d);
        return;
    }
    d->next = call->side->delayed;
    d->link = &call->side->delayed;
    if (d->next != NULL)
        d->next->link = &d->next;
    call->side->delayed = d;
    d->timer = loop_timer_new(call->side->sandbox->loop, on_time, d);
    loop_timer_set(d->timer, is_hanging ? HANG_MS : delay_ms);
}
