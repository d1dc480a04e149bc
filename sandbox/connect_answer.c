#include "connect_answer.h"

#include <stdio.h>
enum { BARE_FORMS = 3 }; /* of an error's name; one more has it in the body alone */

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

/* The name of an error comes in every form that the real service is known to use, in turn: bare,
 * with a suffix, with a prefix, and in the body alone. */
static void add_error_header(struct reply *reply, uint64_t form, const char *code)
{
    switch (form) {
    case 0:
        reply_header(reply, "x-amzn-ErrorType: %s", code);
        break;
    case 1:
        reply_header(reply,
                     "x-amzn-ErrorType: %s:http://internal.amazon.com/coral/com.amazonaws.connect/",
                     code);
        break;
    case 2:
        reply_header(reply, "x-amzn-ErrorType: com.amazonaws.connect#%s", code);
        break;
    default:
        break;
    }
}

/* Its own exceptions have "Message", those of the front end "message". */
static json_t *error_body(const struct call *call, uint64_t form)
{
    json_t *body = json_pack("{s:s}", call->is_front ? "message" : "Message", call->message);

    if (form == BARE_FORMS)
        json_object_set_new(body, "__type", json_sprintf("com.amazonaws.connect#%s", call->code));
    return body;
}

void answer_send(struct call *call, int64_t delay_ms)
{
    struct connect_side *side = call->side;
    uint64_t form = call->code == NULL ? 0 : side->n_errors++ % (BARE_FORMS + 1);
    json_t *body = call->code == NULL ? call->out : error_body(call, form);
    struct reply *reply = reply_new(call->x, call->status, "application/json",
                                    body == NULL ? NULL : json_dumps(body, JSON_COMPACT));
    char id[UUID_TEXT + 1];

    call->out = NULL;
    json_decref(body);
    uuid_random(id);
    reply_header(reply, "x-amzn-RequestId: %s", id);
    reply_date(reply, side_wall_ms(side));
    if (call->code != NULL)
        add_error_header(reply, form, call->code);
    reply_note(&side->calls, call->entry, call->status, call->code, call->fault,
               side->sandbox->is_quiet ? NULL : "");
    reply_send(reply, &side->waiting, side->sandbox->loop, call->fault, call->code, delay_ms);
}
