/* What the files of the HTTP server share; for them alone. */
#ifndef ROSTER_NET_HTTP_PRIVATE_H
#define ROSTER_NET_HTTP_PRIVATE_H

#include <microhttpd.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/http_server.h"

enum { HTTP_SWEEP_MS = 500, HTTP_REPLIES_KEPT = 4 };

enum http_phase {
    HTTP_IDLE,     /* between two requests, or before the first */
    HTTP_HEAD,     /* the request line is there */
    HTTP_BODY,     /* the headers are there */
    HTTP_ASKED,    /* on_head or on_request is being called */
    HTTP_WAITING,  /* for http_reply, suspended */
    HTTP_REPLYING, /* the answer is on its way */
    HTTP_CUT,      /* nothing more may happen on this connection */
};

/* One for each connection, for all its requests: so a request needs no allocation of its own. */
struct http_exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_exchange *prev, *next;
    int fd;
    enum http_phase phase;
    bool has_body;
    bool is_chunked;       /* the body, so where it ends may be read in two ways */
    bool must_linger;      /* the client may still be sending what nobody will read */
    int64_t since_ms;      /* when the request, the answer or the idle time began */
    int64_t part_since_ms; /* when the sweep first saw a part of a request line; 0 = not */
    const struct http_fault *refused_by; /* the body is read to its end and dropped, then answered
                                            so; else NULL */
    const char *uri_at;                  /* where the URI stood in libmicrohttpd's buffer */
    struct buf uri;                      /* as sent */
    struct span method, path, query;
    struct buf body;
    void *data;
};

/* A found error, answered as JSON. */
struct http_fault {
    int status;
    const char *code, *message;
};

/* An answer that was given before, ready to be given again. */
struct http_kept_reply {
    struct MHD_Response *response;
    char type[48]; /* "" = none */
    char body[128];
    size_t n;
};

struct http_lingering;

struct http_server {
    struct loop *loop;
    struct http_server_options options;
    struct MHD_Daemon *daemon;
    struct loop_watch *watch;
    struct loop_timer *again; /* libmicrohttpd has more to do at once */
    struct loop_timer *sweep;
    bool is_due; /* libmicrohttpd is to be run before the loop waits */
    bool is_running;
    bool parses_in_place; /* the layout that http_filter looks at */
    bool is_quiesced;
    bool is_short; /* of file descriptors: libmicrohttpd takes none until a connection has closed */
    int64_t now_ms; /* of the current run */
    int listen_fd;  /* ours to close after quiescing; else -1 */
    char *address, *unix_path;
    struct http_exchange *exchanges, *spare;
    unsigned n_connections, n_active;
    size_t bodies; /* the memory that all bodies take */
    struct http_kept_reply kept[HTTP_REPLIES_KEPT];
    unsigned next_kept;
    struct http_lingering *lingering;
    char log_text[200]; /* libmicrohttpd's last word before it was started */
};

/* http_listen.c: a listening socket for "127.0.0.1:0", "[::1]:80", "unix:/path" and its printable
 * address. *unix_path is the file to remove in the end, or NULL. */
enum err http_listen(const char *listen, int *out_fd, char **unix_path,
                     struct fail *fail) WARN_UNUSED;
char *http_listen_address(int fd);

/* http_filter.c: NULL when the head is as RFC 9112 wants it. Sets has_body. */
const struct http_fault *http_filter(struct http_exchange *x, const char *version);
/* Whether libmicrohttpd refuses the length that is given; NULL when not. */
const struct http_fault *http_filter_length(struct MHD_Connection *connection);

/* http_exchange.c: libmicrohttpd's callbacks. */
void *http_on_uri(void *arg, const char *uri, struct MHD_Connection *connection);
enum MHD_Result http_on_access(void *arg, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *n_data, void **context);
void http_on_completed(void *arg, struct MHD_Connection *connection, void **context,
                       enum MHD_RequestTerminationCode code);
void http_on_connection(void *arg, struct MHD_Connection *connection, void **context,
                        enum MHD_ConnectionNotificationCode code);

/* http_reply.c */
void http_reply_fault(struct http_exchange *x, const struct http_fault *fault);
/* Writes the answer past libmicrohttpd, and closes the way for its own. */
void http_refuse(struct http_exchange *x, const struct http_fault *fault);
void http_cut(struct http_exchange *x);
void http_replies_done(struct http_server *server);

/* http_linger.c: reads and drops what a client is still sending after its early answer, for a
 * while, so that the reset which follows a close with unread bytes does not take that answer away
 * (RFC 9112 9.6). */
void http_linger(struct http_server *server, int fd);
void http_linger_sweep(struct http_server *server);
void http_linger_done(struct http_server *server);

#endif
