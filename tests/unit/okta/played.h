/* An Okta org on loopback that answers by script, and what a test needs to run an API client
 * against it, on one loop. */
#ifndef ROSTER_TESTS_OKTA_PLAYED_H
#define ROSTER_TESTS_OKTA_PLAYED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/http_server.h"
#include "okta/api.h"

enum { PLAYED_REQUESTS = 64, PLAYED_TEXT = 4096, PLAYED_ANSWER = 2 * 1024 * 1024 };

enum played_deed { PLAYED_REPLIES, PLAYED_CUTS, PLAYED_HOLDS };

/* One answer, given once; to the first request that it fits. */
struct played_step {
    const char
        *want; /* "GET /api/v1/users?limit=1", its beginning when it ends in '*'; NULL: any */
    int status;
    const char *headers[6];
    const char *body; /* "{O}" becomes the org's origin and "{P}" its port, also in headers */
    enum played_deed deed;
    bool is_used;
};

struct played_request {
    char line[PLAYED_TEXT]; /* "GET /path?query" */
    char authorization[PLAYED_TEXT], dpop[PLAYED_TEXT], type[256], body[PLAYED_TEXT];
    int64_t ms; /* clock_mono_ms() */
};

static struct played {
    struct loop *loop;
    struct http_client *client;
    struct http_server *server;
    struct okta_api *api;
    char origin[64];
    struct played_step *steps;
    size_t n_steps;
    struct played_request requests[PLAYED_REQUESTS];
    size_t n_requests, stop_at; /* stops the loop at that many */
    char unexpected[PLAYED_TEXT];
    unsigned n_waits; /* that were told, and the last of them */
    int64_t wait_ms;
    /* When set, takes a request before the steps do; false leaves it to them. */
    bool (*before)(struct http_exchange *x, const struct played_request *r);
} played;

static inline bool played_fits(const struct played_step *step, const char *line)
{
    size_t n = step->want == NULL ? 0 : strlen(step->want);

    if (step->is_used)
        return false;
    if (step->want == NULL)
        return true;
    return step->want[n - 1] == '*' ? strncmp(step->want, line, n - 1) == 0
                                    : strcmp(step->want, line) == 0;
}

static inline char *played_filled(const char *text)
{
    struct buf out;

    buf_init(&out, PLAYED_ANSWER);
    for (; text != NULL && *text != '\0'; text++) {
        if (strncmp(text, "{O}", 3) == 0) {
            buf_add_str(&out, played.origin);
            text += 2;
        } else if (strncmp(text, "{P}", 3) == 0) {
            buf_add_str(&out, strrchr(played.origin, ':') + 1);
            text += 2;
        } else {
            buf_add_char(&out, *text);
        }
    }
    return buf_take(&out);
}

