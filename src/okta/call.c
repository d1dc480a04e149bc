#include "okta/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "okta/answer.h"
#include "text/json.h"
#include "text/link.h"
#include "text/time.h"
#include "text/url.h"

enum { HOST_SHOWN = 100 };

/* Lists */

void call_list_add(struct call_list *list, struct okta_call *call)
{
    call->list = list;
    call->prev = list->last;
    call->next = NULL;
    if (list->last != NULL)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
}

/* before == NULL: at the end */
static void add_before(struct call_list *list, struct okta_call *before, struct okta_call *call)
{
    if (before == NULL) {
        call_list_add(list, call);
        return;
    }
    call->list = list;
    call->prev = before->prev;
    call->next = before;
    if (before->prev != NULL)
        before->prev->next = call;
    else
        list->first = call;
    before->prev = call;
}

void call_list_add_first(struct call_list *list, struct okta_call *call)
{
    add_before(list, list->first, call);
}

void call_list_add_due(struct call_list *list, struct okta_call *call)
{
    struct okta_call *before = list->first;

    while (before != NULL && before->due_ms <= call->due_ms)
        before = before->next;
    add_before(list, before, call);
}

void call_list_remove(struct okta_call *call)
{
    struct call_list *list = call->list;

    if (list == NULL)
        return;
    if (call->prev != NULL)
        call->prev->next = call->next;
    else
        list->first = call->next;
    if (call->next != NULL)
        call->next->prev = call->prev;
    else
        list->last = call->prev;
    call->list = NULL;
    call->prev = call->next = NULL;
}

/* Life */

struct okta_call *call_new(const struct okta_ask *ask, char *url, size_t origin_n)
{
    struct okta_call *call = mem_new(1, sizeof(*call));

    *call = (struct okta_call){
        .method = mem_dup_str(ask->method),
        .url = url,
        .path = {url + origin_n, strlen(url) - origin_n},
        .is_get = strcmp(ask->method, "GET") == 0,
        .is_lean = ask->is_lean,
        .answer_limit = ask->answer_limit > 0 ? ask->answer_limit : OKTA_ANSWER_LIMIT,
        .total_ms = ask->total_ms,
    };
    if (!call->is_get) {
        call->body = mem_dup(ask->body);
        call->n_body = ask->body.n;
    }
    call->bucket = rate_bucket_of(call->path);
    return call;
}

void call_free(struct okta_call *call)
{
    /* The body may hold the hook's secret. */
    if (call->body != NULL)
        explicit_bzero(call->body, call->n_body);
    free(call->body);
    free(call->method);
    free(call->url);
    free(call);
}

/* Judgement */

struct rate_headers call_rate_headers(const struct http_answer *answer, int64_t skew_ms)
{
    struct rate_headers h = {
        .limit = rate_number(http_answer_header(answer, "X-Rate-Limit-Limit")),
        .remaining = rate_number(http_answer_header(answer, "X-Rate-Limit-Remaining")),
        .reset_s = rate_number(http_answer_header(answer, "X-Rate-Limit-Reset")),
        .is_throttled = answer->status == 429,
    };

    if (!time_parse_http(http_answer_header(answer, "Date"), &h.date_ms))
        h.date_ms = clock_wall_ms() + skew_ms;
    return h;
}

static struct span shown(struct span path)
{
    return (struct span){path.p, span_find(path, '?')};
}

static enum err foreign_page(const struct okta_call *call, struct span next, struct fail *fail)
{
    struct span host = SPAN("somewhere else");
    struct url url;

    if (url_parse(next, &url, NULL) == ERR_NONE)
        host = url.host.n <= HOST_SHOWN ? url.host : (struct span){url.host.p, HOST_SHOWN};
    return fail_set(fail, ERR_DENIED,
                    "Okta: %s %.*s: its next page is on %.*s and not on %s, where alone the "
                    "credentials may go; set [OKTA] ORG_URL to the address that the org gives "
                    "itself",
                    call->method, SPAN_ARG(shown(call->path)), SPAN_ARG(host),
                    okta_api_origin(call->api));
}

static enum err next_page(const struct okta_call *call, const struct http_answer *answer,
                          struct span *out, struct fail *fail)
{
    struct span header, next = {0};
    enum link_found found = LINK_NONE;

    /* Okta gives each relation a line of its own; proxies join them. */
    for (size_t i = 0; found == LINK_NONE; i++) {
        header = http_answer_header_at(answer, "Link", i);
        if (header.p == NULL)
            break;
        found = link_find(header, SPAN("next"), &next);
    }
    if (found == LINK_BROKEN)
        return fail_set(fail, ERR_IO, "Okta: %s %.*s: its Link header is not well-formed",
                        call->method, SPAN_ARG(shown(call->path)));
    if (found == LINK_FOUND && !okta_api_owns(call->api, next))
        return foreign_page(call, next, fail);
    *out = next;
    return ERR_NONE;
}

