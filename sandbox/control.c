/* The control interface, /sandbox/…: reads the body and asks each side whether the path is its own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sandbox.h"

#define PREFIX "/sandbox/"

void sandbox_reply_json(struct http_exchange *x, int status, json_t *body,
                        const char *const *headers)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);

    http_reply(x, status, "application/json", text == NULL ? SPAN("null") : span_of(text), headers);
    free(text);
    json_decref(body);
}

void sandbox_reply_error(struct http_exchange *x, int status, const char *code, const char *message)
{
    sandbox_reply_json(
        x, status, json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", message), NULL);
}

enum err sandbox_only(const json_t *from, const char *const *names, struct fail *fail)
{
    const char *key;
    json_t *value;

    if (!json_is_object(from))
        return fail_set(fail, ERR_INPUT, "a JSON object is needed");
    json_object_foreach((json_t *)(uintptr_t)from, key, value)
    {
        size_t i = 0;

        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL)
            return fail_set(fail, ERR_INPUT, "unknown member '%s'", key);
    }
    return ERR_NONE;
}

void sandbox_control(struct sandbox *sandbox, struct http_exchange *x)
{
    struct span path = http_path(x), body = http_body(x);
    json_error_t error;
    json_t *json = NULL;
    char *rest;

    if (body.n > 0) {
        json = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &error);
        if (json == NULL) {
            char *message = mem_printf("the body is no JSON: %s (line %d)", error.text, error.line);

            sandbox_reply_error(x, 400, "input", message);
            free(message);
            return;
        }
    }
    rest = span_starts(path, SPAN(PREFIX))
               ? mem_dup(span_n(path.p + strlen(PREFIX), path.n - strlen(PREFIX)))
               : mem_dup(SPAN(""));
    if (!connect_side_control(sandbox->connect, x, rest, json) &&
        !okta_side_control(sandbox->okta, x, rest, json) &&
        !sqs_side_control(sandbox->sqs, x, rest, json) &&
        !secrets_side_control(sandbox->secrets, x, rest, json))
        sandbox_reply_error(x, 404, "not_found",
                            "no such control path; sandbox/README.md lists them");
    free(rest);
    json_decref(json);
}
