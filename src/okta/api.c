/* A call waits in the list of its rate limit's bucket, is under way, or is delayed after a failure;
 * `pump` sends what may be sent, and every event only asks for it to be run, from the loop. So no
 * callback of ours ever runs inside another. */
#include "okta/api.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "okta/auth.h"
#include "okta/call.h"
#include "okta/origin.h"
#include "text/time.h"

enum { SEEN_MAX = 64, SEEN_PATH_MAX = 160, URL_MAX_BYTES = 8192, DATE_GRAIN_MS = 1500 };

struct okta_api {
    struct loop *loop;
    struct http_client *client;
    struct origin org;
    unsigned share;
    int64_t backoff_ms, skew_ms;
    int64_t told_less_boot_ms; /* Okta's clock less clock_boot_ms, once it has told */
    bool has_told;
    bool manages_event_hooks;

    struct auth *auth;
    struct rate rates[RATE_BUCKETS];
    struct call_list waiting[RATE_BUCKETS], delayed, under_way, refused;
    unsigned n_under_way, turn;
    struct loop_timer *timer;
    bool wants_pump;
    void (*waits)(void *arg, int64_t wait_ms);
    void *waits_arg;
    int64_t told_until_ms; /* of clock_mono_ms: the end of the wait that was told last */

    struct okta_api_health health;
    struct {
        char path[SEEN_PATH_MAX];
        int64_t ms;
    } seen[SEEN_MAX]; /* a ring */
    size_t n_seen;
};

static void pump_soon(void *arg)
{
    struct okta_api *api = arg;

    api->wants_pump = true;
    loop_timer_set(api->timer, 0);
}

/* The end of a call */

static void finish(struct okta_call *call, const struct okta_answer *answer)
{
    struct okta_api *api = call->api;

    if (answer->err == ERR_NONE || answer->err == ERR_NOT_FOUND) {
        api->health.good_ms = clock_wall_ms();
    } else {
        api->health.bad_ms = clock_wall_ms();
        api->health.failure = *answer->fail;
    }
    call_list_remove(call);
    call->done(call->arg, answer);
    call_free(call);
}

static void finish_with(struct okta_call *call, const struct fail *fail)
{
    struct okta_answer answer = {.err = fail->err, .fail = fail, .body = SPAN("")};

    finish(call, &answer);
}

static void remember(struct okta_api *api, struct span path, struct span body)
{
    size_t i = api->n_seen % SEEN_MAX;

    if (path.n >= SEEN_PATH_MAX || span_eq(span_trim(body), SPAN("[]")))
        return;
    api->n_seen++;
    memcpy(api->seen[i].path, path.p, path.n);
    api->seen[i].path[path.n] = '\0';
    api->seen[i].ms = clock_mono_ms();
}

static void forget(struct okta_api *api, struct span path)
{
    for (size_t i = 0; i < SEEN_MAX; i++)
        if (span_eq(span_of(api->seen[i].path), path))
            api->seen[i].path[0] = '\0';
}

bool okta_api_has_seen(const struct okta_api *api, struct span path, int64_t within_ms)
{
    int64_t since_ms = clock_mono_ms() - within_ms;

    for (size_t i = 0; i < SEEN_MAX && i < api->n_seen; i++)
        if (api->seen[i].ms >= since_ms && span_eq(span_of(api->seen[i].path), path))
            return true;
    return false;
}

/* Dates are cut to whole seconds, and answers take their time: of guesses that differ by no more,
 * the greatest is the closest. */
static void learn_date(struct okta_api *api, int64_t date_ms)
{
    int64_t skew_ms = date_ms - clock_wall_ms();

    if (skew_ms > api->skew_ms || api->skew_ms - skew_ms > DATE_GRAIN_MS)
        api->skew_ms = skew_ms;
    api->told_less_boot_ms = clock_wall_ms() + api->skew_ms - clock_boot_ms();
    api->has_told = true;
}

/* What every answer teaches, whatever its status. */
static void learn(struct okta_api *api, const struct okta_call *call,
                  const struct http_answer *answer)
{
    struct rate_headers h = call_rate_headers(answer, api->skew_ms);
    int64_t date_ms;

    rate_answered(&api->rates[call->bucket], answer->err == ERR_NONE ? &h : NULL, clock_mono_ms());
    if (time_parse_http(http_answer_header(answer, "Date"), &date_ms))
        learn_date(api, date_ms);
    if (answer->err == ERR_NONE && answer->status == 429)
        api->health.throttled++;
    api->health.broken += answer->err != ERR_NONE || answer->status >= 500;
}

