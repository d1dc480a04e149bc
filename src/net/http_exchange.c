/* The way of a request through libmicrohttpd's callbacks. Its handler is called when the headers
 * are complete, then for each piece of the body, then once more; an answer queued in the first of
 * these calls closes the connection. So a request without a body is looked at in the last one only,
 * which keeps its connection. */
#include "net/http_private.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"

/* A body of the second size is taken however many are being read. */
enum { BODY_ROOM_KEPT = 16 * 1024, BODY_ROOM_SMALL = 64 * 1024 };

static const struct http_fault fault_body_size = {413, "body_too_large",
                                                  "the request's body is too large"};
static const struct http_fault fault_busy = {503, "busy",
                                             "too many large bodies are being read; try later"};

static struct http_exchange *exchange_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info->socket_context;
}

/* Connections */

static void begin_connection(struct http_server *server, struct MHD_Connection *connection,
                             void **context)
{
    struct http_exchange *x = server->spare;

    if (x != NULL) {
        server->spare = x->next;
    } else {
        x = mem_new(1, sizeof(*x));
        buf_init(&x->uri,
                 SIZE_MAX / 2); /* bounded by libmicrohttpd's own memory for a connection */
        buf_init(&x->body, server->options.limits.body);
    }
    x->server = server;
    x->connection = connection;
    x->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    x->phase = HTTP_IDLE;
    x->must_linger = false;
    x->since_ms = server->now_ms;
    x->part_since_ms = 0;
    x->prev = NULL;
    x->next = server->exchanges;
    if (x->next != NULL)
        x->next->prev = x;
    server->exchanges = x;
    server->n_connections++;
    server->is_short = false;
    if (!loop_timer_is_set(server->sweep))
        loop_timer_set(server->sweep, HTTP_SWEEP_MS);
    *context = x;
}

static void end_connection(struct http_server *server, struct http_exchange *x)
{
    if (x->must_linger && server->daemon != NULL)
        http_linger(server, x->fd);
    if (x->prev != NULL)
        x->prev->next = x->next;
    else
        server->exchanges = x->next;
    if (x->next != NULL)
        x->next->prev = x->prev;
    server->n_connections--;
    x->connection = NULL;
    x->fd = -1;
    x->next = server->spare;
    server->spare = x;
}

void http_on_connection(void *arg, struct MHD_Connection *connection, void **context,
                        enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        begin_connection(arg, connection, context);
    else if (*context != NULL)
        end_connection(arg, *context);
}

/* Requests */

/* RFC 9112 3.2.2: a server takes the absolute form as well. */
static struct span without_authority(struct span target)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]);

        if (target.n >= n && strncasecmp(target.p, schemes[i], n) == 0) {
            struct span rest = {target.p + n, target.n - n};

            for (size_t k = 0; k < rest.n; k++) {
                if (rest.p[k] == '/' || rest.p[k] == '?')
                    return (struct span){rest.p + k, rest.n - k};
            }
            return SPAN("/");
        }
    }
    return target;
}

/* The first that is heard of a request. libmicrohttpd cuts and decodes the URI where it lies
 * afterwards. */
void *http_on_uri(void *arg, const char *uri, struct MHD_Connection *connection)
{
    struct http_server *server = arg;
    struct http_exchange *x = exchange_of(connection);
    struct span target;
    size_t mark;

    x->phase = HTTP_HEAD;
    x->since_ms = server->now_ms;
    x->has_body = false;
    x->is_chunked = false;
    x->refused_by = NULL;
    x->data = NULL;
    x->uri_at = uri;
    buf_clear(&x->uri);
    buf_add_str(&x->uri, uri == NULL ? "" : uri);
    target = without_authority(buf_span(&x->uri));
    mark = span_find(target, '?');
    x->path = mark == 0 ? SPAN("/") : (struct span){target.p, mark};
    if (target.n == 0)
        x->path = (struct span){0};
    x->query = mark < target.n ? (struct span){target.p + mark + 1, target.n - mark - 1}
                               : (struct span){0};
    server->n_active++;
    return x;
}

void http_on_completed(void *arg, struct MHD_Connection *connection, void **context,
                       enum MHD_RequestTerminationCode code)
{
    struct http_server *server = arg;
    struct http_exchange *x = *context;

    (void)connection;
    (void)code;
    if (x == NULL)
        return;
    server->bodies -= x->body.room;
    if (x->body.room > BODY_ROOM_KEPT) {
        buf_done(&x->body);
        buf_init(&x->body, server->options.limits.body);
    } else {
        buf_clear(&x->body);
    }
    server->bodies += x->body.room;
    if (x->phase != HTTP_CUT)
        x->phase = HTTP_IDLE;
    x->since_ms = server->now_ms;
    x->part_since_ms = 0;
    server->n_active--;
}

