/* A server on a loop, and answers of a usual kind, for the tests of the HTTP server. */
#ifndef TESTS_NET_SERVER_FIXTURE_H
#define TESTS_NET_SERVER_FIXTURE_H

#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "net/http_server.h"

static struct loop *loop;
static struct http_server *server;
static struct fail fail;

/* The owner of the server in these tests answers by path: "/echo" with the body, "/late" when told,
 * "/abort" by cutting, anything else 404 by on_head. */
static struct {
    unsigned n_heads, n_requests, n_waiting;
    struct http_exchange *waiting[512];
    char last_path[256], last_query[256];
    int big_fd;
} owner;

static int on_head(void *arg, struct http_exchange *x)
{
    struct span path = http_path(x);

    (void)arg;
    owner.n_heads++;
    snprintf(owner.last_path, sizeof(owner.last_path), "%.*s", SPAN_ARG(path));
    snprintf(owner.last_query, sizeof(owner.last_query), "%.*s", SPAN_ARG(http_query(x)));
    if (span_eq(path, SPAN("/echo")) || span_eq(path, SPAN("/late")) ||
        span_eq(path, SPAN("/abort")))
        return 0;
    http_reply(x, 404, "application/json",
               SPAN("{\"error\":{\"code\":\"not_found\",\"message\":\"\"}}"), NULL);
    return 404;
}

static void on_request(void *arg, struct http_exchange *x)
{
    static const char *const headers[] = {"X-One: 1", "X-Two: two words", NULL};

    (void)arg;
    owner.n_requests++;
    if (span_eq(http_path(x), SPAN("/late")))
        owner.waiting[owner.n_waiting++] = x;
    else if (span_eq(http_path(x), SPAN("/abort")))
        http_abort(x, SPAN("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
    else
        http_reply(x, 200, "text/plain", http_body(x), http_query(x).n > 0 ? headers : NULL);
}

static struct http_server_options usual(void)
{
    return (struct http_server_options){
        .listen = "127.0.0.1:0",
        .listen_fd = -1,
        .limits = {.body = 4096, .header = 8192, .request_ms = 10000},
        .on_head = on_head,
        .on_request = on_request,
    };
}

static void start(const struct http_server_options *options)
{
    memset(&owner, 0, sizeof(owner));
    assert_int_equal(loop_new(&loop, &fail), ERR_NONE);
    if (http_server_new(loop, options, &server, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
}

static void end(void)
{
    http_server_free(server);
    loop_free(loop);
    server = NULL;
}

/* Strictness: RFC 9112, with what else has to be refused, and what must not be. */

#define HEAD "GET /echo HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /echo HTTP/1.1\r\nHost: a\r\n"
#define END "Connection: close\r\n\r\n"

struct probe {
    const void *request;
    size_t n;
    char answer[WIRE_ANSWER];
    int was_closed;
};

static void send_probe(void *arg)
{
    struct probe *probe = arg;
    int fd = wire_connect(http_server_address(server));

    wire_send(fd, probe->request, probe->n);
    probe->was_closed = wire_read_all(fd, probe->answer);
    close(fd);
}

#endif