static void on_answer(void *arg, const struct http_answer *http)
{
    struct okta_call *call = arg;
    struct okta_api *api = call->api;
    struct rate *rate = &api->rates[call->bucket];
    bool is_new_nonce = auth_set_nonce(api->auth, http_answer_header(http, "DPoP-Nonce"));
    struct okta_answer answer;
    struct fail fail = {0};
    enum call_fate fate;

    call->http = NULL;
    call_list_remove(call);
    api->n_under_way--;
    learn(api, call, http);
    fate = call_judge(call, http, api->backoff_ms, auth_is_api_token(api->auth), is_new_nonce,
                      &answer, &fail);
    if (fate == CALL_REJECTED)
        (void)auth_reject(api->auth, call->token_number);
    api->health.repeated += fate != CALL_DONE;
    if (fate == CALL_LATER) {
        call_list_add_due(&api->delayed, call);
    } else if (fate != CALL_DONE) {
        call_list_add_first(&api->waiting[call->bucket], call);
    } else {
        if (answer.err == ERR_BUSY && rate->closed_until_ms > clock_mono_ms())
            fail.retry_ms = (long)(rate->closed_until_ms - clock_mono_ms());
        if (answer.err == ERR_NONE && call->is_get)
            remember(api, call->path, answer.body);
        else if (answer.err == ERR_NOT_FOUND && call->is_get)
            forget(api, call->path);
        finish(call, &answer);
    }
    pump_soon(api);
}

/* Sending */

static void send_call(struct okta_api *api, struct okta_call *call, const struct auth_headers *auth)
{
    static const char lean[] =
        "application/json; "
        "okta-response=\"omitCredentials,omitCredentialsLinks,omitTransitioningToStatus\"";
    struct http_header headers[5] = {{"Accept", "application/json"},
                                     {"Authorization", auth->authorization.p}};
    struct http_ask ask = {
        .method = call->method,
        .url = call->url,
        .headers = headers,
        .n_headers = 2,
        .body = {call->body, call->n_body},
        .has_body = !call->is_get,
        .total_ms = call->total_ms,
        .answer_limit = call->answer_limit,
    };

    if (auth->proof.n > 0)
        headers[ask.n_headers++] = (struct http_header){"DPoP", auth->proof.p};
    if (call->is_lean)
        headers[ask.n_headers++] = (struct http_header){"Content-Type", lean};
    else if (call->n_body > 0)
        headers[ask.n_headers++] = (struct http_header){"Content-Type", "application/json"};
    call_list_remove(call);
    call_list_add(&api->under_way, call);
    api->n_under_way++;
    api->health.sent++;
    rate_sent(&api->rates[call->bucket]);
    call->token_number = auth->token_number;
    call->http = http_ask(api->client, &ask, on_answer, call);
}

/* Sends what the bucket allows. Milliseconds until it allows more; -1 = an answer or a token will
 * tell. */
static int64_t pump_bucket(struct okta_api *api, unsigned bucket)
{
    struct okta_call *call;
    int64_t wait_ms;

    while ((call = api->waiting[bucket].first) != NULL && api->n_under_way < OKTA_CONCURRENT) {
        struct auth_headers headers = {0};
        struct fail fail = {0};
        enum auth_state state;

        wait_ms = rate_wait(&api->rates[bucket], api->share, clock_mono_ms());
        if (wait_ms != 0)
            return wait_ms;
        state = auth_sign(api->auth, call->method, span_of(call->url), &headers, &fail);
        if (state == AUTH_AWAITED)
            return -1;
        if (state == AUTH_REFUSED)
            finish_with(call, &fail);
        else
            send_call(api, call, &headers);
        auth_headers_done(&headers);
    }
    return -1;
}

static void tell_of_wait(struct okta_api *api, int64_t wait_ms)
{
    int64_t until_ms = clock_mono_ms() + wait_ms;

    if (api->waits == NULL || api->n_under_way > 0 || wait_ms < OKTA_WAIT_TOLD_MS ||
        until_ms < api->told_until_ms + OKTA_WAIT_TOLD_MS)
        return;
    api->told_until_ms = until_ms;
    api->waits(api->waits_arg, wait_ms);
}

static void pump(void *arg)
{
    struct okta_api *api = arg;
    int64_t next_ms = -1, wait_ms;
    struct okta_call *call;

    api->wants_pump = false;
    while ((call = api->refused.first) != NULL) {
        struct fail fail = {0};

        (void)fail_set(&fail, ERR_INPUT,
                       "Okta: %s: this is no address on %s below /api/v1/: an id in it is none, it "
                       "leads to another host, or it is too long",
                       call->method, api->org.text);
        finish_with(call, &fail);
    }
    while ((call = api->delayed.first) != NULL && call->due_ms <= clock_mono_ms()) {
        call_list_remove(call);
        call_list_add_first(&api->waiting[call->bucket], call);
    }
    if (call != NULL)
        next_ms = call->due_ms - clock_mono_ms();
    api->turn++; /* so that no bucket stands behind another for ever */
    for (unsigned i = 0; i < RATE_BUCKETS; i++) {
        wait_ms = pump_bucket(api, (api->turn + i) % RATE_BUCKETS);
        if (wait_ms >= 0 && (next_ms < 0 || wait_ms < next_ms))
            next_ms = wait_ms;
    }
    if (!api->wants_pump && next_ms >= 0) {
        loop_timer_set(api->timer, next_ms < 1 ? 1 : next_ms);
        tell_of_wait(api, next_ms);
    }
}

