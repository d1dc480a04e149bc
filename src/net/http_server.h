/* HTTP server: libmicrohttpd driven by our loop (its internal epoll thread stalls, see the .c),
 * with a strictness filter (RFC 9112), a total deadline for each request, and answers that may come
 * later. On the loop only. */
#ifndef ROSTER_NET_HTTP_SERVER_H
#define ROSTER_NET_HTTP_SERVER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/secret.h"
#include "base/span.h"
#include "net/loop.h"

struct http_server;
struct http_exchange;

struct http_server_limits {
    size_t body;   /* bytes; more is answered 413 before it is read, or as soon as it is passed;
                      default 10 MiB */
    size_t bodies; /* bytes of memory for all bodies together; a body of more than 64 KiB that would
                      pass it is answered 503; default 64 MiB */
    size_t header; /* bytes of the request line and headers, more is answered 431; default 16 KiB */
    unsigned connections;      /* further ones wait in the kernel's queue; default 1,024 */
    unsigned connections_each; /* for one address; default 1,024 */
    int64_t request_ms; /* from a request's first byte to its last; then the connection is cut;
                           default 10 s */
    int64_t idle_ms;    /* a kept connection without a request; default 75 s, but a second when
                           nearly as many connections are open as may be */
};

struct http_server_options {
    const char *listen; /* "127.0.0.1:8080", "[::1]:0", "unix:/path"; port 0 takes a free one */
    int listen_fd;      /* >= 0: an inherited listening socket instead (systemd), the server's when
                           http_server_new succeeds; else -1 */
    struct span tls_cert, tls_key; /* PEM; both empty = plain HTTP */
    struct http_server_limits limits;
    /* Called when the headers are complete. Returns 0 to go on (the body is read), or answers at
     * once by http_reply and returns its status: the body, if there is one, is then not read, and
     * the connection is closed. */
    int (*on_head)(void *arg, struct http_exchange *x);
    /* Called with the whole request. Answers by http_reply now, or later from the loop. */
    void (*on_request)(void *arg, struct http_exchange *x);
    void *arg;
};

enum err http_server_new(struct loop *loop, const struct http_server_options *options,
                         struct http_server **out, struct fail *fail) WARN_UNUSED;
/* The address it listens on, "127.0.0.1:43211" or "unix:/path". */
const char *http_server_address(const struct http_server *server);
/* Takes no new connection; those open are finished and closed after their answer. */
void http_server_quiesce(struct http_server *server);
/* Exchanges that are read or wait for an answer. */
unsigned http_server_active(const struct http_server *server);
/* Cuts what is open; exchanges not yet answered become invalid. Not from inside on_head or
 * on_request. NULL is fine. */
void http_server_free(struct http_server *server);

/* The request; spans are valid until http_reply. */
struct span http_method(const struct http_exchange *x);
struct span http_path(const struct http_exchange *x);  /* as sent, without the query */
struct span http_query(const struct http_exchange *x); /* as sent, without '?'; empty when none */
struct span http_body(const struct http_exchange *x);
/* The value of a header (name in any case), p == NULL when absent. *n (may be NULL) = how often it
 * was given; the value is the first. */
struct span http_header(const struct http_exchange *x, struct span name, unsigned *n);
/* Calls fn for every header in turn. */
void http_each_header(const struct http_exchange *x,
                      void (*fn)(void *arg, struct span name, struct span value), void *arg);
/* The caller's pointer, NULL at first; not released by the server. */
void http_set_data(struct http_exchange *x, void *data);
void *http_data(const struct http_exchange *x);
/* Answers; x is invalid afterwards. body is copied. type NULL = no Content-Type. Extra headers as
 * "Name: value" lines, or NULL. When the client has gone, the answer is dropped silently. */
void http_reply(struct http_exchange *x, int status, const char *type, struct span body,
                const char *const *headers);
/* Sends these bytes as they are (none when empty; best effort, no framing is added) and cuts the
 * connection. x is invalid afterwards. For programs that play a broken server. */
void http_abort(struct http_exchange *x, struct span raw);

#endif
