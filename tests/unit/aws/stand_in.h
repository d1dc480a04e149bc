/* A server on loopback that stands in for AWS in these tests: it answers by a script and notes what
 * it was asked. Server, client and what is tested share one loop. */
#ifndef ROSTER_TESTS_AWS_STAND_IN_H
#define ROSTER_TESTS_AWS_STAND_IN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "text/time.h"

enum { STAND_IN_ASKED = 64, STAND_IN_ENVIRONMENT = 24, STAND_IN_GUARD_MS = 30000 };
enum { HANGS = -1, CUTS = -2, RAW = -3 }; /* instead of a status; RAW: the body is all */

struct scripted {
    const char *method, *path; /* path NULL = end of the script */
    int status;
    const char *body;
    const char *headers[4]; /* "Name: value" */
    unsigned times;         /* then the next row for the path counts; 0 = for ever */
};

struct asked {
    char *method, *path, *query, *body, *authorization, *token, *date, *host, *type, *target,
        *metadata_token;
};

static struct stand_in {
    struct loop *loop;
    struct http_client *client;
    struct http_server *server;
    struct loop_timer *guard;
    const struct scripted *script;
    unsigned used[STAND_IN_ASKED];
    struct asked asked[STAND_IN_ASKED];
    size_t n_asked;
    void (*on_asked)(void);
    char *environment[STAND_IN_ENVIRONMENT + 1];
    size_t n_environment;
    char url[64], folder[64];
} s;

static inline char *header_of(const struct http_exchange *x, const char *name)
{
    struct span value = http_header(x, span_of(name), NULL);

    return value.p == NULL ? NULL : mem_dup(value);
}

static inline void note(const struct http_exchange *x)
{
    assert_true(s.n_asked < STAND_IN_ASKED);
    s.asked[s.n_asked++] = (struct asked){
        .method = mem_dup(http_method(x)),
        .path = mem_dup(http_path(x)),
        .query = mem_dup(http_query(x)),
        .body = mem_dup(http_body(x)),
        .authorization = header_of(x, "Authorization"),
        .token = header_of(x, "X-Amz-Security-Token"),
        .date = header_of(x, "X-Amz-Date"),
        .host = header_of(x, "Host"),
        .type = header_of(x, "Content-Type"),
        .target = header_of(x, "X-Amz-Target"),
        .metadata_token = header_of(x, "X-aws-ec2-metadata-token"),
    };
}

static inline void answer(void *arg, struct http_exchange *x)
{
    (void)arg;
    note(x);
    for (size_t i = 0; s.script != NULL && s.script[i].path != NULL; i++) {
        const struct scripted *row = &s.script[i];
        struct span body = span_of(row->body == NULL ? "" : row->body);

        if (!span_eq(http_path(x), span_of(row->path)) ||
            (row->method != NULL && !span_eq(http_method(x), span_of(row->method))) ||
            (row->times != 0 && s.used[i] == row->times))
            continue;
        s.used[i]++;
        if (row->status == CUTS)
            http_abort(x, body);
        else if (row->status == RAW)
            http_abort(x, body);
        else if (row->status != HANGS)
            http_reply(x, row->status, NULL, body, row->headers);
        if (s.on_asked != NULL)
            s.on_asked();
        return;
    }
    http_reply(x, 404, "text/plain", SPAN("no row of the script"), NULL);
    if (s.on_asked != NULL)
        s.on_asked();
}

static inline void give_up(void *arg)
{
    (void)arg;
    fprintf(stderr, "the test took too long\n");
    abort();
}

static inline void stop(void)
{
    loop_stop(s.loop);
}

static inline void stop_loop(void *arg)
{
    loop_stop(arg);
}

static inline void run_for(int64_t ms)
{
    struct loop_timer *timer = loop_timer_new(s.loop, stop_loop, s.loop);

    loop_timer_set(timer, ms);
    loop_run(s.loop);
    loop_timer_free(timer);
}

