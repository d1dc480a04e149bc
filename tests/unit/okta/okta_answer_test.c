#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "okta/answer.h"

#define ERROR(code, summary)                                                                       \
    "{\"errorCode\":\"" code "\",\"errorSummary\":\"" summary "\",\"errorLink\":\"" code           \
    "\",\"errorId\":\"oae123\",\"errorCauses\":[]}"

static const struct row {
    const char *name, *method, *path;
    int status;
    const char *body, *authenticate;
    enum err err;
    const char *code, *says, *also;
} rows[] = {
    {"validation", "POST", "/api/v1/eventHooks", 400,
     "{\"errorCode\":\"E0000001\",\"errorSummary\":\"Api validation failed: eventHook\","
     "\"errorCauses\":[{\"errorSummary\":\"Unable to verify event hook.\"}]}",
     NULL, ERR_INPUT, "E0000001", "Api validation failed: eventHook Unable to verify", NULL},
    {"bad cursor", "GET", "/api/v1/apps", 400, ERROR("E0000029", "Invalid paging request."), NULL,
     ERR_INPUT, "E0000029", "Invalid paging request.", NULL},
    {"bad token", "GET", "/api/v1/users", 401, ERROR("E0000011", "Invalid token provided"), NULL,
     ERR_DENIED, "E0000011", "API_TOKEN", "30 days"},
    {"no permission", "GET", "/api/v1/users", 403, ERROR("E0000006", "You do not have permission"),
     NULL, ERR_DENIED, "E0000006", "administrator role", "You do not have permission"},
    {"not in this status", "POST", "/api/v1/eventHooks/who1", 403, ERROR("E0000038", "No"), NULL,
     ERR_CONFLICT, "E0000038", "403", NULL},
    {"scope", "GET", "/api/v1/users", 403, "",
     "Bearer authorization_uri=\"http://x\", error=\"insufficient_scope\", "
     "error_description=\"no scopes\"",
     ERR_DENIED, "insufficient_scope", "Okta API Scopes", "no scopes"},
    {"not found", "GET", "/api/v1/users/00u1", 404,
     ERROR("E0000007", "Not found: Resource not found: 00u1 (User)"), NULL, ERR_NOT_FOUND,
     "E0000007", "00u1 (User)", NULL},
    {"not found in the other form", "GET", "/api/v1/users/00u1", 404,
     "{\"status\":404,\"message\":\"Resource not found\"}", NULL, ERR_IO, "", "Resource not found",
     NULL},
    {"a gateway's 404 of a write", "DELETE", "/api/v1/eventHooks/who1", 404, "<html>", NULL,
     ERR_UNCLEAR, "", "404", NULL},
    {"another code with 404", "GET", "/api/v1/x", 404, ERROR("E0000008", "no such path"), NULL,
     ERR_INPUT, "E0000008", "no such path", NULL},
    {"the token endpoint is not there", "POST", "/oauth2/v1/token", 404,
     ERROR("E0000007", "Not found"), NULL, ERR_DENIED, "E0000007", "ORG_URL", NULL},
    {"method", "PUT", "/api/v1/users", 405, ERROR("E0000022", "x"), NULL, ERR_INPUT, "E0000022",
     "405", NULL},
    {"activating", "GET", "/api/v1/users/1", 409, ERROR("E0000112", "x"), NULL, ERR_BUSY,
     "E0000112", "409", NULL},
    {"exists", "POST", "/api/v1/eventHooks", 409, "{}", NULL, ERR_CONFLICT, "", "409", NULL},
    {"throttled", "GET", "/api/v1/users", 429, ERROR("E0000047", "API call exceeded rate limit"),
     NULL, ERR_BUSY, "E0000047", "exceeded", NULL},
    {"internal, read", "GET", "/api/v1/users", 500, ERROR("E0000009", "Internal Server Error"),
     NULL, ERR_IO, "E0000009", "Internal", NULL},
    {"internal, write", "POST", "/api/v1/eventHooks", 500, ERROR("E0000009", "x"), NULL,
     ERR_UNCLEAR, "E0000009", "500", NULL},
    {"read-only, write", "POST", "/api/v1/eventHooks", 503, ERROR("E0000010", "x"), NULL, ERR_IO,
     "E0000010", "503", NULL},
    {"HTML of a gateway", "GET", "/api/v1/users", 502, "<html>Bad \"Gateway\"</html>", NULL, ERR_IO,
     "", "GET /api/v1/users: 502", NULL},
    {"redirect", "GET", "/api/v1/users", 302, "", NULL, ERR_DENIED, "", "ORG_URL", NULL},
    {"client refused", "POST", "/oauth2/v1/token", 401,
     "{\"error\":\"invalid_client\",\"error_description\":\"Client authentication failed\"}", NULL,
     ERR_DENIED, "invalid_client", "CLIENT_ID", "Client authentication failed"},
    {"audience", "POST", "/oauth2/v1/token", 400,
     "{\"error\":\"invalid_client\",\"error_description\":\"The audience claim for "
     "client_assertion must be the endpoint invoked\"}",
     NULL, ERR_DENIED, "invalid_client", "ORG_URL", NULL},
    {"clock", "POST", "/oauth2/v1/token", 400,
     "{\"error\":\"invalid_client\",\"error_description\":\"The client_assertion token has an "
     "expiration too far into the future\"}",
     NULL, ERR_DENIED, "invalid_client", "clock", NULL},
    {"scope not granted", "POST", "/oauth2/v1/token", 400,
     "{\"error\":\"invalid_scope\",\"error_description\":\"x\"}", NULL, ERR_DENIED, "invalid_scope",
     "Okta API Scopes", NULL},
    {"the query is not shown", "GET", "/api/v1/users?search=secretname", 400, "{}", NULL, ERR_INPUT,
     "", "GET /api/v1/users: 400", NULL},
    {"line breaks and controls", "GET", "/p", 400,
     "{\"errorCode\":\"E\\n1\",\"errorSummary\":\"a\\nb\\u0007\\u202ec\"}", NULL, ERR_INPUT, "",
     "a bc", NULL},
    {"wrong kinds", "GET", "/p", 400, "{\"errorCode\":1,\"errorSummary\":{},\"errorCauses\":1}",
     NULL, ERR_INPUT, "", "400", NULL},
    {"no object", "GET", "/p", 400, "[1]", NULL, ERR_INPUT, "", "400", NULL},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct answer_facts facts = {.method = row->method,
                                     .path = span_of(row->path),
                                     .is_read = strcmp(row->method, "GET") == 0,
                                     .is_api_token =
                                         row->authenticate == NULL && row->path[1] == 'a',
                                     .status = row->status,
                                     .body = span_of(row->body),
                                     .authenticate = span_of(row->authenticate),
                                     .request_id = SPAN("req-1")};
        struct fail fail = {0};
        enum err err = answer_judge(&facts, &fail);
        bool has_id = strstr(row->body, "oae123") != NULL;

        if (err != row->err || fail.err != err || fail.status != row->status ||
            strcmp(fail.code, row->code) != 0 || strstr(fail.text, row->says) == NULL ||
            (row->also != NULL && strstr(fail.text, row->also) == NULL) ||
            strstr(fail.text, "secretname") != NULL || strchr(fail.text, '\n') != NULL ||
            strcmp(fail.request_id, has_id ? "oae123" : "req-1") != 0)
            fail_msg("%s: %s, code '%s', id '%s': %s", row->name, err_name(err), fail.code,
                     fail.request_id, fail.text);
    }
}

