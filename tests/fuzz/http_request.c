/* floor: net — any bytes on a connection of the HTTP server. A strict reader of its own, after
 * RFC 9112, says which requests stand in them; the server may refuse any of them, but takes none
 * that this reader does not see, or sees otherwise: so nothing can be smuggled past a proxy. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "net/http_server.h"

enum { BODY_LIMIT = 4096, HEADER_LIMIT = 2048, REQUESTS = 16, SOON_MS = 500, LATE_MS = 20000 };

struct request {
    struct span method, target, body; /* body.p == NULL: in chunks */
};

static struct {
    struct loop *loop;
    struct http_server *server;
    struct loop_timer *late, *end_of_input;
    int client;
    struct arena arena;
    struct request taken[REQUESTS]; /* in the arena */
    size_t n_taken;
} all;

/* ---- the server ---- */

static int on_head(void *arg, struct http_exchange *x)
{
    (void)arg;
    (void)x;
    return 0;
}

static void on_request(void *arg, struct http_exchange *x)
{
    struct span path = http_path(x), query = http_query(x);
    struct request *r;
    unsigned n = 0;

    (void)arg;
    assert(all.n_taken < REQUESTS);
    r = &all.taken[all.n_taken++];
    r->method = arena_span(&all.arena, http_method(x));
    r->target =
        query.p == NULL
            ? arena_span(&all.arena, path)
            : span_of(arena_printf(&all.arena, "%.*s?%.*s", SPAN_ARG(path), SPAN_ARG(query)));
    r->body = arena_span(&all.arena, http_body(x));
    assert(http_body(x).n <= BODY_LIMIT);
    (void)http_header(x, SPAN("Authorization"), &n);
    http_reply(x, 200, "text/plain", SPAN("yes"), NULL);
}

static void too_late(void *arg)
{
    (void)arg;
    abort(); /* neither answered nor closed */
}

/* Apart from the bytes: libmicrohttpd misses an end that comes together with them, and the
 * connection then waits for its deadline. */
static void end_input(void *arg)
{
    (void)arg;
    (void)shutdown(all.client, SHUT_WR);
}

static void set_up(void)
{
    char *listen = mem_printf("unix:/tmp/roster-fuzz-http-%ld", (long)getpid());
    struct http_server_options options = {.listen = listen,
                                          .listen_fd = -1,
                                          .limits = {.body = BODY_LIMIT,
                                                     .header = HEADER_LIMIT,
                                                     .request_ms = SOON_MS,
                                                     .idle_ms = SOON_MS},
                                          .on_head = on_head,
                                          .on_request = on_request};

    assert(loop_new(&all.loop, NULL) == ERR_NONE);
    assert(http_server_new(all.loop, &options, &all.server, NULL) == ERR_NONE);
    all.late = loop_timer_new(all.loop, too_late, NULL);
    all.end_of_input = loop_timer_new(all.loop, end_input, NULL);
    free(listen);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert(fd >= 0 && strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

static void on_answer(void *arg, unsigned events)
{
    char dropped[4096];
    ssize_t n = recv(all.client, dropped, sizeof(dropped), MSG_DONTWAIT);

    (void)arg;
    (void)events;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        loop_stop(all.loop);
}

static void talk(const uint8_t *data, size_t size)
{
    struct loop_watch *watch;

    all.client = connect_to(http_server_address(all.server) + strlen("unix:"));
    assert(send(all.client, data, size, MSG_NOSIGNAL) == (ssize_t)size);
    loop_timer_set(all.end_of_input, 1);
    watch = loop_watch(all.loop, all.client, LOOP_READ, on_answer, NULL);
    loop_timer_set(all.late, LATE_MS);
    loop_run(all.loop);
    loop_timer_clear(all.late);
    loop_timer_clear(all.end_of_input);
    loop_unwatch(watch);
    (void)close(all.client);
}

/* ---- the reader ---- */

/* Up to CR LF; false when there is none, or a CR or LF alone. NUL LF counts as CR LF: see
 * net/http_filter.c. */
static bool next_line(struct span *rest, struct span *line)
{
    size_t n = 0;

    while (n < rest->n && rest->p[n] != '\r' && rest->p[n] != '\n')
        n++;
    if (n > 0 && n < rest->n && rest->p[n] == '\n' && rest->p[n - 1] == '\0')
        n--;
    else if (n + 1 >= rest->n || rest->p[n] != '\r' || rest->p[n + 1] != '\n')
        return false;
    *line = span_n(rest->p, n);
    *rest = span_n(rest->p + n + 2, rest->n - n - 2);
    return true;
}

static bool is_token(struct span s)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr(others, c) != NULL)))
            return false;
    }
    return s.n > 0;
}

