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

static void answer_waiting(void *arg)
{
    unsigned n = owner.n_waiting;

    (void)arg;
    owner.n_waiting = 0;
    for (unsigned i = 0; i < n; i++)
        http_reply(owner.waiting[i], 200, "text/plain", SPAN("late"), NULL);
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

enum { HTML = 1 }; /* libmicrohttpd's own answer: well-formed and sent once, but not JSON */

static const struct row {
    const char *name, *request;
    size_t n;
    int status; /* 0: closed without an answer */
    int flags;
    unsigned answers; /* 0 = 1 */
} rows[] = {
#define ROW(name_, request_, ...)                                                                  \
    {                                                                                              \
        .name = name_, .request = request_, .n = sizeof(request_) - 1, __VA_ARGS__                 \
    }
    ROW("plain", HEAD END, .status = 200),
    ROW("a line break before it", "\r\n" HEAD END, .status = 200),
    ROW("HTTP/1.0 without a Host", "GET /echo HTTP/1.0\r\n\r\n", .status = 200),
    ROW("absolute form", "GET http://a:80/echo?x HTTP/1.1\r\nHost: a\r\n" END, .status = 200),
    ROW("blanks around a value", HEAD "X: \t a b \t \r\n" END, .status = 200),
    ROW("empty value", HEAD "X:\r\n" END, .status = 200),
    ROW("bytes from 0x80 in a value", HEAD "X: \xc3\xa4\r\n" END, .status = 200),
    ROW("empty Host", "GET /echo HTTP/1.1\r\nHost:\r\n" END, .status = 200),
    ROW("chunked",
        POST "Transfer-Encoding: chunked\r\n" END "2\r\nhi\r\n3;x=y\r\nyou\r\n0\r\nT: 1\r\n\r\n",
        .status = 200),
    ROW("Chunked in capitals", POST "Transfer-Encoding: CHUNKED\r\n" END "0\r\n\r\n",
        .status = 200),
    ROW("two after each other", POST "Content-Length: 2\r\n\r\nhi" HEAD END, .status = 200,
        .answers = 2),
    ROW("404 keeps the connection", "GET /no HTTP/1.1\r\nHost: a\r\n\r\n" HEAD END, .status = 404,
        .answers = 2),
    ROW("404 before a body does not", "PUT /no HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        .status = 404),
    ROW("no Host", "GET /echo HTTP/1.1\r\n\r\n", .status = 400),
    ROW("two Hosts", HEAD "Host: a\r\n\r\n", .status = 400),
    ROW("a Host with a blank", "GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n", .status = 400),
    ROW("a Host with a path", "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n", .status = 400),
    ROW("both lengths", POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        .status = 400),
    ROW("two lengths", POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", .status = 400),
    ROW("the same length twice", POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        .status = 400),
    ROW("a list of lengths", POST "Content-Length: 2, 2\r\n\r\nab", .status = 400),
    ROW("length with a sign", POST "Content-Length: +2\r\n\r\nab", .status = 400),
    ROW("negative length", POST "Content-Length: -2\r\n\r\nab", .status = 400),
    ROW("length in hexadecimal", POST "Content-Length: 0x2\r\n\r\nab", .status = 400),
    ROW("length without a number", POST "Content-Length:\r\n\r\nab", .status = 400),
    ROW("length with a blank inside", POST "Content-Length: 1 0\r\n\r\n0123456789", .status = 400),
    ROW("length beyond 64 bits", POST "Content-Length: 99999999999999999999999\r\n\r\n",
        .status = 413),
    ROW("length above the limit", POST "Content-Length: 4097\r\n\r\n", .status = 413),
    ROW("another coding", POST "Transfer-Encoding: gzip\r\n\r\n", .status = 501),
    ROW("xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", .status = 501),
    ROW("two codings", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", .status = 501),
    ROW("coding twice",
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        .status = 400),
    ROW("chunked in HTTP/1.0",
        "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        .status = 400),
    ROW("chunk size 0x2", POST "Transfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n",
        .status = 400, .flags = HTML),
    ROW("chunk size +2", POST "Transfer-Encoding: chunked\r\n\r\n+2\r\nab\r\n0\r\n\r\n",
        .status = 400, .flags = HTML),
    ROW("chunk longer than it says", POST "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        .status = 400, .flags = HTML),
    ROW("blank before the colon", HEAD "X : 1\r\n\r\n", .status = 400),
    ROW("blank in a name", HEAD "X Y: 1\r\n\r\n", .status = 400),
    ROW("no name", HEAD ": 1\r\nX: 1\r\n\r\n", .status = 400),
    ROW("no name, hiding a request", HEAD ":\r\nGET /late HTTP/1.1\r\nHost: a\r\n\r\n",
        .status = 400),
    ROW("no colon", HEAD "X\r\n\r\n", .status = 400, .flags = HTML),
    ROW("no name as the first header", "GET /echo HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n",
        .status = 400),
    ROW("NUL in a value", HEAD "X: a\0b\r\n\r\n", .status = 400),
    ROW("NUL in a name", HEAD "X\0Y: a\r\n\r\n", .status = 400, .flags = HTML),
    ROW("NUL in the target", "GET /echo\0x HTTP/1.1\r\nHost: a\r\n\r\n", .status = 400),
    ROW("control byte in a value", HEAD "X: a\x01\r\n\r\n", .status = 400),
    ROW("CR in a value", HEAD "X: a\rb\r\n\r\n", .status = 400),
    ROW("DEL in a value", HEAD "X: a\x7f\r\n\r\n", .status = 400),
    ROW("folded", HEAD "X: a\r\n b\r\n\r\n", .status = 400),
    ROW("folded Content-Length", POST "Content-Length:\r\n 2\r\n\r\nab", .status = 400),
    ROW("line feeds alone", "GET /echo HTTP/1.1\nHost: a\n\n", .status = 400),
    ROW("one line feed alone", HEAD "X: 1\nY: 2\r\n\r\n", .status = 400),
    ROW("method in small letters", "get /echo HTTP/1.1\r\nHost: a\r\n\r\n", .status = 400),
    ROW("no method", " /echo HTTP/1.1\r\nHost: a\r\n\r\n", .status = 0),
    ROW("two blanks", "GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n", .status = 400),
    ROW("blank in the target", "GET /ec ho HTTP/1.1\r\nHost: a\r\n\r\n", .status = 400),
    ROW("0x80 in the target", "GET /echo\x80 HTTP/1.1\r\nHost: a\r\n\r\n", .status = 400),
    ROW("tab in the target", "GET /echo\tx HTTP/1.1\r\nHost: a\r\n\r\n", .status = 400),
    ROW("no version", "GET /echo\r\nHost: a\r\n\r\n", .status = 400, .flags = HTML),
    ROW("HTTP/2.0", "GET /echo HTTP/2.0\r\nHost: a\r\n\r\n", .status = 505, .flags = HTML),
    ROW("http/1.1", "GET /echo http/1.1\r\nHost: a\r\n\r\n", .status = 400, .flags = HTML),
    ROW("HTTP/1.10", "GET /echo HTTP/1.10\r\nHost: a\r\n\r\n", .status = 400, .flags = HTML),
    ROW("blank after the version", "GET /echo HTTP/1.1 \r\nHost: a\r\n\r\n", .status = 400,
        .flags = HTML),
    ROW("no request at all", "\x16\x03\x01\x02\x00\r\n\r\n", .status = 0),
#undef ROW
};

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

static void check_answer(const char *name, const struct probe *probe, const struct row *row)
{
    char expected[64];
    unsigned n = wire_count(probe->answer, "HTTP/1.1 ");

    snprintf(expected, sizeof(expected), "HTTP/1.1 %d ", row->status);
    if (n != (row->status == 0 ? 0 : row->answers == 0 ? 1 : row->answers))
        fail_msg("%s: %u answers: %s", name, n, probe->answer);
    if (n > 0 && strncmp(probe->answer, expected, strlen(expected)) != 0)
        fail_msg("%s: not %d: %s", name, row->status, probe->answer);
    if (n > 0 && row->status >= 400 && (row->flags & HTML) == 0 &&
        strstr(probe->answer, "{\"error\":{\"code\":") == NULL)
        fail_msg("%s: no JSON: %s", name, probe->answer);
    if (!probe->was_closed)
        fail_msg("%s: not closed", name);
}

static void test_strictness(void **state)
{
    struct http_server_options options = usual();

    (void)state;
    start(&options);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct probe probe = {.request = rows[i].request, .n = rows[i].n};

        wire_while(loop, send_probe, &probe);
        check_answer(rows[i].name, &probe, &rows[i]);
        assert_int_equal(http_server_active(server), 0);
    }
    end();
}

/* The whole head is written byte by byte, so that the parser meets every state. */
static void send_slowly(void *arg)
{
    struct probe *probe = arg;
    int fd = wire_connect(http_server_address(server));

    for (size_t i = 0; i < probe->n; i++)
        wire_send(fd, (const char *)probe->request + i, 1);
    probe->was_closed = wire_read_all(fd, probe->answer);
    close(fd);
}

static void test_strictness_byte_by_byte(void **state)
{
    struct http_server_options options = usual();

    (void)state;
    start(&options);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct probe probe = {.request = rows[i].request, .n = rows[i].n};
        struct row row = rows[i];

        wire_while(loop, send_slowly, &probe);
        if (probe.answer[0] == '\0' && row.status >= 400)
            continue; /* cut while still sending: a reset may take the answer away */
        check_answer(row.name, &probe, &row);
    }
    end();
}

static void test_sizes(void **state)
{
    static const struct {
        const char *name, *before, *after;
        size_t n;
        struct row row;
    } sizes[] = {
        {"headers below the limit", HEAD "X: ", "\r\n" END, 8000, {.status = 200}},
        {"headers above it", HEAD "X: ", "\r\n" END, 8200, {.status = 431}},
        {"headers far above it", HEAD "X: ", "\r\n" END, 200000, {.status = 431}},
        {"target far above it",
         "GET /",
         " HTTP/1.1\r\nHost: a\r\n" END,
         200000,
         {.status = 414, .flags = HTML}},
        {"chunk above the body's limit",
         POST "Transfer-Encoding: chunked\r\n\r\n186a0\r\n",
         "",
         100000,
         {.status = 413}},
        {"body at the limit", POST "Content-Length: 4096\r\n" END, "", 4096, {.status = 200}},
        {"body above it, sent at once",
         POST "Content-Length: 1000000\r\n" END,
         "",
         1000000,
         {.status = 413}},
    };
    struct http_server_options options = usual();

    (void)state;
    start(&options);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t n = strlen(sizes[i].before), m = strlen(sizes[i].after);
        char *text = malloc(n + sizes[i].n + m);
        struct probe probe = {.request = text, .n = n + sizes[i].n + m};

        memcpy(text, sizes[i].before, n);
        memset(text + n, 'a', sizes[i].n);
        memcpy(text + n + sizes[i].n, sizes[i].after, m);
        wire_while(loop, send_probe, &probe);
        if (sizes[i].row.flags != HTML || probe.answer[0] != '\0')
            check_answer(sizes[i].name, &(struct probe){.answer = "", .was_closed = 1},
                         &(struct row){.status = 0});
        probe.was_closed = 1; /* with bytes unread, the end may be a reset */
        if (sizes[i].row.flags != HTML || probe.answer[0] != '\0')
            check_answer(sizes[i].name, &probe, &sizes[i].row);
        free(text);
    }
    end();
}

/* What the owner sees and says */

static void test_details(void **state)
{
    struct http_server_options options = usual();
    static const char request[] = "GET /echo?a=%41&b=c+d%00 HTTP/1.1\r\nHost: a\r\n" END;
    struct probe probe = {.request = request, .n = sizeof(request) - 1};

    (void)state;
    start(&options);
    wire_while(loop, send_probe, &probe);
    assert_string_equal(owner.last_path, "/echo");
    assert_string_equal(owner.last_query, "a=%41&b=c+d%00");
    assert_non_null(strstr(probe.answer, "\r\nX-One: 1\r\n"));
    assert_non_null(strstr(probe.answer, "\r\nX-Two: two words\r\n"));
    assert_non_null(strstr(probe.answer, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(probe.answer, "\r\nDate: "));
    end();
}

struct header_seen {
    unsigned n;
    char all[256];
};

static void see_header(void *arg, struct span name, struct span value)
{
    struct header_seen *seen = arg;
    size_t n = strlen(seen->all);

    seen->n++;
    snprintf(seen->all + n, sizeof(seen->all) - n, "%.*s=%.*s|", SPAN_ARG(name), SPAN_ARG(value));
}

static struct header_seen seen;
static unsigned n_given;
static char given[64];

static void look_at_headers(void *arg, struct http_exchange *x)
{
    static const char *const date[] = {"Date: Sun, 06 Nov 1994 08:49:37 GMT", NULL};

    (void)arg;
    http_set_data(x, &seen);
    http_each_header(x, see_header, http_data(x));
    snprintf(given, sizeof(given), "%.*s",
             SPAN_ARG(http_header(x, SPAN("x-okta-thing"), &n_given)));
    assert_null(http_header(x, SPAN("Absent"), NULL).p);
    assert_non_null(http_header(x, SPAN("Empty"), NULL).p);
    http_reply(x, 204, NULL, (struct span){0}, date);
}

static void test_headers(void **state)
{
    struct http_server_options options = usual();
    static const char request[] =
        "GET /x HTTP/1.1\r\nHost: a\r\nX-Okta-Thing:  one \r\nX-OKTA-THING: two\r\nEmpty:\r\n" END;
    struct probe probe = {.request = request, .n = sizeof(request) - 1};

    (void)state;
    options.on_head = NULL;
    options.on_request = look_at_headers;
    start(&options);
    memset(&seen, 0, sizeof(seen));
    wire_while(loop, send_probe, &probe);
    assert_string_equal(seen.all,
                        "Host=a|X-Okta-Thing=one|X-OKTA-THING=two|Empty=|Connection=close|");
    assert_int_equal(n_given, 2);
    assert_string_equal(given, "one");
    assert_int_equal(strncmp(probe.answer, "HTTP/1.1 204 ", 13), 0);
    assert_int_equal(wire_count(probe.answer, "Date: "), 1);
    assert_non_null(strstr(probe.answer, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    end();
}

static void expect_continue(void *arg)
{
    struct probe *probe = arg;
    int fd = wire_connect(http_server_address(server));
    char first[WIRE_ANSWER];

    wire_say(fd, POST "Content-Length: 5\r\nExpect: 100-continue\r\n" END);
    probe->was_closed =
        wire_read_until(fd, first, "\r\n\r\n") && strncmp(first, "HTTP/1.1 100 ", 13) == 0;
    wire_say(fd, "hello");
    (void)wire_read_all(fd, probe->answer);
    close(fd);
}

static void test_expect(void **state)
{
    struct http_server_options options = usual();
    struct probe probe = {0};

    (void)state;
    start(&options);
    wire_while(loop, expect_continue, &probe);
    assert_true(probe.was_closed);
    assert_non_null(strstr(probe.answer, "\r\n\r\nhello"));
    end();
}

static void test_abort(void **state)
{
    struct http_server_options options = usual();
    static const char request[] = "GET /abort HTTP/1.1\r\nHost: a\r\n\r\n";
    struct probe probe = {.request = request, .n = sizeof(request) - 1};

    (void)state;
    start(&options);
    wire_while(loop, send_probe, &probe);
    assert_string_equal(probe.answer, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    assert_int_equal(http_server_active(server), 0);
    end();
}

/* Answers that come later */

static void cut_waiting(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < owner.n_waiting; i++)
        http_abort(owner.waiting[i], SPAN("cut"));
    owner.n_waiting = 0;
}

static void ask_late(void *arg)
{
    struct probe *probe = arg;
    char answer[WIRE_ANSWER];
    int gone = wire_connect(http_server_address(server)),
        reset = wire_connect(http_server_address(server)),
        stays = wire_connect(http_server_address(server)),
        cut = wire_connect(http_server_address(server));
    static const struct linger hard = {1, 0};

    wire_say(gone, "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    wire_say(reset, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_say(stays, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n" HEAD
                    "\r\n"); /* the second one waits its turn */
    usleep(100000);
    close(gone);
    (void)setsockopt(reset, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(reset);
    usleep(50000);
    loop_post(loop, answer_waiting, NULL);
    probe->was_closed = wire_read_until(stays, probe->answer, "Content-Length: 0\r\n\r\n") &&
                        wire_count(probe->answer, "HTTP/1.1 200 ") == 2;
    wire_say(cut, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(50000);
    loop_post(loop, cut_waiting, NULL);
    probe->was_closed =
        probe->was_closed && wire_read_all(cut, answer) && strcmp(answer, "cut") == 0;
    close(cut);
    close(stays);
    usleep(50000);
}

static void test_late(void **state)
{
    struct http_server_options options = usual();
    struct probe probe = {0};

    (void)state;
    start(&options);
    wire_while(loop, ask_late, &probe);
    assert_true(probe.was_closed);
    assert_int_equal(strncmp(probe.answer, "HTTP/1.1 200 ", 13), 0);
    assert_int_equal(owner.n_requests, 5);
    assert_int_equal(http_server_active(server), 0);
    end();
}

static void ask_and_leave(void *arg)
{
    int *fd = arg;

    *fd = wire_connect(http_server_address(server));
    wire_say(*fd, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(100000);
}

static void test_free_while_waiting(void **state)
{
    struct http_server_options options = usual();
    int fd;

    (void)state;
    start(&options);
    wire_while(loop, ask_and_leave, &fd);
    assert_int_equal(owner.n_waiting, 1);
    assert_int_equal(http_server_active(server), 1);
    end();
    close(fd);
}

static void quiesce(void *arg)
{
    (void)arg;
    http_server_quiesce(server);
}

static void ask_around_quiesce(void *arg)
{
    struct probe *probe = arg;
    char answer[WIRE_ANSWER];
    int waits = wire_connect(http_server_address(server)),
        idle = wire_connect(http_server_address(server));
    int late;

    wire_say(waits, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_say(idle, HEAD "\r\n");
    (void)wire_read_until(idle, answer, "\r\n\r\n");
    usleep(50000);
    loop_post(loop, quiesce, NULL);
    probe->was_closed = wire_read_all(idle, answer);
    loop_post(loop, answer_waiting, NULL);
    probe->was_closed = probe->was_closed && wire_read_all(waits, probe->answer);
    late = wire_connect(
        http_server_address(server)); /* the kernel's queue takes it, nobody else does */
    wire_say(late, HEAD END);
    wire_patience(late, 200);
    probe->was_closed = probe->was_closed && recv(late, answer, 1, 0) <= 0;
    close(late);
    close(waits);
    close(idle);
}

static void test_quiesce(void **state)
{
    struct http_server_options options = usual();
    struct probe probe = {0};

    (void)state;
    start(&options);
    wire_while(loop, ask_around_quiesce, &probe);
    assert_true(probe.was_closed);
    assert_non_null(strstr(probe.answer, "\r\nConnection: close\r\n"));
    assert_int_equal(http_server_active(server), 0);
    end();
}

/* The stall of libmicrohttpd's own thread: a multiple of 128 events at once. */

enum { CROWD = 256 };

struct crowd {
    int fd[CROWD];
    pthread_barrier_t barrier;
    unsigned n_answers;
};

static void hold_loop(void *arg)
{
    struct crowd *crowd = arg;

    (void)pthread_barrier_wait(&crowd->barrier); /* the loop stands still */
    (void)pthread_barrier_wait(&crowd->barrier); /* while all of them send */
}

static void ask_together(struct crowd *crowd, size_t n, const char *request, const char *wanted)
{
    char answer[WIRE_ANSWER];

    loop_post(loop, hold_loop, crowd);
    (void)pthread_barrier_wait(&crowd->barrier);
    for (size_t i = 0; i < n; i++)
        wire_say(crowd->fd[i], request);
    (void)pthread_barrier_wait(&crowd->barrier);
    if (strstr(request, "/late") != NULL) {
        usleep(50000);
        loop_post(loop, answer_waiting, NULL);
    }
    for (size_t i = 0; i < n; i++)
        crowd->n_answers += wire_read_until(crowd->fd[i], answer, wanted) ? 1 : 0;
}

static void be_a_crowd(void *arg)
{
    struct crowd *crowd = arg;

    for (size_t i = 0; i < CROWD; i++)
        crowd->fd[i] = wire_connect(http_server_address(server));
    for (int round = 0; round < 5; round++) {
        ask_together(crowd, CROWD, POST "Content-Length: 2\r\n\r\nhi", "hi");
        ask_together(crowd, 128, POST "Content-Length: 2\r\n\r\nhi", "hi");
        ask_together(crowd, CROWD, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n", "late");
    }
    for (size_t i = 0; i < CROWD; i++)
        close(crowd->fd[i]);
}

static void test_many_at_once(void **state)
{
    struct http_server_options options = usual();
    struct crowd crowd = {.n_answers = 0};
    int64_t since_ms = clock_mono_ms();

    (void)state;
    start(&options);
    (void)pthread_barrier_init(&crowd.barrier, NULL, 2);
    wire_while(loop, be_a_crowd, &crowd);
    (void)pthread_barrier_destroy(&crowd.barrier);
    assert_int_equal(crowd.n_answers, 5 * (2 * CROWD + 128));
    assert_in_range(clock_mono_ms() - since_ms, 0, 20000);
    end();
}

static void be_too_many(void *arg)
{
    struct crowd *crowd = arg;
    char answer[WIRE_ANSWER];

    for (size_t i = 0; i < 12; i++) {
        crowd->fd[i] = wire_connect(http_server_address(server));
        wire_say(crowd->fd[i], HEAD "\r\n");
    }
    for (size_t i = 0; i < 12; i++) {
        crowd->n_answers += wire_read_until(crowd->fd[i], answer, "\r\n\r\n") ? 1 : 0;
        close(crowd->fd[i]); /* makes room for one that waits */
    }
}

static void test_connection_limit(void **state)
{
    struct http_server_options options = usual();
    struct crowd crowd = {.n_answers = 0};

    (void)state;
    options.limits.connections = 4;
    start(&options);
    wire_while(loop, be_too_many, &crowd);
    assert_int_equal(crowd.n_answers, 12);
    end();
}

/* Time limits */

enum { SLOW = 6 };

static const struct slow {
    const char *name, *first, *rest; /* rest: byte by byte, again and again */
    int64_t least_ms, most_ms;
} slow_ones[SLOW] = {
    {"request line, byte by byte", "G", "E", 600, 2200},
    {"headers, byte by byte", "GET /echo HTTP/1.1\r\nHost: a\r\nX: ", "a", 600, 1700},
    {"headers, then silence", "GET /echo HTTP/1.1\r\nHost: a\r\n", "", 600, 1700},
    {"body, byte by byte", POST "Content-Length: 4000\r\n\r\n", "a", 600, 1700},
    {"chunks, byte by byte", POST "Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", 600, 1700},
    {"silence", "", "", 1400, 2500},
};

struct slowness {
    int64_t ended_ms[SLOW];
};

static void be_slow(void *arg)
{
    struct slowness *s = arg;
    int fd[SLOW];
    int64_t since_ms = clock_mono_ms();
    size_t n_open = SLOW, tick = 0;

    for (size_t i = 0; i < SLOW; i++) {
        fd[i] = wire_connect(http_server_address(server));
        wire_say(fd[i], slow_ones[i].first);
    }
    while (n_open > 0 && clock_mono_ms() - since_ms < 5000) {
        usleep(20000);
        tick++;
        for (size_t i = 0; i < SLOW; i++) {
            size_t n = strlen(slow_ones[i].rest);
            char c;

            if (s->ended_ms[i] != 0)
                continue;
            if (n > 0)
                wire_send(fd[i], slow_ones[i].rest + (tick - 1) % n, 1);
            if (recv(fd[i], &c, 1, MSG_DONTWAIT) == 0 ||
                (errno != EAGAIN && errno != EWOULDBLOCK)) {
                s->ended_ms[i] = clock_mono_ms() - since_ms;
                n_open--;
            }
            errno = EAGAIN;
        }
    }
    for (size_t i = 0; i < SLOW; i++)
        close(fd[i]);
}

static void test_deadlines(void **state)
{
    struct http_server_options options = usual();
    struct slowness s = {{0}};

    (void)state;
    options.limits.request_ms = 600;
    options.limits.idle_ms = 1400;
    start(&options);
    errno = EAGAIN;
    wire_while(loop, be_slow, &s);
    for (size_t i = 0; i < SLOW; i++) {
        if (s.ended_ms[i] < slow_ones[i].least_ms || s.ended_ms[i] > slow_ones[i].most_ms)
            fail_msg("%s: cut after %lld ms", slow_ones[i].name, (long long)s.ended_ms[i]);
    }
    end();
}

/* Where it listens */

static void test_addresses(void **state)
{
    static const struct {
        const char *listen, *address; /* its beginning; NULL: refused */
    } cases[] = {
        {"127.0.0.1:0", "127.0.0.1:"},
        {"[::1]:0", "[::1]:"},
        {"localhost:0", ""},
        {":0", ""},
        {"127.0.0.1", NULL},
        {"127.0.0.1:", NULL},
        {"::1:80", NULL},
        {"127.0.0.1:http", NULL},
        {"127.0.0.1:99999", NULL},
        {"unix:relative", NULL},
        {"192.0.2.1:0", NULL},
        {"unix:/nowhere/at/all", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_server_options options = usual();
        enum err err;

        options.listen = cases[i].listen;
        assert_int_equal(loop_new(&loop, &fail), ERR_NONE);
        server = NULL;
        err = http_server_new(loop, &options, &server, &fail);
        if ((err == ERR_NONE) != (cases[i].address != NULL))
            fail_msg("%s: %s", cases[i].listen, err == ERR_NONE ? "accepted" : fail.text);
        if (err == ERR_NONE &&
            strncmp(http_server_address(server), cases[i].address, strlen(cases[i].address)) != 0)
            fail_msg("%s: %s", cases[i].listen, http_server_address(server));
        end();
    }
}

static void ask_unix(void *arg)
{
    struct probe *probe = arg;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(to.sun_path, sizeof(to.sun_path), "%s", http_server_address(server) + strlen("unix:"));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
        wire_say(fd, HEAD END);
        probe->was_closed = wire_read_all(fd, probe->answer);
    }
    close(fd);
}

static void test_unix_socket(void **state)
{
    struct http_server_options options = usual();
    struct http_server *second = NULL;
    char folder[] = "/tmp/net-test-XXXXXX", path[64], listen_text[80];
    struct sockaddr_un stale = {.sun_family = AF_UNIX};
    struct probe probe = {0};
    struct stat st;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/s", folder);
    snprintf(listen_text, sizeof(listen_text), "unix:%s", path);
    snprintf(stale.sun_path, sizeof(stale.sun_path), "%s", path);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&stale, sizeof(stale)), 0);
    close(fd); /* what a killed process leaves behind */

    options.listen = listen_text;
    start(&options);
    assert_string_equal(http_server_address(server), listen_text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    assert_int_equal(http_server_new(loop, &options, &second, &fail), ERR_CONFLICT);
    wire_while(loop, ask_unix, &probe);
    assert_int_equal(strncmp(probe.answer, "HTTP/1.1 200 ", 13), 0);
    end();
    assert_int_equal(stat(path, &st), -1);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(loop_new(&loop, &fail), ERR_NONE);
    assert_int_equal(http_server_new(loop, &options, &second, &fail), ERR_CONFLICT);
    assert_int_equal(stat(path, &st), 0); /* a file is never removed */
    loop_free(loop);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_inherited_socket(void **state)
{
    struct http_server_options options = usual();
    struct sockaddr_in address = {.sin_family = AF_INET};
    static const char request[] = HEAD END;
    struct probe probe = {.request = request, .n = sizeof(request) - 1};

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    options.listen = NULL;
    options.listen_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(options.listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(options.listen_fd, 10), 0);
    start(&options);
    wire_while(loop, send_probe, &probe);
    assert_int_equal(strncmp(probe.answer, "HTTP/1.1 200 ", 13), 0);
    end();
}

static void test_tls_needs_both(void **state)
{
    struct http_server_options options = usual();

    (void)state;
    assert_int_equal(loop_new(&loop, &fail), ERR_NONE);
    options.tls_cert = SPAN("x");
    assert_int_equal(http_server_new(loop, &options, &server, &fail), ERR_INPUT);
    options.tls_key = SPAN("y");
    assert_int_equal(http_server_new(loop, &options, &server, &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "HTTP server on 127.0.0.1:"));
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strictness),
        cmocka_unit_test(test_strictness_byte_by_byte),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_expect),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_free_while_waiting),
        cmocka_unit_test(test_quiesce),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_inherited_socket),
        cmocka_unit_test(test_tls_needs_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