bool okta_api_owns(const struct okta_api *api, struct span url)
{
    struct url parts;

    return origin_owns(&api->org, url, &parts);
}

struct okta_call *okta_ask(struct okta_api *api, const struct okta_ask *ask,
                           void (*done)(void *arg, const struct okta_answer *answer), void *arg)
{
    size_t origin_n = strlen(api->org.text);
    bool is_usable = ask->path.n <= URL_MAX_BYTES;
    struct okta_call *call;
    struct url parts;
    char *url;

    if (is_usable && span_starts(ask->path, SPAN("/api/v1/"))) {
        url = mem_printf("%s%.*s", api->org.text, SPAN_ARG(ask->path));
    } else if (is_usable && origin_owns(&api->org, ask->path, &parts)) {
        /* Scheme and host may be spelt in another way: it is sent as it came. */
        origin_n = (size_t)(parts.path.p - ask->path.p);
        url = mem_dup(ask->path);
    } else {
        is_usable = false;
        url = mem_dup_str(api->org.text);
    }
    call = call_new(ask, url, origin_n);
    call->api = api;
    call->done = done;
    call->arg = arg;
    call_list_add(is_usable ? &api->waiting[call->bucket] : &api->refused, call);
    pump_soon(api);
    return call;
}

void okta_cancel(struct okta_call *call)
{
    struct okta_api *api;

    if (call == NULL)
        return;
    api = call->api;
    if (call->http != NULL) {
        http_cancel(call->http);
        api->n_under_way--;
        rate_answered(&api->rates[call->bucket], NULL, clock_mono_ms());
    }
    call_list_remove(call);
    call_free(call);
    pump_soon(api);
}

/* The org */

enum err okta_api_set_credentials(struct okta_api *api, const struct okta_credentials *credentials,
                                  struct fail *fail)
{
    struct auth_options options = {
        .loop = api->loop,
        .client = api->client,
        .origin = span_of(api->org.text),
        .credentials = credentials,
        .manages_event_hooks = api->manages_event_hooks,
        .backoff_ms = api->backoff_ms,
        .skew_ms = &api->skew_ms,
        .changed = pump_soon,
        .arg = api,
    };
    struct auth *auth;
    enum err err = auth_new(&options, &auth, fail);

    if (err != ERR_NONE)
        return err;
    auth_free(api->auth);
    api->auth = auth;
    pump_soon(api);
    return ERR_NONE;
}

enum err okta_api_new(struct loop *loop, struct http_client *client,
                      const struct okta_api_options *options, struct okta_api **out,
                      struct fail *fail)
{
    struct okta_api *api = mem_new(1, sizeof(*api));
    enum err err;

    api->loop = loop;
    api->client = client;
    api->share = options->share > 0 && options->share <= 100 ? options->share : RATE_SHARE;
    api->backoff_ms = options->backoff_ms > 0 ? options->backoff_ms : OKTA_BACKOFF_MS;
    api->manages_event_hooks = options->manages_event_hooks;
    api->waits = options->waits;
    api->waits_arg = options->waits_arg;
    api->timer = loop_timer_new(loop, pump, api);
    err = origin_parse(options->org_url, &api->org, fail);
    if (err == ERR_NONE)
        err = okta_api_set_credentials(api, &options->credentials, fail);
    if (err != ERR_NONE) {
        okta_api_free(api);
        return err;
    }
    *out = api;
    return ERR_NONE;
}

static void drop_all(struct call_list *list)
{
    while (list->first != NULL) {
        struct okta_call *call = list->first;

        http_cancel(call->http);
        call_list_remove(call);
        call_free(call);
    }
}

void okta_api_free(struct okta_api *api)
{
    if (api == NULL)
        return;
    for (unsigned i = 0; i < RATE_BUCKETS; i++)
        drop_all(&api->waiting[i]);
    drop_all(&api->delayed);
    drop_all(&api->under_way);
    drop_all(&api->refused);
    auth_free(api->auth);
    loop_timer_free(api->timer);
    origin_done(&api->org);
    free(api);
}

const char *okta_api_origin(const struct okta_api *api)
{
    return api->org.text;
}

int64_t okta_api_now_ms(const struct okta_api *api)
{
    /* Our clock may be set between two answers. What is read then must not count as read before,
     * or behind, what Okta says of its own time. */
    return api->has_told ? clock_boot_ms() + api->told_less_boot_ms
                         : clock_wall_ms() + api->skew_ms;
}

const struct okta_api_health *okta_api_health(const struct okta_api *api)
{
    return &api->health;
}
