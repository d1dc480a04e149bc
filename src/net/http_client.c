/* libcurl does the talking; what is decided here is what may be asked, and what a failure means.
 *
 * libcurl sends a request a second time by itself when a kept connection turns out to be dead,
 * whatever the method (Curl_retry_request in its lib/transfer.c). It calls CURLOPT_PREREQFUNCTION
 * before each sending, so that is where everything but GET and HEAD is stopped: the first sending
 * may have been carried out, and only the caller can look. The same callback tells whether a
 * request can have left at all. */
#include "net/http_client.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/ca_file.h"
#include "net/http_url.h"

enum {
    CONNECT_MS = 3100, /* a lost SYN is repeated after 1 and 3 seconds: one more try than a round
                          number gives */
    TOTAL_MS = 30000,
    ANSWER_LIMIT = 8 * 1024 * 1024,
    HEADERS_LIMIT = 256 * 1024,
    CONNECTIONS_EACH = 8,
    CONNECTIONS_KEPT = 32,
    KEPT_S = 50, /* below the 60 s after which load balancers close */
};

struct http_client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;   /* libcurl's */
    struct loop_timer *refusal; /* answers what was refused in http_ask */
    struct http_call *calls;
    char *user_agent;
    char *ca_file;         /* NULL = libcurl's own */
    const char *ca_folder; /* NULL = none */
    long connections_each;
    bool is_finishing;
};

struct http_call {
    struct http_client *client;
    struct http_call *prev, *next;
    void (*done)(void *arg, const struct http_answer *answer);
    void *arg;
    CURL *easy; /* NULL: refused */
    struct curl_slist *headers;
    char *sent_body;
    size_t n_sent_body;
    struct buf body;
    size_t n_headers; /* bytes of the answer's */
    bool may_repeat;
    unsigned sendings;
    char text[CURL_ERROR_SIZE];
};

/* libcurl and the loop */

static void finish_calls(struct http_client *client);

static void act(struct http_client *client, curl_socket_t fd, int events)
{
    int running;

    (void)curl_multi_socket_action(client->multi, fd, events, &running);
    finish_calls(client);
}

static void on_timer(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* The descriptor and its watch belong together, and libcurl keeps one pointer. */
struct socket_watch {
    struct http_client *client;
    struct loop_watch *watch;
    curl_socket_t fd;
};

static void on_socket(void *arg, unsigned events)
{
    const struct socket_watch *socket = arg;

    act(socket->client, socket->fd,
        ((events & LOOP_READ) != 0 ? CURL_CSELECT_IN : 0) |
            ((events & LOOP_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct http_client *client = arg;
    struct socket_watch *socket = socket_arg;
    unsigned events = (what == CURL_POLL_IN || what == CURL_POLL_INOUT ? LOOP_READ : 0U) |
                      (what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? LOOP_WRITE : 0U);

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (socket != NULL)
            loop_unwatch(socket->watch);
        free(socket);
        (void)curl_multi_assign(client->multi, fd, NULL);
    } else if (socket != NULL) {
        loop_watch_set(socket->watch, events);
    } else {
        socket = mem_new(1, sizeof(*socket));
        *socket = (struct socket_watch){.client = client, .fd = fd};
        socket->watch = loop_watch(client->loop, fd, events, on_socket, socket);
        (void)curl_multi_assign(client->multi, fd, socket);
    }
    return 0;
}

static int set_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct http_client *client = arg;

    (void)multi;
    if (delay_ms < 0)
        loop_timer_clear(client->timer);
    else
        loop_timer_set(client->timer, delay_ms);
    return 0;
}

/* The end of a call */

static void wipe(char *p, size_t n)
{
    if (p != NULL)
        explicit_bzero(p, n);
}

static void free_call(struct http_call *call)
{
    if (call->prev != NULL)
        call->prev->next = call->next;
    else
        call->client->calls = call->next;
    if (call->next != NULL)
        call->next->prev = call->prev;
    if (call->easy != NULL) {
        (void)curl_multi_remove_handle(call->client->multi, call->easy);
        curl_easy_cleanup(call->easy);
    }
    /* They hold signatures and tokens. */
    for (struct curl_slist *line = call->headers; line != NULL; line = line->next)
        wipe(line->data, strlen(line->data));
    curl_slist_free_all(call->headers);
    wipe(call->sent_body, call->n_sent_body);
    free(call->sent_body);
    wipe(call->body.p, call->body.n);
    buf_done(&call->body);
    free(call);
}

static bool was_sent(const struct http_call *call)
{
    long n = 0;

    if (call->sendings > 1)
        return true;
    (void)curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &n);
    return call->sendings == 1 && n > 0;
}

static void describe(struct http_call *call, CURLcode code, struct http_answer *answer)
{
    if (code == CURLE_OK) {
        answer->err = ERR_NONE;
        return;
    }
    answer->err = was_sent(call) ? ERR_UNCLEAR : ERR_IO;
    answer->is_too_large = call->body.full;
    if (call->sendings > 1 && code == CURLE_ABORTED_BY_CALLBACK)
        answer->text = "the connection was closed before an answer came";
    else if (call->body.full)
        answer->text = "the answer is too large";
    else if (call->n_headers > HEADERS_LIMIT)
        answer->text = "the answer's headers are too large";
    else
        answer->text = call->text[0] != '\0' ? call->text : curl_easy_strerror(code);
}

static void finish(struct http_call *call, CURLcode code)
{
    struct http_answer answer = {.body = buf_span(&call->body), .call = call};
    curl_off_t elapsed_us = 0;
    long status = 0;

    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &elapsed_us);
    answer.status = (int)status;
    answer.elapsed_us = (long)elapsed_us;
    describe(call, code, &answer);
    call->done(call->arg, &answer);
    free_call(call);
}

