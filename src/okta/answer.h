/* What an answer of Okta means: its error code and summary in one line, the reaction, and what to
 * do about it. Pure.
 * https://developer.okta.com/docs/reference/error-codes/ (only errorCode is contractual) */
#ifndef ROSTER_OKTA_ANSWER_H
#define ROSTER_OKTA_ANSWER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"

struct answer_facts {
    const char *method;
    struct span path;  /* its query is not shown */
    bool is_read;      /* repeating it does no harm */
    bool is_api_token; /* an API token was sent, not an OAuth access token */
    int status;
    struct span body;
    struct span authenticate; /* the WWW-Authenticate header; may be empty */
    struct span request_id;   /* X-Okta-Request-Id; may be empty */
};

/* ERR_NONE for 2xx. Else fail has code (Okta's errorCode, or OAuth's error), status, request_id
 * (errorId, else the request's) and the text:
 *   ERR_BUSY      429, or a user who is being activated
 *   ERR_DENIED    401, 403, a redirect; and whatever the token endpoint refuses
 *   ERR_NOT_FOUND 404 with Okta's code for an object; never from the token endpoint
 *   ERR_CONFLICT  409, or 403 because of an object's status
 *   ERR_IO        5xx, or 404 without a code, for a read; read-only mode
 *   ERR_UNCLEAR   the first two for anything else
 *   ERR_INPUT     other 4xx */
enum err answer_judge(const struct answer_facts *facts, struct fail *fail) WARN_UNUSED;
/* Was it a cursor that Okta does not know any more (or never did)? The listing begins anew. */
bool answer_is_stale_cursor(const struct fail *fail);

#endif