static void success_is_success(void **state)
{
    struct answer_facts facts = {.method = "GET", .path = SPAN("/p"), .status = 204};

    (void)state;
    assert_int_equal(answer_judge(&facts, NULL), ERR_NONE);
}

/* Cut at a whole character, whatever its length. */
static void long_summaries_are_cut(void **state)
{
    char body[8192] = "{\"errorSummary\":\"";
    struct answer_facts facts = {.method = "GET", .path = SPAN("/p"), .status = 400};
    struct fail fail = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        snprintf(body + strlen(body), 4, "\xe2\x82\xac");
    snprintf(body + strlen(body), 3, "\"}");
    facts.body = span_of(body);
    assert_int_equal(answer_judge(&facts, &fail), ERR_INPUT);
    assert_in_range(strlen(fail.text), 200, FAIL_TEXT - 1);
    assert_string_equal(fail.text + strlen(fail.text) - 3, "\xe2\x82\xac");
}

static void stale_cursors_are_told(void **state)
{
    struct fail fail = {.status = 400, .code = "E0000031"};

    (void)state;
    assert_true(answer_is_stale_cursor(&fail));
    fail.status = 404;
    assert_false(answer_is_stale_cursor(&fail));
    fail = (struct fail){.status = 400, .code = "E0000001"};
    assert_false(answer_is_stale_cursor(&fail));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(success_is_success),
        cmocka_unit_test(long_summaries_are_cut),
        cmocka_unit_test(stale_cursors_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