static void finish_calls(struct http_client *client)
{
    CURLMsg *message;
    int left;

    assert(!client->is_finishing);
    client->is_finishing = true;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        char *call = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        finish((struct http_call *)(void *)call, code);
    }
    client->is_finishing = false;
}

static void on_refusal(void *arg)
{
    struct http_client *client = arg;

    client->is_finishing = true;
    for (;;) {
        struct http_call *call = client->calls;
        struct http_answer answer = {.err = ERR_INPUT, .body = SPAN("")};

        while (call != NULL && call->easy != NULL)
            call = call->next;
        if (call == NULL)
            break;
        answer.call = call;
        answer.text = call->text;
        call->done(call->arg, &answer);
        free_call(call);
    }
    client->is_finishing = false;
}

/* libcurl's callbacks for a call */

static int before_sending(void *arg, char *address, char *local_address, int port, int local_port)
{
    struct http_call *call = arg;

    (void)address;
    (void)local_address;
    (void)port;
    (void)local_port;
    return ++call->sendings > 1 && !call->may_repeat ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
    struct http_call *call = arg;

    buf_add(&call->body, span_n(p, size * n));
    return call->body.full ? 0 : size * n;
}

static size_t take_header(char *p, size_t size, size_t n, void *arg)
{
    struct http_call *call = arg;

    (void)p;
    call->n_headers += size * n;
    return call->n_headers > HEADERS_LIMIT ? 0 : size * n;
}

/* The beginning of a call */

static void add_line(struct http_call *call, char *line)
{
    struct curl_slist *list = curl_slist_append(call->headers, line);

    if (list == NULL)
        abort(); /* no memory */
    call->headers = list;
    wipe(line, strlen(line));
    free(line);
}

static bool has_line_break(const char *text)
{
    return strpbrk(text, "\r\n") != NULL;
}

/* False when a header would break the request. */
static bool add_headers(struct http_call *call, const struct http_ask *ask)
{
    /* What libcurl would add by itself; a line without a value takes it away. */
    static const char *const unwanted[] = {"Accept", "Expect", "Content-Type"};
    bool is_given[3] = {false};

    for (size_t i = 0; i < ask->n_headers; i++) {
        const struct http_header *h = &ask->headers[i];

        if (has_line_break(h->name) || has_line_break(h->value) || strpbrk(h->name, ":;") != NULL)
            return false;
        for (size_t k = 0; k < 3; k++)
            is_given[k] = is_given[k] || strcasecmp(h->name, unwanted[k]) == 0;
        /* A header with an empty value is written with a semicolon (CURLOPT_HTTPHEADER(3)). */
        add_line(call, h->value[0] == '\0' ? mem_printf("%s;", h->name)
                                           : mem_printf("%s: %s", h->name, h->value));
    }
    for (size_t k = 0; k < 3; k++) {
        if (!is_given[k])
            add_line(call, mem_printf("%s:", unwanted[k]));
    }
    return true;
}

static void set_up_transfer(struct http_call *call, const struct http_ask *ask)
{
    CURL *easy = call->easy;

    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->text);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                           ask->connect_ms > 0 ? ask->connect_ms : (long)CONNECT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                           ask->total_ms == 0  ? (long)TOTAL_MS
                           : ask->total_ms < 0 ? 0L
                                               : ask->total_ms);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)KEPT_S);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (call->client->ca_file != NULL)
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, call->client->ca_file);
    if (call->client->ca_folder != NULL)
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, call->client->ca_folder);
}