/* A page of a gateway, or an answer that was cut where a connection ends it: both pass. */
static enum err json_check(const struct okta_call *call, const struct http_answer *answer,
                           struct fail *fail)
{
    struct span body = span_trim(answer->body);
    struct json_value root;
    struct fail why;

    if (body.n > 0 && body.p[0] != '{' && body.p[0] != '[')
        return fail_set(fail, ERR_IO,
                        "Okta: %s %.*s: %d with something else than JSON: is "
                        "[OKTA] ORG_URL right, and no other server between?",
                        call->method, SPAN_ARG(shown(call->path)), answer->status);
    if (json_scan(body, OKTA_ANSWER_DEPTH, &root, &why) != ERR_NONE)
        return fail_set(fail, ERR_IO, "Okta: %s %.*s: %d, but %s", call->method,
                        SPAN_ARG(shown(call->path)), answer->status, why.text);
    return ERR_NONE;
}

/* ERR_NONE, or what is wrong with the answer as a whole. */
static enum err judge(struct okta_call *call, const struct http_answer *answer, bool is_api_token,
                      struct okta_answer *out, struct fail *fail)
{
    struct answer_facts facts = {
        .method = call->method,
        .path = call->path,
        .is_read = call->is_get,
        .is_api_token = is_api_token,
        .status = answer->status,
        .body = answer->body,
        .authenticate = http_answer_header(answer, "WWW-Authenticate"),
        .request_id = http_answer_header(answer, "X-Okta-Request-Id"),
    };
    enum err err = answer->err;

    if (err == ERR_UNCLEAR && call->is_get && !answer->is_too_large)
        err = ERR_IO; /* reading again does no harm */
    if (err != ERR_NONE)
        return fail_set(fail, err, "Okta: %s %.*s: %s", call->method, SPAN_ARG(shown(call->path)),
                        answer->text);
    err = answer_judge(&facts, fail);
    if (err != ERR_NONE)
        return err;
    if (!call->is_get)
        return ERR_NONE;
    err = json_check(call, answer, fail);
    if (err != ERR_NONE)
        return err;
    return next_page(call, answer, &out->next, fail);
}

/* RFC 9449 9: the resource server wants a nonce in the proof. */
static bool is_challenge(const struct http_answer *answer, const struct fail *fail)
{
    struct span challenge = http_answer_header(answer, "WWW-Authenticate");

    return answer->err == ERR_NONE && (answer->status == 401 || answer->status == 400) &&
           (strcmp(fail->code, "use_dpop_nonce") == 0 ||
            (challenge.n > 0 && memmem(challenge.p, challenge.n, "use_dpop_nonce", 14) != NULL));
}

static int64_t backoff(const struct okta_call *call, int64_t backoff_ms)
{
    int64_t most_ms = backoff_ms << (call->failures - 1);

    /* Full jitter: those that failed together do not come back together. */
    return (int64_t)random_below(
        (uint64_t)(most_ms < OKTA_BACKOFF_MAX_MS ? most_ms : OKTA_BACKOFF_MAX_MS) + 1);
}

enum call_fate call_judge(struct okta_call *call, const struct http_answer *answer,
                          int64_t backoff_ms, bool is_api_token, bool is_new_nonce,
                          struct okta_answer *out, struct fail *fail)
{
    enum err err;

    *out = (struct okta_answer){.status = answer->status, .body = answer->body};
    err = judge(call, answer, is_api_token, out, fail);
    if (is_new_nonce && !call->is_challenged && is_challenge(answer, fail)) {
        call->is_challenged = true;
        return CALL_AGAIN;
    }
    if (err == ERR_DENIED && answer->status == 401 && !is_api_token && !call->is_renewed) {
        call->is_renewed = true;
        return CALL_REJECTED;
    }
    if (err == ERR_BUSY && answer->status == 429 && ++call->throttles < OKTA_TRIES)
        return CALL_AGAIN;
    if (((err == ERR_BUSY && answer->status != 429) || err == ERR_IO) &&
        ++call->failures < OKTA_TRIES) {
        call->due_ms = clock_mono_ms() + fail->retry_ms + backoff(call, backoff_ms);
        return CALL_LATER;
    }
    out->err = err;
    out->fail = err == ERR_NONE ? NULL : fail;
    return CALL_DONE;
}
