/* libmicrohttpd 0.9.75 has four defects that this folder works around:
 *
 * 1. Its own epoll thread stalls when a multiple of 128 events is ready at once (MHD_epoll() waits
 * again with the full time-out). So it has no thread: our loop watches its epoll descriptor and
 * calls MHD_run, which never waits.
 * 2. A Content-Length that it cannot read is answered with the block of headers twice. Just before
 * it answers it speaks to its logger; that is when we look for the connection and answer first
 * (on_log). The few other errors that it answers itself (a request line without a version or too
 * long, a header line without a colon, malformed chunks) are sent once, as its own HTML, and end
 * the connection.
 * 3. Its parser is lax: see http_filter.c.
 * 4. Its time-out is one of inactivity, so a client that sends a byte a second stays for ever. It
 * is not used: a sweep twice a second cuts what has taken too long as a whole.
 *
 * Connections that wait for their answer are suspended; answers that come in one round of the loop
 * go out in one run. */
#include "net/http_server.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/http_private.h"

/* The read buffer is half of a connection's memory and grows; parsed headers and the answer's head
 * take the rest. The whole of it is cleared after each request, so more would be slower. */
enum { CONNECTION_MEMORY_EXTRA = 4096, RUNS_AT_ONCE = 4 };

/* When seven eighths of the connections are taken, those on which nothing is going on make room, so
 * that whoever holds many does not lock out the others. */
enum { CROWDED_EIGHTHS = 7, CROWDED_MS = 1000 };

/* TLS 1.2 and 1.3, with forward secrecy. */
static const char tls_priorities[] =
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE";

static const struct http_fault fault_header_size = {431, "headers_too_large",
                                                    "the request's headers are too large"};

/* Defaults */

static void fill_limits(struct http_server_limits *limits)
{
    if (limits->body == 0)
        limits->body = 10 * 1024 * 1024;
    if (limits->bodies == 0)
        limits->bodies = 64 * 1024 * 1024;
    if (limits->header == 0)
        limits->header = 16 * 1024;
    if (limits->connections == 0)
        limits->connections = 1024;
    if (limits->connections_each == 0)
        limits->connections_each = 1024;
    if (limits->request_ms == 0)
        limits->request_ms = 10 * MS_PER_S;
    if (limits->idle_ms == 0)
        limits->idle_ms = 75 * MS_PER_S;
}

/* Running */

static bool has_more(const struct http_server *server, bool was_full)
{
    MHD_UNSIGNED_LONG_LONG ms;

    /* The listening socket goes back into libmicrohttpd's set at the beginning of a run. */
    if (was_full && server->n_connections < server->options.limits.connections)
        return true;
    return MHD_get_timeout(server->daemon, &ms) == MHD_YES && ms == 0;
}

static void on_round(void *arg)
{
    struct http_server *server = arg;

    if (!server->is_due)
        return;
    server->is_due = false;
    loop_timer_clear(server->again);
    server->is_running = true;
    server->now_ms = clock_mono_ms();
    for (int i = 0; i < RUNS_AT_ONCE; i++) {
        bool was_full = server->n_connections >= server->options.limits.connections;

        (void)MHD_run(server->daemon);
        if (!has_more(server, was_full))
            goto out;
    }
    loop_timer_set(server->again, 0);
out:
    server->is_running = false;
}

static void on_ready(void *arg, unsigned events)
{
    struct http_server *server = arg;

    (void)events;
    server->is_due = true;
}

static void on_again(void *arg)
{
    on_ready(arg, 0);
}

/* libmicrohttpd says something. It does not say of which connection, but only a wrong length in a
 * head that is being read makes it answer in its broken way, and whoever sent one is refused in any
 * case. */
