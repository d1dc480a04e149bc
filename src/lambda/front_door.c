#include "lambda/front_door.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/mem.h"
#include "text/json.h"

enum {
    DEPTH = 100, /* an authorizer's claims may be nested */
    HEADERS_MAX = 500,
    BODY_LIMIT = 10 * 1024 * 1024,
};

/* ---- reading ---- */

struct reading {
    struct arena *a;
    struct front_header *headers;
    size_t n;
};

/* p == NULL: there is none of use. */
static struct span text(struct arena *a, struct json_value object, struct span name)
{
    struct span value;

    if (object.kind != JSON_OBJECT || !json_text(a, json_member(object, name, NULL), &value))
        return (struct span){NULL, 0};
    return value;
}

static struct json_value member(struct json_value object, struct span name)
{
    return object.kind == JSON_OBJECT ? json_member(object, name, NULL) : (struct json_value){0};
}

/* A value that is no text counts as given, and fits nothing. */
static void take_header(struct reading *r, struct span name, struct json_value value)
{
    struct span content;

    if (r->n == HEADERS_MAX)
        return;
    if (!json_text(r->a, value, &content))
        content = SPAN("");
    r->headers[r->n++] = (struct front_header){name, content};
}

static void take_single(struct reading *r, struct json_value object)
{
    struct json_iter it = json_iter(object);
    struct json_value value;
    struct span name;

    while (object.kind == JSON_OBJECT && json_next_member(&it, &name, &value))
        if (value.kind != JSON_NULL)
            take_header(r, name, value);
}

static void take_multi(struct reading *r, struct json_value object)
{
    struct json_iter it = json_iter(object), items;
    struct json_value list, value;
    struct span name;

    while (object.kind == JSON_OBJECT && json_next_member(&it, &name, &list)) {
        items = json_iter(list);
        while (list.kind == JSON_ARRAY && json_next_item(&items, &value))
            take_header(r, name, value);
    }
}

/* The form with several values is the whole truth where there is one: the other has the last value
 * only. */
static void take_headers(struct arena *a, struct json_value root, struct front_request *out)
{
    struct reading r = {a, arena_new(a, HEADERS_MAX, sizeof(*r.headers)), 0};
    struct json_value multi = member(root, SPAN("multiValueHeaders"));

    if (out->door != FRONT_HTTP && multi.kind == JSON_OBJECT)
        take_multi(&r, multi);
    else
        take_single(&r, member(root, SPAN("headers")));
    out->headers = r.headers;
    out->n_headers = r.n;
}

static void take_body(struct arena *a, struct json_value root, struct front_request *out)
{
    struct json_value value = member(root, SPAN("body"));
    bool is_encoded = member(root, SPAN("isBase64Encoded")).kind == JSON_TRUE;
    struct span content;
    struct buf bytes;

    out->body = SPAN("");
    if (value.kind == JSON_NONE || value.kind == JSON_NULL)
        return;
    if (!json_text(a, value, &content)) {
        out->is_body_bad = true;
        return;
    }
    if (!is_encoded) {
        out->body = content;
        return;
    }
    buf_init(&bytes, BODY_LIMIT);
    out->is_body_bad = !base64_add_decoded(&bytes, content);
    if (!out->is_body_bad)
        out->body = arena_span(a, buf_span(&bytes));
    buf_done(&bytes);
}

static enum err find_door(struct arena *a, struct json_value root, struct front_request *out,
                          struct fail *fail)
{
    struct json_value context = member(root, SPAN("requestContext"));
    struct json_value http = member(context, SPAN("http"));

    if (span_eq(text(a, root, SPAN("version")), SPAN("2.0")) && http.kind == JSON_OBJECT) {
        out->door = FRONT_HTTP;
        out->method = text(a, http, SPAN("method"));
        out->path = text(a, root, SPAN("rawPath"));
    } else if (member(root, SPAN("httpMethod")).kind != JSON_NONE) {
        out->door = member(context, SPAN("elb")).kind != JSON_OBJECT              ? FRONT_REST
                    : member(root, SPAN("multiValueHeaders")).kind == JSON_OBJECT ? FRONT_ALB_MULTI
                                                                                  : FRONT_ALB;
        out->method = text(a, root, SPAN("httpMethod"));
        out->path = text(a, root, SPAN("path"));
    } else {
        return fail_set(fail, ERR_NOT_FOUND,
                        "the event is no HTTP request of API Gateway, of a Function URL or of a "
                        "load balancer");
    }
    if (out->method.n == 0 || out->path.n == 0)
        return fail_set(fail, ERR_INPUT, "the event has no method or no path");
    return ERR_NONE;
}

enum err front_read(struct arena *a, struct span event, struct front_request *out,
                    struct fail *fail)
{
    struct front_request request = {0};
    struct json_value root;
    enum err err = json_scan(event, DEPTH, &root, fail);

    if (err != ERR_NONE)
        return err;
    err = find_door(a, root, &request, fail);
    if (err != ERR_NONE)
        return err;
    take_headers(a, root, &request);
    take_body(a, root, &request);
    *out = request;
    return ERR_NONE;
}

struct span front_header(const void *request, struct span name, unsigned *n)
{
    const struct front_request *r = request;
    struct span value = {NULL, 0};

    *n = 0;
    for (size_t i = 0; i < r->n_headers; i++)
        if (span_eq_nocase(r->headers[i].name, name) && (*n)++ == 0)
            value = r->headers[i].value;
    return value;
}

void front_each_header(const void *request,
                       void (*fn)(void *arg, struct span name, struct span value), void *arg)
{
    const struct front_request *r = request;

    for (size_t i = 0; i < r->n_headers; i++)
        fn(arg, r->headers[i].name, r->headers[i].value);
}

/* ---- answering ---- */

/* A load balancer wants the words as well. */
static const char *description(int status)
{
    switch (status) {
    case 200:
        return "200 OK";
    case 400:
        return "400 Bad Request";
    case 401:
        return "401 Unauthorized";
    case 404:
        return "404 Not Found";
    case 405:
        return "405 Method Not Allowed";
    case 503:
        return "503 Service Unavailable";
    default:
        return "500 Internal Server Error";
    }
}

static void put_headers(struct json_out *o, const struct front_answer *answer, bool is_multi)
{
    char *name;

    json_out_key(o, is_multi ? "multiValueHeaders" : "headers");
    json_out_begin(o, '{');
    for (size_t i = 0; i < answer->n_headers; i++) {
        name = mem_dup(answer->headers[i].name);
        json_out_key(o, name);
        if (is_multi)
            json_out_begin(o, '[');
        json_out_str(o, answer->headers[i].value);
        if (is_multi)
            json_out_end(o, ']');
        free(name);
    }
    json_out_end(o, '}');
}

void front_add_answer(struct buf *out, enum front_door door, const struct front_answer *answer)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_put_int(&o, "statusCode", answer->status);
    if (door == FRONT_ALB || door == FRONT_ALB_MULTI)
        json_put_str(&o, "statusDescription", span_of(description(answer->status)));
    put_headers(&o, answer, door == FRONT_ALB_MULTI);
    json_put_str(&o, "body", answer->body.n == 0 ? SPAN("") : answer->body);
    json_put_bool(&o, "isBase64Encoded", false);
    json_out_end(&o, '}');
}
