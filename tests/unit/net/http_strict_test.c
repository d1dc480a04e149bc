/* What is refused, and how: RFC 9112 from the outside. */
#include "server_fixture.h"

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
    ROW("nothing is read behind chunks",
        POST "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" HEAD END, .status = 200),
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strictness), cmocka_unit_test(test_strictness_byte_by_byte),
        cmocka_unit_test(test_sizes),      cmocka_unit_test(test_details),
        cmocka_unit_test(test_headers),    cmocka_unit_test(test_expect),
        cmocka_unit_test(test_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
