/* HTTP client: libcurl's multi interface on the loop; connections are kept and used again,
 * certificates verified, redirects not followed, proxies as in the environment (never for loopback
 * and credential addresses). Plain http is refused but for loopback, and for the fixed credential
 * addresses and one host more when asked. On the loop only. */
#ifndef ROSTER_NET_HTTP_CLIENT_H
#define ROSTER_NET_HTTP_CLIENT_H

#include "base/err.h"
#include "base/span.h"
#include "net/loop.h"

struct http_client;
struct http_call;

struct http_header {
    const char *name, *value;
};

struct http_ask {
    const char *method;
    const char *url; /* sent exactly as written: what was signed is what goes out */
    const struct http_header *headers;
    size_t n_headers;
    struct span body;          /* copied */
    bool has_body;             /* false: neither body nor Content-Length */
    long connect_ms, total_ms; /* 0 = 3,100 and 30,000; total_ms below 0 = as long as it takes */
    size_t answer_limit;       /* bytes of the answer's body; 0 = 8 MiB; more is a failure */
    bool is_for_credentials;   /* plain http to 169.254.169.254, 169.254.170.2, .23, fd00:ec2::23,
                                  ::254 is accepted */
    const char *plain_host;    /* plain http to this "HOST:PORT" is accepted; NULL = none */
};

struct http_answer {
    enum err err; /* ERR_NONE: there is a whole answer, of whatever status. ERR_IO: nothing was sent
                     (name, connection, TLS). ERR_UNCLEAR: sent, or perhaps, and no whole answer.
                     ERR_INPUT: refused here */
    const char *text; /* what happened, when err is not ERR_NONE */
    int status;
    struct span body;  /* NUL-terminated */
    bool is_too_large; /* it passed answer_limit (err is ERR_UNCLEAR): asking again is vain */
    const struct http_call *call;
    long elapsed_us;
};

enum err http_client_new(struct loop *loop, const char *user_agent, struct http_client **out,
                         struct fail *fail) WARN_UNUSED;
/* Drops the calls under way without calling back. NULL is fine. */
void http_client_free(struct http_client *client);
/* Connections to one host at a time, default 8. */
void http_client_limit(struct http_client *client, long connections);
/* Closes the connections that are kept: after a long standstill of the whole process they are dead,
 * and to find that out costs a request that may not be repeated. Does nothing while a call is under
 * way. */
void http_client_drop_kept(struct http_client *client);
/* Starts a call; done is called once, on the loop, never from inside http_ask. The answer is
 * borrowed for its time. The call may be cancelled until then. */
struct http_call *http_ask(struct http_client *client, const struct http_ask *ask,
                           void (*done)(void *arg, const struct http_answer *answer), void *arg);
/* No callback will come. NULL is fine. */
void http_cancel(struct http_call *call);
/* The answer's header (name in any case), the last one when repeated; p == NULL when absent. */
struct span http_answer_header(const struct http_answer *answer, const char *name);
/* The i-th (from 0) of the answer's headers of that name; p == NULL behind the last. */
struct span http_answer_header_at(const struct http_answer *answer, const char *name, size_t i);

#endif