/* Sets a variable for what is tested: "AWS_X=%s". */
__attribute__((format(printf, 1, 2))) static inline void set(const char *format, ...)
{
    struct buf text;
    va_list args;

    assert_true(s.n_environment < STAND_IN_ENVIRONMENT);
    buf_init(&text, 4096);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    s.environment[s.n_environment++] = buf_take(&text);
}

static inline char *path_in_folder(const char *name)
{
    return mem_printf("%s/%s", s.folder, name);
}

static inline void write_file(const char *name, const char *text)
{
    char *path = path_in_folder(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* No configuration of this machine's is seen: HOME is an empty folder. */
static inline void begin(const struct scripted *script)
{
    struct http_server_options options = {
        .listen = "127.0.0.1:0", .listen_fd = -1, .on_request = answer};
    struct fail fail;
    char *path;

    memset(&s, 0, sizeof(s));
    s.script = script;
    assert_int_equal(loop_new(&s.loop, &fail), ERR_NONE);
    assert_int_equal(http_client_new(s.loop, "roster/test", &s.client, &fail), ERR_NONE);
    if (http_server_new(s.loop, &options, &s.server, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
    snprintf(s.url, sizeof(s.url), "http://%s", http_server_address(s.server));
    s.guard = loop_timer_new(s.loop, give_up, NULL);
    loop_timer_set(s.guard, STAND_IN_GUARD_MS);
    snprintf(s.folder, sizeof(s.folder), "/tmp/roster-aws-XXXXXX");
    assert_non_null(mkdtemp(s.folder));
    path = path_in_folder(".aws");
    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
    set("HOME=%s", s.folder);
}

static inline void remove_file(const char *name)
{
    char *path = path_in_folder(name);

    (void)remove(path);
    free(path);
}

static inline void end(void)
{
    static const char *const files[] = {
        ".aws/config", ".aws/credentials", "token", "process", "other", ".aws", ""};

    http_client_free(s.client);
    http_server_free(s.server);
    loop_timer_free(s.guard);
    loop_free(s.loop);
    for (size_t i = 0; i < s.n_asked; i++) {
        struct asked *a = &s.asked[i];
        char *const texts[] = {a->method, a->path, a->query, a->body,   a->authorization, a->token,
                               a->date,   a->host, a->type,  a->target, a->metadata_token};

        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
            free(texts[k]);
    }
    for (size_t i = 0; i < s.n_environment; i++)
        free(s.environment[i]);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        remove_file(files[i]);
}

static inline const char *const *environment(void)
{
    return (const char *const *)s.environment;
}

/* "2026-05-04T08:00:01.234Z", so many milliseconds from now; the caller frees. */
static inline char *time_from_now(int64_t ms)
{
    struct buf text;

    buf_init(&text, 64);
    time_add_ms(&text, clock_wall_ms() + ms);
    return buf_take(&text);
}

/* A whole answer with a date of its own, for RAW; the caller frees. */
static inline char *raw_answer(int status, const char *date, const char *body)
{
    return mem_printf("HTTP/1.1 %d X\r\nDate: %s\r\nContent-Length: %zu\r\n\r\n%s", status, date,
                      strlen(body), body);
}

static inline char *credentials_json(const char *id, int64_t lifetime_ms)
{
    char *until = time_from_now(lifetime_ms);
    char *text = mem_printf("{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"%s\","
                            "\"SecretAccessKey\":\"secret-of-%s\",\"Token\":\"token-of-%s\","
                            "\"Expiration\":\"%s\"}",
                            id, id, id, until);

    free(until);
    return text;
}

static inline char *credentials_xml(const char *action, const char *id, int64_t lifetime_ms)
{
    char *until = time_from_now(lifetime_ms);
    char *text = mem_printf(
        "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult><Credentials>"
        "<AccessKeyId>%s</AccessKeyId><SecretAccessKey>secret-of-%s</SecretAccessKey>"
        "<SessionToken>token-of-%s</SessionToken><Expiration>%s</Expiration></Credentials>"
        "</%sResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></%sResponse>",
        action, action, id, id, id, until, action, action);

    free(until);
    return text;
}

#endif
