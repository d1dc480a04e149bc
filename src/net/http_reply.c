/* Answers. Most answers of a busy server are the same few bytes, so the last ones without headers
 * of their own are kept as libmicrohttpd's (counted, immutable) response objects. */
#include "net/http_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/mem.h"

static void add_header(struct MHD_Response *response, const char *line)
{
    const char *colon = strchr(line, ':');
    char *name;

    assert(colon != NULL);
    name = mem_dup(span_n(line, (size_t)(colon - line)));
    colon++;
    while (*colon == ' ')
        colon++;
    (void)MHD_add_response_header(response, name, colon);
    free(name);
}

static struct MHD_Response *new_response(const char *type, struct span body,
                                         const char *const *headers)
{
    union {
        const char *given;
        void *taken; /* libmicrohttpd's prototype lacks the const; the bytes are copied */
    } bytes = {.given = body.n > 0 ? body.p : ""};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.n, bytes.taken, MHD_RESPMEM_MUST_COPY);

    if (response == NULL)
        abort(); /* no memory */
    if (type != NULL)
        (void)MHD_add_response_header(response, "Content-Type", type);
    for (; headers != NULL && *headers != NULL; headers++)
        add_header(response, *headers);
    return response;
}

/* NULL when this answer is not of the kind that is kept. */
static struct MHD_Response *kept_response(struct http_server *server, const char *type,
                                          struct span body)
{
    struct http_kept_reply *kept = server->kept;
    const char *wanted = type == NULL ? "" : type;

    if (body.n > sizeof(kept->body) || strlen(wanted) >= sizeof(kept->type))
        return NULL;
    for (unsigned i = 0; i < HTTP_REPLIES_KEPT; i++, kept++) {
        if (kept->response != NULL && span_eq(span_n(kept->body, kept->n), body) &&
            strcmp(kept->type, wanted) == 0)
            return kept->response;
    }
    kept = &server->kept[server->next_kept++ % HTTP_REPLIES_KEPT];
    if (kept->response != NULL)
        MHD_destroy_response(kept->response);
    kept->response = new_response(type, body, NULL);
    memcpy(kept->type, wanted, strlen(wanted) + 1);
    if (body.n > 0)
        memcpy(kept->body, body.p, body.n);
    kept->n = body.n;
    return kept->response;
}

void http_replies_done(struct http_server *server)
{
    for (unsigned i = 0; i < HTTP_REPLIES_KEPT; i++) {
        if (server->kept[i].response != NULL)
            MHD_destroy_response(server->kept[i].response);
        server->kept[i].response = NULL;
    }
}

/* Lets a connection that waited go on; with the next run, together with others. The timer is for an
 * answer that is given from inside a run, or by another of the loop's batchers after ours has had
 * its turn. */
static void resume(struct http_exchange *x)
{
    struct http_server *server = x->server;

    MHD_resume_connection(x->connection);
    if (!server->is_due)
        loop_timer_set(server->again, 0);
    server->is_due = true;
}

void http_reply(struct http_exchange *x, int status, const char *type, struct span body,
                const char *const *headers)
{
    struct http_server *server = x->server;
    const bool was_waiting = x->phase == HTTP_WAITING;
    const bool is_last = server->is_quiesced || x->is_chunked;
    struct MHD_Response *response = NULL;
    bool is_kept;

    assert(x->phase == HTTP_BODY || x->phase == HTTP_ASKED || x->phase == HTTP_WAITING);
    if (headers == NULL && !is_last)
        response = kept_response(server, type, body);
    is_kept = response != NULL;
    if (!is_kept)
        response = new_response(type, body, headers);
    if (is_last)
        (void)MHD_add_response_header(response, "Connection", "close");
    x->phase = HTTP_REPLYING;
    if (MHD_queue_response(x->connection, (unsigned)status, response) == MHD_NO)
        http_cut(x);
    if (!is_kept)
        MHD_destroy_response(response);
    if (x->phase == HTTP_REPLYING)
        x->since_ms = server->now_ms;
    if (was_waiting)
        resume(x);
}

void http_cut(struct http_exchange *x)
{
    x->phase = HTTP_CUT;
    (void)shutdown(x->fd, SHUT_RDWR);
}

void http_abort(struct http_exchange *x, struct span raw)
{
    const bool was_waiting = x->phase == HTTP_WAITING;

    assert(x->phase == HTTP_BODY || x->phase == HTTP_ASKED || x->phase == HTTP_WAITING);
    if (raw.n > 0)
        (void)send(x->fd, raw.p, raw.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    x->must_linger = false;
    http_cut(x);
    if (was_waiting)
        resume(x);
}

/* Errors that the server finds itself: no text of these needs escaping. */

static int fault_body(const struct http_fault *fault, char *out, size_t size)
{
    return snprintf(out, size, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}\n", fault->code,
                    fault->message);
}

void http_reply_fault(struct http_exchange *x, const struct http_fault *fault)
{
    char body[256];
    int n = fault_body(fault, body, sizeof(body));

    http_reply(x, fault->status, "application/json", span_n(body, (size_t)n), NULL);
}

static const char *reason_of(int status)
{
    switch (status) {
    case 413:
        return "Content Too Large";
    case 431:
        return "Request Header Fields Too Large";
    default:
        return "Bad Request";
    }
}

void http_refuse(struct http_exchange *x, const struct http_fault *fault)
{
    char body[256], text[640], date[64];
    time_t now = time(NULL);
    struct tm tm;
    int n = fault_body(fault, body, sizeof(body));

    x->phase = HTTP_CUT;
    if (x->server->options.tls_cert.n > 0) {
        (void)shutdown(x->fd, SHUT_RDWR); /* what is written here would not be encrypted */
        return;
    }
    (void)gmtime_r(&now, &tm);
    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    n = snprintf(
        text, sizeof(text),
        "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: close\r\nContent-Type: application/json\r\n"
        "Content-Length: %d\r\n\r\n%s",
        fault->status, reason_of(fault->status), date, n, body);
    (void)send(x->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(x->fd, SHUT_WR);
    x->must_linger = true;
}
