#include "aws/signed.h"

#include <stdlib.h>

#include "base/arena.h"
#include "crypt/sigv4.h"
#include "text/time.h"
#include "text/url.h"

enum { URL_LIMIT = 64 * 1024, DATE_LIMIT = 32, AUTHORIZATION_LIMIT = 8 * 1024, HEADERS_MAX = 8 };

struct draft {
    struct arena arena;
    struct buf url, authorization, date;
    struct span path; /* in url: with the endpoint's own part */
    struct http_header headers[HEADERS_MAX];
    size_t n_headers;
};

static void add_header(struct draft *d, const char *name, const char *value)
{
    d->headers[d->n_headers++] = (struct http_header){name, value};
}

/* What a client writes into Host, so what the signature must name: with the port only when it is
 * not the scheme's. */
static const char *host_of(struct draft *d, const struct url *url)
{
    bool is_plain = span_eq_nocase(url->scheme, SPAN("http"));
    const char *open = url->is_ipv6 ? "[" : "", *close = url->is_ipv6 ? "]" : "";

    if (url->port == (is_plain ? 80U : 443U))
        return arena_printf(&d->arena, "%s%.*s%s", open, SPAN_ARG(url->host), close);
    return arena_printf(&d->arena, "%s%.*s%s:%u", open, SPAN_ARG(url->host), close, url->port);
}

static void sign(struct draft *d, const struct signed_ask *ask)
{
    struct sigv4_header headers[HEADERS_MAX];
    struct sigv4_request request = {.method = span_of(ask->method),
                                    .path = d->path,
                                    .query = ask->query,
                                    .body = ask->body,
                                    .headers = headers};
    struct sigv4_scope scope = {secret_span(&ask->credentials->access_key),
                                secret_span(&ask->credentials->secret_key), ask->region,
                                ask->service, ask->now_ms};

    time_add_basic(&d->date, ask->now_ms);
    add_header(d, "X-Amz-Date", d->date.p);
    if (secret_is_set(&ask->credentials->token))
        add_header(d, "X-Amz-Security-Token", ask->credentials->token.p);
    for (size_t i = 0; i < d->n_headers; i++)
        headers[request.n_headers++] =
            (struct sigv4_header){span_of(d->headers[i].name), span_of(d->headers[i].value)};
    sigv4_add_authorization(&d->authorization, &request, &scope);
    add_header(d, "Authorization", d->authorization.p);
}

static void write_draft(struct draft *d, const struct signed_ask *ask)
{
    struct url url = {0};
    size_t path_at;

    buf_add_str(&d->url, ask->endpoint);
    path_at = url_parse(buf_span(&d->url), &url, NULL) == ERR_NONE ? (size_t)(url.path.p - d->url.p)
                                                                   : d->url.n;
    add_header(d, "Host", host_of(d, &url));
    buf_add(&d->url, ask->path);
    d->path = (struct span){d->url.p + path_at, d->url.n - path_at};
    if (ask->query.n > 0) {
        size_t n = d->path.n;

        buf_add_char(&d->url, '?');
        buf_add(&d->url, ask->query);
        d->path = (struct span){d->url.p + path_at, n};
    }
    if (ask->content_type != NULL)
        add_header(d, "Content-Type", ask->content_type);
    if (ask->target != NULL)
        add_header(d, "X-Amz-Target", ask->target);
    if (ask->credentials != NULL)
        sign(d, ask);
}

struct http_call *signed_send(struct http_client *client, const struct signed_ask *ask,
                              void (*done)(void *arg, const struct http_answer *answer), void *arg)
{
    struct draft d = {0};
    struct http_ask http;
    struct http_call *call;

    buf_init(&d.url, URL_LIMIT);
    buf_init(&d.authorization, AUTHORIZATION_LIMIT);
    buf_init(&d.date, DATE_LIMIT);
    write_draft(&d, ask);
    http = (struct http_ask){.method = ask->method,
                             .url = d.url.full ? "" : d.url.p, /* refused by the client */
                             .headers = d.headers,
                             .n_headers = d.n_headers,
                             .body = ask->body,
                             .has_body = ask->content_type != NULL,
                             .total_ms = ask->total_ms,
                             .answer_limit = ask->answer_limit};
    call = http_ask(client, &http, done, arg);
    buf_done(&d.date);
    buf_done(&d.authorization);
    buf_done(&d.url);
    arena_done(&d.arena);
    return call;
}