__attribute__((format(printf, 2, 0))) static void on_log(void *arg, const char *format,
                                                         va_list args)
{
    struct http_server *server = arg;
    struct http_exchange *in_head = NULL;
    unsigned n = 0;

    if (server->daemon == NULL) {
        (void)vsnprintf(server->log_text, sizeof(server->log_text), format, args);
        return;
    }
    if (strstr(format, "system resource limit at") != NULL) {
        server->is_short = true;
        if (!loop_timer_is_set(server->sweep))
            loop_timer_set(server->sweep, HTTP_SWEEP_MS);
    }
    if (strstr(format, "HTTP response code") == NULL)
        return;
    for (struct http_exchange *x = server->exchanges; x != NULL; x = x->next) {
        if (x->phase == HTTP_HEAD) {
            const struct http_fault *fault = http_filter_length(x->connection);

            if (fault != NULL) {
                http_refuse(x, fault);
                return;
            }
            in_head = x;
            n++;
        }
    }
    if (n == 1 && va_arg(args, unsigned) == 431)
        http_refuse(in_head, &fault_header_size);
}

/* Time limits */

/* A part of a request line is invisible to us, but the kernel knows when the last byte came. */
static bool has_part(const struct http_exchange *x, int64_t now_ms)
{
    enum { SLACK_MS = 50 };
    struct tcp_info info;
    socklen_t n = sizeof(info);

    if (getsockopt(x->fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
        return false;
    return (int64_t)info.tcpi_last_data_recv + SLACK_MS < now_ms - x->since_ms;
}

static bool is_overdue(struct http_exchange *x, int64_t now_ms, bool is_crowded)
{
    const struct http_server_limits *limits = &x->server->options.limits;

    if (is_crowded && (x->phase == HTTP_IDLE || x->phase == HTTP_HEAD) &&
        now_ms - x->since_ms >= CROWDED_MS)
        return true;
    switch (x->phase) {
    case HTTP_IDLE:
        if (x->part_since_ms == 0 && has_part(x, now_ms))
            x->part_since_ms = now_ms;
        return x->server->is_quiesced || now_ms - x->since_ms >= limits->idle_ms ||
               (x->part_since_ms != 0 && now_ms - x->part_since_ms >= limits->request_ms);
    case HTTP_HEAD:
    case HTTP_BODY:
        return now_ms - x->since_ms >= limits->request_ms;
    case HTTP_REPLYING:
        return now_ms - x->since_ms >= limits->idle_ms;
    default:
        return false;
    }
}

static void on_sweep(void *arg)
{
    struct http_server *server = arg;
    int64_t now_ms = clock_mono_ms();
    bool is_crowded =
        server->n_connections * 8 >= server->options.limits.connections * CROWDED_EIGHTHS;

    for (struct http_exchange *x = server->exchanges; x != NULL; x = x->next) {
        if (is_overdue(x, now_ms, is_crowded)) {
            x->must_linger = false;
            http_cut(x);
        }
    }
    http_linger_sweep(server);
    if (server->is_short) /* the listening socket goes back at the beginning of a run */
        server->is_due = true;
    if (server->exchanges != NULL || server->lingering != NULL || server->is_short)
        loop_timer_set(server->sweep, HTTP_SWEEP_MS);
}

/* Starting and stopping */

static size_t keep_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strlen(text);
}

static enum err start(struct http_server *server, int fd, struct fail *fail)
{
    const struct http_server_options *o = &server->options;
    const bool has_tls = o->tls_cert.n > 0;
    char *cert = mem_dup(o->tls_cert), *key = mem_dup(o->tls_key);
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
                                   {MHD_OPTION_HTTPS_PRIORITIES, 0, NULL},
                                   {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    char *priorities = mem_dup_str(tls_priorities);
    struct MHD_Daemon *daemon;

    tls[2].ptr_value = priorities;
    daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (has_tls ? MHD_USE_TLS : 0U),
        0, NULL, NULL, http_on_access, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, server,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, o->limits.connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        o->limits.connections_each < o->limits.connections ? o->limits.connections_each : 0U,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->limits.header + CONNECTION_MEMORY_EXTRA,
        MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_URI_LOG_CALLBACK, http_on_uri, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        http_on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, server,
        MHD_OPTION_ARRAY, has_tls ? tls : none, MHD_OPTION_END);
    explicit_bzero(key, o->tls_key.n);
    free(key);
    free(cert);
    free(priorities);
    if (daemon == NULL) {
        server->log_text[strcspn(server->log_text, "\n")] = '\0';
        return fail_set(fail, ERR_INPUT, "HTTP server on %s: %s", server->address,
                        server->log_text);
    }
    server->daemon = daemon;
    return ERR_NONE;
}

enum err http_server_new(struct loop *loop, const struct http_server_options *options,
                         struct http_server **out, struct fail *fail)
{
    struct http_server *server;
    char *unix_path = NULL;
    int fd = options->listen_fd;
    enum err err;

    assert(options->on_request != NULL);
    if ((options->tls_cert.n > 0) != (options->tls_key.n > 0))
        return fail_set(fail, ERR_INPUT, "TLS needs both a certificate and a key");
    if (fd >= 0) {
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    } else {
        err = http_listen(options->listen, &fd, &unix_path, fail);
        if (err != ERR_NONE)
            return err;
    }
    server = mem_new(1, sizeof(*server));
    server->loop = loop;
    server->options = *options;
    fill_limits(&server->options.limits);
    server->listen_fd = -1;
    /* 0.9.77 has a new and strict parser. */
    server->parses_in_place = strcmp(MHD_get_version(), "0.9.77") < 0;
    server->unix_path = unix_path;
    server->address = http_listen_address(fd);
    server->now_ms = clock_mono_ms();
    server->again = loop_timer_new(loop, on_again, server);
    server->sweep = loop_timer_new(loop, on_sweep, server);
    err = start(server, fd, fail);
    if (err != ERR_NONE) {
        if (options->listen_fd < 0)
            (void)close(fd);
        http_server_free(server);
        return err;
    }
    server->watch =
        loop_watch(loop, MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
                   LOOP_READ, on_ready, server);
    loop_on_round(loop, on_round, server);
    server->is_due = true; /* the first run begins to listen */
    *out = server;
    return ERR_NONE;
}

const char *http_server_address(const struct http_server *server)
{
    return server->address;
}

unsigned http_server_active(const struct http_server *server)
{
    return server->n_active;
}

void http_server_quiesce(struct http_server *server)
{
    if (server->is_quiesced)
        return;
    server->is_quiesced = true;
    server->listen_fd = MHD_quiesce_daemon(server->daemon);
    for (struct http_exchange *x = server->exchanges; x != NULL; x = x->next) {
        if (x->phase == HTTP_IDLE && !has_part(x, clock_mono_ms()))
            http_cut(x);
    }
    server->is_due = true;
}

void http_server_free(struct http_server *server)
{
    struct MHD_Daemon *daemon;

    if (server == NULL)
        return;
    assert(!server->is_running);
    loop_unwatch(server->watch);
    loop_off_round(server->loop, on_round, server);
    daemon = server->daemon;
    server->daemon = NULL;
    if (daemon != NULL) {
        /* It does not stop while one of them is suspended. */
        for (struct http_exchange *x = server->exchanges; x != NULL; x = x->next) {
            if (x->phase == HTTP_WAITING)
                MHD_resume_connection(x->connection);
        }
        MHD_stop_daemon(daemon);
    }
    http_linger_done(server);
    http_replies_done(server);
    if (server->listen_fd >= 0)
        (void)close(server->listen_fd);
    if (server->unix_path != NULL)
        (void)unlink(server->unix_path);
    while (server->spare != NULL) {
        struct http_exchange *x = server->spare;

        server->spare = x->next;
        buf_done(&x->uri);
        buf_done(&x->body);
        free(x);
    }
    loop_timer_free(server->again);
    loop_timer_free(server->sweep);
    free(server->unix_path);
    free(server->address);
    free(server);
}