static inline void played_reply(struct http_exchange *x, const struct played_step *step)
{
    char *body = played_filled(step->body), *headers[7] = {NULL};
    size_t n = 0;

    for (; n < 6 && step->headers[n] != NULL; n++)
        headers[n] = played_filled(step->headers[n]);
    if (step->deed == PLAYED_CUTS)
        http_abort(x, SPAN("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":"));
    else
        http_reply(x, step->status == 0 ? 200 : step->status, "application/json", span_of(body),
                   (const char *const *)headers);
    for (size_t i = 0; i < n; i++)
        free(headers[i]);
    free(body);
}

static inline void played_copy(char *out, size_t size, struct span text)
{
    snprintf(out, size, "%.*s", SPAN_ARG(text));
}

static inline void played_on_request(void *arg, struct http_exchange *x)
{
    struct played_request *r = &played.requests[played.n_requests % PLAYED_REQUESTS];
    struct span query = http_query(x);

    (void)arg;
    played.n_requests++;
    snprintf(r->line, sizeof(r->line), "%.*s %.*s%s%.*s", SPAN_ARG(http_method(x)),
             SPAN_ARG(http_path(x)), query.n > 0 ? "?" : "", SPAN_ARG(query));
    played_copy(r->authorization, sizeof(r->authorization),
                http_header(x, SPAN("Authorization"), NULL));
    played_copy(r->dpop, sizeof(r->dpop), http_header(x, SPAN("DPoP"), NULL));
    played_copy(r->type, sizeof(r->type), http_header(x, SPAN("Content-Type"), NULL));
    played_copy(r->body, sizeof(r->body), http_body(x));
    r->ms = clock_mono_ms();
    if (played.n_requests == played.stop_at)
        loop_stop(played.loop);
    if (played.before != NULL && played.before(x, r))
        return;
    for (size_t i = 0; i < played.n_steps; i++)
        if (played_fits(&played.steps[i], r->line)) {
            played.steps[i].is_used = true;
            if (played.steps[i].deed != PLAYED_HOLDS)
                played_reply(x, &played.steps[i]);
            return;
        }
    snprintf(played.unexpected, sizeof(played.unexpected), "%s", r->line);
    http_reply(x, 400, "application/json", SPAN("{\"errorCode\":\"unexpected\"}"), NULL);
}

static inline void played_fail(void *arg)
{
    (void)arg;
    fail_msg("it takes too long; unexpected: '%s', %zu requests", played.unexpected,
             played.n_requests);
}

/* The org only; the API client is the test's to make. */
static inline void played_open(struct played_step *steps, size_t n_steps)
{
    struct http_server_options options = {
        .listen = "127.0.0.1:0", .listen_fd = -1, .on_request = played_on_request};
    struct fail fail;

    memset(&played, 0, sizeof(played));
    played.steps = steps;
    played.n_steps = n_steps;
    assert_int_equal(loop_new(&played.loop, &fail), ERR_NONE);
    assert_int_equal(http_server_new(played.loop, &options, &played.server, &fail), ERR_NONE);
    assert_int_equal(http_client_new(played.loop, "roster-test", &played.client, &fail), ERR_NONE);
    snprintf(played.origin, sizeof(played.origin), "http://%s", http_server_address(played.server));
}

static inline void played_waits(void *arg, int64_t wait_ms)
{
    (void)arg;
    played.n_waits++;
    played.wait_ms = wait_ms;
}

/* With a client that has an API token and hardly waits after failures. */
static inline void played_start(struct played_step *steps, size_t n_steps)
{
    struct okta_api_options options = {
        .credentials = {.api_token = SPAN("token")}, .backoff_ms = 2, .waits = played_waits};
    struct fail fail;

    played_open(steps, n_steps);
    options.org_url = span_of(played.origin);
    assert_int_equal(okta_api_new(played.loop, played.client, &options, &played.api, &fail),
                     ERR_NONE);
}

/* Until something calls loop_stop. */
static inline void played_run(void)
{
    struct loop_timer *timer = loop_timer_new(played.loop, played_fail, NULL);

    loop_timer_set(timer, 20000);
    loop_run(played.loop);
    loop_timer_free(timer);
}

/* Until so many requests have come in all. */
static inline void played_run_until(size_t n_requests)
{
    if (played.n_requests >= n_requests)
        return;
    played.stop_at = n_requests;
    played_run();
}

static inline void played_stop(void *arg)
{
    (void)arg;
    loop_stop(played.loop);
}

static inline void played_run_ms(int64_t ms)
{
    struct loop_timer *timer = loop_timer_new(played.loop, played_stop, NULL);

    loop_timer_set(timer, ms);
    played_run();
    loop_timer_free(timer);
}

/* Everything was asked for that was to be, and nothing else. */
static inline void played_end(void)
{
    okta_api_free(played.api);
    http_client_free(played.client);
    http_server_free(played.server);
    loop_free(played.loop);
    if (played.unexpected[0] != '\0')
        fail_msg("unexpected: %s", played.unexpected);
    for (size_t i = 0; i < played.n_steps; i++)
        if (!played.steps[i].is_used)
            fail_msg("never asked: %s", played.steps[i].want);
}

#define PLAYED_STEPS(steps) (steps), sizeof(steps) / sizeof((steps)[0])

#endif
