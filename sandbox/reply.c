#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

enum { HANG_MS = 300000, HEADERS = 16, HEADER_LIMIT = 16384, DATE = 64, LEAST_PROMISED = 64 };

struct reply {
    struct reply *next, **link;
    struct http_exchange *x;
    struct loop_timer *timer;
    int status;
    const char *type;
    char *body;
    size_t n;
    bool is_cut;
    char *headers[HEADERS + 1];
    size_t n_headers;
};

static void reply_free(struct reply *r)
{
    if (r->link != NULL) {
        *r->link = r->next;
        if (r->next != NULL)
            r->next->link = r->link;
    }
    loop_timer_free(r->timer);
    for (size_t i = 0; i < r->n_headers; i++)
        free(r->headers[i]);
    free(r->body);
    free(r);
}

void replies_drop(struct replies *waiting)
{
    while (waiting->first != NULL)
        reply_free(waiting->first);
}

static void set_body(struct reply *r, char *body)
{
    free(r->body);
    r->body = body;
    r->n = body == NULL ? 0 : strlen(body);
}

struct reply *reply_new(struct http_exchange *x, int status, const char *type, char *body)
{
    struct reply *r = mem_new(1, sizeof *r);

    r->x = x;
    r->status = status;
    r->type = type;
    set_body(r, body);
    return r;
}

void reply_header(struct reply *reply, const char *format, ...)
{
    struct buf line;
    va_list args;

    if (reply->n_headers == HEADERS)
        return;
    buf_init(&line, HEADER_LIMIT);
    va_start(args, format);
    buf_vprintf(&line, format, args);
    va_end(args);
    reply->headers[reply->n_headers++] = buf_take(&line);
}

void reply_date(struct reply *reply, int64_t wall_ms)
{
    time_t s = (time_t)(wall_ms / MS_PER_S);
    char text[DATE];
    struct tm parts;

    gmtime_r(&s, &parts);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    reply_header(reply, "Date: %s", text);
}

/* A good answer of which less arrives than its header says. */
static void cut_in_half(struct reply *r)
{
    char *text = mem_printf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
                            r->type == NULL ? "application/json" : r->type,
                            r->n == 0 ? (size_t)LEAST_PROMISED : r->n);

    for (size_t i = 0; i < r->n_headers; i++) {
        char *longer = mem_printf("%s%s\r\n", text, r->headers[i]);

        free(text);
        text = longer;
    }
    set_body(r, mem_printf("%s\r\n%.*s", text, (int)(r->n / 2), r->body == NULL ? "" : r->body));
    free(text);
    r->is_cut = true;
}

static void spoil(struct reply *r, const struct fault *fault)
{
    switch (fault->way) {
    case FAULT_CUT:
    case FAULT_DONE_CUT:
    case FAULT_HANG:
        r->is_cut = true;
        r->n = 0;
        break;
    case FAULT_HALF:
        cut_in_half(r);
        break;
    case FAULT_EMPTY:
        r->n = 0;
        break;
    case FAULT_GARBAGE:
        if (r->n < 4)
            set_body(r, mem_dup_str("<html></html>"));
        else
            r->n /= 2;
        break;
    case FAULT_HTML:
        r->type = "text/html";
        set_body(r, mem_printf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n"
                               "<center><h1>%s</h1></center>\r\n</body>\r\n</html>\r\n",
                               fault->message, fault->message));
        break;
    case FAULT_ANSWER:
    case FAULT_SLOW:
    case FAULT_EMPTY_PAGE:
    case FAULT_SHORT_PAGE:
    case FAULT_FOREIGN:
    case FAULT_PARTIAL:
    case FAULT_PARTIAL_SENDER:
        break;
    }
}

static void send_now(void *arg)
{
    struct reply *r = arg;

    if (r->is_cut)
        http_abort(r->x, span_n(r->body, r->n));
    else
        http_reply(r->x, r->status, r->n == 0 ? NULL : r->type, span_n(r->body, r->n),
                   (const char *const *)r->headers);
    reply_free(r);
}

void reply_send(struct reply *reply, struct replies *waiting, struct loop *loop,
                const struct fault *fault, const char *code, int64_t delay_ms)
{
    bool is_spoiled = fault != NULL && (code == NULL || !fault_is_late(fault));
    bool is_hanging = is_spoiled && fault->way == FAULT_HANG;

    if (is_spoiled)
        spoil(reply, fault);
    if (!is_hanging && !(is_spoiled && fault->way == FAULT_SLOW)) {
        send_now(reply);
        return;
    }
    reply->next = waiting->first;
    reply->link = &waiting->first;
    if (reply->next != NULL)
        reply->next->link = &reply->next;
    waiting->first = reply;
    reply->timer = loop_timer_new(loop, send_now, reply);
    loop_timer_set(reply->timer, is_hanging ? HANG_MS : delay_ms);
}

void reply_note(struct calls *calls, size_t entry, int status, const char *code,
                const struct fault *fault, const char *service)
{
    struct call_entry *e = calls_at(calls, entry);

    if (e == NULL)
        return;
    e->is_done = code == NULL;
    e->status = status;
    e->code = code;
    if (fault != NULL)
        e->fault = fault->name;
    if (fault != NULL && e->is_done && fault->code != NULL) {
        e->code = fault->code;
        e->status = fault->status;
    }
    if (service != NULL)
        fprintf(stderr, "%s%s %s -> %d%s%s%s%s\n", service, e->operation,
                e->user == NULL ? "-" : e->user, e->status, e->code == NULL ? "" : " ",
                e->code == NULL ? "" : e->code,
                e->fault == NULL ? "" : " fault=", e->fault == NULL ? "" : e->fault);
}
