#include "okta_ask.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "text/url.h"

enum { QUERY = 65536, ERROR_ID = 22, REQUEST_ID = 27 };

static const struct fault kinds[] = {
    {"rate_limit", FAULT_ANSWER, 429, "E0000047",
     "API call exceeded rate limit due to too many requests."},
    {"concurrency", FAULT_ANSWER, 429, "E0000047",
     "API call exceeded rate limit due to too many requests."},
    {"internal", FAULT_ANSWER, 500, "E0000009", "Internal Server Error"},
    {"read_only", FAULT_ANSWER, 503, "E0000010", "Service is in read only mode"},
    {"unavailable_html", FAULT_HTML, 503, "ServiceUnavailable", "503 Service Unavailable"},
    {"bad_gateway_html", FAULT_HTML, 502, "BadGateway", "502 Bad Gateway"},
    {"gateway_timeout_html", FAULT_HTML, 504, "GatewayTimeout", "504 Gateway Time-out"},
    {"cut_before", FAULT_CUT, 0, "cut", ""},
    {"cut_after", FAULT_DONE_CUT, 0, "cut", ""},
    {"half_answer", FAULT_HALF, 200, "half answer", ""},
    {"empty_ok", FAULT_EMPTY, 200, "empty answer", ""},
    {"garbage_ok", FAULT_GARBAGE, 200, "garbage", ""},
    {"slow", FAULT_SLOW, 200, NULL, ""},
    {"hang", FAULT_HANG, 0, "no answer", ""},
    {"empty_page", FAULT_EMPTY_PAGE, 200, NULL, ""},
    {"short_page", FAULT_SHORT_PAGE, 200, NULL, ""},
    {"foreign_next", FAULT_FOREIGN, 200, NULL, ""},
    {"forbidden", FAULT_ANSWER, 403, OKTA_FORBIDDEN,
     "You do not have permission to perform the requested action"},
    {"no_role", FAULT_ANSWER, 403, "E0000005", "Invalid session"},
    {"invalid_token", FAULT_ANSWER, 401, OKTA_BAD_TOKEN, "Invalid token provided"},
    {"authentication_failed", FAULT_ANSWER, 401, "E0000004", "Authentication failed"},
    {"not_found", FAULT_ANSWER, 404, "E0000007", "Not found: Resource not found"},
    {"bare_not_found", FAULT_ANSWER, 404, "bare", "Resource not found"},
    {"bad_cursor", FAULT_ANSWER, 400, "E0000031", "Invalid search criteria."},
    {"nonce", FAULT_ANSWER, 401, "nonce", "Resource server requires nonce in DPoP proof."},
};

_Static_assert(sizeof kinds / sizeof *kinds <= FAULT_KINDS, "a rule has room for every kind");

void okta_ask_kinds(struct faults *faults)
{
    faults->kinds = kinds;
    faults->n_kinds = sizeof kinds / sizeof *kinds;
}

/* ---- what handlers use ---- */

void okta_ask_header(struct okta_ask *ask, const char *format, ...)
{
    va_list args;
    struct buf line;

    if (ask->n_headers + 1 >= OKTA_HEADERS)
        return;
    buf_init(&line, QUERY);
    va_start(args, format);
    buf_vprintf(&line, format, args);
    va_end(args);
    ask->headers[ask->n_headers++] = arena_dup(&ask->arena, buf_span(&line));
    buf_done(&line);
}

const char *okta_ask_query(struct okta_ask *ask, const char *name)
{
    struct span raw = url_query_get(http_query(ask->x), span_of(name));
    struct buf text;
    char *copy;

    if (raw.p == NULL)
        return NULL;
    copy = arena_dup(&ask->arena, raw);
    for (char *p = copy; *p != '\0'; p++)
        if (*p == '+')
            *p = ' ';
    buf_init(&text, QUERY);
    if (!url_add_decoded(&text, span_of(copy)))
        buf_clear(&text);
    copy = arena_dup(&ask->arena, buf_span(&text));
    buf_done(&text);
    return copy;
}

json_t *okta_ask_body(struct okta_ask *ask)
{
    struct span body = http_body(ask->x);
    json_t *value = json_loadb(body.p == NULL ? "" : body.p, body.n, 0, NULL);

    if (json_is_object(value))
        return value;
    json_decref(value);
    okta_fail(ask, 400, OKTA_MALFORMED, "The request body was not well-formed.", NULL);
    return NULL;
}

void okta_ask_json(struct okta_ask *ask, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    buf_clear(&ask->body);
    buf_add_str(&ask->body, text);
    free(text);
    json_decref(value);
}

void okta_fail(struct okta_ask *ask, int status, const char *code, const char *summary,
               const char *cause)
{
    char id[ERROR_ID + 1] = "";
    json_t *causes = json_array();

    okta_random_text(id, ERROR_ID);
    if (cause != NULL)
        json_array_append_new(causes, json_pack("{s:s}", "errorSummary", cause));
    ask->status = status;
    ask->code = code;
    okta_ask_json(ask, json_pack("{s:s, s:s, s:s, s:s+, s:o}", "errorCode", code, "errorSummary",
                                 summary, "errorLink", code, "errorId", "oae", id, "errorCauses",
                                 causes));
}

void okta_fail_missing(struct okta_ask *ask, const char *id, const char *kind)
{
    okta_fail(ask, 404, "E0000007",
              arena_printf(&ask->arena, "Not found: Resource not found: %s (%s)", id, kind), NULL);
}

/* ---- the answer ---- */

void okta_ask_fault(struct okta_ask *ask)
{
    const struct fault *fault = ask->fault;

    ask->status = fault->status;
    ask->code = fault->code;
    if (fault->way != FAULT_ANSWER)
        return;
    if (strcmp(fault->code, "bare") == 0) {
        okta_ask_json(ask, json_pack("{s:i, s:s}", "status", 404, "message", fault->message));
    } else if (strcmp(fault->code, "nonce") == 0) {
        okta_auth_ask_nonce(ask);
    } else {
        okta_fail(ask, fault->status, fault->code, fault->message,
                  strcmp(fault->name, "bad_cursor") == 0 ? "Invalid cursor." : NULL);
    }
    if (fault->status == 429)
        okta_rates_exceeded(ask, strcmp(fault->name, "concurrency") == 0);
}

void okta_ask_drop(struct okta_ask *ask)
{
    if (ask->link != NULL) {
        *ask->link = ask->next;
        if (ask->next != NULL)
            ask->next->link = ask->link;
    }
    free(ask->base);
    buf_done(&ask->body);
    arena_done(&ask->arena);
    free(ask);
}

void okta_ask_end(struct okta_ask *ask)
{
    struct okta_side *side = ask->side;
    char *body = ask->body.n == 0 ? NULL : buf_take(&ask->body);
    struct reply *reply = reply_new(ask->x, ask->status, "application/json", body);
    char id[REQUEST_ID + 1] = "";

    okta_random_text(id, REQUEST_ID);
    reply_header(reply, "x-okta-request-id: %s", id);
    reply_date(reply, okta_wall_ms(side));
    for (size_t i = 0; i < ask->n_headers; i++)
        reply_header(reply, "%s", ask->headers[i]);
    reply_note(&side->calls, ask->entry, ask->status, ask->code, ask->fault,
               side->sandbox->is_quiet ? NULL : "okta ");
    reply_send(reply, &side->waiting, side->sandbox->loop, ask->fault, ask->code, ask->delay_ms);
    okta_ask_drop(ask);
}