static void set_up_request(struct http_call *call, const struct http_ask *ask, bool is_direct)
{
    CURL *easy = call->easy;

    (void)curl_easy_setopt(easy, CURLOPT_URL, ask->url);
    (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, call->client->user_agent);
    if (is_direct)
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (ask->has_body) {
        call->sent_body = mem_dup(ask->body);
        call->n_sent_body = ask->body.n;
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.n);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->sent_body);
    } else if (strcmp(ask->method, "HEAD") == 0) {
        (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, ask->method);
    call->may_repeat = strcmp(ask->method, "GET") == 0 || strcmp(ask->method, "HEAD") == 0;
}

static void refuse(struct http_call *call, const char *text)
{
    (void)snprintf(call->text, sizeof(call->text), "%s", text);
    loop_timer_set(call->client->refusal, 0);
}

struct http_call *http_ask(struct http_client *client, const struct http_ask *ask,
                           void (*done)(void *arg, const struct http_answer *answer), void *arg)
{
    struct http_call *call = mem_new(1, sizeof(*call));
    struct http_url_facts facts;
    const struct http_url_plain plain = {ask->is_for_credentials, ask->plain_host};
    const char *fault = http_url_check(ask->url, &plain, &facts);

    *call = (struct http_call){.client = client, .next = client->calls, .done = done, .arg = arg};
    buf_init(&call->body, ask->answer_limit > 0 ? ask->answer_limit : ANSWER_LIMIT);
    if (call->next != NULL)
        call->next->prev = call;
    client->calls = call;
    if (fault == NULL && !add_headers(call, ask))
        fault = "a header of the request has a line break in it";
    if (fault != NULL) {
        refuse(call, fault);
        return call;
    }
    call->easy = curl_easy_init();
    if (call->easy == NULL)
        abort(); /* no memory */
    set_up_transfer(call, ask);
    set_up_request(call, ask, facts.is_near);
    if (curl_multi_add_handle(client->multi, call->easy) != CURLM_OK) {
        curl_easy_cleanup(call->easy);
        call->easy = NULL;
        refuse(call, "libcurl does not take the request");
    }
    return call;
}

void http_cancel(struct http_call *call)
{
    if (call != NULL)
        free_call(call);
}

struct span http_answer_header_at(const struct http_answer *answer, const char *name, size_t i)
{
    struct curl_header *header;

    if (answer->call == NULL || answer->call->easy == NULL ||
        curl_easy_header(answer->call->easy, name, i, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return (struct span){0};
    return span_of(header->value);
}

struct span http_answer_header(const struct http_answer *answer, const char *name)
{
    struct span last = {0}, next;

    for (size_t i = 0; (next = http_answer_header_at(answer, name, i)).p != NULL; i++)
        last = next;
    return last;
}

/* The client */

static void open_multi(struct http_client *client)
{
    client->multi = curl_multi_init();
    if (client->multi == NULL)
        abort(); /* no memory */
    (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    (void)curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    (void)curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, client->connections_each);
}

enum err http_client_new(struct loop *loop, const char *user_agent, struct http_client **out,
                         struct fail *fail)
{
    struct http_client *client;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fail_set(fail, ERR_IO, "libcurl cannot be initialised");
    client = mem_new(1, sizeof(*client));
    client->loop = loop;
    client->timer = loop_timer_new(loop, on_timer, client);
    client->refusal = loop_timer_new(loop, on_refusal, client);
    client->user_agent = mem_dup_str(user_agent);
    client->ca_file = ca_file_find(&client->ca_folder);
    client->connections_each = CONNECTIONS_EACH;
    open_multi(client);
    *out = client;
    return ERR_NONE;
}

void http_client_limit(struct http_client *client, long connections)
{
    client->connections_each = connections;
    (void)curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
}

void http_client_drop_kept(struct http_client *client)
{
    if (client->calls != NULL || client->is_finishing)
        return;
    (void)curl_multi_cleanup(client->multi);
    loop_timer_clear(client->timer);
    open_multi(client);
}

void http_client_free(struct http_client *client)
{
    if (client == NULL)
        return;
    assert(!client->is_finishing);
    for (struct http_call *call = client->calls, *next; call != NULL; call = next) {
        next = call->next;
        free_call(call);
    }
    (void)curl_multi_cleanup(client->multi);
    loop_timer_free(client->timer);
    loop_timer_free(client->refusal);
    free(client->user_agent);
    free(client->ca_file);
    free(client);
    curl_global_cleanup();
}