struct framing {
    unsigned n_length, n_coding;
    size_t length;
    bool is_bad;
};

static void take_length(struct framing *f, struct span digits)
{
    f->n_length++;
    f->is_bad |= digits.n == 0 || digits.n > 9;
    for (size_t i = 0; i < digits.n && !f->is_bad; i++) {
        f->is_bad |= digits.p[i] < '0' || digits.p[i] > '9';
        f->length = f->length * 10 + (size_t)(digits.p[i] - '0');
    }
}

static bool next_header(struct span *rest, struct framing *f, bool *is_end)
{
    struct span value, name;

    if (!next_line(rest, &value))
        return false;
    *is_end = value.n == 0;
    if (*is_end)
        return true;
    if (!span_split(&value, ':', &name) || value.p == NULL || !is_token(name))
        return false;
    value = span_trim(value);
    for (size_t i = 0; i < value.n; i++)
        if (((unsigned char)value.p[i] < ' ' && value.p[i] != '\t') || value.p[i] == 0x7f)
            return false;
    if (span_eq_nocase(name, SPAN("Content-Length")))
        take_length(f, value);
    if (span_eq_nocase(name, SPAN("Transfer-Encoding"))) {
        f->n_coding++;
        f->is_bad |= !span_eq_nocase(value, SPAN("chunked"));
    }
    return true;
}

static bool read_request_line(struct span line, struct request *out)
{
    return span_split(&line, ' ', &out->method) && span_split(&line, ' ', &out->target) &&
           is_token(out->method) && out->target.n > 0 && line.n == 8 &&
           span_starts(line, SPAN("HTTP/1.")); /* RFC 9110 2.5 */
}

/* Empty lines before a request (RFC 9112 2.2); one that begins with NUL counts as empty, too. */
static void skip_empty_lines(struct span *rest)
{
    struct span dropped;

    while (rest->n > 0 && (rest->p[0] == '\r' || rest->p[0] == '\n' || rest->p[0] == '\0')) {
        if (rest->p[0] == '\0')
            (void)span_split(rest, '\n', &dropped);
        else
            *rest = span_n(rest->p + 1, rest->n - 1);
    }
}

static bool next_request(struct span *rest, struct request *out)
{
    struct framing f = {0};
    struct span line;
    bool is_end = false;

    skip_empty_lines(rest);
    if (!next_line(rest, &line) || !read_request_line(line, out))
        return false;
    while (!is_end)
        if (!next_header(rest, &f, &is_end))
            return false;
    if (f.is_bad || f.n_length > 1 || f.n_coding > 1 || f.n_length + f.n_coding > 1)
        return false;
    out->body = (struct span){NULL, 0};
    if (f.n_coding > 0) {
        *rest = SPAN(""); /* the connection ends with it */
        return true;
    }
    if (f.length > rest->n)
        return false;
    out->body = span_n(rest->p, f.length);
    *rest = span_n(rest->p + f.length, rest->n - f.length);
    return true;
}

static bool is_same_target(struct span sent, struct span taken)
{
    size_t n = sent.n - (taken.n < sent.n ? taken.n : sent.n);

    /* Of the absolute form the server keeps the end; "/" stands for an empty path. */
    return span_eq(span_n(sent.p + n, sent.n - n), taken) || span_eq(taken, SPAN("/")) ||
           (taken.n > 1 && taken.p[0] == '/' && taken.p[1] == '?') || sent.p[sent.n - 1] == '?';
}

static void compare(struct span sent)
{
    for (size_t i = 0; i < all.n_taken; i++) {
        struct request *taken = &all.taken[i], wanted;

        assert(next_request(&sent, &wanted));
        assert(span_eq(wanted.method, taken->method));
        assert(is_same_target(wanted.target, taken->target));
        assert(wanted.body.p == NULL || span_eq(wanted.body, taken->body));
    }
    all.n_taken = 0;
    arena_done(&all.arena);
    arena_init(&all.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 8 * 1024)
        return 0;
    if (all.server == NULL)
        set_up();
    talk(data, size);
    compare(span_n(data, size));
    return 0;
}
