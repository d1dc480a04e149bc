#include "aws/fetch.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/secret.h"

struct fetch {
    struct http_client *client;
    struct loop_timer *timer;
    struct http_call *call;
    char *method, *url, *header_name;
    struct secret header_value;
    struct fetch_ask ask; /* without its texts */
    unsigned n_tried;
    void (*done)(void *arg, const struct http_answer *answer);
    void *arg;
};

void fetch_free(struct fetch *fetch)
{
    if (fetch == NULL)
        return;
    http_cancel(fetch->call);
    loop_timer_free(fetch->timer);
    free(fetch->method);
    free(fetch->url);
    free(fetch->header_name);
    secret_done(&fetch->header_value);
    free(fetch);
}

static void answered(void *arg, const struct http_answer *answer)
{
    struct fetch *fetch = arg;
    bool is_passing = answer->err == ERR_NONE
                          ? answer->status >= 500 || answer->status == 429
                          : answer->err != ERR_INPUT && fetch->ask.repeats_unanswered;

    fetch->call = NULL;
    if (is_passing && fetch->n_tried < fetch->ask.attempts)
        loop_timer_set(fetch->timer, fetch->ask.wait_ms);
    else
        fetch->done(fetch->arg, answer);
}

static void attempt(void *arg)
{
    struct fetch *fetch = arg;
    struct http_header header = {fetch->header_name, fetch->header_value.p};
    struct http_ask http = {.method = fetch->method,
                            .url = fetch->url,
                            .headers = &header,
                            .n_headers = fetch->header_name != NULL,
                            .connect_ms = fetch->ask.connect_ms,
                            .total_ms = fetch->ask.total_ms,
                            .answer_limit = FETCH_ANSWER_LIMIT,
                            .is_for_credentials = true};

    fetch->n_tried++;
    fetch->call = http_ask(fetch->client, &http, answered, fetch);
}

struct fetch *fetch_start(struct loop *loop, struct http_client *client,
                          const struct fetch_ask *ask,
                          void (*done)(void *arg, const struct http_answer *answer), void *arg)
{
    struct fetch *fetch = mem_new(1, sizeof(*fetch));

    *fetch = (struct fetch){.client = client,
                            .method = mem_dup_str(ask->method),
                            .url = mem_dup_str(ask->url),
                            .header_name = mem_dup_str(ask->header.name),
                            .ask = {.connect_ms = ask->connect_ms,
                                    .total_ms = ask->total_ms,
                                    .attempts = ask->attempts,
                                    .wait_ms = ask->wait_ms,
                                    .repeats_unanswered = ask->repeats_unanswered},
                            .done = done,
                            .arg = arg};
    if (ask->header.name != NULL)
        secret_set(&fetch->header_value, span_of(ask->header.value));
    fetch->timer = loop_timer_new(loop, attempt, fetch);
    attempt(fetch);
    return fetch;
}