/* Whether the owner, or somebody, has answered. */
static bool ask_about_head(struct http_exchange *x)
{
    struct http_server *server = x->server;
    enum http_phase before = x->phase;

    if (server->options.on_head == NULL)
        return false;
    x->phase = HTTP_ASKED;
    if (server->options.on_head(server->options.arg, x) != 0)
        assert(x->phase != HTTP_ASKED);
    if (x->phase != HTTP_ASKED)
        return true;
    x->phase = before;
    return false;
}

static enum MHD_Result outcome(const struct http_exchange *x)
{
    return x->phase == HTTP_CUT ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_head(struct http_exchange *x, const char *method, const char *version)
{
    const struct http_fault *fault;

    x->phase = HTTP_BODY;
    x->method = span_of(method);
    fault = http_filter(x, version);
    x->must_linger = x->has_body;
    if (fault != NULL)
        http_reply_fault(x, fault);
    else if (!x->has_body || !ask_about_head(x))
        x->must_linger = false;
    return outcome(x);
}

static enum MHD_Result on_body(struct http_exchange *x, struct span piece)
{
    struct http_server *server = x->server;

    if (x->refused_by != NULL)
        return MHD_YES;
    server->bodies -= x->body.room;
    buf_add(&x->body, piece);
    server->bodies += x->body.room;
    if (x->body.full)
        x->refused_by = &fault_body_size; /* only chunked bodies come so far */
    else if (x->body.room > BODY_ROOM_SMALL && server->bodies > server->options.limits.bodies)
        x->refused_by = &fault_busy;
    else
        return MHD_YES;
    /* libmicrohttpd takes no answer in the middle of a body. */
    if (server->options.tls_cert.n > 0) {
        server->bodies -= x->body.room;
        buf_done(&x->body);
        buf_init(&x->body, server->options.limits.body);
        return MHD_YES;
    }
    http_refuse(x, x->refused_by);
    return MHD_NO;
}

static enum MHD_Result on_whole(struct http_exchange *x)
{
    struct http_server *server = x->server;

    if (x->refused_by != NULL) {
        http_reply_fault(x, x->refused_by);
        return outcome(x);
    }
    if (!x->has_body && ask_about_head(x))
        return outcome(x);
    x->phase = HTTP_ASKED;
    server->options.on_request(server->options.arg, x);
    if (x->phase == HTTP_ASKED) {
        x->phase = HTTP_WAITING;
        MHD_suspend_connection(x->connection);
    }
    return outcome(x);
}

enum MHD_Result http_on_access(void *arg, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *n_data, void **context)
{
    struct http_exchange *x = *context;

    (void)arg;
    (void)connection;
    (void)url;
    if (x == NULL || x->phase == HTTP_CUT)
        return MHD_NO;
    if (x->phase == HTTP_HEAD)
        return on_head(x, method, version);
    if (*n_data > 0) {
        struct span piece = {data, *n_data};

        *n_data = 0;
        return on_body(x, piece);
    }
    assert(x->phase == HTTP_BODY);
    return on_whole(x);
}

/* What the owner may ask */

struct span http_method(const struct http_exchange *x)
{
    return x->method;
}

struct span http_path(const struct http_exchange *x)
{
    return x->path;
}

struct span http_query(const struct http_exchange *x)
{
    return x->query;
}

struct span http_body(const struct http_exchange *x)
{
    return buf_span(&x->body);
}

struct header_search {
    struct span name, value;
    unsigned n;
};

static enum MHD_Result find_header(void *arg, enum MHD_ValueKind kind, const char *key,
                                   size_t key_n, const char *value, size_t value_n)
{
    struct header_search *search = arg;

    (void)kind;
    if (key_n == search->name.n && strncasecmp(key, search->name.p, key_n) == 0 && search->n++ == 0)
        search->value = span_trim(span_n(value == NULL ? "" : value, value_n));
    return MHD_YES;
}

struct span http_header(const struct http_exchange *x, struct span name, unsigned *n)
{
    struct header_search search = {.name = name};

    (void)MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, find_header, &search);
    if (n != NULL)
        *n = search.n;
    return search.value;
}

struct header_walk {
    void (*fn)(void *arg, struct span name, struct span value);
    void *arg;
};

static enum MHD_Result walk_header(void *arg, enum MHD_ValueKind kind, const char *key,
                                   size_t key_n, const char *value, size_t value_n)
{
    const struct header_walk *walk = arg;

    (void)kind;
    walk->fn(walk->arg, span_n(key, key_n), span_trim(span_n(value == NULL ? "" : value, value_n)));
    return MHD_YES;
}

void http_each_header(const struct http_exchange *x,
                      void (*fn)(void *arg, struct span name, struct span value), void *arg)
{
    struct header_walk walk = {fn, arg};

    (void)MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, walk_header, &walk);
}

void http_set_data(struct http_exchange *x, void *data)
{
    x->data = data;
}

void *http_data(const struct http_exchange *x)
{
    return x->data;
}
